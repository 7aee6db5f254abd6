"""서버가 쓸 포트: 남의 서버가 먼저 답하는 번호는 쓰지 않습니다."""

from __future__ import annotations

import socket
from collections.abc import Iterable

from ddialab.core.errors import BackendUnavailable
from ddialab.core.workspace import LOOPBACK


def answers(port: int) -> bool:
    """이 컴퓨터의 ``port``에서 누가 답하는가."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def check_free(port: int) -> int:
    """독자가 고른 포트가 비어 있으면 돌려줍니다."""
    if answers(port):
        raise BackendUnavailable(
            f"PORT={port}: 다른 프로그램이 쓰고 있는 포트입니다.",
            "비어 있는 번호여야 합니다.",
            "다른 번호를 적거나 PORT를 빼세요.",
        )
    return port


def free(ports: Iterable[int]) -> list[int]:
    """``ports`` 가운데 아무도 답하지 않는 번호들."""
    return [port for port in ports if not answers(port)]
