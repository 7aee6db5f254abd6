"""클러스터를 가상 시계 위에서 끝까지 돌리고, 일어난 일을 배열로 거둡니다."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ddialab.cluster.model import Cluster
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.errors import InvalidValue
from ddialab.core.events import EventLog
from ddialab.stress.faults import Fault


@dataclass(frozen=True)
class Run:
    """실행 하나의 결과. ``born``과 ``response``는 끝난 요청마다 한 칸입니다(끝난 순서).

    ``response``는 클라이언트가 기다린 시간이고 실패한 요청은 NaN입니다. ``reasons``는 실패 이유별
    개수, ``lost_at``은 데이터의 모든 사본이 사라진 시각(안 사라졌으면 None)입니다.
    ``duration``까지 답을 못 받은 요청은 어느 쪽에도 세지 않습니다.
    """

    spec: Spec
    seed: int
    log: EventLog
    born: np.ndarray
    response: np.ndarray
    reasons: dict[str, int]
    lost_at: float | None

    @property
    def total(self) -> int:
        return len(self.response)

    @property
    def failed(self) -> int:
        return sum(self.reasons.values())

    @property
    def succeeded(self) -> int:
        return self.total - self.failed

    @property
    def availability(self) -> float:
        """클라이언트가 본 가용성: 끝난 요청 가운데 성공한 비율."""
        if not self.total:
            raise InvalidValue("끝난 요청이 없습니다.", "부하와 duration을 늘려야 합니다.")
        return self.succeeded / self.total

    @property
    def times(self) -> np.ndarray:
        """성공한 요청의 응답 시간."""
        return self.response[~np.isnan(self.response)]


def simulate(
    spec: Spec, plan: Iterable[Fault] = (), seed: int = 1, *, title: str = "", record: bool = True
) -> Run:
    """``spec``대로 만든 클러스터에 부하와 결함 계획 ``plan``을 걸고 끝까지 돌립니다.

    같은 시드와 같은 계획이면 기록은 바이트까지 같습니다. 시각 t의 결함만 바꾸면 t 앞의 기록은
    그대로입니다.
    ``record=False``면 사건을 기록하지 않습니다(결과만 필요할 때 더 빠릅니다).
    """
    plan = tuple(plan)
    about = {
        "seed": seed,
        "nodes": [{"name": n, "rack": r} for n, r in zip(spec.nodes, spec.racks, strict=True)],
        "plan": [
            {"time": f.time, "kind": f.kind, "target": f.target, "duration": f.duration}
            for f in plan
        ],
        "duration": spec.duration,
        "title": title,
    }
    cluster = Cluster(spec, plan, Engine(seed), EventLog(about), record)
    _run_without_collector(cluster.engine, spec.duration)
    return Run(
        spec,
        seed,
        cluster.log,
        np.array(cluster.born, dtype=float),
        np.array(cluster.response, dtype=float),
        dict(sorted(cluster.reasons.items())),
        cluster.lost_at,
    )


def _run_without_collector(engine: Engine, duration: float) -> None:
    """순환 쓰레기가 생기지 않는 동안이므로, 쌓이는 기록을 거듭 훑는 가비지 컬렉터를 쉬게 합니다."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        engine.run(duration)
    finally:
        if collecting:
            gc.enable()
