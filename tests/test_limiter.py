"""토큰 버킷: 같은 때에 온 요청에 aiolimiter와 같은 답을 합니다."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from aiolimiter import AsyncLimiter
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.resilience.limiter import TokenBucket
from suite.effort import fuzz

# 4분의 1초씩. 2의 거듭제곱으로 나눈 수는 더해도 오차가 없어, 경계에서도 답이 하나입니다
gaps = st.lists(st.integers(0, 20).map(lambda n: n / 4), max_size=80)


class Theirs:
    """시계를 우리가 정하는 aiolimiter. 새는 양동이의 빈자리가 토큰입니다."""

    def __init__(self, rate: float, burst: float):
        self.limiter = AsyncLimiter(burst, burst / rate)
        self.limiter._event_loop = SimpleNamespace(is_closed=lambda: False, time=lambda: self.now)
        self.now = 0.0

    def take(self, now: float) -> bool:
        self.now = now
        if not self.limiter.has_capacity():
            return False
        with pytest.raises(StopIteration):  # 자리가 있으면 기다리지 않고 끝납니다
            self.limiter.acquire().send(None)
        return True


@fuzz(1000)
@given(st.sampled_from([0.25, 0.5, 1, 2, 4]), st.sampled_from([1, 2, 4, 8]), gaps)
def test_the_same_requests_are_taken_as_by_aiolimiter(rate, burst, gaps):
    ours, theirs, now = TokenBucket(rate, burst), Theirs(rate, burst), 0.0
    for gap in gaps:
        now += gap
        assert ours.take(now) == theirs.take(now)


def test_a_burst_passes_at_once_and_then_the_rate_holds():
    bucket = TokenBucket(rate=2, burst=3)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(now) for now in (0.4, 0.5, 0.6, 1.0)] == [False, True, False, True]


def test_an_idle_hour_saves_no_more_than_the_burst():
    bucket = TokenBucket(rate=2, burst=3)
    assert sum(bucket.take(3600) for _ in range(10)) == 3


def test_a_clock_that_goes_back_gives_and_takes_nothing():
    bucket = TokenBucket(rate=1, burst=1, now=10)
    assert bucket.take(10)
    assert not bucket.take(5)
    assert not bucket.take(10.5), "5초로 돌아갔던 시계가 토큰을 주었습니다"
    assert bucket.take(11)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0), (1, 0.5), ("1", 1)])
def test_a_limit_that_makes_no_sense_is_refused(rate, burst):
    with pytest.raises(InvalidValue):
        TokenBucket(rate, burst)
