"""실습 06의 장면들: 부품을 하나씩 고장 내는 게시글 서비스, 그리고 여분을 둘 자리를 고르는 도전."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.fault_and_failure.by_hand import (
    EVENING,
    FAIL,
    LATE,
    OK,
    QUIET,
    STALE,
    USERS,
    ByHand,
    Trip,
)
from ddialab.experiments.fault_and_failure.paths import (
    API,
    BALANCER,
    CACHE,
    DB,
    FUNCTIONS,
    INDEX,
    LOG,
    REPLICA,
    WORKER,
    Has,
    installed,
    parts_of,
)
from ddialab.experiments.fault_and_failure.tally import FATES, Tally

SETTLE = 7.0  # 고장 낸 다음 이만큼 지나서부터 보낸 요청으로 판정합니다(초)
ASKING = 0.3  # 물은 지 이만큼까지의 조작은 답하기 전에 누른 것입니다(초)
LOADS = {QUIET: "평소", EVENING: "저녁"}
BASE = installed({API: 2})  # 첫 장면의 부품들
NAMES = {
    BALANCER: "로드 밸런서",
    API: "API",
    CACHE: "캐시",
    DB: "DB",
    REPLICA: "DB 복제본",
    INDEX: "검색 색인",
    LOG: "로그",
    WORKER: "워커",
}
SHORT = {BALANCER: "밸런서", REPLICA: "복제본", INDEX: "색인"}  # 그림의 좁은 칸에 적을 이름
# 같은 칸에서는 이 차례로 놓습니다. DB 곁에 로그가, 캐시와 색인 곁에 워커가 와야 선이 곧습니다
COLUMNS = {BALANCER: 1, API: 2, DB: 3, REPLICA: 3, CACHE: 3, INDEX: 3, LOG: 4, WORKER: 4}
COUNTERS = (
    (OK, "제때", "good"),
    (FAIL, "실패", "bad"),
    (LATE, "늦음", "bad"),
    (STALE, "낡음", "bad"),
)
FIRST, EVERY, LONG = 3.0, 11.0, 9.5  # 도전: 첫 고장, 고장의 간격, 고장 난 동안(초)
SHOWS = 5.0  # 도전: 고장 난 지 이만큼 지나서부터 판정합니다(초)
SHOWN = 4  # 도전: 요청 이만큼에 하나만 점으로 그립니다
BROKEN = (BALANCER, API, CACHE, DB, INDEX, LOG, WORKER)  # 도전에서 차례로 하나씩
BUDGET = 6  # 도전에서 더 둘 수 있는 부품의 수


def role_of(name: str) -> str:
    """부품 ``name``의 역할."""
    return name[:-1]


def label(name: str, has: Has, short: bool = False) -> str:
    """화면에 보일 이름. 하나뿐이면 번호를 붙이지 않습니다."""
    role = role_of(name)
    words = SHORT.get(role, NAMES[role]) if short else NAMES[role]
    return f"{words} {name[-1]}" if len(has[role]) > 1 else words


def guesses(name: str) -> tuple:
    """``name``의 물음에서 고를 것들. 결과가 아홉 줄 쌓여도 무엇의 것인지 알게 이름을 붙입니다."""
    return tuple([f"{label(name, BASE)}: {fate}" for fate in FATES])


def ask(name: str) -> Ask:
    """``name``을 고장 냈을 때의 물음."""
    what = label(name, BASE)
    return Ask(
        f"broke-{name}",
        f"방금 고장 낸 것: {what}. 이대로 두면 읽기, 쓰기, 검색, 홈은 어떻게 될까요?",
        guesses(name),
    )


class Toy(ByHand):
    """첫 장면: 무엇이 고장 날지는 독자가 정합니다. 부품마다 처음 고장 낼 때 먼저 묻습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self._asked_at: dict[str, float] = {}  # 부품마다 물은 시각
        self._loads: dict[str, float] = {}  # 아직 답하지 않은 물음마다, 물을 때의 부하
        self._down: list[str] = []  # 고장 난 차례로
        self._tally, self._told = None, ""
        super().__init__(engine, draw, BASE, settings["rate"])

    def act(self, name: str, target: str) -> None:
        """고장 내거나(break) 고칩니다(fix)."""
        if self.stations[target].up != (name == "break"):
            return
        if self._asking():
            self.draw("say", f"{self._lost()}. 물음에 답하기 전에 누른 것은 다시 누르세요.")
        elif name == "break":
            self._break(target)
        else:
            self._fix(target)

    def turn(self, knob: str, value: Any) -> None:
        super().turn(knob, value)
        if self._asking():
            self._loads[self._down[-1]] = value
        self._watch()

    def _asking(self) -> bool:
        """화면이 물음에서 멈추어 있나. 모델은 그보다 조금 앞까지 가 있을 수 있습니다."""
        return self.engine.now - max(self._asked_at.values(), default=-ASKING) < ASKING

    def _lost(self) -> str:
        """고장 난 것들을 말하는 글."""
        return ", ".join([label(name, BASE) for name in self._down]) + " 고장"

    def _break(self, target: str) -> None:
        self._down.append(target)
        self.draw("state", target, "down")
        self.draw("say", f"{self._lost()}. 10초 남짓 지켜봅니다.")
        if target not in self._asked_at:
            self._asked_at[target] = self.engine.now
            self._loads[target] = self.load.rate
            self.draw("ask", f"broke-{target}")
        self.stop(target)
        self._watch()

    def _fix(self, target: str) -> None:
        self._down.remove(target)
        self.draw("state", target, "ok")
        self.start(target)
        if self._down:
            self.draw("say", f"{label(target, BASE)} 고침. 아직 {self._lost()}.")
        else:  # 밀린 일이 다음에 고장 낼 것의 탓으로 보이지 않게
            self.draw("say", f"{label(target, BASE)} 고침. 밀린 일은 치웠습니다.")
            self.drain()
        self._watch()

    def _watch(self) -> None:
        """지금 고장 난 채로 무엇이 되고 안 되는지, 처음부터 다시 지켜봅니다."""
        self._tally = Tally(self.engine.now + SETTLE) if self._down else None
        self._told = ""

    def ended(self, trip: Trip) -> None:
        if self._tally is None:
            return
        self._tally.add(trip.function, trip.since, trip.outcome == OK)
        if self._tally.enough():
            self._tell(self._tally)
            self._tally = Tally(self.engine.now)  # 나중에 달라지는 것도 말합니다

    def _tell(self, tally: Tally) -> None:
        told, part, load = tally.told(), self._down[-1], self.load.rate
        if told == self._told:
            return
        self._told = told
        self.draw("say", f"{LOADS[load]}, {self._lost()}. {told}")
        if self._loads.get(part) == load:  # 물은 다음에 부하를 바꾸었으면 그 물음의 답이 아닙니다
            del self._loads[part]
            answer = f"{label(part, BASE)}: {tally.fate()}"
            self.draw("answer", f"broke-{part}", answer, answer)


def chosen(settings: dict) -> Has:
    """도전의 슬라이더대로 둔 부품들. 로그와 워커는 함께 늘립니다."""
    counts = {role: settings[role] for role in (BALANCER, API, CACHE, REPLICA, INDEX, LOG)}
    counts[WORKER] = counts[LOG]
    return installed(counts)


MOST = chosen({BALANCER: 2, API: 3, CACHE: 2, REPLICA: 2, INDEX: 2, LOG: 2})


class Drill(ByHand):
    """도전: 저녁에 부품이 하나씩 고장 났다 고쳐집니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        has = chosen(settings)
        for name in parts_of(MOST):
            if name not in parts_of(has):
                draw("state", name, "absent")
        super().__init__(engine, draw, has, EVENING, settings["promote"], SHOWN)
        self.extra = len(parts_of(has)) - len(parts_of(BASE))
        self._tally, self._failed = None, []
        draw("count", "extra", self.extra)
        for turn, role in enumerate(BROKEN):
            engine.at(FIRST + EVERY * turn, self._break, has[role][0])
        engine.at(SPARES.end / 1000, self._judge)

    def act(self, name: str, target: str) -> None:
        """도전에는 행동이 없습니다."""

    def _break(self, name: str) -> None:
        self.draw("state", name, "down")
        self.draw("say", f"{label(name, self.has)} 고장.")
        self.stop(name)
        self._tally = Tally(self.engine.now + SHOWS)
        self.engine.after(LONG, self._fix, name)

    def _fix(self, name: str) -> None:
        if self._tally.stopped():
            stopped = ", ".join([FUNCTIONS[one] for one in self._tally.stopped()])
            self._failed.append(f"{label(name, self.has)}({stopped})")
        self._tally = None
        self.draw("state", name, "ok")
        self.start(name)
        self.drain()

    def ended(self, trip: Trip) -> None:
        if self._tally is not None:
            self._tally.add(trip.function, trip.since, trip.outcome == OK)

    def _judge(self) -> None:
        failed = (
            f"장애가 된 고장: {', '.join(self._failed)}." if self._failed else "장애는 없었습니다."
        )
        met = not self._failed and self.extra <= BUDGET
        self.draw("goal", met, f"{failed} 더 둔 부품은 {self.extra}개입니다.")


def _stage(has: Has, actions: tuple, counters: tuple) -> dict[str, Any]:
    """사용자, 로드 밸런서, API 서버, 저장소들, 로그와 워커."""
    wires = [(USERS, name) for name in has[BALANCER]]
    wires += [(lb, api) for lb in has[BALANCER] for api in has[API]]
    for role in (CACHE, DB, REPLICA, INDEX):
        wires += [(api, name) for api in has[API] for name in has[role]]
    wires += [(db, log) for db in has[DB] for log in has[LOG]]
    wires += [(log, worker) for log in has[LOG] for worker in has[WORKER]]
    for role in (INDEX, CACHE):
        wires += [(worker, name) for worker in has[WORKER] for name in has[role]]
    return {
        "parts": (
            Part(USERS, "client", "사용자", 0),
            *(
                Part(name, "server", label(name, has, True), column)
                for role, column in COLUMNS.items()
                for name in has[role]
            ),
        ),
        "wires": tuple(wires),
        "counters": counters,
        "lanes": tuple((name, words) for name, words in FUNCTIONS.items()),
        "actions": actions,
    }


def _spare(role: str, words: str, most: int = 2, least: int = 1) -> Knob:
    values = tuple(range(least, most + 1))
    return Knob(role, words, values, tuple(f"{value}개" for value in values), 0)


TOY = Scene(
    "which-part",
    75_000,
    Toy,
    **_stage(
        BASE,
        (Action("break", "고장", parts_of(BASE)), Action("fix", "고침", parts_of(BASE), ("down",))),
        COUNTERS,
    ),
    knobs=(Knob("rate", "부하", tuple(LOADS), tuple(LOADS.values()), 0, live=True),),
    asks=tuple(ask(name) for name in parts_of(BASE)),
    seed=6,
)
SPARES = Scene(
    "spare-parts",
    80_000,
    Drill,
    **_stage(
        MOST,
        (),
        (*COUNTERS, ("extra", "더 둔 부품", "plain")),
    ),
    knobs=(
        _spare(BALANCER, "로드 밸런서"),
        _spare(API, "API 서버", 3, 2),
        _spare(CACHE, "캐시"),
        _spare(REPLICA, "DB 복제본"),
        Knob("promote", "DB가 고장 나면", (False, True), ("기다림", "복제본이 대신"), 0),
        _spare(INDEX, "검색 색인"),
        _spare(LOG, "로그와 워커"),
    ),
    challenge=Challenge(
        f"저녁입니다. 부품이 하나씩 {LONG:g}초 동안 고장 납니다. 부품을 {BUDGET}개까지 더 두어, "
        "어느 것이 고장 나도 네 기능이 멈추지 않게 하세요.",
        (
            "끝까지 돌리면 무엇이 고장 났을 때 어느 기능이 멈췄는지 나옵니다. 거기서 시작하세요.",
            "켜져 있어도 남은 일을 다 받지 못하면 멈춘 것과 같습니다. 저녁에는 누가 바쁩니까?",
            "새 부품을 두지 않고도 대신할 수 있는 것이 하나 있습니다. 이미 있는 복제본을 보세요.",
        ),
        (1, 1, 1, 0, 1, 1, 1),
        why="길마다 하나뿐이던 부품에 대신할 것을 두었고, API 서버와 캐시는 하나를 잃고도 저녁의 "
        "요청을 다 받습니다. DB는 이미 있던 복제본이 대신하므로 새로 두지 않아도 됩니다.",
    ),
)
