"""함께 사용하는 그림: 모양과 자리가 맞고, matplotlib이 없으면 같은 수를 스스로 표로 적습니다."""

import sys

import numpy as np
import pytest

from ddialab.core.errors import InvalidValue
from ddialab.core.metrics import mean_interval
from ddialab.show import axes, charts, color
from ddialab.show.figure import picture
from test_show_table import cells

RUNS = np.array([[0.0, 0.2, 0.4], [1.0, 2.0, 6.0]])  # 자리 둘, 시드 셋


@pytest.fixture
def ax():
    return axes()[1]


@pytest.fixture
def table(monkeypatch):
    """``table(그리기)``: matplotlib이 없을 때 나오는 표의 줄들과 HTML."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    def rows(draw):
        fig, ax = axes()
        draw(ax)
        html = picture(fig, "대체 텍스트")
        return cells(html), html

    return rows


def data(artist):
    return [part.tolist() for part in map(np.asarray, artist.get_data())]


# --- 시드마다의 값 ---


def test_strip_shows_every_seed_beside_its_place_and_the_mean_with_its_interval(ax):
    charts.strip(ax, [1, 2], RUNS, jitter=0.1)
    dots, marks = ax.lines[:2], ax.lines[3::2]
    assert data(dots[0]) == [[0.9, 1.0, 1.1], [0.0, 0.2, 0.4]]
    assert [line.get_ydata()[0] for line in marks] == pytest.approx([0.2, 3.0])
    assert data(ax.lines[4]) == [[2, 2], list(mean_interval(RUNS[1])[1:])]


def test_strip_lies_down_and_leaves_out_the_mean(ax):
    charts.strip(ax, [1, 2], RUNS, mean=False, flat=True)
    assert len(ax.lines) == 2
    assert data(ax.lines[1])[0] == [1.0, 2.0, 6.0]


def test_on_a_log_axis_dots_spread_by_a_factor_and_zeros_rest_on_the_floor(ax):
    charts.log_ticks(ax.xaxis, [1, 100])
    charts.strip(ax, [1, 100], RUNS, jitter=0.5, floor=0.1)
    assert data(ax.lines[0]) == [[pytest.approx(1 / 1.5), 1, 1.5], [0.1, 0.2, 0.4]]
    assert data(ax.lines[1])[0] == pytest.approx([100 / 1.5, 100, 150])
    assert min(min(line.get_ydata()) for line in ax.lines) == 0.1


def test_strip_writes_its_table(table):
    def draw(ax):
        charts.strip(ax, [1, 2], np.hstack([RUNS, RUNS]), name="한 해마다")
        ax.set_xticks([1, 2], ["한 대", "두 대"])

    rows, _ = table(draw)
    assert rows[0] == [
        "구분",
        "한 해마다 (파랑 점)",
        "평균 (파랑 줄)",
        "평균의 95% 구간 (파랑 막대)",
    ]
    assert rows[1][:3] == ["한 대", "0–0.4 (6개, 중앙값 0.2)", "0.2"]


@pytest.mark.parametrize(("mark", "lines"), [("o", 1), ("o-", 1), ("", 0)])
def test_band_holds_the_middle_of_the_seeds(ax, mark, lines):
    charts.band(ax, [1, 2], RUNS, within=50, middle="median", mark=mark)
    (band,) = ax.collections
    corners = {(x, round(y, 9)) for x, y in band.get_paths()[0].vertices.tolist()}
    assert corners == {(1, 0.1), (1, 0.3), (2, 1.5), (2, 4)}
    assert len(ax.lines) == lines
    assert all(line.get_ydata().tolist() == [0.2, 2.0] for line in ax.lines)


def test_lines_show_every_seed_thin_and_the_mean_thick(ax, table):
    charts.lines(ax, [1, 2], RUNS, spread=0.1)
    *thin, thick = ax.lines
    assert [line.get_ydata().tolist() for line in thin] == [
        pytest.approx([-0.1, 0.9]), [0.2, 2.0], pytest.approx([0.5, 6.1]),
    ]  # fmt: skip
    assert thick.get_ydata().tolist() == pytest.approx([0.2, 3])
    assert thick.get_linewidth() > thin[0].get_linewidth()
    rows, _ = table(lambda ax: charts.lines(ax, [1, 2], RUNS, spread=0.1))
    assert rows[1:] == [["1", "0, 0.2, 0.4", "0.2"], ["2", "1, 2, 6", "3"]]


def test_band_ranges_and_formula_write_their_tables(table):
    def draw(ax):
        charts.band(ax, [1, 2], RUNS, "good", within=50, name="LRU")
        charts.ranges(ax, [1, 2], RUNS.min(1), RUNS.max(1), name="최소와 최대")
        charts.formula(ax, [1, 2, 3], [0.5, 4, 5], marks=True)

    assert table(draw)[0] == [
        ["가로축", "LRU 가운데 50% (초록 띠)", "LRU 평균 (초록 점)", "최소와 최대 (파랑 막대)",
         "공식 (주황 동그라미 찍은 점선)"],
        ["1", "0.1–0.3", "0.2", "0–0.4", "0.5"],
        ["2", "1.5–4", "3", "1–6", "4"],
        ["3", "", "", "", "5"],
    ]  # fmt: skip


def test_formula_is_dashed_and_marks_are_hollow(ax):
    charts.formula(ax, [1, 2], [3, 4])
    charts.formula(ax, [1, 2], [3, 4], "accent", marks=True, ls="", flat=True)
    plain, hollow = ax.lines
    assert (plain.get_linestyle(), plain.get_marker(), plain.get_color()) == (
        "--", "None", color("bad"),
    )  # fmt: skip
    assert (hollow.get_linestyle(), hollow.get_markerfacecolor()) == ("None", "none")
    assert data(hollow) == [[3, 4], [1, 2]]


# --- 시간 축 ---


def test_lanes_run_down_from_the_first_name(ax):
    assert charts.lanes(ax, ["n1", "n2", "실패"]) == {"n1": 0, "n2": 1, "실패": 2}
    low, high = ax.get_ylim()
    assert low > 2 > 0 > high
    assert [text.get_text() for text in ax.get_yticklabels()] == ["n1", "n2", "실패"]


def test_spans_and_events_stand_on_their_rows(ax):
    charts.spans(ax, {0: [(1, 5), (7, 8)], 1: []}, height=0.5)
    charts.events(ax, [2, 3], 2)
    charts.events(ax, [2, 3], [0, 1], mark="X")
    boxes = [path.get_extents().bounds for path in ax.collections[0].get_paths()]
    assert boxes == [(1, -0.25, 4, 0.5), (7, -0.25, 1, 0.5)]
    assert [data(line) for line in ax.lines] == [[[2, 3], [2, 2]], [[2, 3], [0, 1]]]


def test_lanes_spans_and_events_write_one_table(table):
    def draw(ax):
        at = charts.lanes(ax, ["n1", "n2", "실패"])
        charts.spans(ax, {0: [(1, 5), (7, 8)], 1: [(5, 6)]}, name="꺼진 동안")
        charts.spans(ax, {0: [(5, 7)]}, "database", name="비우는 동안")
        charts.events(ax, [2, 3], at["실패"], name="실패한 요청")
        ax.set_xlabel("시각(초)")

    rows, html = table(draw)
    assert "<caption>시각(초)</caption>" in html
    assert rows == [
        ["구분", "꺼진 동안 (주황 막대)", "비우는 동안 (갈색 막대)", "실패한 요청 (주황 눈금)"],
        ["n1", "1–5, 7–8", "5–7", ""],
        ["n2", "5–6", "", ""],
        ["실패", "", "", "2, 3"],
    ]


def test_steps_count_up_to_the_end(ax, table):
    charts.steps(ax, [3, 1], 9)
    assert data(ax.lines[0]) == [[0, 1, 3, 9], [0, 1, 2, 2]]
    rows, _ = table(lambda ax: charts.steps(ax, [3, 1], 9, name="잃은 글"))
    assert rows == [
        ["가로축", "잃은 글 (주황 계단)"], ["0", "0"], ["1", "1"], ["3", "2"], ["9", "2"],
    ]  # fmt: skip


# --- 축과 이름 ---


def test_log_ticks_are_plain_and_alone(ax):
    charts.log_ticks(ax.xaxis, [1, 10, 1000])
    charts.log_ticks(ax.yaxis, [0.01, 0.1], "{:.0%}")
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert [text.get_text() for text in ax.get_xticklabels()] == ["1", "10", "1,000"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["1%", "10%"]
    assert ax.xaxis.get_minorticklocs().size == ax.yaxis.get_minorticklocs().size == 0


def test_tables_are_written_like_the_log_ticks(table):
    def draw(ax):
        charts.log_ticks(ax.yaxis, [1e-5, 0.1], ["0", "10%"])
        charts.strip(ax, [1], [[0, 0]], mean=False, floor=1e-5)

    assert table(draw)[0][1] == ["1", "0, 0"]


def test_a_note_stands_off_its_point_in_its_tone(ax):
    charts.note(ax, "공식", (1, 2), "bad", by=(3, 4), ha="right")
    (text,) = ax.texts
    assert (text.xy, text.get_position(), text.get_color()) == ((1, 2), (3, 4), color("bad"))


def test_a_note_that_names_a_column_is_not_told_twice(table):
    def draw(ax):
        charts.formula(ax, [1], [2], name="과반")
        charts.note(ax, "과반", (1, 2), "bad")
        charts.note(ax, "한 해", (1, 2))

    assert "<p>그림 안의 텍스트: 한 해</p>" in table(draw)[1]


def test_references_cross_the_axis_and_are_named(ax, table):
    charts.reference(ax, "경보", y=3)
    charts.reference(ax, "L2", x=2, tone="accent")
    assert [data(line) for line in ax.lines] == [[[0, 1], [3, 3]], [[2, 2], [0, 1]]]
    assert [text.xy for text in ax.texts] == [(0, 3), (2, 1)]

    def draw(ax):
        charts.formula(ax, [1], [2])
        charts.reference(ax, "경보", y=3)
        charts.reference(ax, "L2", x=2, tone="accent")

    assert "<p>기준선: 경보(회색 가로선) 3, L2(자주 세로선) 2</p>" in table(draw)[1]


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda ax: charts.strip(ax, [1, 2, 3], RUNS), "x는 3곳인데 runs는 2줄입니다. .* runs.T"),
        (lambda ax: charts.band(ax, [1, 2], [[1], []]), r"x=2의 값은 모양이 \(0,\)"),
        (lambda ax: charts.band(ax, [1], [3.0]), r"모양이 \(\)"),
        (lambda ax: charts.band(ax, [1, 2], RUNS, middle="mode"), "mean, median"),
        (lambda ax: charts.band(ax, [1, 2], RUNS, within=101), "within=101"),
        (lambda ax: charts.strip(ax, [1, 2], RUNS, "red"), "red"),
        (lambda ax: charts.lines(ax, [1, 2], [[1], [1, 2]]), "x=1 1개, x=2 2개"),
        (lambda ax: charts.formula(ax, [1, 2], [1]), "x 2개, y 1개"),
        (lambda ax: charts.ranges(ax, [1], [1], [1, 2]), "high 2개"),
        (lambda ax: charts.events(ax, [1, 2], [0]), "times 2개, row 1개"),
        (lambda ax: charts.spans(ax, {3: [(5, 4)]}), r"3번째 줄의 구간 \(5, 4\)"),
        (lambda ax: charts.log_ticks(ax.yaxis, [0, 1]), r"values=\[0, 1\]"),
        (lambda ax: charts.log_ticks(ax.yaxis, []), r"values=\[\]"),
        (lambda ax: charts.reference(ax, "둘 다", x=1, y=1), "x=1, y=1"),
        (lambda ax: charts.reference(ax, "없음"), "x=None, y=None"),
        (lambda ax: charts.strip([ax, ax], [1, 2], RUNS), "ax=list: 칸이 아닙니다"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("with_matplotlib", [True, False])
def test_what_cannot_be_drawn_is_refused_in_words(draw, told, with_matplotlib, monkeypatch):
    if not with_matplotlib:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InvalidValue, match=told):
        draw(axes()[1])
