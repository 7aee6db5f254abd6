"""가용성: 부품들이 제멋대로 고장 나는 한 해를 돌려 센 것과, 그 곁의 닫힌 식.

시간의 단위는 일(日)입니다. 요청을 보내 보는 대신, 무엇이 꺼질 때마다 길의 끝까지 갈 수 있는지 보고
갈 수 없던 시간을 더합니다. 그래서 한 해를 빠짐없이 셉니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ddialab.core.errors import check_integer, check_number
from ddialab.core.metrics import parallel, series, steady_availability
from ddialab.experiments.fault_and_failure.paths import (
    API,
    BALANCER,
    CACHE,
    DB,
    HOME,
    INDEX,
    LOG,
    READ,
    REPLICA,
    SEARCH,
    WRITE,
    Has,
    Path,
    any_of,
    parts_of,
    request,
    works,
)
from ddialab.stress.faults import FaultPlan, random_plan

SEEDS = range(40)  # 같은 한 해를 시드만 바꾸어 되풀이합니다
YEAR = 365.0
# 부품의 평균 고장 시간과 복구 시간(일). 한 해 안에 차이가 보이게 나쁘게 잡습니다
MTTF, MTTR = 19.0, 1.0
ALL = "모두"  # 모든 부품을 함께 끄는 까닭(설정 배포 같은 것)
# 기능마다 지나는 것들. 안쪽은 하나만 있으면 되고(병렬), 바깥쪽은 모두 있어야 합니다(직렬)
NEEDS = {
    READ: ((BALANCER,), (API,), (REPLICA, DB)),
    WRITE: ((BALANCER,), (API,), (DB,), (LOG,)),
    SEARCH: ((BALANCER,), (API,), (INDEX,)),
    HOME: ((BALANCER,), (API,), (CACHE, REPLICA, DB)),
}


def outages(names: Iterable[str], seed: int, mttf: float = MTTF, mttr: float = MTTR) -> FaultPlan:
    """``names``가 저마다 따로 고장 나는 한 해."""
    return random_plan(names, YEAR, mttf, mttr, seed=seed)


def blocked(plan: FaultPlan, path: Callable[[], Path]) -> list[tuple[float, float]]:
    """``plan``대로 부품이 꺼지고 켜질 때, 길의 끝까지 갈 수 없던 동안들."""
    turns = [(fault.time, 1, fault.target) for fault in plan]
    turns += [(min(fault.time + fault.duration, YEAR), -1, fault.target) for fault in plan]
    down, spans, since = {}, [], None
    for time, change, name in sorted(turns):
        down[name] = down.get(name, 0) + change
        off = tuple(one for one, many in down.items() if many)
        stuck = ALL in off or not works(path(), off)
        if stuck and since is None:
            since = time
        elif since is not None and not stuck:
            spans.append((since, time))
            since = None
    return spans


def share(spans: Iterable[tuple[float, float]]) -> float:
    """한 해에서 ``spans``가 차지하는 비율."""
    return sum(end - start for start, end in spans) / YEAR


def unavailable(has: Has, function: str, *, seeds: Iterable[int] = SEEDS) -> np.ndarray:
    """시드마다 한 해씩, ``function``이 안 되던 시간의 비율."""
    plans = (outages(parts_of(has), seed) for seed in seeds)
    return np.array([share(blocked(plan, lambda: request(has, function))) for plan in plans])


def expected(has: Has, function: str, one: float | None = None) -> float:
    """닫힌 식: 병렬로 묶고 직렬로 잇습니다. ``one``은 부품 하나의 가용성입니다."""
    one = steady_availability(MTTF, MTTR) if one is None else one
    groups = [[one for role in roles for _ in has[role]] for roles in NEEDS[function]]
    return 1 - series(parallel(group) for group in groups)


def together(
    n: int, beta: float, seed: int, mttf: float = MTTF, mttr: float = MTTR
) -> list[tuple[float, float]]:
    """하나만 살아 있으면 되는 ``n``대가 모두 꺼져 있던 동안들.

    한 대가 고장 나는 횟수는 그대로 두고, 그 가운데 ``beta``만큼은 모두를 함께 끕니다.
    """
    names = tuple(f"n{i + 1}" for i in range(check_integer("n", n, 1)))
    check_number("beta", beta, 0, 0.99)
    plan = outages(names, seed, mttf / (1 - beta), mttr)
    if beta:
        plan += outages((ALL,), seed, mttf / beta, mttr)
    return blocked(plan, lambda: any_of(names))


def all_down(n: int, beta: float, *, seeds: Iterable[int] = SEEDS) -> np.ndarray:
    """시드마다 한 해씩, ``n``대가 모두 꺼져 있던 시간의 비율."""
    return np.array([share(together(n, beta, seed)) for seed in seeds])


def independent(n: int) -> float:
    """독립 공식: ``n``대가 저마다 따로 고장 난다고 믿을 때, 모두 꺼져 있을 확률."""
    return 1 - parallel([steady_availability(MTTF, MTTR)] * check_integer("n", n, 1))


def with_common_cause(n: int, beta: float) -> float:
    """함께 꺼지는 까닭을 따로 떼어 직렬로 놓은 식."""
    check_number("beta", beta, 0, 0.99)
    alone = parallel([steady_availability(MTTF / (1 - beta), MTTR)] * check_integer("n", n, 1))
    shared = steady_availability(MTTF / beta, MTTR) if beta else 1.0
    return 1 - series([shared, alone])
