"""메모리의 큐 셋: 리스트, 발행·구독, 스트림. 서버가 하는 판단을 서버 없이 그대로 합니다.

`ddialab.blocks.queue.redis`의 셋과 메서드가 같습니다. 책의 페이지 안에서도 돕니다.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ddialab.core.errors import InvalidValue, check_number, check_type

MOST_BYTES = 1_000_000  # 메시지 하나의 최대 크기(바이트)


class Delivery(NamedTuple):
    """건네받은 메시지. ``id``로 확인(ack)하고, ``count``는 몇 번째로 건네는 것인지(1부터)입니다."""

    id: str
    body: str
    count: int = 1


class Pending(NamedTuple):
    """``consumer``에게 건넸지만 확인을 받지 못한 것. ``idle``은 건넨 뒤로 지난 시간(초)입니다."""

    id: str
    consumer: str
    count: int
    idle: float


def check_body(body: object) -> str:
    """보낼 수 있는 텍스트인지. 아니면 `InvalidValue`."""
    if not isinstance(body, str):
        raise InvalidValue(
            f"body={str(body)[:40]!r}: 보낼 수 없습니다.", "메시지는 텍스트(str)여야 합니다."
        )
    try:
        size = len(body.encode("utf-8"))
    except ValueError:
        raise InvalidValue(
            f"body={body[:40]!r}: UTF-8로 적을 수 없는 글자가 있습니다.",
            "짝이 없는 대리 문자(surrogate)가 없는 텍스트여야 합니다.",
            "바이트를 읽은 것이면 .decode('utf-8')에서 오류가 나지 않는지 보세요.",
        ) from None
    if size > MOST_BYTES:
        raise InvalidValue(
            f"body: {size:,}바이트라서 보낼 수 없습니다.",
            f"{MOST_BYTES:,}바이트까지 보낼 수 있습니다.",
            "큰 것은 다른 저장소에 두고, 메시지에는 어디에 있는지만 적으세요.",
        )
    return body


class MemoryList:
    """리스트: 먼저 넣은 것부터 꺼냅니다. **꺼내는 순간 큐에는 없습니다.**"""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._taken = 0

    def send(self, body: str) -> None:
        """끝에 넣습니다(RPUSH)."""
        self._waiting.append(check_body(body))

    def receive(self, consumer: str) -> Delivery | None:
        """맨 앞의 것을 꺼냅니다(LPOP). 비었으면 None."""
        if not self._waiting:
            return None
        self._taken += 1
        return Delivery(str(self._taken), self._waiting.pop(0))

    def ack(self, delivery: Delivery) -> None:
        """아무 일도 하지 않습니다. 리스트는 꺼낸 것을 기억하지 않습니다."""

    def waiting(self) -> int:
        """아직 꺼내지 않은 것의 수(LLEN)."""
        return len(self._waiting)

    def held(self) -> list[str]:
        """아직 누군가 받을 수 있는 것들."""
        return list(self._waiting)

    def copy(self) -> MemoryList:
        """지금 든 것과 똑같은 리스트."""
        made = MemoryList()
        made._waiting, made._taken = list(self._waiting), self._taken
        return made


class MemoryChannel:
    """발행·구독: 보낸 **그 순간 듣고 있는** 모두에게 하나씩 줍니다. 맡아 두는 것이 없습니다."""

    def __init__(self) -> None:
        self._inboxes: dict[str, list[str]] = {}
        self._sent = 0

    def subscribe(self, consumer: str) -> None:
        """``consumer``가 지금부터 듣습니다(SUBSCRIBE)."""
        self._inboxes.setdefault(consumer, [])

    def leave(self, consumer: str) -> None:
        """그만 듣습니다. 받아 놓고 읽지 않은 것도 함께 사라집니다."""
        self._inboxes.pop(consumer, None)

    def send(self, body: str) -> int:
        """듣고 있는 모두에게 보내고 그 수를 답합니다(PUBLISH). 아무도 없으면 0이고, 사라집니다."""
        check_body(body)
        self._sent += 1
        for inbox in self._inboxes.values():
            inbox.append(body)
        return len(self._inboxes)

    def receive(self, consumer: str) -> Delivery | None:
        """``consumer``에게 온 다음 것. 없으면 None, 듣고 있지 않았으면 `InvalidValue`."""
        if consumer not in self._inboxes:
            raise unheard(consumer)
        inbox = self._inboxes[consumer]
        return Delivery(str(self._sent - len(inbox) + 1), inbox.pop(0)) if inbox else None

    def ack(self, delivery: Delivery) -> None:
        """아무 일도 하지 않습니다. 발행·구독에는 확인이 없습니다."""

    def held(self) -> list[str]:
        """아직 누군가 받을 수 있는 것들."""
        found: list[str] = []
        for inbox in self._inboxes.values():
            found += inbox
        return found

    def copy(self) -> MemoryChannel:
        """다시 켜면 듣던 연결도 모두 끊깁니다."""
        return MemoryChannel()


def unheard(consumer: str) -> InvalidValue:
    """듣고 있지 않은 소비자가 받으려 했습니다."""
    return InvalidValue(
        f"consumer={consumer!r}: 이 채널을 듣고 있지 않습니다.",
        "듣기 시작한 소비자여야 합니다.",
        f"먼저 subscribe({consumer!r})를 부르세요.",
    )


class MemoryStream:
    """스트림과 소비자 그룹 하나: 건넨 것을 확인받을 때까지 「확인 대기」에 적어 둡니다.

    ``clock``은 지금 시각(초)을 주는 함수입니다.
    """

    def __init__(self, clock: Callable[[], float] = lambda: 0.0):
        self.clock = clock
        self._entries: list[tuple[str, str]] = []
        self._next = 0  # 아직 아무에게도 건네지 않은 첫 기록
        self._pending: dict[str, tuple[str, int, float]] = {}  # 번호 → (소비자, 횟수, 건넨 시각)

    def send(self, body: str) -> str:
        """끝에 덧붙이고 번호를 돌려줍니다(XADD)."""
        id = f"{len(self._entries) + 1}-0"
        self._entries.append((id, check_body(body)))
        return id

    def receive(self, consumer: str) -> Delivery | None:
        """아직 아무에게도 주지 않은 다음 것(XREADGROUP의 ``>``). 없으면 None."""
        if self._next == len(self._entries):
            return None
        id, body = self._entries[self._next]
        self._next += 1
        self._pending[id] = consumer, 1, self.clock()
        return Delivery(id, body)

    def ack(self, delivery: Delivery) -> None:
        """처리했다고 확인합니다(XACK). 두 번 해도 됩니다."""
        self._pending.pop(check_type("delivery", delivery, Delivery).id, None)

    def claim(self, consumer: str, idle: float) -> Delivery | None:
        """건넨 지 ``idle``초가 지나도록 확인되지 않은 첫 것을 넘겨받습니다(XAUTOCLAIM)."""
        check_number("idle", idle, 0)
        now = self.clock()
        for id, body in self._entries:
            if id in self._pending and now - self._pending[id][2] >= idle:
                count = self._pending[id][1] + 1
                self._pending[id] = consumer, count, now
                return Delivery(id, body, count)
        return None

    def pending(self) -> list[Pending]:
        """확인을 기다리는 것들(XPENDING), 먼저 보낸 것부터."""
        now = self.clock()
        return [
            Pending(id, who, count, now - since)
            for id, _ in self._entries
            if id in self._pending
            for who, count, since in [self._pending[id]]
        ]

    def waiting(self) -> int:
        """아직 아무에게도 건네지 않은 것의 수."""
        return len(self._entries) - self._next

    def replay(self) -> list[str]:
        """처음부터 모두(XRANGE). 확인했다고 지우지 않습니다."""
        return [body for _, body in self._entries]

    def entries(self) -> list[tuple[str, str]]:
        """든 것 모두의 (번호, 내용)."""
        return list(self._entries)

    def rewind(self) -> None:
        """그룹이 처음부터 다시 받게 합니다(XGROUP SETID)."""
        self._next = 0

    def held(self) -> list[str]:
        """아직 누군가 받을 수 있는 것들: 건네지 않은 것과 확인 대기."""
        fresh = self._entries[self._next :]
        return [body for id, body in self._entries if id in self._pending or (id, body) in fresh]

    def copy(self) -> MemoryStream:
        """지금 든 것과 똑같은 스트림. 확인 대기까지 그대로입니다."""
        made = MemoryStream(self.clock)
        made._entries, made._next = list(self._entries), self._next
        made._pending = dict(self._pending)
        return made
