"""메시지: 토픽에 든 기록 하나. 키가 같은 메시지는 같은 파티션에 차례대로 쌓입니다."""

from __future__ import annotations

from typing import NamedTuple

from ddialab.core.engine import seed_of
from ddialab.core.errors import InvalidValue, StorageFailure, check_all, check_integer

MAX_MESSAGE = 1_000_000  # 바이트. 키와 값을 더한 크기. Kafka의 기본 한도(1,048,588)에 들어갑니다
KEY_SIZE = 4  # 바이트. 기록의 맨 앞에 적는 키의 길이. 키가 없으면 0, 있으면 길이 + 1


class Message(NamedTuple):
    """``partition``의 ``offset``번(0부터) 메시지. ``key``는 None일 수 있습니다."""

    partition: int
    offset: int
    key: str | None
    value: bytes


def partition_of(key: str | None, partitions: int, turn: int = 0) -> int:
    """``key``의 파티션. 키가 같으면 어디서나 같고, 키가 없으면 ``turn``을 따라 돕니다."""
    check_integer("partitions", partitions, 1)
    return (turn if key is None else seed_of(0, key)) % partitions


def check_message(key: object, value: object, most: int = MAX_MESSAGE) -> bytes | None:
    """보낼 수 있는 키와 값이면 키의 바이트(없으면 None)를 돌려주고, 아니면 `InvalidValue`."""
    if key is not None and not isinstance(key, str):
        raise InvalidValue(
            f"key={str(key)[:40]!r}: 문자열이 아닙니다.",
            "키는 문자열이나 None이어야 합니다.",
            "번호라면 str(번호)로 적으세요.",
        )
    if not isinstance(value, bytes):
        raise InvalidValue(
            f"value={str(value)[:40]!r}: bytes가 아닙니다.",
            f"키와 값을 더해 {most:,}바이트 이하의 bytes여야 합니다.",
            "문자열이면 .encode()를 붙이세요.",
        )
    encoded = None if key is None else _encoded(key)
    size = len(encoded or b"") + len(value)
    if size > most:
        raise too_large(size, most)
    return encoded


def check_pairs(pairs: object) -> list[tuple]:
    """(키, 값)들의 리스트. 둘씩이 아니면 `InvalidValue`."""
    held = check_all("pairs", pairs, tuple)
    for pair in held:
        if len(pair) != 2:
            raise InvalidValue(
                f"pairs에 든 것={str(pair)[:40]!r}: 둘이 아닙니다.",
                "(키, 값)의 시퀀스여야 합니다.",
                "키가 없으면 (None, 값)으로 적으세요.",
            )
    return held


def too_large(size: int, most: int) -> InvalidValue:
    """한도를 넘은 메시지. 아무것도 적지 않았습니다."""
    return InvalidValue(
        f"키와 값이 {size:,}바이트입니다: 메시지 하나의 한도를 넘었습니다.",
        f"{most:,}바이트 이하여야 합니다.",
        "큰 것은 파일이나 데이터베이스에 두고 그 이름만 보내거나, 나누어 보내세요.",
    )


def text_of(message: Message) -> str:
    """``message``의 값을 UTF-8로 읽은 텍스트. UTF-8이 아니면 `InvalidValue`."""
    return _decoded(message.value, "값", message.partition, message.offset)


def key_of(data: bytes | None, partition: int, offset: int) -> str | None:
    """다른 프로그램이 적었을 수도 있는 키의 바이트를 읽습니다. UTF-8이 아니면 `InvalidValue`."""
    return None if data is None else _decoded(data, "키", partition, offset)


def pack(key: bytes | None, value: bytes) -> bytes:
    """로그에 적을 기록의 내용."""
    size = 0 if key is None else len(key) + 1
    return size.to_bytes(KEY_SIZE, "big") + (key or b"") + value


def unpack(payload: bytes, partition: int, offset: int) -> Message:
    """`pack`한 기록을 메시지로 되돌립니다. 토픽이 적은 기록이 아니면 `StorageFailure`."""
    start = KEY_SIZE + max(int.from_bytes(payload[:KEY_SIZE], "big") - 1, 0)
    if len(payload) < max(start, KEY_SIZE):
        raise StorageFailure(
            f"파티션 {partition}의 {offset}번 기록은 토픽이 적은 것이 아닙니다.",
            "토픽이 만든 로그 파일이어야 합니다.",
            f"건너뛰려면 소비자를 seek({partition}, {offset + 1})로 옮기세요.",
        )
    key = payload[KEY_SIZE:start] if any(payload[:KEY_SIZE]) else None
    return Message(partition, offset, key_of(key, partition, offset), payload[start:])


def _encoded(key: str) -> bytes:
    try:
        return key.encode()
    except ValueError:  # 짝이 없는 서러게이트는 UTF-8로 적을 수 없습니다
        raise InvalidValue(
            f"key={key[:40]!r}: UTF-8로 적을 수 없는 글자가 있습니다.",
            "키는 UTF-8로 적을 수 있는 문자열이어야 합니다.",
            "바이트를 그대로 보내려면 키 대신 값(value)에 담으세요.",
        ) from None


def _decoded(data: bytes, part: str, partition: int, offset: int) -> str:
    try:
        return data.decode()
    except ValueError:
        raise InvalidValue(
            f"파티션 {partition}의 {offset}번 메시지의 {part}={data[:20]!r}: UTF-8이 아닙니다.",
            "UTF-8로 적은 텍스트여야 합니다.",
            f"값은 message.value로 바이트째 읽고, 키를 읽지 못하면 소비자를 "
            f"seek({partition}, {offset + 1})로 옮겨 건너뛰세요.",
        ) from None
