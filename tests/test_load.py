"""부하: 도착의 통계, 클로즈드 루프가 답을 기다리는가, Zipf의 쏠림."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.engine import Engine
from ddialab.core.errors import InvalidValue
from ddialab.stress.load import Adjustable, Closed, Constant, Poisson, Zipf, popular
from suite.effort import fuzz


def arrivals(load, until, seed=1):
    engine, seen = Engine(seed), []
    load.start(engine, lambda done: seen.append(engine.now))
    engine.run(until)
    return np.array(seen)


def test_poisson_has_its_rate_and_exponential_gaps():
    times = arrivals(Poisson(100), 200)
    assert len(times) == pytest.approx(20_000, abs=4 * math.sqrt(20_000))
    gaps = np.diff(times)
    assert gaps.std() == pytest.approx(gaps.mean(), rel=0.05)  # 지수분포의 성질
    counts = np.bincount(times.astype(int), minlength=200)
    assert counts.var() == pytest.approx(counts.mean(), rel=0.35)  # 포아송의 성질


def test_an_adjustable_load_is_poisson_at_each_rate_it_was_turned_to():
    """바꾸기 전의 타이머가 남으면 두 배로 옵니다."""
    load, engine, seen = Adjustable(20), Engine(1), []
    load.start(engine, lambda done: seen.append(engine.now))
    for until, rate in ((100, 200), (100, 100), (200, 5), (600, 5)):
        engine.run(until)
        load.turn(rate)
    times = np.array(seen)
    for since, until, rate in ((0, 100, 20), (100, 200, 100), (200, 600, 5)):
        count = ((since < times) & (times <= until)).sum()
        expected = rate * (until - since)
        assert count == pytest.approx(expected, abs=4 * math.sqrt(expected))


@pytest.mark.parametrize("rate", [0, -1, math.inf, "많이"])
def test_an_impossible_rate_is_refused_and_the_old_one_goes_on(rate):
    load, engine, seen = Adjustable(20), Engine(1), []
    load.start(engine, lambda done: seen.append(engine.now))
    with pytest.raises(InvalidValue):
        load.turn(rate)
    engine.run(10)
    assert load.rate == 20
    assert len(seen) > 100


def test_constant_keeps_exact_times_without_drift():
    times = arrivals(Constant(10), 1000)
    assert len(times) == 10_000
    assert times[-1] == pytest.approx(1000, abs=1e-9)
    assert np.allclose(np.diff(times), 0.1)


def test_same_seed_same_arrivals():
    assert (arrivals(Poisson(10), 50) == arrivals(Poisson(10), 50)).all()
    assert arrivals(Poisson(10), 50, 2)[0] != arrivals(Poisson(10), 50)[0]


@pytest.mark.parametrize("slow", [0.0, 9.0])
def test_closed_loop_slows_down_with_the_answers_and_open_loop_does_not(slow):
    def count(load):
        engine, sent = Engine(1), []

        def submit(done):
            sent.append(engine.now)
            if done is not None:
                engine.after(slow, done)

        load.start(engine, submit)
        engine.run(1000)
        return len(sent)

    assert count(Closed(10, think=1)) == pytest.approx(10_000 / (1 + slow), rel=0.06)
    assert count(Poisson(10)) == pytest.approx(10_000, rel=0.06)


def test_closed_loop_never_has_more_requests_out_than_clients():
    engine, out, most = Engine(1), [0], [0]

    def submit(done):
        out[0] += 1
        most[0] = max(most[0], out[0])
        engine.after(5, lambda: (out.__setitem__(0, out[0] - 1), done()))

    Closed(3, think=0.1).start(engine, submit)
    engine.run(200)
    assert most[0] == 3


def test_zipf_matches_its_own_probabilities():
    zipf = Zipf(100, 1.1, seed=5)
    counts = np.bincount(zipf.draw(200_000), minlength=100)
    expected = zipf.probabilities * 200_000
    chi_square = ((counts - expected) ** 2 / expected).sum()
    assert chi_square < 99 + 5 * math.sqrt(2 * 99)
    assert zipf.probabilities[0] / zipf.probabilities[9] == pytest.approx(10**1.1)


def test_zipf_zero_is_uniform():
    assert np.allclose(Zipf(8, 0).probabilities, 1 / 8)


@fuzz(1000)
@given(st.integers(1, 500), st.floats(0, 2), st.integers(0, 99), st.integers(0, 50))
def test_zipf_keys_are_in_range_and_prefixes_agree(keys, exponent, seed, n):
    zipf = Zipf(keys, exponent, seed)
    drawn = zipf.draw(n)
    assert drawn.shape == (n,)
    assert ((drawn >= 0) & (drawn < keys)).all()
    assert (Zipf(keys, exponent, seed).draw(n + 7)[:n] == drawn).all()


def test_zipf_seeds_differ():
    assert (Zipf(1000, 1, 1).draw(50) != Zipf(1000, 1, 2).draw(50)).any()


@pytest.mark.parametrize(
    "make",
    [
        lambda: Poisson(0),
        lambda: Poisson(math.nan),
        lambda: Constant(-1),
        lambda: Closed(0, 1),
        lambda: Closed(1, 0),
        lambda: Poisson("많이"),
        lambda: Zipf(0, 1),
        lambda: Zipf(10, 2.1),
        lambda: Zipf(10, -0.1),
        lambda: Zipf(10, 1).draw(-1),
        lambda: Zipf(10, 1).draw(1.5),
    ],
)
def test_bad_loads_are_refused_in_korean(make):
    with pytest.raises(InvalidValue, match="야 합니다"):
        make()


@pytest.mark.parametrize("exponent", [0, 1, 2])
def test_popular_keys_come_as_often_as_zipf_says(exponent):
    pick, n = popular(6, exponent, Engine(3).stream("키").random), 4000
    share = np.bincount([pick() for _ in range(n)], minlength=6) / n
    assert np.abs(share - Zipf(6, exponent).probabilities).max() < 4 * math.sqrt(0.25 / n)
