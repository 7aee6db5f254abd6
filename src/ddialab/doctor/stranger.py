"""기다린 서버가 아닐 때 무엇인지 알아봅니다: 몇 가지 말을 걸어 보고 답하는 꼴을 봅니다."""

from __future__ import annotations

import ssl
import struct

from ddialab.doctor.outside import Unreachable, connect, wrap

HTTP, REDIS, POSTGRES, TLS = "웹 서버(HTTP)", "Redis", "PostgreSQL", "TLS"
TEXT = b"GET / HTTP/1.0\r\n\r\n"  # 글로 이야기하는 서버라면 무엇이든 답할 말


def kind(host: str, port: int) -> str:
    """`HTTP`, `REDIS`, `POSTGRES`, `TLS` 가운데 하나. 모르겠으면 빈 문자열."""
    said = _say(host, port, TEXT)
    if said.startswith((b"HTTP/", b"<")):
        return HTTP
    if said.startswith((b"-", b"+")):
        return REDIS
    if _say(host, port, struct.pack(">ii", 8, 80877103)) in (b"S", b"N"):  # TLS를 하는지 묻는 말
        return POSTGRES
    return TLS if speaks_tls(host, port) else ""


def _say(host: str, port: int, sent: bytes) -> bytes:
    """``sent``를 보내고 처음 받은 것."""
    try:
        with connect(host, port) as link:
            link.sendall(sent)
            return link.recv(64)
    except (Unreachable, OSError):
        return b""


def speaks_tls(host: str, port: int) -> bool:
    """인증서는 보지 않습니다. 말이 통하는지만 봅니다."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with connect(host, port) as link:
            wrap(link, host, context).close()
    except (Unreachable, OSError):
        return False
    return True
