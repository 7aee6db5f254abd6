"""복제가 뒤처져 있을 때 프라이머리가 죽으면 답한 쓰기를 몇 건 잃나: 시뮬레이션과 닫힌 식."""

from __future__ import annotations

from ddialab.cluster.failover import Failover
from ddialab.cluster.promise import MIN_REPLICAS, OK, REFUSED, WAIT, counted
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice, check_number, check_positive
from ddialab.experiments.chaos_monkey.model import AFTER, Result

RATE = 50.0  # 초당 쓰기
DELAYS = (0.0, 0.1, 0.2, 0.4, 0.8)  # 초. 복제가 늦는 시간
HOLDS = (0.0, 0.5, 1.0, 2.0, 4.0)  # 초. 죽기 전에 복제를 붙잡고 있던 시간
WARM = 5.0  # 초. 고장을 내기 전에 쓰는 시간
LOOK = 0.01  # 초. 새 프라이머리가 나왔는지 다시 보는 간격
MAX_LAG = 1.0  # 초. min-replicas-max-lag
POWER, PROCESS = "power", "process"  # 컴퓨터가 통째로 꺼지나, 프로세스만 죽나
DEATHS = (POWER, PROCESS)


class Crowd:
    """초당 평균 ``rate``건을 아무 때나 쓰는 클라이언트들(푸아송). 앞의 답을 기다리지 않습니다."""

    def __init__(self, model: Failover, rate: float = RATE):
        self.model = model
        self.acknowledged: list[str] = []
        self.outcomes: list[str] = []
        self.silent: list[str] = []
        self._number = 0
        self._gap = model.engine.exponential("쓰기", 1 / check_positive("rate", rate))
        model.engine.after(self._gap(), self._write)

    def _write(self) -> None:
        self._number += 1
        key = f"k{self._number}"
        self.model.send(key, lambda outcome: self._told(key, outcome))
        self.model.engine.after(self._gap(), self._write)

    def _told(self, key: str, outcome: str) -> None:
        self.outcomes.append(outcome)
        (self.acknowledged if outcome == OK else self.silent).append(key)


def late(
    promise: str, delay: float, seed: int = 0, dies: str = POWER, rate: float = RATE
) -> Result:
    """복제가 ``delay``초 늦는데 프라이머리가 죽습니다. ``dies``가 power면 가던 것도 사라집니다."""
    check_choice("dies", dies, DEATHS)
    model = Failover(Engine(seed), promise, wait=int(3000 * delay) + 300)
    crowd = Crowd(model, rate)
    for node in model.replicas_of(model.known):
        model.delay(node.name, check_number("delay", delay, 0))
    return _die(model, crowd, dies)


def held(promise: str, seconds: float, seed: int = 0, rate: float = RATE) -> Result:
    """복제를 ``seconds``초 동안 붙잡은 다음 프라이머리를 죽입니다."""
    model = Failover(Engine(seed), promise)
    crowd = Crowd(model, rate)
    begin = WARM + model.engine.stream("때").random() - check_number("seconds", seconds, 0, WARM)
    model.engine.run(begin)
    for node in model.replicas_of(model.known):
        model.hold(node.name)
    model.engine.run(begin + seconds)
    return _die(model, crowd, PROCESS)


def _die(model: Failover, crowd: Crowd, dies: str) -> Result:
    """아무 때에 죽이고, 새 프라이머리가 나온 뒤까지 씁니다."""
    engine, first = model.engine, model.known
    if engine.now < WARM - 1:
        engine.run(WARM + engine.stream("때").random())
    died = engine.now
    if dies == POWER:
        model.cut(first)
    model.kill(first)
    while model.known == first:
        engine.run(engine.now + LOOK)
    led = engine.now
    for node in model.nodes.values():
        model.release(node.name)
    engine.run(led + AFTER)
    kept = dict.fromkeys(model.nodes[model.known].log)
    return Result(
        len(crowd.acknowledged),
        len([key for key in crowd.acknowledged if key not in kept]),
        counted(crowd.outcomes)[REFUSED],
        len([key for key in crowd.silent if key in kept]),
        led - died,
    )


def expected_lost_late(promise: str, delay: float, rate: float = RATE) -> float:
    """복제가 ``delay``초 늦을 때, 컴퓨터가 꺼지며 잃는 쓰기의 평균.

    꺼지기 전 ``delay``초 동안 답한 것이 아직 가는 중입니다. 꺼지는 때가 쓰기와 상관없어야 하고,
    가던 것이 모두 사라져야 합니다.
    """
    return 0.0 if promise == WAIT else check_positive("rate", rate) * delay


def expected_lost_held(promise: str, seconds: float, rate: float = RATE) -> float:
    """복제를 ``seconds``초 붙잡았다가 죽일 때 잃는 쓰기의 평균.

    min-replicas는 소식이 `MAX_LAG`초 끊기면 더 받지 않으므로, 잃는 것도 거기까지입니다.
    """
    if promise == WAIT:
        return 0.0
    longest = min(seconds, MAX_LAG) if promise == MIN_REPLICAS else seconds
    return check_positive("rate", rate) * longest
