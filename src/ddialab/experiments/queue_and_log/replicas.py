"""손으로 죽이는 복제된 로그: 브로커 셋에 쓰는 동안 누구를 끊고 죽일지는 독자가 정합니다."""

from __future__ import annotations

from typing import Any

from ddialab.cluster.replicated_log import CUT, DOWN, UP, ReplicatedLog
from ddialab.core.engine import Engine
from ddialab.core.scene import Ask, Draw

PRODUCER, LOGS = "producer", "logs"
BROKERS = ("b1", "b2", "b3")
EVERY, COPY = 0.8, 0.3  # 쓰는 간격, 리더의 것을 따라 적기까지(초)
NOTICE = 1.5  # 리더가 죽은 것을 알고 새로 뽑을 때까지(초)
PATIENCE = 6.0  # 팔로워가 이만큼 따라오지 못하면 ISR에서 뺍니다(초)
LATER = 1.0  # 새 리더가 나온 뒤의 일을 살펴볼 때까지(초)
LEADER_DIED = Ask(
    "leader-killed",
    "리더가 죽었습니다. 서비스는 지금까지 「성공」이라는 답을 들은 것을 모두 저장됐다고 믿고 "
    "있습니다. 남은 브로커가 새 리더가 되면 그것들은 어떻게 될까요?",
    ("모두 남아 있습니다", "몇 개를 잃습니다"),
)
SHOWN = {UP: "ok", CUT: "cut", DOWN: "down"}


class Replicas:
    """브로커 셋의 로그 하나. 서비스는 `EVERY`초마다 하나씩 씁니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.engine, self.draw = engine, draw
        self.log = ReplicatedLog(BROKERS, acks=settings["acks"], min_insync=2)
        self.written = self.refused = 0
        self._asked = self._told = False
        self._seen = len(self.log.acked)  # 그리기를 마친 답의 수
        self._dots: dict[str, str] = {}  # 답을 기다리는 것 → 점
        self._shown: dict[str, str] = {}
        self._since: dict[str, int] = {}  # 끊긴 횟수. 그사이 다시 이었는지 압니다
        self.show()
        engine.after(EVERY, self._write_often)

    def act(self, name: str, target: str) -> None:
        """끊거나(cut) 죽이거나(kill) 다시 살립니다(restore)."""
        led = self.log.leader is not None and self.log.leader.name == target
        if name == "restore":
            self.log.restore(target)
            self.engine.after(COPY, self._follow, target)
        elif name == "cut":
            self.log.cut(target)
        else:
            self.log.kill(target)
        self._since[target] = self._since.get(target, 0) + 1
        if name != "restore":
            self.engine.after(PATIENCE, self._expire, target, self._since[target])
        if led:
            self._leaderless(target)
        elif self.log.leader is None:
            self.engine.after(NOTICE, self._elect)
        self.show()

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    # --- 쓰기 ---

    def _write_often(self) -> None:
        self._write(str(self.written + 1))
        self.engine.after(EVERY, self._write_often)

    def _write(self, value: str) -> None:
        self.written += 1
        leader = self.log.leader
        dot = f"m{value}"
        self.draw("new", dot, PRODUCER)
        if leader is None or not self.log.write(value):
            self.refused += 1
            if leader is not None:
                self.draw("move", dot, leader.name, "")
            self.draw("look", dot, "late")
            self.draw("gone", dot)
            self.draw("count", "refused", self.refused)
            return
        self.draw("move", dot, leader.name, "wait")
        self._dots[value] = dot
        for name in BROKERS:
            if name != leader.name:
                self.engine.after(COPY, self._follow, name)
        self.show()

    def _follow(self, name: str) -> None:
        self.log.follow(name)
        self.show()

    def _answers(self) -> None:
        """새로 성공이라고 답한 것들의 점을 보내 줍니다."""
        for value in self.log.acked[self._seen :]:
            if value in self._dots:
                dot = self._dots.pop(value)
                self.draw("look", dot, "ok")
                self.draw("move", dot, PRODUCER, "")
                self.draw("gone", dot)
        self._seen = len(self.log.acked)

    # --- 리더가 없는 동안 ---

    def _leaderless(self, name: str) -> None:
        for dot in self._dots.values():
            self.draw("look", dot, "fail")
            self.draw("gone", dot)
        self.refused += len(self._dots)
        self.draw("count", "refused", self.refused)
        self._dots = {}
        self.draw("say", f"{title(name)}: 리더가 없어졌습니다. 새로 뽑습니다.")
        if not self._asked:
            self._asked = True
            self.draw("ask", LEADER_DIED.id)
        self.engine.after(NOTICE, self._elect)

    def _elect(self) -> None:
        if self.log.leader is not None:
            return
        leader = self.log.elect()
        if leader is None:
            self.draw("say", "과반이 닿지 않거나 뒤처지지 않은 브로커가 없어, 뽑지 못합니다.")
        else:
            self.draw("say", f"{title(leader.name)}: 새 리더가 되었습니다.")
            for name in BROKERS:
                self.engine.after(COPY, self._follow, name)
            self.engine.after(LATER, self._tell)
        self.show()

    def _tell(self) -> None:
        if self._told or self.log.leader is None:
            return
        self._told = True
        kept, some = LEADER_DIED.choices
        lost, acked = len(self.log.lost()), len(self.log.acked)
        fate = some if lost else kept
        self.draw("answer", LEADER_DIED.id, fate, fate)
        self.draw("say", f"성공이라고 답한 {acked}건 가운데 {lost}건이 새 리더에 없습니다.")

    def _expire(self, name: str, since: int) -> None:
        if self._since[name] == since and self.log.expire(name):
            self.draw("say", f"{title(name)}: 오래 따라오지 못해 ISR에서 뺐습니다.")
            self.show()

    # --- 그리기 ---

    def show(self) -> None:
        """브로커마다 몇 건이 있고 어떤 자리인지."""
        self._answers()
        for broker in self.log.brokers:
            self._change(broker.name, SHOWN[broker.state])
            self._change(title(broker.name), f"{len(broker.log)}건({self._role(broker)})")
        self.draw("count", "acked", len(self.log.acked))
        self.draw("count", "lost", len(self.log.lost()))

    def _role(self, broker: Any) -> str:
        """한 줄에 다 보이게 한마디로 적습니다. 리더는 뒤처지지 않습니다."""
        if broker is self.log.leader:
            return "리더"
        return "팔로워" if broker in self.log.isr else "뒤처짐"

    def _change(self, name: str, text: str) -> None:
        """브로커의 상태나 로그의 줄이 바뀌었으면 그립니다."""
        if self._shown.get(name) == text:
            return
        self._shown[name] = text
        if name in BROKERS:
            self.draw("state", name, text)
        else:
            self.draw("put", LOGS, name, text)


def title(name: str) -> str:
    """브로커의 이름표."""
    return f"브로커 {name[1:]}"
