"""지표: 알려진 값, 경계, 그리고 구간이 정말 그만큼 덮는가."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core import metrics
from ddialab.core.errors import InvalidValue
from suite.effort import fuzz

samples = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50)


def test_percentile_known_values():
    assert metrics.percentile([1, 2, 3, 4], 50) == 2.5
    assert metrics.percentile(range(101), [0, 95, 99.9, 100]) == [0, 95, pytest.approx(99.9), 100]


@fuzz(1000)
@given(samples, st.floats(0, 100))
def test_percentile_stays_inside_and_ignores_order(values, p):
    found = metrics.percentile(values, p)
    assert min(values) <= found <= max(values)
    assert metrics.percentile(values[::-1], p) == found


@fuzz(1000)
@given(samples)
def test_percentiles_grow(values):
    found = metrics.percentile(values, range(0, 101, 10))
    assert all(a <= b or math.isclose(a, b) for a, b in pairwise(found))


def test_wilson_known_value():
    # 20번에 0번이면 위 끝은 z²/(n + z²)입니다
    p, low, high = metrics.availability(0, 20)
    assert (p, low) == (0, 0)
    assert high == pytest.approx(0.1611, abs=1e-4)
    assert metrics.availability(50, 100) == (
        0.5,
        pytest.approx(0.4038, abs=1e-4),
        pytest.approx(0.5962, abs=1e-4),
    )


@fuzz(1000)
@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_contains_the_estimate_and_stays_in_range(pair):
    p, low, high = metrics.availability(*pair)
    assert 0 <= low <= p <= high <= 1


def test_wilson_covers_the_truth():
    draws = np.random.default_rng(1).binomial(200, 0.97, 4000)
    hits = 0
    for k in draws:
        _, low, high = metrics.availability(int(k), 200)
        hits += low <= 0.97 <= high
    assert 0.93 < hits / 4000 < 0.975


@pytest.mark.parametrize("mean", [0.5, 2.7, 30, 700, 5000])
def test_count_interval_holds_its_share(mean):
    low, high = metrics.count_interval(mean)
    draws = np.random.default_rng(2).poisson(mean, 20_000)
    assert ((draws >= low) & (draws <= high)).mean() > 0.94
    assert (draws < low).mean() < 0.03
    assert (draws > high).mean() < 0.03


def test_mean_interval_shrinks_with_more_runs():
    few, many = metrics.mean_interval([1, 2, 3]), metrics.mean_interval([1, 2, 3] * 9)
    assert few[0] == many[0] == 2
    assert few[2] - few[1] > many[2] - many[1]


def test_nines_and_minutes():
    assert metrics.downtime_minutes(0.999) == pytest.approx(525.6)
    assert metrics.nines(0.9999) == pytest.approx(4)
    assert metrics.nines(1) == math.inf


def test_formulas_known_values():
    assert metrics.steady_availability(9, 1) == 0.9
    assert metrics.series([0.9, 0.9]) == pytest.approx(0.81)
    assert metrics.parallel([0.9, 0.9, 0.9]) == pytest.approx(0.999)
    assert metrics.k_of_n(2, 3, 0.9) == pytest.approx(0.972)


@fuzz(1000)
@given(st.integers(1, 12), st.floats(0, 1))
def test_k_of_n_agrees_with_series_and_parallel(n, a):
    assert metrics.k_of_n(n, n, a) == pytest.approx(metrics.series([a] * n), abs=1e-12)
    assert metrics.k_of_n(1, n, a) == pytest.approx(metrics.parallel([a] * n), abs=1e-12)
    assert 0 <= metrics.k_of_n(n // 2 + 1, n, a) <= 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: metrics.percentile([], 50),
        lambda: metrics.percentile([1, math.nan], 50),
        lambda: metrics.percentile([1], 101),
        lambda: metrics.percentile(["빠름"], 50),
        lambda: metrics.percentile([[1], [2]], 50),
        lambda: metrics.availability(3, 2),
        lambda: metrics.availability(0, 0),
        lambda: metrics.availability(-1, 2),
        lambda: metrics.availability(1, 2, confidence=1),
        lambda: metrics.count_interval(-1),
        lambda: metrics.count_interval(math.inf),
        lambda: metrics.mean_interval([1]),
        lambda: metrics.downtime_minutes(1.2),
        lambda: metrics.steady_availability(0, 1),
        lambda: metrics.steady_availability(1, -1),
        lambda: metrics.series([]),
        lambda: metrics.parallel([1.5]),
        lambda: metrics.k_of_n(4, 3, 0.9),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(InvalidValue):
        make()
