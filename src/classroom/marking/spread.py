"""펼치기: 제출마다 프로세스 하나를 띄워, 이 컴퓨터나 여러 컴퓨터에서 나란히 채점합니다.

프로세스 하나가 죽거나 멈춰도 그 제출만 잃습니다. 어디서 돌리든 같은 함수이고 같은 결과입니다.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from concurrent.futures import wait as still
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from typing import Any

from ddialab.core.dask import dask_client
from ddialab.core.errors import BackendUnavailable, check_integer

# 채점은 제 시간을 스스로 지킵니다. 이만큼(초) 답이 없으면 채점기가 고장 난 것으로 봅니다
PATIENCE = 600
CHILD = "ddialab-grade"
# 제출마다 다시 불러오지 않을 것들. 과제의 주어진 셀이 흔히 쓰는 것까지입니다
PRELOAD = ["classroom.marking.grade", "ddialab.blocks.cache", "numpy.random", "pyseccomp"]
CONNECT = "15s"  # Dask의 대답을 기다리는 시간


@dataclass(frozen=True)
class LostTask:
    """결과를 내지 못하고 끝난 일과 그 까닭."""

    why: str


def spread(
    work: Callable, tasks: Sequence, executor: Executor, patience: float = PATIENCE
) -> Iterator[tuple[Any, Any]]:
    """``work(task)``의 결과를 끝나는 대로 ``(task, 결과)``로 내놓습니다.

    결과를 내지 못한 일의 결과는 `LostTask`입니다. 도중에 그만두면 돌던 프로세스를 모두 죽입니다.
    """
    futures = {executor.submit(alone, work, task, patience): task for task in tasks}
    try:
        for future in as_completed(futures):
            yield futures[future], _outcome(future)
    finally:
        _stop(futures)


def alone(work: Callable, task: Any, patience: float = PATIENCE) -> Any:
    """새 프로세스에서 ``work(task)``를 돌립니다. 못 끝내면 `LostTask`(초 단위 ``patience``)."""
    # Dask의 워커는 자식을 못 두는 daemon이지만, 이 자식은 부모가 죽으면 스스로 끝납니다
    multiprocessing.current_process()._config["daemon"] = False
    context = _context()
    answer, ours = context.Pipe(duplex=False)
    process = context.Process(target=_child, args=(ours, work, task), name=CHILD)
    process.start()
    ours.close()
    try:
        return _received(answer, patience)
    finally:
        answer.close()
        process.kill()
        process.join()


@contextmanager
def local(workers: int) -> Iterator[Executor]:
    """이 컴퓨터에서 한 번에 ``workers``개씩."""
    executor = ThreadPoolExecutor(check_integer("workers", workers, minimum=1, maximum=512))
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def dask(address: str, ready: Callable[[], str] = str) -> Iterator[Executor]:
    """Dask 스케줄러 ``address``(``tcp://호스트:포트``)의 워커들에게 나눠 줍니다.

    ``ready``는 워커마다 돌려 보는 점검이고 안 되는 까닭을 돌려줍니다. 스케줄러에 닿지 않거나,
    워커가 없거나, 까닭이 하나라도 있으면 `BackendUnavailable`입니다.
    """
    client = dask_client("SCHEDULER", address, CONNECT)
    try:
        _check(client, address, ready)
        yield client.get_executor(pure=False)
    finally:
        client.close(timeout=2)


def _check(client, address: str, ready: Callable[[], str]) -> None:
    """워커마다 채점할 준비가 되었는지 봅니다."""
    try:
        reasons = client.run(ready)
    except Exception as error:  # 워커에 패키지가 없으면 온갖 오류로 돌아옵니다
        reasons = {address: f"ddialab을 불러오지 못했습니다({type(error).__name__}: {error})."}
    if not reasons:
        raise BackendUnavailable(
            f"SCHEDULER={address}: 연결된 워커가 없습니다.",
            "워커가 하나는 있어야 합니다.",
            f"채점할 컴퓨터에서 실행하세요: .venv/bin/dask worker {address} --nthreads 1",
        )
    if wrong := sorted(f"{worker}: {why}" for worker, why in reasons.items() if why):
        raise BackendUnavailable(
            f"채점할 수 없는 워커가 있습니다. {' / '.join(wrong)}",
            "워커마다 이 저장소의 같은 버전과 그 의존성, bubblewrap이 있어야 합니다.",
            "그 컴퓨터를 고치거나 그 워커를 끄고 다시 실행하세요.",
        )


def _stop(futures) -> None:
    """남은 일을 거두고, 돌던 것은 끝날 때까지 죽입니다."""
    for future in futures:
        future.cancel()
    while still(futures, timeout=0.1).not_done:
        for child in multiprocessing.active_children():
            if child.name == CHILD:
                child.kill()


def _outcome(future) -> Any:
    try:
        return future.result()
    except Exception as error:  # 워커 컴퓨터가 통째로 사라진 것까지 여기로 옵니다
        return LostTask(f"{type(error).__name__}: {error}")


def _received(answer: Connection, patience: float) -> Any:
    try:
        if answer.poll(patience):
            return answer.recv()
    except (EOFError, OSError):
        return LostTask("채점하던 프로세스가 갑자기 끝났습니다(메모리 부족일 수 있습니다).")
    return LostTask(f"채점하던 프로세스가 {patience:g}초 동안 답하지 않았습니다.")


def _child(ours: Connection, work: Callable, task: Any) -> None:
    gc.freeze()  # 물려받은 것은 가비지 컬렉션에서 뺍니다
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C는 부모가 받아 정리합니다
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        result = work(task)
    except Exception as error:
        result = LostTask(f"{type(error).__name__}: {error}")
    ours.send(result)


def _die_with_parent() -> None:
    """부모가 어떻게 죽든 따라 죽습니다. 샌드박스는 이 프로세스를 따라 죽습니다."""
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


def warm() -> None:
    """forkserver를 미리 띄웁니다. 이쪽이 제출을 읽는 동안 저쪽은 채점 모듈을 불러옵니다."""
    if _context().get_start_method() == "forkserver":
        forkserver.ensure_running()


def _context():
    """채점 모듈을 미리 불러 둔 forkserver에서 fork합니다. 새로 띄우는 것보다 빠릅니다."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOAD)
    return context
