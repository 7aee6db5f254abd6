"""릴레이(relay): 아웃박스의 사건을 로그에 옮기고, 사본들이 로그를 따라가게 합니다.

어디서 죽어도 다시 켜면 이어서 합니다. 아웃박스에서 지우기 전에 죽으면 같은 사건을 로그에 두 번
적고, 위치를 적기 전에 죽으면 같은 기록을 두 번 적용합니다. 그래서 사본은 멱등이어야 합니다.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ddialab.core.errors import BackendUnavailable, StorageFailure
from ddialab.service.change import decode
from ddialab.service.writes import finish

LOG, OUTBOX, POSITION = "log", "outbox", "position"


class Relay:
    """``outbox``에서 ``log``(`ddialab.blocks.log.Log`나 Tape)로, 거기서 ``views``로.

    로그는 한 프로세스만 열 수 있으므로 릴레이도 하나뿐입니다. 한 번에 한 스레드가 돌립니다.
    """

    def __init__(self, outbox: Any, log: Any, views: Sequence[Any]):
        self.outbox, self.log, self.views = outbox, log, views

    @property
    def lag(self) -> int:
        """가장 뒤처진 사본이 아직 적용하지 않은 기록의 수. 아웃박스에 남은 것도 셉니다."""
        slowest = min([view.position() or 0 for view in self.views], default=self.log.end)
        return max(self.log.end - slowest, 0) + len(self.outbox)

    def steps(self) -> Iterator[str]:
        """남은 것을 모두 옮기고 적용합니다. 단계마다 그 앞에서 이름을 내놓습니다.

        사본 하나의 서버가 없어도 나머지는 따라오고, 끝에 `BackendUnavailable`을 냅니다.
        """
        yield from self._move()
        failed = []
        for view in self.views:
            try:
                yield from self._follow(view)
            except BackendUnavailable as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def catch_up(self) -> None:
        """아웃박스가 비고 모든 사본이 로그의 끝까지 따라올 때까지 합니다."""
        finish(self.steps())

    def _move(self) -> Iterator[str]:
        """아웃박스의 사건을 로그에 옮깁니다.

        옮기기 바로 전에 맨 앞의 것을 다시 봅니다. 단계 사이에 다른 클라이언트가 먼저 옮긴 것을 또
        적으면, 로그에서 옛 사건이 새 사건의 뒤에 옵니다.
        """
        while len(self.outbox):
            yield LOG
            if (found := self.outbox.first()) is not None:
                id, change = found
                self.log.append(change.encode())
                yield OUTBOX
                self.outbox.remove(id)

    def _follow(self, view: Any) -> Iterator[str]:
        """``view``가 로그의 끝까지 따라오게 합니다."""
        offset = self._start(view)
        while offset < self.log.end:
            (record,) = self.log.read(offset, offset + 1)
            yield view.name
            if not view.ready(offset):
                offset = self._start(view)
                continue
            view.apply(decode(record.payload.decode()), offset)
            if view.marked:
                yield POSITION
            offset = offset + 1 if view.mark(offset) else self._start(view)

    def _start(self, view: Any) -> int:
        """``view``가 다음에 읽을 로그의 위치. 저장소를 잃었으면 비우고 처음부터입니다."""
        offset = view.position()
        if offset is None:
            view.clear()
            view.mark(-1)
            return 0
        if offset > self.log.end:
            raise StorageFailure(
                f"사본 {view.name}에는 로그의 {offset}번 앞까지 들어 있는데, 로그에는 "
                f"{self.log.end}번 앞까지만 있습니다.",
                "사본을 만든 바로 그 로그여야 하고, 로그의 끝을 잃지 않았어야 합니다.",
                "로그의 경로를 확인하세요. 새 로그를 쓰려면 캐시 서버와 색인을 비우고 시작하세요.",
            )
        return offset
