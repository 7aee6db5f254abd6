"""스트림 처리: 로그를 따라 읽으며 세어 두는 블록. 물으면 세어 둔 것을 바로 답합니다.

어디까지 읽었는지(오프셋)를 센 것과 함께 한 값으로 저장합니다. 따로 저장하면 그 사이에 죽었을 때
같은 기록을 두 번 세거나 빠뜨립니다.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Protocol

from ddialab.blocks.tape import Record
from ddialab.core.errors import StorageFailure, check_integer


class Store(Protocol):
    """문자열 하나를 통째로 읽고 쓰는 곳: `Backend`, `MemoryStore`."""

    def get(self, key: str) -> str | None: ...

    def set(self, key: str, value: str) -> None: ...


class Source(Protocol):
    """따라 읽을 로그: `Log`, `Tape`."""

    @property
    def end(self) -> int: ...

    def read(self, start: int = 0, end: int | None = None) -> Iterable[Record]: ...


class RunningCount:
    """``log``의 기록마다 ``keys(내용)``을 세어 ``store``의 ``name``에 둡니다.

    다시 열면 저장한 오프셋부터 이어 셉니다. 그래서 언제 죽었다 켜져도 기록 하나는 한 번만
    세어집니다. 저장한 것보다 로그가 짧으면 다른 로그이므로 `StorageFailure`.
    """

    def __init__(
        self,
        log: Source,
        keys: Callable[[bytes], Iterable[str]],
        store: Store,
        name: str = "counts",
    ):
        self.log, self.keys, self.store, self.name = log, keys, store, name
        self.offset, self.counts = self._load()
        if self.offset > log.end:
            raise StorageFailure(
                f"{name}: {self.offset}번 앞까지 세었는데 로그는 {log.end}번에서 끝납니다.",
                "세던 바로 그 로그여야 합니다.",
                "로그가 맞으면 forget으로 버리고 처음부터 다시 세세요.",
            )

    @property
    def behind(self) -> int:
        """로그에 있지만 아직 세지 않은 기록의 수."""
        return self.log.end - self.offset

    def catch_up(self, most: int | None = None) -> int:
        """아직 세지 않은 기록을 (``most``건까지) 세고 저장한 뒤, 읽은 기록의 수를 돌려줍니다."""
        end = self.log.end
        if most is not None:
            end = min(end, self.offset + check_integer("most", most, 1))
        counts = dict(self.counts)
        for record in self.log.read(self.offset, end):
            for key in self.keys(record.payload):
                counts[key] = counts.get(key, 0) + 1
        read = end - self.offset
        if read:
            self._save(end, counts)
        return read

    def count(self, key: str) -> int:
        """``key``를 지금까지 몇 번 셌는지. 로그는 읽지 않습니다."""
        return self.counts.get(key, 0)

    def top(self, most: int) -> list[tuple[str, int]]:
        """많이 센 것부터 ``most``개. 같으면 먼저 나온 것이 앞에 섭니다."""
        check_integer("most", most, 0)
        return sorted(self.counts.items(), key=lambda one: -one[1])[:most]

    def forget(self) -> None:
        """센 것을 모두 버립니다. 다음 `catch_up`이 로그의 처음부터 다시 셉니다."""
        self._save(0, {})

    def _save(self, offset: int, counts: dict[str, int]) -> None:
        # 한 번의 쓰기라서, 죽으면 둘 다 새것이거나 둘 다 옛것입니다
        self.store.set(self.name, json.dumps([offset, counts], ensure_ascii=False))
        self.offset, self.counts = offset, counts

    def _load(self) -> tuple[int, dict[str, int]]:
        stored = self.store.get(self.name)
        if stored is None:
            return 0, {}
        offset, counts = json.loads(stored)
        return offset, counts
