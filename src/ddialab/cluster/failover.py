"""복제된 저장소와 그것을 지켜보는 센티널의 모델: 프라이머리가 죽으면 복제본 하나가 이어받습니다.

가상 시계 위에서 돌고, 쓰기의 결과는 콜백으로 알립니다. 진짜 서버(`cluster.real`)처럼 부르는 대로
기다려 주는 것은 `cluster.simulated`입니다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ddialab.cluster.election import agreed, can_vote, chosen
from ddialab.cluster.promise import (
    ASYNC,
    NAMES,
    NO_ANSWER,
    OK,
    PROMISES,
    REFUSED,
    SENTINELS,
    TIMEOUT,
    accepts,
    answers,
)
from ddialab.cluster.replication import HOP, Node, Replication
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice, check_integer, check_number

PING = 1.0  # 초. 센티널이 안부를 묻는 간격. down-after가 더 짧으면 그만큼
VOTE = 0.5  # 초. 합의하고 나서 새 프라이머리를 세울 때까지
SWITCH = 1.0  # 초. 계획한 페일오버에서 새 프라이머리를 세우고 나머지에 알릴 때까지
REJOIN = 8.0  # 초. 스스로 프라이머리라고 믿는 옛 프라이머리를 센티널이 복제본으로 바꿀 때까지
DRAIN = 3.0  # 초. 쓰기를 멈추고 복제본이 다 받기를 기다리는 한도(COORDINATED)
QUORUM = 2
DOWN_AFTER = 1000  # 밀리초
NOREPLICAS, READONLY = f"{REFUSED}: NOREPLICAS", f"{REFUSED}: READONLY"

Answered = Callable[[str], None]  # 쓰기의 결과를 받습니다


class Request:
    """클라이언트가 보낸 쓰기 하나. 결과는 한 번만 알립니다."""

    def __init__(self, key: str, answered: Answered):
        self.key, self.answered = key, answered
        self.node = ""  # 보낸 노드
        self.offset = 0  # 거기까지 받았다고 해야 하는 양
        self.open = True

    def end(self, outcome: str) -> None:
        """결과를 알립니다."""
        if self.open:
            self.open = False
            self.answered(outcome)


class Failover(Replication):
    """프라이머리 하나와 복제본 둘, 센티널 셋, 그리고 프라이머리를 찾아 쓰는 클라이언트.

    ``down_after``는 센티널이 답을 기다리는 밀리초, ``need``와 ``wait``는 WAIT의 복제본 수와 밀리초,
    ``timeout``은 클라이언트가 답을 기다리는 밀리초입니다. ``disk``가 거짓이면 다시 켜진 노드는 텅
    비었습니다. ``quorum``은 죽었다고 합의할 센티널의 수, ``rejoin``은 돌아온 옛 프라이머리가
    복제본이 될 때까지의 초입니다.
    """

    def __init__(
        self,
        engine: Engine,
        promise: str = ASYNC,
        down_after: int = DOWN_AFTER,
        need: int = 2,
        wait: int = 300,
        timeout: int = 500,
        disk: bool = False,
        quorum: int = QUORUM,
        rejoin: float = REJOIN,
        names: Sequence[str] = NAMES,
    ):
        super().__init__(engine, names)
        self.promise = check_choice("promise", promise, PROMISES)
        self.down_after = check_integer("down_after", down_after, 1)
        self.need = check_integer("need", need, 1, len(names) - 1)
        self.wait = check_integer("wait", wait, 1)
        self.timeout = check_integer("timeout", timeout, 1)
        self.disk = disk
        self.quorum = check_integer("quorum", quorum, 1, len(SENTINELS))
        self.rejoin = check_number("rejoin", rejoin, 0)
        self.sentinels = list(SENTINELS)  # 살아 있는 것
        self.client = ""  # 클라이언트가 이어져 있는 노드. 비었으면 다음에 센티널에게 묻습니다
        self.moving = False  # 계획한 페일오버가 진행 중
        self._frozen: Node | None = None  # 쓰기를 멈춘 옛 프라이머리
        self._stalled: list[Request] = []  # 그동안 온 쓰기
        self._waiting: list[Request] = []  # WAIT의 답을 기다리는 쓰기
        self._watch = 0  # 프라이머리가 답하지 않게 될 때마다, 다시 답할 때마다 늘어납니다
        self._glance = engine.stream("센티널").random

    @property
    def primary(self) -> str | None:
        """센티널이 말하고 스스로도 그렇다고 답하는 프라이머리. 없으면 None."""
        node = self.nodes[self.known]
        return node.name if node.reachable and node.primary else None

    # --- 쓰기 ---

    def send(self, key: str, answered: Answered) -> None:
        """쓰기 하나를 보냅니다. 다시 보내지는 않습니다."""
        request = Request(key, answered)
        self.client = request.node = self.client or self.known
        self.engine.after(HOP, self._receive, request)

    def _receive(self, request: Request) -> None:
        node = self.nodes[request.node]
        if not node.alive or node.cut:
            self._reply(request, NO_ANSWER)
        elif node.paused:  # 소켓에는 쌓이므로, 깨어나면 적습니다
            node.unread.append(request.key)
            self.engine.after(self.timeout / 1000, self._give_up, request, NO_ANSWER)
        elif node is self._frozen:
            self._stalled.append(request)
        elif not node.primary:
            self._reply(request, READONLY)
        elif not accepts(self.promise, self.lags(node)):
            self._reply(request, NOREPLICAS)
        else:
            self._store(node, request)

    def _store(self, node: Node, request: Request) -> None:
        self.store(node, request.key)
        if answers(self.promise, 0, self.need):
            self._reply(request, OK)
            return
        request.offset = len(node.log)
        self._waiting.append(request)
        self.engine.after(self.wait / 1000, self._give_up, request, TIMEOUT)

    def _reply(self, request: Request, outcome: str) -> None:
        self.engine.after(HOP, self._end, request, outcome)

    def _end(self, request: Request, outcome: str) -> None:
        if self.nodes[request.node].cut:
            outcome = NO_ANSWER  # 오던 답도 사라졌습니다
        if outcome != OK and self.client == request.node:
            self.client = ""
        request.end(outcome)

    def _give_up(self, request: Request, outcome: str) -> None:
        if request in self._waiting:
            self._waiting.remove(request)
        if request.open:
            lost = not self.nodes[request.node].reachable
            self._end(request, NO_ANSWER if lost else outcome)

    def received(self, node: Node) -> None:
        links = [one.link.acked for one in self.followers(node)]
        for request in list(self._waiting):
            count = len([acked for acked in links if acked >= request.offset])
            if request.node == node.name and answers(self.promise, count, self.need):
                self._waiting.remove(request)
                self._reply(request, OK)

    # --- 결함 ---

    def kill(self, name: str) -> None:
        """죽입니다(kill -9). 이미 커널에 넘긴 것은 복제본에 닿습니다."""
        if name in self.sentinels:
            self.sentinels.remove(name)
            return
        node = self.node(name)
        node.alive, node.paused, node.link, node.unread = False, False, None, []
        self._gone(node)

    def cut(self, name: str) -> None:
        """그 컴퓨터의 네트워크를 모두 끊습니다. 오가던 것은 사라집니다."""
        node = self.node(name)
        node.cut, node.link = True, None
        for one in self.replicas_of(name):
            if one.link and one.link.source == name:
                one.link = None
        self._gone(node)

    def pause(self, name: str) -> None:
        """멈춥니다(SIGSTOP). 연결은 그대로이고 아무 답도 하지 않습니다."""
        node = self.node(name)
        if node.alive and not node.paused:
            node.paused = True
            self._silence(node)
            self._unseen(node)

    def _gone(self, node: Node) -> None:
        """``node``와의 연결이 끊겼습니다."""
        for request in [one for one in self._waiting if one.node == node.name]:
            self._waiting.remove(request)
            self._reply(request, NO_ANSWER)
        if node is self._frozen:
            self._thaw(NO_ANSWER)
        if self.client == node.name:
            self.client = ""
        self._unseen(node)

    def restart(self, name: str) -> None:
        """죽은 것을 다시 켭니다. 디스크가 있으면 적어 둔 것이 그대로 있습니다."""
        if name in SENTINELS:
            self.sentinels += [] if name in self.sentinels else [name]
            return
        node = self.node(name)
        if node.alive:
            return
        node.alive = True
        if not self.disk:
            node.log = []
        self._back(node)

    def heal(self, name: str) -> None:
        """끊은 네트워크를 다시 잇습니다."""
        node = self.node(name)
        if node.cut:
            node.cut = False
            self._back(node)

    def resume(self, name: str) -> None:
        """멈춘 것을 이어서 돌립니다. 그동안 소켓에 쌓인 쓰기도 적습니다."""
        node = self.node(name)
        if not node.paused:
            return
        node.paused = False
        unread, node.unread = node.unread, []
        for key in unread if node.primary else []:
            self.store(node, key)
        for one in self.nodes.values():
            self._flow(one)
        self._seen(node)

    def _back(self, node: Node) -> None:
        """``node``가 다시 이어집니다."""
        if node.name == self.known and node.primary:
            self.gather()
        else:
            self.connect(node)
        self._seen(node)

    # --- 센티널 ---

    def _unseen(self, node: Node) -> None:
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

    def _seen(self, node: Node) -> None:
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
        if self.client == node.name:
            self.client = ""
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
            self._frozen = old
            self.engine.after(DRAIN, self._abort, old)
            self.copied(new)
        else:
            self.engine.after(VOTE, self._switch, old, new)
        return True

    def _switch(self, old: Node, new: Node) -> None:
        """새 프라이머리를 세웁니다. 옛 프라이머리는 아직 모르고 계속 답합니다."""
        new.primary, new.link = True, None
        self.engine.after(SWITCH, self._tell, old, new)

    def _tell(self, old: Node, new: Node) -> None:
        if self.known == old.name:
            self.promote(new)
        self.engine.after(self.rejoin, self._finish, old)

    def _finish(self, old: Node) -> None:
        self.moving = False
        self.demote(old)

    def copied(self, node: Node) -> None:
        old = self._frozen
        if old is None or node.name != self.candidate() or node.held:
            return
        if len(node.log) < len(old.log):
            return  # 아직 다 받지 못했습니다
        old.primary = False
        self.promote(node)
        self._thaw(READONLY)

    def _abort(self, old: Node) -> None:
        """복제본이 제때 다 받지 못했으므로 그만두고, 기다리던 쓰기를 합니다."""
        if self._frozen is old:
            self._thaw("")

    def _thaw(self, outcome: str) -> None:
        """멈추었던 쓰기를 ``outcome``으로 끝냅니다. 비었으면 이제 처리합니다."""
        self._frozen, self.moving = None, False
        stalled, self._stalled = self._stalled, []
        for request in stalled:
            if outcome:
                self._reply(request, outcome)
            else:
                self._receive(request)
