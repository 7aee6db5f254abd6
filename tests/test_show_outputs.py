"""show의 출력: 바이트까지 같은가, 글이 새지 않는가, 잘못된 값에 답하는가."""

import json
import re
import sys
from dataclasses import replace
from html import unescape

import pytest

from as_typed import GUESSES, REFUSED, VERDICTS
from ddialab.core.errors import InvalidValue
from ddialab.core.events import EventLog
from ddialab.experiments.hardware_faults.scenes import FATE, INCIDENT, TOY
from ddialab.show import axes, check, color, explore, figure, predict, result, scene, source
from ddialab.show import face as face_module  # 함수와 이름이 겹치지 않는 모듈
from ddialab.show.description import describe
from ddialab.show.explore import _value_text
from ddialab.show.figure import to_svg
from ddialab.show.guess import parse_number, refusal
from ddialab.show.predict import verdict

NASTY = "<script>alert('&\"')</script>"


class Shown(list):
    """낸 출력들. ``html``은 마지막 출력의 HTML입니다."""

    @property
    def html(self):
        return self[-1][0]["text/html"]


@pytest.fixture
def shown(monkeypatch):
    outputs = Shown()
    monkeypatch.setenv("DDIALAB_STATIC", "1")
    monkeypatch.setattr(face_module, "shell", lambda: object())
    monkeypatch.setattr(
        "IPython.display.display", lambda bundle, raw, metadata: outputs.append((bundle, metadata))
    )
    return outputs


def chart(level=1, title="제목"):
    fig, ax = axes()
    ax.plot([0, 1, 2], [0, level, 4], color=color("cache"))
    ax.scatter([0, 1], [1, 2], color=color("bad"))
    ax.set_title(title)
    ax.set_xlabel("시간(초)")
    return fig


def frames_of(html):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])


# --- figure ---


def test_same_figure_gives_the_same_bytes(shown):
    for _ in range(2):
        figure(chart(), alt="그림", kind="측정", caption="설명")
    assert shown[0] == shown[1]


def test_different_figures_never_share_ids(shown):
    ids = [set(re.findall(r' id="([^"]+)"', to_svg(chart(level), "그림"))) for level in (1, 2)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_every_reference_inside_a_figure_resolves():
    svg = to_svg(chart(), "그림")
    used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
    assert used
    assert used <= set(re.findall(r' id="([^"]+)"', svg))


def test_text_stays_text_and_colours_become_variables():
    svg = to_svg(chart(title="꼬리가 깁니다"), "그림")
    assert ">꼬리가 깁니다</text>" in svg
    assert "var(--c-cache,#0072b2)" in svg
    assert "var(--c-bad,#b84a00)" in svg
    assert not re.search(r"(?<!var\(--c-cache,)#0072b2|#000000|<style|<metadata|xlink", svg)


def test_no_glyph_warning_for_korean(recwarn):
    to_svg(chart(title="가나다 힣 % · → ×"), "그림")
    assert not [w for w in recwarn if "Glyph" in str(w.message)]


def test_nothing_escapes_from_alt_caption_and_labels(shown):
    figure(chart(title=NASTY), alt=NASTY, kind="측정", caption=NASTY)
    inline = shown.html.replace(re.search(r"<img.*?'>", shown.html)[0], "")
    assert "<script" not in inline
    assert unescape(re.search(r'aria-label="([^"]*alert[^"]*)"', inline)[1]) == NASTY
    assert re.search(r"src='data:[^']*'>", shown.html)  # 따옴표가 속성을 일찍 닫지 않습니다


@pytest.mark.parametrize("wrong", [{"alt": " "}, {"alt": None}, {"kind": "추측"}])
def test_figure_without_alt_or_source_is_refused(shown, wrong):
    with pytest.raises(InvalidValue):
        figure(chart(), **({"alt": "그림", "kind": "측정"} | wrong))


def test_a_sanitised_notebook_still_shows_a_picture(shown):
    """JupyterLab은 믿지 않는 노트북에서 style과 svg를 떼고 빈 속성을 버립니다."""
    figure(chart(), alt="그림", kind="측정")
    assert 'hidden="hidden"' in shown.html
    assert re.search(r"<img class=\"ddialab-copy\" alt=\"그림\" src='data:image/svg", shown.html)


# --- explore ---


def test_explore_draws_one_frame_per_value(shown):
    explore(chart, alt="그림", kind="시뮬레이션", level=("높이", [1, 2, 3], "개"))
    assert len(frames_of(shown.html)) == 3
    assert 'aria-valuetext="1개"' in shown.html


def test_two_knobs_make_the_product_and_the_last_moves_fastest(shown):
    def draw(a, b):
        return chart(title=f"a{a}b{b}")

    explore(draw, alt="그림", kind="측정", start={"b": 5}, a=("가", [1, 2]), b=("나", [3, 4, 5]))
    titles = [re.search(r">(a\db\d)<", frame)[1] for frame in frames_of(shown.html)]
    assert titles == ["a1b3", "a1b4", "a1b5", "a2b3", "a2b4", "a2b5"]
    first = re.search(r'<div class="ddialab-scroll".*?>(a\db\d)<', shown.html, re.DOTALL)
    assert first[1] == "a1b5"  # 처음 보이는 그림은 슬라이더가 가리키는 값입니다


def test_frames_keep_the_axes_in_place(shown):
    explore(chart, alt="그림", kind="측정", level=("높이", [1, 900]))
    boxes = [re.search(r"<clipPath[^>]*><rect[^>]*>", frame)[0] for frame in frames_of(shown.html)]
    assert re.sub(r'id="[^"]*"', "", boxes[0]) == re.sub(r'id="[^"]*"', "", boxes[1])


def test_alt_may_depend_on_the_value(shown):
    explore(chart, alt=lambda level: f"높이 {level}", kind="측정", level=("높이", [1, 2]))
    first, second = frames_of(shown.html)
    assert 'aria-label="높이 1"' in first
    assert 'aria-label="높이 2"' in second


def test_a_step_that_changes_nothing_is_refused(shown):
    with pytest.raises(InvalidValue, match="똑같습니다"):
        explore(
            lambda level: chart(min(level, 2)), alt="그", kind="측정", level=("높이", [1, 2, 3])
        )


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"level": ("높이", [1])},
        {"level": ("높이", [1, 1])},
        {"level": [1, 2]},
        {"level": ("높이", [1, 2]), "start": {"level": 7}},
        {"level": ("높이", [1, 2]), "start": {"title": 1}},
        {"level": ("높이", range(9)), "title": ("제목", range(10))},
    ],
)
def test_knobs_that_cannot_work_are_refused(shown, knobs):
    with pytest.raises(InvalidValue):
        explore(chart, alt="그림", kind="측정", **knobs)


def test_draw_must_return_a_figure(shown):
    with pytest.raises(InvalidValue, match="NoneType"):
        explore(lambda level: None, alt="그림", kind="측정", level=("높이", [1, 2]))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(3, "개", "3개"), (1024, "MB", "1,024 MB"), (0.99, "{:.0%}", "99%"), ("LRU", "", "LRU")],
)
def test_values_are_written_with_their_unit(value, unit, text):
    assert _value_text(value, unit) == text


# --- predict, check, result, source ---


@pytest.mark.parametrize(("typed", "measured", "text", "unit", "sentence"), VERDICTS)
def test_a_guess_is_compared_with_what_is_shown(typed, measured, text, unit, sentence):
    guess = typed if isinstance(measured, str) else parse_number(typed, unit)
    assert verdict(guess, measured, text, unit) == sentence


def test_without_a_guess_there_is_only_the_result():
    assert verdict(None, 12.0, "12 ms", "ms").startswith("결과: 12 ms. ")


@pytest.mark.parametrize(("text", "unit", "number"), GUESSES)
def test_guesses_are_read_as_people_write_them_or_refused(text, unit, number):
    assert parse_number(text, unit) == number


@pytest.mark.parametrize(("text", "unit", "bounds", "why"), REFUSED)
def test_a_guess_that_cannot_be_is_refused_with_the_reason(text, unit, bounds, why):
    assert refusal(text, unit, *bounds) == why


def test_a_refused_guess_is_no_guess(shown, monkeypatch):
    monkeypatch.setenv("DDIALAB_STATIC", "0")
    prediction = predict("share", "몇 %?", unit="%", most=100)
    field, _, note = prediction._widget().children[1].children
    said = {}
    for typed in ("300", "", "<b>3</b>", "30"):
        field.value = typed
        said[typed] = (prediction.guess, note.value)
    assert said["300"] == (None, "300%: 0% 이상 100% 이하인 수로 적어 주세요.")
    assert said[""] == (None, "")
    assert said["<b>3</b>"][1].startswith("&lt;b&gt;")
    assert said["30"] == (30, "적어 두었습니다.")


def test_predict_then_compare(shown):
    prediction = predict("p99", f"몇 ms? {NASTY}", unit="ms")
    assert "<script" not in shown.html
    prediction.compare(120, "120 ms")
    about = json.loads(unescape(re.search(r'data-about="([^"]*)"', shown.html)[1]))
    assert about == {"key": "p99", "measured": 120.0, "text": "120 ms", "unit": "ms"}


def test_a_guess_that_comes_late_changes_the_comparison(shown, monkeypatch):
    """Jupyter에서 답을 본 뒤에 적거나 고쳐도 견준 문장이 따라옵니다."""
    monkeypatch.setenv("DDIALAB_STATIC", "0")
    prediction = predict("p99", "몇 ms?", unit="ms")
    prediction.compare(120, "120 ms")
    [(told, _)] = prediction._told
    assert "예상" not in re.sub("<[^>]*>", "", told.value).split("결과")[0]
    field = prediction._widget().children[1].children[0]
    field.value = "약 60 ms"
    assert "예상: 60 ms. 결과: 120 ms. 예상이 2배 작았습니다." in told.value


def test_predict_refuses_bad_keys_choices_and_answers(shown):
    with pytest.raises(InvalidValue):
        predict("한글", "물음")
    with pytest.raises(InvalidValue):
        predict("one", "물음", choices=["하나"])
    with pytest.raises(InvalidValue):
        predict("who", "물음", choices=["캐시", "로그"]).compare("색인")
    with pytest.raises(InvalidValue):
        predict("many", "물음").compare("열둘")


def test_check_marks_only_the_answer_as_right(shown):
    check(f"몇 배? {NASTY}", {"1배": "세어 보세요.", "2배": "1 %가 2 %가 됩니다."}, "2배")
    replies = re.findall(r'data-reply="([^"]*)"', shown.html)
    assert [reply.startswith("맞습니다. ") for reply in replies] == [False, True]
    assert "<script" not in shown.html
    with pytest.raises(InvalidValue):
        check("몇 배?", {"1배": "설명", "2배": "설명"}, "3배")
    with pytest.raises(InvalidValue):
        check("몇 배?", {"1배": "", "2배": "설명"}, "2배")


def test_result_names_a_number(shown):
    assert result("hit_ratio", 0.98213, "{:.1%}", "측정") is None
    assert shown[-1][1]["ddialab"] == {
        "name": "hit_ratio", "text": "98.2%", "value": 0.98213, "kind": "측정",
    }  # fmt: skip
    with pytest.raises(InvalidValue):
        result("적중률", 1, "{}", "측정")


@pytest.mark.parametrize("form", ["98.2%", "{}와 {}", "{0}", "{wrong", "{:.1q}", "{:d}"])
def test_a_result_is_the_value_and_nothing_typed(shown, form):
    with pytest.raises(InvalidValue, match="자리"):
        result("hit_ratio", 0.98213, form, "측정")


def test_source_shows_the_real_definition_without_machine_paths(shown):
    source(EventLog.of_kind)
    assert "ddialab/core/events.py: EventLog.of_kind" in shown.html
    assert "주어진 종류의 사건만" in shown.html
    assert "/src/" not in shown.html
    with pytest.raises(InvalidValue):
        source(len)


# --- scene ---

KILLED = [(8000, "kill", "n1"), (20000, "repair", "n1")]


def test_a_scene_carries_its_whole_description_and_nothing_escapes(shown):
    scene(TOY, title="</script> 셋", alt="<서버>", script=KILLED)
    assert shown.html.count("</script>") == 1
    told = frames_of(shown.html)
    assert told["title"] == "</script> 셋"
    assert told["saved"]["actions"] == [list(line) for line in KILLED]
    named = {part["id"] for part in told["parts"]} | {group["id"] for group in told["groups"]}
    assert {target for action in told["actions"] for target in action["targets"]} <= named
    states = [change[1:] for change in told["saved"]["changes"] if change[1] == "state"]
    assert states[0] == ["state", "n1", "down"]


def test_what_is_asked_is_not_answered_by_the_still(shown):
    """멈춘 그림과 대체 텍스트는 물을 때까지만 말합니다."""
    scene(INCIDENT, title="하나가 죽습니다", alt="서버 둘")
    still = shown.html.partition("<script")[0]
    assert not [choice for choice in FATE.choices if choice in still]
    assert "예상한 다음에" in still
    assert set(re.findall(r"(\d+)초, 성공 \d+, 실패 (\d+)", still)) == {("0", "0"), ("4", "0")}


def test_the_digest_changes_with_what_the_model_does_and_not_with_its_words():
    def digest(**changed):
        return describe(replace(TOY, **changed), "제목")["digest"]

    assert digest() == digest(lanes=(("fail", "안 된 것"),))
    assert digest() != digest(seed=8)


@pytest.mark.parametrize("words", [{"title": "", "alt": "서버"}, {"title": "셋", "alt": " "}])
def test_a_scene_without_words_is_refused(words):
    with pytest.raises(InvalidValue):
        scene(TOY, **words)


def test_a_mistake_in_the_script_or_the_model_is_told_to_its_author():
    def world(engine, settings, draw):
        engine.after(engine.exponential, print)

    with pytest.raises(InvalidValue, match="조작='kil'"):
        describe(TOY, "제목", script=[(8000, "kil", "n1")])
    with pytest.raises(TypeError):
        describe(replace(TOY, world=world), "제목")


def test_the_widget_answers_with_the_kernels_own_model(monkeypatch):
    told, sent = describe(TOY, "제목", "설명", KILLED), []
    widget = sys.modules["ddialab.show.scene"]._live_face(TOY, told)
    monkeypatch.setattr(type(widget), "send", lambda self, content: sent.append(content))
    asked = {"do": "open", "scene": "by-hand", "seed": 7, "at": TOY.start(), "actions": KILLED}
    for number, request in enumerate([asked, {"do": "run", "to": TOY.end}, {"do": "dance"}]):
        widget._handle_custom_msg({"id": number, "text": json.dumps(request)}, [])
    replies = [json.loads(one["text"]) for one in sent]
    assert [one["id"] for one in sent] == [0, 1, 2]
    assert replies[0]["changes"] + replies[1]["changes"] == told["saved"]["changes"]
    assert "dance" in replies[2]["error"]


# --- 두 얼굴 ---


class Kernel:
    def __init__(self, answers):
        self._allow_stdin = answers


@pytest.mark.parametrize(
    ("forced", "answers", "live"),
    [("", True, True), ("", False, False), ("1", True, False), ("0", False, True)],
)
def test_widgets_only_where_somebody_sits(monkeypatch, forced, answers, live):
    monkeypatch.setenv("DDIALAB_STATIC", forced)
    shell = type("Shell", (), {"kernel": Kernel(answers)})
    monkeypatch.setattr(face_module, "shell", lambda: shell)
    assert face_module.live() is live


def test_outside_jupyter_the_text_is_printed(monkeypatch, capsys):
    monkeypatch.setattr(face_module, "shell", lambda: None)
    figure(chart(), alt="대체 텍스트", kind="측정")
    assert capsys.readouterr().out == "대체 텍스트\n"
