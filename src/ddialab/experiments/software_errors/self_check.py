"""스스로 확인하기: 들어온 것과 나간 것을 세어 보면 모르는 버그도 잡습니다.

큐의 자리는 `ROOM`개입니다. 버그가 있는 큐는 꽉 찼을 때 거절하는 대신 가장 오래된 것을 덮어씁니다.
오류가 나지 않고 워커는 부지런하므로 헬스 체크는 늘 통과합니다. 거절하는 큐보다 더 멀쩡해 보입니다.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ddialab.core.engine import Engine
from ddialab.stress.load import Poisson

RATE = 50  # 초당 들어오는 메시지
SERVICE = 0.018  # 초. 메시지 하나를 처리하는 평균 시간
ROOM = 20  # 큐의 자리
SECONDS = 100  # 지켜보는 시간
EVERY = 1.0  # 초. 확인하는 간격
GAP = 0.1  # 초. 세 값을 따로따로 읽을 때 그 사이


class Counts(NamedTuple):
    """큐가 스스로 센 것: 들어온 것, 나간 것, 줄에 있는 것, 처리하는 중인 것."""

    received: int
    delivered: int
    waiting: int
    working: int


def audit(received: int, counts: Counts) -> int:
    """행방을 모르는 메시지의 수. 들어온 것은 모두 나갔거나 아직 안에 있어야 합니다."""
    return received - counts.delivered - counts.waiting - counts.working


class Queue:
    """워커 하나가 꺼내 가는 큐. ``buggy``면 꽉 찼을 때 가장 오래된 것을 덮어씁니다."""

    def __init__(self, engine: Engine, buggy: bool):
        self.engine, self.buggy = engine, buggy
        self.received = self.delivered = self.working = self.errors = 0
        self.lost_at: float | None = None  # 처음으로 잃은 시각. 큐는 모릅니다
        self._waiting: deque[float] = deque()
        self._work = engine.exponential("처리", SERVICE)

    def put(self, done=None) -> None:
        """메시지 하나를 넣습니다. 멀쩡한 큐는 꽉 찼으면 거절하고, 거절은 오류로 보입니다."""
        if len(self._waiting) == ROOM and not self.buggy:
            self.errors += 1
            return
        self.received += 1
        if len(self._waiting) == ROOM:
            self._waiting.popleft()
            self.lost_at = self.engine.now if self.lost_at is None else self.lost_at
        self._waiting.append(self.engine.now)
        self._take()

    def counts(self) -> Counts:
        return Counts(self.received, self.delivered, len(self._waiting), self.working)

    def _take(self) -> None:
        if self._waiting and not self.working:
            self._waiting.popleft()
            self.working = 1
            self.engine.after(self._work(), self._deliver)

    def _deliver(self) -> None:
        self.working = 0
        self.delivered += 1
        self._take()


class Report(NamedTuple):
    """``missing``은 확인할 때마다 행방을 모르는 수, ``healthy``는 헬스 체크가 늘 통과했는지.

    ``lost_at``은 처음 잃은 시각, ``noticed``는 확인이 처음 알아챈 시각입니다(없으면 None).
    """

    missing: list[int]
    healthy: bool
    lost_at: float | None
    noticed: float | None


def watched(buggy: bool, seed: int, gap: float = 0.0) -> Report:
    """`SECONDS`초 동안 `EVERY`초마다 확인합니다.

    ``gap``은 들어온 수를 읽고 나서 나머지를 읽기까지 걸리는 시간(초)입니다.
    """
    engine = Engine(seed)
    queue, missing, noticed, healthy, before = Queue(engine, buggy), [], None, True, 0
    Poisson(RATE).start(engine, queue.put)
    for tick in range(1, int(SECONDS / EVERY) + 1):
        engine.run(tick * EVERY)
        received = queue.received
        engine.run(tick * EVERY + gap)
        counts = queue.counts()
        missing.append(audit(received, counts))
        healthy = healthy and not queue.errors and counts.delivered > before
        before = counts.delivered
        if missing[-1] and noticed is None:
            noticed = engine.now
    return Report(missing, healthy, queue.lost_at, noticed)
