"""진짜 Kafka에서 브로커를 죽입니다: 답한 메시지는 어떤 acks에서 남는가.

여기서 죽이는 브로커는 `core.kafka.start_brokers`로 띄운 것입니다.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ddialab.blocks.topic.kafka import KafkaTopic
from ddialab.blocks.topic.message import Message
from ddialab.core.errors import BackendUnavailable

WRITES = 100  # 팔로워를 멈추고 보내는 메시지의 수
PATIENCE = 3.0  # 초. acks=all로 보낸 것의 답을 기다리는 시간
BATCH = 20  # 한 번에 보내는 메시지의 수
FETCH_WAIT = 0.5  # 초. 팔로워의 요청을 리더가 들고 있는 시간(replica.fetch.wait.max.ms)
BAIT_PAUSE = 0.02  # 초. 세지 않는 메시지의 사이
PAUSE = 0.05  # 초. 묶음과 묶음 사이
NEW_ACKS = 200  # 새로 이만큼 답한 뒤에만 죽입니다. 아무도 쓰지 않는 브로커를 죽이면 뜻이 없습니다
WRITERS = 2
KEYS = 7  # 쓰는 쪽마다의 키
PARTITIONS = 3
TAKEOVER = 120.0  # 초. 새 리더나 새 답을 기다리는 한도. 결과를 정하지 않습니다


class Lost(NamedTuple):
    """보낸 것 가운데 답한 것, 그 가운데 없어진 것. 옛 리더가 돌아온 뒤에 다시 세면 ``still``."""

    acknowledged: int
    missing: int
    still: int


class Written(NamedTuple):
    """죽이는 동안 답한 것, 그 가운데 없어진 것과 두 번 든 것, 키 안에서 차례가 어긋난 것."""

    kills: int
    acknowledged: int
    missing: int
    repeated: int
    disordered: int


def leader_dies(brokers: Any, acks: str, writes: int = WRITES) -> Lost:
    """팔로워를 모두 멈추고, ``writes``개를 쓰고, 리더를 죽이고, 팔로워를 이어서 돌립니다.

    팔로워는 새 메시지를 달라는 요청을 미리 보내 두고 기다립니다. 멈춘 뒤의 첫 메시지들은 그 답으로
    나가므로, 답이 다 나갈 때까지 세지 않는 메시지를 먼저 보냅니다.
    """
    with (
        KafkaTopic("posts", 1, brokers.bootstrap, acks, answer_timeout=PATIENCE) as topic,
        another(topic, "1") as bait,
    ):
        topic.send(None, b"first")
        bait.send(None, b"second")
        leader = _leader(brokers, topic)
        followers = [one for one in range(len(brokers.pids)) if one != leader]
        for one in followers:
            brokers.pause(one)
        _spend_requests(bait)
        sent = topic.send_many([(None, b"%d" % n) for n in range(writes)])
        acknowledged = [one.value for one in sent if isinstance(one, Message)]
        brokers.kill(leader)
        for one in followers:
            brokers.resume(one)
        until_met(lambda: brokers.leader(topic.full_name) in followers, "새 리더가 뽑힘")
        missing = _missing(topic, acknowledged)
        brokers.restart(leader)
        return Lost(len(acknowledged), missing, _missing(topic, acknowledged))


def another(topic: KafkaTopic, acks: str) -> KafkaTopic:
    """같은 토픽에 쓰는 또 하나의 프로듀서."""
    return KafkaTopic(
        topic.name,
        topic.partitions,
        topic.client.bootstrap,
        acks,
        prefix=topic.prefix,
        answer_timeout=topic.answer_timeout,
    )


def _leader(brokers: Any, topic: KafkaTopic) -> int:
    until_met(lambda: brokers.leader(topic.full_name) is not None, "리더가 있음")
    return brokers.leader(topic.full_name)


def _spend_requests(bait: KafkaTopic) -> None:
    """팔로워들이 멈추기 전에 보낸 요청에 리더가 모두 답하게 합니다."""
    until = time.monotonic() + 2 * FETCH_WAIT
    while time.monotonic() < until:
        bait.send(None, b"bait")
        time.sleep(BAIT_PAUSE)


def _missing(topic: KafkaTopic, acknowledged: list[bytes]) -> int:
    found = {message.value for message in topic.read(0)}
    return sum(value not in found for value in acknowledged)


def killed_while_writing(brokers: Any, kills: int) -> Written:
    """``WRITERS``개의 스레드가 acks=all로 쓰는 동안 브로커를 돌아가며 ``kills``번 죽입니다."""
    with KafkaTopic("posts", PARTITIONS, brokers.bootstrap, answer_timeout=TAKEOVER) as topic:
        writing = Writing(topic)
        with writing:
            for number in range(kills):
                writing.wait_for_more()
                broker = number % len(brokers.pids)
                brokers.kill(broker)
                if len(brokers.pids) > 1:
                    writing.wait_for_more()  # 나머지가 이어받아 답합니다
                brokers.restart(broker)
            writing.wait_for_more()
        return _audited(topic, kills, writing.acknowledged)


class Writing:
    """토픽에 쉬지 않고 쓰는 스레드들. 받았다는 답만 ``acknowledged``에 남깁니다."""

    def __init__(self, topic: KafkaTopic):
        self.topic, self.acknowledged = topic, []
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._write, args=(number,), daemon=True)
            for number in range(WRITERS)
        ]

    def wait_for_more(self) -> None:
        """지금부터 `NEW_ACKS`개를 새로 답할 때까지 기다립니다."""
        before = len(self.acknowledged)
        until_met(lambda: len(self.acknowledged) >= before + NEW_ACKS, "새로 답함")

    def __enter__(self) -> Writing:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self, writer: int) -> None:
        first = 0
        with another(self.topic, "all") as topic:
            while not self._stop.wait(PAUSE):
                batch = range(first, first + BATCH)
                answers = topic.send_many((f"w{writer}-{n % KEYS}", b"%d" % n) for n in batch)
                self.acknowledged += [one for one in answers if isinstance(one, Message)]
                first += BATCH


def _audited(topic: KafkaTopic, kills: int, acknowledged: list[Message]) -> Written:
    """토픽을 처음부터 읽어 답한 것과 견줍니다."""
    read, last, disordered = [], {}, 0
    for partition in range(topic.partitions):
        for message in topic.read(partition):
            read.append((message.key, message.value))
            disordered += int(message.value) < last.get(message.key, -1)
            last[message.key] = int(message.value)
    found = set(read)
    missing = sum((one.key, one.value) not in found for one in acknowledged)
    return Written(kills, len(acknowledged), missing, len(read) - len(found), disordered)


def until_met(condition: Callable[[], object], what: str) -> None:
    """``condition()``이 참이 될 때까지 기다립니다. `TAKEOVER`초가 지나면 `BackendUnavailable`."""
    until = time.monotonic() + TAKEOVER
    while not condition():
        if time.monotonic() > until:
            raise BackendUnavailable(
                f"{TAKEOVER:g}초를 기다려도 일어나지 않았습니다: {what}.",
                "브로커가 절반보다 많이 살아 있어야 합니다.",
                "브로커를 다시 켜고 셀을 다시 실행하세요.",
            )
        time.sleep(0.01)
