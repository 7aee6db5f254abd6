"""줄 하나: 한 번에 몇 건만 처리하는 곳 앞에, 온 차례대로 기다립니다."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ddialab.core.engine import Engine

Call = Callable[[], None]


class Line:
    """한 번에 ``servers``건씩, 한 건에 ``service``초를 들여 처리하는 곳의 줄."""

    def __init__(self, engine: Engine, servers: int, service: float):
        self.engine, self.servers, self.service = engine, servers, service
        self._waiting: deque[tuple[Call, Call]] = deque()
        self._busy = 0

    def __len__(self) -> int:
        """아직 차례가 오지 않은 것의 수."""
        return len(self._waiting)

    def join(self, start: Call, done: Call) -> None:
        """줄을 섭니다. 차례가 오면 ``start()``를, 다 처리하면 ``done()``을 부릅니다."""
        self._waiting.append((start, done))
        self._begin()

    def _begin(self) -> None:
        while self._waiting and self._busy < self.servers:
            start, done = self._waiting.popleft()
            self._busy += 1
            start()
            self.engine.after(self.service, self._finish, done)

    def _finish(self, done: Call) -> None:
        self._busy -= 1
        done()
        self._begin()
