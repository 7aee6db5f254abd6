"""릴레이(relay): 아웃박스의 사건을 로그에 옮기고, 사본들이 로그를 따라가게 합니다.

어디서 죽어도 다시 켜면 이어서 합니다. 아웃박스에서 지우기 전에 죽으면 같은 사건을 로그에 두 번
적고, 위치를 적기 전에 죽으면 같은 기록을 두 번 적용합니다. 그래서 사본은 멱등이어야 합니다.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ddialab.service.change import decode
from ddialab.service.writes import finish

LOG, OUTBOX, POSITION = "log", "outbox", "position"


class Relay:
    """``outbox``에서 ``log``(`ddialab.blocks.log.Log`나 Tape)로, 거기서 ``views``로.

    로그는 한 프로세스만 열 수 있으므로 릴레이도 하나뿐입니다. ``lag``는 아직 어느 사본인가가
    따라오지 못한 기록의 수입니다.
    """

    def __init__(self, outbox: Any, log: Any, views: Sequence[Any]):
        self.outbox, self.log, self.views = outbox, log, views
        self.rewind()

    def rewind(self) -> None:
        """사본마다 다음에 읽을 위치를 다시 봅니다. 사본을 지우거나 갈아 끼운 뒤에 부릅니다."""
        self._next = {view.name: min(view.position(), self.log.end) for view in self.views}

    @property
    def lag(self) -> int:
        """가장 뒤처진 사본이 아직 적용하지 않은 기록의 수. 아웃박스에 남은 것도 셉니다."""
        behind = self.log.end - min(self._next.values(), default=self.log.end)
        return behind + len(self.outbox.pending())

    def steps(self) -> Iterator[str]:
        """남은 것을 모두 옮기고 적용합니다. 단계마다 그 앞에서 이름을 내놓습니다."""
        while pending := self.outbox.pending():
            for id, change in pending:
                yield LOG
                self.log.append(change.encode())
                yield OUTBOX
                self.outbox.remove(id)
        yield from self._follow()

    def catch_up(self) -> None:
        """아웃박스가 비고 모든 사본이 로그의 끝까지 따라올 때까지 합니다."""
        finish(self.steps())

    def _follow(self) -> Iterator[str]:
        start = min(self._next.values(), default=self.log.end)
        for record in self.log.read(start):
            change = decode(record.payload.decode())
            for view in self.views:
                if self._next[view.name] <= record.offset:
                    yield view.name
                    view.apply(change, record.offset)
                    if view.marked:
                        yield POSITION
                        view.mark(record.offset)
                    self._next[view.name] = record.offset + 1
