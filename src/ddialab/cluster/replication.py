"""비동기 복제의 모델: 프라이머리가 적은 것이 연결을 지나 복제본에 차례대로 닿습니다.

여기서는 옮기기만 합니다. 언제 답할지는 `cluster.promise`가, 누구를 뽑을지는 `cluster.election`이
정합니다.
"""

from __future__ import annotations

from collections.abc import Sequence

from ddialab.cluster.promise import NAMES
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice, check_number

HOP = 0.001  # 초. 메시지가 연결 하나를 지나는 시간
WRITE, COPY, ACK = "write", "copy", "ack"  # 쓰기 하나, 전체 복사, 여기까지 받았다는 소식


class Link:
    """프라이머리 ``source``에서 오는 복제 연결. 먼저 보낸 것이 먼저 닿습니다."""

    def __init__(self, source: str):
        self.source = source
        self.last = 0.0  # 마지막으로 보낸 것이 닿는 시각
        self.waiting: list[tuple] = []  # 닿았지만 붙잡혀 있는 것
        self.acked = 0  # 복제본이 받았다고 알린 양
        self.silent: float | None = None  # 이때부터 소식이 오지 않습니다


class Node:
    """저장소의 노드 하나. ``primary``는 스스로 프라이머리라고 믿는지입니다."""

    def __init__(self, name: str, primary: bool):
        self.name, self.primary = name, primary
        self.log: list[str] = []
        self.alive, self.paused, self.cut, self.held = True, False, False, False
        self.delay = 0.0  # 이 노드로 오가는 복제에 한쪽마다 더 드는 시간(초)
        self.link: Link | None = None
        self.synced = True  # 새로 이은 다음 전체를 다 복사했는가
        self.unread: list[str] = []  # 멈춰 있는 동안 소켓에 쌓인 쓰기

    @property
    def reachable(self) -> bool:
        """물어보면 답하는가."""
        return self.alive and not self.paused and not self.cut


class Replication:
    """노드 셋과 그 사이의 연결. ``known``은 모두가 프라이머리로 알고 있는 노드의 이름입니다."""

    def __init__(self, engine: Engine, names: Sequence[str] = NAMES):
        self.engine, self.names = engine, tuple(names)
        self.nodes = {name: Node(name, name == names[0]) for name in names}
        self.known: str = names[0]
        for node in self.replicas_of(self.known):
            node.link = Link(self.known)

    def node(self, name: str) -> Node:
        """이름이 ``name``인 노드. 없으면 `InvalidValue`."""
        return self.nodes[check_choice("노드", name, self.names)]

    def replicas_of(self, name: str) -> list[Node]:
        """``name``이 아닌 노드들."""
        return [node for node in self.nodes.values() if node.name != name]

    def followers(self, node: Node) -> list[Node]:
        """``node``에 지금 이어져 있는 복제본들."""
        links = [one for one in self.nodes.values() if one.link and one.link.source == node.name]
        return [one for one in links if one.alive and not one.cut]

    def lags(self, node: Node) -> list[float]:
        """이어진 복제본마다 마지막 소식이 온 뒤로 지난 시간(초)."""
        since = [one.link.silent for one in self.followers(node)]
        return [0.0 if one is None else self.engine.now - one for one in since]

    # --- 보내고 받기 ---

    def store(self, node: Node, key: str) -> None:
        """``node``가 적고, 이어진 복제본들에 보냅니다."""
        node.log.append(key)
        for one in self.followers(node):
            self._send(one, WRITE, key)

    def connect(self, node: Node) -> None:
        """``node``를 프라이머리에 새로 잇고 전체를 복사합니다. 거기 없는 것은 버립니다."""
        source = self.nodes[self.known]
        if node is source or node.primary or not node.alive:
            return
        node.link = None
        if source.alive and source.primary and not (source.cut or node.cut):
            node.link, node.synced = Link(source.name), False
            self._silence(node)
            self._send(node, COPY, list(source.log))

    def gather(self) -> None:
        """닿는 노드를 모두 프라이머리에 잇습니다."""
        for node in self.nodes.values():
            self.connect(node)

    def _send(self, node: Node, what: str, value) -> None:
        link = node.link
        link.last = max(link.last, self.engine.now + HOP + node.delay)
        self.engine.at(link.last, self._arrive, node, link, (what, value))

    def _arrive(self, node: Node, link: Link, message: tuple) -> None:
        if node.link is not link:
            return  # 그사이 연결이 끊겼습니다
        source = self.nodes[link.source]
        reader = source if message[0] == ACK else node
        if node.held or reader.paused:
            link.waiting.append(message)
        else:
            self._take(node, link, message)

    def _take(self, node: Node, link: Link, message: tuple) -> None:
        what, value = message
        if what == ACK:
            link.acked = value
            self.received(self.nodes[link.source])
            return
        if what == COPY:
            node.log, node.synced = list(value), True
        else:
            node.log.append(value)
        if self.nodes[link.source].reachable:
            self._send(node, ACK, len(node.log))
        self.copied(node)

    def _flow(self, node: Node) -> None:
        """막힌 것이 풀렸으면 쌓인 것을 차례대로 흘려보냅니다."""
        link = node.link
        self._silence(node)
        if link is None:
            return
        waiting, link.waiting = link.waiting, []
        for message in waiting:
            self._arrive(node, link, message)

    def _silence(self, node: Node) -> None:
        if node.link is None:
            return
        if not (node.held or node.paused):
            node.link.silent = None
        elif node.link.silent is None:
            node.link.silent = self.engine.now

    def received(self, node: Node) -> None:
        """복제본 하나가 받았다는 소식이 ``node``에 왔습니다."""

    def copied(self, node: Node) -> None:
        """``node``가 방금 받아 적었습니다."""

    # --- 복제에 내는 결함 ---

    def hold(self, name: str) -> None:
        """``name``의 복제를 양쪽으로 붙잡습니다. 연결은 그대로이고, 보낸 것은 쌓입니다."""
        self.node(name).held = True
        self._silence(self.node(name))

    def release(self, name: str) -> None:
        """붙잡은 것을 놓습니다. 쌓인 것이 차례대로 닿습니다."""
        self.node(name).held = False
        self._flow(self.node(name))

    def delay(self, name: str, seconds: float) -> None:
        """``name``의 복제가 한쪽마다 ``seconds``초 늦어집니다."""
        self.node(name).delay = check_number("seconds", seconds, 0)
