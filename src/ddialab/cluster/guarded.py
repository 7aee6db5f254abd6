"""정책에 물어보는 클러스터: 언제 재시도할지, 보내도 될지, 줄에 세울지를 정책이 정합니다.

정책이 없으면 `Cluster`와 똑같습니다. 정책은 시계도 난수도 모르므로, 지금 시각과 뽑은 수를 건넵니다.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ddialab.cluster.model import Cluster
from ddialab.cluster.node import Node
from ddialab.cluster.request import Attempt, Request
from ddialab.core.events import REFUSE, RETRY

# 실패 이유: 재시도를 그만둠, 예산이 바닥남, 서킷 브레이커가 열림
GAVE_UP, NO_BUDGET, BREAKER = "gave-up", "no-budget", "breaker"


class Policies(NamedTuple):
    """클라이언트와 복제본의 정책들. None이면 그 정책이 없는 것입니다.

    ``wait(몇째 재시도, 뽑은 수)``는 기다릴 초(그만두면 None), ``budget``은 재시도의 예산,
    ``breaker``는 보내기 전에 묻는 서킷 브레이커, ``room(줄의 길이)``는 줄에 세워도 되는가입니다.
    """

    wait: Callable | None = None
    budget: object = None
    breaker: object = None
    room: Callable | None = None


class Guarded(Cluster):
    """정책 ``policies``를 따르는 `Cluster`. 재시도의 한도는 그대로 ``spec.retries``입니다."""

    def __init__(self, spec, plan, engine, log, record: bool, policies: Policies):
        self.policies = policies
        self._chance = engine.stream("재시도 기다림").random
        super().__init__(spec, plan, engine, log, record)

    def submit(self, done: Callable[[], None] | None = None) -> None:
        """첫 요청마다 예산이 조금씩 쌓입니다."""
        if self.policies.budget is not None:
            self.policies.budget.deposit()
        super().submit(done)

    def send(self, request: Request, demand: float, luck: float) -> None:
        """서킷 브레이커가 열려 있으면 보내지 않고 곧바로 실패합니다."""
        breaker = self.policies.breaker
        if breaker is not None and not breaker.allow(self.engine.now):
            self._fail(request, BREAKER)
        else:
            super().send(request, demand, luck)

    def give_up(self, attempt: Attempt, reason: str) -> None:
        """시도가 실패하면 서킷 브레이커에도 알립니다."""
        if attempt.open and self.policies.breaker is not None:
            self.policies.breaker.failed(self.engine.now)
        super().give_up(attempt, reason)

    def _retry(self, request: Request, reason: str) -> None:
        """기다렸다가 보냅니다. 정책이 그만두라거나 예산이 없으면 여기서 실패합니다."""
        wait, budget = self.policies.wait, self.policies.budget
        number = self.spec.retries - request.retries
        delay = 0.0 if wait is None else wait(number, self._chance())
        if delay is None:
            self._fail(request, GAVE_UP)
        elif budget is not None and not budget.allow():
            self._fail(request, NO_BUDGET)
        elif delay > 0:
            self.engine.after(delay, self._send_again, request)
        else:
            self._send_again(request)

    def _send_again(self, request: Request) -> None:
        if request.missing > 0:
            self._note(RETRY, "", request.number)
            self.send(request, self._work_again(), self._luck_again())

    def _wait_in_line(self, node: Node, attempt: Attempt) -> None:
        """줄이 길면 세우지 않고 곧바로 거절합니다(로드 셰딩)."""
        room = self.policies.room
        if room is not None and not room(len(node.queue)):
            self.give_up(attempt, REFUSE)
        else:
            super()._wait_in_line(node, attempt)

    def _finish(self, node: Node, attempt: Attempt, life: int) -> None:
        if self.policies.breaker is not None and attempt.open and node.life == life:
            self.policies.breaker.succeeded(self.engine.now)
        super()._finish(node, attempt, life)
