"""사건 엔진: 순서, 결정성, 시간은 뒤로 가지 않음, 취소."""

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.engine import Engine, exponential, rounded, seed_of
from ddialab.core.errors import InvalidValue
from suite.effort import fuzz

times = st.lists(st.floats(0, 100), max_size=40)


def played(schedule, until=100.0):
    """``schedule``을 그대로 넣고 돌려, 불린 순서대로 ``(시각, 몇 번째로 넣었나)``."""
    engine, seen = Engine(), []
    for number, time in enumerate(schedule):
        engine.at(time, lambda n: seen.append((engine.now, n)), number)
    engine.run(until)
    return seen


@fuzz(1000)
@given(times)
def test_calls_come_in_time_order_and_ties_in_insertion_order(schedule):
    assert played(schedule) == sorted((time, number) for number, time in enumerate(schedule))


@fuzz(1000)
@given(times, st.floats(0, 100))
def test_run_stops_at_until_and_continues_later(schedule, until):
    engine, seen = Engine(), []
    for time in schedule:
        engine.at(time, seen.append, time)
    engine.run(until)
    assert engine.now == until
    assert seen == sorted(time for time in schedule if time <= until)
    engine.run(100)
    assert seen == sorted(schedule)


@fuzz(1000)
@given(st.lists(st.tuples(st.floats(0, 10), st.booleans()), max_size=30))
def test_cancelled_timers_never_call_and_the_others_all_do(schedule):
    engine, seen = Engine(), []
    timers = [engine.at(time, seen.append, i) for i, (time, _) in enumerate(schedule)]
    for timer, (_, cancelled) in zip(timers, schedule, strict=True):
        if cancelled:
            engine.cancel(timer)
    engine.run(10)
    assert sorted(seen) == [i for i, (_, cancelled) in enumerate(schedule) if not cancelled]


def test_cancel_after_the_call_is_harmless():
    engine, seen = Engine(), []
    timer = engine.after(1, seen.append, "한 번")
    engine.run(2)
    engine.cancel(timer)
    engine.run(3)
    assert seen == ["한 번"]


def test_a_run_that_was_interrupted_goes_on_later():
    engine, seen = Engine(), []

    def interrupt():
        raise KeyboardInterrupt

    for time in (1, 2):
        engine.at(time, interrupt)
    engine.at(3, seen.append, "다음 일")
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            engine.run(10)
    engine.run(10)
    assert seen == ["다음 일"]
    assert engine.now == 10


@fuzz(1000)
@given(st.lists(st.floats(0, 5), min_size=1, max_size=20))
def test_time_never_goes_back_while_calls_make_calls(delays):
    engine, clock = Engine(), []

    def again(rest):
        clock.append(engine.now)
        if rest:
            engine.after(rest[0], again, rest[1:])
            engine.after(0, clock.append, engine.now)

    engine.after(0, again, delays)
    engine.run(1000)
    assert clock == sorted(clock)
    assert len(clock) == 2 * len(delays) + 1


@pytest.mark.parametrize("time", [0.5, -1, math.nan])
def test_the_past_and_nan_are_refused(time):
    engine = Engine()
    engine.run(1)
    with pytest.raises(InvalidValue, match="이후"):
        engine.at(time, print)
    with pytest.raises(InvalidValue):
        engine.run(time)


@pytest.mark.parametrize("delay", [-0.1, math.nan])
def test_negative_delays_are_refused(delay):
    with pytest.raises(InvalidValue, match="0 이상"):
        Engine().after(delay, print)


def test_seed_must_be_an_integer():
    with pytest.raises(InvalidValue, match="정수"):
        Engine(seed="하나")


def draws(engine, name, n=5):
    return [engine.stream(name).random() for _ in range(n)]


def test_streams_are_independent_of_each_other_and_of_asking_order():
    alone = draws(Engine(7), "도착")
    mixed = Engine(7)
    draws(mixed, "처리", 100)
    assert draws(mixed, "도착") == alone
    assert draws(Engine(8), "도착") != alone
    assert draws(Engine(7), "처리") != alone


def test_exponential_has_its_mean_and_shares_the_stream():
    draw = Engine(3).exponential("수명", 4.0)
    values = [draw() for _ in range(20_000)]
    assert sum(values) / len(values) == pytest.approx(4.0, rel=0.03)
    assert min(values) >= 0


def test_seeds_do_not_depend_on_pythonhashseed():
    code = "from ddialab.core.engine import seed_of; print(seed_of(1, '도착'))"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "src"},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert outputs == {f"{seed_of(1, '도착')}\n"}


@fuzz(1000)
@given(st.floats(1e-200, 700), st.sampled_from([-1, 1]))
def test_rounding_keeps_thirty_bits_and_forgets_what_libraries_disagree_on(value, sign):
    """수학 라이브러리끼리는 마지막 자리가 다릅니다. 두 눈금의 한가운데만 빼면 같아집니다."""
    step, kept = math.ldexp(1, math.frexp(value)[1] - 30), rounded(value)
    assert kept % step == 0
    assert abs(kept - value) <= step / 2
    assert rounded(-value) == -kept
    near = math.nextafter(value, math.inf * sign)
    if step / 2 - abs(kept - value) > 2 * math.ulp(value):
        assert rounded(near) == kept


def test_a_draw_is_rounded():
    uniform = Engine(1).stream("a").random
    draw = exponential(Engine(1).stream("a").random, 2.5)
    assert [draw() for _ in range(100)] == [
        -rounded(math.log(1 - uniform())) * 2.5 for _ in range(100)
    ]


def test_run_in_slices_is_run_at_once():
    """몇 번에 나누어 돌리든 일어나는 일과 시각은 같습니다."""

    def chain(most):
        engine, seen = Engine(3), []
        gap = engine.exponential("간격", 1.0)

        def step():
            seen.append(engine.now)
            engine.after(gap(), step)

        engine.after(gap(), step)
        runs = 1
        while not engine.run(50, most):
            assert engine.now == seen[-1]
            runs += 1
        return seen, engine.now, runs

    seen, now, runs = chain(math.inf)
    assert (now, runs) == (50, 1)
    for most in (1, 7, len(seen), len(seen) + 1):
        sliced, now, runs = chain(most)
        assert (sliced, now) == (seen, 50)
        assert runs == len(seen) // most + 1
