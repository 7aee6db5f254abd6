"""히스토그램: 값을 모두 저장하지 않고도 백분위수를 내고, 서로 더할 수 있는 그릇.

백분위수끼리는 더하거나 평균 낼 수 없지만 히스토그램끼리는 더할 수 있습니다. 그래서 서버와 분마다
히스토그램을 두고, 물어볼 때 더합니다. 단위는 모두 초입니다.
"""

from __future__ import annotations

import reprlib
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from ddialab.core.errors import InvalidValue, check_integer, check_number, check_positive

TICK = 1e-6  # 초. HdrHistogram은 정수를 세므로 마이크로초로 바꿔 기록합니다
HIGHEST = 3600.0  # 초. 한 시간보다 오래 걸린 값은 받지 않습니다


class Histogram:
    """HdrHistogram: 유효 숫자 ``digits``자리까지만 구별하는 칸에 셉니다.

    칸의 수가 정해져 있어 값을 아무리 넣어도 커지지 않고, 백분위수의 상대 오차는
    ``10**-digits``를 넘지 않습니다. 1마이크로초부터 한 시간까지 받습니다.
    """

    def __init__(self, digits: int = 2):
        from hdrh.histogram import HdrHistogram

        self.digits = check_integer("digits", digits, 1, 4)
        self._counts = HdrHistogram(1, round(HIGHEST / TICK), digits, b64_wrap=False)

    @property
    def count(self) -> int:
        """기록한 값의 수."""
        return self._counts.total_count

    def record(self, times: Iterable[float]) -> None:
        """시간(초)들을 기록합니다. 음수, NaN, 한 시간을 넘는 값이 있으면 모두 거절합니다."""
        ticks, counts = np.unique(np.rint(check_times(times) / TICK), return_counts=True)
        for tick, count in zip(ticks.tolist(), counts.tolist(), strict=True):
            self._counts.record_value(int(tick), count)

    def percentile(self, p: float) -> float:
        """``p``번째 백분위수(초). 기록한 값이 없으면 `InvalidValue`."""
        check_number("p", p, 0, 100)
        _check_filled(self.count)
        return self._counts.get_value_at_percentile(p) * TICK

    def merge(self, other: Histogram) -> None:
        """``other``에 기록된 것을 여기에 더합니다. ``other``는 그대로입니다."""
        _check_same(other, Histogram, "digits", self.digits)
        if other.count:
            self._counts.add(other._counts)

    def encode(self) -> bytes:
        """다른 서버로 보낼 수 있게 압축한 바이트(HdrHistogram V2 형식)."""
        return self._counts.encode()


class Sketch:
    """DDSketch: 로그 눈금의 칸에 세어, 백분위수의 상대 오차가 ``accuracy`` 안입니다.

    칸을 필요한 만큼만 만들므로 값의 범위를 미리 정하지 않아도 됩니다.
    """

    def __init__(self, accuracy: float = 0.01):
        from ddsketch import DDSketch

        self.accuracy = check_number("accuracy", accuracy, 1e-4, 0.5)
        self._bins = DDSketch(accuracy)

    @property
    def count(self) -> int:
        """기록한 값의 수."""
        return int(self._bins.count)

    def record(self, times: Iterable[float]) -> None:
        """시간(초)들을 기록합니다. 음수나 NaN이 있으면 하나도 기록하지 않습니다."""
        for time in check_times(times).tolist():
            self._bins.add(time)

    def percentile(self, p: float) -> float:
        """``p``번째 백분위수(초). 기록한 값이 없으면 `InvalidValue`."""
        check_number("p", p, 0, 100)
        _check_filled(self.count)
        return self._bins.get_quantile_value(p / 100)

    def merge(self, other: Sketch) -> None:
        """``other``에 기록된 것을 여기에 더합니다. ``other``는 그대로입니다."""
        _check_same(other, Sketch, "accuracy", self.accuracy)
        self._bins.merge(other._bins)


class Window:
    """슬라이딩 윈도: 최근 ``width``초의 백분위수.

    윈도를 ``slices``칸으로 나누어 칸마다 히스토그램을 두고, 물어볼 때 더합니다. 낡은 칸은 통째로
    버리므로 윈도의 끝은 한 칸(``width / slices``)만큼 거칠게 움직입니다.
    """

    def __init__(self, width: float, slices: int = 10):
        check_positive("width", width)
        self.width, self.slices = width, check_integer("slices", slices, 1, 1000)
        self._parts: deque[tuple[int, Histogram]] = deque()

    def record(self, now: float, times: Iterable[float]) -> None:
        """시각 ``now``(초)에 잰 시간들을 기록합니다. 시각은 거꾸로 갈 수 없습니다."""
        here = int(check_number("now", now, 0) * self.slices / self.width)
        if self._parts and here < self._parts[-1][0]:
            raise InvalidValue(
                f"now={now!r}: 앞에서 기록한 시각보다 이릅니다.", "시각 순서대로 기록해야 합니다."
            )
        if not self._parts or self._parts[-1][0] < here:
            self._parts.append((here, Histogram()))
        self._parts[-1][1].record(times)
        while self._parts[0][0] <= here - self.slices:
            self._parts.popleft()

    def percentile(self, p: float) -> float:
        """마지막으로 기록한 시각에서 본 ``p``번째 백분위수(초)."""
        return merged(part for _, part in self._parts).percentile(p)


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """히스토그램들을 모두 더한 새 히스토그램. 하나도 없으면 빈 것입니다."""
    total = None
    if not isinstance(histograms, Iterable):
        problem = f"histograms={histograms!r}: 시퀀스가 아닙니다."
        raise InvalidValue(problem, "Histogram의 시퀀스여야 합니다.", "예: merged([하나, 둘])")
    for one in histograms:
        if not isinstance(one, Histogram):
            problem = f"histograms에 {reprlib.repr(one)}이(가) 있습니다: 히스토그램이 아닙니다."
            raise InvalidValue(problem, "Histogram의 시퀀스여야 합니다.", "예: merged([하나, 둘])")
        total = total or Histogram(one.digits)
        total.merge(one)
    return total or Histogram()


def check_times(times: Iterable[float]) -> np.ndarray:
    """걸린 시간(초)의 1차원 배열. 음수, NaN, 한 시간을 넘는 값이 있으면 `InvalidValue`."""
    try:
        data = np.asarray(times if hasattr(times, "__len__") else list(times), dtype=float)
    except (TypeError, ValueError):
        raise InvalidValue(f"times={times!r}", "시간(초)의 시퀀스여야 합니다.") from None
    if data.ndim != 1:
        raise InvalidValue(f"times의 모양이 {data.shape}입니다.", "1차원 시퀀스여야 합니다.")
    wrong = data[~((data >= 0) & (data <= HIGHEST))]
    if wrong.size:
        raise InvalidValue(
            f"times에 {wrong[0]}이(가) 있습니다.",
            f"0 이상 {HIGHEST:g} 이하의 시간(초)이어야 합니다.",
            "실패한 요청을 걸러 냈는지, 시작과 끝의 시계가 같은지, 단위가 초인지 보세요.",
        )
    return data


def _check_filled(count: int) -> None:
    if not count:
        raise InvalidValue("기록한 값이 하나도 없습니다.", "record로 하나 이상 기록해야 합니다.")


def _check_same(other: Any, kind: type, name: str, mine: float) -> None:
    if not isinstance(other, kind) or getattr(other, name) != mine:
        raise InvalidValue(
            f"other={other!r}: 더할 수 없습니다.",
            f"{name}={mine}인 {kind.__name__}여야 합니다.",
        )
