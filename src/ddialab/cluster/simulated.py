"""부르는 대로 기다려 주는 모델: `cluster.real`의 진짜 서버와 메서드가 같고, 시계만 가상입니다."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ddialab.cluster.failover import DOWN_AFTER, Failover
from ddialab.cluster.promise import ASYNC, OK, PROMISES
from ddialab.core.engine import Engine
from ddialab.core.errors import BackendUnavailable, check_choice, check_integer, check_number

PATIENCE = 60.0  # 초(가상). 이만큼 지나도 가라앉지 않으면 그만 기다립니다
LOOK = 0.05  # 초(가상). 가라앉았는지 다시 보는 간격


class Simulated:
    """프라이머리 하나와 복제본 둘, 센티널 셋. ``settings``는 `Failover`의 설정입니다."""

    def __init__(
        self, promise: str = ASYNC, down_after: int = DOWN_AFTER, seed: int = 0, **settings
    ):
        self.engine = Engine(seed)
        self.model = Failover(self.engine, promise, down_after, **settings)
        self.names = self.model.names
        self.acknowledged: list[str] = []  # 저장했다는 답을 들은 키
        self.outcomes: list[str] = []  # 쓰기마다의 결과
        self.times: list[float] = []  # 쓰기마다 결과를 들은 시각(초)
        self._silent: list[str] = []  # 저장했다는 답을 듣지 못한 키

    @property
    def primary(self) -> str | None:
        """센티널이 말하고 스스로도 그렇다고 답하는 프라이머리. 없으면 None."""
        return self.model.primary

    @property
    def promise(self) -> str:
        """언제 답하는가(`cluster.promise.PROMISES`). 도중에 바꿀 수 있습니다."""
        return self.model.promise

    @promise.setter
    def promise(self, promise: str) -> None:
        self.model.promise = check_choice("promise", promise, PROMISES)

    @property
    def down_after(self) -> int:
        """센티널이 답을 기다리는 밀리초. 도중에 바꿀 수 있습니다."""
        return self.model.down_after

    @down_after.setter
    def down_after(self, down_after: int) -> None:
        self.model.down_after = check_integer("down_after", down_after, 1)

    def alive(self, name: str) -> bool:
        """프로세스가 살아 있는지."""
        return self.model.node(name).alive

    def write(self, key: str) -> bool:
        """쓰고 결과를 기다립니다. 저장했다는 답을 들었으면 참. 다시 보내지는 않습니다."""
        answered: list[str] = []
        self.model.send(key, answered.append)
        while not answered:
            self.engine.run(self.engine.now + PATIENCE, 1)
        self.outcomes.append(answered[0])
        self.times.append(self.engine.now)
        (self.acknowledged if answered[0] == OK else self._silent).append(key)
        return answered[0] == OK

    def rest(self, seconds: float) -> None:
        """아무것도 하지 않고 ``seconds``초를 보냅니다."""
        self.engine.run(self.engine.now + check_number("seconds", seconds, 0))

    def reset(self) -> None:
        """저장소를 비우고 지금까지의 쓰기를 잊습니다."""
        for node in self.model.nodes.values():
            node.log.clear()
        for kept in (self.acknowledged, self.outcomes, self.times, self._silent):
            kept.clear()

    # --- 결함 ---

    def kill(self, name: str) -> None:
        """죽입니다(kill -9)."""
        self.model.kill(name)

    def restart(self, name: str) -> None:
        """다시 켭니다."""
        self.model.restart(name)

    def pause(self, name: str) -> None:
        """멈춥니다(SIGSTOP)."""
        self.model.pause(name)

    def resume(self, name: str) -> None:
        """이어서 돌립니다(SIGCONT)."""
        self.model.resume(name)

    def hold(self, name: str) -> None:
        """복제를 붙잡습니다."""
        self.model.hold(name)

    def release(self, name: str) -> None:
        """붙잡은 복제를 놓습니다."""
        self.model.release(name)

    def cut(self, name: str) -> None:
        """네트워크를 끊습니다."""
        self.model.cut(name)

    def heal(self, name: str) -> None:
        """네트워크를 다시 잇습니다."""
        self.model.heal(name)

    def delay(self, name: str, seconds: float) -> None:
        """복제를 한쪽마다 ``seconds``초 늦춥니다."""
        self.model.delay(name, seconds)

    # --- 운영 ---

    def planned_failover(self, coordinated: bool) -> bool:
        """아무도 죽지 않았는데 프라이머리를 옮기고, 옮기기가 끝나기를 기다립니다. 옮겼으면 참."""
        before = self.model.known
        self.model.plan_failover(coordinated)
        self._until(lambda: not self.model.moving, "페일오버가 끝남")
        return self.model.known != before

    def settle(self) -> None:
        """프라이머리가 하나로 정해지고, 막히지 않은 노드들이 그것과 같아지기를 기다립니다."""
        self._until(self.settled, "가라앉음")

    def settled(self) -> bool:
        """프라이머리가 있고, 살아서 닿고 붙잡히지 않은 노드가 모두 그것과 같은가."""
        model = self.model
        if model.primary is None or model.moving:
            return False
        leader = model.nodes[model.primary]
        others = [node for node in model.replicas_of(leader.name) if node.reachable]
        free = [node for node in others if not node.held or node.primary]
        return all(node.log == leader.log and not node.primary for node in free)

    def missing(self) -> list[str]:
        """저장했다고 답했는데 지금의 프라이머리에 없는 키."""
        kept = self._kept()
        return [key for key in self.acknowledged if key not in kept]

    def extra(self) -> list[str]:
        """저장했다고 답하지 않았는데 지금의 프라이머리에 있는 키."""
        kept = self._kept()
        return [key for key in self._silent if key in kept]

    def _kept(self) -> Sequence[str]:
        if self.primary is None:
            raise BackendUnavailable(
                "지금은 프라이머리가 없습니다.",
                "센티널이 새로 뽑은 다음이어야 합니다.",
                "settle()을 먼저 부르세요.",
            )
        return dict.fromkeys(self.model.nodes[self.primary].log)

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        limit = self.engine.now + PATIENCE
        while not condition():
            if self.engine.now >= limit:
                raise BackendUnavailable(
                    f"{PATIENCE:g}초를 기다려도 일어나지 않았습니다: {what}.",
                    "복제본이 하나라도 살아서 닿고, 센티널의 과반이 살아 있어야 합니다.",
                    "죽인 것을 restart로, 끊은 것을 heal로 되살리세요.",
                )
            self.rest(LOOK)
