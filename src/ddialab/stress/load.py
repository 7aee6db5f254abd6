"""부하: 누가 언제 요청하는가, 그리고 어떤 키를 찾는가.

오픈 루프(open loop)는 답이 늦어도 제 속도로 요청하고, 클로즈드 루프(closed loop)는 답을 받아야
다음을 보냅니다. 각 부하는 설정만 담은 데이터이고, ``start(engine, submit)``로 엔진에 겁니다.
``submit(done)``은 요청 하나를 내보내고, 끝나면 ``done()``을 부르는 함수입니다.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ddialab.core.engine import Engine, rounded, seed_of
from ddialab.core.errors import check_integer, check_number, check_positive

if TYPE_CHECKING:
    import numpy as np

Submit = Callable[[Callable[[], None] | None], None]


class Load(Protocol):
    """부하라면 할 수 있는 일: 엔진에 걸려 요청마다 ``submit(done)``을 부릅니다."""

    def start(self, engine: Engine, submit: Submit) -> None: ...


def _check_rate(rate: object) -> None:
    check_positive("rate", rate)


@dataclass(frozen=True)
class Poisson:
    """서로 모르는 많은 사람이 보내는 요청. 초당 평균 ``rate``개, 간격은 지수분포입니다."""

    rate: float

    def __post_init__(self):
        _check_rate(self.rate)

    def start(self, engine: Engine, submit: Submit) -> None:
        gap = engine.exponential("도착", 1 / self.rate)

        def arrive():
            engine.after(gap(), arrive)
            submit(None)

        engine.after(gap(), arrive)


class Adjustable:
    """움직이는 동안 ``rate``를 바꿀 수 있는 포아송 부하. 바꾼 순간부터 새 ``rate``로 옵니다."""

    def __init__(self, rate: float):
        _check_rate(rate)
        self.rate = rate

    def start(self, engine: Engine, submit: Submit) -> None:
        self._engine, self._submit = engine, submit
        self._gap = engine.exponential("도착", 1.0)
        self._wait()

    def _wait(self) -> None:
        self._timer = self._engine.after(self._gap() / self.rate, self._arrive)

    def _arrive(self) -> None:
        self._wait()
        self._submit(None)

    def turn(self, rate: float) -> None:
        """``rate``를 바꿉니다. 지수분포는 기다린 시간을 잊으므로 간격을 새로 뽑으면 됩니다."""
        _check_rate(rate)
        self.rate = rate
        self._engine.cancel(self._timer)
        self._wait()


@dataclass(frozen=True)
class Constant:
    """초당 정확히 ``rate``개, 간격이 모두 같은 요청."""

    rate: float

    def __post_init__(self):
        _check_rate(self.rate)

    def start(self, engine: Engine, submit: Submit) -> None:
        def arrive(n):
            engine.at((n + 1) / self.rate, arrive, n + 1)  # 더해 가면 반올림 오차가 쌓입니다
            submit(None)

        engine.at(1 / self.rate, arrive, 1)


@dataclass(frozen=True)
class Closed:
    """답을 받고 평균 ``think``초 생각한 뒤 다음 요청을 보내는 ``clients``명."""

    clients: int
    think: float

    def __post_init__(self):
        check_integer("clients", self.clients, 1)
        check_positive("think", self.think)

    def start(self, engine: Engine, submit: Submit) -> None:
        for client in range(self.clients):
            self._run_client(engine, submit, engine.exponential(f"생각/{client}", self.think))

    def _run_client(self, engine: Engine, submit: Submit, draw: Callable[[], float]) -> None:
        def think():
            engine.after(draw(), submit, think)

        think()


@dataclass(frozen=True)
class Zipf:
    """인기가 쏠린 키 뽑기: ``k``번째로 인기 있는 키가 ``1 / k**exponent``에 비례해 나옵니다.

    키는 0(가장 인기)부터 ``keys - 1``까지의 정수, ``exponent``는 0(고르게) 이상 2 이하입니다.
    """

    keys: int
    exponent: float
    seed: int = 0

    def __post_init__(self):
        check_integer("keys", self.keys, 1)
        check_number("exponent", self.exponent, 0, 2)
        check_integer("seed", self.seed)

    @cached_property
    def probabilities(self) -> np.ndarray:
        """키마다 나올 확률. 모양 ``(keys,)``, 합은 1."""
        import numpy as np

        weights = np.arange(1, self.keys + 1, dtype=float) ** -self.exponent
        return weights / weights.sum()

    def draw(self, n: int) -> np.ndarray:
        """키 ``n``개, 모양 ``(n,)``의 정수 배열.

        같은 `Zipf`는 언제나 같은 순서를 줍니다: ``draw(10)``은 ``draw(20)``의 앞 10개입니다.
        """
        import numpy as np

        check_integer("n", n, 0)
        uniform = np.random.default_rng(seed_of(self.seed, "키")).random(n)
        cumulative = np.cumsum(self.probabilities)
        # 누적합의 끝은 반올림 때문에 1에 조금 못 미칠 수 있습니다
        return np.minimum(np.searchsorted(cumulative, uniform, side="right"), self.keys - 1)


def popular(keys: int, exponent: float, uniform: Callable[[], float]) -> Callable[[], int]:
    """부를 때마다 `Zipf`의 확률로 키 하나를 뽑는 함수. ``uniform()``은 [0, 1)의 수를 뽑습니다.

    NumPy 없이 하나씩 뽑으므로 책의 페이지 안에서도 됩니다.
    """
    ends, total = [], 0.0
    for rank in range(1, keys + 1):
        total += rounded(rank**-exponent)
        ends.append(total)

    def pick() -> int:
        goal = uniform() * total
        return next(key for key, end in enumerate(ends) if goal < end)

    return pick
