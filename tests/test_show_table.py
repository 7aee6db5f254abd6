"""matplotlib이 없을 때: 그림이 같은 수의 표가 되고, 빠진 것과 까닭을 숨기지 않습니다.

실습을 통째로 돌려 보는 것은 tests/labs/test_without_matplotlib.py입니다.
"""

import json
import re
import subprocess
import sys
from html import unescape

import matplotlib.axes
import numpy as np
import pytest
from matplotlib.figure import Figure

from ddialab.core.errors import InvalidValue, MissingCapability
from ddialab.experiments.hardware_faults.scenes import TOY
from ddialab.show import axes, color, explore, figure, scene
from ddialab.show import face as face_module  # 함수와 이름이 겹치지 않는 모듈
from ddialab.show.sheet import Panel, Sheet
from ddialab.show.table import MAX_ROWS, number, tables

REASON = "matplotlib이 없어 그림 대신 같은 수를 표로 보여 줍니다."
NASTY = "<script>alert('&\"')</script>"


@pytest.fixture(autouse=True)
def no_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)


@pytest.fixture
def shown(monkeypatch):
    outputs = []
    monkeypatch.setenv("DDIALAB_STATIC", "1")
    monkeypatch.setattr(face_module, "shell", lambda: object())
    monkeypatch.setattr(
        "IPython.display.display", lambda bundle, raw, metadata: outputs.append(bundle)
    )
    return outputs


def cells(html):
    """표의 줄들을 글의 목록으로: ``[[머리 …], [줄 …], …]``."""
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [[unescape(x) for x in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def drawn(draw, rows=1, cols=1):
    fig, ax = axes(rows, cols)
    draw(ax)
    return tables(fig, "대체 텍스트")


# --- 종이: matplotlib의 이름에 matplotlib처럼 답합니다 ---


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (3, 1), (2, 2)])
def test_subplots_have_the_shape_of_matplotlib(shape, monkeypatch):
    ours = axes(*shape)[1]
    monkeypatch.undo()
    theirs = Figure().subplots(*shape)
    if shape == (1, 1):
        assert isinstance(ours, Panel)
    else:
        assert ours.shape == theirs.shape


def test_every_name_of_matplotlib_axes_and_figures_is_answered():
    for ours, theirs in ((Panel(), matplotlib.axes.Axes), (Sheet(), Figure)):
        for name in dir(theirs):
            assert name.startswith("_") or getattr(ours, name) is not None


def test_what_is_drawn_can_be_taken_apart_and_restyled():
    _, ax = axes()
    (line,) = ax.plot([1, 2])
    line.set_alpha(0.5)
    bars = ax.bar(["가", "나"], [1, 2])
    for bar in bars:
        bar.set_hatch("/")
    assert len(bars) == 2
    ax.spines[:].set_visible(False)
    ax.spines["bottom"].set_visible(False)
    ax.xaxis.tick_top()
    counts, edges, _ = ax.hist([1, 2, 2], bins=[0, 1.5, 3])
    assert (counts.tolist(), edges.tolist()) == ([1, 2], [0, 1.5, 3])


def test_saving_a_picture_is_refused_in_words():
    with pytest.raises(MissingCapability, match="그림 파일"):
        axes()[0].savefig("a.png")


# --- 부름마다 하나씩 ---


def test_lines_that_share_x_stand_side_by_side():
    def draw(ax):
        ax.plot([1, 2], [10, 20], "o-", color=color("cache"), label="LRU")
        ax.plot([1, 2], [0.123456, 30], "--", color=color("bad"))
        ax.set(title="제목", xlabel="크기", ylabel="적중")

    html = drawn(draw)
    assert "<caption>제목<br><small>칸의 수: 적중</small></caption>" in html
    assert '<th scope="col">크기</th>' in html
    assert '<th scope="row">1</th>' in html
    assert cells(html) == [
        ["크기", "LRU (파랑 점 찍은 선)", "주황 점선"],
        ["1", "10", "0.1235"],
        ["2", "20", "30"],
    ]


def test_a_line_may_leave_out_x():
    assert cells(drawn(lambda ax: ax.plot(np.array([5, 6]))))[1:] == [["0", "5"], ["1", "6"]]


def test_a_lone_series_takes_the_name_of_its_axis():
    def draw(ax):
        ax.scatter([1, 2], [3, 4], color=color("cache"))
        ax.set_ylabel("기다림 (ms)")

    assert cells(drawn(draw))[0] == ["가로축", "기다림 (ms)"]


def test_bars_keep_their_names_and_labels():
    def draw(ax):
        ax.bar_label(
            ax.bar(["전", "뒤"], [49.6, 100.2], color=color("database")), ["50건", "100건"]
        )

    assert cells(drawn(draw)) == [["구분", "갈색 막대"], ["전", "50건"], ["뒤", "100건"]]


def test_lying_bars_are_spans():
    assert cells(drawn(lambda ax: ax.barh(["가", "나"], [2, 3])))[1:] == [["나", "3"], ["가", "2"]]
    assert cells(drawn(lambda ax: ax.barh(0, 2, left=3)))[1] == ["0", "3–5"]


def test_bands_and_histograms():
    assert cells(drawn(lambda ax: ax.fill_between([1, 2], [3, 4], [5, 4])))[1:] == [
        ["1", "3–5"],
        ["2", "4"],
    ]
    assert cells(drawn(lambda ax: ax.hist([1, 2, 2], [0, 1.5, 3])))[1:] == [
        ["0–1.5", "1"],
        ["1.5–3", "2"],
    ]


def test_reference_lines_and_bands_are_named_by_the_words_on_them():
    def draw(ax):
        ax.plot([0, 9], [0, 9], color=color("cache"))
        ax.axhline(4.5, color=color("baseline"))
        ax.annotate("경보", (0, 4.5), color=color("baseline"))
        ax.axvspan(2, 3, color=color("bad"))
        ax.text(2.5, 8, "느려진 동안", color=color("bad"))

    html = drawn(draw)
    assert "<p>기준선: 경보(회색 가로선) 4.5, 느려진 동안(주황 세로띠) 2–3</p>" in html
    assert "그림 안의 텍스트" not in html

    def same_colour(ax):
        for name, size in (("L2", 20), ("L1", 10)):
            ax.axvline(size, color=color("baseline"))
            ax.annotate(
                name, (size, 1), xycoords=("data", "axes fraction"), color=color("baseline")
            )

    assert "<p>기준선: L2(회색 세로선) 20, L1(회색 세로선) 10</p>" in drawn(same_colour)


def test_words_in_the_colour_of_a_series_name_it_and_the_rest_is_kept():
    def draw(ax):
        ax.plot([0, 9], [0, 9], color=color("bad"))
        ax.text(1, 8, "스냅샷만", color=color("bad"))
        ax.text(0, 0, "둘째\n줄")
        ax.plot([0, 9], [1, 1], color=color("good"))

    html = drawn(draw)
    assert cells(html)[0][1:] == ["스냅샷만 (주황 선)", "초록 선"]
    assert "<p>그림 안의 텍스트: 둘째 줄</p>" in html


def test_named_rows_gather_scattered_points_segments_and_words():
    def draw(ax):
        ax.plot([1, 2, 3, 4, 10], [0.1, -0.1, 0, 0.2, 0], ".", color=color("cache"))
        ax.plot([5, 5], [0.7, 1.3], color=color("bad"))
        ax.plot([2, 6], [1, 1], color=color("good"))
        ax.plot([8, 8], [-0.5, 1.7], color=color("accent"))
        ax.text(11, 0, "평균 4건")
        ax.set_yticks([0, 1], ["가", "나"])

    html = drawn(draw)
    assert cells(html) == [
        ["구분", "파랑 점", "주황 선", "초록 선", "그림에 쓰인 텍스트"],
        ["나", "", "5", "2–6", ""],
        ["가", "1–10 (5개, 중앙값 3)", "", "", "평균 4건"],
    ]
    assert "<p>기준선: 자주 세로선 8</p>" in html


@pytest.mark.parametrize("turn", [lambda ax: ax.invert_yaxis(), lambda ax: ax.set(ylim=(2, -1))])
def test_rows_come_in_the_order_of_the_picture(turn):
    def draw(ax):
        ax.barh([0, 1], [5, 6])
        ax.set_yticks([0, 1], ["가", "나"])

    assert [row[0] for row in cells(drawn(draw))[1:]] == ["나", "가"]
    both = cells(drawn(lambda ax: (draw(ax), turn(ax))))
    assert [row[0] for row in both[1:]] == ["가", "나"]


def test_marks_without_an_axis_are_counted_and_a_rug_has_no_height():
    def grid(ax):
        for x in range(5):
            ax.plot(x, 0, "x" if x < 2 else ".", color=color("bad" if x < 2 else "baseline"))
        ax.set(xticks=[], yticks=[], xlabel="표시")

    assert cells(drawn(grid)) == [["표시", "개수"], ["주황 ×표", "2"], ["회색 점", "3"]]
    rug = cells(drawn(lambda ax: ax.plot([1, 2], [68, 68], "|")))
    assert rug[1:] == [["1", "있음"], ["2", "있음"]]


def test_words_written_into_a_grid_become_the_cells():
    def draw(ax):
        for y, name in enumerate(("빼기", "더하기")):
            ax.text(-0.6, y, name)
            for x in (0, 1):
                ax.text(x, y, f"○ {name}{x}")
        ax.set_xticks([0, 1], ["하위 호환", "상위 호환"])
        ax.set_yticks([])

    assert cells(drawn(draw)) == [
        ["구분", "하위 호환", "상위 호환"],
        ["더하기", "○ 더하기0", "○ 더하기1"],
        ["빼기", "○ 빼기0", "○ 빼기1"],
    ]


def test_panels_share_the_names_of_their_row_and_the_label_of_their_column():
    def side_by_side(panels):
        for ax in panels:
            ax.plot([3, 4], [0, 1], "o")
        panels[0].set_yticks([0, 1], ["가", "나"])
        panels[1].set_yticks([])

    assert [row[0] for row in cells(drawn(side_by_side, 1, 2))] == ["구분", "나", "가"] * 2

    def stacked(panels):
        for ax in panels:
            ax.plot([3, 4], [0, 1])
        panels[1].set_xlabel("시각")

    assert [row[0] for row in cells(drawn(stacked, 2, 1))] == ["시각", "3", "4"] * 2


# --- 수를 적는 법 ---


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567, "1,234,567"), (1234.56, "1,235"), (0.98765432, "0.9877"), (3.0, "3"), (-0.5, "-0.5"),
     (6.9e-18, "0"), (1.42e-7, "1.42e-07"), (float("nan"), "–"), (float("inf"), "∞"), (None, "–"),
     (1140.4, "1,140"), (0.0001234567, "0.0001235")],
)  # fmt: skip
def test_numbers_keep_four_digits_and_every_whole_one(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("dress", "text"),
    [
        (lambda axis: axis.set_major_formatter("{x:.0%}"), "12.35%"),
        (lambda axis: axis.set_major_formatter(lambda value, _: f"{value:.0%}"), "12.35%"),
        (lambda axis: axis.set_major_formatter(lambda value, _: f"{value:.1f}초"), "0.1초"),
        (lambda axis: axis.set_ticks([0.01, 0.1], ["1%", "10%"]), "12.35%"),
        (lambda axis: axis.set_ticks([0.123456, 5], ["0", "5"]), "0"),
        (lambda axis: axis.set_ticks([0, 5], ["1일째", "6일째"]), "1.123일째"),
        (lambda axis: axis.set_ticks([0.123456], ["9"], minor=True), "0.1235"),
    ],
)
def test_numbers_are_written_like_the_ticks(dress, text):
    def draw(ax):
        ax.plot([1], [0.123456])
        dress(ax.yaxis)

    html = drawn(draw)
    found = cells(html)[1]
    assert text in found


def test_long_series_are_thinned_and_say_so_and_keep_their_peaks():
    values = np.full(8640, 5.0)
    values[4321], values[77] = 173.8, -2.25

    def draw(ax):
        ax.plot(np.arange(8640), values, label="전체")
        ax.plot([10, 20], [1, 2], "o", label="잰 것")

    html = drawn(draw)
    body = cells(html)[1:]
    assert len(body) <= MAX_ROWS
    assert f"8,640점 가운데 {len(body)}점만 보여 줍니다." in html
    assert {"4,321", "77", "0", "8,639", "10", "20"} <= {row[0] for row in body}
    assert {"173.8", "-2.25"} <= {row[1] for row in body}


# --- 옮기지 못한 것 ---


def test_a_figure_without_data_says_so_instead_of_an_empty_table():
    html = drawn(lambda ax: ax.set_title("제목"))
    assert "표로 옮길 수가 없습니다" in html
    assert "<table" not in html


def test_calls_that_may_carry_numbers_are_named_when_they_are_not_read():
    def draw(ax):
        ax.plot([1], [2])
        ax.plot([[1, 2], [3, 4]])
        ax.bar([1], [2], bottom=[3])
        ax.pie([1, 2])
        ax.grid(visible=False)
        ax.set_xscale("log")
        ax.set_xticklabels(["하나"])

    assert "<p>표로 옮기지 못한 것: plot, 막대의 bottom, pie, set_xticklabels</p>" in drawn(draw)


# --- 출력 ---


def sample(level=1, title="제목"):
    fig, ax = axes()
    ax.plot([0, 1], [level, 4], color=color("cache"))
    ax.set_title(title)
    return fig


def test_figure_gives_one_table_one_reason_and_the_same_plain_text(shown):
    figure(sample(), alt="대체 텍스트", kind="측정", caption="설명")
    html = shown[-1]["text/html"]
    assert shown[-1]["text/plain"] == "대체 텍스트"
    assert html.count("<table") == html.count(REASON) == 1
    assert "<svg" not in html
    assert "<p>대체 텍스트</p>" in html
    assert 'data-kind="측정"' in html


def test_the_reason_names_its_cause(shown, monkeypatch):
    monkeypatch.setenv("DDIALAB_NO_FIGURES", "주소에 닿지 못했습니다 <b>")
    figure(sample(), alt="그림", kind="측정")
    assert f"{REASON} 주소에 닿지 못했습니다 &lt;b&gt;.</p>" in shown[-1]["text/html"]


def test_nothing_escapes_from_the_texts_of_a_figure(shown):
    fig, ax = axes()
    ax.bar([NASTY], [1], label=NASTY)
    ax.bar_label(ax.bar([NASTY], [2], label="나"), [NASTY])
    ax.text(0, 0, NASTY)
    ax.set(title=NASTY, xlabel=NASTY, ylabel=NASTY)
    fig.suptitle(NASTY)
    figure(fig, alt=NASTY, kind="측정", caption=NASTY)
    assert "<script" not in shown[-1]["text/html"]


def test_what_is_not_a_figure_is_refused_without_matplotlib(shown):
    with pytest.raises(InvalidValue, match="그림이 아닙니다"):
        figure("그림", alt="그림", kind="측정")


def frames_of(html):
    return json.loads(re.search(r'<script type="application/json">(.*?)</script>', html)[1])


def test_explore_holds_one_table_per_value(shown):
    explore(sample, alt="그림", kind="측정", start={"level": 3}, level=("높이", [1, 2, 3]))
    html = shown[-1]["text/html"]
    frames = frames_of(html)
    assert [cells(frame)[1] for frame in frames] == [["0", "1"], ["0", "2"], ["0", "3"]]
    assert frames[2] in html.partition("<script")[0]
    assert html.count(REASON) == 1
    assert REASON not in "".join(frames)


def test_a_step_that_changes_no_number_is_refused(shown):
    with pytest.raises(InvalidValue, match="똑같습니다"):
        explore(lambda level: sample(), alt="그림", kind="측정", level=("높이", [1, 2]))


def test_the_live_slider_changes_the_table(shown, monkeypatch):
    monkeypatch.setenv("DDIALAB_STATIC", "0")
    made = []
    module = sys.modules["ddialab.show.explore"]  # 같은 이름의 함수가 아니라
    monkeypatch.setattr(module, "_draw_ahead", lambda frames: None)
    monkeypatch.setattr(module, "emit", lambda html, text, widget: made.append((html, widget)))
    explore(sample, alt="그림", kind="측정", level=("높이", [1, 2]))
    ((html, widget),) = made
    assert cells(widget.picture)[1] == ["0", "1"]
    widget.at = [1]
    assert cells(widget.picture)[1] == ["0", "2"]
    assert html.count(REASON) == widget.picture.count(REASON) == 1
    widget.at = [7]
    assert '<p role="alert">IndexError' in widget.picture
    assert "<span>높이</span>" in widget.controls
    assert 'aria-valuetext="1"' in widget.controls


def test_the_still_of_a_scene_is_a_table_of_outages(shown):
    script = [(8000, "power", "A"), (9000, "kill", "n3"), (20000, "repair", "A")]
    scene(TOY, title="장면", alt="서버 셋", script=script)
    html = shown[-1]["text/html"]
    head, n1, n2, n3, failed = cells(html)
    assert head == [
        "구분",
        "지켜본 동안 (회색 막대)",
        "정상이 아닌 동안 (주황 막대)",
        "실패 (주황 눈금)",
    ]
    assert [n1[0], n2[0], n3] == ["n1", "n2", ["n3", "0–30", "9–30", ""]]
    assert n1[2].startswith("8–2")
    assert failed[0] == "실패"
    assert failed[3]
    assert html.count(REASON) == 1


def test_show_is_imported_without_matplotlib():
    code = (
        "import sys; sys.modules['matplotlib'] = None; from ddialab.show import axes;"
        "assert type(axes()[0]).__name__ == 'Sheet'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_with_matplotlib_a_figure_is_still_drawn(monkeypatch):
    monkeypatch.undo()
    assert isinstance(axes()[0], Figure)
