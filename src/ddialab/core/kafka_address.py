"""Kafka의 주소(``KAFKA_BOOTSTRAP``)를 읽습니다. 규칙은 `core.address`의 것입니다."""

from __future__ import annotations

import re
import string

from ddialab.core.address import AROUND, HIDDEN, UNSEEN, fault_of_hosts, unfilled
from ddialab.core.errors import InvalidValue

FIX = "KAFKA_BOOTSTRAP을 고치고 커널을 다시 시작하세요. 비우면 이 컴퓨터의 파일을 사용합니다."
FORM = "호스트:포트를 쉼표로 이은 꼴이어야 합니다(예: 127.0.0.1:9092,127.0.0.1:9093)."
PLAIN_ONLY = "실습은 인증도 TLS도 없는 포트(PLAINTEXT)에만 접속합니다."


def read_kafka_bootstrap(typed: str) -> str:
    """Kafka의 주소: 빈칸과 되풀이한 것을 뺀 ``호스트:포트[,호스트:포트]``.

    읽을 수 없으면 `InvalidValue`. 비밀번호일 수 있는 것은 보여 주지 않습니다.
    """
    text = typed.strip(string.whitespace + UNSEEN + AROUND)
    places = [place.strip() for place in text.split(",")]
    if fault := unfilled(text) or _fault(text, places):
        why, todo = fault
        raise InvalidValue(
            f"KAFKA_BOOTSTRAP={_shown(text)}: 주소를 읽을 수 없습니다({why}).",
            FORM,
            f"{todo} {FIX}".strip(),
        )
    return ",".join(dict.fromkeys(places))


def _shown(text: str) -> str:
    """비밀번호가 들어갈 자리가 없는 꼴이면 그대로, 아니면 줄임표."""
    return text if re.fullmatch(r"[A-Za-z0-9.,:\[\]_-]{1,200}", text) else "…"


def _fault(text: str, places: list[str]) -> tuple[str, str] | None:
    """(틀린 까닭, 할 일). 맞으면 None입니다."""
    if fault := _not_kafka(text):
        return fault
    if "" in places:
        return "쉼표 사이가 비어 있음", "쉼표를 하나만 적으세요."
    if re.search(rf"[\s;{UNSEEN}]", ",".join(places)):
        return f"빈칸이나 ;가 있음, {HIDDEN}", "브로커들의 사이는 쉼표로 적으세요."
    if re.search(r"[/?#@=%\\]", text):
        return f"호스트와 포트가 아닌 것이 있음, {HIDDEN}", "호스트:포트만 적으세요."
    return next(filter(None, map(_fault_of_place, places)), None)


def _fault_of_place(place: str) -> tuple[str, str] | None:
    """브로커 하나의 (틀린 까닭, 할 일). 맞으면 None입니다."""
    if place.count(":") > 1 and "[" not in place:
        return "호스트를 읽을 수 없음", "IPv6 주소는 [::1]:9092처럼 감싸세요."
    host, separator, port = place.rpartition(":")
    if not separator or place.endswith("]"):
        return "포트가 없음", "끝에 :9092처럼 포트를 적으세요."
    if not host:
        return "호스트가 없음", "쌍점 앞에 브로커의 이름이나 주소를 적으세요."
    if not (port.isascii() and port.isdigit() and 0 < int(port[:9]) < 65536):
        return "포트가 1부터 65535까지의 수가 아님", "쌍점 뒤의 포트를 고치세요."
    if fault_of_hosts(host):
        return "호스트가 이름이나 주소가 아님", "호스트의 철자를 확인하세요."
    return None


def _not_kafka(text: str) -> tuple[str, str] | None:
    """다른 것을 적었으면 그것을 짚고, 어떻게 적을지."""
    for pattern, meant, todo in (
        (r"KAFKA_BOOTSTRAP\s*=|bootstrap[._]servers\s*=", "앞에 다른 말이 있음",
         "KAFKA_BOOTSTRAP=이나 bootstrap.servers= 같은 말은 빼고 호스트부터 적으세요."),
        (r"^(?:ssl|sasl_\w+)://", "인증이나 TLS가 있는 포트임", PLAIN_ONLY),
        (r"sasl|password|username", f"인증의 설정임, {HIDDEN}", PLAIN_ONLY),
        (r"^postgres", "PostgreSQL의 주소임", "DATABASE_URL에 적으세요."),
        (r"^(?:redis|valkey)s?:", "Redis의 주소임", "REDIS_URL에 적으세요."),
        (r"^https?://.*:8083\b", "Kafka Connect의 주소임", "브로커의 주소를 적으세요."),
        (r"^https?://", "웹 주소(HTTP)임",
         "검색 서버면 OPENSEARCH_URL에, Kafka면 앞의 http://를 떼고 브로커의 포트를 적으세요."),
        (r"^[\w+.-]+://", "앞에 ://가 있음", "앞부분을 떼고 호스트:포트만 적으세요."),
        (r"@", f"@가 있음, {HIDDEN}", PLAIN_ONLY),
    ):  # fmt: skip
        if re.search(pattern, text, re.IGNORECASE):
            return meant, todo
    return None
