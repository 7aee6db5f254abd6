"""Kafka에 보내기: 보낸 것마다 브로커의 답을 기다려 메시지나 받지 못한 까닭을 돌려줍니다."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ddialab.blocks.topic import refusal
from ddialab.blocks.topic.client import ASKING, SLICE, Client
from ddialab.blocks.topic.message import MAX_MESSAGE, Message, too_large
from ddialab.core.errors import LabError

REQUEST_TIMEOUT = 10.0  # 초. 이만큼 답이 없으면 다시 보냅니다
OVERHEAD = 500  # 바이트. 메시지를 묶어 보낼 때(record batch) 더해지는 머리
UNKNOWN_OFFSET = -1  # acks=0이면 브로커가 답하지 않아 오프셋을 모릅니다
TOO_LARGE = ("MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "_MSG_SIZE_TOO_LARGE")
LATE = (
    "NOT_ENOUGH_REPLICAS",
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "REQUEST_TIMED_OUT",
    "_MSG_TIMED_OUT",
    "_TIMED_OUT",
)


class KafkaProducer:
    """토픽 ``name``에 보내는 클라이언트. acks=all이면 멱등이라 두 번 적히지 않습니다."""

    def __init__(self, client: Client, name: str, acks: str, answer_timeout: float):
        self.client, self.name, self.acks = client, name, acks
        self.answer_timeout = answer_timeout
        self.limit, self.min_insync = limits(client, name)
        self._raw: Any = None

    def send(self, items: Sequence[tuple]) -> list[Message | LabError]:
        """(파티션, 키, 값, 키의 바이트)들을 보내고 답을 모두 기다립니다."""
        raw = self._open()
        answers: list[Any] = [None] * len(items)
        try:
            for place, (partition, key, value, encoded) in enumerate(items):
                note = partial(_note, answers, place, key)
                self._produce(raw, partition, value, encoded, note)
            while None in answers:
                raw.poll(SLICE)
        except BaseException:  # Ctrl-C: 아직 나가지 않은 것은 보내지 않습니다
            raw.purge()
            raise
        reasons: dict[tuple, LabError] = {}  # 까닭은 한 번만 알아봅니다
        return [self._answer(one, reasons) for one in answers]

    def _produce(self, raw, partition, value, encoded, note) -> None:
        while True:
            try:
                raw.produce(self.name, value, encoded, partition=partition, on_delivery=note)
                raw.poll(0)
                return
            except BufferError:  # 보낼 것이 가득 찼습니다. 답이 와야 자리가 납니다
                raw.poll(SLICE)

    def _answer(self, answer: tuple, reasons: dict) -> Message | LabError:
        error, key, message = answer
        if error is None:
            offset = message.offset() if self.acks != "0" else UNKNOWN_OFFSET
            return Message(message.partition(), offset, key, message.value())
        if error.fatal():
            self._raw = None  # 다음에는 새로 엽니다
        if error.name() in TOO_LARGE:
            size = len(message.key() or b"") + len(message.value())
            return too_large(size, limits(self.client, self.name)[0])
        why = error.name(), message.partition()
        if why not in reasons:
            reasons[why] = self._refused(error, message.partition())
        return reasons[why]

    def _refused(self, error: Any, partition: int) -> LabError:
        """보내지 못한 까닭. 답이 늦은 것이면 토픽이 없거나 복제본이 모자란지 봅니다."""
        if error.name() not in LATE:
            return self.client.told(error)
        where = self.client.where
        try:
            about = self.client.topic(self.name, ASKING)
        except LabError:
            about = None
        else:
            if about is None:
                return refusal.gone(where)
        alive = len(about.partitions[partition].isr) if about else self.min_insync
        if self.acks == "all" and alive < self.min_insync:
            return refusal.not_enough_replicas(where, alive, self.min_insync)
        return refusal.not_delivered(where, f"{self.answer_timeout:g}초를 기다렸음")

    def _open(self) -> Any:
        if self._raw is None:
            self._raw = self.client.producer(
                acks=self.acks,
                enable_idempotence=self.acks == "all",
                linger_ms=0,
                batch_size=min(MAX_MESSAGE, self.limit + OVERHEAD),
                message_max_bytes=2 * MAX_MESSAGE,
                delivery_timeout_ms=max(1, int(self.answer_timeout * 1000)),
                request_timeout_ms=max(1, int(min(self.answer_timeout, REQUEST_TIMEOUT) * 1000)),
            )
        return self._raw


def _note(answers: list, place: int, key: str | None, error: Any, message: Any) -> None:
    answers[place] = (error, key, message)


def limits(client: Client, name: str) -> tuple[int, int]:
    """(메시지 하나의 한도, min.insync.replicas): 브로커가 이 토픽에 정한 것."""
    config = client.config(name)
    most = int(config["max.message.bytes"].value) - OVERHEAD
    return min(MAX_MESSAGE, max(most, 1)), int(config["min.insync.replicas"].value)
