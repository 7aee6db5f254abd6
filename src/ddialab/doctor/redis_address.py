"""REDIS_URL: 닿는지, Redis 프로토콜로 답하는지, 실습이 사용해도 되는 빈 자리인지. 읽기만 합니다."""

from __future__ import annotations

import re
import ssl
from urllib.parse import parse_qs, unquote, urlsplit

from ddialab.core.address import read_redis_url
from ddialab.core.errors import BackendUnavailable
from ddialab.doctor.finding import Finding, bad, good, misread
from ddialab.doctor.outside import Link, Unreachable, connect, why, wrap

FORM = "REDIS_URL=redis://주소:6379/번호"
MEANINGS = (  # (답의 첫머리, 무엇이 잘못됐나, 할 일)
    ("NOAUTH", "비밀번호가 있어야 합니다", "REDIS_URL=redis://사용자:비밀번호@주소:6379/번호"),
    ("WRONGPASS", "사용자 이름이나 비밀번호가 맞지 않습니다", "REDIS_URL의 비밀번호를 고치세요"),
    ("ERR invalid password", "비밀번호가 맞지 않습니다", "REDIS_URL의 비밀번호를 고치세요"),
    ("ERR Client sent AUTH", "비밀번호가 없는 서버입니다", "REDIS_URL에서 비밀번호를 지우세요"),
    ("ERR AUTH", "비밀번호가 없는 서버입니다", "REDIS_URL에서 비밀번호를 지우세요"),
    (
        "NOPERM",
        "이 사용자에게 허락되지 않은 명령이나 키입니다",
        "ACL에서 ~ddialab:* +get +set +del +ping +select를 허락하세요",
    ),
    ("MOVED", "클러스터의 한 노드입니다", "클러스터가 아닌 서버의 주소를 적으세요"),
    ("CLUSTERDOWN", "클러스터의 한 노드입니다", "클러스터가 아닌 서버의 주소를 적으세요"),
    ("LOADING", "데이터를 읽는 중입니다", "잠시 뒤에 make doctor를 다시 치세요"),
    ("DENIED", "보호 모드라 다른 컴퓨터의 연결을 받지 않습니다", "서버에 비밀번호를 설정하세요"),
    ("ERR max number of clients", "연결 한도(maxclients)가 다 찼습니다", "다른 연결을 끊으세요"),
    ("ERR DB index", "그런 번호의 데이터베이스가 없습니다", "주소 끝의 번호를 0으로 고치세요"),
    ("ERR SELECT is not allowed", "데이터베이스가 0번뿐입니다", "주소 끝의 번호를 0으로 고치세요"),
    ("BUSY", "오래 걸리는 스크립트를 실행하고 있습니다", "끝난 뒤에 make doctor를 다시 치세요"),
    ("MASTERDOWN", "주 서버와 끊긴 복제본입니다", "주 서버의 주소를 적으세요"),
)


class Refused(Exception):
    """서버의 오류 답."""


def check(url: str) -> Finding:
    """``url``의 서버에 물어본 결과 한 줄. 비밀번호는 나오지 않습니다."""
    try:
        parts = urlsplit(read_redis_url(url))
        host, port, number = _place(parts)
    except BackendUnavailable as error:
        return misread(error)
    except ValueError:
        return bad("REDIS_URL: 주소를 읽을 수 없습니다", FORM)
    where = f"REDIS_URL({host if host.startswith('/') else f'{host}:{port}'}/{number})"
    try:
        with _connected(parts, host, port) as link:
            return _ask(Talk(link), parts, number, where)
    except Refused as error:
        return _refused(where, str(error))
    except Unreachable as error:
        return bad(f"{where}: {error}", _remedy(str(error), parts.scheme))
    except OSError as error:
        return bad(f"{where}: {why(error)}", "서버의 기록을 보세요")


def _place(parts) -> tuple[str, int, int]:
    """(호스트나 소켓의 경로, 포트, 데이터베이스의 번호). 읽을 수 없으면 ValueError."""
    query = parse_qs(parts.query)
    in_path = "" if parts.scheme == "unix" else parts.path.strip("/")
    number = int(query.get("db", [in_path or "0"])[0])
    if parts.scheme == "unix" and parts.path:
        return parts.path, 0, number
    return parts.hostname or "localhost", parts.port or 6379, number


def _connected(parts, host: str, port: int) -> Link:
    link = connect(host, port)
    if parts.scheme != "rediss":
        return link
    try:
        return wrap(link, host, _context(parts.query))
    except (Unreachable, OSError):
        link.close()
        raise


def _context(query: str) -> ssl.SSLContext:
    """주소의 ? 뒤에 적은 대로 믿는 TLS."""
    options = {key: values[0] for key, values in parse_qs(query).items()}
    context = ssl.create_default_context(
        cafile=options.get("ssl_ca_certs"), capath=options.get("ssl_ca_path")
    )
    if "ssl_certfile" in options:
        context.load_cert_chain(options["ssl_certfile"], options.get("ssl_keyfile"))
    trusting = options.get("ssl_cert_reqs") == "none"
    named = options.get("ssl_check_hostname", "").lower() not in ("false", "0", "no", "n", "f")
    context.check_hostname = named and not trusting
    if trusting:
        context.verify_mode = ssl.CERT_NONE
    return context


class Talk:
    """RESP2로 묻고 답을 받습니다."""

    def __init__(self, link: Link):
        self._link, self._file = link, link.makefile("rb")

    def ask(self, *words: str):
        packed = [word.encode() for word in words]
        sent = b"*%d\r\n" % len(packed) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in packed)
        self._link.sendall(sent)
        line = self._file.readline().decode("utf-8", "replace").rstrip("\r\n")
        kind, rest = line[:1], line[1:]
        if kind == "-":
            raise Refused(rest)
        if kind == "$" and re.fullmatch(r"-1|\d{1,9}", rest):
            body = self._file.read(int(rest) + 2) if int(rest) >= 0 else b""
            return body.decode("utf-8", "replace")
        if kind == "+":
            return rest
        raise Unreachable(_not_redis(line))


def _not_redis(line: str) -> str:
    if line.startswith("HTTP/"):
        return "Redis가 아니라 웹 서버(HTTP)입니다"
    if not line:
        return "답하지 않고 연결을 끊습니다(TLS 포트일 수 있음)"
    return "Redis 프로토콜로 답하지 않습니다"


def _ask(talk: Talk, parts, number: int, where: str) -> Finding:
    user, password = _login(parts)
    if user or password:
        talk.ask("AUTH", *filter(None, [user]), password)
    talk.ask("PING")
    info = _info(talk)
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = info.get("valkey_version") or info.get("redis_version")
    name = f"{name} {version}" if version else "Redis 호환 서버"
    if problem := _unfit(info):
        return bad(f"{where}: {name}, {problem}", "쓰기를 받는 서버 하나의 주소를 적으세요")
    if number:
        talk.ask("SELECT", str(number))
    talk.ask("GET", "ddialab:doctor")  # 실습의 키를 읽어도 되는지. 그런 키는 없습니다
    return good(f"{where}: {name}, 실습이 쓸 수 있습니다")


def _login(parts) -> tuple[str, str]:
    """(사용자 이름, 비밀번호). redis-py처럼 호스트 앞의 것이 ? 뒤의 것보다 먼저입니다."""
    query = parse_qs(parts.query)
    user = unquote(parts.username or "") or query.get("username", [""])[0]
    return user, unquote(parts.password or "") or query.get("password", [""])[0]


def _info(talk: Talk) -> dict[str, str]:
    """INFO의 답. 막아 두었거나 모르는 서버라도 실습은 되므로 빈 사전입니다."""
    try:
        lines = talk.ask("INFO").splitlines()
    except Refused as error:
        if str(error).startswith(("NOPERM", "ERR unknown command")):
            return {}
        raise
    return dict(line.split(":", 1) for line in lines if ":" in line)


def _unfit(info: dict[str, str]) -> str:
    """실습이 쓸 수 없는 서버인 까닭."""
    mode = info.get("redis_mode") or info.get("server_mode")
    if mode in ("cluster", "sentinel"):
        return f"{mode} 모드입니다"
    if info.get("loading") == "1":
        return "데이터를 읽는 중입니다"
    return "읽기 전용 복제본입니다" if info.get("role") in ("slave", "replica") else ""


def _refused(where: str, said: str) -> Finding:
    for start, what, todo in MEANINGS:
        if said.startswith(start):
            return bad(f"{where}: {what}", todo)
    return bad(f"{where}: 명령을 거절합니다({said.split(' ')[0]})", "서버의 설정을 보세요")


def _remedy(why_not: str, scheme: str) -> str:
    if "인증서" in why_not:
        return "REDIS_URL 끝에 ?ssl_ca_certs=/경로/ca.pem을 붙이세요"
    if "TLS" in why_not:
        return "REDIS_URL을 {}://로 적으세요".format("redis" if scheme == "rediss" else "rediss")
    return f"서버를 켜거나 주소를 고치세요: {FORM}"
