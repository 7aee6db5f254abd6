"""손으로 죽이는 저장소: 서비스가 쓰는 동안 독자가 원숭이가 되어 노드를 죽이고 끊고 붙잡습니다."""

from __future__ import annotations

from typing import Any

from ddialab.cluster.failover import QUORUM, Failover
from ddialab.cluster.promise import ASYNC, MIN_REPLICAS, NAMES, OK, WAIT
from ddialab.cluster.replication import Node
from ddialab.core.engine import Engine
from ddialab.core.scene import Ask, Draw

SERVICE, STORE = "service", "store"
EVERY = 0.6  # 초. 쓰는 간격
BEHIND = 0.15  # 초. 복제가 한쪽마다 늦는 시간
PATIENT = 600  # 밀리초. WAIT와 클라이언트가 기다리는 시간
RETURNS = 3.0  # 초. 돌아온 옛 프라이머리가 복제본이 될 때까지
LOST = "잃은 쓰기"
SHOWN = 5  # 한 줄에 적는 키의 수
WAIT_ONE = "wait-one"  # 복제본 하나만 기다리는 WAIT
PROMISES = (ASYNC, MIN_REPLICAS, WAIT_ONE, WAIT)
CAME_BACK = Ask(
    "came-back",
    "죽었던 프라이머리가 돌아옵니다. 성공이라고 답했지만 새 프라이머리에 없는 쓰기가 이 노드의 "
    "디스크에는 그대로 남아 있습니다. 이 쓰기들은 어떻게 될까요?",
    ("새 프라이머리에 합쳐집니다", "버려집니다", "돌아온 노드가 다시 프라이머리가 됩니다"),
)


class ByHand(Failover):
    """서비스가 `EVERY`초마다 하나씩 쓰는 저장소. 무엇이 고장 날지는 독자에게 달렸습니다."""

    asks = True  # 돌아온 프라이머리의 것이 어떻게 될지 묻는가

    def __init__(self, engine: Engine, settings: dict, draw: Draw, quorum: int = QUORUM):
        promise = settings["promise"]
        super().__init__(
            engine,
            WAIT if promise == WAIT_ONE else promise,
            settings["down_after"],
            need=1 if promise == WAIT_ONE else 2,
            wait=PATIENT,
            timeout=PATIENT,
            disk=True,
            quorum=quorum,
            rejoin=RETURNS,
        )
        self.draw = draw
        self.written = self.failed = 0
        self.acked: list[str] = []
        self.lost: list[str] = []
        self._broke = False  # 프라이머리가 고장 나고 아직 성공한 쓰기가 없는가
        self._asked = ""  # 돌아올 때 물은 노드
        self._shown: dict[str, str | None] = {}
        for name in NAMES:
            self.delay(name, BEHIND)
        self.show()
        engine.after(EVERY, self._write_often)

    def act(self, name: str, target: str) -> None:
        """죽이거나(kill), 끊거나(cut), 복제를 붙잡거나(hold), 되살립니다(restore)."""
        if name == "restore":
            self._restore(self.node(target))
        elif name == "hold":
            self._hold(self.node(target))
        else:
            self._break(name, self.node(target))
        self.show()

    def turn(self, knob: str, value: Any) -> None:
        """도는 동안 돌릴 수 있는 슬라이더가 없습니다."""

    def _hold(self, node: Node) -> None:
        if node.name == self.primary:
            self.draw("say", f"{node.name}: 프라이머리는 붙잡지 않습니다. 복제본을 붙잡으세요.")
            return
        self.hold(node.name)
        held = ", ".join([name for name in NAMES if self.nodes[name].held])
        self.draw("say", f"{held}: 복제를 붙잡았습니다. 연결은 그대로입니다.")

    def _break(self, name: str, node: Node) -> None:
        if not node.alive or (name == "cut" and node.cut):
            return
        if node.name == self.primary:
            self._broke = True
        if name == "kill":
            self.kill(node.name)
            who, how = "프라이머리가 ", "죽었습니다"
        else:
            self.cut(node.name)
            who, how = "프라이머리의 ", "네트워크가 끊겼습니다"
        self.draw("say", f"{node.name}: {who if node.name == self.known else ''}{how}.")

    def _restore(self, node: Node) -> None:
        gone = not node.reachable
        self.restart(node.name)
        self.heal(node.name)
        self.release(node.name)
        if not gone:
            self.draw("say", f"{node.name}: 복제를 놓아주었습니다.")
            return
        self.draw("say", f"{node.name}: 돌아왔습니다.")
        alone = [key for key in self.lost if key in node.log]
        if self.asks and alone and node.primary and not self._asked:
            self._asked = node.name
            self.show()  # 물음에 답하는 동안 「꺼짐」으로 남아 있지 않게
            self.draw("ask", CAME_BACK.id)

    # --- 쓰기 ---

    def _write_often(self) -> None:
        self.written += 1
        self._write(str(self.written))
        self.engine.after(EVERY, self._write_often)

    def _write(self, key: str) -> None:
        dot = f"w{key}"
        self.send(key, lambda outcome: self._told(key, outcome))
        self.draw("new", dot, SERVICE)
        self.draw("move", dot, self.client, "wait")

    def _told(self, key: str, outcome: str) -> None:
        dot = f"w{key}"
        if outcome == OK:
            self.acked.append(key)
            self.draw("look", dot, "ok")
            self.draw("move", dot, SERVICE, "")
            self._answers_again()
        else:
            self.failed += 1
            self.draw("look", dot, "fail")
            self.draw("mark", "failed", "")
        self.draw("gone", dot)
        self.show()

    def _answers_again(self) -> None:
        if self._broke and self.primary is not None:
            self.draw("say", f"{self.primary}: 쓰기가 다시 성공합니다.")
            self._broke = False

    # --- 페일오버 ---

    def suspected(self, node: Node) -> None:
        self.draw("say", f"{node.name}: 답이 없다고 센티널 {self.quorum}개가 합의했습니다.")

    def promoted(self, node: Node) -> None:
        self.draw("say", f"{node.name}: 새 프라이머리가 되었습니다.")
        self.show()

    def demoted(self, node: Node) -> None:
        self.draw("say", f"{node.name}: 복제본이 되어 {self.known}의 것을 복사합니다.")

    def copied(self, node: Node) -> None:
        super().copied(node)
        self.show()
        if self._asked == node.name:
            self._asked = "answered"
            merged, dropped, _ = CAME_BACK.choices
            fate = dropped if self.lost else merged
            self.draw("answer", CAME_BACK.id, fate, fate)
            why = f"복제본은 {self.known}의 것을 그대로 따라 하므로 제 것을 버렸습니다."
            self.draw("say", f"{node.name}: {why}")

    # --- 그리기 ---

    def show(self) -> None:
        """노드마다 몇 건이 있고 어떤 자리인지, 무엇을 잃었는지. 바뀐 것만 그립니다."""
        if self.primary is not None:
            log = dict.fromkeys(self.nodes[self.primary].log)
            self.lost = [key for key in self.acked if key not in log]
        for node in self.nodes.values():
            self._change(node.name, self._state(node))
            self._change(f"{node.name} ", f"{len(node.log)}건({self._role(node)})")
        self._change(LOST, " ".join(self.lost[-SHOWN:]) or None)
        for name, value in self._counts():
            self._change(name, str(value))

    def _counts(self) -> list[tuple[str, int]]:
        return [("acked", len(self.acked)), ("failed", self.failed), ("lost", len(self.lost))]

    def _state(self, node: Node) -> str:
        if not node.alive or node.cut:
            return "cut" if node.alive else "down"
        if node.held:
            return "slow"
        return "suspect" if node.primary and node.name != self.known else "ok"

    def _role(self, node: Node) -> str:
        if node.name == self.known:
            return "프라이머리"
        return "옛 프라이머리" if node.primary else "복제본"

    def _change(self, name: str, text: str | None) -> None:
        if self._shown.get(name) == text:
            return
        self._shown[name] = text
        if name in NAMES:
            self.draw("state", name, text)
        elif name == LOST or name.endswith(" "):
            self.draw("put", STORE, name.strip(), text)
        else:
            self.draw("count", name, int(text))
