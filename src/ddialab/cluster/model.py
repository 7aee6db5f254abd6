"""중복 클러스터의 모델: 클라이언트 -> 로드 밸런서 -> 랙에 나뉘어 꽂힌 복제본들.

복제본마다 줄(queue)이 있고, 로드 밸런서는 헬스 체크를 통과한 복제본에 요청을 나눕니다.
답이 늦거나 거절되면 다른 복제본에 재시도합니다. 모든 복제본은 같은 데이터의 사본을 하나씩 갖고,
디스크를 잃으면 살아 있는 이웃에게서 다시 복제합니다.

모델이 거짓말하는 곳: 네트워크는 순식간입니다. 로드 밸런서는 고장 나지 않습니다. 네트워크가
끊긴 복제본은 하던 일을 잃습니다(진짜로는 마치지만, 그 답은 어차피 아무에게도 닿지 않습니다).
시간 초과로 버려진 요청도 복제본은 끝까지 처리합니다(진짜 서버도 흔히 그렇습니다).
"""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable

from ddialab.cluster.node import Node
from ddialab.cluster.request import Attempt, Request
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice, check_positive
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
    EventLog,
)
from ddialab.stress.faults import (
    CRASH,
    FAULTS,
    LOSES_DATA,
    POWER,
    REBOOT,
    SILENT,
    VANISH,
    Fault,
)

Route = Callable[[list[Node]], int] | None  # 보낼 수 있는 복제본들 가운데 고른 자리
NO_REPLICA = "no-replica"  # 실패 이유: 보낼 복제본이 없음


class Cluster:
    """움직이는 클러스터. ``born``, ``response``, ``reasons``, ``lost_at``, ``log``가 결과입니다.

    ``route``는 보낼 복제본을 고르는 정책입니다. 없으면 난수로 고릅니다.
    """

    def __init__(
        self, spec: Spec, plan, engine: Engine, log: EventLog, record: bool, route: Route = None
    ):
        self.spec, self.engine, self.log, self.route = spec, engine, log, route
        self.nodes = [Node(n, r) for n, r in zip(spec.nodes, spec.racks, strict=True)]
        self.rotation = list(self.nodes)  # 로드 밸런서가 요청을 보내는 복제본들
        self.born, self.response, self.reasons = [], [], Counter()
        self.lost_at: float | None = None
        self._recording = record
        self._arrived = 0
        self._legs = range(spec.need)  # 요청 하나를 나눠 보내는 갈래
        self._waiting: deque[Attempt] = deque()  # 답을 기다리는 시도들, 보낸 순서로
        self._armed = False  # 맨 앞의 마감에 타이머를 걸어 두었는가
        self._open_streams()
        for fault in plan:
            check_choice("kind", fault.kind, FAULTS)
            engine.at(fault.time, self._strike, fault, self._targets(fault.kind, fault.target))
        if spec.load is not None:
            spec.load.start(engine, self.submit)

    def _open_streams(self) -> None:
        """재시도는 제 스트림을 사용합니다: 결함이 재시도를 늘려도 새 요청의 난수는 그대로입니다."""
        engine, mean = self.engine, self.spec.service
        self._work, self._luck = engine.exponential("처리", mean), engine.stream("고르기").random
        self._work_again = engine.exponential("재시도 처리", mean)
        self._luck_again = engine.stream("재시도 고르기").random

    def _note(self, kind: str, node: str = "", request: int = -1, detail: str = "") -> None:
        """사건 하나를 기록합니다. 요청마다 지나는 다섯 곳은 ``_recording``을 먼저 봅니다."""
        if self._recording:
            self.log.record(Event._make((self.engine.now, kind, node, request, detail)))

    # --- 요청의 길: 도착 -> 보내기 -> 처리 -> 답 ---

    def submit(self, done: Callable[[], None] | None = None) -> None:
        """클라이언트의 요청 하나가 도착합니다. 끝나면 ``done()``을 부릅니다."""
        self._arrived += 1
        spec = self.spec
        request = Request(self._arrived, self.engine.now, spec.need, spec.retries, done)
        if self._recording:
            self._note(ARRIVE, "", request.number)
        for _ in self._legs:
            demand, luck = self._work(), self._luck()
            if request.missing > 0:
                self.send(request, demand, luck)

    def send(self, request: Request, demand: float, luck: float) -> None:
        """아직 안 가 본 복제본 하나를 골라 보냅니다. 없으면 요청은 실패합니다."""
        choices, tried = self.rotation, request.tried
        if tried:
            choices = choices.copy()
            for node in tried:
                if node in choices:
                    choices.remove(node)
        if not choices:
            self._fail(request, NO_REPLICA)
            return
        place = self.route(choices) if self.route else int(luck * len(choices))
        node = choices[place]
        tried.append(node)
        attempt = Attempt(request, node, demand, self.engine.now + self.spec.timeout)
        if self._recording:
            self._note(SEND, node.name, request.number, str(len(tried)))
        self._waiting.append(attempt)
        if not self._armed:
            self._armed = True
            self.engine.at(attempt.deadline, self._expire)
        if node.alive and node.has_data:
            if len(node.serving) < self.spec.workers:
                self._start(node, attempt)
            else:
                self._wait_in_line(node, attempt)
        elif not node.silent:  # 말없이 죽었으면 시간 초과로만 압니다
            self.give_up(attempt, REFUSE)

    def _wait_in_line(self, node: Node, attempt: Attempt) -> None:
        node.queue.append(attempt)

    def _expire(self) -> None:
        """마감이 지난 시도를 버립니다.

        모든 시도의 제한 시간이 같으므로 먼저 보낸 것이 먼저 끝납니다. 시도마다 타이머를 두는 대신
        줄 하나를 두고, 줄 맨 앞의 마감에만 깨어납니다.
        """
        waiting, now = self._waiting, self.engine.now
        while waiting:
            attempt = waiting.popleft()
            if not attempt.open:
                continue
            if attempt.deadline > now:
                waiting.appendleft(attempt)
                self.engine.at(attempt.deadline, self._expire)
                return
            self.give_up(attempt, TIMEOUT)
        self._armed = False

    def _start(self, node: Node, attempt: Attempt) -> None:
        node.serving.append(attempt)
        if self._recording:
            self._note(START, node.name, attempt.request.number)
        self.engine.after(attempt.demand * node.pace, self._finish, node, attempt, node.life)

    def _finish(self, node: Node, attempt: Attempt, life: int) -> None:
        """처리가 끝났습니다. 그사이 복제본이 죽었다면 없던 일입니다."""
        if node.life != life:
            return
        if self._recording:
            self._note(REPLY, node.name, attempt.request.number)
        node.serving.remove(attempt)
        if node.queue:
            self._start(node, node.queue.popleft())
        elif node.draining is not None and not node.serving:
            self._take_down(node, REBOOT, node.draining)
        if not attempt.open:
            return
        attempt.open = False
        request = attempt.request
        request.missing -= 1
        if request.missing == 0:  # 답이 필요한 만큼 모였습니다
            if self._recording:
                self._note(OK, "", request.number)
            self._close(request, self.engine.now - request.born)

    def give_up(self, attempt: Attempt, reason: str) -> None:
        """시도 하나가 실패했습니다(시간 초과나 거절). 재시도가 남았으면 다른 복제본으로 갑니다."""
        if not attempt.open:
            return
        attempt.open = False
        request = attempt.request
        if request.missing <= 0:
            return
        self._note(reason, attempt.node.name, request.number)
        if not request.retries:
            self._fail(request, reason)
            return
        request.retries -= 1
        self._retry(request, reason)

    def _retry(self, request: Request, reason: str) -> None:
        """한 번 더 보냅니다. 언제 보낼지, 보내도 될지는 `Guarded`가 다르게 정합니다."""
        self._note(RETRY, "", request.number)
        self.send(request, self._work_again(), self._luck_again())

    def _fail(self, request: Request, reason: str) -> None:
        if request.missing > 0:
            request.missing = 0
            self._note(FAIL, "", request.number, reason)
            self.reasons[reason] += 1
            self._close(request, math.nan)

    def _close(self, request: Request, response: float) -> None:
        self.born.append(request.born)
        self.response.append(response)
        if request.done is not None:
            request.done()

    # --- 결함과 되살아남 ---

    def _targets(self, kind: str, target: str) -> list[Node]:
        """결함이 미치는 복제본들. 전원(power) 결함은 랙 하나 전체에 미칩니다."""
        part = "rack" if kind == POWER else "name"
        check_choice("target", target, dict.fromkeys(getattr(n, part) for n in self.nodes))
        return [node for node in self.nodes if getattr(node, part) == target]

    def break_down(self, kind: str, target: str) -> None:
        """지금 고장 냅니다. `bring_up`할 때까지 돌아오지 않습니다."""
        for node in self._targets(check_choice("kind", kind, FAULTS), target):
            self._take_down(node, kind, math.inf)

    def restart(self, target: str, duration: float) -> None:
        """지금 재부팅합니다. ``spec.drain``이면 하던 일을 마치고 나서 꺼집니다."""
        nodes = self._targets(REBOOT, target)
        self._strike(Fault(self.engine.now, REBOOT, target, duration), nodes)

    def bring_up(self, target: str) -> None:
        """고장 난 복제본을 지금 되살리고, 느려졌으면 제 속도로 돌립니다. 멀쩡하면 그대로입니다."""
        for node in self._targets(CRASH, target):
            self.slow_down(target, 1.0)
            if not node.alive:
                node.until = self.engine.now
                self._revive(node, node.until)

    def slow_down(self, target: str, pace: float) -> None:
        """지금부터 시작하는 일이 ``pace``배 걸리게 합니다. 헬스 체크는 알아차리지 못합니다."""
        check_positive("pace", pace)
        for node in self._targets(CRASH, target):
            if node.pace != pace:
                node.pace = pace
                self._note(PACE, node.name, -1, f"{pace:g}")

    def _strike(self, fault: Fault, nodes: list[Node]) -> None:
        for node in nodes:
            if fault.kind == REBOOT and self.spec.drain and node.alive:
                self._drain(node, fault.duration)
            elif fault.kind == VANISH:
                returns = self.spec.boot_time if self.spec.auto_replace else math.inf
                self._take_down(node, VANISH, returns)
            else:
                self._take_down(node, fault.kind, fault.duration)

    def _drain(self, node: Node, duration: float) -> None:
        """새 일을 받지 않고, 하던 일이 끝나면 재부팅합니다."""
        self._note(DRAIN, node.name)
        node.draining = duration
        self._leave(node)
        if not node.serving:
            self._take_down(node, REBOOT, duration)

    def _take_down(self, node: Node, kind: str, duration: float) -> None:
        self._note(DOWN, node.name, -1, kind)
        dropped = [*node.serving, *node.queue]
        node.serving.clear()
        node.queue.clear()
        node.alive, node.repairing, node.draining = False, False, None
        node.life += 1
        node.silent = node.silent or kind in SILENT
        self._revive_after(node, duration)
        if kind in LOSES_DATA:
            self._lose_data(node)
        self._watch(node)
        if not node.silent:
            for attempt in dropped:
                self.give_up(attempt, REFUSE)

    def _revive_after(self, node: Node, duration: float) -> None:
        """겹친 결함 가운데 가장 늦게 끝나는 것이 되살아날 시각을 정합니다."""
        until = self.engine.now + duration
        if until > node.until:
            node.until = until
            if until < math.inf:
                self.engine.at(until, self._revive, node, until)

    def _revive(self, node: Node, until: float) -> None:
        if node.until != until:
            return
        node.alive, node.silent = True, False
        self._note(UP, node.name)
        self._watch(node)
        for peer in self.nodes:  # 자신을 고치거나, 사본을 기다리던 이웃을 고칩니다
            self._begin_repair(peer)

    # --- 데이터의 사본 ---

    def _lose_data(self, node: Node) -> None:
        had, node.has_data = node.has_data, False
        if had and not any(peer.has_data for peer in self.nodes):
            self.lost_at = self.engine.now
            self._note(LOST, node.name, -1, "data")

    def _begin_repair(self, node: Node) -> None:
        """살아 있는 사본이 있으면 복제하기 시작합니다. 없으면 이웃이 되살아날 때 다시 봅니다."""
        if not node.alive or node.has_data or node.repairing or not self._has_source():
            return
        node.repairing = True
        self._note(REPAIR, node.name)
        self.engine.after(self.spec.repair_time, self._finish_repair, node, node.life)

    def _finish_repair(self, node: Node, life: int) -> None:
        if node.life != life:
            return
        node.repairing = False
        if self._has_source():
            node.has_data = True
            self._note(REPAIRED, node.name)
            self._watch(node)

    def _has_source(self) -> bool:
        return any(peer.ready for peer in self.nodes)

    # --- 헬스 체크 ---

    def _watch(self, node: Node) -> None:
        """헬스 체크가 언제 판정을 바꿀지 계산해 둡니다.

        헬스 체크를 하나하나 돌리지 않습니다. 상태가 바뀐 순간에 다음 체크 시각들을 알 수 있으므로,
        판정이 바뀔 때 한 번만 깨어나면 1년을 돌려도 빠릅니다.
        """
        if node.check is not None:
            self.engine.cancel(node.check)
            node.check = None
        healthy = node.ready and node.draining is None
        if healthy == node.in_rotation:
            return
        interval = self.spec.health_interval
        if interval:
            wait = 0 if healthy else (self.spec.health_misses - 1) * interval
            change = self._join if healthy else self._suspect
            node.check = self.engine.at(self._next_check(node) + wait, change, node)
        elif healthy:
            self._join(node)

    def _next_check(self, node: Node) -> float:
        """이 복제본의 다음 헬스 체크 시각. 복제본마다 조금씩 어긋나게 합니다."""
        interval = self.spec.health_interval
        phase = interval * self.nodes.index(node) / len(self.nodes)
        rounds = math.floor((self.engine.now - phase) / interval) + 1
        return max(self.engine.now, phase + rounds * interval)

    def _suspect(self, node: Node) -> None:
        self._note(SUSPECT, node.name)
        self._leave(node)

    def _join(self, node: Node) -> None:
        self._note(TRUST, node.name)
        node.check, node.in_rotation = None, True
        self.rotation = [peer for peer in self.nodes if peer.in_rotation]

    def _leave(self, node: Node) -> None:
        if node.check is not None:
            self.engine.cancel(node.check)
        node.check, node.in_rotation = None, False
        self.rotation = [peer for peer in self.nodes if peer.in_rotation]
