"""Kafka의 소비자: 그룹은 브로커가 나누고, 무엇을 어떤 차례로 내줄지는 로그의 소비자와 같습니다."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from ddialab.blocks.topic import refusal
from ddialab.blocks.topic.client import ANSWER_TIMEOUT, BRIEF, PASSING, SLICE
from ddialab.blocks.topic.consumer import Consumer
from ddialab.blocks.topic.group import Rebalanced, duplicate
from ddialab.blocks.topic.message import Message

SESSION_TIMEOUT = 6.0  # 초. 이만큼 소식이 없는 소비자는 그룹에서 내보냅니다(브로커의 하한)
HEARTBEAT = 0.2  # 초. 그룹이 바뀐 것을 이 간격으로 압니다
SETTLE_TIMEOUT = 60.0  # 초. 파티션을 다시 나누기를 기다리는 시간
BATCH = 500  # 한 번에 꺼내는 메시지의 수
LOST = ("ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS", "FENCED_INSTANCE_ID")


class KafkaConsumer(Consumer):
    """브로커의 그룹에 들어간 소비자. 돌아왔으면 파티션을 다 나눈 뒤입니다.

    브로커는 모든 소비자가 새 차례를 받아들인 뒤에야 파티션을 나눕니다. 같은 프로세스의 소비자들은
    서로 기다리지 않게, 기다리는 쪽이 다른 소비자의 일까지 처리합니다.
    """

    def __init__(self, topic: Any, group: str, member: str):
        self.topic, self.group, self.member = topic, group, member
        self.lock = threading.RLock()
        self._open, self._last = True, -1
        self._positions: dict[int, int] = {}
        self._given: list[int] = []  # 브로커가 맡긴 파티션들
        self._generation, self._seen = 0, 0  # 브로커가 나눈 횟수, 그 가운데 따라간 것
        self.ready = False  # 지금 나눈 것을 믿어도 되는지
        self._fetched: dict[int, deque] = {}
        self._answers: list[Any] = []  # 커밋의 답
        with self.lock:
            self._join()

    # ── 그룹 ──

    def _join(self) -> None:
        if any(one.member == self.member for one in self._siblings()):
            raise duplicate(self.member)
        client = self.topic.client
        self._client = client.consumer(
            group_id=self.topic.full_group(self.group),
            client_id=self.member,
            enable_auto_commit=False,
            enable_auto_offset_store=False,
            auto_offset_reset="error",
            allow_auto_create_topics=False,
            partition_assignment_strategy="range",
            session_timeout_ms=int(SESSION_TIMEOUT * 1000),
            heartbeat_interval_ms=int(HEARTBEAT * 1000),
            fetch_wait_max_ms=50,
            on_commit=self._on_commit,
        )
        self.topic.joined(self, self._client)
        try:
            with client.explained():
                self._client.subscribe(
                    [self.topic.full_name],
                    on_assign=self._on_assign,
                    on_revoke=self._on_revoke,
                    on_lost=self._on_revoke,
                )
            self._adopt()
        except BaseException:
            self._open = False
            self._leave()
            raise

    def _leave(self) -> None:
        others = [one for one in self._siblings() if one is not self]
        if self.ready:
            for one in others:
                one.ready = False  # 브로커가 곧 다시 나눕니다
        self.topic.left(self, self._client)
        self._client.close()

    def _changed(self) -> bool:
        self._settle()
        return self._seen != self._generation

    def _adopt(self) -> None:
        """새로 맡은 파티션을 커밋한 곳부터 읽습니다."""
        from confluent_kafka import TopicPartition

        self._settle()
        name, client = self.topic.full_name, self.topic.client
        generation, self._fetched = self._generation, {one: deque() for one in self._given}
        asked = [TopicPartition(name, one) for one in self._given]
        with client.explained():
            kept = client.retried(lambda: self._client.committed(asked, timeout=1.0))
            for one in kept:
                one.offset = max(one.offset, 0)
            self._client.assign(kept)
        self._positions = {one.partition: one.offset for one in kept}
        self._seen = generation

    def _settle(self) -> None:
        """브로커가 파티션을 다 나눌 때까지 기다립니다."""
        self._serve(0)
        until = time.monotonic() + SETTLE_TIMEOUT
        while not all(one.ready for one in self._siblings()):
            for one in self._siblings():
                one.serve_if_idle()
            if time.monotonic() > until:
                raise refusal.silent(self.topic.client.where)

    def serve_if_idle(self) -> None:
        """다른 소비자가 부릅니다: 아무도 쓰지 않고 있으면 브로커의 말을 처리합니다."""
        if self.lock.acquire(blocking=False):
            try:
                if self._open:
                    self._serve(BRIEF)
            finally:
                self.lock.release()

    def _siblings(self) -> list[KafkaConsumer]:
        return [one for one in list(self.topic.members) if one.group == self.group]

    def _on_assign(self, client: Any, partitions: list) -> None:
        client.assign([])  # 어디부터 읽을지는 `_adopt`가 정합니다
        self._given = sorted(one.partition for one in partitions)
        self._generation += 1
        self.ready = True

    def _on_revoke(self, client: Any, partitions: list) -> None:
        self.ready = False

    # ── 읽기 ──

    def _ends(self, partitions: Iterable[int]) -> dict[int, int]:
        return self.topic.ends(partitions)

    def _read(self, counts: dict[int, int]) -> dict[int, Iterator[Message]]:
        """파티션마다 ``counts``만큼 도착할 때까지 기다립니다. 그사이 다시 나누면 그만둡니다."""
        until, before = time.monotonic() + ANSWER_TIMEOUT, -1
        while any(len(self._fetched[one]) < count for one, count in counts.items()):
            self._serve(SLICE)
            if not self.ready or self._seen != self._generation:
                return {one: iter(()) for one in counts}
            arrived = sum(map(len, self._fetched.values()))
            if arrived > before:
                until, before = time.monotonic() + ANSWER_TIMEOUT, arrived
            elif time.monotonic() > until:
                raise refusal.silent(self.topic.client.where)
        return {one: self._delivered(one) for one in counts}

    def _delivered(self, partition: int) -> Iterator[Message]:
        from ddialab.blocks.topic.kafka import message_of

        waiting = self._fetched[partition]
        while waiting:
            message = message_of(waiting[0])
            waiting.popleft()
            yield message

    def _serve(self, seconds: float) -> None:
        """브로커의 말을 처리하고, 도착한 메시지를 파티션마다 모아 둡니다."""
        with self.topic.client.explained():
            first = self._client.poll(seconds)
            rest = self._client.consume(BATCH, 0) if first is not None else []
        for raw in [first, *rest] if first is not None else rest:
            if raw.error():
                self._check(raw.error())
            elif raw.partition() in self._fetched:
                self._fetch(raw)

    def _fetch(self, raw: Any) -> None:
        waiting = self._fetched[raw.partition()]
        expected = self._positions.get(raw.partition(), -1) + len(waiting)
        if raw.offset() == expected:  # 자리를 옮기기 전에 떠난 것은 버립니다
            waiting.append(raw)

    def _check(self, error: Any) -> None:
        if error.name() != "_MAX_POLL_EXCEEDED" and error.name() not in PASSING:
            raise self.topic.client.told(error)  # 나머지는 곧 다시 들어가거나 다시 연결합니다

    def _move(self, partition: int, offset: int) -> None:
        from confluent_kafka import KafkaException, TopicPartition

        self._fetched[partition].clear()
        self._positions[partition] = offset
        place = TopicPartition(self.topic.full_name, partition, offset)
        until = time.monotonic() + ANSWER_TIMEOUT
        while True:
            try:
                return self._client.seek(place)
            except KafkaException as error:  # 아직 읽기 시작하지 않은 파티션
                if error.args[0].name() != "_STATE" or time.monotonic() > until:
                    raise self.topic.client.told(error.args[0]) from None
                self._serve(BRIEF)

    # ── 커밋 ──

    def _keep(self, offsets: dict[int, int]) -> None:
        until = time.monotonic() + self.topic.answer_timeout
        while offsets and (error := self._committed(offsets, until)) is not None:
            if error.name() in LOST:
                raise Rebalanced(*self._rebalanced())
            if error.name() not in PASSING or time.monotonic() > until:
                raise self.topic.client.told(error)

    def _committed(self, offsets: dict[int, int], until: float) -> Any:
        """커밋을 보내고 브로커의 답(오류나 None)을 기다립니다."""
        from confluent_kafka import TopicPartition

        name = self.topic.full_name
        self._answers.clear()
        places = [TopicPartition(name, one, offset) for one, offset in offsets.items()]
        with self.topic.client.explained():
            self._client.commit(offsets=places, asynchronous=True)
        while not self._answers:
            self._serve(BRIEF)
            if time.monotonic() > until + ANSWER_TIMEOUT:
                raise refusal.silent(self.topic.client.where)
        return self._answers[0]

    def _on_commit(self, error: Any, partitions: list) -> None:
        wrong = [one.error for one in partitions if one.error]
        self._answers.append(error or (wrong[0] if wrong else None))
