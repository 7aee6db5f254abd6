"""Kafka가 거절한 까닭을 독자의 말로: 까닭마다 한 문장, 그리고 할 일."""

from __future__ import annotations

import re

from ddialab.core.address import INSIDE_ONLY
from ddialab.core.errors import BackendUnavailable, InvalidValue, StorageFailure
from ddialab.core.kafka_address import FIX

ACCEPTED = "켜져 있고 TLS 없이 받는 Kafka의 주소(호스트:포트)여야 합니다."
UNKNOWN_TOPIC = "UNKNOWN_TOPIC_OR_PART"
WAIT = "잠시 뒤에 셀을 다시 실행하세요."
SPACE = "브로커의 디스크를 비우고 다시 하세요."
UNKNOWN = "이 메시지가 저장됐는지는 알 수 없습니다. 다시 보내면 두 번 들어갈 수 있습니다."
ASK = "서버의 관리자에게 이름이 ddialab-으로 시작하는 토픽과 그룹의 권한을 달라고 하세요."

# (오류에 든 말, 까닭, 할 일). 앞의 것부터 봅니다
CAUSES = (
    (
        r"AUTHORIZATION_FAILED|SASL|AUTHENTICATION",
        "이 서버는 로그인한 사용자만 받거나, 토픽과 그룹을 만들 권한을 주지 않습니다",
        f"{ASK} {FIX}",
    ),
    (
        r"INVALID_REPLICATION_FACTOR",
        "복제본을 둘 브로커가 모자랍니다",
        "replication을 브로커의 수까지만 적거나, `make kafka BROKERS=3`으로 셋을 띄우세요.",
    ),
    (r"POLICY_VIOLATION|INVALID_CONFIG", "서버의 규칙이 이 토픽을 만들지 못하게 합니다", ASK),
    (r"KAFKA_STORAGE_ERROR", "브로커가 디스크에 쓰지 못했습니다(가득 찼거나 고장)", SPACE),
    (
        f"{UNKNOWN_TOPIC}|_UNKNOWN_PARTITION|_UNKNOWN_TOPIC",
        "토픽이 없어졌습니다(다른 곳에서 지웠을 수 있습니다)",
        "첫 셀부터 다시 실행하면 새로 만듭니다.",
    ),
    (
        r"speaks TLS|SSL listener|Invalid response size 35\d{7}\b",
        "TLS로만 받는 포트입니다",
        f"TLS가 없는 포트(PLAINTEXT)의 주소를 적으세요. {FIX}",
    ),
    (
        r"Invalid response size|_BAD_MSG|UNDERFLOW",
        "Kafka가 아닌 서버가 답했습니다",
        f"호스트와 포트를 확인하세요. Kafka의 기본 포트는 9092입니다. {FIX}",
    ),
    (
        r"Failed to resolve|_RESOLVE",
        "그런 이름의 호스트를 찾지 못했습니다",
        f"호스트의 철자를 확인하세요. {INSIDE_ONLY} {FIX}",
    ),
    (
        r"APIVERSION_QUERY",
        "연결하자마자 끊겼습니다(Kafka가 아닌 서버일 수 있음)",
        f"호스트와 포트를 확인하세요. Kafka의 기본 포트는 9092입니다. {FIX}",
    ),
    (
        r"refused",
        "연결할 수 없습니다(받는 브로커가 없음)",
        f"`make kafka`로 브로커를 켜고 그 주소를 적으세요. {FIX}",
    ),
)


def unavailable(where: str, told: str) -> BackendUnavailable | StorageFailure:
    """거절했거나 닿지 않는 브로커 ``where``. ``told``는 브로커나 클라이언트가 말한 것입니다."""
    for sign, why, todo in CAUSES:
        if re.search(sign, told):
            kind = StorageFailure if todo is SPACE else BackendUnavailable
            return kind(f"{where}: {why}.", ACCEPTED, todo)
    if told.startswith("_"):  # 클라이언트의 오류
        return silent(where)
    name = re.match(r"\w{0,60}", told).group()
    return BackendUnavailable(f"{where}: 요청을 거절했습니다({name}).", ACCEPTED, f"{WAIT} {FIX}")


def gone(where: str) -> BackendUnavailable | StorageFailure:
    """누가 지운 토픽."""
    return unavailable(where, UNKNOWN_TOPIC)


def silent(where: str) -> BackendUnavailable:
    """제때 답하지 않는 브로커."""
    return BackendUnavailable(
        f"{where}: 제때 답하지 않습니다.",
        ACCEPTED,
        f"브로커가 켜져 있는지, 호스트와 방화벽을 확인하세요. {FIX}",
    )


def not_delivered(where: str, why: str) -> BackendUnavailable:
    """정해 둔 시간 안에 받았다는 답이 없는 메시지."""
    return BackendUnavailable(f"{where}: 메시지를 받았다는 답이 없습니다({why}).", UNKNOWN, WAIT)


def not_enough_replicas(where: str, alive: int, needed: int) -> BackendUnavailable:
    """따라온 복제본이 ``min.insync.replicas``보다 적어 쓰기를 받지 않는 파티션."""
    return BackendUnavailable(
        f"{where}: 따라온 복제본이 {alive}개뿐이라 쓰기를 받지 않습니다"
        f"(min.insync.replicas={needed}, acks=all).",
        f"따라온 복제본이 {needed}개 이상이어야 답한 메시지를 지킬 수 있습니다.",
        "죽은 브로커를 다시 켜고, 따라온 뒤에 다시 보내세요.",
    )


def other_partitions(name: str, asked: int, made: int) -> InvalidValue:
    """이미 있는 토픽과 파티션의 수가 다릅니다."""
    return InvalidValue(
        f"partitions={asked}: 토픽 {name}은 파티션이 {made}개입니다.",
        "파티션의 수는 토픽을 처음 만들 때 정해집니다.",
        f"partitions={made}로 열거나 다른 이름으로 새로 만드세요.",
    )
