"""캐시 스탬피드: 인기 있는 게시글 하나가 만료되는 순간을 가상 시계 위에서 돌립니다.

시간만 가상이고 캐시와 데이터베이스는 진짜입니다. 그래서 데이터베이스에 간 쿼리의 수는 실제로 센
것이고, 같은 시드면 어떤 서버에서든 같습니다. 스레드가 없는 브라우저에서도 실행됩니다.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.core.backend import Backend
from ddialab.core.engine import Engine
from ddialab.core.errors import InvalidValue, check_choice, check_integer, check_number
from ddialab.experiments.cache_miss.aside import CacheAside
from ddialab.service.posts import key_of
from ddialab.stress.load import Poisson

QUERY_TIME = 0.05  # 데이터베이스가 한 번 답하는 데 걸리는 시간(초)
RATES = (20, 100, 200, 400)  # 초당 요청
LOADS = (2, 6, 18)  # 한 번 답하는 동안 오는 요청의 수
OFTEN = 6  # 요청이 이만큼은 와야 조기 갱신의 식이 맞습니다
# 대책마다 만료 몇 쿼리 시간 전부터 지켜볼지. 조기 갱신은 만료 한참 전에 일을 시작합니다.
LEAD = {"none": 1, "single-flight": 1, "early-refresh": 10}
AFTER = 3  # 만료 뒤 몇 쿼리 시간까지 볼지
MOST = 20_000  # 요청. 이보다 많으면 몇 분 동안 아무 말 없이 돕니다
TTL = 20  # 새로 넣은 값의 수명(쿼리 시간의 배수). 보는 동안에는 다시 만료되지 않습니다


@dataclass(frozen=True)
class Stampede:
    """만료를 한 번 겪은 결과. 시각은 만료를 0으로 한 초입니다.

    ``queries``는 데이터베이스에 쿼리가 간 시각들, ``reads``는 요청마다 (도착, 기다린 초)입니다.
    """

    queries: list[float]
    reads: list[tuple[float, float]]

    @property
    def waited(self) -> int:
        """데이터베이스의 답을 기다려야 했던 요청의 수."""
        return sum(wait > 0 for _, wait in self.reads)


def expire_under_load(
    backend: Backend, database: Database, id, *, rate, query_time=QUERY_TIME, cure="none", seed=0
) -> Stampede:
    """초당 ``rate``번 읽히는 게시글 ``id``의 만료를 한 번 겪게 합니다.

    데이터베이스는 답하는 데 ``query_time``초 걸리고, ``cure``는 `LEAD`의 키 가운데 하나입니다.
    """
    engine, hot = _prepare(backend, database, id, query_time, cure, seed)
    load = Poisson(rate)
    _check_crowd(f"rate={rate!r}", rate * (LEAD[cure] + AFTER) * query_time)
    load.start(engine, hot.read)
    return _watch(engine, hot)


def expire_at_once(
    backend: Backend, database: Database, id: int, *, clients, query_time=QUERY_TIME, cure="none"
) -> Stampede:
    """만료된 바로 그 순간 ``clients``명이 한꺼번에 게시글 ``id``를 찾습니다."""
    engine, hot = _prepare(backend, database, id, query_time, cure, seed=0)
    _check_crowd(f"clients={clients!r}", check_integer("clients", clients, 1))
    for _ in range(clients):
        engine.at(hot.expiry, hot.read)
    return _watch(engine, hot)


def expected_queries(load: float, cure: str = "none") -> float:
    """만료 한 번에 데이터베이스로 가는 쿼리 수의 기댓값. ``load``는 한 번 답하는 동안 오는 요청 수.

    대책이 없으면 첫 미스가 답을 받을 때까지 오는 요청이 모두 미스입니다: ``1 + load``.
    조기 갱신(beta=1)은 요청이 충분히 잦으면 ``e``입니다. 남은 시간이 g이고 한 번 답하는 시간이
    d일 때 요청마다 exp(-g/d)로 뽑히므로, 첫 번째로 뽑힐 때 X = load·exp(-g/d)는 평균 1인
    지수분포이고, 그 답을 기다리는 동안 더 뽑히는 수의 평균은 X(e - 1)입니다.
    """
    check_choice("cure", cure, LEAD)
    if cure == "single-flight":
        return 1.0
    return math.e if cure == "early-refresh" else 1 + load


class HotPost:
    """많은 클라이언트가 읽는 게시글 하나. 데이터베이스에 간 쿼리와 기다린 요청을 기록합니다."""

    def __init__(
        self,
        engine: Engine,
        database: Database,
        cache: Cache,
        id: int,
        query_time: float,
        cure: str,
    ):
        self.engine, self.database, self.id, self.query_time = engine, database, id, query_time
        self.aside = CacheAside(engine, cache, self._query, cure, TTL * query_time)
        self.expiry = LEAD[cure] * query_time
        self.queries: list[float] = []
        self.reads: list[tuple[float, float]] = []

    def read(self, done=None) -> None:
        """요청 하나. 캐시에 있으면 바로 답하고, 없으면 데이터베이스의 답을 기다립니다."""
        arrived = self.engine.now
        self.aside.read(key_of(self.id), lambda post: self._answer(arrived))

    def _answer(self, arrived: float) -> None:
        self.reads.append((arrived - self.expiry, self.engine.now - arrived))

    def _query(self, key: str, then) -> None:
        self.queries.append(self.engine.now - self.expiry)
        self.engine.after(self.query_time, then, vars(self.database.post(self.id)))


def _prepare(backend, database, id, query_time, cure, seed) -> tuple[Engine, HotPost]:
    check_number("query_time", query_time, 1e-6)
    check_choice("cure", cure, LEAD)
    post = database.post(id)
    if post is None:
        raise InvalidValue(
            f"id={id!r}: 없는 게시글입니다.", "데이터베이스에 있는 게시글의 번호여야 합니다."
        )
    engine = Engine(seed)
    cache = Cache(backend, clock=lambda: engine.now)
    hot = HotPost(engine, database, cache, id, query_time, cure)
    cache.set(key_of(id), vars(post), hot.expiry, cost=query_time)
    return engine, hot


def _check_crowd(given: str, requests: float) -> None:
    if requests > MOST:
        raise InvalidValue(
            f"{given}: 요청이 {requests:,.0f}건이라 몇 분이 걸립니다.",
            f"요청은 {MOST:,}건까지여야 합니다.",
            "수를 줄이세요. 모양은 백 건으로도 보입니다.",
        )


def _watch(engine: Engine, hot: HotPost) -> Stampede:
    engine.run(hot.expiry + AFTER * hot.query_time)
    return Stampede(hot.queries, hot.reads)
