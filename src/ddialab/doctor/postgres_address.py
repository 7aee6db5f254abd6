"""DATABASE_URL: 닿는지, PostgreSQL 프로토콜로 답하는지, 쓸 권한이 있는지. 읽기만 합니다."""

from __future__ import annotations

import re
import ssl
import struct
from typing import NamedTuple
from urllib.parse import unquote

from ddialab.blocks.refusal import cause
from ddialab.core.address import read_database_url
from ddialab.core.errors import InvalidValue
from ddialab.doctor.finding import BAD, WARN, Finding, bad, good, misread, warn
from ddialab.doctor.outside import SECONDS, Link, Unreachable, connect, why, wrap

FORM = "DATABASE_URL=postgresql://사용자:비밀번호@주소:5432/이름"
MEANINGS = {  # SQLSTATE: (무엇이 잘못됐나, 할 일)
    "3D000": ("그런 이름의 데이터베이스가 없습니다", "createdb로 만들거나 주소의 이름을 고치세요"),
    "28000": ("이 사용자는 접속할 수 없습니다", "사용자 이름과 서버의 pg_hba.conf를 확인하세요"),
    "28P01": ("비밀번호가 맞지 않습니다", "DATABASE_URL의 비밀번호를 고치세요"),
    "53300": ("연결 한도(max_connections)가 다 찼습니다", "다른 연결을 끊으세요"),
    "57P03": ("서버가 켜지거나 꺼지는 중입니다", "잠시 뒤에 make doctor를 다시 치세요"),
    "08P01": ("연결 풀러가 거절합니다", "풀러의 설정에 이 데이터베이스와 사용자를 넣으세요"),
}
ENCODINGS = {"UTF8", "SQL_ASCII", "EUC_KR", "MULE_INTERNAL"}  # 한글이 들어가는 것들
NOT_INSTALLED = warn("psycopg: 아직 설치하지 않았습니다", "")
SSL_REQUEST = struct.pack("!II", 8, 80877103)
PASSWORDS = {3, 5, 10}  # 비밀번호를 묻는 인증: 그대로, MD5, SASL


class Place(NamedTuple):
    """libpq가 주소에서 읽을 것들. ``hosts``의 /로 시작하는 것은 유닉스 소켓입니다."""

    hosts: list
    name: str
    user: str
    mode: str


def check(url: str) -> Finding:
    """``url``의 서버에 물어본 결과 한 줄. 비밀번호는 나오지 않습니다."""
    try:
        url = read_database_url(url)
        place = _place(url)
    except InvalidValue as error:
        return misread(error)
    except ValueError:
        return bad("DATABASE_URL: 주소를 읽을 수 없습니다", FORM)
    shown = ",".join(host if host[0] == "/" else f"{host}:{port}" for host, port in place.hosts)
    where = f"DATABASE_URL({shown}/{place.name})"
    inside = _look_inside(url, where)
    if inside.level != WARN:
        return inside
    found = _reach(where, place)
    unknown = inside.todo and found.level != BAD  # 인사는 받지만 들여보내지 않습니다
    return bad(inside.what, inside.todo) if unknown else found


def _reach(where: str, place: Place) -> Finding:
    """실습처럼 앞의 호스트부터 연결해 보고, 되는 것이 없으면 마지막의 까닭입니다."""
    for host, port in place.hosts:
        try:
            found = _greet(where, host, port, place)
        except Unreachable as error:
            found = bad(f"{where}: {error}", f"서버를 켜거나 주소를 고치세요: {FORM}")
        except OSError as error:
            found = bad(f"{where}: {why(error)}", "서버의 기록을 보세요")
        if found.level != BAD:
            break
    return found


def _place(url: str) -> Place:
    """libpq처럼 읽습니다: ? 뒤의 것이 앞의 것을 덮고, 호스트는 여럿일 수 있습니다."""
    login, _, rest = url.partition("://")[2].rpartition("@")
    hosts, path, query = re.fullmatch(r"([^/?]*)(/[^?]*)?(?:\?(.*))?", rest).groups("")
    pairs = (option.partition("=") for option in query.split("&") if option)
    options = {key: unquote(value) for key, _, value in pairs}
    user = options.get("user") or unquote(login.partition(":")[0])
    name = options.get("dbname") or unquote(path[1:]) or user
    typed = [
        re.fullmatch(r"\[(.*)\](?::(.*))?|([^:]*)(?::(.*))?", host) for host in hosts.split(",")
    ]
    names = [unquote(found[1] or found[3] or "") for found in typed]
    ports = [found[2] or found[4] or "" for found in typed]
    where = options.get("hostaddr") or options.get("host")
    names = where.split(",") if where else names
    ports = options["port"].split(",") if "port" in options else ports
    ports = ports * len(names) if len(ports) == 1 else ports
    both = zip(names, ports)  # noqa: B905 - 낡은 Python의 zip은 strict를 모릅니다
    found = [(_host(name, port or "5432"), int(port or 5432)) for name, port in both]
    return Place(found, name, user, options.get("sslmode", "prefer"))


def _host(name: str, port: str) -> str:
    name = name or "/var/run/postgresql"
    return f"{name}/.s.PGSQL.{port}" if name[0] == "/" else name


def _greet(where: str, host: str, port: int, place: Place) -> Finding:
    _, name, user, mode = place
    link = connect(host, port)
    try:
        if host[0] != "/" and mode != "disable":
            link = _encrypt(link, host, mode)
        words = ["user", user or "postgres", "database", name or user or "postgres", "", ""]
        body = struct.pack("!I", 196608) + "\0".join(words[:4]).encode() + b"\0\0"
        link.sendall(struct.pack("!I", len(body) + 4) + body)
        return _hear(link.makefile("rb"), where)
    finally:
        link.close()


def _encrypt(link: Link, host: str, mode: str) -> Link:
    link.sendall(SSL_REQUEST)
    answer = link.recv(1)
    if answer == b"N" and mode not in ("require", "verify-ca", "verify-full"):
        return link
    if answer == b"N":
        raise Unreachable(f"TLS가 없는 서버인데 sslmode={mode}입니다")
    if answer != b"S":
        raise Unreachable("PostgreSQL 프로토콜로 답하지 않습니다")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # 확인은 libpq가 합니다
    return wrap(link, host, context)


def _hear(file, where: str) -> Finding:
    """인증을 묻거나 거절할 때까지 듣습니다."""
    version = ""
    while head := file.read(5):
        if len(head) < 5 or not 4 <= struct.unpack("!I", head[1:])[0] < 1 << 16:
            break
        kind, body = head[:1], file.read(struct.unpack("!I", head[1:])[0] - 4)
        if kind == b"E":
            return _refused(where, body)
        if kind == b"R" and struct.unpack("!I", body[:4])[0] in PASSWORDS:
            return good(f"{where}: PostgreSQL이 답합니다. 비밀번호는 .venv가 생긴 뒤에 확인합니다")
        if kind == b"S" and body.startswith(b"server_version\0"):
            version = body.split(b"\0")[1].decode("utf-8", "replace")
        if kind == b"Z":
            return good(f"{where}: PostgreSQL {version}, 접속할 수 있습니다")
    raise Unreachable("PostgreSQL 프로토콜로 답하지 않습니다")


def _refused(where: str, body: bytes) -> Finding:
    fields = {part[:1]: part[1:].decode("utf-8", "replace") for part in body.split(b"\0") if part}
    code = fields.get(b"C", "")
    other = MEANINGS.get(code, (f"거절합니다(SQLSTATE {code})", "서버의 기록을 보세요"))
    what, todo = cause(fields.get(b"M", "")) or other
    return bad(f"{where}: {what}", todo)


def _look_inside(url: str, where: str) -> Finding:
    """psycopg이 있으면 실습처럼 들어가서 버전과 권한을 봅니다.

    psycopg이 없거나(할 일이 없음) 들어가지 못한 까닭을 모르면 참고(`WARN`)입니다.
    """
    try:
        import psycopg
    except ImportError:
        return NOT_INSTALLED
    ask = (
        "SELECT current_setting('server_version'), pg_is_in_recovery(),"
        " current_setting('default_transaction_read_only') = 'on',"
        " current_setting('server_encoding'),"
        " has_database_privilege(current_database(), 'CREATE')"
    )
    try:
        settings = {"connect_timeout": int(SECONDS), "client_encoding": "utf8"}
        with psycopg.connect(url, prepare_threshold=None, **settings) as link:
            link.read_only = True
            version, standby, frozen, encoding, may_create = link.execute(ask).fetchone()
    except psycopg.ProgrammingError:
        return bad(f"{where}: 주소를 읽을 수 없습니다", FORM)
    except psycopg.Error as error:
        return _failed(where, error)
    if problem := _unfit(standby, frozen, encoding, may_create):
        what, todo = problem
        return bad(f"{where}: PostgreSQL {version}, {what}", todo)
    return good(f"{where}: PostgreSQL {version}, 실습이 쓸 수 있습니다")


def _unfit(standby: bool, frozen: bool, encoding: str, may_create: bool):
    """실습이 쓸 수 없는 데이터베이스이면 (까닭, 할 일)."""
    if standby:
        return "읽기 전용 복제본입니다", "주 서버의 주소를 적으세요"
    if frozen:
        todo = "쓰기를 받는 주소를 적거나 default_transaction_read_only를 끄세요"
        return "읽기 전용으로 설정되어 있습니다", todo
    if encoding not in ENCODINGS:
        todo = "CREATE DATABASE 이름 ENCODING 'UTF8' TEMPLATE template0"
        return f"인코딩이 {encoding}이라 한글을 담지 못합니다", todo
    if not may_create:
        return "스키마를 만들 권한이 없습니다", "GRANT CREATE ON DATABASE 이름 TO 사용자"
    return None


def _failed(where: str, error: Exception) -> Finding:
    """들어가지 못한 까닭을 실습과 같은 말로. 원문은 주소의 조각이 섞일 수 있어 옮기지 않습니다."""
    found = cause(str(error)) or MEANINGS.get(getattr(error, "sqlstate", None) or "")
    if found:
        return bad(f"{where}: {found[0]}", found[1])
    todo = "사용자, 비밀번호, 데이터베이스와 ? 뒤의 옵션을 확인하세요"
    return warn(f"{where}: 접속할 수 없습니다", todo)
