"""사건 엔진: 가상 시계, 할 일을 담는 힙(heap), 이름 붙은 난수 스트림.

진짜 시간은 한 번도 보지 않습니다. 시계는 다음 할 일의 시각으로 곧장 건너뜁니다.
그래서 1년을 몇 초에 돌릴 수 있고, 같은 시드면 언제나 같은 일이 같은 순서로 일어납니다.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from math import inf, log

from ddialab.core.errors import InvalidValue, check_integer

Timer = tuple  # (시각, 순번, 부를 함수, 인자): 힙에 그대로 들어갑니다. 순번은 겹치지 않습니다
SPLIT = 2.0**23 + 1  # 곱했다가 빼면 유효숫자 53비트 가운데 위의 30비트만 남습니다(Veltkamp)


def seed_of(seed: int, name: str) -> int:
    """``(seed, name)``에서 정해지는 256비트 정수. 내장 ``hash``와 달리 어디서나 같습니다."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{name}".encode()).digest(), "big")


def rounded(value: float) -> float:
    """``log``, ``exp``, 거듭제곱의 결과를 유효숫자 30비트로 맞춥니다.

    이 함수들의 마지막 자리는 수학 라이브러리마다 다릅니다. 맞추어 두면 책의 페이지에서
    도는 파이썬도 커널의 파이썬과 같은 기록을 남깁니다.
    """
    wide = value * SPLIT
    return wide - (wide - value)


def exponential(uniform: Callable[[], float], mean: float) -> Callable[[], float]:
    """부를 때마다 평균 ``mean``인 지수분포의 수를 하나 뽑는 함수.

    ``uniform()``은 [0, 1)의 수를 뽑습니다.
    """

    def draw() -> float:
        value = log(1.0 - uniform())
        wide = value * SPLIT  # `rounded`와 같은 일: 뜨거운 길이라 함수 한 겹을 아낍니다
        return (wide - (wide - value)) * -mean

    return draw


class Engine:
    """``now``(초)에서 시작해 할 일을 시각 순서로 부르는 시계.

    같은 시각의 일은 넣은 순서대로 부릅니다.
    """

    def __init__(self, seed: int = 0):
        self.seed = check_integer("seed", seed)
        self.now = 0.0
        self._heap: list[Timer] = []
        self._next_order = count().__next__
        self._streams: dict[str, random.Random] = {}

    def stream(self, name: str) -> random.Random:
        """``name`` 전용 난수 스트림.

        용도마다 스트림이 다르므로, 결함이 하나 늘어도 도착이나 처리 시간의 난수는 밀리지 않습니다.
        """
        if name not in self._streams:
            self._streams[name] = random.Random(seed_of(self.seed, name))
        return self._streams[name]

    def exponential(self, name: str, mean: float) -> Callable[[], float]:
        """부를 때마다 ``name`` 스트림에서 평균 ``mean``인 지수분포의 수를 하나 뽑는 함수."""
        return exponential(self.stream(name).random, mean)

    def at(self, time: float, call: Callable, *args) -> Timer:
        """시각 ``time``(초)에 ``call(*args)``를 부르게 합니다. 지난 시각이면 `InvalidValue`."""
        if not time >= self.now:  # NaN도 여기서 걸립니다
            raise InvalidValue(
                f"time={time!r}: 할 일을 넣을 수 없는 시각입니다.",
                f"지금({self.now}) 이후여야 합니다.",
            )
        timer = time, self._next_order(), call, args
        heappush(self._heap, timer)
        return timer

    def after(self, delay: float, call: Callable, *args) -> Timer:
        """지금부터 ``delay``초 뒤에 ``call(*args)``를 부르게 합니다. 음수면 `InvalidValue`."""
        if not delay >= 0:
            raise InvalidValue(f"delay={delay!r}: 기다릴 수 없습니다.", "0 이상의 수여야 합니다.")
        timer = self.now + delay, self._next_order(), call, args
        heappush(self._heap, timer)
        return timer

    def cancel(self, timer: Timer) -> None:
        """부르지 않게 합니다. 이미 불렀거나 취소했으면 아무 일도 없습니다."""
        if timer in self._heap:
            self._heap.remove(timer)
            heapify(self._heap)

    def run(self, until: float, most: float = inf) -> bool:
        """시각 ``until``까지(그 시각 포함) 할 일을 부르고 시계를 거기에 맞춥니다.

        할 일을 ``most``개 부르고도 남았으면 마지막으로 부른 일의 시각에 멈추고 False를 돌려줍니다.
        """
        if not self.now <= until < inf:
            raise InvalidValue(
                f"until={until!r}: 거기까지 갈 수 없습니다.",
                f"지금({self.now}) 이후의 유한한 시각이어야 합니다.",
            )
        heap = self._heap
        stop = until, inf, None, ()  # 이 시각의 일을 다 부른 뒤에 나오는 표시
        heappush(heap, stop)
        try:
            while (timer := heappop(heap)) is not stop:
                self.now, _, call, args = timer
                call(*args)
                most -= 1
                if most <= 0:
                    self.cancel(stop)
                    return False
        except BaseException:
            self.cancel(stop)  # 오류나 Ctrl-C로 멈춰도 나중에 이어서 돌릴 수 있습니다
            raise
        self.now = until
        return True
