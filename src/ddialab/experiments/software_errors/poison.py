"""독이 든 요청: 처리하는 복제본을 죽이는 요청 하나가 재시도를 타고 복제본을 차례로 죽입니다.

보낸 앱은 답을 들을 때까지 `AGAIN`초마다 다시 보내고, 죽은 복제본은 `RESTART`초 뒤에 다시 켜집니다.
격리(`Quarantine`)가 있으면 그 요청이 복제본을 몇 번 죽였는지 세어 더는 보내지 않습니다.
"""

from __future__ import annotations

from typing import NamedTuple

from ddialab.cluster.guarded import Guarded, Policies
from ddialab.cluster.node import Node
from ddialab.cluster.request import Attempt, Request
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.errors import check_integer
from ddialab.resilience.quarantine import Quarantine
from ddialab.stress.faults import CRASH
from ddialab.stress.load import Poisson

RATE, SERVICE, TIMEOUT = 4.0, 0.2, 2.0  # 초당 요청, 평균 처리 시간(초), 제한 시간(초)
REPLICAS, RETRIES = 3, 2
LETHAL = 0.4  # 독을 처리하기 시작해 죽기까지(초)
RESTART, AGAIN = 4.0, 6.0  # 죽은 복제본이 다시 켜지기까지, 앱이 다시 보내기까지(초)
FIRST, END = 10.0, 70.0  # 독이 처음 오는 때, 실험이 끝나는 때(초)
KILLS = 2  # 격리하기까지 봐주는 죽음의 수
PILL = "독"  # 독이 든 요청의 번호. 앱이 다시 보내도 같습니다
QUARANTINED = "quarantined"  # 실패 이유: 격리한 요청


class Poisoned(Guarded):
    """독이 든 요청이 오는 클러스터. ``deaths``는 복제본이 죽은 시각들입니다."""

    def __init__(
        self,
        spec: Spec,
        engine: Engine,
        log,
        record: bool = False,
        quarantine: Quarantine | None = None,
        again: float = AGAIN,
    ):
        self.quarantine, self.again = quarantine, again
        self.deaths: list[float] = []
        self.pills: dict[int, bool] = {}  # 독이 든 요청들. 다시 보낼 때마다 하나씩 늡니다
        self.answers = 0  # 독을 보낸 앱이 들은 실패의 수
        super().__init__(spec, (), engine, log, record, Policies())

    def poison(self) -> None:
        """앱이 독이 든 요청을 보냅니다. 실패하면 또 보냅니다."""
        self.pills[self._arrived + 1] = True
        self.submit(self._send_it_again)

    def _send_it_again(self) -> None:
        self.answers += 1
        if self.again:
            self.engine.after(self.again, self.poison)

    def send(self, request: Request, demand: float, luck: float) -> None:
        """격리한 요청은 어느 복제본에도 보내지 않습니다."""
        kept = self.quarantine
        if request.number in self.pills and kept is not None and not kept.allow(PILL):
            self._fail(request, QUARANTINED)
        else:
            super().send(request, demand, luck)

    def _start(self, node: Node, attempt: Attempt) -> None:
        if attempt.request.number in self.pills:
            attempt.demand = LETHAL * 2  # 다 처리하기 전에 죽습니다
            self.engine.after(LETHAL, self._kill, node, node.life)
        super()._start(node, attempt)

    def _kill(self, node: Node, life: int) -> None:
        """처리하던 복제본이 죽습니다. 로드 밸런서는 함께 하던 일을 다른 복제본에 재시도합니다."""
        if node.life != life:
            return
        self.deaths.append(self.engine.now)
        if self.quarantine is not None:
            self.quarantine.killed(PILL)
        self.break_down(CRASH, node.name)
        self.engine.after(RESTART, self.bring_up, node.name)


class Day(NamedTuple):
    """한 번 돌린 결과: 복제본이 죽은 횟수, 모두 죽어 있던 시간(초), 실패한 멀쩡한 요청의 수."""

    deaths: int
    dark: float
    failed: int


def day(
    seed: int,
    retries: int = RETRIES,
    replicas: int = REPLICAS,
    kills: int | None = None,
    again: float = AGAIN,
) -> Day:
    """독이 든 요청 하나가 온 날. ``kills``번 죽이면 격리합니다(None이면 격리가 없습니다)."""
    check_integer("replicas", replicas, 1, 12)
    spec = Spec(
        Poisson(RATE), racks=("A",) * replicas, service=SERVICE, timeout=TIMEOUT, retries=retries
    )
    engine = Engine(seed)
    quarantine = None if kills is None else Quarantine(kills)
    cluster = Poisoned(spec, engine, None, quarantine=quarantine, again=again)
    engine.at(FIRST, cluster.poison)
    engine.run(END)
    failed = sum(cluster.reasons.values()) - cluster.answers
    return Day(len(cluster.deaths), _dark(cluster.deaths, replicas), failed)


def _dark(deaths: list[float], replicas: int) -> float:
    """모두 죽어 있던 시간: 마지막 하나가 죽고 맨 먼저 죽은 것이 켜질 때까지."""
    dark = 0.0
    for i in range(replicas - 1, len(deaths)):
        first = deaths[i - replicas + 1] + RESTART
        dark += max(0.0, min(first, END) - deaths[i])
    return dark


def expected_deaths(retries: int, replicas: int) -> int:
    """한 번 보낸 독이 죽이는 복제본의 수: 처음 한 번과 재시도마다 하나씩, 있는 만큼."""
    return min(1 + retries, replicas)
