"""손으로 내보내는 설정: 서버 넷에 새 설정을 한꺼번에, 또는 한 대부터 내보냅니다."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Draw, Part
from ddialab.experiments.human_errors.canary import NEW_LIMIT, OLD_LIMIT
from ddialab.ops.rollout import Stage, StageWindow, is_new, judged, level_of

USERS, BALANCER = "users", "lb"
SERVERS = ("n1", "n2", "n3", "n4")
PARTS = (
    Part(USERS, "client", "사용자", 0),
    Part(BALANCER, "balancer", "로드 밸런서", 1),
    *(Part(name, "store", name, 2) for name in SERVERS),
)
WIRES = ((USERS, BALANCER), *((BALANCER, name) for name in SERVERS))
COUNTERS = (("ok", "성공", "good"), ("fail", "실패", "bad"))
LANES = (("fail", "실패"), ("change", "설정"))
ACTIONS = (
    Action("all", "모두에 내보내기", (BALANCER,)),
    Action("canary", "한 대에만 먼저", (BALANCER,)),
)
RATE, SERVICE, LONGEST = 6.0, 0.3, 35  # 초당 요청, 처리 시간(초), 가장 긴 글(글자)
ALL = (Stage(1.0, 72),)  # 사람이 알아채고 롤백할 때까지 12초
CANARY = (Stage(0.25, 48), Stage(0.5, 48), Stage(1.0, 72))


class Release:
    """사람들이 글을 쓰는 동안 새 설정을 내보냅니다. 나쁘다고 판단하면 롤백합니다."""

    def __init__(self, engine: Engine, settings: dict, draw: Draw):
        self.engine, self.draw = engine, draw
        self.stages: Sequence[Stage] = ()  # 밟고 있는 단계들. 옛 설정뿐이면 비었습니다
        self.at = 0
        self._sent, self._counts = 0, {"ok": 0, "fail": 0}
        self._failed = dict.fromkeys(SERVERS, 0)
        self._gap = engine.exponential("도착", 1 / RATE)
        self._length = engine.stream("글자 수").random
        self._begin()
        engine.after(self._gap(), self._arrive)

    def act(self, name: str, target: str) -> None:
        """새 설정을 내보냅니다. 이미 내보내는 중이면 그렇다고 말합니다."""
        if self.stages:
            self.draw("say", "이미 내보내는 중입니다. 롤백한 다음이나 되감은 다음에 누르세요.")
            return
        self.stages, self.at = ALL if name == "all" else CANARY, 0
        self._begin()

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 돌릴 슬라이더가 없습니다."""

    def _share(self) -> float:
        return self.stages[self.at].share if self.stages else 0.0

    def _begin(self) -> None:
        """지금 단계의 설정을 서버마다 놓고, 처음부터 셉니다."""
        self.requests, self.failures = [0, 0], [0, 0]
        self.limits = {}
        for i, name in enumerate(SERVERS):
            self.limits[name] = NEW_LIMIT if is_new(i, self._share()) else OLD_LIMIT
            self.draw("put", name, "한도", f"{self.limits[name]}자")
        if self.stages:
            self.draw("mark", "change", "")
            fresh = [name for name in SERVERS if self.limits[name] == NEW_LIMIT]
            self.draw("say", f"{', '.join(fresh)}에 새 설정을 내보냈습니다.")

    def _arrive(self) -> None:
        server, dot = SERVERS[self._sent % len(SERVERS)], f"r{self._sent}"
        self._sent += 1
        length = 1 + int(LONGEST * self._length())
        self.draw("new", dot, USERS)
        self.draw("move", dot, BALANCER, "")
        self.draw("move", dot, server, "work")
        self.engine.after(SERVICE, self._answer, dot, server, length)
        self.engine.after(self._gap(), self._arrive)

    def _answer(self, dot: str, server: str, length: int) -> None:
        limit = self.limits[server]
        look = "ok" if length <= limit else "fail"
        self.draw("look", dot, look)
        self.draw("move", dot, BALANCER, "")
        self.draw("move", dot, USERS, "")
        self.draw("gone", dot)
        self._counts[look] += 1
        self.draw("count", look, self._counts[look])
        if look == "fail":
            self.draw("mark", "fail", "")
            self._failed[server] += 1
            self.draw("put", server, "실패", f"{self._failed[server]}건")
        if self.stages:
            self._watch(int(limit == NEW_LIMIT), look == "fail")

    def _watch(self, new: int, failed: bool) -> None:
        """한 단계에서 지켜볼 요청을 다 보았으면 판정합니다."""
        self.requests[new] += 1
        self.failures[new] += failed
        if sum(int(count) for count in self.requests) < self.stages[self.at].requests:
            return
        window = judged(self._share(), self.requests, self.failures)
        bad = window.p_value <= level_of(self.stages)
        if bad or self.at + 1 == len(self.stages):
            self._roll_back(window, bad)
        else:
            self.at += 1
            self._begin()

    def _roll_back(self, window: StageWindow, bad: bool) -> None:
        self.stages = ()
        self._begin()
        self.draw("mark", "change", "")
        new = f"새 설정은 {window.new_requests}건 가운데 {window.new_failures}건"
        old = f"옛 설정은 {window.old_requests}건 가운데 {window.old_failures}건 실패했습니다"
        told = f"{new}, {old}. 자동으로 롤백합니다." if bad else "사람이 알아채고 롤백했습니다."
        self.draw("say", told)
