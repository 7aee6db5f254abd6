"""펼치기: 하나가 죽거나 멈춰도 나머지는 끝나고, 그만두면 남는 프로세스가 없습니다."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from classroom.marking import spread
from classroom.marking.spread import LostTask
from ddialab.core.errors import BackendUnavailable, InvalidValue
from suite.effort import trials
from waiting import BOUND, wait_until

ROOT = Path(__file__).resolve().parents[2]


def square(x: int) -> int:
    """작은 일. 음수는 그 이름의 사고를 냅니다."""
    if x == -1:
        os._exit(9)
    if x == -2:
        raise RuntimeError("일이 틀어졌습니다")
    if x == -3:
        os.kill(os.getpid(), signal.SIGKILL)
    if x == -4:
        threading.Event().wait()
    return x * x


def big(x: int) -> bytes:
    return b"x" * x


def unpicklable(x: int):
    return lambda: x


def results(tasks, work=square, workers=2):
    with spread.local(workers) as executor:
        return dict(spread.spread(work, tasks, executor))


def test_every_task_gets_its_own_result():
    assert results(range(5)) == {x: x * x for x in range(5)}


def test_a_dead_process_loses_only_its_own_task():
    got = results([1, -1, 2, -3, -2, 3], workers=2)
    assert {x: got[x] for x in (1, 2, 3)} == {1: 1, 2: 4, 3: 9}
    assert "갑자기 끝났습니다" in got[-1].why
    assert "갑자기 끝났습니다" in got[-3].why
    assert got[-2] == LostTask("RuntimeError: 일이 틀어졌습니다")


def test_a_task_that_never_answers_is_given_up():
    with spread.local(1) as executor:
        [(_, lost)] = spread.spread(square, [-4], executor, patience=0.2)
        assert "0.2초 동안 답하지 않았습니다" in lost.why
        assert not graders()
        assert list(spread.spread(square, [3], executor)) == [(3, 9)]


def test_a_result_larger_than_a_pipe_comes_back_whole():
    assert len(results([5_000_000], big)[5_000_000]) == 5_000_000


def test_a_result_that_cannot_travel_is_lost_not_a_hang():
    assert isinstance(results([1], unpicklable)[1], LostTask)


def test_at_most_so_many_at_once():
    """워커가 하나면 하나씩, 준 차례대로 끝납니다."""
    assert list(results([3, 1, 2], workers=1)) == [3, 1, 2]


def graders() -> list:
    return [p for p in multiprocessing.active_children() if p.name == spread.CHILD]


def test_stopping_early_kills_what_runs():
    """Ctrl-C와 같은 길입니다. 끝나지 않는 일들이므로, 돌아왔으면 기다리지 않은 것입니다."""
    with (
        spread.local(3) as executor,
        closing(spread.spread(square, [2, -4, -4, -4, -4], executor)) as outcomes,
    ):
        assert next(outcomes) == (2, 4)
    assert not graders()


PARENT = """
import sys
sys.path.insert(0, "tests")
from concurrent.futures import ThreadPoolExecutor
from classroom.marking.spread import spread
from tests.classroom.test_spread import square
with ThreadPoolExecutor(2) as executor:
    for _ in spread(square, [1, -4, -4], executor):
        print("ready", flush=True)
"""


@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(10)))
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_children_die_with_the_parent(how, nth):
    """부모가 정리할 틈 없이 죽어도 도는 채점이 남지 않습니다."""
    run = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert run.stdout.readline() == b"ready\n"
        family = psutil.Process(run.pid).children(recursive=True)
        assert len(family) >= 2
        run.send_signal(how)
        assert not psutil.wait_procs(family, timeout=BOUND)[1]
        run.wait(BOUND)
    finally:
        run.kill()


@pytest.mark.parametrize("workers", [0, -1, 513, True, "2", 1.5])
def test_an_impossible_number_of_workers_is_refused(workers):
    with pytest.raises(InvalidValue), spread.local(workers):
        pass


# ── 여러 컴퓨터 ───────────────────────────────────────────────────────────


def fine() -> str:
    return ""


def not_fine() -> str:
    return "bubblewrap이 없습니다."


@pytest.fixture(scope="module")
def cluster():
    """진짜 프로세스로 된 스케줄러와 워커 둘. 워커는 유모(nanny)가 되살립니다."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=2, dashboard_address=":0", host="127.0.0.1"
    ) as running:
        yield running.scheduler_address


def test_dask_gives_the_same_results(cluster):
    with spread.dask(cluster, fine) as executor:
        got = dict(spread.spread(square, [1, -1, 2, -2, 3], executor))
    assert got == results([1, -1, 2, -2, 3])


def test_dask_is_reached_from_inside_a_running_loop(cluster):
    """주피터의 셀은 도는 이벤트 루프 안에 있습니다."""

    async def cell():
        with spread.dask(cluster, fine) as executor:
            return dict(spread.spread(square, [1, 2], executor))

    with ThreadPoolExecutor(1) as aside:  # 이 스레드에는 브라우저 테스트의 루프가 있을 수 있습니다
        assert aside.submit(lambda: asyncio.run(cell())).result() == {1: 1, 2: 4}


def test_a_dask_worker_that_is_not_ready_is_named(cluster):
    said = pytest.raises(BackendUnavailable, match="bubblewrap이 없습니다")
    with said, spread.dask(cluster, not_fine):
        pass


def test_a_scheduler_without_workers_says_how_to_add_one():
    from distributed import LocalCluster

    said = pytest.raises(BackendUnavailable, match="dask worker")
    empty = LocalCluster(n_workers=0, processes=False, dashboard_address=":0")
    with empty, said, spread.dask(empty.scheduler_address, fine):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nowhere", "tcp://", ""])
def test_a_scheduler_out_of_reach_is_a_korean_error(address, monkeypatch):
    monkeypatch.setattr(spread, "CONNECT", "2s")
    before = set(threading.enumerate())
    said = pytest.raises(BackendUnavailable, match="연결할 수 없습니다")
    with said, spread.dask(address, fine):
        pass
    wait_until(lambda: set(threading.enumerate()) <= before, "만들다 만 Client의 스레드가 끝남")
