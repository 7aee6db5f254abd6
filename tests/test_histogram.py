"""히스토그램: 오차가 약속한 만큼인가, 더한 것이 함께 센 것과 같은가, 낡은 것을 잊는가."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.core.histogram import HIGHEST, TICK, Histogram, Sketch, Window, merged
from ddialab.core.metrics import percentile
from suite.effort import fuzz

times = st.lists(st.floats(1e-5, HIGHEST), min_size=1, max_size=60)
places = st.floats(0, 100)


def at_rank(values, p, rank):
    """작은 것부터 ``rank(n)``번째 값(1부터)."""
    return sorted(values)[max(1, rank(len(values) * p / 100)) - 1]


@fuzz(500)
@given(times, places, st.integers(1, 3))
def test_hdr_percentile_is_a_recorded_value_within_its_digits(values, p, digits):
    histogram = Histogram(digits)
    histogram.record(values)
    exact = at_rank(values, p, lambda x: int(x + 0.5))
    assert histogram.percentile(p) == pytest.approx(exact, rel=10**-digits, abs=TICK)


@fuzz(500)
@given(times, places)
def test_sketch_percentile_is_a_recorded_value_within_its_accuracy(values, p):
    sketch = Sketch(0.02)
    sketch.record(values)
    rank = int(p / 100 * (len(values) - 1)) + 1
    assert sketch.percentile(p) == pytest.approx(sorted(values)[rank - 1], rel=0.0201)


@pytest.mark.parametrize("kind", [Histogram, Sketch])
@fuzz(250)
@given(parts=st.lists(times, min_size=1, max_size=4), p=places)
def test_merging_is_the_same_as_counting_together(kind, parts, p):
    together, total = kind(), kind()
    for part in parts:
        one = kind()
        one.record(part)
        count = one.count
        total.merge(one)
        assert one.count == count  # 더해 준 쪽은 그대로입니다
        together.record(part)
    assert total.count == together.count
    assert total.percentile(p) == together.percentile(p)


def test_merged_sums_many_and_none():
    one = Histogram()
    one.record([0.5, 0.25])
    assert merged([one, one, Histogram()]).count == 4
    assert one.count == 2
    assert merged([]).count == 0


def test_size_does_not_grow_with_the_count():
    small, large = Histogram(), Histogram()
    values = np.random.default_rng(1).exponential(0.05, 100_000)
    small.record(values[:1000])
    large.record(values)
    assert len(small.encode()) < len(large.encode()) < 2500  # 값으로는 80만 바이트


def test_window_forgets_what_is_older_than_its_width():
    window = Window(10, slices=5)
    window.record(0, [9.0] * 10)
    window.record(9.9, [1.0])
    assert window.percentile(50) == pytest.approx(9, rel=0.01)
    window.record(10, [1.0])  # 첫 칸(0–2초)이 윈도 밖으로 나갑니다
    assert window.percentile(100) == pytest.approx(1, rel=0.01)
    window.record(1000, [2.0])
    assert window.percentile(0) == pytest.approx(2, rel=0.01)


def test_window_agrees_with_the_exact_percentile_of_recent_values():
    random, window = np.random.default_rng(3), Window(60, slices=60)
    seen = [(t, random.exponential(0.1, 30)) for t in range(300)]
    for t, values in seen:
        window.record(t, values)
    recent = np.concatenate([values for t, values in seen if t > 299 - 60])
    assert window.percentile(99) == pytest.approx(percentile(recent, 99), rel=0.03)


def test_one_value_is_every_percentile():
    for one in (Histogram(), Sketch()):
        one.record([0.2])
        assert one.percentile(0) == pytest.approx(0.2, rel=0.01)
        assert one.percentile(99.9) == pytest.approx(0.2, rel=0.01)


@pytest.mark.parametrize("kind", [Histogram, Sketch])
@pytest.mark.parametrize(
    "bad", [[0.1, -0.2], [math.nan], [math.inf], [HIGHEST * 2], ["빠름"], [[0.1]], 5]
)
def test_a_bad_time_is_refused_and_nothing_is_recorded(kind, bad):
    one = kind()
    with pytest.raises(InvalidValue, match=r"시간|시퀀스"):
        one.record(bad)
    assert one.count == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda: Histogram().percentile(50),
        lambda: Sketch().percentile(50),
        lambda: Window(10).percentile(50),
        lambda: Histogram(0),
        lambda: Histogram(2.5),
        lambda: Sketch(0),
        lambda: Sketch(math.nan),
        lambda: Window(0),
        lambda: Window(10, slices=0),
        lambda: Histogram(2).merge(Histogram(3)),
        lambda: Sketch(0.01).merge(Sketch(0.02)),
        lambda: Histogram().merge([0.1]),
        lambda: Window(10).record(-1, [0.1]),
        lambda: merged(Histogram()),
        lambda: merged([Histogram(), [0.1]]),
        lambda: merged(None),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(InvalidValue):
        make()


@pytest.mark.parametrize("p", [-1, 100.1, math.nan, "99"])
def test_a_place_outside_0_to_100_is_refused(p):
    for one in (Histogram(), Sketch()):
        one.record([0.1])
        with pytest.raises(InvalidValue, match="p="):
            one.percentile(p)


def test_time_does_not_run_backwards_in_a_window():
    window = Window(10)
    window.record(50, [0.1])
    with pytest.raises(InvalidValue, match="이릅니다"):
        window.record(3, [0.1])
