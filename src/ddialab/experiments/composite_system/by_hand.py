"""손으로 한 단계씩 가는 복합 시스템: 누가 다음에 갈지를 독자가 고릅니다.

읽기와 쓰기의 단계는 게시글 서비스의 것(`ddialab.service.writes`) 그대로이고, 릴레이도 그렇습니다.
여기서는 그 제너레이터들을 하나씩 붙잡고 있다가, 고른 것만 한 단계 보냅니다.
"""

from __future__ import annotations

from collections.abc import Iterator

from ddialab.core.engine import Engine
from ddialab.core.scene import Draw
from ddialab.experiments.composite_system.picture import (
    NAMES,
    NARAE,
    RELAY,
    SORA,
    Picture,
    object_of,
)
from ddialab.experiments.composite_system.system import ID, System, title
from ddialab.service.relay import LOG, OUTBOX, POSITION
from ddialab.service.views import CACHE, INDEX
from ddialab.service.writes import ANSWER, DATABASE, FILL

EMPTY = "(비었음)"
PLACED = {CACHE: "캐시의 위치", INDEX: "색인의 위치"}
REBOOT = 2.0  # 죽은 서버가 다시 켜지는 데 걸리는 시간(초)


class Actor:
    """요청 하나를 처리하는 서버. ``step``은 이제 할 단계이고, ``number``는 쥐고 있는 제목입니다."""

    def __init__(self, id: str):
        self.id, self.name = id, NAMES[id]
        self.steps: Iterator[str] | None = None
        self.step, self.dot = "", ""
        self.number = self.since = 0  # since: 읽기를 시작할 때까지 고쳤다고 답한 제목
        self.down = False


class ByHand:
    """``system``을 한 단계씩 움직입니다. 고치는 소라, 읽는 나래, 그리고 있으면 릴레이."""

    def __init__(self, engine: Engine, system: System, draw: Draw):
        self.engine, self.system, self.draw = engine, system, draw
        self.picture = Picture(draw)
        self.issued = self.told = 1  # 마지막으로 지은 제목과, 고쳤다고 답한 제목의 번호
        self._dots = self.reads = 0
        self.actors = {id: Actor(id) for id in (SORA, NARAE, RELAY)}
        if system.relay is None:
            draw("state", RELAY, "absent")
            draw("state", LOG, "absent")
        self.show()
        self.ready(self.actors[SORA])

    def show(self) -> None:
        """저장소마다 지금 든 것을 그립니다."""
        system, cached = self.system, self.system.cached
        db = [("글", title(system.original))]
        held = "임차권만" if system.leasing else EMPTY
        if system.relay is not None:
            waiting = len(system.outbox)
            db.append(("아웃박스", f"{waiting}건" if waiting else EMPTY))
            places = [(PLACED[view.name], str(view.position() or 0)) for view in system.views]
            self.picture.holds(LOG, [("기록", f"{system.log.end}건"), *places])
        self.picture.holds(DATABASE, db)
        self.picture.holds(CACHE, [("글", held if cached is None else title(cached))])
        self.picture.holds(INDEX, [("글", title(system.indexed))])

    # --- 한 단계씩 ---

    def ready(self, actor: Actor) -> None:
        """다음 요청을 시작하게 해, 첫 단계의 앞에 세웁니다. 릴레이는 옮길 것이 있을 때만 섭니다."""
        if actor.id == RELAY:
            actor.steps = self.system.relay.steps()
        elif actor.id == SORA:
            self.issued += 1
            actor.number = self.issued
            actor.steps = self.system.writes.edit(ID, title(actor.number))
        else:
            actor.number, actor.since = 0, self.told
            actor.steps = self.system.writes.read(ID)
        actor.dot, actor.step = "", ""
        try:
            actor.step = next(actor.steps)
        except StopIteration:  # 릴레이가 옮길 것이 없습니다
            actor.steps = None
            return
        self._dots += 1
        actor.dot = f"{actor.id}{self._dots}"
        self.draw("new", actor.dot, actor.id)
        self._stand(actor)

    def go(self, actor: Actor) -> None:
        """``actor``가 서 있던 단계를 하고, 다음 단계의 앞에 섭니다."""
        if actor.steps is None:
            self.draw("say", f"{actor.name}: 옮길 것이 없습니다.")
            return
        system, step = self.system, actor.step
        before, tokens = system.cached, system.tokens
        if actor.id == NARAE and step == DATABASE:
            actor.number = system.original
        elif actor.id == NARAE and step == CACHE:
            actor.since, actor.number = self.told, before or 0
        try:
            actor.step = next(actor.steps)
            ended = False
        except StopIteration:
            ended = True
        self.show()
        said = self._said(actor, step)
        if system.tokens > tokens:
            said += " 채울 임차권을 받았습니다."
        if ended:
            self.picture.answered(actor.dot, actor.id)
            said = f"{said} {self._ended(actor)}".strip()
            self.ready(actor)
        else:
            self._stand(actor)
        self.draw("say", said)
        self._wake()

    def kill(self, actor: Actor) -> None:
        """``actor``의 서버가 죽습니다. 하던 요청은 어디까지 했는지 아무도 모릅니다."""
        self.picture.died(actor.dot, actor.id)
        actor.steps, actor.step, actor.dot, actor.down = None, "", "", True
        self._wake()

    def reboot(self, actor: Actor) -> None:
        """다시 켭니다. 하던 요청은 잊었고, 다음 요청부터 처리합니다."""
        actor.down = False
        self.draw("state", actor.id, "ok")
        self.draw("say", f"{actor.name}: 다시 켜졌습니다. 하던 요청은 기억하지 못합니다.")
        self.ready(actor)

    def _stand(self, actor: Actor) -> None:
        self.picture.stand(actor.dot, actor.id, actor.step, self._intent(actor))

    def _wake(self) -> None:
        """옮길 것이 생겼으면 릴레이가 나섭니다. 소라가 기다려 주는 방식이면 소라의 몫입니다."""
        relay = self.actors[RELAY]
        busy = self.system.waits and self.actors[SORA].step not in (DATABASE, "")
        if self.system.relay is not None and not (relay.steps or relay.down or busy):
            self.ready(relay)

    def _ended(self, actor: Actor) -> str:
        """요청이 끝났습니다. 고쳤으면 답을 적고, 읽었으면 낡은 답인지 봅니다."""
        if actor.id == SORA:
            self._tell_edited(actor.number)
            return ""
        if actor.id == RELAY:
            return "로그의 끝까지 다 옮겼습니다."
        return self.judge(actor.number, actor.since)

    def _tell_edited(self, number: int) -> None:
        self.told = max(self.told, number)
        self.picture.count("edits")
        self.draw("mark", "edit", "")

    def judge(self, number: int, since: int) -> str:
        """``number``를 읽은 답. 읽기 전에 이미 ``since``로 고쳤다고 답했으면 낡은 답입니다."""
        self.reads += 1
        if number >= since:
            return f"{object_of(number)} 보았습니다."
        self.picture.count("stale")
        self.draw("mark", "stale", "")
        seen = f"{object_of(number)} 보았습니다."
        return f"{seen} 이미 {title(since)}까지 고쳤다고 답했으니 낡은 답입니다!"

    # --- 말 ---

    def _intent(self, actor: Actor) -> str:
        """저장소의 줄에 적을, 이제 하려는 일."""
        held = title(actor.number)
        if actor.step == CACHE and actor.id != NARAE:
            return f"{held} 넣을 차례" if self.system.way == "dual" else "지울 차례"
        return {
            DATABASE: "읽을 차례" if actor.id == NARAE else f"{held} 쓸 차례",
            CACHE: "찾을 차례",
            FILL: f"{held} 넣을 차례",
            INDEX: "고칠 차례" if actor.id == RELAY else f"{held} 넣을 차례",
            LOG: "적을 차례",
            OUTBOX: "아웃박스 비울 차례",
            POSITION: "위치 적을 차례",
            ANSWER: "",
        }[actor.step]

    def _said(self, actor: Actor, step: str) -> str:
        """방금 한 일."""
        held, name = object_of(actor.number), actor.name
        if actor.id == NARAE:
            return self._said_reading(actor, step)
        if step == CACHE:
            kept = (
                f"캐시에 {held} 넣었습니다." if self.system.way == "dual" else "캐시를 지웠습니다."
            )
            return f"{name}: {kept}"
        too = (
            " 같은 트랜잭션으로 아웃박스에도 적었습니다." if self.system.outbox is not None else ""
        )
        return (
            name
            + {
                DATABASE: f": DB에 {held} 썼습니다.{too}",
                INDEX: f": 검색 색인에 {object_of(self.system.indexed)} 넣었습니다.",
                LOG: ": 아웃박스의 것을 로그에 적었습니다.",
                OUTBOX: ": 로그에 옮긴 것을 아웃박스에서 지웠습니다.",
                POSITION: ": 캐시가 로그를 어디까지 따라왔는지 적었습니다.",
                ANSWER: ": 「고쳤습니다」라는 답을 들었습니다.",
            }[step]
        )

    def _said_reading(self, actor: Actor, step: str) -> str:
        held = object_of(actor.number)
        if step == CACHE:
            return "나래: 캐시에서" if actor.number else "나래: 캐시에 없습니다."
        if step == DATABASE:
            return f"나래: DB에서 {held} 읽었습니다. 아직 캐시에 넣지 않았습니다."
        if self.system.cached == actor.number:
            return f"나래: {held} 캐시에 넣었습니다."
        return f"나래: 캐시가 {held} 받지 않았습니다. 쓸 수 있는 임차권이 없습니다."
