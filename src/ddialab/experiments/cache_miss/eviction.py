"""축출 재기: 진짜 서버에 메모리보다 많은 키를 읽혀, 무엇이 남는지 INFO로 셉니다."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from ddialab.core.backend import Backend, open_redis
from ddialab.core.errors import InvalidValue, check_integer, check_number
from ddialab.core.refusal import unavailable

BATCH = 20  # 한 번에 읽는 키의 수
VALUE = "글" * 333  # 게시글 하나(약 1 kB)


def measure_eviction(
    keys: Sequence[int],
    maxmemory: int,
    policies: Sequence[str] = ("allkeys-random", "allkeys-lru", "allkeys-lfu"),
    *,
    seconds: float = 0.0,
) -> dict:
    """같은 요청 ``keys``를 축출 정책마다 서버 하나씩에 캐시 어사이드로 읽힙니다.

    ``maxmemory``는 서버마다의 메모리 한도(바이트), ``seconds``는 재생하는 데 들일 시간(초)이고
    0이면 되도록 빨리 돌립니다. 적중률과 축출 수는 앞의 3분의 1을 뺀 나머지에서 INFO로 셉니다.
    ``{"server", "seconds", "policies": {정책: {"hit_ratio", "evicted", "kept"}}}``를 돌려줍니다.
    축출하지 못하는 서버면 `MissingCapability`, 도중에 서버가 죽으면 `BackendUnavailable`.
    """
    import redis

    if check_integer("len(keys)", len(keys)) < 3 * BATCH:
        raise InvalidValue(f"요청이 {len(keys)}개뿐입니다.", f"{3 * BATCH}개 이상이어야 합니다.")
    check_number("seconds", seconds, 0)
    with ExitStack() as stack:
        servers = {}
        for policy in policies:
            server = stack.enter_context(open_redis(maxmemory=maxmemory, policy=policy))
            server.require("evicts", "무엇이 축출되는지 재려고 합니다.")
            servers[policy] = server
        try:
            before, took = _replay(servers, [f"post:{key}" for key in keys], seconds)
            counted = {p: _count(server, before[p]) for p, server in servers.items()}
        except redis.RedisError as error:
            raise unavailable(error, "축출을 재던 서버") from None
        return {"server": servers[policies[0]].name, "seconds": took, "policies": counted}


def _replay(servers: dict[str, Backend], keys: list[str], seconds: float) -> tuple[dict, float]:
    """``keys``를 모든 서버에 나란히 읽힙니다. 예열이 끝난 때의 INFO와 걸린 시간을 돌려줍니다."""
    start, before = time.monotonic(), {}
    for position in range(0, len(keys), BATCH):
        for policy, server in servers.items():
            if policy not in before and position >= len(keys) / 3:
                before[policy] = server.client.info("stats")
            _read(server.client, keys[position : position + BATCH])
        due = start + seconds * position / len(keys)
        time.sleep(max(0.0, due - time.monotonic()))
    return before, time.monotonic() - start


def _read(client, keys: list[str]) -> None:
    found = client.mget(keys)
    writes = client.pipeline(transaction=False)
    for key, value in zip(keys, found, strict=True):
        if value is None:
            writes.set(key, VALUE)
    writes.execute()


def _count(server: Backend, before: dict) -> dict:
    after = server.client.info("stats")
    hits, misses, evicted = (
        after[name] - before[name] for name in ("keyspace_hits", "keyspace_misses", "evicted_keys")
    )
    kept = server.client.dbsize()
    return {"hit_ratio": hits / (hits + misses), "evicted": evicted, "kept": kept}
