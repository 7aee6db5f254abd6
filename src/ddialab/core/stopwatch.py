"""되풀이해 재기: 다른 일에 방해를 가장 덜 받은 값이 그 일에 드는 시간입니다."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

TRIES, ENOUGH = 20, 0.2  # 되풀이하는 횟수와, 그만두는 시간(초)


def quickest(work: Callable[[], Any]) -> float:
    """``work()``를 되풀이해 가장 빨랐던 시간(초)."""
    taken: list[float] = []
    while len(taken) < 2 or (len(taken) < TRIES and sum(taken) < ENOUGH):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)
