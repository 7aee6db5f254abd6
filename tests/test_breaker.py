"""서킷 브레이커: 같은 차례의 성공과 실패에 pybreaker와 같은 상태가 됩니다."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pybreaker
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.resilience.breaker import CLOSED, HALF_OPEN, OPEN, Breaker
from suite.effort import fuzz

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """pybreaker가 보는 시계."""

    def __init__(self):
        self.now = 0

    def module(self):
        return SimpleNamespace(now=lambda zone: EPOCH + timedelta(seconds=self.now))


def fail():
    raise OSError


# (지난 시간, 보내면 성공하나)
steps = st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=60)


@fuzz(1000)
@given(st.integers(1, 4), st.integers(1, 10), steps)
def test_the_same_calls_lead_to_the_states_of_pybreaker(failures, cooldown, steps):
    clock, ours = Clock(), Breaker(failures, cooldown)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pybreaker.datetime", clock.module())
        theirs = pybreaker.CircuitBreaker(fail_max=failures, reset_timeout=cooldown)
        for passed, works in steps:
            clock.now += passed
            sent = []
            with contextlib.suppress(OSError, pybreaker.CircuitBreakerError):
                theirs.call(lambda works=works, sent=sent: sent.append(1) or works or fail())
            allowed = ours.allow(clock.now)
            if allowed:
                (ours.succeeded if works else ours.failed)(clock.now)
            assert (allowed, ours.state) == (bool(sent), theirs.current_state)


def opened(failures: int = 2, cooldown: float = 10) -> Breaker:
    """0초에 끊은 브레이커."""
    breaker = Breaker(failures, cooldown)
    for _ in range(failures):
        breaker.failed(0)
    assert breaker.state == OPEN
    return breaker


def test_only_one_call_tries_whether_it_is_over():
    breaker = opened()
    assert not breaker.allow(9.9)
    assert [breaker.allow(10) for _ in range(3)] == [True, False, False]
    assert breaker.state == HALF_OPEN
    breaker.succeeded(10.5)
    assert breaker.allow(10.5)
    assert breaker.state == CLOSED


def test_a_trial_that_never_answers_does_not_close_the_way_forever():
    breaker = opened()
    assert breaker.allow(10)
    assert not breaker.allow(19)
    assert breaker.allow(20)


def test_what_was_sent_before_it_opened_changes_nothing():
    breaker = opened()
    breaker.failed(9)
    breaker.succeeded(9)
    assert breaker.state == OPEN
    assert breaker.allow(10), "늦게 온 실패가 끊은 시간을 늘렸습니다"


def test_failures_between_successes_do_not_open_it():
    breaker = Breaker(3, 10)
    for _ in range(20):
        breaker.failed(0)
        breaker.failed(0)
        breaker.succeeded(0)
    assert breaker.state == CLOSED


@pytest.mark.parametrize(("failures", "cooldown"), [(0, 1), (1.5, 1), (1, 0), (1, float("nan"))])
def test_a_breaker_that_makes_no_sense_is_refused(failures, cooldown):
    with pytest.raises(InvalidValue):
        Breaker(failures, cooldown)
