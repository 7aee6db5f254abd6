"""실습 10의 첫 장면과 도전, 그리고 먼저 읽는 페이지의 작은 장면."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ddialab.blocks.posts import Post, Snapshot
from ddialab.blocks.tape import Tape
from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Scene
from ddialab.experiments.human_errors import by_hand, release
from ddialab.experiments.human_errors.accident import RECOVERY_NAMES, Policy, log_minutes
from ddialab.experiments.human_errors.by_hand import LOG, POSTS, ByHand
from ddialab.ops.recovery import lost_writes, offset_at, statements

END = 30  # 첫 장면의 길이(초)
MOMENTS = tuple(half / 2 for half in range(1, 2 * END + 1))  # 되살릴 시점(초)
AGAIN = Ask(
    "replayed",
    "스냅샷을 풀고, 그 뒤의 로그를 고른 시점까지 다시 실행합니다. "
    "DELETE가 지운 글은 얼마나 돌아올까요?",
    ("모두 돌아옵니다", "일부만 돌아옵니다", "하나도 돌아오지 않습니다"),
)
SMALL = Policy(
    snapshot_every=8, detected_after=0, writes_per_minute=1.25, data_gb=10, replay_speedup=4
)
MISTAKE = 15.0  # 도전에서 DELETE가 실행되는 시각(초)
SOON_ENOUGH = 9.0  # 도전에서 그때부터 다시 열 때까지 허락한 시간(초)
WAYS = ("cut", "skip")


class Toy(ByHand):
    """언제 지우고 어디까지 되살릴지는 모두 독자에게 달렸습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.point = settings["point"]
        self.erased: list[Post] = []  # 마지막 DELETE가 지운 글
        self.asked = self.asking = False
        super().__init__(engine, SMALL, draw)

    def act(self, name: str, target: str) -> None:
        """지우거나, 고른 시점보다 먼저 뜬 스냅샷에서 되살립니다."""
        if self.stopped:
            return
        if name == "delete":
            self.erased = self.database.posts()
            self.delete()
            return
        now = self.engine.now
        taken, _ = self.newest(self.point)
        until = offset_at(self.log, self.point)
        log, minutes = None, 0.0
        if name == "replay":
            log, minutes = self.log, min(self.point, now) - taken
            if not self.asked and [s for s in statements(log) if s.offset < until]:
                self.asked = self.asking = True
                self.draw("ask", AGAIN.id)
        self.recover(now + self.policy.rto(minutes), self.point, log, until, ())

    def switch(self, copy: Snapshot, log: Tape | None, until: int | None, skip: Sequence[int]):
        super().switch(copy, log, until, skip)
        if self.asking:
            gone = len(lost_writes(self.erased, self.database))
            every, some, none = AGAIN.choices
            told = none if gone == len(self.erased) else some if gone else every
            self.draw("answer", AGAIN.id, told, told)
        self.asking = False
        self.draw("say", f"다시 엽니다. 저장했다고 답한 글 가운데 {self.lost()}건이 없습니다.")

    def turn(self, knob: str, value: Any) -> None:
        """되살릴 시점을 고릅니다."""
        self.point = value
        self._point()

    def logged(self, item: str) -> None:
        super().logged(item)
        self._point()

    def _point(self) -> None:
        self.draw("point", LOG, "여기까지", offset_at(self.log, self.point))


class Drill(ByHand):
    """도전: `MISTAKE`초에 DELETE가 실행되고, 알림이 울린 뒤에 한 번 되살릴 수 있습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        policy = replace(
            SMALL, snapshot_every=settings["every"], detected_after=settings["notice"], data_gb=15
        )
        super().__init__(engine, policy, draw, settings["log"])
        self.way, self.back = settings["way"], 0.0  # 다시 여는 시각. 0이면 아직 되살리지 않았습니다
        engine.at(MISTAKE, self.delete)
        engine.at(MISTAKE + policy.detected_after, draw, "say", "알림이 울립니다. 글이 없습니다.")
        engine.at(DRILL.end / 1000, self._judge)

    def act(self, name: str, target: str) -> None:
        """되살립니다. 모르는 사고는 되살릴 수 없습니다."""
        noticed = self.engine.now - MISTAKE
        if noticed < self.policy.detected_after or self.back:
            return
        taken, _ = self.newest(MISTAKE)
        way = "snapshot" if self.log is None else self.way
        policy = replace(self.policy, detected_after=noticed)
        self.back = MISTAKE + policy.rto(log_minutes(policy, MISTAKE - taken)[way])
        mistake = statements(self.log)[0].offset if self.log is not None else 0
        until, skip = (mistake, ()) if way == "cut" else (None, (mistake,))
        self.recover(self.back, MISTAKE, self.log, until, skip)

    def turn(self, knob: str, value: Any) -> None:
        """되살릴 방법을 고릅니다."""
        self.way = value

    def _judge(self) -> None:
        lost, away = self.lost(), self.back - MISTAKE
        open_again = self.back and not self.stopped
        late = f"{away:.1f}초 만에 돌아왔습니다" if open_again else "돌아오지 못했습니다"
        met = bool(open_again and lost == 0 and away <= SOON_ENOUGH)
        self.draw("goal", met, f"잃은 글은 {lost}건이고, {late}.")


def _stage(*actions: Action) -> dict[str, Any]:
    return {
        "parts": by_hand.PARTS,
        "wires": by_hand.WIRES,
        "counters": by_hand.COUNTERS,
        "lanes": by_hand.LANES,
        "actions": actions,
    }


TOY = Scene(
    "recovery",
    1000 * END,
    Toy,
    **_stage(
        Action("delete", "DELETE 실행", (POSTS,)),
        Action("copy", "스냅샷 풀기", (POSTS,)),
        Action("replay", "로그까지 재생", (POSTS,)),
    ),
    knobs=(
        Knob(
            "point",
            "되살릴 시점",
            MOMENTS,
            (*(f"{moment:g}초" for moment in MOMENTS[:-1]), "끝"),
            len(MOMENTS) - 1,
            live=True,
        ),
    ),
    asks=(AGAIN,),
)
DRILL = Scene(
    "recovery-drill",
    34_000,
    Drill,
    **_stage(Action("restore", "되살리기", (POSTS,))),
    knobs=(
        Knob("every", "스냅샷 간격", (4, 8, 16), ("4초", "8초", "16초"), 2),
        Knob("log", "로그", (False, True), ("안 남김", "남김"), 0),
        Knob("notice", "알아챌 때까지", (2, 8), ("2초", "8초"), 1),
        Knob("way", "로그 재생", WAYS, tuple(RECOVERY_NAMES[way] for way in WAYS), 0, live=True),
    ),
    challenge=Challenge(
        f"{MISTAKE:.0f}초에 DELETE가 실행됩니다. 알림이 울리면 되살릴 수 있습니다. "
        f"잃은 글 0건으로, DELETE에서 {SOON_ENOUGH:.0f}초 안에 서비스를 다시 여세요.",
        (
            "잃은 글을 DELETE 앞에 쓴 것과 뒤에 쓴 것으로 나누어 보세요. 잃는 까닭이 다릅니다.",
            "돌아오기까지의 시간은 셋의 합입니다: 알아채기, 스냅샷 옮기기, 로그 재생하기.",
            "로그를 남기고 실수만 건너뛰세요. 그다음 빨리 알아채고, 재생할 로그를 짧게 하세요.",
        ),
        (0, 1, 0, 1),
        ((17_500, "restore", POSTS),),
    ),
)
RELEASE = Scene(
    "rollout",
    30_000,
    release.Release,
    parts=release.PARTS,
    wires=release.WIRES,
    counters=release.COUNTERS,
    lanes=release.LANES,
    actions=release.ACTIONS,
)
SCENES = {s.name: s for s in (TOY, DRILL, RELEASE)}
