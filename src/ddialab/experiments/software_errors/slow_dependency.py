"""느려진 의존 서비스: 기다리는 스레드가 쌓여, 그 서비스와 상관없는 요청까지 멈춥니다.

요청의 절반은 추천 서비스를 부르고 절반은 부르지 않습니다. 추천 서비스가 답하지 않으면 부른 스레드는
`TIMEOUT`초를 기다리고 실패합니다. 스레드가 모두 기다리면 나머지 요청은 시작도 못 합니다.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from ddialab.core.engine import Engine
from ddialab.resilience.breaker import Breaker
from ddialab.stress.load import Poisson

THREADS = 10
RATE = 40  # 초당 요청
SHARE = 0.5  # 추천 서비스를 부르는 요청의 비율
OWN, CALL = 0.02, 0.05  # 초. 우리 일, 멀쩡한 추천 서비스의 답
TIMEOUT = 2.0  # 초. 추천 서비스의 답을 기다리는 시간
PATIENCE = 1.0  # 초. 줄에서 이보다 오래 기다린 사람은 떠납니다
SLOW, HEALED, END = 10.0, 70.0, 100.0  # 초. 답하지 않기 시작하고, 낫고, 그만 보는 시각
FAILURES, COOLDOWN = 5, 5.0  # 브레이커를 끊는 횟수, 끊어 두는 시간(초)


class Outcome(NamedTuple):
    """추천 서비스가 느린 동안의 것: 부르지 않는 요청에 답한 비율(``others``), 보낸 호출(``calls``).

    ``back``은 추천 서비스가 나은 뒤 그 답을 다시 받기까지 걸린 시간(초)입니다.
    """

    others: float
    calls: int
    back: float


class Service:
    """스레드 `THREADS`개로 요청을 처리하는 서비스. ``breaker``가 None이면 늘 부릅니다."""

    def __init__(self, engine: Engine, breaker: Breaker | None, timeout: float):
        self.engine, self.breaker, self.timeout = engine, breaker, timeout
        self.came = self.answered = self.calls = 0
        self.back: float | None = None
        self._line: deque[tuple[float, bool]] = deque()
        self._free = THREADS
        self._luck = engine.stream("종류").random

    def submit(self, done=None) -> None:
        """요청 하나가 옵니다."""
        calls = self._luck() < SHARE
        self.came += not calls and self._is_slow()
        self._line.append((self.engine.now, calls))
        self._begin()

    def _is_slow(self) -> bool:
        return SLOW <= self.engine.now < HEALED

    def _begin(self) -> None:
        while self._line and self._free:
            came, calls = self._line.popleft()
            if self.engine.now - came <= PATIENCE:
                self._free -= 1
                self.engine.after(OWN, self._call if calls else self._answer, came)

    def _call(self, came: float) -> None:
        """추천 서비스를 부릅니다. 브레이커가 끊었으면 부르지 않고 실패합니다."""
        if self.breaker is not None and not self.breaker.allow(self.engine.now):
            self._leave()
            return
        slow = self._is_slow()
        self.calls += slow
        fails = slow or self.timeout < CALL
        self.engine.after(self.timeout if fails else CALL, self._called, not fails)

    def _called(self, works: bool) -> None:
        now = self.engine.now
        if self.breaker is not None:
            (self.breaker.succeeded if works else self.breaker.failed)(now)
        if works and now >= HEALED and self.back is None:
            self.back = now - HEALED
        self._leave()

    def _answer(self, came: float) -> None:
        self.answered += SLOW <= came < HEALED
        self._leave()

    def _leave(self) -> None:
        self._free += 1
        self._begin()


def slowed(breaker: Breaker | None, seed: int, timeout: float = TIMEOUT) -> Outcome:
    """`SLOW`초부터 `HEALED`초까지 추천 서비스가 답하지 않습니다. ``breaker``는 새것을 줍니다."""
    engine = Engine(seed)
    service = Service(engine, breaker, timeout)
    Poisson(RATE).start(engine, service.submit)
    engine.run(END)
    back = END - HEALED if service.back is None else service.back
    return Outcome(service.answered / service.came, service.calls, back)


def threads_needed(timeout: float = TIMEOUT) -> float:
    """답하지 않는 동안 일하는 스레드의 평균(리틀의 법칙). `THREADS`보다 많으면 모두 묶입니다."""
    return RATE * OWN + RATE * SHARE * timeout
