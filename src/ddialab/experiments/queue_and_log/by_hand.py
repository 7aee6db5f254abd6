"""손으로 죽이는 큐: 서비스가 보내고, 워커 둘이 받아 알림을 보내고, 무엇이 죽을지는 독자가 정합니다.

받기와 확인의 판단은 `ddialab.blocks.queue`의 것 그대로입니다. 여기서는 시간이 걸리게 하고, 보낸
것마다 몇 번 처리했는지를 셉니다.
"""

from __future__ import annotations

from typing import Any

from ddialab.blocks.queue.memory import Delivery
from ddialab.blocks.queue.worker import Worker
from ddialab.core.engine import Engine
from ddialab.core.scene import Draw
from ddialab.experiments.queue_and_log.broker import CHANNEL, LIST, LOG, STREAM, Broker

SERVICE, BROKER, A, B = "service", "broker", "A", "B"
WORKERS = (A, B)
FIRST, EVERY, LAST = 0.3, 1.2, 12  # 첫 메시지의 시각, 보내는 간격(초), 보내는 수
TRAVEL = 0.4  # 점이 한 칸 가는 시간(초)
WORK, SPREAD = 1.6, 0.8  # 처리에 걸리는 시간은 WORK에서 WORK + SPREAD까지(초)
CONFIRM = 0.8  # 처리를 마치고 확인이 닿을 때까지(초)
REBOOT = 2.5  # 죽은 것이 다시 켜질 때까지(초)
IDLE = 4.0  # 이만큼 확인되지 않으면 버려진 것으로 봅니다(초). 처리하는 시간보다 길어야 합니다
LOOK = 0.5  # 할 일이 없는 워커가 다시 물어보는 간격(초)
POISON = "독"  # 처리하는 워커를 죽이는 메시지
ROWS = ("대기", "확인 대기", "듣는 중", "기록", "커밋")


class Hand:
    """워커 하나. ``got``은 들고 있는 메시지, ``handled``는 처리까지 했는지입니다."""

    def __init__(self, name: str):
        self.name = name
        self.got: Delivery | None = None
        self.handled = self.down = False
        self.dot, self.timer = "", None


class ByHand:
    """큐 하나와 워커 둘.

    ``most``번 건네도 안 되는 것은 따로 모으고, ``once``면 한 번 한 것은 다시 하지 않습니다.
    """

    def __init__(
        self,
        engine: Engine,
        settings: dict,
        draw: Draw,
        most: int | None = None,
        once: bool = False,
    ):
        self.engine, self.draw, self.most, self.once = engine, draw, most, once
        self.broker = Broker(engine, settings["kind"], settings["fsync"])
        self.kind = settings["kind"]
        self.sent: list[str] = []  # 브로커가 받았다고 답한 것
        self.done: dict[str, int] = {}  # 메시지 → 처리한 횟수
        self.aside: list[str] = []  # 따로 모은 것
        self.hands = {name: Hand(name) for name in WORKERS}
        self._next, self._dots, self._shown = 1, 0, {}
        self._chance = engine.stream("처리").random
        self._regroup()
        self.show()
        engine.after(FIRST, self._send_often)
        for hand in self.hands.values():
            engine.after(LOOK, self._look, hand)

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    # --- 보내기 ---

    def _send_often(self) -> None:
        if self._next <= LAST:
            self.send(str(self._next))
            self.engine.after(EVERY, self._send_often)

    def send(self, body: str) -> bool:
        """브로커가 꺼져 있으면 보내지 못합니다. 보낸 쪽이 알고 있으므로 잃은 것이 아닙니다."""
        dot = self._new(SERVICE)
        self.draw("move", dot, BROKER, "")
        took = self.broker.queue is not None
        if took:
            self._next += body != POISON
            self.broker.queue.send(body)
            self.broker.wrote()
            self.sent.append(body)
        else:
            self.draw("look", dot, "late")
        self.draw("gone", dot)
        self.show()
        return took

    # --- 받고, 처리하고, 확인하기 ---

    def _look(self, hand: Hand) -> None:
        """할 일이 없으면 큐에 물어봅니다."""
        if not hand.down and hand.got is None and self.broker.queue is not None:
            self._take(hand)
        self.engine.after(LOOK, self._look, hand)

    def _take(self, hand: Hand) -> None:
        idle = IDLE if self.kind == STREAM else None
        worker = Worker(
            self.broker.queue, hand.name, self._ignore, idle=idle, most=self.most, dead=self._bury
        )
        hand.got, hand.handled = worker.next(), False
        self.broker.wrote()
        if hand.got is None:
            return
        hand.dot = self._new(BROKER)
        self.draw("move", hand.dot, hand.name, "work")
        if hand.got.count > 1:
            said = f"{name_of(hand.got.body)} {hand.got.count}번째로 받았습니다."
            self.draw("say", f"{hand.name}: {said}")
        hand.timer = self.engine.after(TRAVEL + WORK + SPREAD * self._chance(), self._handle, hand)
        self.show()
        self.took(hand)

    def _ignore(self, body: str) -> None:
        """처리는 시간이 걸려서 따로 합니다."""

    def _bury(self, body: str) -> None:
        self.aside.append(body)
        self.draw("say", f"{name_of(body)} 여러 번 실패해서 데드 레터 큐로 옮겼습니다.")

    def _handle(self, hand: Hand) -> None:
        body = hand.got.body
        if body == POISON:
            self.draw("say", f"{hand.name}: {name_of(POISON)} 처리하다 죽었습니다.")
            self.kill(hand)
            return
        if not (self.once and body in self.done):
            self.done[body] = self.done.get(body, 0) + 1
        hand.handled = True
        self.draw("look", hand.dot, "ok")
        self.count()
        self.handled(hand)
        if hand.down:
            return
        if self.kind in (LIST, CHANNEL):
            self._end(hand)
        else:
            self.draw("move", hand.dot, BROKER, "")
            hand.timer = self.engine.after(CONFIRM, self._confirm, hand)

    def _confirm(self, hand: Hand) -> None:
        if self.broker.queue is not None:
            self.broker.queue.ack(hand.got)
            self.broker.wrote()
        self._end(hand)

    def _end(self, hand: Hand) -> None:
        self.draw("gone", hand.dot)
        hand.got, hand.timer = None, None
        self._regroup()
        self.show()

    def took(self, hand: Hand) -> None:
        """방금 받았습니다."""

    def handled(self, hand: Hand) -> None:
        """방금 처리했고, 아직 확인하지 않았습니다."""

    def died(self, hand: Hand, held: str) -> None:
        """``held``를 들고 방금 죽었고, 잃은 것은 아직 세지 않았습니다. 쉬다가면 빈 글자."""

    # --- 죽고 켜지기 ---

    def kill(self, hand: Hand) -> None:
        """워커가 죽습니다. 들고 있던 것은 놓칩니다."""
        held = "" if hand.got is None else hand.got.body
        hand.down = True
        self.draw("state", hand.name, "down")
        if hand.got is not None:
            self.engine.cancel(hand.timer)
            self.draw("look", hand.dot, "fail")
            self.draw("gone", hand.dot)
            hand.got = None
        self.died(hand, held)
        self._regroup()
        self.show()
        self.engine.after(REBOOT, self._restart, hand)

    def _restart(self, hand: Hand) -> None:
        hand.down = False
        self.draw("state", hand.name, "ok")
        self._regroup()
        self.show()

    def _regroup(self) -> None:
        """켜진 워커는 듣고 꺼진 워커는 나갑니다. 그룹은 처리하던 것을 마치고 다시 나눕니다."""
        busy = any(hand.got is not None for hand in self.hands.values())
        if self.broker.queue is None or self.kind not in (CHANNEL, LOG):
            return
        if self.kind == LOG and busy:
            return
        for hand in self.hands.values():
            if hand.down:
                self.broker.queue.leave(hand.name)
            else:
                self.broker.queue.subscribe(hand.name)

    def stop(self, power: bool) -> None:
        """브로커가 죽거나(kill -9) 전원이 나갑니다."""
        if self.broker.queue is None:
            return
        if power:
            self.broker.power_off()
        else:
            self.broker.kill()
        self.draw("state", BROKER, "down")
        self.engine.after(REBOOT, self._start_broker)

    def _start_broker(self) -> None:
        self.broker.start()
        self.draw("state", BROKER, "ok")
        self._regroup()
        self.show()

    def rewind(self) -> None:
        """처음부터 다시 받게 합니다. 남은 기록이 없으면 그럴 수 없습니다."""
        if self.broker.queue is None or self.kind in (LIST, CHANNEL):
            self.draw("say", "되감을 기록이 없습니다.")
            return
        self.broker.queue.rewind()
        self.broker.wrote()
        self.draw("say", "처음부터 다시 읽습니다.")
        self.show()

    # --- 세기와 그리기 ---

    def lost(self) -> list[str]:
        """보냈다고 답을 들었는데 처리되지 않았고, 이제는 어디에도 없는 것."""
        if self.broker.queue is None:
            return []
        kept = self.broker.queue.held() + self.aside
        kept += [hand.got.body for hand in self.hands.values() if hand.got is not None]
        return [b for b in self.sent if b != POISON and b not in self.done and b not in kept]

    def twice(self) -> int:
        """한 번을 넘겨 처리한 횟수."""
        return sum(int(times - 1) for times in self.done.values())

    def count(self) -> None:
        """위의 수들."""
        self.draw("count", "done", len(self.done))
        self.draw("count", "lost", len(self.lost()))
        self.draw("count", "twice", self.twice())

    def show(self) -> None:
        """브로커에 지금 든 것. 바뀐 줄만 새로 그립니다."""
        self.count()
        if self.broker.queue is None:
            return
        rows = self._rows(self.broker.queue)
        for name in ROWS:
            text = rows.get(name)
            if self._shown.get(name) != text:
                self._shown[name] = text
                self.draw("put", BROKER, name, text)

    def _rows(self, queue: Any) -> dict[str, str]:
        if self.kind == LIST:
            return {"대기": _line(queue.held())}
        if self.kind == CHANNEL:
            return {"듣는 중": _line([hand.name for hand in self.hands.values() if not hand.down])}
        if self.kind == LOG:
            return {"기록": _line(queue.replay()), "커밋": f"{queue.committed}개까지"}
        held = queue.pending()
        bodies = dict(queue.entries())
        waiting = [f"{bodies[one.id]}→{one.consumer}" for one in held]
        late = [body for body in queue.held() if body not in [bodies[one.id] for one in held]]
        return {"대기": _line(late), "확인 대기": _line(waiting)}

    def _new(self, place: str) -> str:
        self._dots += 1
        self.draw("new", str(self._dots), place)
        return str(self._dots)


def name_of(body: str) -> str:
    """조사 을/를까지 붙인 메시지의 이름."""
    return "독이 든 메시지를" if body == POISON else f"{body}번을"


def _line(bodies: list[str]) -> str:
    """마지막 여섯까지 한 줄에."""
    return " ".join(bodies[-6:]) or "(비었음)"
