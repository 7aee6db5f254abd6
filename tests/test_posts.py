"""게시글 서비스와 캐시 스탬피드."""

import pytest

from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.blocks.flight import SharedFlight
from ddialab.blocks.memory import MemoryPosts
from ddialab.core.backend import open_redis
from ddialab.core.errors import InvalidValue
from ddialab.core.memory import MemoryStore
from ddialab.experiments.cache_miss.stampede import LEAD, expire_at_once, expire_under_load
from ddialab.service.posts import PostService


@pytest.fixture(params=["memory", "embedded", "local"])
def backend(request, monkeypatch):
    if request.param == "memory":
        yield MemoryStore()
        return
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", request.param)
    with open_redis() as opened:
        yield opened


@pytest.fixture(params=["sqlite", "memory"])
def database(request):
    with Database.open(":memory:") if request.param == "sqlite" else MemoryPosts() as opened:
        opened.insert_post("나래", "첫 글")
        yield opened


def asked(database, action):
    """``action()``의 답과 그동안 데이터베이스에 간 쿼리의 수."""
    before = database.queries
    return action(), database.queries - before


@pytest.mark.parametrize("flights", [None, SharedFlight()])
def test_the_second_read_does_not_reach_the_database(backend, database, flights):
    service = PostService(database, Cache(backend), flights=flights)
    first, queries = asked(database, lambda: service.read(1))
    assert queries == 1
    assert asked(database, lambda: service.read(1)) == (first, 0)
    assert first.text == "첫 글"


def test_without_a_cache_every_read_reaches_the_database(database):
    service = PostService(database)
    for _ in range(3):
        assert asked(database, lambda: service.read(1))[1] == 1
    service.edit(1, "고침")
    assert service.read(1).text == "고침"


def test_what_was_written_is_what_is_read(backend, database):
    service = PostService(database, Cache(backend))
    post = service.publish("다온", "원래 글")
    assert service.read(post.id) == post
    service.edit(post.id, "고친 글")
    assert service.read(post.id).text == "고친 글"
    assert service.delete(post.id)
    assert service.read(post.id) is None
    assert not service.delete(post.id)
    assert service.edit(post.id, "없는 글") is None


def test_an_edit_behind_the_service_shows_after_the_ttl(backend, database):
    now = 0.0
    service = PostService(database, Cache(backend, clock=lambda: now), ttl=60)
    service.read(1)
    database.update(1, "몰래 고친 글")  # 캐시를 모르는 누군가가 고쳤습니다
    now = 59.9
    assert service.read(1).text == "첫 글"
    now = 60.0
    assert service.read(1).text == "몰래 고친 글"


@pytest.mark.parametrize(("cure", "queries"), [("none", 50), ("single-flight", 1)])
def test_everybody_at_once(backend, database, cure, queries):
    outcome, counted = asked(
        database,
        lambda: expire_at_once(backend, database, 1, clients=50, query_time=0.1, cure=cure),
    )
    assert len(outcome.queries) == queries
    assert counted == queries + 1  # 처음에 캐시를 채운 한 번
    assert outcome.waited == 50
    assert [wait for _, wait in outcome.reads] == pytest.approx([0.1] * 50)


@pytest.mark.parametrize("cure", LEAD)
def test_a_crowd_that_would_take_minutes_is_refused(backend, database, cure):
    with pytest.raises(InvalidValue, match=r"clients=1000000: 요청이 1,000,000건.*20,000건까지"):
        expire_at_once(backend, database, 1, clients=10**6, cure=cure)
    with pytest.raises(InvalidValue, match="rate=10000000"):
        expire_under_load(backend, database, 1, rate=10**7, cure=cure)


def test_a_flight_is_shared_only_while_it_lasts(backend, database):
    """답이 온 뒤의 요청은 캐시에서 읽습니다. 아무도 두 번 답을 받지 않습니다."""
    settings = {"rate": 200, "query_time": 0.1, "cure": "single-flight"}
    outcome = expire_under_load(backend, database, 1, **settings)
    assert len(outcome.queries) == 1
    assert all(wait == 0 for when, wait in outcome.reads if when > outcome.queries[0] + 0.1)
    assert max(wait for _, wait in outcome.reads) == pytest.approx(0.1)


@pytest.mark.parametrize("cure", LEAD)
def test_same_seed_same_outcome_on_any_server(database, monkeypatch, cure):
    def expire(backend):
        return expire_under_load(backend, database, 1, rate=60, query_time=0.1, cure=cure, seed=3)

    outcomes = [expire(MemoryStore())]
    for kind in ("embedded", "local"):
        monkeypatch.setenv("DDIALAB_BACKEND", kind)
        with open_redis() as backend:
            outcomes.append(expire(backend))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize(
    "wrong",
    [{"rate": 0}, {"query_time": -1}, {"query_time": "1"}, {"cure": "prayer"}, {"id": 99}],
)
def test_bad_settings(database, monkeypatch, wrong):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    settings = {"id": 1, "rate": 10, "query_time": 0.1, **wrong}
    with open_redis() as backend, pytest.raises(InvalidValue):
        expire_under_load(backend, database, settings.pop("id"), **settings)
