"""서비스 수준 목표(SLO)와 오류 예산(error budget), 그리고 계약(SLA).

SLO는 우리가 지키려는 수이고, 못 지켜도 되는 만큼이 오류 예산입니다. SLA는 고객과 맺은 계약이라서
어기면 돈을 돌려줍니다. 그래서 SLA는 SLO보다 느슨하게 잡습니다.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ddialab.core.errors import InvalidValue, check_integer, check_number, check_positive


@dataclass(frozen=True)
class SLO:
    """윈도(window) 하나를 살아 있다고 볼 조건과, 그런 윈도가 한 달에 차지해야 할 비율 ``up``.

    윈도의 중앙값이 ``median``초 이하이고 p99가 ``p99``초 이하여야 살아 있는 윈도입니다. 너무 느린
    서비스는 멈춘 것과 같이 봅니다.
    """

    median: float = 0.2
    p99: float = 1.0
    up: float = 0.999

    def __post_init__(self):
        check_number("median", self.median, 0)
        check_number("p99", self.p99, self.median)
        _check_share("up", self.up)

    def met(self, median: Iterable[float], p99: Iterable[float]) -> np.ndarray:
        """윈도마다 살아 있었는가. 요청이 없던 윈도(NaN)는 어긴 것이 없으므로 살아 있습니다."""
        return ~((np.asarray(median) > self.median) | (np.asarray(p99) > self.p99))

    def budget(self, period: float) -> float:
        """``period`` 동안 멈춰도 되는 시간. 단위는 ``period``와 같습니다."""
        return (1 - self.up) * check_number("period", period, 0)

    def remaining(self, met: Iterable[bool]) -> np.ndarray:
        """윈도가 하나 지날 때마다 남은 오류 예산의 비율. 1에서 시작해, 다 쓰고 나면 음수입니다.

        ``met``은 예산의 기간(한 달) 전체의 윈도들입니다.
        """
        down = ~np.asarray(met, dtype=bool)
        if down.ndim != 1 or not down.size:
            raise InvalidValue(
                f"met의 모양이 {down.shape}입니다.", "윈도가 하나 이상인 1차원 시퀀스여야 합니다."
            )
        return 1 - np.cumsum(down) / self.budget(len(down))


@dataclass(frozen=True)
class SLA:
    """고객과의 계약: 한 달의 가용성이 ``up``보다 낮으면 요금의 ``credit``만큼 돌려줍니다.

    ``promises``는 ``(up, credit)``들입니다. 여럿을 어겼으면 가장 큰 ``credit``입니다.
    """

    promises: tuple[tuple[float, float], ...]

    def __post_init__(self):
        if not self.promises:
            raise InvalidValue("promises가 비었습니다.", "(가용성, 환급 비율)이 있어야 합니다.")
        for up, credit in self.promises:
            _check_share("up", up)
            check_number("credit", credit, 0, 1)

    def credit(self, up: float) -> float:
        """가용성이 ``up``이던 달에 돌려줄 요금의 비율(0–1)."""
        check_number("up", up, 0, 1)
        return max((credit for promised, credit in self.promises if up < promised), default=0.0)


def by_window(
    times: Iterable[float], responses: Iterable[float], width: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """``width``초짜리 윈도 ``count``개마다의 ``(중앙값, p99)``. 요청이 없던 윈도는 NaN입니다.

    ``times``는 요청이 온 시각(커지는 순서), ``responses``는 그 응답 시간입니다.
    """
    check_integer("count", count, 1)
    times, responses = _numbers("times", times), _numbers("responses", responses)
    if times.ndim != 1 or times.shape != responses.shape or (np.diff(times) < 0).any():
        raise InvalidValue(
            f"times의 모양 {times.shape}, responses의 모양 {responses.shape}",
            "길이가 같은 1차원 시퀀스이고 times는 커지는 순서여야 합니다.",
        )
    if not (responses >= 0).all():
        raise InvalidValue("responses에 음수나 NaN이 있습니다.", "0 이상의 시간이어야 합니다.")
    edges = np.searchsorted(times, np.arange(count + 1) * check_number("width", width, 1e-9))
    found = np.full((count, 2), np.nan)
    for n, (start, end) in enumerate(pairwise(edges)):
        if start < end:  # np.percentile과 같은 보간. 윈도가 수천 개라 호출 비용도 아깝습니다
            ordered = np.sort(responses[start:end])
            places = np.array([0.5, 0.99]) * (end - start - 1)
            found[n] = np.interp(places, np.arange(end - start), ordered)
    return found[:, 0], found[:, 1]


def _numbers(name: str, values: Iterable[float]) -> np.ndarray:
    try:
        return np.asarray(values if hasattr(values, "__len__") else list(values), dtype=float)
    except (TypeError, ValueError, OverflowError):
        problem = f"{name}={reprlib.repr(values)}: 수의 시퀀스가 아닙니다."
        raise InvalidValue(problem, "초 단위의 수의 시퀀스여야 합니다.") from None


def _check_share(name: str, value: float) -> None:
    """1은 약속할 수 없습니다. 오류 예산이 0이면 아무것도 바꿀 수 없습니다."""
    check_positive(name, value, below=1)
