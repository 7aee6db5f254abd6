"""실습 05의 교훈: 노트북이 보여 주지 않은 마흔 저녁에서도, 장면에서도."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

import hands
from ddialab.blocks.batch import Batch
from ddialab.blocks.dask_batch import Files, write_files
from ddialab.blocks.stream import WindowedCount
from ddialab.blocks.windows import Windows
from ddialab.core.errors import InvalidValue
from ddialab.core.memory import MemoryStore
from ddialab.core.recorded import PACKAGE
from ddialab.experiments.stream_and_batch import cost, deaths, late, real, scenes, tables
from ddialab.experiments.stream_and_batch.posts import EVENING, LONGEST, arrivals
from ddialab.experiments.stream_and_batch.tables import WINDOW, batch, follow
from playing import changes, last, told

LAB = "05-stream-and-batch"
SEEDS = range(40, 80)  # 노트북이 보여 준 것은 0부터 39까지입니다
NARAE = "narae"


# --- 표 ---


@pytest.fixture(scope="module")
def evenings():
    return [arrivals(seed) for seed in SEEDS]


def test_only_both_cures_agree_on_every_tag(evenings):
    assert not any(tables.compared("both", sent) for sent in evenings)
    least = {"event": 0.2, "unique": 0.5, "naive": 0.5}
    for sent in evenings[::4]:  # 대조군이 크게 다르다는 것은 저녁 열 번이면 드러납니다
        assert all(tables.compared(way, sent) > share for way, share in least.items())


def test_the_evenings_have_what_breaks_the_control(evenings):
    """늦은 글도, 두 번 온 글도, 차례가 바뀐 글도 저녁마다 있습니다."""
    for sent in evenings:
        times = [post.time for post in sent]
        assert len({post.id for post in sent}) < len(sent) * 0.98
        assert times != sorted(times)
        assert 300 < max(post.arrived - post.time for post in sent) < LONGEST


def test_first_fast_then_right_and_what_is_remembered_has_a_bound(evenings):
    for sent in evenings[:5]:
        kept, dropped = (tables.wrong_after(60, lateness, sent) for lateness in (LONGEST, 0))
        assert kept[-1] < 0.12 < 0.15 < dropped[-1]
        assert kept[2] > 0.3  # 첫 표는 틀린 것이 많습니다
        followed = follow(sent, Windows(WINDOW, 60, LONGEST))
        assert followed.table == batch(sent)
        assert followed.verdicts["late"] == 0 < followed.verdicts["amended"]
        assert followed.remembered < len({post.id for post in sent})


# --- 닫힌 식 ---


@pytest.fixture(scope="module")
def delayed():
    return [late.delayed(seed) for seed in SEEDS[:20]]


@pytest.mark.parametrize("size", late.SIZES)
def test_late_posts_follow_the_formula(delayed, size):
    for wait in (0, 90):
        shares = [late.late_share(wait, sent, size) for sent in delayed]
        error = 4 * np.std(shares, ddof=1) / np.sqrt(len(shares)) + 1e-3
        assert abs(np.mean(shares) - late.expected_late(wait, size)) < error


def test_the_formula_is_for_exponential_delays_only():
    delayed = [late.delayed(seed, "subway") for seed in SEEDS[:20]]
    for wait, least in ((0, 0), (90, 1.4)):
        shares = [late.late_share(wait, sent) for sent in delayed]
        ratio = np.mean(shares) / late.expected_late(wait)
        assert ratio > least if least else ratio < 0.5


def test_rows_read_follow_the_formula(evenings):
    for minutes in cost.INTERVALS:
        times = [cost.rows_read(sent, minutes) / len(sent) for sent in evenings]
        assert abs(np.mean(times) / cost.expected_rows(1, minutes) - 1) < 0.05


# --- 죽은 프로세스 ---


def test_only_what_is_saved_together_counts_once():
    for seed in SEEDS[:2]:
        once = list({post.id: post for post in arrivals(seed)}.values())[:1_500]
        assert not any(deaths.die_everywhere(WindowedCount, once))
        assert any(deaths.die_everywhere(deaths.Apart, once))


# --- 진짜 파일 ---


@pytest.fixture(scope="module")
def lake():
    opened = real.Lake(MemoryStore(), seed=77, seconds=EVENING)
    yield opened
    opened.close()


def test_stream_duckdb_and_sqlite_give_the_same_table(lake):
    counter = lake.stream()
    while counter.catch_up(1_000):
        counter = lake.stream()  # 다시 켜도 이어집니다
    counter.close(2 * real.DAY)
    streamed = real.streamed(counter, range(0, EVENING, WINDOW))
    with lake.files() as files:
        assert len(files.paths) == EVENING // real.HOUR
        rows = files.add_up(real.SQL, (WINDOW,))
    assert rows == real.by_sqlite(lake.rows())
    assert real.table_of(rows) == streamed == batch(arrivals(77))


def test_files_by_arrival_do_not_add_up(lake, tmp_path):
    numbered = [row | {"n": n} for n, row in enumerate(lake.rows())]
    paths = write_files(tmp_path, numbered, lambda row: row["n"] // 300)
    with Files(paths) as files:
        counted = files.add_up(real.SQL, (WINDOW,))
    assert tables.differing(real.table_of(counted), batch(arrivals(77))) > 0.02


def test_what_was_recorded_is_this_day():
    saved = json.loads((PACKAGE / "recorded/05-files.json").read_text("utf-8"))
    day = batch(arrivals(0, real.DAY))
    assert saved["fingerprint"] == real.fingerprint(day)
    assert saved["cells"] == len(tables.cells(day))
    assert saved["bytes"]["one"] < saved["bytes"]["all"]


def test_one_other_cell_is_another_fingerprint():
    table = {0: {"가": 1, "나": 2}, 600: {"가": 3}}
    same = {600: {"가": 3}, 0: {"나": 2, "가": 1}}
    assert real.fingerprint(same) == real.fingerprint(table)
    for other in ({0: {"가": 1, "나": 2}}, {**table, 600: {"가": 4}}, {**table, 600: {"나": 3}}):
        assert real.fingerprint(other) != real.fingerprint(table)


def test_one_window_reads_only_its_hour(lake):
    with lake.files() as every, Batch(every.paths[1]) as one:
        question = real.ONE, (WINDOW, 4_200)
        assert 0 < one.reading(*question).bytes < every.reading(*question).bytes
        assert dict(one.ask(*question)) == batch(arrivals(77))[4_200]


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: tables.compared("none", []),
        lambda: follow([], Windows(WINDOW), "wall"),
        lambda: late.delayed(1, "plane"),
        lambda: late.late_share(0, []),
        lambda: late.expected_late(0, mean=0),  # 다른 값: 거절할 것
        lambda: cost.rows_read([], 0),
        lambda: cost.rows_read(None, 10),
        lambda: late.late_share("1분", late.delayed(1)),
        lambda: late.late_share(0, [1]),
        lambda: late.expected_late("1분"),
        lambda: tables.batch(7),
        lambda: tables.batch([], "10분"),
        lambda: tables.compared("both", ["글"]),
        lambda: tables.differing({}, None),
        lambda: follow([], 600),
        lambda: arrivals(1, "저녁"),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


# --- 장면 ---


def subway(start, end, phone=NARAE):
    return [(start, "cut", phone), (end, "back", phone)]


def test_left_alone_the_stream_is_last_nights_table():
    for seed in SEEDS:
        seen = changes(scenes.TOY, seed, [2, 1])
        assert last(seen, "answer", "tables") == 0 or told(seen, "count", "late")


def test_what_comes_after_the_window_closed_is_not_counted():
    """나래가 0~10초 윈도에서 쓴 글을 가진 채로 늦게 나오면, 그 윈도는 어젯밤의 표와 다릅니다."""
    lost = 0
    for seed in SEEDS:
        seen = changes(scenes.TOY, seed, [0, 1], subway(500, 30_000))
        if told(seen, "count", "late"):
            lost += 1
            ((fate, _),) = told(seen, "answer", "late-post")
            assert fate == scenes.LATE_POST.choices[2]
            assert last(seen, "answer", "tables") > 0
    assert lost > 35


def test_waiting_longer_saves_the_short_tunnel():
    counts = {}
    for place in (0, 3):
        runs = [changes(scenes.TOY, seed, [place, 1], subway(8_000, 14_000)) for seed in SEEDS]
        counts[place] = sum(
            last(seen, "count", "late") for seen in runs if told(seen, "count", "late")
        )
    assert counts[3] * 10 < counts[0]


def test_sending_twice_alone_changes_no_table():
    again = [(ms, "again", phone) for ms, phone in ((5_000, "sora"), (12_000, NARAE))]
    for seed in SEEDS:
        alone, twice = (changes(scenes.TOY, seed, [2, 1], lines) for lines in ([], again))
        assert last(twice, "answer", "tables") == last(alone, "answer", "tables")


def test_the_saved_story_halts_twice():
    cell = hands.saved_cell(LAB, "SUBWAY")
    script = eval(re.search(r"SUBWAY = (\[.*?\])\n", cell, re.S)[1])
    seen = changes(scenes.TOY, scenes.TOY.seed, None, script)
    assert [change[2] for change in seen if change[1] == "ask"] == ["late-post", "tables"]
    assert last(seen, "answer", "tables") > 0


# --- 바꿔 보기 ---


def another_evening(reader, item):
    old, new = re.findall(r"`(arrivals\(.*?\))`", item)
    before = reader.value("share")
    reader.edit(old, new)
    reader.run_below(new)
    assert before != reader.value("share") > 0.5
    assert reader.broken() == []


def heavy_tail(reader, item):
    old, new = re.findall(r"`(travel = .*?)`", item)
    (claim,) = re.findall(r"「(.*?)」", item)
    reader.edit(old, new)
    reader.run_below(new)
    assert set(reader.broken()) == {claim}


def overlapping(reader, item):
    assert "2.00배" in reader.run(hands.code_of(item))


TRIES = {
    "arrivals(seed=1)": another_evening,
    'travel = "exponential"': heavy_tail,
    "slide=300": overlapping,
}
