"""라우팅 겨루기: 하나는 느려지고 하나는 죽습니다. 로드 밸런서는 다음 요청을 누구에게 보낼까요."""

from __future__ import annotations

from ddialab.cluster.by_hand import SLOW
from ddialab.cluster.model import Cluster
from ddialab.cluster.node import Node
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.events import OK, REFUSE, SEND, TIMEOUT, Event
from ddialab.core.trial import Policy, Result, Rival, Trial, check_place
from ddialab.stress.faults import CRASH
from ddialab.stress.load import Poisson

SERVERS = 4
END = 26.0  # 초
RATE, SERVICE, PATIENCE = 8.0, 0.2, 1.0  # 초당 요청, 평균 처리 시간(초), 제한 시간(초)
SLOWS, HEALS = 2.0, 11.0  # 느려지고 나아지는 시각(초)
DIES, RETURNS = 13.0, 22.0  # 죽고 돌아오는 시각(초)


class Seen:
    """로드 밸런서가 서버 하나에 대해 아는 것."""

    def __init__(self, name: str):
        self.name = name
        self.waiting = 0  # 보내고 아직 답을 받지 못한 요청
        self.failures = 0  # 마지막 성공 뒤로 이어서 실패한 요청
        self.seconds = 0.0  # 마지막으로 성공한 요청의 응답 시간
        self.lost = 0  # 여기서 실패한 요청 모두

    def told(self) -> tuple:
        return self.name, self.waiting, self.failures, self.seconds


class Balancer:
    """``policy``가 고르는 대로 보내는 클러스터. 어느 서버가 느려지고 죽을지는 시드가 정합니다."""

    def __init__(self, engine: Engine, policy: Policy):
        spec = Spec(Poisson(RATE), ("A",) * SERVERS, service=SERVICE, timeout=PATIENCE, retries=0)
        self.engine, self.policy = engine, policy
        self.chance = engine.stream("정책").random
        self.seen = {name: Seen(name) for name in spec.nodes}
        self._sent: dict[int, tuple] = {}  # 요청마다 보낸 서버와 시각
        self.cluster = Cluster(spec, (), engine, self, record=True, route=self.route)
        luck = engine.stream("결함").random
        self.slow, self.dead = (spec.nodes[int(luck() * SERVERS)] for _ in range(2))
        engine.at(SLOWS, self.cluster.slow_down, self.slow, SLOW)
        engine.at(HEALS, self.cluster.slow_down, self.slow, 1.0)
        engine.at(DIES, self.cluster.break_down, CRASH, self.dead)
        engine.at(RETURNS, self.cluster.bring_up, self.dead)

    def route(self, choices: list[Node]) -> int:
        servers = [self.seen[node.name].told() for node in choices]
        return check_place("route", self.policy(servers, self.chance()), len(choices))

    def record(self, event: Event) -> None:
        """클러스터의 사건 가운데 로드 밸런서도 보는 것만 셉니다."""
        if event.kind == SEND:
            self._sent[event.request] = event.node, event.time
            self.seen[event.node].waiting += 1
        elif event.kind in (OK, TIMEOUT, REFUSE):
            name, since = self._sent.pop(event.request)
            self._answered(self.seen[name], event.kind == OK, event.time - since)

    def _answered(self, server: Seen, good: bool, seconds: float) -> None:
        server.waiting -= 1
        if good:
            server.failures, server.seconds = 0, seconds
        else:
            server.failures += 1
            server.lost += 1


def balance(policy: Policy, seed: int) -> Result:
    """요청마다 ``policy``가 고른 서버로 보내고, 실패한 요청을 셉니다. 재시도는 없습니다.

    ``policy(servers, chance)``의 ``servers``는 헬스 체크를 통과한 서버마다
    ``(이름, 기다리는 요청, 이어진 실패, 마지막 응답 시간)``이고, ``chance``는 0 이상 1 미만의
    난수입니다.
    """
    engine = Engine(seed)
    balancer = Balancer(engine, policy)
    engine.run(END)
    lost = {name: seen.lost for name, seen in balancer.seen.items() if seen.lost}
    return Result(sum(int(many) for many in lost.values()), told(lost, balancer))


def told(lost: dict[str, int], balancer: Balancer) -> str:
    """어느 서버로 보낸 것이 실패했는지."""
    if not lost:
        return "실패한 요청이 없습니다."
    where = ", ".join(f"{name} {many}건" for name, many in lost.items())
    what = f"느려진 것은 {balancer.slow}, 죽은 것은 {balancer.dead}입니다."
    return f"실패한 요청이 간 곳은 {where}입니다. {what}"


# --- 책의 정책들 ---


def at_random(seed: int) -> Policy:
    """클러스터가 본래 고르는 방법."""
    return lambda servers, chance: int(chance * len(servers))


def in_turn(seed: int) -> Policy:
    """번갈아(라운드 로빈)."""
    sent = [0]

    def route(servers: list[tuple], chance: float) -> int:
        sent[0] += 1
        return sent[0] % len(servers)

    return route


def shortest(seed: int) -> Policy:
    """기다리는 요청이 가장 적은 서버."""
    return lambda servers, chance: min(range(len(servers)), key=lambda one: servers[one][1])


def two_choices(seed: int) -> Policy:
    """아무 둘을 골라, 기다리는 요청이 적은 쪽."""

    def route(servers: list[tuple], chance: float) -> int:
        many = len(servers)
        first = int(chance * many)
        other = int((chance * many - first) * (many - 1))  # 남은 소수로 나머지에서 하나 더
        other += int(other >= first)
        return first if many == 1 or servers[first][1] <= servers[other][1] else other

    return route


ROUTING = Trial(
    "routing",
    "route",
    "servers, chance",
    "실패한 요청",
    "건",
    balance,
    (
        Rival("무작위", at_random),
        Rival("번갈아", in_turn),
        Rival("둘 중 짧은 줄", two_choices),
        Rival("가장 짧은 줄", shortest),
    ),
)
