"""서버가 받은 명령을 모두 적어, 누구의 키를 부르는지 봅니다."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis

from waiting import BOUND

# 키를 부르지 않는 명령들
KEYLESS = {"PING", "INFO", "CLIENT", "SELECT", "AUTH", "MULTI", "EXEC", "UNWATCH"}
# 첫 낱말이 키(나 채널)인 명령들. 나머지 낱말은 값입니다
FIRST = {"GET", "SET", "TTL", "PEXPIRE", "RPUSH", "LPOP", "LLEN", "PUBLISH", "SUBSCRIBE"}
FIRST |= {"XADD", "XACK", "XAUTOCLAIM", "XPENDING", "XRANGE"}
SECOND = {"XGROUP", "XINFO"}  # 첫 낱말은 무엇을 할지입니다
END = "monitoring:end"


@contextmanager
def monitored(client: Any) -> Iterator[list[list[str]]]:
    """``with`` 안에서 ``client``의 서버가 받은 명령들(낱말의 리스트)."""
    commands: list[list[str]] = []
    settings = client.connection_pool.connection_kwargs
    # 한참 조용해도 듣기를 그만두지 않게, 기다리는 시간에 한도가 없는 연결로 듣습니다
    patient = redis.Redis(settings["host"], settings["port"], socket_timeout=None)
    with patient, patient.monitor() as monitor:
        listener = threading.Thread(target=_listen, args=(monitor, commands), daemon=True)
        listener.start()
        try:
            yield commands
        finally:
            client.get(END)
            listener.join(BOUND)
        assert commands.pop() == ["GET", END], "끝까지 듣지 못했습니다"


def _listen(monitor: Any, commands: list[list[str]]) -> None:
    while not commands or END not in commands[-1]:
        name, *words = monitor.next_command()["command"].split()
        commands.append([name.upper(), *words])


def foreign(commands: list[list[str]]) -> list[list[str]]:
    """실습의 키가 아닌 것을 부르거나, 서버 전체를 건드리는 명령들."""
    return [command for command in commands if not _ours(command)]


def _ours(command: list[str]) -> bool:
    name, *words = command
    if name in FIRST:
        words = words[:1]
    elif name in SECOND:
        words = words[1:2]
    elif name == "XREADGROUP":
        words = words[words.index("STREAMS") + 1 :][:1]
    elif name not in ("DEL", "WATCH"):
        return name in KEYLESS
    return all(word.startswith("ddialab:") for word in words)
