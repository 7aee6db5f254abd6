"""요청의 크기와 꼴: 읽기 전에 크기를, 넘기기 전에 꼴을 봅니다.

받는 것을 적고(허용 목록) 나머지는 거절합니다. 크기를 본 다음에 읽으므로, 거절한 본문은 메모리에
없습니다. 천천히 보내며 연결을 붙드는 요청(slowloris)은 마감이 끊습니다.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from ddialab.blocks.posts import check_text
from ddialab.core.errors import InvalidValue, check_integer, check_positive

BODY = 64 * 1024  # 바이트. 게시글 하나(만 글자)를 담고도 남습니다
SECONDS = 5.0  # 요청 하나를 다 받을 때까지
SHORT = 100  # 글자. 이름이나 번호 같은 짧은 문자열
# 경로마다 받는 필드와 타입. 하나도 빠지거나 남으면 안 됩니다. 글쓴이는 세션이 정하므로 없습니다
SHAPES: dict[str, dict[str, type]] = {"/posts": {"key": str, "text": str, "private": bool}}


class Rejected(InvalidValue):
    """읽거나 넘기지 않기로 한 요청. ``status``는 답할 HTTP 상태입니다."""

    def __init__(self, status: int, problem: str, accepted: str = "", todo: str = ""):
        super().__init__(problem, accepted, todo)
        self.status = status


def length_of(headers: Mapping[str, str], most: int = BODY) -> int:
    """본문의 바이트 수. 적혀 있지 않거나 ``most``보다 크면 한 바이트도 읽지 않고 거절합니다."""
    told = headers.get("Content-Length")
    if told is None or headers.get("Transfer-Encoding") is not None:
        raise Rejected(411, "본문의 크기(Content-Length)가 없습니다.", "크기를 먼저 알려야 합니다.")
    if not (told.isascii() and told.isdigit()):
        raise Rejected(400, f"Content-Length={told[:SHORT]!r}: 크기가 아닙니다.")
    if len(told) > 12 or int(told) > most:
        raise Rejected(413, f"본문이 {told[:12]}바이트입니다.", f"{most:,}바이트까지 받습니다.")
    return int(told)


def parsed(body: bytes, shape: Mapping[str, type]) -> dict[str, Any]:
    """``body``의 JSON. ``shape``의 필드가 그 타입으로 하나씩 있는 평평한 객체여야 합니다."""
    try:
        found = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:  # 겹겹이 여는 괄호, 깨진 글자, 끝없는 수
        raise Rejected(400, f"JSON으로 읽을 수 없습니다({type(error).__name__}).") from None
    accepted = ", ".join(f"{name}({kind.__name__})" for name, kind in shape.items())
    if not isinstance(found, dict) or found.keys() != shape.keys():
        raise Rejected(400, f"필드가 맞지 않습니다: {_names(found)}.", f"받는 필드: {accepted}.")
    for name, value in found.items():
        if type(value) is not shape[name]:
            raise Rejected(400, f"{name}: {type(value).__name__}입니다.", f"받는 필드: {accepted}.")
        if type(value) is str:
            check_text(name, value)
    return found


class Punctual(io.RawIOBase):
    """마감이 있는 소켓: 한 바이트씩 자주 보내도 `start`부터 ``seconds``초 안에 끝나야 합니다.

    마감이 지나면 `TimeoutError`. ``received``는 지금까지 받은 바이트의 수입니다.
    """

    def __init__(
        self,
        connection: Any,
        seconds: float = SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ):
        super().__init__()
        self.seconds, self.received = check_positive("seconds", seconds), 0
        self._connection, self._clock = connection, clock
        self.start()

    def start(self) -> None:
        """다음 요청을 기다립니다. 마감도 지금부터 다시 셉니다."""
        self._until = self._clock() + self.seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - self._clock()
        if left <= 0:
            raise TimeoutError("마감이 지났습니다.")
        self._connection.settimeout(left)
        got = self._connection.recv_into(buffer)
        self.received += got
        return got


def read(stream: Any, length: int) -> bytes:
    """``stream``에서 ``length``바이트를 읽습니다. 마감이 지나거나 도중에 끊기면 `Rejected`."""
    check_integer("length", length, 0)
    try:
        body = stream.read(length)
    except TimeoutError:
        raise Rejected(408, "본문이 제때 다 오지 않았습니다.") from None
    if len(body) < length:
        raise Rejected(
            400, f"본문이 {len(body)}바이트에서 끊겼습니다.", f"{length}바이트여야 합니다."
        )
    return body


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """같은 이름이 두 번이면 읽는 프로그램마다 다른 것을 봅니다."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("같은 이름의 필드가 둘입니다.")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant}는 JSON의 수가 아닙니다.")


def _names(found: Any) -> str:
    if not isinstance(found, dict):
        return type(found).__name__
    return ", ".join(f"{name[:SHORT]!r}" for name in list(found)[:5]) or "없음"
