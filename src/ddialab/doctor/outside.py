"""바깥에 물어보는 것들: 명령 하나의 답, 포트, 소켓. 진찰에서 이 모듈만 프로세스와 소켓을 씁니다."""

from __future__ import annotations

import errno
import os
import socket
import ssl
import subprocess
from typing import NamedTuple

Link = socket.socket  # 다른 모듈이 소켓을 만들지 않고도 이름을 쓰게
SECONDS = 5.0  # 초. 명령이나 서버의 답을 기다리는 시간
QUIET = {"PYTHONDONTWRITEBYTECODE": "1"}


class Answer(NamedTuple):
    """명령의 종료 코드와 출력, 오류 출력. 실행하지 못했으면 코드가 None입니다."""

    code: int | None
    out: str
    err: str

    @property
    def last_words(self) -> str:
        lines = (self.err or self.out).strip().splitlines()
        return lines[-1].strip()[:200] if lines else f"종료 코드 {self.code}"


def run(*argv: str) -> Answer:
    """``argv``를 실행해 답을 받습니다. 없는 명령이거나 답이 없어도 오류를 내지 않습니다."""
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS * 4,
            encoding="utf-8", errors="replace", env={**os.environ, **QUIET},
        )  # fmt: skip
    except (OSError, ValueError) as error:
        return Answer(None, "", getattr(error, "strerror", None) or str(error))
    except subprocess.TimeoutExpired:
        return Answer(None, "", f"{SECONDS * 4:g}초 안에 끝나지 않았습니다")
    return Answer(done.returncode, done.stdout, done.stderr)


def is_free(port: int) -> bool:
    """이 컴퓨터의 ``port``를 열 수 있는가. 열었다가 바로 닫습니다."""
    with socket.socket() as probe:
        if os.name == "posix":  # 방금 닫힌 연결이 남은 포트는 빈 것입니다
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class Unreachable(Exception):
    """닿지 못한 까닭. 문장으로 이어 쓸 수 있는 한국어입니다."""


def connect(host: str, port: int) -> socket.socket:
    """``host``에 TCP로 연결합니다. ``host``가 /로 시작하면 유닉스 소켓입니다."""
    try:
        if host.startswith("/"):
            return _connect_unix(host)
        return socket.create_connection((host, port), SECONDS)
    except UnicodeError:  # 점이 겹쳤거나 너무 길어 물어볼 수 없는 이름
        raise Unreachable("호스트의 이름이 아닙니다") from None
    except OSError as error:
        raise Unreachable(why(error)) from None


def _connect_unix(path: str) -> socket.socket:
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(SECONDS)
    try:
        link.connect(path)
    except OSError:
        link.close()
        raise
    return link


def wrap(link: socket.socket, host: str, context: ssl.SSLContext) -> socket.socket:
    """``link``를 TLS로 감쌉니다."""
    try:
        return context.wrap_socket(link, server_hostname=host)
    except OSError as error:
        raise Unreachable(why(error)) from None


def why(error: OSError) -> str:
    """연결 오류를 한국어로. 주소에 든 비밀번호가 섞이지 않게 오류의 원문은 옮기지 않습니다."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"인증서를 믿을 수 없습니다({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return "TLS로 답하지 않습니다"
    if isinstance(error, socket.gaierror):
        return "그런 이름의 호스트를 찾지 못했습니다"
    if isinstance(error, socket.timeout):
        return f"{SECONDS:g}초 안에 답하지 않습니다"
    if error.errno in (errno.ECONNREFUSED, errno.ENOENT):
        return "연결할 수 없습니다(받는 서버가 없음)"
    return f"연결할 수 없습니다({error.strerror or type(error).__name__})"
