"""토큰을 꺼내는 프로세스 하나. `ddialab.experiments.abuse.real`이 둘을 띄웁니다.

순진한 쪽은 남은 수를 읽고(GET) 하나 줄여 적습니다(SET). 둘 다 읽은 다음에 적도록 서로 기다리므로,
운이 아니라 언제나 같은 토큰을 둘이 꺼냅니다.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ddialab.blocks.rate_limit import RateLimit
from ddialab.core.backend import Backend
from ddialab.ops.access import connect_as

BUDGET = 20  # 처음에 있는 토큰
TRIES = 40  # 프로세스마다 꺼내 보는 수
SLOW = 1e-6  # 초당 토큰. 꺼내는 동안 새로 차지 않을 만큼
LEFT, TOGETHER = "limit:left", "limit:together"


def naive(backend: Backend, meet: Callable[[str], None]) -> int:
    """읽고, 하나 줄여 적습니다. ``meet(이름)``에서 두 프로세스가 서로를 기다립니다."""
    passed = 0
    for n in range(TRIES):
        left = int(backend.get(LEFT) or 0)
        meet(f"read-{n}")
        if left > 0:
            backend.set(LEFT, str(left - 1))
            passed += 1
        meet(f"wrote-{n}")
    return passed


def atomic(backend: Backend, meet: Callable[[str], None]) -> int:
    """서버 안에서 한 번에 꺼냅니다."""
    limit = RateLimit(backend, SLOW, BUDGET)
    meet("start")
    return sum(limit.take("함께") for _ in range(TRIES))


def meet(client: Any, others: int, name: str) -> None:
    """``others``개의 프로세스가 모두 여기까지 올 때까지 기다립니다."""
    key = f"{TOGETHER}:{name}"
    client.incr(key)
    while int(client.get(key)) < others:
        time.sleep(0.0005)


def main(settings: str) -> None:
    about = json.loads(Path(settings).read_text())
    backend = connect_as("app", about["password"], about["port"])
    waits = partial(meet, backend.client, about["processes"])
    took = {"naive": naive(backend, waits), "atomic": atomic(backend, waits)}
    print(json.dumps(took), flush=True)
    threading.Event().wait()  # 먼저 끝나면 띄운 쪽이 죽은 것으로 봅니다. 작업 공간이 치웁니다


if __name__ == "__main__":
    main(sys.argv[1])
