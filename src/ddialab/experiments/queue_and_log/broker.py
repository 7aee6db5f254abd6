"""브로커: 큐 하나를 맡은 서버. 메모리, 운영체제, 디스크에 저마다 어디까지 있는지 압니다.

`kill -9`는 프로세스의 메모리만 지웁니다. 운영체제에 넘긴 것은 그대로이고, 전원이 나가야 사라집니다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ddialab.blocks.queue.memory import Delivery, MemoryChannel, MemoryList, MemoryStream
from ddialab.blocks.tape import Tape
from ddialab.blocks.topic.topic import Topic
from ddialab.core.engine import Engine
from ddialab.core.errors import check_choice

LIST, CHANNEL, STREAM, LOG = KINDS = ("list", "channel", "stream", "log")
OFF, NO, EVERYSEC, ALWAYS = FSYNC = ("off", "no", "everysec", "always")
SECOND = 1.0
GROUP = "workers"


class LogQueue:
    """파티션이 하나인 토픽을 큐처럼. 확인은 오프셋을 커밋하는 것이고, 한 소비자만 읽습니다."""

    def __init__(self, bodies: Sequence[str] = (), committed: int = 0):
        self.tape = Tape()
        self.topic = Topic([self.tape])
        for body in bodies:
            self.send(body)
        if committed:
            self.topic.keep(GROUP, {0: committed})
        self._consumers: dict[str, Any] = {}

    def subscribe(self, consumer: str) -> None:
        """그룹에 들어갑니다."""
        if consumer not in self._consumers:
            self._consumers[consumer] = self.topic.consumer(GROUP, consumer)

    def leave(self, consumer: str) -> None:
        """그룹에서 나갑니다. 커밋하지 않은 것은 남은 소비자가 다시 읽습니다."""
        if consumer in self._consumers:
            self._consumers.pop(consumer).close()

    def send(self, body: str) -> None:
        """끝에 덧붙입니다."""
        self.topic.send(None, body.encode())

    def receive(self, consumer: str) -> Delivery | None:
        """다음 것. 파티션을 맡지 않았거나 끝이면 None."""
        if consumer not in self._consumers:
            return None
        for message in self._consumers[consumer].poll(1):
            return Delivery(f"{consumer}/{message.offset}", message.value.decode())
        return None

    def ack(self, delivery: Delivery) -> None:
        """거기까지 끝냈다고 커밋합니다."""
        consumer = delivery.id.split("/")[0]
        if consumer in self._consumers:
            self._consumers[consumer].commit()

    def rewind(self) -> None:
        """파티션을 맡은 소비자가 처음부터 다시 읽습니다."""
        for consumer in self._consumers.values():
            if consumer.partitions:
                consumer.seek(0, 0)
                consumer.commit()

    @property
    def committed(self) -> int:
        """끝냈다고 적힌 오프셋."""
        return self.topic.committed(GROUP)[0] if GROUP in self.topic.groups else 0

    def replay(self) -> list[str]:
        """처음부터 모두."""
        return [message.value.decode() for message in self.topic.read(0)]

    def held(self) -> list[str]:
        """아직 끝내지 않은 것들."""
        return self.replay()[self.committed :]

    def copy(self) -> LogQueue:
        """같은 기록과 커밋한 오프셋. 소비자들은 다시 들어와야 합니다."""
        return LogQueue(self.replay(), self.committed)


def make_queue(kind: str, clock: Callable[[], float]) -> Any:
    """종류가 ``kind``인 빈 큐."""
    check_choice("kind", kind, KINDS)
    if kind == LIST:
        return MemoryList()
    if kind == CHANNEL:
        return MemoryChannel()
    return MemoryStream(clock) if kind == STREAM else LogQueue()


class Broker:
    """``kind``의 큐 하나와, 그것이 디스크로 내려가는 때(``fsync``).

    off는 메모리에만, no는 운영체제에 넘기기만, everysec은 1초마다, always는 명령마다 디스크까지
    내려보냅니다. ``queue``는 지금 도는 서버의 메모리이고, 꺼졌으면 None입니다.
    """

    def __init__(self, engine: Engine, kind: str, fsync: str):
        self.engine, self.kind = engine, kind
        self.fsync = check_choice("fsync", fsync, FSYNC)
        self.queue: Any = self._empty()
        self._written = self._synced = self._empty()
        if fsync == EVERYSEC:
            engine.after(SECOND, self._tick)

    def wrote(self) -> None:
        """명령 하나를 했습니다. 설정대로 내려보냅니다."""
        if self.fsync != OFF and self.queue is not None:
            self._written = self.queue.copy()
        if self.fsync == ALWAYS:
            self._synced = self._written

    def kill(self) -> None:
        """프로세스가 죽습니다(kill -9). 운영체제에 넘긴 것은 남습니다."""
        self.queue = None

    def power_off(self) -> None:
        """전원이 나갑니다. 디스크까지 내려간 것만 남습니다."""
        self.queue = None
        self._written = self._synced

    def start(self) -> None:
        """다시 켭니다. 남은 파일을 읽습니다."""
        self.queue = self._written.copy()
        self._synced = self._written

    def safe(self) -> list[str]:
        """지금 전원이 나가도 남을 메시지들."""
        return self._synced.held()

    def _empty(self) -> Any:
        return make_queue(self.kind, lambda: self.engine.now)

    def _tick(self) -> None:
        self._synced = self._written
        self.engine.after(SECOND, self._tick)
