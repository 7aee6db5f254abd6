"""Redis의 큐 셋: 리스트, 발행·구독, 스트림. 독자의 서버에서는 키와 채널에 우리의 말을 붙입니다.

같은 판단을 서버 없이 하는 것은 `ddialab.blocks.queue.memory`입니다.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ddialab.blocks.queue.memory import Delivery, Pending, check_body, unheard
from ddialab.core.backend import Backend
from ddialab.core.errors import check_number, check_type
from ddialab.core.refusal import unavailable

FIELD = "body"  # 스트림의 기록 하나에서 메시지를 담는 필드
MOST_PENDING = 1000  # 한 번에 물어보는 확인 대기의 수


class RedisList:
    """리스트로 만든 큐. `MemoryList`와 같습니다."""

    def __init__(self, backend: Backend, name: str):
        self.backend, self.key = backend, backend.prefix + name
        self._name, self._taken = name, 0

    def send(self, body: str) -> None:
        """끝에 넣습니다(RPUSH)."""
        self.backend.ask("rpush", self.key, check_body(body))
        _keep(self.backend, self._name)

    def receive(self, consumer: str) -> Delivery | None:
        """맨 앞의 것을 꺼냅니다(LPOP). 비었으면 None."""
        body = self.backend.ask("lpop", self.key)
        if body is None:
            return None
        self._taken += 1
        return Delivery(str(self._taken), body)

    def ack(self, delivery: Delivery) -> None:
        """아무 일도 하지 않습니다. 리스트는 꺼낸 것을 기억하지 않습니다."""

    def waiting(self) -> int:
        """아직 꺼내지 않은 것의 수(LLEN)."""
        return self.backend.ask("llen", self.key)


class RedisChannel:
    """발행·구독. `MemoryChannel`과 같습니다."""

    def __init__(self, backend: Backend, name: str):
        self.backend, self.channel = backend, backend.prefix + name
        self._heard: dict[str, Any] = {}  # 소비자 → 듣는 연결
        self._got = 0
        backend.on_close.append(self.close)

    def subscribe(self, consumer: str) -> None:
        """``consumer``가 지금부터 듣습니다(SUBSCRIBE). 돌아왔으면 서버도 그렇게 압니다."""
        if consumer in self._heard:
            return
        heard = self.backend.client.pubsub()
        with _explained(self.backend):
            heard.subscribe(self.channel)
            while heard.get_message(timeout=1.0) is None:
                pass
        self._heard[consumer] = heard

    def leave(self, consumer: str) -> None:
        """그만 듣습니다. 받아 놓고 읽지 않은 것도 함께 사라집니다."""
        if consumer in self._heard:
            self._heard.pop(consumer).close()

    def send(self, body: str) -> int:
        """듣고 있는 모두에게 보내고 그 수를 답합니다(PUBLISH). 아무도 없으면 0이고, 사라집니다."""
        return self.backend.ask("publish", self.channel, check_body(body))

    def receive(self, consumer: str) -> Delivery | None:
        """``consumer``에게 온 다음 것. 없으면 None, 듣고 있지 않았으면 `InvalidValue`."""
        if consumer not in self._heard:
            raise unheard(consumer)
        with _explained(self.backend):
            got = self._heard[consumer].get_message(ignore_subscribe_messages=True, timeout=0.05)
        if got is None:
            return None
        self._got += 1
        return Delivery(str(self._got), got["data"])

    def ack(self, delivery: Delivery) -> None:
        """아무 일도 하지 않습니다. 발행·구독에는 확인이 없습니다."""

    def close(self) -> None:
        """듣던 연결을 모두 닫습니다."""
        for consumer in list(self._heard):
            self.leave(consumer)


class RedisStream:
    """스트림과 소비자 그룹 ``group``. `MemoryStream`과 같습니다."""

    def __init__(self, backend: Backend, name: str, group: str = "workers"):
        self.backend, self.key, self.group = backend, backend.prefix + name, group
        self._name = name
        self._open()

    def send(self, body: str) -> str:
        """끝에 덧붙이고 번호를 돌려줍니다(XADD)."""
        id = self.backend.ask("xadd", self.key, {FIELD: check_body(body)})
        _keep(self.backend, self._name)
        return id

    def receive(self, consumer: str) -> Delivery | None:
        """아직 아무에게도 주지 않은 다음 것(XREADGROUP의 ``>``). 없으면 None."""
        got = self.backend.ask("xreadgroup", self.group, consumer, {self.key: ">"}, count=1)
        for _, entries in got or ():
            for id, fields in entries:
                return Delivery(id, fields[FIELD])
        return None

    def ack(self, delivery: Delivery) -> None:
        """처리했다고 확인합니다(XACK). 두 번 해도 됩니다."""
        id = check_type("delivery", delivery, Delivery).id
        self.backend.ask("xack", self.key, self.group, id)

    def claim(self, consumer: str, idle: float) -> Delivery | None:
        """건넨 지 ``idle``초가 지나도록 확인되지 않은 첫 것을 넘겨받습니다(XAUTOCLAIM)."""
        wait, start = int(check_number("idle", idle, 0) * 1000), "0-0"
        while True:  # 서버는 한 번에 몇 개만 훑고, 이어서 볼 자리를 알려 줍니다
            start, found, *_ = self.backend.ask(
                "xautoclaim", self.key, self.group, consumer, wait, start, count=1
            )
            for id, fields in found:
                (about,) = self._pending(id, id)
                return Delivery(id, fields[FIELD], about["times_delivered"])
            if start == "0-0":
                return None

    def pending(self) -> list[Pending]:
        """확인을 기다리는 것들(XPENDING), 먼저 보낸 것부터."""
        return [
            Pending(
                about["message_id"],
                about["consumer"],
                about["times_delivered"],
                about["time_since_delivered"] / 1000,
            )
            for about in self._pending("-", "+")
        ]

    def waiting(self) -> int:
        """아직 아무에게도 건네지 않은 것의 수."""
        (about,) = self.backend.ask("xinfo_groups", self.key)
        last = about["last-delivered-id"]
        return len(self.backend.ask("xrange", self.key, f"({last}", "+"))

    def replay(self) -> list[str]:
        """처음부터 모두(XRANGE). 확인했다고 지우지 않습니다."""
        return [fields[FIELD] for _, fields in self.backend.ask("xrange", self.key)]

    def rewind(self) -> None:
        """그룹이 처음부터 다시 받게 합니다(XGROUP SETID)."""
        self.backend.ask("xgroup_setid", self.key, self.group, "0")

    def _open(self) -> None:
        """그룹이 없으면 만듭니다. 처음의 것부터 받습니다."""
        with _explained(self.backend, despite="BUSYGROUP"):
            self.backend.client.xgroup_create(self.key, self.group, "0", mkstream=True)
        _keep(self.backend, self._name)

    def _pending(self, first: str, last: str) -> list[dict]:
        ask = self.backend.ask
        return ask("xpending_range", self.key, self.group, first, last, MOST_PENDING)


@contextmanager
def _explained(backend: Backend, despite: str = "\n") -> Iterator[None]:
    """서버의 오류를 이 책의 오류로 바꿉니다. ``despite``라는 말이 든 오류는 괜찮습니다."""
    import redis

    try:
        yield
    except redis.RedisError as error:
        if despite not in str(error):
            raise unavailable(error, f"큐 서버({backend.name})") from None


def _keep(backend: Backend, name: str) -> None:
    """독자의 서버라면 넣은 키를 기억하고, 지우지 못하고 죽어도 하루 뒤에는 사라지게 합니다."""
    left = backend.keep(name)
    if left is not None:
        backend.ask("pexpire", backend.prefix + name, left)
