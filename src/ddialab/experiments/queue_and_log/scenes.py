"""실습 04의 장면들: 읽던 소비자가 죽는 큐, 도전, 그리고 리더가 죽는 복제된 로그."""

from __future__ import annotations

from typing import Any

from ddialab.cluster.replicated_log import ACKS
from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Ask, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.queue_and_log.broker import ALWAYS, EVERYSEC, FSYNC, KINDS, NO, OFF
from ddialab.experiments.queue_and_log.by_hand import (
    BROKER,
    LAST,
    POISON,
    SERVICE,
    WORKERS,
    A,
    B,
    ByHand,
    Hand,
    name_of,
)
from ddialab.experiments.queue_and_log.replicas import (
    BROKERS,
    LEADER_DIED,
    LOGS,
    PRODUCER,
    Replicas,
    title,
)

SOON = 1.0  # 죽은 뒤의 일을 처음 살펴볼 때까지(초)
KIND = Knob("kind", "큐의 종류", KINDS, ("리스트", "발행·구독", "스트림", "로그"), 0)
SYNC_NAMES = {OFF: "메모리만", NO: "맡김", EVERYSEC: "매초", ALWAYS: "매번"}
FATE = Ask(
    "dead-consumer",
    "워커가 메시지를 받아 들고 있다가 죽었습니다. 확인(ack)은 아직 보내지 않았습니다. 이 메시지의 "
    "알림은 몇 번 나갈까요?",
    ("한 번도 나가지 않습니다", "한 번 나갑니다", "두 번 나갑니다"),
)
NIGHT_END = 60_000  # 도전이 끝나는 시각(밀리초)
HELD, TOOK, CUT_AFTER = "3", "5", "8"  # 도전에서 사고가 나는 메시지의 번호


def _sync(start: int) -> Knob:
    return Knob("fsync", "디스크에 내려보내기", FSYNC, tuple(SYNC_NAMES.values()), start)


class Toy(ByHand):
    """첫 장면: 워커를 언제 죽일지는 독자에게 달렸습니다. 처음 죽일 때 먼저 묻습니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self._asked = False
        super().__init__(engine, settings, draw)

    def act(self, name: str, target: str) -> None:
        """죽이거나(kill), 정전을 내거나(power), 독을 보내거나(poison), 되감습니다(rewind)."""
        if name == "poison":
            if self.send(POISON):
                self.draw("say", "처리하는 워커를 죽이는 메시지를 보냈습니다.")
        elif name == "rewind":
            self.rewind()
        elif target == BROKER:
            self.stop(name == "power")
        else:
            self._kill(self.hands[target])

    def _kill(self, hand: Hand) -> None:
        if hand.down:
            return
        how = "쉬다가" if hand.got is None else f"{name_of(hand.got.body)} 들고"
        self.draw("say", f"{hand.name}: {how} 죽었습니다.")
        self.kill(hand)

    def died(self, hand: Hand, held: str) -> None:
        """무엇을 들고 처음 죽었으면, 잃은 수를 보여 주기 전에 묻습니다."""
        if held not in ("", POISON) and not self._asked:
            self._asked = True
            self.draw("ask", FATE.id)
            self.engine.after(SOON, self._tell, held)

    def _tell(self, body: str) -> None:
        """그 메시지의 운명이 정해지면 답합니다."""
        queue = self.broker.queue
        open_ = queue is None or body in queue.held()
        if open_ or body in [hand.got.body for hand in self.hands.values() if hand.got is not None]:
            self.engine.after(SOON, self._tell, body)
            return
        fate = FATE.choices[min(self.done.get(body, 0), 2)]
        self.draw("answer", FATE.id, fate, fate)


class Night(ByHand):
    """도전: 워커 둘이 한 번씩 죽고, 독이 든 메시지가 오고, 전원이 나갑니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self._left = [HELD, TOOK]  # 아직 나지 않은 사고
        super().__init__(engine, settings, draw, settings["most"], settings["once"])
        engine.at(NIGHT.end / 1000, self._judge)

    def act(self, name: str, target: str) -> None:
        """워커를 죽입니다."""
        if not self.hands[target].down:
            self.kill(self.hands[target])

    def send(self, body: str) -> bool:
        took = super().send(body)
        if took and body == HELD:
            self.engine.after(1.0, self.send, POISON)
        if took and body == CUT_AFTER:
            self.draw("say", f"{body}번에 받았다고 답한 바로 뒤에 전원이 나갔습니다.")
            self.stop(True)
        return took

    def handled(self, hand: Hand) -> None:
        """처리하고, 확인하기 전에 죽습니다."""
        self._die(hand, HELD, "처리까지 하고, 확인하기 전에 죽었습니다.")

    def took(self, hand: Hand) -> None:
        """받자마자 죽습니다."""
        self._die(hand, TOOK, "받자마자 죽었습니다.")

    def _die(self, hand: Hand, body: str, words: str) -> None:
        if hand.got.body == body and body in self._left:
            self._left.remove(body)
            self.draw("say", f"{hand.name}: {name_of(body)} {words}")
            self.kill(hand)

    def _judge(self) -> None:
        lost, twice, done = len(self.lost()), self.twice(), len(self.done)
        queue = self.broker.queue
        loose = queue is not None and POISON in queue.held()
        said = f"{LAST}건 가운데 {done}건을 처리했고, 잃은 것은 {lost}건, 두 번 한 것은 {twice}건, "
        said += "독은 아직 돕니다." if loose else "독은 돌지 않습니다."
        self.draw("goal", done == LAST and not (lost or twice or loose), said)


def _stage(*actions: Action) -> dict[str, Any]:
    return {
        "parts": (
            Part(SERVICE, "client", "서비스", 0),
            Part(BROKER, "store", "브로커", 1),
            Part(A, "server", "워커 A", 2),
            Part(B, "server", "워커 B", 2),
        ),
        "wires": ((SERVICE, BROKER), (BROKER, A), (BROKER, B)),
        "counters": (("done", "처리", "good"), ("lost", "잃음", "bad"), ("twice", "두 번", "bad")),
        "actions": actions,
    }


TOY = Scene(
    "dead-consumer",
    50_000,
    Toy,
    **_stage(
        Action("kill", "죽이기", (*WORKERS, BROKER)),
        Action("power", "정전", (BROKER,)),
        Action("rewind", "되감기", (BROKER,)),
        Action("poison", "독", (SERVICE,)),
    ),
    knobs=(KIND, _sync(2)),
    asks=(FATE,),
)
NIGHT = Scene(
    "bad-night",
    NIGHT_END,
    Night,
    **_stage(Action("kill", "죽이기", WORKERS)),
    knobs=(
        KIND,
        _sync(0),
        Knob("most", "여러 번 실패하면", (None, 3), ("또 건넴", "따로 모음"), 0),
        Knob("once", "또 받은 것은", (False, True), ("또 처리", "건너뜀"), 0),
    ),
    challenge=Challenge(
        f"워커가 {HELD}번과 {TOOK}번을 들고 죽고, 독이 든 메시지가 오고, {CUT_AFTER}번에 받았다고 "
        f"답하자마자 전원이 나갑니다. 그래도 {LAST}건을 모두 한 번씩만 처리하고 독은 치우세요.",
        (
            "사고마다 잃거나 두 번 하는 까닭이 다릅니다. 하나씩 막는 설정을 따로 찾아보세요.",
            "받은 것을 확인할 때까지 기억하고, 몇 번 건넸는지도 세는 종류는 하나입니다.",
            "답하기 전에 디스크까지 내려보내고, 독은 따로 모으고, 또 받은 것은 건너뛰세요.",
        ),
        (2, 3, 1, 1),
        why="확인받을 때까지 기억하므로 들고 죽은 것이 다시 가고, 또 받은 것은 건너뛰므로 한 번만 "
        "처리됩니다. 독은 세 번까지만 건네고, 답하기 전에 디스크까지 내려보냈으므로 전원이 나가도 "
        "남습니다.",
    ),
)
REPLICAS = Scene(
    "leader-killed",
    40_000,
    Replicas,
    parts=(
        Part(PRODUCER, "client", "서비스", 0),
        *(Part(name, "server", title(name), 1) for name in BROKERS),
        Part(LOGS, "store", "저마다의 로그", 2),
    ),
    wires=(*((PRODUCER, name) for name in BROKERS), *((name, LOGS) for name in BROKERS)),
    counters=(("acked", "성공", "good"), ("refused", "거절", "plain"), ("lost", "잃음", "bad")),
    knobs=(Knob("acks", "답하는 때(acks)", ACKS, ("리더만 적으면", "모두 적으면"), 0),),
    actions=(
        Action("cut", "끊기", BROKERS),
        Action("kill", "죽이기", BROKERS),
        Action("restore", "살리기", BROKERS, ("cut", "down")),
    ),
    asks=(LEADER_DIED,),
)
