"""줄 서기를 한꺼번에: 사건을 하나하나 돌리지 않고 줄(queue)에서 기다린 시간을 구합니다.

서버가 하나면 앞사람에게서 다음 사람의 대기를 얻는 식(Lindley 1952) 하나로 백만 건도 한순간입니다.
시간의 단위는 모두 같기만 하면 됩니다. 닫힌 식은 `ddialab.cluster.erlang`에 있습니다.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ddialab.cluster.erlang import check_load
from ddialab.core.errors import InvalidValue, check_integer, check_number, check_positive


def waits(arrivals: Iterable[float], services: Iterable[float]) -> np.ndarray:
    """요청마다 줄에서 기다린 시간. 서버는 하나, 순서는 온 차례, 분포는 무엇이든 됩니다(G/G/1).

    ``arrivals``는 도착 시각(커지는 순서), ``services``는 서비스 시간이고 길이가 같습니다.
    Lindley의 식 ``W[k+1] = max(0, W[k] + S[k] - (A[k+1] - A[k]))``를 풀면, 밀린 일의 합에서
    그때까지의 최솟값을 뺀 것입니다. 그래서 반복문 없이 계산합니다.
    """
    arrived, work = _numbers("arrivals", arrivals), _numbers("services", services)
    if len(arrived) != len(work):
        raise InvalidValue(
            f"arrivals는 {len(arrived)}개, services는 {len(work)}개입니다.",
            "요청마다 하나씩, 길이가 같아야 합니다.",
        )
    gaps = np.diff(arrived)
    if (work < 0).any() or (gaps < 0).any():
        raise InvalidValue(
            "서비스 시간이 음수이거나 도착 시각이 거꾸로 갑니다.",
            "서비스 시간은 0 이상, 도착 시각은 커지는 순서여야 합니다.",
        )
    backlog = np.concatenate([[0.0], np.cumsum(work[:-1] - gaps)])
    return backlog - np.minimum.accumulate(backlog)


def mm1_responses(rate: float, service: float, n: int, seed: int = 0) -> np.ndarray:
    """빈 서버에 온 첫 ``n``건의 응답 시간(기다림 + 처리): 도착도 처리도 지수분포입니다."""
    check_load(rate, service, 1)
    random = np.random.default_rng(check_integer("seed", seed, 0))
    arrived = np.cumsum(random.exponential(1 / rate, check_integer("n", n, 1)))
    work = random.exponential(service, n)
    return waits(arrived, work) + work


def arrivals(rates: Iterable[float], step: float, seed: int = 0) -> np.ndarray:
    """``step``마다 도착률이 ``rates``로 바뀌는 포아송 도착의 시각들."""
    rates = _numbers("rates", rates)
    check_number("rates의 최솟값", float(rates.min()), 0)
    check_positive("step", step)
    random = np.random.default_rng(check_integer("seed", seed, 0))
    counts = random.poisson(rates * step).astype(np.intp)  # 브라우저의 NumPy는 32비트입니다
    starts = np.repeat(np.arange(len(rates)) * step, counts)
    return np.sort(starts + random.random(len(starts)) * step)


def _numbers(name: str, values: Iterable[float]) -> np.ndarray:
    try:
        data = np.asarray(values if hasattr(values, "__len__") else list(values), dtype=float)
    except (TypeError, ValueError):
        raise InvalidValue(f"{name}={values!r}", "숫자의 시퀀스여야 합니다.") from None
    if data.ndim != 1 or not data.size or not np.isfinite(data).all():
        raise InvalidValue(
            f"{name}: 비었거나, 1차원이 아니거나, NaN이나 무한대가 있습니다.",
            "유한한 수가 하나 이상인 1차원 시퀀스여야 합니다.",
        )
    return data
