"""`style` 속성을 없애기: 그림의 칠은 속성으로, 나머지는 클래스와 규칙으로."""

import json

import styles


def test_a_shape_keeps_its_paint_as_attributes():
    path = '<path d="M0 0" fill="red" style="fill: var(--c-bad,#b84a00); stroke-width: 2"/>'
    kept = '<path d="M0 0" fill="var(--c-bad,#b84a00)" stroke-width="2"/>'
    assert styles.spelled_out(path) == kept


def test_what_is_no_attribute_becomes_a_class_with_its_rule():
    box = '<div class="highlight" style="--lines:12"><pre>'
    told = styles.spelled_out(box)
    assert told == '<div class="highlight --lines:12"><pre>'
    assert styles.rules_for([told]) == r".--lines\:12{--lines:12}"
    odd = styles.spelled_out("<p style='width: calc(1px + 2%)'>")
    assert styles.rules_for([odd]).endswith("{width:calc(1px + 2%)}")
    assert styles.rules_for(['<p class="plain">']) == ""


def test_the_root_of_a_figure_gets_both():
    svg = '<svg viewBox="0 0 4 2" style="display:block;stroke-linejoin:round" fill="currentColor">'
    wanted = (
        '<svg viewBox="0 0 4 2" fill="currentColor" stroke-linejoin="round" class="display:block">'
    )
    assert styles.spelled_out(svg) == wanted


def test_frames_kept_as_json_stay_json():
    frames = ['<text x="1" style="font-size:12px">가</text>', '<g style="opacity:.5"/>']
    packed = json.dumps(frames, ensure_ascii=False).replace("<", "\\u003c")
    plain = [styles.spelled_out(frame) for frame in frames]
    assert json.loads(styles.spelled_out(packed)) == plain
    assert plain == ['<text x="1" font-size="12px">가</text>', '<g opacity=".5"/>']


def test_words_about_styles_stay():
    text = '<p>style="color:red"라고 적습니다</p><code>&lt;p style=&quot;a:b&quot;&gt;</code>'
    assert styles.spelled_out(text) == text
