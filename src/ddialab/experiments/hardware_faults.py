"""실험 하나 = 클러스터 + 부하 + 결함 계획 + 시드. 실습과 테스트가 같은 것을 돌립니다.

1년짜리 실험의 시간 단위는 일(日), 몇십 초짜리 실험의 단위는 초입니다.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ddialab.cluster.simulation import Run, simulate
from ddialab.cluster.spec import Spec
from ddialab.core.engine import seed_of
from ddialab.core.errors import InvalidValue, check_integer, check_number
from ddialab.core.events import EventLog
from ddialab.stress.faults import CRASH, DISK, POWER, VANISH, Fault, FaultPlan, random_plan, reboots
from ddialab.stress.load import Poisson

YEAR = 365.0  # 일
SECOND = 1 / 86_400  # 일
PROBES = 3.0  # 하루에 보내는 요청. 아무 때나 오는(포아송) 요청이라 드물어도 시간을 고르게 봅니다
POWER_MTTF, POWER_MTTR = 50.0, 1.0  # 랙 전원: 오십 일에 한 번, 평균 하루(일)
MIRROR_MTTF = 100.0  # 미러링 실험의 디스크 수명(일). 한 해 안에 결과를 보려고 일부러 짧게 잡습니다
KILL_TIME, KILL_LENGTH = 8.0, 12.0  # 재생기에서 노드를 끄는 시각과 꺼 두는 시간(초)


def year(
    racks: Iterable[str], mttf: float, mttr: float, seed: int, *, need: int = 1, power: bool = False
) -> Run:
    """``racks``에 꽂힌 복제본들을 한 해 돌립니다. ``mttf``와 ``mttr``의 단위는 일입니다.

    요청은 ``need``대의 답을 모을 때까지 모든 복제본에 재시도합니다. ``power``면 랙 전원도 나갑니다.
    """
    racks = tuple(racks)
    spec = Spec(
        Poisson(PROBES),
        racks=racks,
        duration=YEAR,
        service=0.1 * SECOND,
        timeout=5 * SECOND,
        retries=len(racks) - need,
        need=need,
        health_interval=10 * SECOND,
        repair_time=0.0,
    )
    plan = random_plan(spec.nodes, YEAR, mttf, mttr, kind=CRASH, seed=seed)
    if power:
        names = sorted(set(racks))
        plan += random_plan(names, YEAR, POWER_MTTF, POWER_MTTR, kind=POWER, seed=seed)
    return simulate(spec, plan, seed, record=False)


def mirror(repair: float, seed: int, *, record: bool = False) -> Run:
    """디스크 두 개에 미러링한 데이터가 한 해를 버티는지. ``repair``는 다시 복제하는 시간(일)."""
    check_number("repair", repair, 0)
    spec = Spec(None, racks=("A", "B"), duration=YEAR, repair_time=repair)
    plan = random_plan(spec.nodes, YEAR, MIRROR_MTTF, kind=DISK, seed=seed)
    return simulate(spec, plan, seed, record=record)


def vanishing(auto_replace: bool, seed: int, *, mttf: float = 60.0, nodes: int = 3) -> Run:
    """평균 ``mttf``일 만에 사라지는 VM으로 한 해를 돌립니다. 새 VM은 30분 만에 제 몫을 합니다."""
    spec = Spec(
        Poisson(PROBES),
        racks=tuple("ABCDEFGH"[:nodes]),
        duration=YEAR,
        service=0.1 * SECOND,
        timeout=5 * SECOND,
        retries=nodes - 1,
        health_interval=10 * SECOND,
        auto_replace=auto_replace,
        boot_time=300 * SECOND,
        repair_time=1500 * SECOND,
    )
    plan = random_plan(spec.nodes, YEAR, mttf, kind=VANISH, seed=seed)
    return simulate(spec, plan, seed)


def rebooting(
    gap: float, seed: int, *, drain: bool = True, retries: int = 0, record: bool = False
) -> Run:
    """복제본 셋을 ``gap``초 간격으로 재부팅합니다(한 대에 10초). ``gap=0``이면 한꺼번에 끕니다."""
    spec = Spec(
        Poisson(20),
        duration=60.0,
        service=0.03,
        retries=retries,
        drain=drain,
        health_interval=1.0,
    )
    return simulate(spec, reboots(spec.nodes, 10.0, 10.0, gap), seed, record=record)


def kill_by_hand(kills: Iterable[tuple[float, str]], seed: int = 7) -> EventLog:
    """재생기의 클러스터: 랙 A에 n1과 n2, 랙 B에 n3. ``(시각, 이름)``마다 끄고 12초 뒤에 켭니다.

    이름이 랙(A, B)이면 그 랙의 전원을 끕니다.
    """
    spec = Spec(
        Poisson(2.5), racks=("A", "A", "B"), duration=30.0, service=0.3, timeout=2.0, retries=1
    )
    plan = FaultPlan(
        Fault(time, POWER if name in spec.racks else CRASH, name, KILL_LENGTH)
        for time, name in kills
    )
    return simulate(spec, plan, seed, title="노드를 손으로 꺼 보기").log


def alive(log: EventLog, times: np.ndarray) -> np.ndarray:
    """시각 ``times``마다 살아 있는 노드의 수. 모양은 ``times``와 같습니다."""
    names = [node["name"] for node in log.about["nodes"]]
    up, when, count = set(names), [0.0], [len(names)]
    for event in log.of_kind("down", "up"):
        (up.add if event.kind == "up" else up.discard)(event.node)
        when.append(event.time)
        count.append(len(up))
    return np.array(count)[np.searchsorted(when, times, side="right") - 1]


def dead_disks(disks: int, mttf_years: float, days: int = 365, seed: int = 0) -> np.ndarray:
    """디스크 ``disks``개를 ``days``일 돌릴 때 날마다 죽은 디스크의 수, 모양 ``(days,)``.

    디스크마다 수명을 평균 ``mttf_years``년인 지수분포에서 뽑고, 죽으면 곧바로 새것으로 바꿉니다.
    """
    check_integer("disks", disks, 1)
    check_integer("days", days, 1)
    if check_number("mttf_years", mttf_years) <= 0:
        raise InvalidValue(
            f"mttf_years={mttf_years!r}: 수명의 평균입니다.", "0년보다 길어야 합니다."
        )
    draw = np.random.default_rng(seed_of(seed, "디스크")).exponential
    dead, time = np.zeros(days, dtype=int), draw(mttf_years * 365, disks)
    while (time := time[time < days]).size:
        dead += np.bincount(time.astype(int), minlength=days)
        time = time + draw(mttf_years * 365, time.size)
    return dead
