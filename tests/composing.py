"""복합 데이터 시스템의 테스트가 함께 쓰는 것: 데이터베이스, 캐시 서버, 검색 색인 여러 가지."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ddialab.blocks.database import Database
from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.tape import Tape
from ddialab.core.backend import open_redis
from ddialab.core.memory import MemoryStore
from ddialab.service.composite import CompositeService
from postgres_server import postgres_url  # noqa: F401

DATABASES = ("memory", "sqlite", "postgres")
BACKENDS = ("dict", "embedded", "local")


def open_database(kind: str, request: pytest.FixtureRequest) -> Any:
    if kind == "memory":
        return MemoryPosts()
    if kind == "sqlite":
        return Database.open(":memory:")
    return Database.open(request.getfixturevalue("postgres_url"), schema="temporary")


@pytest.fixture(params=DATABASES)
def database(request) -> Iterator[Any]:
    with open_database(request.param, request) as opened:
        yield opened


@pytest.fixture(params=BACKENDS)
def backend(request, monkeypatch) -> Iterator[Any]:
    if request.param == "dict":
        yield MemoryStore()
        return
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", request.param)
    with open_redis() as opened:
        yield opened


def tokens() -> Callable[[], str]:
    """부를 때마다 다른 임차권의 번호."""
    numbers = itertools.count()
    return lambda: str(next(numbers))


def service(way: str, database: Any = None, backend: Any = None, index: Any = None, **more):
    """주지 않은 블록은 메모리의 것인 서비스. outbox면 로그도 있습니다."""
    log = Tape() if way == "outbox" else None
    return CompositeService(
        way,
        MemoryPosts() if database is None else database,
        MemoryStore() if backend is None else backend,
        MemoryIndex() if index is None else index,
        **{"log": log, "token": tokens(), **more},
    )


def stop_before(steps: Iterator[str], name: str) -> Iterator[str]:
    """``name``이라는 단계의 바로 앞에 멈춘 ``steps``."""
    for step in steps:
        if step == name:
            return steps
    raise AssertionError(f"{name}: 그런 단계가 없었습니다")
