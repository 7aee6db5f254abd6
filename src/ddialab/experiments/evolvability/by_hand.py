"""손으로 하는 롤링 업그레이드: 요청을 맡은 복제본의 버전이 그 게시글을 읽고 씁니다.

복제본과 로드 밸런서는 `ddialab.cluster`의 것이고, 버전마다 필드를 다루는 코드는 실습의
`VersionedPosts`와 `JSONCodec`입니다. 여기서는 둘을 잇고 저장된 게시글을 그립니다.
"""

from __future__ import annotations

from typing import Any

from ddialab.cluster import by_hand
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.events import DOWN, FAIL, OK, REPLY, UP, Event
from ddialab.core.scene import Action, Draw
from ddialab.experiments.evolvability.documents import MemoryDocuments
from ddialab.experiments.evolvability.versions import NEW, OLD, VersionedPosts
from ddialab.ops.fields import LossyDowngrade

STORE = "store"
BOOT = 2.0  # 새 버전을 띄우는 시간(초)
PUBLISH = 0.4  # 요청 가운데 새 글의 비율. 나머지는 고치기입니다
RECENT = 4  # 고치기는 갓 쓴 게시글 가운데 하나를 고릅니다. 화면의 저장소에 보이는 만큼입니다
VERSIONS = {"upgrade": NEW, "rollback": OLD}
STATES = {OLD: "old", NEW: "new"}
NAMES = {OLD: "옛 버전", NEW: "새 버전"}
TAG, FRESH, EDITED = "점심", "새 글", "고친 글"


def actions(nodes: tuple[str, ...]) -> tuple[Action, ...]:
    """``nodes``를 하나씩 새 버전으로 배포하고, 옛 버전으로 롤백합니다."""
    return (
        Action("upgrade", "배포", nodes, (STATES[OLD],)),
        Action("rollback", "롤백", nodes, (STATES[NEW],)),
    )


class RollingUpgrade(by_hand.ByHand):
    """모두 옛 버전에서 시작하는 게시글 서비스. 모르는 필드는 ``way``(`TREATMENTS`)로 다룹니다.

    ``tagged``는 태그를 달았다고 답한 게시글, ``lost``는 그 태그가 사라진 게시글의 번호들입니다.
    """

    def __init__(self, engine: Engine, spec: Spec, draw: Draw, way: str):
        self.versions = dict.fromkeys(spec.nodes, OLD)
        self.tagged: list[int] = []
        self.lost: list[int] = []
        self._next, self._ids = dict(self.versions), []
        self._shelf: list[int] = []  # 저장소에 보이는 게시글
        self._refused: dict[int, bool] = {}  # 복제본이 거절한 요청
        documents = MemoryDocuments()
        self._posts = {version: VersionedPosts(documents, version, way) for version in STATES}
        self._draw, self._chance = draw, engine.stream("게시글").random
        super().__init__(engine, spec, self._show)
        self.cluster.log = self  # 그림에 앞서 게시글을 다룹니다
        for node in spec.nodes:
            self._show("state", node, "ok")

    def _show(self, kind: str, *what: Any) -> None:
        """정상인 복제본은 버전을 보입니다. 기다리는 요청의 수는 보이지 않습니다."""
        if kind == "state" and what[1] == "ok":
            self._draw("state", what[0], STATES[self.versions[what[0]]])
        elif kind != "count" or what[0] != "open":
            self._draw(kind, *what)

    def act(self, name: str, target: str) -> None:
        """``target``을 비우고 껐다가, 배포하거나 롤백할 버전으로 켭니다."""
        self._next[target] = VERSIONS[name]
        self.cluster.restart(target, BOOT)

    def record(self, event: Event) -> None:
        """클러스터의 사건 하나. 답하는 복제본은 먼저 게시글을 쓰거나 고칩니다."""
        if event.kind == REPLY:
            self._serve(event.node, event.request)
        elif event.kind == UP:
            self.versions[event.node] = self._next[event.node]
        elif event.kind == OK and event.request in self._refused:
            event = Event._make((event.time, FAIL, "", event.request, "refused"))
        self.picture.record(event)
        if event.kind == DOWN:
            self.draw("say", f"{event.node}: {NAMES[self._next[event.node]]}으로 바꾸려고 끕니다.")
        elif event.kind == UP:
            version = NAMES[self.versions[event.node]]
            self.draw("say", f"{event.node}: {version}으로 다시 켜졌습니다.")

    def _serve(self, node: str, request: int) -> None:
        kind, luck = self._chance(), self._chance()
        if kind < PUBLISH or not self._ids:
            self._publish(node, len(self._ids) + 1)
        else:
            recent = self._ids[-RECENT:]
            self._edit(node, request, recent[int(luck * len(recent))])
        dot = f"{request}.{STORE}"
        self.draw("new", dot, node)
        self.draw("move", dot, STORE, "")
        self.draw("gone", dot)

    def _publish(self, node: str, id: int) -> None:
        post = self._posts[self.versions[node]].insert_post("소라", FRESH, id, [TAG])
        self._ids.append(id)
        if "tags" in post:
            self.tagged.append(id)
        self._put(id)

    def _edit(self, node: str, request: int, id: int) -> None:
        if self.versions[node] == OLD and id in self.tagged and id not in self.lost:
            self.cross(node, id)
        try:
            self._posts[self.versions[node]].update(id, EDITED)
        except LossyDowngrade:
            self._refused[request] = True
        self._put(id)

    def cross(self, node: str, id: int) -> None:
        """이제 옛 버전인 ``node``가 태그가 있는 게시글을 고칩니다."""
        self.draw("say", f"옛 버전인 {node}에서 태그가 있는 글 {id}번을 고칩니다.")

    def _put(self, id: int) -> None:
        """게시글을 새 버전의 눈으로 읽어 보이고, 장부와 비교합니다."""
        post = self._posts[NEW].post(id)
        if id in self.tagged and id not in self.lost and not post["tags"]:
            self.lost.append(id)
            lost = len(self.lost)
            self.draw(
                "say", f"글 {id}번의 태그가 없어졌습니다. 태그를 잃은 글은 모두 {lost}건입니다."
            )
        self._shelve(id, post["text"] + "".join([f" #{tag}" for tag in post["tags"]]))
        self.tell()

    def _shelve(self, id: int, text: str) -> None:
        """저장소에는 갓 쓴 게시글만 보입니다. 마지막으로 태그를 잃은 글은 밀려나지 않게 둡니다."""
        keep = self._ids[-RECENT:]
        if self.lost and self.lost[-1] not in keep:
            keep[0] = self.lost[-1]
        for gone in [shown for shown in self._shelf if shown not in keep]:
            self._shelf.remove(gone)
            self.draw("put", STORE, f"글 {gone}", None)
        if id in keep:
            if id not in self._shelf:
                self._shelf.append(id)
            lost = " (태그를 잃음)" if id in self.lost else ""
            self.draw("put", STORE, f"글 {id}", text + lost)

    def tell(self) -> None:
        """장부가 바뀌었을지 모릅니다. 위의 수를 다시 셉니다."""
        raise NotImplementedError
