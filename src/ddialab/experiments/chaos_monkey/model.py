"""모델에 하는 카오스 실험: 약속마다 답한 쓰기와 잃은 쓰기, 쓰지 못한 시간."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ddialab.cluster import chaos
from ddialab.cluster.failover import DOWN_AFTER, PING, VOTE
from ddialab.cluster.promise import ASYNC, OK, REFUSED, counted
from ddialab.cluster.replication import HOP
from ddialab.cluster.simulated import Simulated
from ddialab.core.errors import check_positive
from ddialab.experiments.chaos_monkey.plans import HELD_AND_KILLED, PLAIN_KILL

DOWN_AFTERS = (500, 1000, 2000, 5000)  # 밀리초
GAP = 0.01  # 초. 쉬지 않고 쓰는 클라이언트가 다음 쓰기까지 쉬는 시간
AFTER = 2.0  # 초. 새 프라이머리가 나온 뒤에 더 쓰는 시간


@dataclass
class Result:
    """한 번의 결과. ``kept``는 성공이라는 답을 듣지 못했는데 남아 있는 쓰기입니다."""

    acknowledged: int
    lost: int
    refused: int
    kept: int
    outage: float = 0.0  # 초. 고장부터 다시 성공할 때까지


def result(system: Simulated, outage: float = 0.0) -> Result:
    """지금까지 쓴 것의 결과."""
    return Result(
        len(system.acknowledged),
        len(system.missing()),
        counted(system.outcomes)[REFUSED],
        len(system.extra()),
        outage,
    )


# --- 진짜 서버와 견줄 계획 ---


def held_and_killed(promise: str, seed: int = 0) -> Result:
    """복제를 붙잡고 100건을 쓴 다음 프라이머리를 죽입니다. 계획은 `plans.HELD_AND_KILLED`입니다."""
    return by_plan(HELD_AND_KILLED, promise, seed)


def plain_kill(promise: str = ASYNC, seed: int = 0) -> Result:
    """100건을 쓰고 프라이머리를 죽입니다. 계획은 `plans.PLAIN_KILL`입니다."""
    return by_plan(PLAIN_KILL, promise, seed)


def by_plan(plan: chaos.Experiment, promise: str, seed: int = 0, **settings) -> Result:
    """계획의 할 일만 하고 롤백하지 않습니다. ``settings``는 `Simulated`의 설정입니다."""
    system = Simulated(promise, seed=seed, **settings)
    for step in plan.method:
        chaos.apply(step, system)
    return result(system)


def planned(coordinated: bool, seed: int = 0, promise: str = ASYNC) -> Result:
    """쉬지 않고 쓰는 클라이언트가 있는데, 아무도 죽지 않은 프라이머리를 옮깁니다."""
    system = Simulated(promise, seed=seed)
    _write_until(system, system.engine.stream("때").uniform(1.0, 2.0))
    began = system.engine.now
    system.model.plan_failover(coordinated)
    while system.model.moving:
        _write_once(system)
    _write_until(system, system.engine.now + AFTER)
    system.settle()
    return result(system, _longest_gap(system, began))


def outage(down_after: int = DOWN_AFTER, seed: int = 0, promise: str = ASYNC) -> Result:
    """쉬지 않고 쓰는 클라이언트가 있는데 프라이머리를 죽입니다. 때는 시드마다 다릅니다."""
    system = Simulated(promise, down_after, seed)
    _write_until(system, system.engine.stream("때").uniform(1.0, 2.0))
    killed = system.engine.now
    system.kill(system.primary)
    while not _write_once(system):
        pass
    back = system.times[-1]
    system.settle()
    return result(system, back - killed)


def expected_outage(down_after: int) -> float:
    """프라이머리가 죽고 다시 성공할 때까지의 평균(초).

    센티널 셋이 마지막으로 답을 들은 때는 저마다 고르게 흩어져 있고, 둘째 것이 의심하면 합의합니다.
    고른 수 셋의 가운데 것은 평균이 가운데이므로, 합의까지의 평균은 down-after보다 안부를 묻는
    간격의 절반만큼 짧습니다. 여기에 새 프라이머리를 세우는 시간과 다음 쓰기까지의 시간을 더합니다.
    """
    down = check_positive("down_after", down_after) / 1000
    return down - min(PING, down) / 2 + VOTE + (GAP + 2 * HOP) / 2 + 2 * HOP


def _write_once(system: Simulated) -> bool:
    system.rest(GAP)
    return system.write(f"k{len(system.outcomes) + 1}")


def _write_until(system: Simulated, when: float) -> None:
    while system.engine.now < when:
        _write_once(system)


def _longest_gap(system: Simulated, began: float) -> float:
    """``began`` 뒤로 성공과 성공 사이가 가장 길었던 시간(초)."""
    pairs = zip(system.times, system.outcomes, strict=True)
    good = [began, *(at for at, outcome in pairs if outcome == OK and at >= began)]
    return max(after - before for before, after in pairwise(good))
