"""진짜 서버에 하는 카오스 실험: 모델에 한 것과 같은 계획으로 죽이고, 무엇이 없어졌는지 셉니다.

모두 이 커널이 띄운 서버에서만 합니다. 한 번 띄운 저장소를 비우고 되살려 가며 이어서 씁니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from ddialab.cluster import chaos
from ddialab.cluster.promise import ASYNC, MIN_REPLICAS, OK, PROMISES, REFUSED, WAIT, counted
from ddialab.cluster.real.cluster import RealCluster
from ddialab.experiments.chaos_monkey.plans import (
    HELD_AND_KILLED,
    HELD_LONG,
    PLAIN_KILL,
    RESTARTED_TOO_SOON,
)
from ddialab.stress.client import EndlessClient

KILLS = 3  # 그냥 죽여 보는 횟수
DOWN_AFTERS = (500, 1000, 2000)  # ms
OUTAGES = 3  # down-after마다 재는 횟수
PATIENT = 10_000  # ms. 죽은 줄 알고 페일오버하면 안 되는 실험의 down-after
BUSY = 500  # 계획한 페일오버의 앞뒤로 쓰는 건수
SOME = 50  # 프라이머리를 죽이는 앞뒤로 쓰는 건수
SHORT_WAIT = 50  # ms. 아무도 답하지 않을 것을 알 때 WAIT이 기다리는 시간
GAP = 0.001  # 초. 쉬지 않고 쓰는 클라이언트가 쓰기 사이에 쉬는 시간
FEW = 10  # WAIT이 약속하지 않는 것을 볼 때 쓰는 건수
FIRST = 10  # 다른 노드(100)보다 먼저 승진할 순서
Counts = dict[str, Any]


def by_plan(cluster: RealCluster, plan: chaos.Experiment, promise: str) -> Counts:
    """``plan``의 할 일을 하고 센 다음 되돌립니다."""
    return _tried(cluster, promise, lambda: _do(plan.method, cluster))


def kills(cluster: RealCluster) -> list[Counts]:
    """복제를 건드리지 않고 그냥 죽입니다."""
    return [by_plan(cluster, PLAIN_KILL, ASYNC) for _ in range(KILLS)]


def promises(cluster: RealCluster) -> dict[str, Counts]:
    """복제를 붙잡고 죽입니다. 약속마다, 그리고 min-replicas가 복제본의 소식이 끊긴 줄 알 만큼
    오래 붙잡고도 한 번 더."""
    usual, cluster.wait = cluster.wait, SHORT_WAIT
    try:
        found = {promise: by_plan(cluster, HELD_AND_KILLED, promise) for promise in PROMISES}
        return {**found, f"{MIN_REPLICAS}-long": by_plan(cluster, HELD_LONG, MIN_REPLICAS)}
    finally:
        cluster.wait = usual


def limits(cluster: RealCluster) -> dict[str, Counts]:
    """WAIT이 약속하지 않는 것들. 뒤의 셋은 복제본 하나의 확인만 기다립니다(WAIT 1).

    따라온 복제본이 승진하면(``advanced``) 잃지 않습니다. 뒤처진 쪽이 승진하면 답한 것을 잃습니다:
    먼저 승진하게 정해 두었거나(``preferred``), 따라온 쪽이 함께 죽었거나(``both``).
    """
    usual = cluster.need
    try:
        unanswered = _tried(cluster, WAIT, lambda: _one_follows(cluster))
        cluster.need = 1
        return {
            "unanswered": unanswered,
            "advanced": _tried(cluster, WAIT, lambda: _one_follows(cluster)),
            "preferred": _tried(cluster, WAIT, lambda: _one_follows(cluster, prefer=True)),
            "both": _tried(cluster, WAIT, lambda: _one_follows(cluster, both=True)),
        }
    finally:
        cluster.need = usual


def maintenance(cluster: RealCluster) -> dict[str, Counts]:
    """쉬지 않고 쓰는 클라이언트가 있는데 프라이머리를 옮깁니다. 그냥, 그리고 함께(COORDINATED)."""
    with _patient(cluster):
        return {"plain": planned(cluster, False), "coordinated": planned(cluster, True)}


def planned(cluster: RealCluster, coordinated: bool) -> Counts:
    """``gap``은 성공과 성공 사이가 가장 길었던 시간(초)입니다."""
    return _tried(cluster, ASYNC, lambda: _move(cluster, coordinated), gap=_longest_gap)


def too_soon(cluster: RealCluster) -> Counts:
    """센티널이 알아채기 전에 텅 빈 채로 다시 켭니다. 복제본들도 따라서 비웁니다."""
    with _patient(cluster):
        return by_plan(cluster, RESTARTED_TOO_SOON, WAIT)


def outages(cluster: RealCluster) -> dict[str, list[float]]:
    """down-after(ms)마다, 프라이머리를 죽이고 다시 성공할 때까지의 시간(초)들."""
    usual = cluster.down_after
    try:
        return {str(ms): [outage(cluster, ms) for _ in range(OUTAGES)] for ms in DOWN_AFTERS}
    finally:
        cluster.down_after = usual


def outage(cluster: RealCluster, down_after: int) -> float:
    """쉬지 않고 쓰면서 프라이머리를 죽이고, 다시 성공할 때까지의 시간(초)."""
    cluster.down_after = down_after
    counts = _tried(cluster, ASYNC, lambda: _killed_while_writing(cluster), gap=_longest_gap)
    return counts["gap"]


# --- 한 번 ---


@contextmanager
def _patient(cluster: RealCluster) -> Iterator[None]:
    """센티널이 오래 참습니다."""
    usual, cluster.down_after = cluster.down_after, PATIENT
    try:
        yield
    finally:
        cluster.down_after = usual


def _tried(cluster: RealCluster, promise: str, act: Callable[[], object], **more: Callable):
    """``promise``를 걸고 빈 저장소에서 ``act()``를 한 뒤 세고, 되돌립니다."""
    cluster.promise = promise
    cluster.reset()
    cluster.settle()
    act()
    counts = {
        "acknowledged": len(cluster.acknowledged),
        "lost": len(cluster.missing()),
        "refused": counted(cluster.outcomes)[REFUSED],
        "kept": len(cluster.extra()),
        **{name: ask(cluster) for name, ask in more.items()},
    }
    _do(HELD_AND_KILLED.rollback, cluster)
    return counts


def _do(steps: Sequence[chaos.Step], cluster: RealCluster) -> None:
    for step in steps:
        chaos.apply(step, cluster)


def _one_follows(cluster: RealCluster, prefer: bool = False, both: bool = False) -> None:
    """복제본 하나(뒤처질 것)만 붙잡고 쓴 다음 프라이머리를 죽입니다.

    ``prefer``면 뒤처진 쪽이 먼저 승진하게 정해 두고, ``both``면 따라온 쪽도 함께 죽입니다.
    """
    first = cluster.primary
    ahead, behind = [name for name in cluster.names if name != first]
    if prefer:
        cluster.prefer(behind, FIRST)
    cluster.hold(behind)
    _write(cluster, FEW)
    cluster.wait_for_report(ahead)  # 센티널이 모르면 뒤처진 쪽을 승진시킬 수도 있습니다
    cluster.kill(first)
    if both:
        cluster.kill(ahead)
    cluster.settle()
    if prefer:
        cluster.prefer(behind, 100)


def _move(cluster: RealCluster, coordinated: bool) -> None:
    client = EndlessClient(lambda: _write(cluster, 1), GAP)
    try:
        _until_written(cluster, BUSY)
        cluster.planned_failover(coordinated)
        _until_written(cluster, BUSY)
        cluster.settle()
    finally:
        client.stop()


def _killed_while_writing(cluster: RealCluster) -> None:
    client = EndlessClient(lambda: _write(cluster, 1), GAP)
    try:
        _until_written(cluster, SOME)
        cluster.kill(cluster.primary)
        _until_written(cluster, SOME)
    finally:
        client.stop()
    cluster.settle()


def _write(cluster: RealCluster, count: int) -> None:
    for _ in range(count):
        cluster.write(f"k{len(cluster.outcomes) + 1}")


def _until_written(cluster: RealCluster, more: int) -> None:
    """클라이언트가 ``more``건을 더 성공할 때까지 기다립니다."""
    wanted = len(cluster.acknowledged) + more
    cluster.wait_until(lambda: len(cluster.acknowledged) >= wanted, "클라이언트가 쓰기")


def _longest_gap(cluster: RealCluster) -> float:
    """성공과 성공 사이가 가장 길었던 시간(초)."""
    pairs = zip(cluster.times, cluster.outcomes, strict=True)
    good = [at for at, outcome in pairs if outcome == OK]
    return max((after - before for before, after in pairwise(good)), default=0.0)
