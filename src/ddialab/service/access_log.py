"""접근 로그: 적기로 한 필드만, 한 요청에 한 줄.

숨길 것을 고르면(거부 목록) 새로 생긴 필드가 그대로 적힙니다. 그래서 적을 것을 고릅니다(허용 목록).
비밀번호, 토큰, 쿠키, 본문은 적을 자리가 없습니다. 사람은 이름 대신 가명으로 적어, 한 사람의
요청을 모아 볼 수는 있지만 누구인지는 모릅니다.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable
from typing import Any

from ddialab.core.address import shown_url

LONGEST = 200  # 글자. 한 필드에 적는 것


def line(**fields: Any) -> str:
    """`FIELDS`에 있는 것만 그 꼴로 적은 JSON 한 줄. 모르는 필드는 값도 이름도 적지 않습니다."""
    kept = {name: clean(fields[name]) for name, clean in FIELDS.items() if name in fields}
    return json.dumps(kept, ensure_ascii=False)


def naive_line(method: str, path: str, headers: dict[str, str], body: str) -> str:
    """있는 대로 적은 줄: 디버깅에는 편하지만, 로그를 보는 누구나 비밀번호를 봅니다."""
    told = " ".join(f"{name}={value}" for name, value in headers.items())
    return f"{method} {path} {told} {body}"


def pseudonym(key: bytes, user: str) -> str:
    """``user``의 가명. ``key``를 모르면 이름을 넣어 보며 맞힐 수도 없습니다."""
    return hmac.new(key, user.encode(), hashlib.sha256).hexdigest()[:12]


class Allowed(logging.Formatter):
    """`logging`에 거는 형식: 메시지도 인자도 예외의 글도 버리고 `FIELDS`만 적습니다.

    ``logger.info("", extra={"status": 200, …})``처럼 부릅니다. 예외는 종류만 남습니다.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(vars(record))
        if record.exc_info and record.exc_info[0]:
            fields["error"] = record.exc_info[0].__name__
        return line(**fields)


def word(value: Any) -> str:
    """눈에 보이는 글자만, `LONGEST`자까지. 줄바꿈이 든 값으로 거짓 줄을 지어내지 못하게 합니다."""
    shown = str(value)[:LONGEST]
    return "".join(letter if letter.isprintable() else "?" for letter in shown)


def route(value: Any) -> str:
    """경로의 꼴: ? 뒤도 우리의 경로가 아닌 것도 적지 않습니다. 거기에 토큰이 있을 수 있습니다."""
    path = str(value).partition("?")[0]
    found = re.fullmatch(r"/(posts|authors)(/[^/]*)?", path)
    return f"/{found[1]}{'/…' * bool(found[2])}" if found else "…"


def number(value: Any) -> float | None:
    """수이면 그 값. 아니면 None이고, 적힌 글은 버립니다."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


FIELDS: dict[str, Callable[[Any], Any]] = {
    "at": number,
    "who": word,
    "method": word,
    "path": route,
    "status": number,
    "received": number,
    "error": word,
    "server": lambda value: word(shown_url(str(value))),
}
