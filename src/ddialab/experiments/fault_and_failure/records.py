"""로그와 워커: 쓴 글은 로그에 쌓이고, 워커가 하나씩 색인과 캐시에 반영합니다."""

from __future__ import annotations

from collections.abc import Callable

from ddialab.core.scene import Draw
from ddialab.experiments.fault_and_failure.paths import CACHE, INDEX, LOG, WORKER
from ddialab.experiments.fault_and_failure.station import Station

FRESH = 3.0  # 올린 글은 이 안에 검색과 홈에 나와야 합니다(초)


class Records:
    """``up(역할)``은 그 역할을 하는, 켜져 있는 부품들이고 ``logs``는 모든 로그입니다."""

    def __init__(
        self, up: Callable[[str], list], stations: dict[str, Station], draw: Draw, logs: tuple
    ):
        self._up, self._stations, self._draw, self._logs = up, stations, draw, logs
        self._written: list[float] = []  # 글마다 「올렸습니다」라고 답한 시각
        self._waiting: list[str] = []  # 로그에 있고 아직 반영하지 않은 글의 점
        self._busy = False
        self._applied = 0
        self._fresh = {INDEX: 0, CACHE: 0}  # 색인과 캐시에 들어간 글의 수

    def due(self, now: float) -> int:
        """지금 검색과 홈에 나와 있어야 할 글의 수."""
        return len([time for time in self._written if time <= now - FRESH])

    def lacks(self, role: str, due: int) -> bool:
        """``role``(색인이나 캐시)에서 ``due``건까지의 글이 빠졌나."""
        return self._fresh[role] < due

    def add(self, dot: str, now: float) -> None:
        """글 하나를 올렸습니다. ``dot``은 로그에 적힌 그 글의 점입니다."""
        self._written.append(now)
        self._waiting.append(dot)
        self._move(dot, self._up(LOG), "wait")
        self.go_on()

    def caught_up(self, role: str) -> None:
        """다시 켜진 색인이나 캐시는 로그에서 따라잡은 채로 켜집니다."""
        self._fresh[role] = self._applied

    def clear(self) -> None:
        """밀린 글을 모두 반영한 것으로 합니다. 워커가 멈춰 있을 때만 부릅니다."""
        for dot in self._waiting:
            if dot:
                self._draw("gone", dot)
        self._applied += len(self._waiting)
        self._waiting = []
        for role in self._fresh:
            self.caught_up(role)

    def go_on(self) -> None:
        """워커와 로그가 켜져 있고 할 일이 있으면, 다음 글을 반영합니다."""
        workers = self._up(WORKER)
        if self._busy or not (self._waiting and workers and self._up(LOG)):
            return
        self._busy = True
        dot = self._waiting[0]
        self._stations[workers[0]].visit(lambda: self._move(dot, workers, "work"), self._after)

    def _after(self, done: bool) -> None:
        """반영했거나, 하던 워커가 꺼졌습니다. 꺼졌으면 그 글은 로그에 그대로 있습니다."""
        self._busy = False
        dot = self._waiting[0]
        if done:
            self._waiting.pop(0)
            self._applied += 1
            for role in self._fresh:
                if self._up(role):
                    self._fresh[role] = self._applied
            if dot:
                self._draw("gone", dot)
        else:
            self._move(dot, self._logs, "wait")
        self.go_on()

    def _move(self, dot: str, parts: list, place: str) -> None:
        if dot:
            self._draw("move", dot, parts[0], place)
