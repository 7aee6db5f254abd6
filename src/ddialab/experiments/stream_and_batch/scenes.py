"""실습 05의 첫 장면과 도전: 스트림의 표를 어젯밤의 표와 견줍니다."""

from __future__ import annotations

from typing import Any

from ddialab.blocks.windows import AMENDED, DUPLICATE, LATE, Windows
from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.stream_and_batch.street import (
    BATCH,
    DAY,
    LOG,
    NAMES,
    PHONES,
    RETRY,
    STAY,
    STREAM,
    Post,
    Street,
    happened,
    kind_of,
)

SEEN = 1.0  # 물은 일을 보고 나서 답까지(초)
NIGHT = 55.0  # 밤: 로그를 처음부터 다시 세는 시각(초)
FRESH, ROOM = 6_000, 120  # 도전: 윈도가 끝나고 표를 낼 때까지(밀리초), 기억할 번호의 수
TUNNELS = (("sora", 6.0, 9.0), ("narae", 16.5, 11.0), ("daon", 27.0, 9.5))  # 언제부터 몇 초 동안
NEVER = 1_000_000  # 밀리초. 이보다 크면 끝내 내지 않은 것입니다
LOST = 0.2  # 도전에서 답이 사라져 한 번 더 보내는 비율
LATE_POST = Ask(
    "late-post",
    "방금 닿은 글은 조금 전에 닫아 ✓를 붙인 윈도의 것입니다. 스트림은 이 글을 어떻게 할까요?",
    (
        "닫은 윈도에 더해 표를 고칩니다",
        "지금 열려 있는 윈도에 셉니다",
        "어느 윈도에도 세지 않습니다",
    ),
)
TABLES = Ask(
    "tables",
    f"밤입니다. 일괄 처리가 로그를 처음부터 다시 셉니다. {DAY // 1000}초까지 끝난 윈도들 가운데, "
    "스트림이 내보낸 줄과 다른 것은 몇 개일까요?",
    unit="개",
)


class Toy(Street):
    """첫 장면: 누구의 전파가 끊기고 누가 두 번 보내는지는 독자가 정합니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        windows = Windows(settings["size"] * 1000, settings["wait"] * 1000)
        self._asked, self.late = False, 0
        super().__init__(engine, draw, windows, 1.0)
        engine.at(NIGHT - SEEN, draw, "ask", TABLES.id)
        engine.at(NIGHT, self._close_the_day)

    def act(self, name: str, target: str) -> None:
        """전파를 끊거나(cut) 잇고(back), 마지막 글을 한 번 더 보냅니다(again)."""
        if name == "cut":
            self.cut(target)
            self.draw("say", f"{NAMES[target]}: 지하철에 들어가 전파가 끊겼습니다. 글은 쌓입니다.")
        elif name == "back":
            self.back(target)
            self.draw("say", f"{NAMES[target]}: 전파가 돌아와 쌓인 글을 보냅니다.")
        else:
            self.again(target)
            self.draw("say", f"{NAMES[target]}: 답을 못 들어 마지막 글을 한 번 더 보냅니다.")

    def counted(self, post: Post) -> str:
        size, mark = self.windows.size, self.windows.watermark
        end = post.time // size * size + size
        late = mark is not None and end <= mark
        if late and not self._asked:
            self._asked = True
            self.draw("ask", LATE_POST.id)
            fate = LATE_POST.choices[2]
            self.engine.after(SEEN, self.draw, "answer", LATE_POST.id, fate, fate)
        verdict = super().counted(post)
        if verdict == LATE:
            self.engine.after(STAY, self._count_late)  # 멈추어 물을 때 눈금이 답을 말하지 않게
        if verdict in (LATE, DUPLICATE):
            self.draw("say", f"{post.time // 1000}초에 쓴 글: {happened(verdict)}")
        self.draw("count", "watermark", max(0, self.windows.watermark // 1000))
        return verdict

    def _count_late(self) -> None:
        self.late += 1
        self.draw("count", "late", self.late)
        self.draw("mark", "late", "")

    def _close_the_day(self) -> None:
        wrong = [self.span(start) for start in self.night()]
        told = f"{len(wrong)}개" + (f"({', '.join(wrong)})" if wrong else "")
        self.draw("answer", TABLES.id, len(wrong), told)
        self.draw("say", f"어젯밤의 표와 다른 윈도는 {told}입니다.")


class Right(Street):
    """도전: 지하철과 두 번 보내기가 저절로 일어납니다. 빠르고 옳은 표를 내야 합니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.counts = {"amended": 0, "late": 0}
        super().__init__(engine, draw, kind_of(settings), 0.45, settings["clock"])
        self._chance = engine.stream("사라진 답").random
        for phone, start, length in TUNNELS:
            shift = 2 * self._chance()
            engine.at(start + shift, self.cut, phone)
            engine.at(start + shift + length, self.back, phone)
        engine.at(RIGHT.end / 1000 - 1, self._judge)

    def act(self, name: str, target: str) -> None:
        """도전에는 행동이 없습니다."""

    def send(self, phone: str, post: Post) -> None:
        super().send(phone, post)
        if self._last[phone] == post and self._chance() < LOST:
            self.engine.after(RETRY, super().send, phone, post)

    def counted(self, post: Post) -> str:
        verdict = super().counted(post)
        if verdict in (AMENDED, LATE):
            self.counts[verdict] += 1
            self.draw("count", verdict, self.counts[verdict])
            self.draw("mark", verdict, "")
        self.draw("count", "ids", self.windows.remembered)
        return verdict

    def _judge(self) -> None:
        wrong, waited = self.night(), self._slowest()
        met = not wrong and waited <= FRESH and self.most <= ROOM
        slow = (
            "아직 내지 않은 윈도가 있음"
            if waited > NEVER
            else f"가장 늦은 표 {waited / 1000:.1f}초"
        )
        self.draw("goal", met, f"다른 윈도 {len(wrong)}개, {slow}, 기억한 번호 {self.most}개")

    def _slowest(self) -> int:
        """윈도가 끝나고 처음 표를 낼 때까지 가장 오래 걸린 것(밀리초)."""
        size = self.windows.size
        waits = [self.first.get(s, 2 * NEVER) - s - size for s in range(0, DAY, size)]
        return max(waits)


def _stage(actions: tuple, counters: tuple, lanes: tuple) -> dict[str, Any]:
    """휴대전화 셋, 로그, 두 표."""
    return {
        "parts": (
            *(Part(phone, "server", NAMES[phone], 0) for phone in PHONES),
            Part(LOG, "log", "로그: 닿은 차례로, 쓴 시각", 1),
            Part(STREAM, "store", "스트림의 표", 2),
            Part(BATCH, "store", "어젯밤의 표", 2),
        ),
        "wires": (*((phone, LOG) for phone in PHONES), (LOG, STREAM), (LOG, BATCH)),
        "actions": actions,
        "counters": counters,
        "lanes": lanes,
    }


TOY = Scene(
    "late-tags",
    57_000,
    Toy,
    **_stage(
        (
            Action("cut", "끊기", PHONES),
            Action("back", "잇기", PHONES, ("cut",)),
            Action("again", "또 보내기", PHONES),
        ),
        (
            ("watermark", "워터마크", "plain"),
            ("late", "늦음", "bad"),
        ),
        (("closed", "표를 냄"), ("late", "늦음")),
    ),
    knobs=(
        Knob(
            "wait",
            "워터마크가 기다리는 시간",
            (0, 2, 5, 10),
            ("0초", "2초", "5초", "10초"),
            1,
            live=True,
        ),
        Knob("size", "윈도의 길이", (5, 10, 20), ("5초", "10초", "20초"), 1),
    ),
    asks=(LATE_POST, TABLES),
    seed=8,
)
RIGHT = Scene(
    "fresh-and-right",
    70_000,
    Right,
    **_stage(
        (),
        (("amended", "고침", "plain"), ("late", "늦음", "bad"), ("ids", "기억", "plain")),
        (("closed", "표를 냄"), ("amended", "고침"), ("late", "늦음")),
    ),
    knobs=(
        Knob("clock", "윈도를 고르는 시각", ("arrival", "event"), ("닿은 시각", "쓴 시각"), 0),
        Knob("unique", "두 번 온 글", (False, True), ("그냥 센다", "번호로 거른다"), 0),
        Knob("wait", "워터마크가 기다리는 시간", (0, 3, 15), ("0초", "3초", "15초"), 2, live=True),
        Knob(
            "lateness",
            "닫은 윈도를 더 들고 있는 시간",
            (0, 5, 30, 300),
            ("0초", "5초", "30초", "300초"),
            0,
        ),
    ),
    challenge=Challenge(
        f"윈도가 끝나고 {FRESH // 1000}초 안에 첫 표를 내고, 밤에는 모든 윈도가 어젯밤의 표와 같아"
        f"야 합니다. 기억하는 번호는 {ROOM}개까지입니다.",
        (
            "지하철에서 쓴 글은 어느 윈도의 것이어야 합니까? 두 번 온 글은 몇 건입니까?",
            "빠르려면 오래 기다릴 수 없고, 옳으려면 늦은 글도 받아야 합니다. "
            "둘을 한 슬라이더로 하지 마세요.",
            "먼저 내고 나중에 고치세요. 다만 끝없이 들고 있으면 기억할 것이 넘칩니다.",
        ),
        (1, 1, 0, 2),
        why="쓴 시각의 윈도에 번호마다 한 번만 세면 늦거나 두 번 온 글도 일괄 처리와 같은 자리에 "
        "들어갑니다. 짧게 기다려 첫 표를 일찍 내고, 가장 긴 지하철보다 조금 더 오래 윈도를 들고 "
        "고치면, 빠름과 옳음을 함께 얻으면서 기억할 것에도 한도가 있습니다.",
    ),
)
