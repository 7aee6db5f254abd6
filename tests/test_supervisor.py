"""감독 프로세스의 판단: 같은 때에 죽으면 supervisord와 같은 때에 다시 켜고, 같이 그만둡니다."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.resilience.retry import NONE, Backoff
from ddialab.resilience.supervisor import Supervisor
from suite.effort import fuzz

STARTSECS = 5
posix = pytest.mark.skipif(os.name == "nt", reason="supervisor는 Windows에서 돌지 않습니다")


def theirs(lives: list[int], startretries: int) -> list[float | None]:
    """``lives``초씩 사는 자식을 supervisord가 다시 켜기까지 기다리는 시간들. 그만두면 None."""
    from supervisor.process import ProcessStates, Subprocess
    from supervisor.tests.base import DummyOptions, DummyPConfig

    clock = SimpleNamespace(now=1_000_000.0)
    waited = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("supervisor.process.time", SimpleNamespace(time=lambda: clock.now))
        config = DummyPConfig(
            DummyOptions(), "child", "/child", "/bin/child", startsecs=STARTSECS,
            startretries=startretries, autorestart=True,
        )  # fmt: skip
        child = Subprocess(config)
        child.state, child.laststart, child.pid = ProcessStates.STARTING, clock.now, 1
        for life in lives:
            clock.now += life
            child.transition()  # 오래 살았으면 RUNNING
            child.finish(1, 1 << 8)
            died, child.pid = clock.now, 0
            child.transition()
            if child.state == ProcessStates.FATAL:
                return [*waited, None]
            if child.state == ProcessStates.BACKOFF:
                clock.now = child.delay
            patch.setattr(child, "spawn", lambda: None)
            waited.append(clock.now - died)
            child.state, child.laststart, child.pid = ProcessStates.STARTING, clock.now, 1
    return waited


def ours(lives: list[int], startretries: int) -> list[float | None]:
    def wait(attempt, chance):  # supervisord는 1초씩 더 기다립니다
        return attempt if attempt <= startretries else None

    supervisor, now, waited = Supervisor(wait, STARTSECS), 0.0, []
    for life in lives:
        waited.append(supervisor.died(now + life))
        if waited[-1] is None:
            assert supervisor.reason
            return waited
        now += life + waited[-1]
    return waited


@posix
@fuzz(300)
@given(st.lists(st.sampled_from([1, 4, 6, 60]), max_size=20), st.integers(0, 4))
def test_the_same_deaths_lead_to_the_restarts_of_supervisord(lives, startretries):
    assert ours(lives, startretries) == theirs(lives, startretries)


def test_a_crash_loop_is_stopped_and_says_why():
    supervisor, now, waited = Supervisor(Backoff(1, 8, 5, jitter=NONE), within=10), 0.0, []
    while (delay := supervisor.died(now + 0.5)) is not None:
        waited.append(delay)
        now += 0.5 + delay
    assert waited == [1, 2, 4, 8, 8]
    assert supervisor.reason == "켜고 10초를 못 넘기기를 내리 6번 했습니다."


def test_living_long_enough_is_a_fresh_start():
    supervisor = Supervisor(Backoff(1, 8, 3, jitter=NONE), within=10)
    assert [supervisor.died(0.5), supervisor.died(2)] == [1, 2]
    assert supervisor.died(4 + 10) == 0, "2초 뒤인 4초에 켜서 10초를 살았습니다"
    assert supervisor.died(14.5) == 1


def test_waiting_is_not_living():
    """죽은 채 기다린 시간까지 살았던 것으로 세면, 기다림이 길어지는 순간 크래시 루프를 놓칩니다."""
    supervisor, now = Supervisor(Backoff(8, 64, 3, jitter=NONE), within=10), 0.0
    for _ in range(3):
        now += supervisor.died(now) + 0.5
    assert supervisor.died(now) is None


def test_the_drawn_chance_reaches_the_policy():
    assert Supervisor(Backoff(8, 64, 3), within=10).died(0.5, chance=0.25) == 2


@pytest.mark.parametrize(("within", "now"), [(0, 0), (-1, 0), (1, float("inf"))])
def test_a_supervisor_that_makes_no_sense_is_refused(within, now):
    with pytest.raises(InvalidValue):
        Supervisor(Backoff(1, 8, 3), within, now)
