"""실습 13의 교훈: 마흔 개가 넘는 시드에서 성립합니다."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import hands
from ddialab.cluster.queueing import arrivals, waits
from ddialab.core.histogram import Histogram, Sketch, Window, merged
from ddialab.core.metrics import percentile
from ddialab.ops.slo import SLO, by_window

LAB = "13-percentiles"
SEEDS = range(48)


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert (results["allowed"], results["credit"]) == ("43.2분", "0%")


def test_the_mean_hides_what_p99_sees():
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        before = random.exponential(0.06, 20_000)
        after = random.exponential(0.03, 20_000) + 1.5 * (random.random(20_000) < 0.02)
        assert abs(after.mean() / before.mean() - 1) < 0.1
        assert percentile(after, 50) < percentile(before, 50)
        assert percentile(after, 99) > 4 * percentile(before, 99)


def machines(random):
    return [random.exponential(mean, 1000) for mean in [0.01] * 9 + [0.1]]


def hours(random):
    shape = [(3000, 0.02)] * 16 + [(30, 0.2)] * 8
    return [random.exponential(mean, n) for n, mean in shape]


@pytest.mark.parametrize(("case", "low", "high"), [(machines, 0.3, 0.5), (hours, 2, 5)])
def test_the_average_of_percentiles_is_wrong_by_its_margin(case, low, high):
    for seed in SEEDS:
        parts = case(np.random.default_rng(seed))
        average = np.mean([percentile(part, 99) for part in parts])
        assert low < average / percentile(np.concatenate(parts), 99) < high


@pytest.mark.parametrize("case", [machines, hours])
@pytest.mark.parametrize("kind", [Histogram, Sketch])
def test_merged_histograms_are_right(case, kind):
    """합친 것은 모두 함께 세는 것과 같고, 정확한 값과 칸의 폭만큼만 다릅니다."""
    for seed in SEEDS if kind is Histogram else range(6):
        parts, total = case(np.random.default_rng(seed)), kind()
        for part in parts:
            one = kind()
            one.record(part)
            total.merge(one)
        near = np.percentile(np.concatenate(parts), [98.9, 99.1])
        assert near[0] * 0.99 <= total.percentile(99) <= near[1] * 1.01


def sick_service(seed, slower=2.4):
    """30분 가운데 10분부터 3분 동안 느려지는 서비스의 (도착, 응답)."""
    came = arrivals(np.full(30, 20.0), 60.0, seed=seed)
    work = np.random.default_rng(seed).exponential(0.02, len(came))
    work[(came >= 600) & (came < 780)] *= slower
    return came, waits(came, work) + work


def rolling(came, response, width, until=1500):
    done = came + response
    window, seen = Window(width, slices=max(1, min(10, width // 30))), []
    for end in range(30, until + 1, 30):
        start, stop = np.searchsorted(done, [end - 30, end])
        window.record(end - 0.001, response[start:stop])
        seen.append(window.percentile(99))
    return np.array(seen)


def until_quiet(over) -> int:
    """경보가 처음 꺼진 관측까지의 수. 끝까지 안 꺼지면 관측의 수입니다."""
    return len(over) if over.all() else int(np.argmin(over))


def test_a_short_window_wobbles_and_a_long_one_is_late():
    """늦다: 원인이 사라진 뒤 경보가 처음 꺼질 때까지가 깁니다. 뒤의 오탐은 세지 않습니다."""
    calmer = later = 0
    for seed in SEEDS:
        came, response = sick_service(seed)
        short, long = (rolling(came, response, width) for width in (30, 600))
        calmer += short[10:20].std() > long[10:20].std()
        later += until_quiet(short[26:] > 0.3) < until_quiet(long[26:] > 0.3)
    assert calmer >= 0.9 * len(SEEDS)
    assert later >= 0.9 * len(SEEDS)


def test_a_healthy_service_keeps_its_budget_and_an_incident_burns_more_than_it_lasted():
    """일주일, 한낮의 10분짜리 사고 하나. 사고가 없는 같은 주가 대조군입니다."""
    for seed in range(6):
        starts = np.arange(7 * 288) * 300
        rates = 1.8 - 1.2 * np.cos(2 * np.pi * starts / 86_400)
        came = arrivals(rates, 300, seed=seed)
        work = np.random.default_rng(seed).exponential(0.07, len(came))
        burnt = []
        for slower in (1, 6):
            slow = np.where((came >= 3.5 * 86_400) & (came < 3.5 * 86_400 + 600), slower, 1)
            times = waits(came, work * slow) + work * slow
            burnt.append((~SLO().met(*by_window(came, times, 300, len(starts)))).sum() * 5)
        assert burnt[0] == 0
        assert burnt[1] > 10


def test_histograms_of_many_servers_fit_in_one_message():
    parts = machines(np.random.default_rng(1))
    counted = [Histogram() for _ in parts]
    for one, part in zip(counted, parts, strict=True):
        one.record(part)
    assert len(merged(counted).encode()) < 1000 < sum(part.nbytes for part in parts)


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
    cell = reader.cell("def one_server").source
    reader.edit(cell[cell.index("def one_server") : cell.index("def formula")], hands.code_of(item))
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
    weighted = "np.average(each, weights=[len(part) for part in parts])"
    assert weighted in item
    before = reader.value("wrong['machines'].tolist()")
    reader.edit("np.mean(each)", weighted)
    reader.run_below("def off_by")
    assert reader.value("wrong['machines'].tolist()") == pytest.approx(before)
    assert reader.value("wrong['hours'].tolist()") == pytest.approx([1] * 40, abs=0.1)
    assert reader.broken() == ["하루를 나누면 두 배가 넘게 나옵니다"]


def twice_as_slow(reader, item):
    """느리게 만든 시간이 같아도 줄이 더 밀려 예산이 더 닳습니다."""
    assert "(13.5, 10, 6)" in item
    lost = "(hurt, float(down), float(left[0.999]))"
    seeds = [f"came = arrivals(rates, WINDOW, seed={seed})" for seed in range(1, 5)]
    for seed, following in pairwise(seeds):
        hurt, down, left = reader.value(lost)
        reader.edit("(13.5, 10, 6)", "(13.5, 10, 12)")
        reader.run_below("INCIDENTS = [")
        hurt_now, down_now, left_now = reader.value(lost)
        assert (hurt_now, down_now > down, left_now < left) == (hurt, True, True)
        assert reader.broken() == []
        reader.edit("(13.5, 10, 12)", "(13.5, 10, 6)")
        reader.edit(seed, following)
        reader.run_below("INCIDENTS = [")


TRIES = {
    "`posts`": all_write_the_same,
    "`one_server`": a_rare_heavy_request,
    "`loads`": nobody_sends_into_a_stuck_server,
    "`off_by`": weigh_by_requests,
    "`INCIDENTS`": twice_as_slow,
}
