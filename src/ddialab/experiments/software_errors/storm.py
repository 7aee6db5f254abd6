"""재시도 폭풍: 데이터베이스가 잠깐 멈췄다 돌아온 뒤에도 낫지 않는 서비스와, 낫게 하는 정책들.

복제본은 클라이언트가 포기한 시도도 끝까지 처리합니다. 줄이 제한 시간보다 길어지면 처리하는 것이
모두 헛일이고, 헛일을 기다리다 포기한 클라이언트가 또 보냅니다. 그래서 원인이 사라져도 그대로입니다.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ddialab.cluster.guarded import Guarded, Policies
from ddialab.cluster.node import Node
from ddialab.cluster.request import Attempt
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice, check_integer, check_positive
from ddialab.core.events import START
from ddialab.core.trial import PolicyFailed, shown
from ddialab.resilience.breaker import Breaker
from ddialab.resilience.retry import Backoff, Budget, at_once
from ddialab.resilience.shedding import Shedder
from ddialab.stress.faults import CRASH
from ddialab.stress.load import Poisson

REPLICAS, SERVICE = 3, 0.4  # 복제본의 수, 평균 처리 시간(초)
LIMIT = REPLICAS / SERVICE  # 초당 처리할 수 있는 시도의 수
USE = 0.5  # 사용률: 평소의 요청이 처리 한도에서 차지하는 몫
TIMEOUT, RETRIES = 3.0, 2
AT, STALL = 10.0, 10.0  # 데이터베이스가 멈추는 때, 멈춰 있는 시간(초)
END, TAIL = 120.0, 20.0  # 실험의 길이, 나았는지 볼 마지막 시간(초). 끝의 `LEFT`초는 답을 기다립니다
LEFT = 10.0
DEAD = 5.0  # 서버 하나가 평소에 죽어 있는 시간(초)
HEALED = 0.5  # 그동안 온 요청이 이보다 많이 성공하면 나았습니다
LONGEST = 1_000_000.0  # 초. 이보다 오래 기다리면 그만둔 것과 같습니다
WINDOW = 5.0  # 언제 나았는지 볼 구간(초)


class Stalling(Guarded):
    """데이터베이스가 멈출 수 있는 클러스터. ``wasted``는 아무도 기다리지 않는 답의 수입니다."""

    def __init__(self, spec, engine: Engine, log, record: bool, policies: Policies):
        self.wasted = 0
        self._held: list[tuple[Node, Attempt, int]] | None = None  # 멈춘 동안 시작한 일들
        super().__init__(spec, (), engine, log, record, policies)

    @property
    def waiting(self) -> int:
        """아직 성공도 실패도 하지 않은 요청의 수."""
        return self._arrived - len(self.born)

    def stall(self) -> None:
        """데이터베이스가 멈춥니다. 시작한 일은 돌아올 때까지 끝나지 않습니다."""
        if self._held is None:
            self._held = []

    def resume(self) -> None:
        """데이터베이스가 돌아옵니다."""
        held, self._held = self._held or [], None
        for node, attempt, life in held:
            self.engine.after(attempt.demand, self._finish, node, attempt, life)

    def _start(self, node: Node, attempt: Attempt) -> None:
        if self._held is None:
            super()._start(node, attempt)
        else:
            node.serving.append(attempt)
            if self._recording:
                self._note(START, node.name, attempt.request.number)
            self._held.append((node, attempt, node.life))

    def _finish(self, node: Node, attempt: Attempt, life: int) -> None:
        if node.life == life and not attempt.open:
            self.wasted += 1
        super()._finish(node, attempt, life)


class Outcome(NamedTuple):
    """폭풍 한 번의 결과.

    ``tail``은 마지막 `TAIL`초에 온 요청 가운데 성공한 비율, ``healed``는 그것이 `HEALED`를 넘는가,
    ``when``은 원인이 사라지고 나을 때까지의 시간(초. 낫지 않았으면 None)입니다. ``failed``는 실패한
    요청의 수, ``waiting``은 끝날 때까지 답을 못 들은 요청의 수, ``slow``는 성공한 요청의 p99 응답
    시간(초), ``wasted``는 헛일의 수입니다.
    """

    healed: bool
    when: float | None
    tail: float
    failed: int
    waiting: int
    slow: float
    wasted: int


def storm(wait: Callable[[int, float], float | None], seed: int) -> Outcome:
    """재시도마다 ``wait(몇째 재시도, 뽑은 수)``초를 기다리는 클라이언트들이 겪는 폭풍."""
    return run(Policies(wait=lambda attempt, chance: check_wait(wait(attempt, chance))), seed)


def check_wait(seconds: Any) -> float | None:
    """정책이 돌려준, 기다릴 초. None이면 그만둡니다."""
    if seconds is None:
        return None
    if type(seconds) in (int, float) and 0 <= seconds <= LONGEST:
        return float(seconds)
    raise PolicyFailed(
        f"wait 함수가 돌려준 값={shown(seconds)}: 기다릴 수 없습니다.",
        f"0 이상 {LONGEST:.0f} 이하의 수(초)나, 그만두겠다는 None이어야 합니다.",
        "음수나 문자열을 돌려주는 길이 없는지 보세요.",
    )


def run(
    policies: Policies,
    seed: int,
    retries: int = RETRIES,
    use: float = USE,
    stall: float = STALL,
) -> Outcome:
    """데이터베이스가 ``stall``초 멈췄다 돌아옵니다. ``use``는 평소의 사용률입니다."""
    return outcome(played(policies, seed, retries, use, stall), AT + stall)


def played(policies: Policies, seed: int, retries: int, use: float, stall: float) -> Stalling:
    """데이터베이스가 멈췄다 돌아오고 끝까지 돌린 클러스터."""
    check_integer("retries", retries, 0, REPLICAS - 1)
    check_positive("use", use, 1)
    check_positive("stall", stall, END - AT - TAIL - LEFT)
    cluster = _cluster(policies, seed, retries, use)
    cluster.engine.at(AT, cluster.stall)
    cluster.engine.at(AT + stall, cluster.resume)
    cluster.engine.run(END)
    return cluster


def _cluster(policies: Policies, seed: int, retries: int, use: float) -> Stalling:
    load = Poisson(use * LIMIT)
    spec = Spec(load, ("A",) * REPLICAS, END, SERVICE, timeout=TIMEOUT, retries=retries)
    return Stalling(spec, Engine(seed), None, False, policies)  # 사건은 기록하지 않습니다


def outcome(cluster: Stalling, ended: float) -> Outcome:
    """``ended``초에 원인이 사라진 클러스터에서 일어난 일."""
    fates = _fates(cluster)
    good = sorted([took for _, took in fates if took == took])  # 실패한 것은 NaN입니다
    tail = share([fate for fate in fates if fate[0] >= END - LEFT - TAIL])
    healed = tail > HEALED
    slow = good[int(0.99 * len(good))] if good else 0.0
    when = _when(fates, ended) if healed else None
    return Outcome(
        healed, when, tail, len(fates) - len(good), cluster.waiting, slow, cluster.wasted
    )


def _fates(cluster: Stalling) -> list[tuple[float, float]]:
    """요청마다 (온 때, 걸린 시간). 끝난 것만, 그리고 끝나는 것을 볼 수 있을 만큼 일찍 온 것만."""
    every = zip(cluster.born, cluster.response, strict=True)
    return [(born, took) for born, took in every if born < END - LEFT]


def share(fates: list[tuple[float, float]]) -> float:
    """성공한 비율."""
    return len([1 for _, took in fates if took == took]) / max(1, len(fates))


def _when(fates: list[tuple[float, float]], ended: float) -> float:
    """``ended``에서, 절반도 성공하지 못한 마지막 구간이 끝날 때까지."""
    after = 0.0
    for start, part in windows(fates, ended):
        if part < HEALED:
            after = start + WINDOW - ended
    return after


def windows(fates: list[tuple[float, float]], start: float = 0.0) -> list[tuple[float, float]]:
    """`WINDOW`초마다 (시작, 그동안 온 요청이 성공한 비율)."""
    found = []
    while start < END - LEFT:
        inside = [fate for fate in fates if start <= fate[0] < start + WINDOW]
        if inside:
            found.append((start, share(inside)))
        start += WINDOW
    return found


# --- 대책 ---

BASE = 90.0  # 백오프: 처음부터 이만큼(초) 안의 아무 때. 멈춘 시간보다 훨씬 길어야 합니다
SHORT_BASE = 1.0  # 흔히 보는 짧은 백오프(초)
RATIO, BURST = 0.1, 10.0  # 예산: 재시도는 요청의 이 비율까지, 모아 둘 수 있는 재시도의 수
FAILURES, COOLDOWN = 5, 5.0  # 서킷 브레이커: 내리 이만큼 실패하면, 이만큼(초) 끊습니다
LINE = 5  # 로드 셰딩: 복제본마다 줄은 여기까지. 5건이 기다리는 시간은 제한 시간보다 짧습니다


def remedies(retries: int = RETRIES) -> dict[str, Callable[[], Policies]]:
    """대책마다 정책을 새로 만드는 함수. 정책은 세어 둔 것이 있어 실행마다 새것이어야 합니다."""
    return {
        "none": Policies,
        "no-retry": lambda: Policies(wait=at_once(0)),
        "short": lambda: Policies(wait=Backoff(SHORT_BASE, 2 * SHORT_BASE, retries)),
        "backoff": lambda: Policies(wait=Backoff(BASE, BASE, retries)),
        "budget": lambda: Policies(budget=Budget(RATIO, BURST)),
        "breaker": lambda: Policies(breaker=Breaker(FAILURES, COOLDOWN)),
        "shedding": lambda: Policies(room=Shedder(LINE).admit),
    }


def cured(name: str, seed: int, stall: float = STALL) -> Outcome:
    """대책 하나를 걸고 겪은 폭풍."""
    check_choice("name", name, remedies())
    return run(remedies()[name](), seed, stall=stall)


def one_died(name: str, seed: int) -> Outcome:
    """대책 하나를 걸고 겪은 평소의 일: 데이터베이스는 멀쩡하고, 서버 하나가 `DEAD`초 죽습니다."""
    check_choice("name", name, remedies())
    cluster = _cluster(remedies()[name](), seed, RETRIES, USE)
    cluster.engine.at(AT, cluster.break_down, CRASH, cluster.nodes[0].name)
    cluster.engine.at(AT + DEAD, cluster.bring_up, cluster.nodes[0].name)
    cluster.engine.run(END)
    return outcome(cluster, AT + DEAD)


def history(name: str, seed: int) -> list[float]:
    """대책 하나를 걸었을 때, `WINDOW`초마다 성공한 비율."""
    check_choice("name", name, remedies())
    cluster = played(remedies()[name](), seed, RETRIES, USE, STALL)
    return [part for _, part in windows(_fates(cluster))]


# --- 공식 ---


def load_after(use: float, retries: int) -> float:
    """모든 시도가 제한 시간을 넘길 때, 원인이 사라진 뒤의 부하를 처리 한도로 나눈 것.

    1보다 크면 줄이 줄지 않아 폭풍이 스스로 이어지고, 작으면 줄이 줄어 낫습니다.
    """
    return use * (1 + retries)


def threshold(retries: int) -> float:
    """폭풍이 스스로 이어지기 시작하는 사용률."""
    return 1 / (1 + retries)
