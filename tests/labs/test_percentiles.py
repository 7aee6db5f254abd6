"""실습 13의 교훈: 마흔 시드에서 성립합니다."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import hands
from ddialab.cluster.queueing import waits
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.histogram import Histogram, Sketch, merged
from ddialab.core.metrics import percentile, quantile
from ddialab.experiments.percentiles import clicks, scenes
from ddialab.experiments.percentiles.response_times import (
    INCIDENTS,
    LIMIT,
    SICK,
    WIDTHS,
    WINDOW,
    alarms,
    by_five_minutes,
    hours,
    machines,
    merged_p99,
    month,
    off_by,
    responses,
    rolling,
    slow_spell,
    watched,
)
from ddialab.ops.slo import SLO
from playing import changes, last, told

LAB = "13-percentiles"
SEEDS = range(40)


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert (results["allowed"], results["credit"]) == ("43.2분", "0%")


def test_the_mean_hides_what_p99_sees():
    """멈추는 요청의 수도 운이라, 평균은 시드마다 조금씩 다르고 모아 보면 같습니다."""
    ratios = [responses(True, seed).mean() / responses(False, seed).mean() for seed in SEEDS]
    assert np.mean(ratios) == pytest.approx(1, abs=0.02)
    assert np.mean(np.abs(np.array(ratios) - 1) < 0.1) > 0.9
    for seed in SEEDS:
        before, after = responses(False, seed), responses(True, seed)
        assert percentile(after, 50) < percentile(before, 50)
        assert percentile(after, 99) > 4 * percentile(before, 99)


@pytest.mark.parametrize(("case", "low", "high"), [(machines, 0.3, 0.5), (hours, 2, 5)])
def test_the_average_of_percentiles_is_wrong_by_its_margin(case, low, high):
    for seed in SEEDS:
        assert low < off_by(case(seed)) < high


@pytest.mark.parametrize("case", [machines, hours])
@pytest.mark.parametrize("kind", [Histogram, Sketch])
def test_merged_histograms_are_right(case, kind):
    """합친 것은 모두 함께 세는 것과 같고, 정확한 값과 칸의 폭만큼만 다릅니다."""
    for seed in SEEDS if kind is Histogram else range(6):
        parts = case(seed)
        near = np.percentile(np.concatenate(parts), [98.9, 99.1])
        assert near[0] * 0.99 <= merged_p99(parts, kind) <= near[1] * 1.01


def test_a_narrow_window_cries_wolf_and_a_wide_one_is_late():
    """늦다: 원인이 사라진 뒤 경보가 처음 꺼질 때까지가 깁니다. 뒤의 오탐은 세지 않습니다."""
    ends, widths = watched(), (*WIDTHS[:2], WIDTHS[-1])
    before = (ends > SICK[0] / 2) & (ends <= SICK[0])
    false, calmer = [], 0
    for seed in SEEDS:
        narrow, minute, ever = (rolling(*slow_spell(seed), width) for width in widths)
        rang = [alarms(p99s) for p99s in (narrow, minute, ever)]
        false.append([wrong for wrong, _ in rang])
        assert [late for _, late in rang] == sorted(late for _, late in rang)
        assert ever[-1] > LIMIT
        calmer += narrow[before].std() > minute[before].std() > ever[before].std()
    mean = np.mean(false, axis=0)
    assert mean[0] > 1.5 * mean[1] > mean[2]
    assert calmer >= 0.9 * len(SEEDS)


def test_a_healthy_service_keeps_its_budget_and_incidents_burn_more_than_they_lasted():
    """사고가 없는 같은 한 달이 대조군입니다."""
    for seed in range(1, 7):
        burnt = [
            (~SLO().met(*by_five_minutes(*month(seed, incidents)))).sum() * WINDOW / 60
            for incidents in ((), INCIDENTS)
        ]
        assert burnt[0] == 0
        assert burnt[1] > sum(minutes for _, minutes, _ in INCIDENTS)


def test_histograms_of_many_servers_fit_in_one_message():
    parts = machines(1)
    counted = [Histogram() for _ in parts]
    for one, part in zip(counted, parts, strict=True):
        one.record(part)
    assert len(merged(counted).encode()) < sum(part.nbytes for part in parts) / 100


# --- 장면 ---


def test_the_scene_waits_as_the_lab_computes():
    """장면의 줄은 실습이 가르치는 Lindley의 식 그대로이고, 보이는 백분위수도 실습의 것입니다."""

    class Kept(clicks.Clicks):
        def send(self, client, work, mine=""):
            kept.append((self.engine.now, work))
            super().send(client, work, mine)

    for seed in SEEDS[:5]:
        kept = []
        world = Kept(engine := Engine(seed), {"rate": 4}, lambda *_: None)
        engine.at(5, world.act, "heavy", scenes.OTHERS)
        engine.run(60)
        came, work = np.transpose(kept)
        expected = (waits(came, work) + work)[: len(world.times)]
        assert world.times == pytest.approx(sorted(expected))
        assert quantile(world.times, 0.99) == percentile(world.times, 99)


def test_the_mean_hardly_tells_of_naraes_click_in_the_scene():
    rise = []
    for seed in SEEDS:
        quiet, clicked = (
            changes(scenes.CLICKS, seed, script=script)
            for script in ((), [(10_000, scenes.NARAE, scenes.NARAE)])
        )
        rise.append(last(clicked, "count", "mean") / last(quiet, "count", "mean"))
        assert last(clicked, "count", "tail") > 3 * last(clicked, "count", "mean")
    assert max(rise) < 1.2
    assert np.mean(rise) < 1.1


def test_the_answer_of_the_first_scene_is_what_became_of_the_mean():
    little, some, _ = scenes.NOTICED.choices
    click, heavy = (scenes.NARAE, scenes.NARAE), ("heavy", scenes.OTHERS)
    for seed in SEEDS:
        for place in range(len(scenes.CLICKS.knobs[0].values)):
            alone = changes(scenes.CLICKS, seed, [place, 0], [(10_000, *click)])
            assert last(alone, "answer", scenes.NOTICED.id) == little
        blocked = changes(
            scenes.CLICKS, seed, script=[(9_000, *heavy), (9_100, *heavy), (10_000, *click)]
        )
        assert last(blocked, "answer", scenes.NOTICED.id) == some, "앞의 줄까지 겪으면 다릅니다"
        said = [words for (words,) in told(blocked, "say")]
        assert [("나래" in words, "평균은" in words) for words in said[-1:]] == [(True, True)]


def test_the_first_scene_asks_only_once_and_only_about_narae():
    others = changes(scenes.CLICKS, 1, script=[(5_000, scenes.OTHERS, scenes.OTHERS)])
    assert not told(others, "ask")
    twice = [(ms, scenes.NARAE, scenes.NARAE) for ms in (5_000, 12_000)]
    assert len(told(changes(scenes.CLICKS, 1, script=twice), "ask")) == 1


def test_the_first_scene_says_whose_answer_the_maximum_was():
    """독자가 보낸 것의 답마다, 그때까지 가장 느린 답의 주인을 말합니다."""
    owners, expected = set(), []

    class Kept(scenes.Noticed):
        def __init__(self, engine, settings, draw):
            super().__init__(engine, settings, draw)
            self.top = self.times[-1], scenes.WHO[scenes.OTHERS]  # 그전에는 다른 사람들만 왔습니다

        def answered(self, dot, client, born, work, mine):
            took = self.engine.now - born
            self.top = max(self.top, (took, mine or scenes.WHO[client]))
            super().answered(dot, client, born, work, mine)
            if mine:
                owners.add(self.top[1])
                mine_is = took == self.top[0]
                expected.append("이 답이 최대" if mine_is else f"최대는 {self.top[1]}")

    kept = replace(scenes.CLICKS, world=Kept)
    script = [(4_000, "narae", "narae"), (8_000, "heavy", "others"), (14_000, "narae", "narae")]
    for seed in SEEDS:
        expected.clear()
        said = told(changes(kept, seed, script=script), "say")
        assert [top in words for (words,), top in zip(said, expected, strict=True)] == [True] * 3
    assert owners == set(scenes.WHO.values()), "누구의 답이든 최대가 됩니다"


def test_whoever_comes_behind_a_heavy_request_waits_whatever_the_seed():
    blocked = scenes.BEHIND.choices[-1]
    answers = {last(changes(scenes.HEAD_OF_LINE, s), "answer", scenes.BEHIND.id) for s in SEEDS}
    assert answers == {blocked}


def test_the_answer_behind_a_heavy_request_follows_the_model():
    """무거운 요청이 막지 않으면(워커가 셋이면) 답도 달라집니다."""

    class Free(scenes.Behind):
        def __init__(self, engine, settings, draw):
            super().__init__(engine, settings, draw)
            self.cluster.spec = Spec(None, ("A",), workers=3, timeout=1000.0)

    free = replace(scenes.HEAD_OF_LINE, world=Free)
    answers = {last(changes(free, seed), "answer", scenes.BEHIND.id) for seed in SEEDS}
    assert scenes.BEHIND.choices[-1] not in answers


# --- 바꿔 보기 ---


def all_write_the_same(reader, item):
    """게시글 수가 같으면 가장 느린 1%의 주인들이 쓴 것도 꼭 1%입니다. 언제 재어도 그렇습니다."""
    assert "np.full(USERS, 10)" in item
    reader.edit("np.maximum(1, MOST // np.arange(1, USERS + 1))", "np.full(USERS, 10)")
    for start in (lambda: None, reader.measure):  # 저장해 둔 값으로, 그다음은 지금 재어서
        start()
        reader.run_below("posts = np.full")
        assert reader.value("float(share)") == 0.01
        assert "느린 사람은 아무나가 아닙니다" in reader.broken()


def a_rare_heavy_request(reader, item):
    """중앙값은 사용률 10%와 30%에서 5 ms 그대로이고, p99는 시드 40개 모두에서 길어집니다."""
    reader.edit("source(one_server)", hands.code_of(item))
    reader.run_below("def one_server")
    quiet, busier = reader.value("found[:2].tolist()")  # 시드마다 (중앙값, p99)
    assert [median for median, _ in quiet + busier] == pytest.approx([0.005] * 80)
    assert all(after > 1.1 * before for (_, before), (_, after) in zip(quiet, busier, strict=True))
    assert reader.value("bool(found[-1, :, 0].min() > 0.1)")
    assert set(reader.broken()) == {
        "식과 10% 안에서 같습니다",
        "p99와 중앙값의 비는 부하와 상관없습니다",
    }


def nobody_sends_into_a_stuck_server(reader, item):
    """답을 기다리는 클라이언트가 넷이면 서버에 가 있는 요청도 넷까지입니다."""
    assert "Closed(4, think=0.001)" in item
    assert reader.value(f"{most_at_once}(busy)") > 4
    reader.edit('"바쁠 때": Poisson(busy_rate)', '"바쁠 때": Closed(4, think=0.001)')
    reader.measure()
    reader.run_below("loads = {")
    assert reader.value(f"{most_at_once}(busy)") == 4


most_at_once = "(lambda run: max(int(((run.sent <= t) & (t < run.done)).sum()) for t in run.sent))"


def weigh_by_requests(reader, item):
    """가중하면 하루는 진짜와 거의 같아지고, 서버 열 대는 조금도 나아지지 않습니다."""
    before = reader.value("wrong['machines'].tolist()")
    reader.edit("wrong = {", hands.code_of(item) + "\nwrong = {")
    reader.run_below("def off_by")
    assert reader.value("wrong['machines'].tolist()") == pytest.approx(before)
    assert reader.value("wrong['hours'].tolist()") == pytest.approx([1] * 40, abs=0.1)
    assert reader.broken() == ["하루를 나누면 두 배가 넘게 나옵니다"]


def twice_as_slow(reader, item):
    """느리게 만든 시간이 같아도 줄이 더 밀려 예산이 더 닳습니다."""
    usual, slower = re.findall(r"`(incidents = .*?)`", item)
    lost = "(hurt, float(down), float(left[0.999]))"
    for seed, following in pairwise(f"month({seed}, incidents)" for seed in range(1, 5)):
        hurt, down, left = reader.value(lost)
        reader.edit(usual, slower)
        reader.run_below(slower)
        hurt_now, down_now, left_now = reader.value(lost)
        assert (hurt_now, down_now > down, left_now < left) == (hurt, True, True)
        assert reader.broken() == []
        reader.edit(slower, usual)
        reader.edit(seed, following)
        reader.run_below(usual)


TRIES = {
    "`posts`": all_write_the_same,
    "`source(one_server)`": a_rare_heavy_request,
    "`loads`": nobody_sends_into_a_stuck_server,
    "`off_by`": weigh_by_requests,
    "`incidents = INCIDENTS`": twice_as_slow,
}
