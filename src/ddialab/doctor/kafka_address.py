"""KAFKA_BOOTSTRAP: 닿는지, Kafka로 답하는지, 브로커들에 모두 닿는지. 만들지 않고 묻기만 합니다."""

from __future__ import annotations

import struct
from typing import NamedTuple

from ddialab.core.errors import InvalidValue
from ddialab.core.kafka_address import PLAIN_ONLY, read_kafka_bootstrap
from ddialab.doctor import stranger
from ddialab.doctor.finding import Finding, bad, good, misread, warn
from ddialab.doctor.outside import SECONDS, Link, Unreachable, connect

START = "make kafka로 띄우거나 주소를 고치세요: KAFKA_BOOTSTRAP=호스트:9092"
PORT = "브로커의 주소와 포트를 적으세요: KAFKA_BOOTSTRAP=호스트:9092"
ANSWER = SECONDS  # 초. Kafka가 아닌 서버는 첫 물음에 답하지 않고 기다리기도 합니다
API_VERSIONS, METADATA, PRODUCE = 18, 3, 0  # Kafka 프로토콜의 요청 번호
LONGEST = 1 << 20  # 바이트. 이보다 긴 답은 Kafka의 것이 아닙니다


class Wrong(Exception):
    """그 주소가 틀린 (까닭, 할 일). ``away``는 받는 서버가 없다는 뜻입니다."""

    def __init__(self, what: str, todo: str, away: bool = False):
        super().__init__(what)
        self.what, self.todo, self.away = what, todo, away


class Asked(NamedTuple):
    """주소 하나에 물어본 결과: 알려 준 브로커들, 아니면 틀린 까닭."""

    place: str
    brokers: list[str]
    wrong: Wrong | None


def check(text: str) -> Finding:
    """``text``의 브로커마다 물어본 결과 한 줄."""
    try:
        places = read_kafka_bootstrap(text).split(",")
    except InvalidValue as error:
        return misread(error)
    asked = [_ask(place) for place in places]
    broken = [one for one in asked if one.wrong]
    if not broken:
        return _around(asked)
    first = next((one for one in broken if not one.wrong.away), broken[0])
    where, wrong = f"KAFKA_BOOTSTRAP({first.place})", first.wrong
    if wrong.away and len(broken) < len(asked):
        left = len(asked) - len(broken)
        return warn(
            f"{where}: {wrong.what}. 나머지 {left}개로 실습할 수 있습니다",
            "그 브로커를 켜거나 주소에서 빼세요",
        )
    return bad(f"{where}: {wrong.what}", wrong.todo)


def _around(asked: list[Asked]) -> Finding:
    """브로커들이 서로를 알려 주는 주소에도 닿는지. 클라이언트는 그 주소로 다시 접속합니다."""
    where = f"KAFKA_BOOTSTRAP({asked[0].place})"
    brokers = list(dict.fromkeys(broker for one in asked for broker in one.brokers))
    if not brokers:
        return bad(f"{where}: 요청을 받는 브로커가 없습니다", "서버의 기록을 보세요")
    for broker in brokers:
        try:
            connect(*_split(broker)).close()
        except Unreachable as error:
            return bad(
                f"{where}: Kafka지만, 브로커가 알려 주는 주소 {broker}에 {error}",
                "브로커의 advertised.listeners를 여기서 닿는 주소로 고치세요",
            )
    return good(f"{where}: Kafka, 브로커 {len(brokers)}개, 실습이 쓸 수 있습니다")


def _split(place: str) -> tuple[str, int]:
    host, _, port = place.rpartition(":")
    return host.strip("[]"), int(port)


# ── 주소 하나 ─────────────────────────────────────────────────────


def _ask(place: str) -> Asked:
    try:
        return Asked(place, _brokers(*_split(place)), None)
    except Wrong as wrong:
        return Asked(place, [], wrong)


def _brokers(host: str, port: int) -> list[str]:
    """클러스터의 브로커들. Kafka가 아니거나 실습이 쓸 수 없는 포트이면 `Wrong`."""
    try:
        link = connect(host, port)
    except Unreachable as error:
        raise Wrong(str(error), START, away=True) from None
    with link:
        link.settimeout(ANSWER)
        known = _versions(_exchange(link, API_VERSIONS, 0))
        if known is None:
            raise _other(host, port)
        if PRODUCE not in known:
            raise Wrong("브로커가 아니라 컨트롤러의 포트입니다", PORT)
        link.settimeout(SECONDS)
        found = _listed(_exchange(link, METADATA, 1, struct.pack(">i", 0)))
    if found is None:
        raise Wrong("사용자 이름과 비밀번호(SASL)를 요구합니다", PLAIN_ONLY)
    return found


def _exchange(link: Link, key: int, version: int, body: bytes = b"") -> bytes:
    """물음 하나의 답. Kafka의 꼴이 아니거나 끊기거나 답이 없으면 빈 바이트입니다."""
    name = b"ddialab"
    head = struct.pack(">hhih", key, version, 1, len(name)) + name
    try:
        link.sendall(struct.pack(">i", len(head + body)) + head + body)
        size = _exactly(link, 4)
        length = struct.unpack(">i", size)[0] if len(size) == 4 else 0
        answer = _exactly(link, length) if 4 <= length <= LONGEST else b""
    except OSError:
        return b""
    return answer[4:] if answer[:4] == struct.pack(">i", 1) else b""


def _exactly(link: Link, length: int) -> bytes:
    read = b""
    while len(read) < length:
        more = link.recv(length - len(read))
        if not more:
            return b""
        read += more
    return read


def _versions(answer: bytes) -> set[int] | None:
    """서버가 아는 요청의 번호들. Kafka의 답이 아니면 None."""
    try:
        error, count = struct.unpack_from(">hi", answer)
        rows = [struct.unpack_from(">hhh", answer, 6 + 6 * i) for i in range(count)]
    except struct.error:
        return None
    return {key for key, _, _ in rows} if error == 0 else None


def _listed(answer: bytes) -> list[str] | None:
    """``호스트:포트``들. 읽을 수 없으면(답하지 않고 끊으면) None."""
    found = []
    try:
        (count,) = struct.unpack_from(">i", answer)
        at = 4
        for _ in range(count):
            host, at = _text(answer, at + 4)
            (port,) = struct.unpack_from(">i", answer, at)
            _, at = _text(answer, at + 4)
            found.append(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    except (struct.error, UnicodeDecodeError):
        return None
    return found


def _text(answer: bytes, at: int) -> tuple[str, int]:
    """``at``에 적힌 문자열과 그다음 자리. 길이가 음수이면 없는 문자열입니다."""
    (length,) = struct.unpack_from(">h", answer, at)
    end = at + 2 + max(length, 0)
    return answer[at + 2 : end].decode("utf-8"), end


# ── Kafka가 아닌 것 ───────────────────────────────────────────────

OTHER = {
    stranger.HTTP: ("Kafka가 아니라 웹 서버(HTTP)입니다", PORT),
    stranger.REDIS: ("Kafka가 아니라 Redis입니다", "REDIS_URL에 적으세요"),
    stranger.POSTGRES: ("Kafka가 아니라 PostgreSQL입니다", "DATABASE_URL에 적으세요"),
    stranger.TLS: ("TLS로만 이야기하는 포트입니다", PLAIN_ONLY),
    "": ("Kafka 프로토콜로 답하지 않습니다", START),
}


def _other(host: str, port: int) -> Wrong:
    """Kafka로 답하지 않는 서버가 무엇인지."""
    return Wrong(*OTHER[stranger.kind(host, port)])
