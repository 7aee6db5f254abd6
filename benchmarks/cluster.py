"""로드 밸런서, 복제본 8대, 시간 초과, 재시도, 죽었다 살아나는 노드: 두 엔진의 속도."""

from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time

import numpy as np

from benchmarks import simpy_cluster
from benchmarks.promise import Promise
from ddialab.cluster.simulation import simulate
from ddialab.cluster.spec import Spec
from ddialab.stress.faults import random_plan
from ddialab.stress.load import Poisson

SPEC = Spec(
    Poisson(400),
    racks=tuple("AABBCCDD"),
    duration=50,
    service=0.005,
    timeout=0.1,
    retries=2,
    health_interval=0,  # SimPy 쪽에도 없습니다
)
LEAST = 5  # SimPy보다 이만큼 빨라야 합니다
ROUNDS = 40
PLAN = random_plan(SPEC.nodes, SPEC.duration, mttf=20, mttr=3, seed=3)


@dataclass(frozen=True)
class Speeds:
    """CPU 시간 1초에 끝낸 요청 수, 여러 번 가운데 가장 빠른 것."""

    silent: float  # 우리 엔진, 사건을 적지 않음
    recording: float  # 우리 엔진, 사건을 적음
    simpy: float  # SimPy, 사건을 적지 않음


def promises() -> Iterator[Promise]:
    speeds = compare(ROUNDS)
    ratio, recording = speeds.silent / speeds.simpy, speeds.recording / speeds.simpy
    yield Promise(
        "시뮬레이션 대 SimPy",
        f"{ratio:.1f}배 ({speeds.silent:,.0f} 요청/초), 사건을 모두 적으면 {recording:.1f}배",
        f"{LEAST}배 이상",
        ratio >= LEAST,
    )


def compare(rounds: int) -> Speeds:
    """셋을 번갈아 ``rounds``번 돌려 가장 빠른 것끼리 견줍니다(다른 일이 끼어든 판을 버립니다)."""
    best = {"silent": 0.0, "recording": 0.0, "simpy": 0.0}
    for seed in range(rounds):
        makers = {
            "silent": lambda s=seed: simulate(SPEC, PLAN, s, record=False).response,
            "recording": lambda s=seed: simulate(SPEC, PLAN, s).response,
            "simpy": lambda s=seed: simpy_cluster.simulate(SPEC, PLAN, s),
        }
        for name, make in makers.items():
            best[name] = max(best[name], _speed(make))
    return Speeds(**best)


def _speed(make) -> float:
    start = process_time()
    finished = len(np.asarray(make()))
    return finished / (process_time() - start)
