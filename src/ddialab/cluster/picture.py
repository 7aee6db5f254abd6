"""클러스터의 사건을 장면의 그림으로 옮깁니다: 요청은 점이 되어 움직이고, 복제본은 상태가 바뀝니다.

`EventLog`가 들어갈 자리에 넣으면, 모델이 사건을 적을 때마다 그림이 바뀝니다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ddialab.core.events import (
    ARRIVE,
    DOWN,
    DRAIN,
    FAIL,
    LOST,
    OK,
    PACE,
    REFUSE,
    REPAIR,
    REPAIRED,
    REPLY,
    RETRY,
    SEND,
    START,
    SUSPECT,
    TIMEOUT,
    TRUST,
    UP,
    Event,
)
from ddialab.core.scene import Draw, Part
from ddialab.stress.faults import CRASH, CUT, DISK, POWER, REBOOT, VANISH

USERS, BALANCER = "users", "lb"
COUNTERS = (("ok", "성공", "good"), ("fail", "실패", "bad"), ("open", "기다리는 중", "plain"))
LANES = (("fail", "실패"),)
BROKEN = {
    CRASH: "프로세스가 죽었습니다",
    CUT: "네트워크가 끊겼습니다",
    DISK: "디스크가 고장 났습니다",
    POWER: "전원이 나갔습니다",
    REBOOT: "재부팅합니다",
    VANISH: "사라졌습니다",
}


def parts(racks: Sequence[str]) -> tuple[Part, ...]:
    """사용자, 로드 밸런서, 그리고 ``racks``에 꽂힌 복제본들."""
    servers = (Part(f"n{i + 1}", "server", f"n{i + 1}", 2, rack) for i, rack in enumerate(racks))
    front = (Part(USERS, "client", "사용자", 0), Part(BALANCER, "balancer", "로드 밸런서", 1))
    return (*front, *servers)


def names(racks: Sequence[str]) -> tuple[str, ...]:
    """랙의 이름들, 처음 나온 순서로."""
    return tuple(dict.fromkeys(racks))


def wires(racks: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """사용자에서 로드 밸런서로, 거기서 복제본마다."""
    return ((USERS, BALANCER), *((BALANCER, f"n{i + 1}") for i in range(len(racks))))


class Picture:
    """``record``가 받은 사건을 ``draw``로 그립니다. 복제본의 이름은 ``nodes``입니다."""

    def __init__(self, draw: Draw, nodes: Sequence[str]):
        self.draw = draw
        self.counts = {"ok": 0, "fail": 0, "open": 0}
        self._retrying = 0  # 다음에 보낼 시도가 재시도인 요청
        self._dots: dict[tuple[int, str], str] = {}  # (요청, 복제본)마다 그 시도의 점
        self._answered: dict[int, str] = {}  # 요청마다 답을 싣고 돌아오는 점
        self._late: dict[str, bool] = {}  # 포기했지만 복제본은 아직 처리하는 시도의 점
        self._flags = {name: _Flags() for name in nodes}
        self._kinds = {
            ARRIVE: self._arrive,
            SEND: self._send,
            START: self._start,
            REPLY: self._reply,
            OK: self._ok,
            TIMEOUT: self._timeout,
            REFUSE: self._refuse,
            RETRY: self._retry,
            FAIL: self._fail,
            DOWN: self._down,
            UP: self._up,
            SUSPECT: self._suspect,
            TRUST: self._trust,
            DRAIN: self._drain,
            REPAIR: self._repair,
            REPAIRED: self._repaired,
            PACE: self._pace,
            LOST: self._lost,
        }
        self._broken = False  # 실패를 한 번 알린 뒤에는, 상태가 또 바뀔 때까지 말하지 않습니다

    def record(self, event: Event) -> None:
        """사건 하나를 그립니다."""
        self._kinds[event.kind](event)

    # --- 요청의 길 ---

    def _arrive(self, event: Event) -> None:
        self._count("open", 1)

    def _send(self, event: Event) -> None:
        dot = self._dots[event.request, event.node] = f"{event.request}.{event.detail}"
        if self._retrying == event.request:
            self.draw("new", dot, BALANCER)
        else:
            self.draw("new", dot, USERS)
            self.draw("move", dot, BALANCER, "")
        self._retrying = 0
        self.draw("move", dot, event.node, "wait")

    def _start(self, event: Event) -> None:
        self.draw("move", self._dots[event.request, event.node], event.node, "work")

    def _reply(self, event: Event) -> None:
        dot = self._dots.pop((event.request, event.node))
        if dot in self._late:
            del self._late[dot]
            self.draw("gone", dot)
            return
        self._leave_answer(event.request)
        self._answered[event.request] = dot
        self.draw("look", dot, "ok")
        self.draw("move", dot, BALANCER, "")

    def _ok(self, event: Event) -> None:
        dot = self._answered.pop(event.request)
        self.draw("move", dot, USERS, "")
        self.draw("gone", dot)
        self._count("ok", 1)
        self._count("open", -1)

    def _timeout(self, event: Event) -> None:
        dot = self._dots[event.request, event.node]
        self.draw("look", dot, "late")
        if self._flags[event.node].down:
            self._drop(event)
        else:
            self._late[dot] = True

    def _refuse(self, event: Event) -> None:
        self.draw("look", self._dots[event.request, event.node], "fail")
        self._drop(event)

    def _retry(self, event: Event) -> None:
        self._retrying = event.request

    def _fail(self, event: Event) -> None:
        self._leave_answer(event.request)
        dot = f"{event.request}.x"
        self.draw("new", dot, BALANCER)
        self.draw("look", dot, "fail")
        self.draw("move", dot, USERS, "")
        self.draw("gone", dot)
        self._count("fail", 1)
        self._count("open", -1)
        self.draw("mark", "fail", "")
        if not self._broken:
            self._broken = True
            self.draw("say", "요청이 실패합니다.")

    def _drop(self, event: Event) -> None:
        self.draw("gone", self._dots.pop((event.request, event.node)))

    def _leave_answer(self, request: int) -> None:
        """여러 복제본의 답을 모을 때, 앞서 온 답의 점은 로드 밸런서에서 멈춥니다."""
        if request in self._answered:
            self.draw("gone", self._answered.pop(request))

    def _count(self, counter: str, more: int) -> None:
        self.counts[counter] += more
        self.draw("count", counter, self.counts[counter])

    # --- 복제본의 상태 ---

    def _down(self, event: Event) -> None:
        flags = self._flags[event.node]
        flags.down, flags.repair = event.detail, False
        for key in [key for key in self._dots if key[1] == event.node]:
            if self._dots[key] in self._late:
                del self._late[self._dots[key]]
                self.draw("gone", self._dots.pop(key))
        flags.since = event.time
        together = self._named(lambda one: one.down == event.detail and one.since == event.time)
        self._show(event.node, f"{together}: {BROKEN[event.detail]}.")

    def _named(self, chosen: Callable[[_Flags], bool]) -> str:
        """``chosen``인 복제본들의 이름. 랙이 정전되면 여럿이 함께 멈춥니다."""
        return ", ".join([name for name, flags in self._flags.items() if chosen(flags)])

    def _up(self, event: Event) -> None:
        flags = self._flags[event.node]
        back = "네트워크가 다시 이어졌습니다" if flags.down == CUT else "다시 켜졌습니다"
        flags.down = ""
        flags.suspect = flags.suspect or flags.drain
        flags.drain = False
        self._show(event.node, f"{event.node}: {back}.")

    def _suspect(self, event: Event) -> None:
        self._flags[event.node].suspect = True
        left_out = self._named(lambda one: one.suspect)
        self._show(event.node, f"로드 밸런서가 이제 {left_out}에 요청을 보내지 않습니다.")

    def _trust(self, event: Event) -> None:
        flags = self._flags[event.node]
        flags.suspect = flags.drain = False
        self._show(event.node, f"로드 밸런서가 {event.node}에 다시 요청을 보냅니다.")

    def _drain(self, event: Event) -> None:
        self._flags[event.node].drain = True
        self._show(event.node, f"{event.node}: 하던 일만 마치고 꺼집니다.")

    def _repair(self, event: Event) -> None:
        self._flags[event.node].repair = True
        self._show(event.node, f"{event.node}: 다른 복제본의 데이터를 복제합니다.")

    def _repaired(self, event: Event) -> None:
        self._flags[event.node].repair = False
        self._show(event.node, f"{event.node}: 데이터를 다 복제했습니다.")

    def _pace(self, event: Event) -> None:
        slow = self._flags[event.node].slow = event.detail != "1"
        words = f"{event.detail}배 느려졌습니다" if slow else "제 속도로 돌아왔습니다"
        self._show(event.node, f"{event.node}: {words}.")

    def _lost(self, event: Event) -> None:
        for node, flags in self._flags.items():
            if flags.repair:  # 복제해 올 곳이 없어졌습니다
                flags.repair = False
                self.draw("state", node, flags.name())
        self.draw("say", "데이터의 사본이 모두 사라졌습니다.")

    def _show(self, node: str, sentence: str) -> None:
        self._broken = False
        self.draw("state", node, self._flags[node].name())
        self.draw("say", sentence)


class _Flags:
    """복제본 하나에 겹쳐 있을 수 있는 상태들."""

    def __init__(self):
        self.down, self.since = "", 0.0  # 멈춘 까닭과 시각
        self.suspect = self.drain = self.repair = self.slow = False

    def name(self) -> str:
        """보일 상태 하나. 앞의 것이 뒤의 것을 가립니다."""
        if self.down:
            return "cut" if self.down == CUT else "down"
        flags = {
            "repair": self.repair,
            "drain": self.drain,
            "suspect": self.suspect,
            "slow": self.slow,
        }
        return next((name for name, up in flags.items() if up), "ok")
