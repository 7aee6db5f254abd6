"""테이프: 파일 없는 로그. 프로세스와 함께 사라지지만, 판단은 파일의 로그와 똑같이 합니다."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ddialab.core.errors import check_integer


class Record(NamedTuple):
    """``offset``번째(0부터) 기록. ``time``은 적은 시각(초), ``payload``는 내용입니다."""

    offset: int
    time: float
    payload: bytes


class Tape:
    """메모리의 로그. `ddialab.blocks.log.Log`를 대신합니다. ``clock``은 적을 시각(초)을 줍니다."""

    def __init__(self, clock: Callable[[], float] = lambda: 0.0):
        self.clock = clock
        self.records: list[Record] = []

    @property
    def end(self) -> int:
        """다음 기록이 받을 번호."""
        return len(self.records)

    def append(self, payload: bytes) -> int:
        """기록을 덧붙이고 그 번호를 돌려줍니다."""
        self.records.append(Record(self.end, self.clock(), payload))
        return self.end - 1

    def read(self, start: int = 0, end: int | None = None) -> list[Record]:
        """``start``번부터 ``end``번 앞까지의 기록. 없는 번호면 `InvalidValue`."""
        start = check_integer("start", start, 0, self.end)
        end = self.end if end is None else check_integer("end", end, start, self.end)
        return self.records[start:end]

    def truncate(self, offset: int) -> None:
        """``offset``번부터의 기록을 버립니다."""
        del self.records[check_integer("offset", offset, 0, self.end) :]
