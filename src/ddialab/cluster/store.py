"""약속이 있는 저장소: 클라이언트의 쓰기를 받고, 약속대로 답합니다. 죽고 끊기고 멈추기도 합니다.

누가 이어받는지는 모릅니다. 그것은 `cluster.failover`의 센티널이 합니다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ddialab.cluster.promise import (
    ASYNC,
    NAMES,
    NO_ANSWER,
    OK,
    PROMISES,
    REFUSED,
    TIMEOUT,
    accepts,
    answers,
)
from ddialab.cluster.replication import HOP, Node, Replication
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice, check_integer

NEED, WAIT, TIMES_OUT = 2, 300, 500  # WAIT의 복제본 수와 밀리초, 클라이언트가 기다리는 밀리초
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


class Store(Replication):
    """프라이머리 하나와 복제본 둘, 그리고 프라이머리를 찾아 쓰는 클라이언트.

    ``need``와 ``wait``는 WAIT가 기다리는 복제본의 수와 밀리초, ``timeout``은 클라이언트가 답을
    기다리는 밀리초입니다. ``disk``가 거짓이면 다시 켜진 노드는 텅 비었습니다.
    """

    def __init__(
        self,
        engine: Engine,
        promise: str = ASYNC,
        need: int = NEED,
        wait: int = WAIT,
        timeout: int = TIMES_OUT,
        disk: bool = False,
        names: Sequence[str] = NAMES,
    ):
        super().__init__(engine, names)
        self.promise = check_choice("promise", promise, PROMISES)
        self.need = check_integer("need", need, 1, len(names) - 1)
        self.wait = check_integer("wait", wait, 1)
        self.timeout = check_integer("timeout", timeout, 1)
        self.disk = disk
        self.client = ""  # 클라이언트가 이어져 있는 노드. 비었으면 다음에 센티널에게 묻습니다
        self.moving = False  # 계획한 페일오버가 진행 중
        self.frozen: Node | None = None  # 쓰기를 멈춘 옛 프라이머리
        self._stalled: list[Request] = []  # 그동안 온 쓰기
        self._waiting: list[Request] = []  # WAIT의 답을 기다리는 쓰기

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
        elif node is self.frozen:
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
        if outcome in (NO_ANSWER, READONLY) and self.client == request.node:
            self.client = ""  # 다음 쓰기는 센티널에게 다시 묻고 합니다
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
            self.unseen(node)

    def _gone(self, node: Node) -> None:
        """``node``와의 연결이 끊겼습니다."""
        for request in [one for one in self._waiting if one.node == node.name]:
            self._waiting.remove(request)
            self._reply(request, NO_ANSWER)
        if node is self.frozen:
            self.moving = False
        self.hang_up(node)
        self.unseen(node)

    def restart(self, name: str) -> None:
        """죽은 것을 다시 켭니다. 디스크가 있으면 적어 둔 것이 그대로 있습니다."""
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
        self.seen(node)

    def _back(self, node: Node) -> None:
        """``node``가 다시 이어집니다."""
        if node.name == self.known and node.primary:
            self.gather()
        else:
            self.connect(node)
        self.seen(node)

    def unseen(self, node: Node) -> None:
        """``node``가 답하지 않게 되었습니다."""

    def seen(self, node: Node) -> None:
        """``node``가 다시 답합니다."""

    def thaw(self) -> None:
        """멈추었던 쓰기를 이제 처리합니다."""
        self.frozen = None
        stalled, self._stalled = self._stalled, []
        for request in stalled:
            self._receive(request)

    def hang_up(self, node: Node) -> None:
        """``node``가 클라이언트의 연결을 끊습니다. 멈추었던 쓰기는 답을 듣지 못합니다."""
        if self.client == node.name:
            self.client = ""
        if node is self.frozen:
            self.frozen = None
            stalled, self._stalled = self._stalled, []
            for request in stalled:
                self._reply(request, NO_ANSWER)
