"""진짜 워커 셋과 독이 든 요청 하나: 재시도가 독을 다음 워커로 나릅니다."""

from __future__ import annotations

import http.client
import sys
from collections import deque
from typing import Any, NamedTuple

from ddialab.core.workspace import LOOPBACK, Process, Workspace
from ddialab.experiments.software_errors import victim
from ddialab.resilience.quarantine import Quarantine

WORKERS = 3
KILLS = 2  # 이만큼 죽인 요청은 격리합니다
POISON = 4  # 독이 든 요청의 차례
REQUESTS = 12
TEXT, POISONED = "점심 #김밥 먹는 중", "점심 # 뭐 먹지"


class Worker(NamedTuple):
    process: Process
    port: int


def poisoned() -> dict[str, dict[str, Any]]:
    """같은 요청들을 그냥, 죽은 워커를 다시 켜면서, 격리하면서 보낸 결과."""
    return {
        "retry": serve(None),
        "restart": serve(None, restarts=WORKERS),
        "quarantine": serve(Quarantine(KILLS)),
    }


def serve(quarantine: Quarantine | None, restarts: int = 0) -> dict[str, Any]:
    """요청 `REQUESTS`건을 워커 `WORKERS`대에 차례로 보내고, 답이 없으면 다음 워커에 또 보냅니다.

    죽은 워커는 모두 합해 ``restarts``번까지 다시 켭니다. ``answered``는 답한 요청, ``deaths``는
    죽은 워커, ``alive``는 남은 워커의 수이고 ``dead``는 격리한 요청의 번호입니다.
    """
    waiting = deque(str(n) for n in range(1, REQUESTS + 1))
    answered = deaths = 0
    with Workspace() as home:
        alive = deque(_open(home, n) for n in range(WORKERS))
        while waiting and alive:
            worker = alive.popleft()
            if _answers(worker, waiting[0]):
                answered += 1
                alive.append(worker)
                waiting.popleft()
                continue
            deaths += 1
            if quarantine is not None and quarantine.killed(waiting[0]):
                waiting.popleft()
            if deaths <= restarts:
                alive.append(_open(home, WORKERS + deaths))
        left = len(alive)
    dead = [] if quarantine is None else quarantine.dead
    return {"answered": answered, "deaths": deaths, "alive": left, "dead": dead}


def _open(home: Workspace, number: int) -> Worker:
    process = home.run([sys.executable, "-m", victim.__name__], log=f"worker-{number}.txt")

    def port() -> int | None:
        said = process.log.read_text(errors="replace")
        return int(said) if said.endswith("\n") else None

    return Worker(process, process.wait_until_ready(port, "워커가"))


def _answers(worker: Worker, request: str) -> bool:
    """``request``에 답했으면 True, 그러다 죽었으면 False."""
    connection = http.client.HTTPConnection(LOOPBACK, worker.port)
    text = POISONED if request == str(POISON) else TEXT
    try:
        connection.request("POST", "/", text.encode())
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        worker.process.wait(
            who="워커가 답하지 않는데",
            accepted="이 컴퓨터 안의 접속(127.0.0.1)이 막혀 있지 않아야 합니다.",
            todo="방화벽을 확인하고 다시 하세요.",
        )
        return False
    finally:
        connection.close()
