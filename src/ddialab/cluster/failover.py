"""복제된 저장소와 그것을 지켜보는 센티널의 모델: 프라이머리가 죽으면 복제본 하나가 이어받습니다.

가상 시계 위에서 돌고, 쓰기의 결과는 콜백으로 알립니다. 진짜 서버(`cluster.real`)처럼 부르는 대로
기다려 주는 것은 `cluster.simulated`입니다.
"""

from __future__ import annotations

from collections.abc import Sequence

from ddialab.cluster.election import agreed, can_vote, chosen
from ddialab.cluster.promise import ASYNC, NAMES, SENTINELS
from ddialab.cluster.replication import Node
from ddialab.cluster.store import NEED, TIMES_OUT, WAIT, Store
from ddialab.core.engine import Engine
from ddialab.core.errors import check_integer, check_number

PING = 1.0  # 초. 센티널이 안부를 묻는 간격. down-after가 더 짧으면 그만큼
VOTE = 0.5  # 초. 합의하고 나서 새 프라이머리를 세울 때까지
SWITCH = 1.0  # 초. 계획한 페일오버에서 새 프라이머리를 세우고 나머지에 알릴 때까지
REJOIN = 8.0  # 초. 스스로 프라이머리라고 믿는 옛 프라이머리를 센티널이 복제본으로 바꿀 때까지
DRAIN = 3.0  # 초. 쓰기를 멈추고 복제본이 다 받기를 기다리는 한도(COORDINATED)
QUORUM = 2
DOWN_AFTER = 1000  # 밀리초


class Failover(Store):
    """저장소와 센티널 셋.

    ``down_after``는 센티널이 답을 기다리는 밀리초, ``quorum``은 죽었다고 합의할 센티널의 수,
    ``rejoin``은 돌아온 옛 프라이머리가 복제본이 될 때까지의 초, 나머지는 `Store`의 설정입니다.
    """

    def __init__(
        self,
        engine: Engine,
        promise: str = ASYNC,
        down_after: int = DOWN_AFTER,
        need: int = NEED,
        wait: int = WAIT,
        timeout: int = TIMES_OUT,
        disk: bool = False,
        quorum: int = QUORUM,
        rejoin: float = REJOIN,
        names: Sequence[str] = NAMES,
    ):
        super().__init__(engine, promise, need, wait, timeout, disk, names)
        self.down_after = check_integer("down_after", down_after, 1)
        self.quorum = check_integer("quorum", quorum, 1, len(SENTINELS))
        self.rejoin = check_number("rejoin", rejoin, 0)
        self.sentinels = list(SENTINELS)  # 살아 있는 것
        self._watch = 0  # 프라이머리가 답하지 않게 될 때마다, 다시 답할 때마다 늘어납니다
        self._glance = engine.stream("센티널").random

    def kill(self, name: str) -> None:
        if name in SENTINELS:
            self.sentinels = [one for one in self.sentinels if one != name]
        else:
            super().kill(name)

    def restart(self, name: str) -> None:
        if name not in SENTINELS:
            super().restart(name)
        elif name not in self.sentinels:
            self.sentinels.append(name)

    # --- 센티널 ---

    def unseen(self, node: Node) -> None:
        """센티널마다 마지막으로 답을 들은 때가 다르므로 의심하는 때도 다릅니다."""
        if node.name != self.known:
            return
        self._watch += 1
        down, now = self.down_after / 1000, self.engine.now
        seen = [now - min(PING, down) * self._glance() for _ in SENTINELS]
        suspicions = [seen[SENTINELS.index(name)] + down for name in self.sentinels]
        when = agreed(suspicions, self.quorum)
        if when is not None:
            self.engine.at(max(when, now), self._suspect, self._watch)

    def seen(self, node: Node) -> None:
        if not node.reachable:
            return
        if node.name == self.known:
            self._watch += 1  # 다시 답하므로 의심을 거둡니다
        elif node.primary:
            self.engine.after(self.rejoin, self.demote, node)

    def _suspect(self, watch: int) -> None:
        if watch == self._watch:
            self.suspected(self.nodes[self.known])
            self.engine.after(VOTE, self._elect, watch)

    def _elect(self, watch: int) -> None:
        if watch != self._watch:
            return
        best = self.candidate()
        if best is None or not can_vote(len(self.sentinels), len(SENTINELS)):
            self.engine.after(PING, self._elect, watch)
        else:
            self.promote(self.nodes[best])

    def candidate(self) -> str | None:
        """새 프라이머리로 뽑힐 복제본의 이름. 닿는 것이 없으면 None."""
        others = [node for node in self.replicas_of(self.known) if not node.primary]
        ready = [node for node in others if node.reachable]
        synced = [node for node in ready if node.synced]  # 복사하던 것은 마지막에 뽑습니다
        return chosen([(node.name, len(node.log)) for node in synced or ready])

    def promote(self, node: Node) -> None:
        """``node``를 프라이머리로 세우고 닿는 복제본들을 거기에 잇습니다."""
        self._watch += 1
        self.known = node.name
        node.primary, node.link = True, None
        self.gather()
        self.promoted(node)

    def demote(self, node: Node) -> None:
        """프라이머리가 아니게 된 ``node``를 복제본으로 바꿉니다. 이어진 클라이언트는 끊깁니다."""
        if node.name == self.known or not node.primary or not node.reachable:
            return
        node.primary = False
        self.hang_up(node)
        self.connect(node)
        self.demoted(node)

    def suspected(self, node: Node) -> None:
        """센티널들이 ``node``가 죽었다고 합의했습니다."""

    def promoted(self, node: Node) -> None:
        """``node``가 새 프라이머리가 되었습니다."""

    def demoted(self, node: Node) -> None:
        """돌아온 옛 프라이머리 ``node``가 복제본이 되었습니다."""

    # --- 계획한 페일오버 ---

    def plan_failover(self, coordinated: bool) -> bool:
        """아무도 죽지 않았는데 프라이머리를 옮깁니다. 옮길 곳이 없으면 거짓.

        ``coordinated``면 쓰기를 멈추고, 복제본이 다 받은 다음에 옮깁니다.
        """
        best = self.candidate()
        if best is None or self.primary is None or self.moving:
            return False
        self.moving = True
        old, new = self.nodes[self.known], self.nodes[best]
        if coordinated:
            self.frozen = old
            self.engine.after(DRAIN, self._abort, old)
            self.copied(new)
        else:
            self.engine.after(VOTE, self._switch, old, new)
        return True

    def _switch(self, old: Node, new: Node) -> None:
        """새 프라이머리를 세웁니다. 나머지와 클라이언트는 `SWITCH`초 뒤에 압니다."""
        new.primary, new.link = True, None
        self.engine.after(SWITCH, self._tell, old, new)

    def _tell(self, old: Node, new: Node) -> None:
        if self.known == old.name:
            self.promote(new)
            if not new.reachable:
                self.unseen(new)
        else:  # 그사이 다른 노드가 이어받았습니다
            self.engine.after(self.rejoin, self.demote, new)
        if old.primary:
            self.engine.after(self.rejoin, self._finish, old)
        else:
            self.moving = False

    def _finish(self, old: Node) -> None:
        self.moving = False
        self.demote(old)

    def copied(self, node: Node) -> None:
        """쓰기를 멈춘 프라이머리의 것을 ``node``가 다 받았으면, 둘의 자리를 바꿉니다."""
        old = self.frozen
        if old is None or node.name != self.candidate() or node.held:
            return
        if len(node.log) < len(old.log):
            return  # 아직 다 받지 못했습니다
        old.primary = False
        self._switch(old, node)
        self.hang_up(old)

    def _abort(self, old: Node) -> None:
        """복제본이 제때 다 받지 못했으므로 그만두고, 기다리던 쓰기를 합니다."""
        if self.frozen is old:
            self.thaw()
            self.moving = False
