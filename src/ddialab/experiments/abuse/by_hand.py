"""손으로 정하는 한도: 폭주하는 한 사람과 보통 사람들 앞에서 한도를 어디에 둘지 고릅니다."""

from __future__ import annotations

from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Ask, Draw, Part
from ddialab.experiments.abuse.flood import (
    CAPACITY,
    EACH,
    FREE,
    PATIENCE,
    SHARED,
    THIEF,
    USERS,
    Limits,
    Request,
    Street,
)

PEOPLE, FLOODER, FRONT, SERVER, BUCKETS = "people", "flooder", "front", "server", "buckets"
PARTS = (
    Part(PEOPLE, "client", "사람 셋", 0),
    Part(FLOODER, "client", "한 사람", 0),
    Part(FRONT, "balancer", "앞단", 1),
    Part(SERVER, "server", "서비스", 2),
    Part(BUCKETS, "store", "남은 토큰", 2),
)
WIRES = ((PEOPLE, FRONT), (FLOODER, FRONT), (FRONT, SERVER), (FRONT, BUCKETS))
COUNTERS = (
    ("ok", "제때", "good"),  # 앞의 셋은 보통 사람의 것만 셉니다
    ("refused", "거절", "bad"),
    ("late", "시간 초과", "bad"),
    ("flood", "폭주 통과", "plain"),
)
LANES = (("ok", "제때"), ("refused", "거절"), ("late", "시간 초과"), ("flood", "폭주"))
NOBODY = "요청은 한 건도 거절되거나 늦지 않았고"
NAMES = {FREE: "없음", SHARED: "모두 하나", EACH: "사람마다"}
END = 40  # 초. 장면이 끝나는 때
LOOK, EVERY = 10.0, 1.0  # 초. 물은 뒤 살펴보는 시간, 남은 토큰을 고쳐 그리는 간격
SHARE = Ask(
    "ordinary",
    "폭주가 시작됐습니다. 지금 한도를 그대로 두면, 앞으로 10초 동안 보통 사람이 보낸 요청 가운데 "
    "몇 %가 제때 답을 받을까요?",
    unit="%",
)


class FloodByHand:
    """보통 사람들이 페이지를 엽니다. 언제 폭주할지, 한도를 어떻게 둘지는 독자에게 달렸습니다."""

    asks = True

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.engine, self.draw = engine, draw
        self.way, self.rate, self.burst = settings["way"], settings["rate"], settings["burst"]
        self.counts = {"ok": 0, "refused": 0, "late": 0, "flood": 0}
        self.street = Street(engine, self._limits(), self.tell)
        self._asked: float | None = None  # 물은 시각
        self._sent = self._served = 0  # 물은 다음에 보통 사람이 보낸 것과, 제때 답한 것
        self._answered = False
        self._shown: list[str] = []
        self._show()

    def act(self, name: str, target: str) -> None:
        """폭주를 시작하거나 멈춥니다."""
        on = not self.street.flooding
        self.street.flood(on)
        self.draw("say", "폭주가 시작됐습니다." if on else "폭주가 멈췄습니다.")
        if on and self.asks and self._asked is None:
            self._asked = self.engine.now
            self.draw("ask", SHARE.id)
            self.engine.at(min(self._asked + LOOK, END), self._answer, True)
        elif not on:
            self._answer()

    def turn(self, knob: str, value: Any) -> None:
        """한도를 바꿉니다. 버킷은 새것으로 바뀌고, 그때까지 본 것으로 물음에 답합니다."""
        self._answer()
        if knob == "way":
            self.way = value
        elif knob == "rate":
            self.rate = value
        else:
            self.burst = value
        self.street.limits = self._limits()
        self.draw("say", self._about())

    def tell(self, what: str, request: Request) -> None:
        """요청 하나에 일어난 일을 세고 그립니다."""
        self._draw_dot(what, request)
        flooded = request.client == THIEF
        if not flooded:
            self._watch(what, request)
        if flooded and what in ("ok", "late"):
            self._count("flood")
        elif not flooded and what in self.counts:
            self._count(what)

    def _limits(self) -> Limits:
        return Limits(self.way, self.rate, self.burst)

    def _about(self) -> str:
        if self.way == FREE:
            return "한도가 없습니다. 앞단이 모두 받습니다."
        whose = "모두가 버킷 하나를 나눠" if self.way == SHARED else "사람마다 버킷을 하나씩"
        return f"{whose} 씁니다. 초당 {self.rate:g}개씩 {self.burst}개까지 찹니다."

    def _watch(self, what: str, request: Request) -> None:
        """물은 다음에 보낸 요청만 셉니다."""
        if self._asked is None or self._answered or request.sent < self._asked:
            return
        self._sent += what == "came"
        self._served += what == "ok"

    def _answer(self, last: bool = False) -> None:
        """센 것으로 답합니다. 셀 것이 아직 없으면 ``last``까지 기다립니다."""
        if self._asked is None or self._answered:
            return
        if not self._sent and not last:
            return
        self._answered = True
        share = 100 * self._served / self._sent if self._sent else 0.0
        of = f"보낸 {self._sent}건 가운데 {self._served}건"
        told = f"{share:.0f}% ({self.engine.now - self._asked:.0f}초 동안 {of})"
        self.draw("answer", SHARE.id, share, told)

    def _count(self, what: str) -> None:
        self.counts[what] += 1
        self.draw("count", what, self.counts[what])
        self.draw("mark", what, "")

    def _draw_dot(self, what: str, request: Request) -> None:
        dot, home = str(request.number), FLOODER if request.client == THIEF else PEOPLE
        if what == "came":
            self.draw("new", dot, home)
            self.draw("move", dot, FRONT, "")
        elif what == "started":
            self.draw("move", dot, SERVER, "work")
        else:
            self.draw("look", dot, "fail" if what == "refused" else what)
            self.draw("move", dot, home, "")
            self.draw("gone", dot)
        if what == "came" and self.way == FREE:
            self.draw("move", dot, SERVER, "wait")

    def _show(self) -> None:
        """남은 토큰을 그립니다. 한도가 없으면 비웁니다."""
        levels = self._levels()
        for name in self._shown:
            if name not in levels:
                self.draw("put", BUCKETS, name, None)
        for name, left in levels.items():
            self.draw("put", BUCKETS, name, f"{left:.0f}개")
        self._shown = list(levels)
        self.engine.after(EVERY, self._show)

    def _levels(self) -> dict[str, float]:
        now, limits = self.engine.now, self.street.limits
        if self.way == FREE:
            return {}
        if self.way == SHARED:
            return {"모두": limits.bucket(SHARED, now).left(now)}
        levels = {f"사람 {i + 1}": limits.bucket(u, now).left(now) for i, u in enumerate(USERS)}
        levels["폭주"] = limits.bucket(THIEF, now).left(now)
        return levels


class Fair(FloodByHand):
    """도전: 폭주가 저절로 시작합니다. 보통 사람은 하나도 잃지 않고 폭주를 묶습니다."""

    asks = False
    AT = 5.0  # 폭주가 시작하는 때(초)
    SHARE = 0.15  # 폭주가 쓸 수 있는, 서비스가 처리하는 것의 몫

    def __init__(self, engine: Engine, settings: dict, draw: Draw, end: float):
        super().__init__(engine, settings, draw)
        self.end = end
        self._waiting: list[Request] = []  # 아직 답을 받지 못한 보통 사람의 요청
        engine.at(self.AT, self.act, "flood", FLOODER)
        engine.at(end, self._judge)

    def tell(self, what: str, request: Request) -> None:
        """답을 기다리는 보통 사람의 요청도 적어 둡니다."""
        super().tell(what, request)
        if request.client == THIEF or what == "started":
            return
        if what == "came":
            self._waiting.append(request)
        else:
            self._waiting = [one for one in self._waiting if one.number != request.number]

    def _judge(self) -> None:
        unanswered = sum(self.end - one.sent > PATIENCE for one in self._waiting)
        harmed = self.counts["refused"] + self.counts["late"] + unanswered
        share = self.counts["flood"] / ((self.end - self.AT) * CAPACITY)
        lost = f"요청 {harmed}건이 거절되거나 늦었고" if harmed else NOBODY
        told = f"보통 사람의 {lost}, 폭주가 처리량의 {100 * share:.0f}%를 썼습니다."
        self.draw("goal", harmed == 0 and share <= self.SHARE, told)
