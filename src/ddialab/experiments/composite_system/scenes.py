"""손으로 만드는 낡은 제목: 실습 03의 첫 장면과 도전."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Scene
from ddialab.experiments.composite_system import picture
from ddialab.experiments.composite_system.by_hand import REBOOT, Actor, ByHand
from ddialab.experiments.composite_system.picture import NARAE, RELAY, SORA
from ddialab.experiments.composite_system.system import ID, System, number_of, title
from ddialab.service.writes import DATABASE, FILL, WAYS

WAY_NAMES = ("이중 쓰기", "무효화", "임차권", "아웃박스와 로그")
SEEN = 1.0  # 한 일을 보고 나서 답을 듣기까지(초)
EVERY = 1.5  # 도전에서 독자들이 글을 읽는 간격의 평균(초)
OVER = 36_000  # 도전이 끝나는 시각(밀리초)
LAST = 3  # 도전에서 마지막 제목의 번호: 처음 것을 두 번 고칩니다
SLOW = 0.4  # 도전에서 읽기 한 단계에 걸리는 시간의 평균(초)
LATE = Ask(
    "late-fill",
    "소라는 「고쳤습니다」라는 답을 들었고, 지금 낡은 제목이 든 저장소는 없습니다. 그런데 나래는 "
    "고치기 전에 DB에서 읽어 둔 옛 제목을 이제 캐시에 넣으려 합니다. 그다음에 읽는 사람은 무엇을 "
    "볼까요?",
    (
        "새 제목을 봅니다",
        "한 사람만 옛 제목을 보고, 그다음부터 새 제목을 봅니다",
        "누가 또 고칠 때까지 모두 옛 제목을 봅니다",
    ),
)
REST = Ask(
    "unfinished",
    "소라의 서버가 DB를 고친 뒤, 남은 단계를 다 하지 못하고 죽었습니다. DB와 다른 사본이 있습니다. "
    "하다 만 나머지는 누가 할까요?",
    (
        "다시 켜진 소라의 서버가 이어서 합니다",
        "다른 누군가가 남은 것을 보고 이어서 합니다",
        "아무도 하지 않습니다",
    ),
)


class Toy(ByHand):
    """첫 장면: 누가 다음에 갈지, 언제 죽을지는 모두 독자에게 달렸습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.asked = {LATE.id: False, REST.id: False}
        super().__init__(engine, System(settings["way"], clock=lambda: engine.now), draw)
        self.ready(self.actors[NARAE])

    def act(self, name: str, target: str) -> None:
        """한 단계 가거나(step), 죽거나(kill), 캐시를 모르는 화면에서 고칩니다(forget)."""
        actor = self.actors[target]
        if actor.down:
            self.draw("say", f"{actor.name}: 아직 꺼져 있습니다.")
        elif target == RELAY and self.system.relay is None:
            self.draw("say", "이 길에는 릴레이가 없습니다.")
        elif name == "step":
            self._step(actor)
        elif name == "kill":
            self._kill(actor)
        else:
            self._forget(actor)

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    def _step(self, actor: Actor) -> None:
        late = actor.step == FILL and actor.number < self.told == self.system.original
        ask = late and self.system.agree() and not self.asked[LATE.id]
        if ask:
            self._ask(LATE)
        self.go(actor)
        if ask:
            new, _, old = LATE.choices
            fate = new if self.system.cached in (None, self.system.original) else old
            self.engine.after(SEEN, self._answer, LATE, fate)

    def _kill(self, actor: Actor) -> None:
        half = actor.id == SORA and self.system.original == actor.number and not self.system.agree()
        self.kill(actor)
        self.draw("say", f"{actor.name}: 하던 도중에 죽었습니다.")
        self.engine.after(REBOOT, self.reboot, actor)
        if half and not self.asked[REST.id]:
            self._ask(REST)
            _, other, nobody = REST.choices
            fate = nobody if self.system.relay is None else other
            self.engine.after(REBOOT + SEEN, self._answer, REST, fate)

    def _ask(self, ask: Ask) -> None:
        self.asked[ask.id] = True
        self.draw("ask", ask.id)

    def _answer(self, ask: Ask, fate: str) -> None:
        self.draw("answer", ask.id, fate, fate)

    def _forget(self, sora: Actor) -> None:
        """관리자 화면에서 고칩니다. 그 화면의 코드에는 사본을 맞추는 줄이 없습니다."""
        fresh = sora.step == DATABASE  # 아직 시작하지 않은 요청의 제목을 가져다 씁니다
        if not fresh:
            self.issued += 1
        number = self.issued
        self.system.database.update(ID, title(number))
        self.show()
        self._tell_edited(number)
        wrote = f"관리자 화면: DB에 {picture.object_of(number)} 썼습니다."
        self.draw("say", f"{wrote} 이 화면의 코드는 캐시도 색인도 모릅니다.")
        if fresh:
            self.picture.left(sora.dot, SORA)
            self.ready(sora)


class Mishap(ByHand):
    """도전: 소라는 두 번 고치고, 두 번째에는 DB를 고친 바로 뒤에 서버가 죽습니다.

    첫 번째 답을 들으면 소라는 나래에게 보라고 합니다. 그 밖에도 독자들이 저마다 읽습니다.
    """

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.made = 0  # 읽은 사람의 수
        way, waits = settings["way"], settings["waits"]
        system = System(way, filled=True, waits=waits, clock=lambda: engine.now)
        super().__init__(engine, system, draw)
        self.gap = engine.exponential("읽기", EVERY)
        self.slow = engine.exponential("단계", SLOW)
        engine.after(self.gap(), self._read_often)
        engine.at(MISHAP.end / 1000, self._judge)

    def act(self, name: str, target: str) -> None:
        """소라나 릴레이를 한 단계 보냅니다."""
        actor = self.actors[target]
        if actor.down:
            self.draw("say", f"{actor.name}: 죽었습니다. 이 도전에서는 다시 켜지지 않습니다.")
            return
        edits = self.picture.counts["edits"]
        self.go(actor)
        if self.picture.counts["edits"] > edits:
            self.draw("say", "소라가 답을 듣고 나래에게 말합니다. 「제목 고쳤어. 봐 봐.」")
            self._read(True)
        elif target == SORA and self.system.original == LAST:
            self.kill(actor)
            self.draw("say", "소라의 서버가 DB를 고친 바로 뒤에 죽었습니다. 답은 하지 못했습니다.")
            if self.system.relay is None:  # 더 할 수 있는 일이 없습니다
                self._judge()
        if self.system.original == LAST and self.system.agree():
            self._judge()

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    def _read_often(self) -> None:
        self._read(False)
        self.engine.after(self.gap(), self._read_often)

    def _read(self, at_once: bool) -> None:
        """누군가 글을 읽습니다. 단계마다 시간이 걸립니다."""
        self.made += 1
        dot = f"r{self.made}"
        self.draw("new", dot, NARAE)
        steps = self.system.writes.read(ID)
        next(steps)
        self.draw("move", dot, "cache", "")
        if at_once:
            self._advance(steps, dot, self.told)
        else:
            self.engine.after(self.slow(), self._advance, steps, dot, self.told)

    def _advance(self, steps: Any, dot: str, since: int) -> None:
        try:
            step = next(steps)
        except StopIteration as done:
            self.show()
            self._seen(dot, number_of(done.value.text), since)
            return
        self.show()
        self.draw("move", dot, picture.STORES[step], "")
        self.engine.after(self.slow(), self._advance, steps, dot, since)

    def _seen(self, dot: str, number: int, since: int) -> None:
        said = self.judge(number, since)
        if number < since:
            self.draw("say", f"독자: {said}")
            self._judge()
        self.draw("look", dot, "ok")
        self.draw("move", dot, NARAE, "")
        self.draw("gone", dot)

    def _judge(self) -> None:
        """지금까지의 판정. 끝날 때 한 번 더 봅니다."""
        stale, last = self.picture.counts["stale"], self.system.original == LAST
        both = "두 번 다 고쳤고" if last else "두 번째로 고치는 데까지 가지 못했고"
        same = "모든 사본이 DB와 같습니다" if self.system.agree() else "DB와 다른 사본이 남았습니다"
        said = f"{both}, 낡은 답은 {stale}번, {same}."
        self.draw("goal", last and stale == 0 and self.system.agree(), said)


def _stage(readers: str, *actions: Action) -> dict[str, Any]:
    return {
        "parts": picture.parts(readers),
        "wires": picture.WIRES,
        "counters": picture.COUNTERS,
        "lanes": picture.LANES,
        "actions": actions,
    }


TOY = Scene(
    "rename",
    60_000,
    Toy,
    **_stage(
        "나래",
        Action("step", "다음", (SORA, NARAE, RELAY)),
        Action("kill", "죽이기", (SORA, NARAE, RELAY)),
        Action("forget", "DB만 고치기", (SORA,)),
    ),
    knobs=(Knob("way", "쓰는 길", WAYS, WAY_NAMES, 0),),
    asks=(LATE, REST),
)
MISHAP = Scene(
    "mishap",
    OVER,
    Mishap,
    **_stage("독자들", Action("step", "다음", (SORA, RELAY))),
    knobs=(
        Knob("way", "쓰는 길", WAYS, WAY_NAMES, 0),
        Knob("waits", "답하는 때", (False, True), ("쓰고 곧바로", "사본이 따라온 다음"), 0),
    ),
    challenge=Challenge(
        "소라가 두 번 고칩니다. 두 번째에는 DB를 고친 바로 뒤에 서버가 죽습니다. 그래도 "
        f"{OVER // 1000}초에 모든 사본이 DB와 같고, 그때까지 낡은 답이 0번이어야 합니다.",
        (
            "사고가 둘입니다: 답을 듣자마자 읽는 사람, 죽은 서버가 남긴 일. 까닭이 서로 다릅니다.",
            "남은 일을 누군가 이어서 하는 길은 하나입니다. 그 길에서는 답이 사본보다 빠릅니다.",
            "그 길에서 사본이 따라온 다음에 답하게 하고, 소라가 죽으면 릴레이를 끝까지 보내세요.",
        ),
        (3, 1),
        (
            *((1000 + 1000 * n, "step", SORA) for n in range(9)),
            *((12_000 + 1000 * n, "step", RELAY) for n in range(6)),
        ),
        "사본이 모두 따라온 다음에 답하므로, 답을 듣고 읽는 사람은 새 제목을 봅니다. 서버가 죽어도 "
        "아웃박스에는 한 일이 남아 있어, 릴레이가 나머지를 이어서 합니다.",
    ),
)
