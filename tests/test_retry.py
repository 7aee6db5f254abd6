"""재시도: 기다림은 tenacity와 같고, 예산을 넘는 재시도는 나가지 않습니다."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import tenacity
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.resilience.retry import FULL, NONE, Backoff, Budget, Fixed, at_once
from suite.effort import fuzz

seconds = st.floats(0.001, 100)
chances = st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=30)


def waits(policy, drawn) -> list[float | None]:
    return [policy(attempt, chance) for attempt, chance in enumerate(drawn, 1)]


def theirs(policy, drawn, monkeypatch) -> list[float]:
    """tenacity의 정책이 같은 난수로 기다리는 시간들."""
    draw = iter(drawn)
    uniform = SimpleNamespace(uniform=lambda low, high: low + (high - low) * next(draw))
    monkeypatch.setattr("tenacity.wait.random", uniform)
    return [policy(SimpleNamespace(attempt_number=n)) for n in range(1, len(drawn) + 1)]


@fuzz(1000)
@given(seconds, seconds, chances)
def test_backoff_waits_as_long_as_tenacity(base, cap, drawn):
    with pytest.MonkeyPatch.context() as patch:
        full = theirs(tenacity.wait_random_exponential(base, max=cap), drawn, patch)
    plain = theirs(tenacity.wait_exponential(base, max=cap), drawn, pytest.MonkeyPatch())
    assert waits(Backoff(base, cap, len(drawn), FULL), drawn) == pytest.approx(full)
    assert waits(Backoff(base, cap, len(drawn), NONE), drawn) == pytest.approx(plain)


def test_tenacity_gives_up_after_the_same_number_of_retries():
    """tenacity는 첫 시도까지 셉니다: 재시도가 셋이면 시도는 넷입니다."""
    tries, policy = [], Fixed(0.0, most=3)
    retrying = tenacity.Retrying(stop=tenacity.stop_after_attempt(4), sleep=lambda _: None)
    with pytest.raises(tenacity.RetryError):
        retrying(lambda: tries.append(1) or 1 / 0)
    assert waits(policy, [0.0] * len(tries)) == [0.0, 0.0, 0.0, None]


def test_jitter_spreads_clients_that_failed_together():
    full, none = Backoff(1, 60, 5), Backoff(1, 60, 5, jitter=NONE)
    drawn = [n / 40 for n in range(40)]
    assert len({full(3, chance) for chance in drawn}) == 40
    assert {none(3, chance) for chance in drawn} == {4}


@pytest.mark.parametrize("policy", [at_once(2), Fixed(1, 2), Backoff(1, 8, 2)])
def test_a_policy_gives_up_after_its_last_retry(policy):
    assert [policy(n, 0.5) is None for n in (1, 2, 3, 10**6)] == [False, False, True, True]


def test_a_huge_number_of_retries_stays_under_the_cap():
    assert Backoff(1, 8, 10**9, jitter=NONE)(10**9, 0.5) == 8


@fuzz(500)
@given(st.sampled_from([0.1, 0.2, 0.3, 0.5, 1, 2]), st.integers(1, 20), st.lists(st.booleans()))
def test_retries_never_exceed_the_budget(ratio, burst, retries):
    """True면 재시도를 물어보고 False면 첫 요청입니다."""
    budget, first, sent = Budget(ratio, burst), 0, 0
    for retry in retries:
        if retry:
            sent += budget.allow()
        else:
            budget.deposit()
            first += 1
        assert sent <= burst + first * ratio + 1e-9


def test_ten_first_requests_buy_exactly_one_retry():
    budget = Budget(0.1, burst=1)
    assert budget.allow()
    for _ in range(9):
        budget.deposit()
        assert not budget.allow()
    budget.deposit()
    assert budget.allow()


def test_an_idle_hour_saves_no_more_than_the_burst():
    budget = Budget(0.5, burst=3)
    for _ in range(1000):
        budget.deposit()
    assert [budget.allow() for _ in range(5)] == [True] * 3 + [False] * 2


@pytest.mark.parametrize(
    "make",
    [
        lambda: Fixed(-1, 3),
        lambda: Fixed(1, -1),
        lambda: Backoff(0, 1, 3),
        lambda: Backoff(1, 0, 3),
        lambda: Backoff(1, 2, 2.5),
        lambda: Backoff(1, 2, 3, jitter="조금"),
        lambda: Budget(0, 1),
        lambda: Budget(0.1, 0.5),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(make):
    with pytest.raises(InvalidValue):
        make()
