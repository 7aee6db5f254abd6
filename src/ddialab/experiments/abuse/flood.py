"""폭주하는 한 사람과 보통 사람들: 한도를 어디에 두느냐가 누구를 살리는지 정합니다.

보통 사람은 가끔 페이지를 열고, 그때 요청을 `PAGE`건 한꺼번에 보냅니다. 앞단이 한도를 넘는 것을
거절하고, 서비스는 받은 것을 온 차례대로 처리합니다.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ddialab.cluster.line import Line
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice
from ddialab.experiments.abuse.bucket import PAGE
from ddialab.resilience.limiter import TokenBucket

FREE, SHARED, EACH = "none", "shared", "each"  # 한도 없음, 모두가 하나, 사람마다 하나
WAYS = (FREE, SHARED, EACH)
USERS = ("u1", "u2", "u3")  # 보통 사람들
THIEF = "x"  # 폭주하는 사람
REST, MORE = 8.0, 4.0  # 초. 페이지를 열고 적어도 쉬는 시간, 거기에 더 쉬는 시간의 평균
RATE, BURST = 3.0, 6  # 사람마다 두는 한도. 쉬는 동안 페이지 하나 몫이 넉넉히 찹니다
TOTAL = 6.0  # 모두가 하나를 나눌 때의 초당 토큰. 서비스가 처리하는 것보다 적습니다
WORKERS, SERVICE = 2, 0.25  # 함께 처리하는 수, 하나에 드는 시간(초)
CAPACITY = WORKERS / SERVICE  # 초당 처리하는 요청
FLOOD = 16.0  # 폭주가 초당 보내는 요청
PATIENCE = 3.5  # 초. 이보다 늦은 답은 보통 사람에게 소용이 없습니다
AT, END = 10.0, 70.0  # 초. 폭주가 시작하는 때와 그만 보는 때


class Limits:
    """누구의 요청을 받을지: 한도가 없거나, 버킷 하나를 나누거나, 사람마다 하나를 둡니다."""

    def __init__(self, way: str, rate: float, burst: float):
        self.way = check_choice("way", way, WAYS)
        self.rate, self.burst = rate, burst
        self._buckets: dict[str, TokenBucket] = {}

    def take(self, client: str, now: float) -> bool:
        """시각 ``now``에 ``client``의 요청을 받을지."""
        return self.way == FREE or self.bucket(client, now).take(now)

    def bucket(self, client: str, now: float) -> TokenBucket:
        """``client``가 쓰는 버킷. 처음 온 사람의 것은 가득 차 있습니다."""
        key = client if self.way == EACH else SHARED
        if key not in self._buckets:
            self._buckets[key] = TokenBucket(self.rate, self.burst, now)
        return self._buckets[key]


class Request(NamedTuple):
    """요청 하나: 누가 언제 보냈나."""

    client: str
    number: int
    sent: float


class Street:
    """사람들, 앞단, 서비스. 요청마다 ``tell(일, 요청)``을 부릅니다.

    일은 온 것(``came``), 거절(``refused``), 시작(``started``), 제때 답함(``ok``),
    늦게 답함(``late``)입니다.
    """

    def __init__(self, engine: Engine, limits: Limits, tell: Callable[[str, Request], None]):
        self.engine, self.limits, self.tell = engine, limits, tell
        self.line = Line(engine, WORKERS, SERVICE)
        self.flooding = False
        self._number = 0
        self._gap = engine.exponential("폭주", 1 / FLOOD)
        for user in USERS:
            rest = engine.exponential(f"쉼/{user}", MORE)
            first = engine.stream(f"처음/{user}").random() * REST
            engine.after(first, self._open, user, rest)

    def flood(self, on: bool) -> None:
        """폭주를 시작하거나 멈춥니다."""
        if on and not self.flooding:
            self.engine.after(self._gap(), self._again)
        self.flooding = on

    def _open(self, user: str, rest: Callable[[], float]) -> None:
        for _ in range(PAGE):
            self._send(user)
        self.engine.after(REST + rest(), self._open, user, rest)

    def _again(self) -> None:
        if self.flooding:
            self._send(THIEF)
            self.engine.after(self._gap(), self._again)

    def _send(self, client: str) -> None:
        self._number += 1
        request = Request(client, self._number, self.engine.now)
        self.tell("came", request)
        if self.limits.take(client, self.engine.now):
            self.line.join(lambda: self.tell("started", request), lambda: self._done(request))
        else:
            self.tell("refused", request)

    def _done(self, request: Request) -> None:
        late = self.engine.now - request.sent > PATIENCE
        self.tell("late" if late else "ok", request)


class Outcome(NamedTuple):
    """폭주하는 동안: 보통 사람이 보낸 요청, 그 가운데 제때 답한 것과 거절한 것, 폭주가 받은 답."""

    sent: int
    served: int
    refused: int
    flood: int

    @property
    def share(self) -> float:
        """보통 사람이 보낸 것 가운데 제때 답한 비율."""
        return self.served / self.sent


def total(way: str, rate: float = RATE) -> float:
    """버킷의 초당 토큰. 하나를 나누는 버킷은 서비스가 처리하는 것에 맞춥니다."""
    return TOTAL if way == SHARED else rate


def flooded(way: str, seed: int, rate: float = RATE, burst: float = BURST) -> Outcome:
    """폭주가 `AT`초에 시작합니다. 거기서 `END`초까지 보낸 요청을 셉니다."""
    users = {"came": 0, "ok": 0, "refused": 0}
    flood = {"ok": 0, "late": 0}

    def tell(what: str, request: Request) -> None:
        counts = flood if request.client == THIEF else users
        if what in counts and AT <= request.sent < END:
            counts[what] += 1

    engine = Engine(seed)
    street = Street(engine, Limits(way, total(way, rate), burst), tell)
    engine.at(AT, street.flood, True)
    engine.run(END + PATIENCE)  # 마지막 요청의 답까지
    return Outcome(users["came"], users["ok"], users["refused"], flood["ok"] + flood["late"])


def ordinary() -> float:
    """보통 사람들이 모두 합해 초당 보내는 요청의 평균."""
    return len(USERS) * PAGE / (REST + MORE)


def most() -> float:
    """살펴보는 동안 서비스가 처리할 수 있는 요청의 수."""
    return CAPACITY * (END - AT)
