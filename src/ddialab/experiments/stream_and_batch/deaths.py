"""세던 프로세스가 죽었다 켜지면: 오프셋과 상태를 함께 저장한 것과, 따로 저장한 것."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ddialab.blocks.stream import WindowedCount
from ddialab.blocks.tape import Tape
from ddialab.blocks.windows import Windows
from ddialab.core.memory import MemoryStore
from ddialab.experiments.stream_and_batch.posts import EVENING, LONGEST, Sent, event, payload
from ddialab.experiments.stream_and_batch.tables import WAIT, WINDOW, Table, batch, differing

STEP = 600  # 한 번에 읽는 기록


class Killed(Exception):
    """프로세스가 죽었습니다."""


class Mortal(MemoryStore):
    """``left``번 쓰고 나면 다음 쓰기 앞에서 죽는 저장소. 쓴 것은 남습니다."""

    left = -1

    def set(self, key: str, value: str, ttl: float | None = None) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1
        super().set(key, value, ttl)


class Apart(WindowedCount):
    """대조군: 상태를 먼저, 오프셋을 나중에 따로 저장합니다."""

    def _save(self, offset: int, state: Any) -> None:
        self.store.set("state", json.dumps(state))
        self.store.set("offset", json.dumps(offset))
        self.offset, self.state = offset, state

    def _load(self) -> tuple[int, Any]:
        offset, state = self.store.get("offset"), self.store.get("state")
        return json.loads(offset or "0"), json.loads(state) if state else self._fresh()


def count_all(kind: type[WindowedCount], tape: Tape, store: Mortal, unique: bool) -> Table:
    """로그의 끝까지 세고 윈도를 모두 닫은 표. 도중에 죽으면 `Killed`."""
    counter = kind(tape, event, store, Windows(WINDOW, WAIT, LONGEST, unique=unique))
    while counter.catch_up(STEP):
        pass
    counter.close(2 * (EVENING + LONGEST))
    found = {start: counter.table(start) for start in range(0, EVENING, WINDOW)}
    return {start: table for start, table in found.items() if table}


def die_everywhere(kind: type[WindowedCount], sent: Sequence[Sent]) -> list[float]:
    """저장하기 앞마다 한 번씩 죽이고 다시 켜서 끝까지 센 뒤, 다른 칸의 비율들.

    번호로 거르지 않습니다. 그래서 두 번 센 것이 그대로 드러납니다. 두 번 온 글은 없는 로그여야
    합니다.
    """
    tape, whole, found = Tape(), batch(sent), []
    for post in sent:
        tape.append(payload(post))
    left = 0
    while True:
        store = Mortal()
        store.left = left
        with suppress(Killed):
            count_all(kind, tape, store, unique=False)
        if store.left > 0:  # 죽을 자리를 다 지났습니다
            return found
        store.left = -1
        found.append(differing(count_all(kind, tape, store, unique=False), whole))
        left += 1
