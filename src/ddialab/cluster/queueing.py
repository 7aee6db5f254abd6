"""줄 서기의 수학: 사건을 하나하나 돌리지 않고 줄(queue)의 시간을 구합니다.

서버가 하나면 앞사람에게서 다음 사람의 대기를 얻는 식(Lindley 1952) 하나로 백만 건도 한순간입니다.
`response_percentile`은 M/M/c의 닫힌 식입니다. 시간의 단위는 모두 같기만 하면 됩니다.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from ddialab.core.errors import InvalidValue, check_integer, check_number


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
    _check_load(rate, service, 1)
    random = np.random.default_rng(check_integer("seed", seed, 0))
    arrived = np.cumsum(random.exponential(1 / rate, check_integer("n", n, 1)))
    work = random.exponential(service, n)
    return waits(arrived, work) + work


def arrivals(rates: Iterable[float], step: float, seed: int = 0) -> np.ndarray:
    """``step``마다 도착률이 ``rates``로 바뀌는 포아송 도착의 시각들."""
    rates = _numbers("rates", rates)
    if (rates < 0).any() or check_number("step", step) <= 0:
        raise InvalidValue(
            f"rates의 최솟값 {rates.min()}, step={step!r}",
            "도착률은 0 이상, step은 0보다 커야 합니다.",
        )
    random = np.random.default_rng(check_integer("seed", seed, 0))
    counts = random.poisson(rates * step).astype(np.intp)  # 브라우저의 NumPy는 32비트입니다
    starts = np.repeat(np.arange(len(rates)) * step, counts)
    return np.sort(starts + random.random(len(starts)) * step)


def erlang_c(servers: int, offered: float) -> float:
    """줄을 서야 할 확률(Erlang C). ``offered``는 도착률 x 서비스 시간이고 ``servers``보다 작습니다.

    계승(factorial)이 커지지 않도록 차단 확률(Erlang B)을 하나씩 늘려 가며 구합니다.
    """
    check_integer("servers", servers, 1)
    if not 0 <= check_number("offered", offered) < servers:
        raise InvalidValue(
            f"offered={offered!r}: 서버 {servers}대가 감당하지 못합니다.",
            "도착률 x 서비스 시간이 0 이상, 서버 수 미만이어야 합니다.",
        )
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked / (1 - offered / servers * (1 - blocked))


def response_tail(time: float, rate: float, service: float, servers: int = 1) -> float:
    """M/M/c에서 응답 시간이 ``time``보다 길 확률.

    응답 시간 = 서비스 시간(지수분포) + 기다림이고, 기다림은 Erlang C의 확률로 지수분포,
    아니면 0입니다. 둘이 서로 독립이므로 합의 꼬리를 식으로 쓸 수 있습니다.
    """
    _check_load(rate, service, servers)
    check_number("time", time, 0)
    finish, drain = 1 / service, servers / service - rate
    queued = erlang_c(servers, rate * service)
    alone = math.exp(-finish * time)
    if math.isclose(finish, drain, rel_tol=1e-9):
        behind = (1 + finish * time) * alone
    else:
        behind = (drain * alone - finish * math.exp(-drain * time)) / (drain - finish)
    return (1 - queued) * alone + queued * behind


def response_percentile(p: float, rate: float, service: float, servers: int = 1) -> float:
    """M/M/c의 응답 시간에서 ``p``번째 백분위수(0 이상 100 미만).

    서버가 하나면 ``-ln(1 - p/100) / (1/service - rate)``이고, 여럿이면 `response_tail`을
    둘로 나누어 좁혀 갑니다.
    """
    if check_number("p", p, 0, 100) == 100:
        raise InvalidValue("p=100: p100은 유한하지 않습니다.", "100보다 작아야 합니다.")
    low, high, left = 0.0, service, 1 - p / 100
    while response_tail(high, rate, service, servers) > left:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        slower = response_tail(middle, rate, service, servers) > left
        low, high = (middle, high) if slower else (low, middle)
    return high


def _check_load(rate: float, service: float, servers: int) -> None:
    check_integer("servers", servers, 1)
    if check_number("rate", rate) <= 0 or check_number("service", service) <= 0:
        raise InvalidValue(f"rate={rate!r}, service={service!r}", "둘 다 0보다 커야 합니다.")
    if rate * service >= servers:
        raise InvalidValue(
            f"rate={rate!r}, service={service!r}: 서버 {servers}대가 감당하지 못합니다.",
            "rate x service가 서버 수보다 작아야 줄이 끝없이 길어지지 않습니다.",
        )


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
