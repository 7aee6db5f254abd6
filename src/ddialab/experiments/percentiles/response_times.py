"""실습 13: 평균이 감추는 것을 백분위수가 봅니다. 시간의 단위는 초입니다."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ddialab.cluster.erlang import response_percentile
from ddialab.cluster.queueing import arrivals, mm1_responses, waits
from ddialab.core.histogram import Window
from ddialab.core.metrics import percentile
from ddialab.ops.slo import by_window

SERVICE = 0.01  # M/M/1과 M/M/c에서 서비스 시간의 평균
LOADS = np.array([0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9])  # 사용률
LIMIT = 0.2  # 경보를 울릴 p99
MINUTES, SICK = 30, (600, 780)  # 윈도로 보는 시간(분)과, 그 가운데 느려진 동안(초)
WATCH = 10  # 몇 초마다 p99를 보는가
WIDTHS = (10, 60, 300, 1800)  # p99를 구하는 윈도의 폭(초)
DAYS, WINDOW, DAY = 30, 300, 86_400  # 한 달(일), 목표를 재는 윈도 하나와 하루(초)
INCIDENTS = ((5.6, 12, 5), (13.5, 10, 6), (22.4, 12, 6))  # (며칠째, 몇 분 동안, 몇 배 느리게)


def responses(broken: bool, seed: int, n: int = 20_000) -> np.ndarray:
    """고장 나면 50번에 한 번 잠금에 걸려 1.5초 멈춥니다. 평균이 같도록 나머지는 빠르게 했습니다."""
    random = np.random.default_rng(seed)
    usual = random.exponential(0.03 if broken else 0.06, n)
    return usual + 1.5 * (random.random(n) < 0.02) * broken


def one_server(load: float, seed: int, n: int = 30_000) -> np.ndarray:
    """사용률이 ``load``인 M/M/1의 응답 시간들. 줄이 자리 잡기 전의 앞부분은 버립니다."""
    return mm1_responses(load / SERVICE, SERVICE, n, seed)[n // 3 :]


def formula(p: float, servers: int = 1, loads: Sequence[float] = LOADS) -> np.ndarray:
    """교과서의 식으로 구한 ``p``번째 백분위수. 사용률 ``loads``마다 하나입니다."""
    return np.array(
        [response_percentile(p, load * servers / SERVICE, SERVICE, servers) for load in loads]
    )


def slow_spell(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """초당 20건을 받다가 한동안 2.4배 느려지는 서비스의 (도착, 응답 시간)."""
    came = arrivals(np.full(MINUTES, 20.0), 60.0, seed=seed)
    sick = (came >= SICK[0]) & (came < SICK[1])
    work = np.random.default_rng(seed).exponential(0.02, len(came)) * np.where(sick, 2.4, 1)
    return came, waits(came, work) + work


def watched() -> np.ndarray:
    """p99를 보는 시각들."""
    return np.arange(WATCH, MINUTES * 60 + 1, WATCH)


def rolling(came: np.ndarray, response: np.ndarray, width: int) -> np.ndarray:
    """보는 시각마다, 최근 ``width``초의 p99. 끝나야 잴 수 있으므로 끝난 때로 넣습니다."""
    window, done, seen = Window(width, slices=min(10, width // WATCH)), came + response, []
    for end in watched():
        start, stop = np.searchsorted(done, [end - WATCH, end])
        window.record(float(end) - 0.001, response[start:stop])
        seen.append(window.percentile(99))
    return np.array(seen)


def alarms(p99s: np.ndarray) -> tuple[int, int]:
    """(느려지기 전 오탐의 수, 원인이 사라진 뒤 경보가 처음 꺼질 때까지 걸린 초)"""
    over, ends = p99s > LIMIT, watched()
    after = over[ends > SICK[1]]
    clear = len(after) if after.all() else int(np.argmin(after))
    return int(over[ends <= SICK[0]].sum()), WATCH * clear


def machines(seed: int) -> list[np.ndarray]:
    """서버 열 대, 같은 양의 요청. 아홉은 평균 10 ms, 하나는 100 ms입니다."""
    random = np.random.default_rng(seed)
    return [random.exponential(mean, 2000) for mean in [0.01] * 9 + [0.1]]


def hours(seed: int) -> list[np.ndarray]:
    """하루 스물네 시간. 낮 16시간은 붐비고 빠르며, 밤 8시간은 뜸하고 느립니다."""
    random = np.random.default_rng(seed)
    shape = [(5000, 0.02)] * 16 + [(50, 0.2)] * 8
    return [random.exponential(mean, n) for n, mean in shape]


def off_by(parts: list[np.ndarray]) -> float:
    """부분마다 구한 p99의 평균을, 모두 합쳐 구한 진짜 p99로 나눈 값."""
    each = [percentile(part, 99) for part in parts]
    return np.mean(each) / percentile(np.concatenate(parts), 99)


def merged_p99(parts: list[np.ndarray], kind: Callable) -> float:
    """부분마다 히스토그램(``kind``)에 세고, 칸끼리 더한 다음, 한 번만 구한 p99."""
    counted = [kind() for _ in parts]
    for one, part in zip(counted, parts, strict=True):
        one.record(part)
    total = counted[0]
    for other in counted[1:]:
        total.merge(other)
    return total.percentile(99)


def month(seed: int, incidents: Sequence[tuple[float, float, float]] = INCIDENTS):
    """사고가 있는 한 달의 (도착, 서비스 시간). 새벽에는 뜸하고 한낮에는 붐빕니다."""
    starts = np.arange(DAYS * DAY // WINDOW) * WINDOW
    rates = 1.8 - 1.2 * np.cos(2 * np.pi * starts / DAY)  # 초당 요청
    came = arrivals(rates, WINDOW, seed=seed)
    work = np.random.default_rng(seed + 1).exponential(0.07, len(came))
    for day_number, minutes, slower in incidents:
        begin = day_number * DAY
        work[np.searchsorted(came, begin) : np.searchsorted(came, begin + minutes * 60)] *= slower
    return came, work


def by_five_minutes(came: np.ndarray, work: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """한 달의 윈도마다 응답 시간의 (중앙값, p99)."""
    return by_window(came, waits(came, work) + work, WINDOW, DAYS * DAY // WINDOW)
