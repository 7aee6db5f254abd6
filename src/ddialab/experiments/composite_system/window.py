"""낡은 값이 보이는 시간: 낡은 값 넣기를 만날 확률과 릴레이가 늦는 시간을 가상 시계로 잽니다."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import numpy as np

from ddialab.core.engine import Engine
from ddialab.core.errors import check_number, check_positive
from ddialab.experiments.composite_system.system import ID, System, title
from ddialab.service.writes import finish

HOLDS = (5, 10, 20, 40)  # ms: 읽는 요청이 원본에서 읽은 값을 들고 있는 시간의 평균
GAPS = (1, 5, 20)  # ms: 고치는 요청이 원본을 고친 때부터 캐시를 지울 때까지
GAP = 5  # ms: 하나만 볼 때
BEFORE = 100  # ms: 읽는 요청이 시작한 때는 고치기 앞의 이 동안 가운데 아무 때나
TRIALS = 50  # 시드마다 겹쳐 보는 횟수
INTERVALS = (0.5, 1.0, 2.0, 4.0)  # 초: 릴레이가 깨어나는 간격
STEP = 0.01  # 초: 릴레이의 단계 하나에 걸리는 시간
APPLY = 5  # 고친 것 하나가 색인에 닿을 때까지 릴레이가 하는 단계의 수
EDITS, SELDOM = 12, 20.0  # 고치는 횟수와, 고치는 간격의 평균(초)


# --- 낡은 값 넣기 ---


def late_fills(way: str, hold: float, seed: int, gap: float = GAP, trials: int = TRIALS) -> float:
    """캐시가 빈 글을 읽기 하나와 고치기 하나가 겹칠 때, 옛 제목이 캐시에 남은 비율.

    읽는 요청은 고치기 앞의 `BEFORE` 동안 아무 때나 시작하고, 원본에서 읽은 값을 평균 ``hold``(ms,
    지수분포) 동안 들고 있다가 캐시에 넣습니다. 고치는 요청은 원본을 고치고 ``gap``(ms) 뒤에 캐시를
    지웁니다.
    """
    check_positive("hold", hold)
    check_positive("gap", gap)
    chance = Random(seed)
    return sum(_overlap(way, hold, gap, chance) for _ in range(trials)) / trials


def _overlap(way: str, hold: float, gap: float, chance: Random) -> bool:
    system = System(way)
    asked = chance.uniform(-BEFORE, 0)
    read, edit = system.writes.read(ID), system.writes.edit(ID, title(2))
    # 제너레이터는 부를 때마다 앞 단계를 하고 다음 단계 앞에 멈춥니다
    moves = [(asked, read)] * 3 + [(asked + chance.expovariate(1 / hold), read)]
    moves += [(0.0, edit)] * 2 + [(gap, edit)] * 3
    for _, steps in sorted(moves, key=lambda move: move[0]):
        next(steps, None)
    if system.relay is not None:
        system.relay.catch_up()
    return not system.agree()


def expected_late_fills(hold: float, gap: float = GAP) -> float:
    """옛 제목이 남을 확률: 임차권이 없고, 들고 있는 시간이 지수분포이고, 읽기가 하나일 때."""
    check_positive("hold", hold)
    tail = np.exp(-gap / hold) - np.exp(-(gap + BEFORE) / hold)
    return float(hold * tail / BEFORE)


# --- 릴레이가 늦는 시간 ---


class Lag(NamedTuple):
    """고치기 하나: 원본을 고친 시각, 색인이 따라온 시각, 그때 릴레이가 함께 옮긴 고치기의 수."""

    edited: float
    indexed: float
    together: int

    @property
    def seconds(self) -> float:
        """검색하는 사람이 옛 제목을 본 시간(초)."""
        return self.indexed - self.edited


class Relaying:
    """``interval``초마다 깨어나는 릴레이와, 드문드문 제목을 고치는 사람."""

    def __init__(self, interval: float, seed: int, edits: int = EDITS, seldom: float = SELDOM):
        self.engine, self.system = Engine(seed), System("outbox")
        self.interval, self.left, self.lags = check_positive("interval", interval), edits, []
        self._edited: list[float] = []
        self._steps: Iterator[str] | None = None
        self._gap = self.engine.exponential("고치기", seldom)
        self.engine.after(self._gap(), self._edit)
        self.engine.after(self.interval, self._wake)

    def run(self) -> list[Lag]:
        """고치기를 다 하고 색인이 다 따라올 때까지 갑니다."""
        while self.left or self._edited:
            self.engine.run(self.engine.now + SELDOM)
        return self.lags

    def _edit(self) -> None:
        number = len(self.lags) + len(self._edited) + 2
        finish(self.system.writes.edit(ID, title(number)))
        self._edited.append(self.engine.now)
        self.left -= 1
        if self.left:
            self.engine.after(self._gap(), self._edit)

    def _wake(self) -> None:
        self.engine.after(self.interval, self._wake)
        if self._steps is None:
            self._steps = self.system.relay.steps()
            self._next()

    def _next(self) -> None:
        """단계 하나를 하고, 다음 단계에 걸릴 시간만큼 뒤에 또 옵니다."""
        before = self.system.indexed
        done = next(self._steps, None) is None
        if moved := self.system.indexed - before:
            self._record(moved)
        if done:
            self._steps = None
        else:
            self.engine.after(STEP, self._next)

    def _record(self, moved: int) -> None:
        times, self._edited = self._edited[:moved], self._edited[moved:]
        together = self.system.log.end - len(self.lags)
        self.lags += [Lag(time, self.engine.now, together) for time in times]


def lags(interval: float, seed: int, edits: int = EDITS, seldom: float = SELDOM) -> list[Lag]:
    """릴레이가 ``interval``초마다 깨어날 때, 고치기마다 색인이 늦은 시간."""
    return Relaying(interval, seed, edits, seldom).run()


def expected_lag(interval: float) -> float:
    """늦는 시간의 기댓값(초): 고치기가 드물면 다음에 깨어날 때까지 평균 반 간격, 그리고 적용."""
    return check_positive("interval", interval) / 2 + APPLY * STEP


def longest_lag(interval: float, together: int = 1) -> float:
    """늦는 시간의 한도(초): ``together``건을 함께 옮길 때."""
    check_number("together", together, 1)
    return check_positive("interval", interval) + together * APPLY * STEP
