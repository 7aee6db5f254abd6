"""줄 서기의 닫힌 식: 도착도 처리도 지수분포인 M/M/c에서 기다릴 확률과 응답 시간의 백분위수.

식은 Erlang(1917)의 것입니다. 시간의 단위는 모두 같기만 하면 됩니다.
"""

from __future__ import annotations

import math

from ddialab.core.errors import InvalidValue, check_integer, check_number, check_positive

MOST_SERVERS = 1_000_000  # 하나씩 세므로 이보다 많으면 오래 걸립니다


def erlang_c(servers: int, offered: float) -> float:
    """줄을 서야 할 확률(Erlang C). ``offered``는 도착률 x 서비스 시간이고 ``servers``보다 작습니다.

    계승(factorial)이 커지지 않도록 차단 확률(Erlang B)을 하나씩 늘려 가며 구합니다.
    """
    check_integer("servers", servers, 1, MOST_SERVERS)
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
    check_load(rate, service, servers)
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


def check_load(rate: float, service: float, servers: int) -> None:
    """줄이 끝없이 길어지지 않는 부하인지 봅니다. 아니면 `InvalidValue`."""
    check_integer("servers", servers, 1)
    check_positive("rate", rate)
    check_positive("service", service)
    if rate * service >= servers:
        raise InvalidValue(
            f"rate={rate!r}, service={service!r}: 서버 {servers}대가 감당하지 못합니다.",
            "rate x service가 서버 수보다 작아야 줄이 끝없이 길어지지 않습니다.",
        )
