"""Valkey에 둔 토큰 버킷: 쌍둥이(TokenBucket)와 답이 같고, 여럿이 꺼내도 한도를 넘지 않습니다."""

from __future__ import annotations

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.rate_limit import CLOSED, OPEN, TOLD_CLOCK, RateLimit, install, key_of
from ddialab.core.backend import open_redis
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability
from ddialab.resilience.limiter import TokenBucket
from suite.effort import fuzz

numbers = itertools.count()
gaps = st.lists(st.floats(-2, 20) | st.integers(0, 20).map(lambda n: n / 4), max_size=60)
positive = {"allow_nan": False, "allow_infinity": False}


class Told(RateLimit):
    """시각을 부르는 쪽이 정합니다. 서버는 그 시계를 모르므로 키를 잊지 않습니다."""

    library = "take_told"

    def at(self, who: str, now: float) -> bool:
        settings = (repr(self.rate), repr(self.burst), 0, repr(now))
        return bool(self.backend.client.fcall(self.library, 1, key_of(who), *settings))


@pytest.fixture(scope="module")
def server():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DDIALAB_BACKEND", "local")
        with open_redis() as opened:
            install(opened.client)
            install(opened.client, Told.library, TOLD_CLOCK)
            yield opened


@fuzz(1000)
@given(st.floats(0.01, 100, **positive), st.floats(1, 50, **positive), gaps)
def test_the_same_requests_are_taken_as_by_the_twin(server, rate, burst, gaps):
    """비트까지: 같은 계산을 같은 차례로 하므로 경계에서도 답이 하나입니다."""
    now, who = 1e9, f"쌍둥이-{next(numbers)}"
    ours, twin = Told(server, rate, burst), TokenBucket(rate, burst, now)
    for gap in (0, *gaps):
        now += gap
        assert ours.at(who, now) == twin.take(now)
    kept = server.client.get(key_of(who)).split()
    assert [float(one) for one in kept] == [twin._tokens, twin._last]


@fuzz(300)
@given(
    st.sampled_from([0.5, 1, 3]),
    st.integers(1, 8),
    st.lists(st.integers(0, 6).map(lambda n: n / 4), min_size=1, max_size=60),
)
def test_no_window_passes_more_than_burst_and_rate_allow(server, rate, burst, gaps):
    """참조: 어느 구간이든 길이가 t이면 burst + rate × t건을 넘지 않습니다."""
    limit, who, now, passed = Told(server, rate, burst), f"구간-{next(numbers)}", 0.0, []
    for gap in gaps:
        now += gap
        passed += [now] * limit.at(who, now)
    for first, start in enumerate(passed):
        for last in range(first, len(passed)):
            assert last - first + 1 <= burst + rate * (passed[last] - start) + 1e-9


def test_the_clock_is_the_servers_and_the_key_is_forgotten_when_full(server):
    limit = RateLimit(server, rate=0.001, burst=3)
    assert [limit.take("소라") for _ in range(4)] == [True, True, True, False]
    _, last = server.client.get(key_of("소라")).split()
    seconds, micro = server.client.time()
    assert 0 <= seconds + micro / 1e6 - float(last) < 3600
    assert 0 < server.client.pttl(key_of("소라")) <= limit.forgets_after == 3_000_000
    server.client.delete(key_of("소라"))  # 만료
    assert limit.take("소라")


def test_one_user_does_not_spend_anothers_tokens(server):
    limit = RateLimit(server, rate=0.001, burst=2)
    assert [limit.take(who) for who in ("나래", "나래", "나래", "다온")] == [
        True,
        True,
        False,
        True,
    ]


def test_many_threads_take_no_more_than_there_are(server):
    limit, taken = RateLimit(server, rate=0.0001, burst=50), []
    threads = [
        threading.Thread(target=lambda: taken.extend(limit.take("함께") for _ in range(25)))
        for _ in range(8)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (len(taken), sum(taken)) == (200, 50)


@pytest.mark.parametrize(("when_down", "answer"), [(OPEN, True), (CLOSED, False)])
def test_when_the_server_is_down_the_choice_is_kept(monkeypatch, when_down, answer):
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with open_redis() as opened:
        install(opened.client)
        limit = RateLimit(opened, rate=0.001, burst=1, when_down=when_down)
        assert [limit.take("소라"), limit.take("소라"), limit.unanswered] == [True, False, 0]
        opened.process.stop()
        assert [limit.take("소라"), limit.take("소라"), limit.unanswered] == [answer, answer, 2]


def test_a_missing_function_is_a_mistake_and_not_an_outage(monkeypatch):
    """설정을 잘못하고 열어 두면 아무도 모르게 한도가 없어집니다."""
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with open_redis() as opened, pytest.raises(BackendUnavailable):
        RateLimit(opened, 1, 1, when_down=OPEN).take("소라")


def test_a_server_without_functions_is_told(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    with open_redis() as opened, pytest.raises(MissingCapability, match="FUNCTION"):
        RateLimit(opened, 1, 1)


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 0}, {"burst": 0.5}, {"when_down": "maybe"}, {"rate": float("inf")}],
)
def test_a_limit_that_makes_no_sense_is_refused(server, wrong):
    with pytest.raises(InvalidValue):
        RateLimit(server, **{"rate": 1, "burst": 1, **wrong})


@pytest.mark.parametrize("who", ["", "가" * 101])
def test_a_name_that_makes_no_key_is_refused(server, who):
    with pytest.raises(InvalidValue, match="who"):
        RateLimit(server, 1, 1).take(who)


@pytest.mark.parametrize(("rate", "seconds"), [(0.3, 4), (1, 1), (50, 1)])
def test_the_wait_that_is_told_is_long_enough(server, rate, seconds):
    limit = Told(server, rate, 1)
    assert limit.retry_after == seconds
    assert [limit.at(f"기다림 {rate}", now) for now in (0.0, seconds)] == [True, True]
