"""서버의 로그에 적힌 문장들이 누구의 테이블을 부르나."""

from __future__ import annotations

import re
from collections.abc import Iterable

NAMED = re.compile(
    r"\b(?:FROM|INTO|UPDATE|JOIN|TABLE(?: IF NOT EXISTS)?|TRUNCATE|COPY|ON|SCHEMA)\s+"
    r"([a-z_][\w.]*)",
    re.IGNORECASE,
)
OURS = re.compile(r"ddialab(_\w+)?(\.\w+)?|pg_catalog\.\w+|information_schema\.\w+")
WORDS = {"conflict", "schema", "stdin", "set"}  # ON CONFLICT, ON SCHEMA처럼 이름이 아닌 것
BORDER = "BEGIN; SET LOCAL search_path TO ddialab"  # 트랜잭션을 열며 보내는, 우리 이름만 있는 문장


def strangers(statements: Iterable[str]) -> set[str]:
    """우리 스키마의 이름을 붙이지 않고 무엇인가를 부르는 문장들."""
    found = set()
    for sql in (one for one in statements if not one.startswith(BORDER)):
        plain = re.sub(r"'(?:[^']|'')*'", "''", sql)
        names = {name.lower() for name in NAMED.findall(plain)} - WORDS
        if any(not OURS.fullmatch(name) for name in names):
            found.add(sql)
    return found
