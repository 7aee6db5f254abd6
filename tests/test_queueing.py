"""줄 서기: 반복문으로 센 것과 같은가, 클러스터 모델과 같은가, 닫힌 식과 같은가."""

import math

import numpy as np
import pytest
from benchmarks.queueing import one_by_one
from hypothesis import given
from hypothesis import strategies as st

from calls import counted
from ddialab.cluster.erlang import response_percentile
from ddialab.cluster.queueing import arrivals, mm1_responses, waits
from ddialab.cluster.simulation import simulate
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.errors import InvalidValue
from ddialab.core.metrics import percentile
from ddialab.stress.load import Poisson
from suite.effort import fuzz

SEEDS = range(48)


@fuzz(1000)
@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)), min_size=1, max_size=40))
def test_waits_is_the_recursion(pairs):
    gaps, work = zip(*pairs, strict=True)
    found = waits(np.cumsum(gaps), work)
    assert found == pytest.approx(one_by_one(gaps, work), abs=1e-9)
    assert (found >= 0).all()


def test_the_simulated_service_is_the_recursion_request_by_request():
    """클러스터 모델과 같은 난수를 넣으면 통계가 아니라 요청마다 같아야 합니다."""
    engine = Engine(2)
    gap, work = engine.exponential("도착", 1 / 70), engine.exponential("처리", 0.01)
    came = np.cumsum([gap() for _ in range(10_000)])
    busy = np.array([work() for _ in range(10_000)])
    spec = Spec(Poisson(70), racks=("A",), duration=came[8000], service=0.01, timeout=1000)
    times = simulate(spec, (), 2, record=False).times
    assert times == pytest.approx((waits(came, busy) + busy)[: len(times)], abs=1e-9)
    assert len(times) > 7900


@pytest.mark.parametrize("load", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_mm1_is_its_closed_form(load):
    runs = [mm1_responses(load * 100, 0.01, 60_000, seed)[20_000:] for seed in SEEDS]
    p50, p99 = np.mean([percentile(run, [50, 99]) for run in runs], axis=0)
    assert p50 == pytest.approx(response_percentile(50, load * 100, 0.01), rel=0.05)
    assert p99 == pytest.approx(response_percentile(99, load * 100, 0.01), rel=0.05)
    assert p99 / p50 == pytest.approx(6.64, rel=0.05)  # 부하가 얼마든 같습니다


@pytest.mark.parametrize("workers", [2, 8])
@pytest.mark.parametrize(("load", "runs"), [(0.3, 2), (0.6, 4), (0.8, 12)])
def test_the_simulated_service_is_within_ten_percent_of_m_m_c(workers, load, runs):
    """부하가 높을수록 응답 시간들이 서로 닮아(자기상관) 더 많이 돌려야 합니다."""
    rate = load * workers / 0.01
    spec = Spec(Poisson(rate), racks=("A",), duration=30_000 / rate, service=0.01,
                workers=workers, timeout=1000, health_interval=0)  # fmt: skip
    times = [simulate(spec, (), seed, record=False).times for seed in range(runs)]
    for p in (50, 99):
        expected = response_percentile(p, rate, 0.01, workers)
        assert percentile(np.concatenate(times), p) == pytest.approx(expected, rel=0.1)


def respond(requests: int):
    return percentile(mm1_responses(90, 0.01, requests), [50, 99])


def test_more_requests_call_no_more_functions():
    """백만 건이 한순간인 까닭: 요청마다 도는 파이썬 코드가 없습니다."""
    assert counted(respond, 100_000) == counted(respond, 1000)


def test_arrivals_follow_their_rates():
    came = arrivals([0, 50, 10], 100.0, seed=1)
    counts = np.histogram(came, [0, 100, 200, 300])[0]
    assert counts[0] == 0
    assert counts[1:] == pytest.approx([5000, 1000], rel=0.15)
    assert (np.diff(came) >= 0).all()
    assert (arrivals([5], 10, seed=1) == arrivals([5], 10, seed=1)).all()


@pytest.mark.parametrize(
    "make",
    [
        lambda: waits([], []),
        lambda: waits([0, 1], [1]),
        lambda: waits([0, 1], [1, -1]),
        lambda: waits([1, 0], [1, 1]),
        lambda: waits([0, math.nan], [1, 1]),
        lambda: waits(["지금"], [1]),
        lambda: mm1_responses(100, 0.01, 10),
        lambda: mm1_responses(-1, 0.01, 10),
        lambda: mm1_responses(1, 0.01, 0),
        lambda: mm1_responses(1, 0.01, 10, seed=-1),
        lambda: arrivals([-1], 1.0),
        lambda: arrivals([1], 0),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(InvalidValue):
        make()
