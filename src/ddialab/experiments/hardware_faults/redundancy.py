"""실험 하나 = 클러스터 + 부하 + 결함 계획 + 시드. 실습과 테스트가 같은 것을 같은 값으로 돌립니다.

1년짜리 실험의 시간 단위는 일(日), 몇십 초짜리 실험의 단위는 초입니다. 시드마다 되풀이하는 것은
시드 하나에 값 하나를 돌려주고, 그 곁에 닫힌 식이 있습니다.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from ddialab.cluster.simulation import Run, simulate
from ddialab.cluster.spec import Spec
from ddialab.core.engine import seed_of
from ddialab.core.errors import check_integer, check_number, check_positive
from ddialab.core.events import EventLog
from ddialab.core.metrics import (
    k_of_n,
    majority,
    mirror_loss,
    parallel,
    series,
    steady_availability,
)
from ddialab.stress.faults import CRASH, DISK, POWER, VANISH, random_plan, reboots
from ddialab.stress.load import Poisson

SEEDS = range(40)  # 같은 실험을 시드만 바꾸어 되풀이합니다
DISKS, MTTF_YEARS = 10_000, 30  # 디스크의 수, 디스크의 평균 고장 시간(년)
# 서버의 평균 고장 시간과 복구 시간(일). 한 해 안에 차이가 보이게 나쁘게 잡습니다
MTTF, MTTR = 10, 1
VM_LIFE = 60  # 가상 머신이 사라질 때까지의 평균 시간(일)
PAIRS = 25  # 시드 하나마다 미러링한 디스크 쌍의 수
BINS = 11  # 하루에 죽은 디스크 수를 셀 칸: 0개부터 10개까지
YEAR = 365.0  # 일
SECOND = 1 / 86_400  # 일
PROBES = 3.0  # 하루에 보내는 요청. 아무 때나 오는(포아송) 요청이라 드물어도 시간을 고르게 봅니다
POWER_MTTF, POWER_MTTR = 50.0, 1.0  # 랙 전원: 오십 일에 한 번, 평균 하루(일)
MIRROR_MTTF = 100.0  # 미러링 실험의 디스크 수명(일). 한 해 안에 결과를 보려고 일부러 짧게 잡습니다


def year(
    racks: Iterable[str], seed: int, *, mttr: float = MTTR, need: int = 1, power: bool = False
) -> Run:
    """``racks``에 꽂힌 복제본들을 한 해 돌립니다. 복구 시간 ``mttr``의 단위는 일입니다.

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
    plan = random_plan(spec.nodes, YEAR, MTTF, mttr, kind=CRASH, seed=seed)
    if power:
        names = sorted(set(racks))
        plan += random_plan(names, YEAR, POWER_MTTF, POWER_MTTR, kind=POWER, seed=seed)
    return simulate(spec, plan, seed, record=False)


def unavailability(
    racks: str,
    mttr: float = MTTR,
    *,
    need: int = 1,
    power: bool = False,
    seeds: Iterable[int] = SEEDS,
) -> np.ndarray:
    """시드마다 한 해씩, 클라이언트가 답을 받지 못한 비율."""
    runs = (year(racks, seed, mttr=mttr, need=need, power=power) for seed in seeds)
    return np.array([1 - run.availability for run in runs])


def all_down(n: int, mttr: float = MTTR) -> float:
    """서로 상관없이 죽는 ``n``대가 모두 죽어 있을 확률."""
    return (1 - steady_availability(MTTF, mttr)) ** check_integer("n", n, 1)


def no_majority(n: int) -> float:
    """``n``대의 과반이 살아 있지 않을 확률(이항분포)."""
    return 1 - k_of_n(majority(n), n, steady_availability(MTTF, MTTR))


def independent(n: int) -> float:
    """독립 공식: ``n``대가 전원까지 저마다 따로 고장 난다고 믿을 때, 모두 죽어 있을 확률."""
    server = steady_availability(MTTF, MTTR)
    power = steady_availability(POWER_MTTF, POWER_MTTR)
    return 1 - parallel([series([server, power])] * check_integer("n", n, 1))


def power_in_series(racks: str) -> float:
    """모두 죽어 있을 확률. 랙의 전원은 직렬, 그 랙의 복제본끼리는 병렬, 랙끼리도 병렬입니다."""
    server = steady_availability(MTTF, MTTR)
    power = steady_availability(POWER_MTTF, POWER_MTTR)
    per_rack = [series([power, parallel([server] * n)]) for n in Counter(racks).values()]
    return 1 - parallel(per_rack)


def mirror(repair: float, seed: int, *, record: bool = False) -> Run:
    """디스크 두 개에 미러링한 데이터가 한 해를 버티는지. ``repair``는 다시 복제하는 시간(일)."""
    check_number("repair", repair, 0)
    spec = Spec(None, racks=("A", "B"), duration=YEAR, repair_time=repair)
    plan = random_plan(spec.nodes, YEAR, MIRROR_MTTF, kind=DISK, seed=seed)
    return simulate(spec, plan, seed, record=record)


def lost_share(repair: float, *, seeds: Iterable[int] = SEEDS) -> np.ndarray:
    """시드마다, 미러링한 디스크 ``PAIRS``쌍 가운데 한 해 안에 데이터를 잃은 비율."""
    lost = [[mirror(repair, PAIRS * seed + n).lost_at for n in range(PAIRS)] for seed in seeds]
    return np.array([sum(at is not None for at in pairs) / PAIRS for pairs in lost])


def expected_lost_share(repair: float) -> float:
    """한 쌍이 한 해 안에 데이터를 잃을 확률. 잃기까지의 시간을 지수분포로 봅니다."""
    return mirror_loss(MIRROR_MTTF, repair, YEAR)


def vanishing(auto_replace: bool, seed: int) -> Run:
    """평균 ``VM_LIFE``일 만에 사라지는 VM 셋으로 한 해를 돌립니다.

    자동 교체로 띄운 새 VM은 30분 만에 제 몫을 합니다.
    """
    spec = Spec(
        Poisson(PROBES),
        racks=("A", "B", "C"),
        duration=YEAR,
        service=0.1 * SECOND,
        timeout=5 * SECOND,
        retries=2,
        health_interval=10 * SECOND,
        auto_replace=auto_replace,
        boot_time=300 * SECOND,
        repair_time=1500 * SECOND,
    )
    plan = random_plan(spec.nodes, YEAR, VM_LIFE, kind=VANISH, seed=seed)
    return simulate(spec, plan, seed)


def vm_runs(auto_replace: bool, *, seeds: Iterable[int] = SEEDS) -> list[Run]:
    """시드마다 VM 셋의 한 해."""
    return [vanishing(auto_replace, seed) for seed in seeds]


def expected_vms(times: np.ndarray) -> np.ndarray:
    """교체하지 않을 때 시각 ``times``(일)마다 살아 있을 VM의 수: 셋에서 지수 곡선으로 줍니다."""
    return 3 * np.exp(-times / VM_LIFE)


def alive(log: EventLog, times: np.ndarray) -> np.ndarray:
    """시각 ``times``마다 살아 있는 노드의 수. 모양은 ``times``와 같습니다."""
    names = [node["name"] for node in log.about["nodes"]]
    up, when, count = set(names), [0.0], [len(names)]
    for event in log.of_kind("down", "up"):
        (up.add if event.kind == "up" else up.discard)(event.node)
        when.append(event.time)
        count.append(len(up))
    return np.array(count)[np.searchsorted(when, times, side="right") - 1]


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


def failures(
    gap: float, drain: bool = True, retries: int = 0, *, seeds: Iterable[int] = SEEDS
) -> np.ndarray:
    """시드마다, 셋을 재부팅하는 동안 실패한 요청의 수."""
    return np.array([rebooting(gap, s, drain=drain, retries=retries).failed for s in seeds])


def dead_disks(
    disks: int = DISKS, mttf_years: float = MTTF_YEARS, days: int = 365, seed: int = 0
) -> np.ndarray:
    """디스크 ``disks``개를 ``days``일 돌릴 때 날마다 죽은 디스크의 수, 모양 ``(days,)``.

    디스크마다 수명을 평균 ``mttf_years``년인 지수분포에서 뽑고, 죽으면 곧바로 새것으로 바꿉니다.
    """
    check_integer("disks", disks, 1)
    check_integer("days", days, 1)
    check_positive("mttf_years", mttf_years)
    draw = np.random.default_rng(seed_of(seed, "디스크")).exponential
    dead, time = np.zeros(days, dtype=int), draw(mttf_years * 365, disks)
    while (time := time[time < days]).size:
        dead += np.bincount(time.astype(int), minlength=days)
        time = time + draw(mttf_years * 365, time.size)
    return dead


def days_by_count(mttf_years: float, *, seeds: Iterable[int] = SEEDS) -> np.ndarray:
    """시드마다, 디스크가 하루에 0, 1, 2, …개 죽은 날의 수. 모양은 ``(시드, BINS)``입니다."""
    dead = [dead_disks(mttf_years=mttf_years, seed=seed) for seed in seeds]
    return np.array([np.bincount(days, minlength=BINS)[:BINS] for days in dead])


def poisson_days(mttf_years: float) -> np.ndarray:
    """한 해에 하루 0, 1, 2, …개 죽을 날의 수(포아송 분포). 하루의 평균은 나눗셈 하나입니다."""
    mean = DISKS / (check_positive("mttf_years", mttf_years) * 365)
    chance = [mean**k / np.prod(range(1, k + 1)) * np.exp(-mean) for k in range(BINS)]
    return 365 * np.array(chance)


def deaths(rate: float, *, seeds: Iterable[int] = SEEDS) -> np.ndarray:
    """시드마다 한 해에 죽은 디스크의 수. ``rate``는 디스크 하나가 한 해에 고장 나는 비율입니다."""
    check_positive("rate", rate)
    return np.array([dead_disks(mttf_years=1 / rate, seed=seed).sum() for seed in seeds])
