"""워커: 큐에서 하나를 받아 처리하고 확인합니다. 그 사이사이가 죽을 수 있는 자리입니다."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ddialab.blocks.queue.memory import Delivery
from ddialab.core.errors import check_integer

TAKEN, HANDLED, ACKED = "taken", "handled", "acked"  # 받음, 처리함, 확인함


class Worker:
    """``queue``에서 받아 ``handle(메시지)``를 하는 워커 ``name``.

    ``early``면 처리하기 **전에** 확인합니다. ``idle``을 주면 그 시간(초) 동안 확인되지 않은 남의
    것을 먼저 넘겨받습니다. ``most``번 건넨 것을 또 건네받으면 처리하지 않고 ``dead``에 넘깁니다.
    """

    def __init__(
        self,
        queue: Any,
        name: str,
        handle: Callable[[str], None],
        early: bool = False,
        idle: float | None = None,
        most: int | None = None,
        dead: Callable[[str], None] | None = None,
    ):
        self.queue, self.name, self.handle, self.early = queue, name, handle, early
        self.idle, self.dead = idle, dead
        self.got: Delivery | None = None  # 마지막으로 받은 것
        self.most = None if most is None else check_integer("most", most, 1)

    def steps(self) -> Iterator[str]:
        """메시지 하나의 단계를 끝낼 때마다 그 이름을 내놓습니다. 받을 것이 없으면 바로 끝납니다."""
        got = self.got = self.next()
        if got is None:
            return
        yield TAKEN
        if self.early:
            self.queue.ack(got)
            yield ACKED
        self.handle(got.body)
        yield HANDLED
        if not self.early:
            self.queue.ack(got)
            yield ACKED

    def drain(self) -> int:
        """받을 것이 없을 때까지 처리하고 처리한 수를 답합니다."""
        count = 0
        while HANDLED in list(self.steps()):
            count += 1
        return count

    def next(self) -> Delivery | None:
        """이제 처리할 것: 버려진 남의 것이 먼저입니다."""
        while self.idle is not None:
            got = self.queue.claim(self.name, self.idle)
            if got is None:
                break
            if self.most is None or got.count <= self.most:
                return got
            self._bury(got)
        return self.queue.receive(self.name)

    def _bury(self, got: Delivery) -> None:
        """처리할 수 없는 것입니다. 따로 모으고 나서 큐에서는 확인합니다."""
        if self.dead is not None:
            self.dead(got.body)
        self.queue.ack(got)
