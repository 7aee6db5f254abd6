"""줄 서기: M/M/1의 백만 건을 한순간에, 반복문으로 한 것과 견주어."""

from collections.abc import Callable, Iterable, Iterator
from time import process_time

import numpy as np

from benchmarks.promise import Promise
from ddialab.cluster.queueing import mm1_responses, waits
from ddialab.core.metrics import percentile

REQUESTS, ROUNDS = 1_000_000, 3
MOST = 0.5  # CPU 초


def one_by_one(gaps: Iterable[float], work: Iterable[float]) -> list[float]:
    """식을 그대로 옮긴 반복문."""
    waited = [0.0]
    for gap, busy in zip(gaps[1:], work[:-1], strict=True):
        waited.append(max(0.0, waited[-1] + busy - gap))
    return waited


def promises() -> Iterator[Promise]:
    spent = best(lambda: percentile(mm1_responses(90, 0.01, REQUESTS), [50, 99]))
    random = np.random.default_rng(0)
    gaps, work = random.exponential(1 / 90, REQUESTS), random.exponential(0.01, REQUESTS)
    came, lists = np.cumsum(gaps), (gaps.tolist(), work.tolist())
    ratio = best(lambda: one_by_one(*lists)) / best(lambda: waits(came, work))
    yield Promise(
        f"M/M/1 {REQUESTS:,}건의 백분위수",
        f"CPU {spent:.2f}초, 대기는 반복문의 {ratio:.0f}배",
        f"CPU {MOST}초 이하",
        spent <= MOST,
    )


def best(make: Callable) -> float:
    """여러 번 가운데 가장 짧은 CPU 초. 다른 일이 끼어든 판을 버립니다."""
    return min(_seconds(make) for _ in range(ROUNDS))


def _seconds(make: Callable) -> float:
    start = process_time()
    make()
    return process_time() - start
