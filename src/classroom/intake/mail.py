"""메일: 저장한 메일(.eml)에서 낸 날과 붙은 파일들을 꺼냅니다."""

from __future__ import annotations

from contextlib import suppress
from email import message_from_bytes, policy

SUFFIX = ".eml"


def is_mail(name: str) -> bool:
    """이름이 저장한 메일이라고 하는가."""
    return name.lower().endswith(SUFFIX)


def opened(data: bytes) -> tuple[tuple[int, ...], list[tuple[str, bytes]]]:
    """보낸 때(모르면 빈 튜플)와, 붙은 파일마다 이름과 내용. 예외를 내지 않습니다."""
    date, found = (), []
    with suppress(Exception):  # 깨진 메일이 내는 예외는 종류를 다 셀 수 없습니다
        message = message_from_bytes(data, policy=policy.default)
        with suppress(Exception):
            date = tuple(message["Date"].datetime.timetuple()[:6])
        for part in message.walk():
            if (name := part.get_filename()) and not part.is_multipart():
                found.append((name, part.get_payload(decode=True) or b""))
    return date, found
