"""Kafka의 토픽: 독자가 띄운 브로커에 만든 우리 토픽 하나. 제품의 클라이언트로 이야기합니다.

독자의 서버입니다. 이름이 ``ddialab-``으로 시작하는, 우리가 만든 토픽과 그룹만 읽고 고칩니다.
"""

from __future__ import annotations

import os
import re
import threading
import time
import uuid
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any

from ddialab.blocks.topic import refusal
from ddialab.blocks.topic.client import ANSWER_TIMEOUT, ASKING, BRIEF, SLICE, Client
from ddialab.blocks.topic.disk import MAX_PARTITIONS, check_topic_name
from ddialab.blocks.topic.group import check_name
from ddialab.blocks.topic.kafka_consumer import KafkaConsumer
from ddialab.blocks.topic.kafka_producer import KafkaProducer
from ddialab.blocks.topic.message import Message, check_message, check_pairs, key_of
from ddialab.blocks.topic.topic import Topic, unknown_group
from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    LabError,
    check_choice,
    check_integer,
    check_positive,
)

ACKS = ("0", "1", "all")
REPLICATION = 3  # 브로커가 셋 이상이면 두는 복제본의 수
PREFIX = r"ddialab-[a-z0-9-]{1,60}-"
REMOVE_TIMEOUT = 10.0  # 초. 닫을 때 토픽을 지웠다는 답을 기다리는 시간


class KafkaTopic(Topic):
    """``bootstrap``(독자의 ``KAFKA_BOOTSTRAP``)의 Kafka에 만든 토픽 ``name``.

    ``acks``는 보낸 메시지를 몇 대가 적은 뒤에 답할지입니다: "0"은 기다리지 않고, "1"은 리더만,
    "all"은 따라온 복제본(in-sync replica)이 모두. "all"일 때 따라온 것이 ``min_insync``보다 적으면
    브로커가 받지 않습니다. ``replication``은 복제본의 수이고, 없으면 브로커의 수(`REPLICATION`까지)
    입니다. ``min_insync``가 없으면 복제본의 수보다 하나 적습니다(적어도 1).

    ``prefix``가 없으면 겹치지 않는 이름으로 만들어 닫을 때 지웁니다. 적으면 그 이름으로 만들거나
    이어서 사용하고 `drop`으로만 지웁니다.
    """

    def __init__(
        self,
        name: str,
        partitions: int,
        bootstrap: str,
        acks: str = "all",
        *,
        replication: int | None = None,
        min_insync: int | None = None,
        prefix: str = "",
        answer_timeout: float = ANSWER_TIMEOUT,
    ):
        self.name = check_topic_name(name)
        self.partitions = check_integer("partitions", partitions, 1, MAX_PARTITIONS)
        self.acks = check_choice("acks", acks, ACKS)
        self.answer_timeout = check_positive("answer_timeout", answer_timeout)
        self.prefix = _own_prefix(prefix) if prefix else f"ddialab-{uuid.uuid4().hex[:12]}-"
        self.full_name = self.prefix + name
        self.lock = threading.RLock()
        self.client: Client | None = Client(bootstrap)
        self.members: list[KafkaConsumer] = []
        self._turn = 0
        self._used: dict[str, str] = {}  # 닫을 때 지울 그룹들: {이름: 브로커에 적힌 이름}
        self._clients: list[Any] = []  # 닫을 클라이언트들
        self._release = None
        self._asker = self.client.consumer(group_id=self.full_name, enable_auto_commit=False)
        self._clients.append(self._asker)
        if not prefix:
            # 닫지 않고 끝나도 지웁니다. 강제로 죽으면 남습니다
            arguments = (self.client.admin, self.full_name, self._used, self._clients)
            self._release = weakref.finalize(self, _remove, *arguments, os.getpid())
        try:
            self._make(replication, min_insync)
            self._producer = KafkaProducer(self.client, self.full_name, acks, answer_timeout)
        except BaseException:
            self.close()
            raise

    def send_many(self, pairs: Iterable[tuple[str | None, bytes]]) -> list[Message | LabError]:
        held = check_pairs(pairs)
        self._client()
        limit = self._producer.limit
        checked = [(key, value, check_message(key, value, limit)) for key, value in held]
        with self.lock:
            return self._producer.send([(self._next(key), key, *rest) for key, *rest in checked])

    # ── 읽기 ──

    def end(self, partition: int) -> int:
        return self.ends([self.check_partition(partition)])[partition]

    def ends(self, partitions: Iterable[int]) -> dict[int, int]:
        """파티션마다 다음 메시지가 받을 오프셋."""
        return {partition: self._end(partition) for partition in partitions}

    def _end(self, partition: int) -> int:
        from confluent_kafka import TopicPartition

        client, place = self._client(), TopicPartition(self.full_name, partition)
        ask = partial(self._asker.get_watermark_offsets, place, timeout=ASKING)
        with client.explained():
            _, high = client.retried(ask)
        return high

    def read(self, partition: int, start: int = 0, end: int | None = None) -> Iterator[Message]:
        last = self.end(partition)
        start = check_integer("start", start, 0, last)
        end = last if end is None else check_integer("end", end, start, last)
        return self._from(partition, start, end) if start < end else iter(())

    def _from(self, partition: int, start: int, end: int) -> Iterator[Message]:
        from confluent_kafka import TopicPartition

        client = self._client()
        reader = client.consumer(group_id=self.full_name, enable_auto_commit=False)
        try:
            reader.assign([TopicPartition(self.full_name, partition, start)])
            until = time.monotonic() + ANSWER_TIMEOUT
            while start < end:
                raw = reader.poll(SLICE)
                if raw is None or raw.error():
                    if time.monotonic() > until:
                        raise refusal.silent(client.where)
                    continue
                until = time.monotonic() + ANSWER_TIMEOUT
                if start <= raw.offset() < end:
                    start = raw.offset() + 1
                    yield message_of(raw)
        finally:
            reader.close()

    # ── 그룹 ──

    def consumer(self, group: str, member: str = "consumer") -> KafkaConsumer:
        check_name("group", group)
        check_name("member", member)
        self._client()
        return KafkaConsumer(self, group, member)

    @property
    def groups(self) -> list[str]:
        here = {one.group for one in self.members}
        return sorted(here | {name for name in self._used if self._offsets(name)})

    def committed(self, group: str) -> dict[int, int]:
        kept = self._offsets(check_name("group", group))
        if not kept and group not in {one.group for one in self.members}:
            raise unknown_group(group, self.groups)
        return dict.fromkeys(range(self.partitions), 0) | kept

    def lag(self, group: str) -> int:
        done = self.committed(group)
        ends = self.ends(done)
        return sum(ends[one] - done[one] for one in done)

    def full_group(self, group: str) -> str:
        """브로커에 적는 그룹의 이름."""
        return f"{self.full_name}.{group}"

    def joined(self, one: KafkaConsumer, raw: Any) -> None:
        """들어온 소비자를 기억합니다: 닫지 않고 끝나도 나가게 합니다."""
        self.members.append(one)
        self._clients.append(raw)
        self._used[one.group] = self.full_group(one.group)

    def left(self, one: KafkaConsumer, raw: Any) -> None:
        self.members.remove(one)
        self._clients.remove(raw)

    def _offsets(self, group: str) -> dict[int, int]:
        """브로커가 기억하는, 커밋한 적 있는 파티션의 오프셋."""
        from confluent_kafka import ConsumerGroupTopicPartitions

        client = self._client()
        asked = [ConsumerGroupTopicPartitions(self.full_group(group))]

        def ask():
            (future,) = client.admin.list_consumer_group_offsets(
                asked, request_timeout=ASKING
            ).values()
            return future.result(2 * ASKING)

        with client.explained():
            kept = client.retried(ask).topic_partitions
        return {one.partition: one.offset for one in kept if one.offset >= 0}

    # ── 토픽 ──

    def close(self) -> None:
        """소비자를 모두 내보내고 닫습니다. 스스로 지은 이름의 토픽은 지웁니다."""
        for one in list(self.members):
            one.close()
        while self._clients:
            self._clients.pop().close()
        self.client = None
        if self._release is not None:
            self._release()

    def drop(self) -> None:
        """토픽과 그 그룹들을 브로커에서 지우고 닫습니다."""
        if self.client is not None:
            admin = self.client.admin
            for one in list(self.members):
                one.close()
            _remove(admin, self.full_name, self._used, self._clients, os.getpid())
        self.close()

    def _client(self) -> Client:
        if self.client is None:
            raise BackendUnavailable(
                f"토픽 {self.full_name}: 이미 닫았습니다.",
                "열려 있는 토픽이어야 합니다.",
                "KafkaTopic으로 다시 여세요.",
            )
        return self.client

    def _make(self, replication: int | None, min_insync: int | None) -> None:
        """토픽이 없으면 만듭니다. 만든 뒤에는 모든 파티션에 리더가 있습니다."""
        client = self._client()
        brokers = client.brokers()
        copies = min(REPLICATION, brokers) if replication is None else replication
        check_integer("replication", copies, 1)
        needed = max(1, copies - 1) if min_insync is None else min_insync
        check_integer("min_insync", needed, 1)
        about = client.topic(self.full_name)
        if about is None:
            self._create(copies, needed)
        about = self._led()
        if len(about.partitions) != self.partitions:
            raise refusal.other_partitions(self.full_name, self.partitions, len(about.partitions))

    def _create(self, copies: int, needed: int) -> None:
        from confluent_kafka import KafkaException
        from confluent_kafka.admin import NewTopic

        config = {"min.insync.replicas": str(needed)}
        new = NewTopic(self.full_name, self.partitions, copies, config=config)
        client = self._client()
        (made,) = client.admin.create_topics([new], request_timeout=ANSWER_TIMEOUT).values()
        with client.explained():
            try:
                made.result(ANSWER_TIMEOUT)
            except KafkaException as error:  # 같은 이름으로 다른 곳에서 먼저 만들었습니다
                if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                    raise

    def _led(self) -> Any:
        """파티션마다 리더가 정해질 때까지 기다립니다."""
        client, until = self._client(), time.monotonic() + ANSWER_TIMEOUT
        while time.monotonic() < until:
            about = client.topic(self.full_name)
            if about is not None and all(one.leader is not None for one in about.partitions):
                return about
            time.sleep(BRIEF)
        raise refusal.silent(client.where)


def message_of(raw: Any) -> Message:
    """클라이언트가 준 메시지를 우리 것으로. 키가 UTF-8이 아니면 `InvalidValue`."""
    key = key_of(raw.key(), raw.partition(), raw.offset())
    return Message(raw.partition(), raw.offset(), key, raw.value() or b"")


def _own_prefix(prefix: str) -> str:
    if isinstance(prefix, str) and re.fullmatch(PREFIX, prefix):
        return prefix
    raise InvalidValue(
        f"prefix={prefix!r}: 쓸 수 없는 머리말입니다.",
        "ddialab-으로 시작하고 -로 끝나며 소문자와 숫자와 -만 있어야 합니다.",
        "브로커에 있는 남의 토픽과 섞이지 않게 하려는 것입니다.",
    )


def _remove(admin, topic: str, groups: dict, clients: list, pid: int) -> None:
    """우리 소비자를 내보내고 우리 그룹과 토픽을 지웁니다."""
    if os.getpid() != pid:  # fork로 갈라진 자식은 부모의 토픽을 지우지 않습니다
        return
    while clients:
        clients.pop().close()
    names = list(groups.values())
    futures = []
    with suppress(Exception):  # 서버가 먼저 사라졌을 수 있습니다
        if names:
            asked = admin.delete_consumer_groups(names, request_timeout=REMOVE_TIMEOUT)
            futures += asked.values()
        futures += admin.delete_topics([topic], request_timeout=REMOVE_TIMEOUT).values()
    for future in futures:
        with suppress(Exception):
            future.result(REMOVE_TIMEOUT)
