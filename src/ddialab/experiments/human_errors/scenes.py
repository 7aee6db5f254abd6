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
from ddialab.experiments.human_errors.accident import Policy, log_minutes
from ddialab.experiments.human_errors.by_hand import LANES, LOG, POSTS, ByHand
from ddialab.ops.recovery import lost_writes, offset_at, statements

END = 30  # 첫 장면의 길이(초)
MOMENTS = tuple(half / 2 for half in range(1, 2 * END + 1))  # 되살릴 시점(초)
SOONEST = 2 * MOMENTS[0]  # 초. DELETE가 이보다 늦어야 그 앞의 시점을 고를 수 있습니다
AGAIN = Ask(
    "replayed",
    "스냅샷을 풀고, 그 뒤의 로그를 되살릴 시점까지 다시 실행합니다. 지금 되살릴 시점은 "
    "DELETE보다 뒤입니다. DELETE가 지운 글은 얼마나 돌아올까요?",
    ("모두 돌아옵니다", "일부만 돌아옵니다", "하나도 돌아오지 않습니다"),
)
SMALL = Policy(
    snapshot_every=8, detected_after=0, writes_per_minute=1.25, data_gb=10, replay_speedup=4
)
MISTAKE = 15.0  # 도전에서 DELETE가 실행되는 시각(초)
SOON_ENOUGH = 9.0  # 도전에서 그때부터 다시 열 때까지 허락한 시간(초)
MEANWHILE = 1.0  # 도전에서 DELETE부터, 아직 모르는 누군가가 글을 쓸 때까지(초)
WAYS = ("cut", "skip")


def moment_name(moment: float) -> str:
    """되살릴 시점의 이름표."""
    return "끝" if moment == END else f"{moment:g}초"


class Toy(ByHand):
    """언제 지우고 어디까지 되살릴지는 모두 독자에게 달렸습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.point = settings["point"]
        self.chosen = 0.0  # 그 시점으로 되살릴 때 풀 스냅샷을 뜬 시각
        self.erased: list[Post] = []  # 마지막 DELETE가 지운 글
        self.asked = self.asking = False
        self.typing = False  # 독자가 누른 DELETE가 아직 실행되지 않았나
        super().__init__(engine, SMALL, draw)

    def act(self, name: str, target: str) -> None:
        """지우거나, 고른 시점보다 먼저 뜬 스냅샷에서 되살립니다."""
        if self.stopped:
            return
        now = self.engine.now
        if self.typing:
            self.draw("say", "DELETE가 아직 실행되지 않았습니다. 실행된 다음에 누르세요.")
            return
        if name == "delete" and now < SOONEST:
            self.typing = True
            self.draw("say", f"DELETE FROM posts를 칩니다. {SOONEST:.1f}초에 실행됩니다.")
            self.engine.at(SOONEST, self.delete)
            return
        if name == "delete":
            self.delete()
            return
        taken, _ = self.newest(self.point)
        until = offset_at(self.log, self.point)
        log, minutes = None, 0.0
        if name == "replay":
            log, minutes = self.log, min(self.point, now) - taken
            if not self.asked and [s for s in statements(log) if s.offset < until]:
                self.asked = self.asking = True
                self.draw("ask", AGAIN.id)
        self.recover(now + self.policy.rto(minutes), self.point, log, until, ())

    def delete(self) -> None:
        self.typing = False
        self.erased = self.database.posts() or self.erased
        super().delete()

    def switch(self, copy: Snapshot, log: Tape | None, until: int | None, skip: Sequence[int]):
        super().switch(copy, log, until, skip)
        if self.asking:
            gone = self._gone()
            every, some, none = AGAIN.choices
            told = none if gone == len(self.erased) else some if gone else every
            self.draw("answer", AGAIN.id, told, told)
        self.asking = False

    def aftermath(self, copy: Snapshot, log: Tape | None, until: int | None) -> str:
        """지운 글이 돌아오지 않았으면 그 까닭을 말합니다."""
        offsets = [made.offset for made in statements(self.log)] if self._gone() else []
        if log is not None and [offset for offset in offsets if copy.offset <= offset < until]:
            return "로그에 DELETE도 있습니다. 되살릴 시점을 그 앞으로 옮겨 보세요."
        if offsets and offsets[-1] < copy.offset:
            return "DELETE 뒤에 뜬 스냅샷입니다. 되살릴 시점을 DELETE 앞으로 옮겨 보세요."
        return super().aftermath(copy, log, until)

    def turn(self, knob: str, value: Any) -> None:
        """되살릴 시점을 고르고, DELETE의 앞인지 뒤인지 말합니다."""
        self.point = value
        self._point()
        self._choose()
        if side := self._side():
            self.draw("say", f"되살릴 시점({moment_name(value)})은 {side}입니다.")

    def logged(self, item: str) -> None:
        super().logged(item)
        self._point()

    def copied(self, taken: float, note: str) -> None:
        super().copied(taken, note)
        self._choose()

    def _gone(self) -> int:
        """마지막 DELETE가 지운 글 가운데 지금도 없는 것의 수."""
        return len(lost_writes(self.erased, self.database))

    def _point(self) -> None:
        self.draw("point", LOG, "여기까지", offset_at(self.log, self.point))

    def _choose(self) -> None:
        """되살릴 때 풀 스냅샷에 표시합니다."""
        before, (self.chosen, _) = self.chosen, self.newest(self.point)
        if before != self.chosen:
            super().copied(before, "")
        super().copied(self.chosen, " ◀")

    def _side(self) -> str:
        """되살릴 시점이 DELETE의 어느 쪽인지. 아직 DELETE가 없으면 빈 문자열."""
        times = [made.time for made in statements(self.log)]
        passed = [time for time in times if time <= self.point]
        if not times:
            return ""
        if not passed:
            return f"DELETE({times[0]:.2f}초) 앞"
        return f"DELETE({times[-1]:.2f}초) 뒤" if passed == times else "두 DELETE 사이"


class Drill(ByHand):
    """도전: `MISTAKE`초에 DELETE가 실행되고, 알림이 울린 뒤에 한 번 되살릴 수 있습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        policy = replace(
            SMALL, snapshot_every=settings["every"], detected_after=settings["notice"], data_gb=15
        )
        super().__init__(engine, policy, draw, settings["log"])
        self.way, self.back = settings["way"], 0.0  # 다시 여는 시각. 0이면 아직 되살리지 않았습니다
        engine.at(MISTAKE, self.delete)
        # 그사이에 아무도 쓰지 않았다면 어디까지 되살리든 잃는 글이 같습니다. 하나는 꼭 있게 합니다
        engine.at(MISTAKE + MEANWHILE, self.write)
        engine.at(MISTAKE + policy.detected_after, self._alarm)
        engine.at(DRILL.end / 1000, self._close)

    def act(self, name: str, target: str) -> None:
        """되살립니다. 모르는 사고는 되살릴 수 없습니다."""
        noticed = self.engine.now - MISTAKE
        if noticed < self.policy.detected_after:
            self.draw("say", "아직 아무도 모릅니다. 알림이 울리면 되살릴 수 있습니다.")
        elif self.back:
            self.draw("say", "이미 되살렸습니다. 다르게 해 보려면 되감으세요.")
        else:
            self._recover(noticed)

    def turn(self, knob: str, value: Any) -> None:
        """되살릴 방법을 고릅니다."""
        self.way = value

    def switch(self, copy: Snapshot, log: Tape | None, until: int | None, skip: Sequence[int]):
        super().switch(copy, log, until, skip)
        lost, away = self.lost(), self.back - MISTAKE
        told = f"잃은 글은 {lost}건이고, {away:.1f}초 만에 돌아왔습니다."
        self.draw("goal", lost == 0 and away <= SOON_ENOUGH, told)

    def _recover(self, noticed: float) -> None:
        taken, _ = self.newest(MISTAKE)
        way = "snapshot" if self.log is None else self.way
        policy = replace(self.policy, detected_after=noticed)
        self.back = MISTAKE + policy.rto(log_minutes(policy, MISTAKE - taken)[way])
        mistake = statements(self.log)[0].offset if self.log is not None else 0
        until, skip = (mistake, ()) if way == "cut" else (None, (mistake,))
        self.recover(self.back, MISTAKE, self.log, until, skip)

    def _alarm(self) -> None:
        self.draw("mark", "alarm", "")
        self.draw("say", "알림이 울립니다. 글이 없습니다! 「되살리기」를 누르세요.")

    def _close(self) -> None:
        if self.stopped or not self.back:
            self.draw("goal", False, f"잃은 글은 {self.lost()}건이고, 돌아오지 못했습니다.")


def _stage(*actions: Action, lanes: tuple = LANES) -> dict[str, Any]:
    return {
        "parts": by_hand.PARTS,
        "wires": by_hand.WIRES,
        "counters": by_hand.COUNTERS,
        "lanes": lanes,
        "actions": actions,
    }


TOY = Scene(
    "recovery",
    1000 * END,
    Toy,
    **_stage(
        Action("delete", "DELETE 실행", (POSTS,)),
        Action("copy", "스냅샷 풀기", (POSTS,)),
        Action("replay", "로그 다시 실행", (POSTS,)),
    ),
    knobs=(
        Knob(
            "point",
            "되살릴 시점",
            MOMENTS,
            tuple(moment_name(moment) for moment in MOMENTS),
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
    **_stage(Action("restore", "되살리기", (POSTS,)), lanes=(*LANES, ("alarm", "알림"))),
    knobs=(
        Knob("every", "스냅샷 간격", (4, 8, 16), ("4초", "8초", "16초"), 2),
        Knob("log", "로그", (False, True), ("안 남김", "남김"), 0),
        Knob("notice", "알아챌 때까지", (2, 8), ("2초", "8초"), 1),
        Knob("way", "다시 실행할 로그", WAYS, ("실수 앞까지", "실수만 건너뛰기"), 0, live=True),
    ),
    challenge=Challenge(
        f"{MISTAKE:.0f}초에 DELETE가 실행됩니다. 알림이 울리면 되살릴 수 있습니다. "
        f"잃은 글 0건으로, DELETE에서 {SOON_ENOUGH:.0f}초 안에 서비스를 다시 여세요.",
        (
            "잃은 글을 DELETE 앞에 쓴 것과 뒤에 쓴 것으로 나누어 보세요. 잃는 까닭이 다릅니다.",
            "돌아오기까지의 시간은 셋의 합입니다: 알아채기, 스냅샷 옮기기, 로그 다시 실행하기.",
            "로그를 남기고 실수만 건너뛰세요. 그다음 빨리 알아채고, 스냅샷을 자주 뜨세요.",
        ),
        (0, 1, 0, 1),
        ((17_500, "restore", POSTS),),
        why="로그에는 DELETE도 적혀 있으므로, 그 한 건만 건너뛰면 앞뒤로 쓴 글이 모두 돌아옵니다. "
        "빨리 알아채고 스냅샷을 자주 떠 둔 만큼 다시 실행할 로그가 짧아, 늦지 않게 열었습니다.",
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
