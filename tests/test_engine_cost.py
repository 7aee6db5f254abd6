"""시뮬레이션의 비용: 요청 하나에 부르는 함수, 예약하는 일, 쓰는 메모리. SimPy보다 빠른 이유입니다.

얼마나 빠른지는 `make bench`가 같은 장면에서 잽니다.
"""

import tracemalloc
from dataclasses import replace

import pytest
from benchmarks import simpy_cluster
from benchmarks.cluster import PLAN, SPEC

from calls import counted
from ddialab.cluster.simulation import simulate

SHORT = replace(SPEC, duration=10)
TIMERS = ("Engine.at", "Engine.after")


def run(record: bool = False):
    return simulate(SHORT, PLAN, 1, record=record)


def run_simpy():
    return simpy_cluster.simulate(SHORT, PLAN, 1)


@pytest.fixture(scope="module")
def ours():
    """요청 하나마다 부른 횟수."""
    return per_request(counted(run), run().total)


@pytest.fixture(scope="module")
def simpy():
    return per_request(counted(run_simpy), len(run_simpy()))


def per_request(calls, finished: int) -> dict[str, float]:
    return {name: count / finished for name, count in calls.items()}


def test_a_request_calls_few_functions(ours, simpy):
    """뜨거운 길에 함수 한 겹이 늘면 요청마다 한 번씩 늘어 넘칩니다."""
    calls = sum(ours.values())
    assert calls <= 13.5
    assert sum(simpy.values()) >= 5 * calls


def test_a_request_schedules_two_events(ours, simpy):
    """도착과 처리뿐입니다. 시도마다 시간 초과의 타이머를 걸면 하나가 늡니다."""
    events = sum(ours[name] for name in TIMERS)
    assert events <= 2.1
    assert simpy["Environment.schedule"] >= 4 * events


def test_recording_calls_at_most_two_functions_an_event(ours):
    """사건 하나를 적는 데 함수 둘까지여야 기록하면서도 SimPy보다 빠릅니다."""
    recorded = run(record=True)
    calls = counted(run, True).total() - sum(ours.values()) * recorded.total
    assert calls <= 2 * len(recorded.log)


def most_bytes(make) -> int:
    """``make()``를 하는 동안 가장 많이 쓴 메모리."""
    tracemalloc.start()
    try:
        make()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_finished_request_leaves_only_its_numbers():
    """도는 동안 쓰레기 수집기를 쉬게 합니다. 요청이 순환하면 끝난 요청이 모두 쌓입니다."""
    assert most_bytes(run) <= 110 * run().total


def test_an_event_is_one_small_tuple():
    more = most_bytes(lambda: run(record=True)) - most_bytes(run)
    assert more <= 125 * len(run(record=True).log)
