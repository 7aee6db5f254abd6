"""스트림 처리: 로그를 따라 읽으며 세어 두는 블록. 물으면 세어 둔 것을 바로 답합니다.

어디까지 읽었는지(오프셋)를 센 것과 함께 한 값으로 저장합니다. 따로 저장하면 그 사이에 죽었을 때
같은 기록을 두 번 세거나 빠뜨립니다.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from ddialab.blocks.tape import Record
from ddialab.blocks.windows import Event, Windows
from ddialab.core.errors import InvalidValue, StorageFailure, check_integer, check_type


class Store(Protocol):
    """문자열 하나를 통째로 읽고 쓰는 곳: `Backend`, `MemoryStore`."""

    def get(self, key: str) -> str | None: ...

    def set(self, key: str, value: str) -> None: ...


class Source(Protocol):
    """따라 읽을 로그: `Log`, `Tape`."""

    @property
    def end(self) -> int: ...

    def read(self, start: int = 0, end: int | None = None) -> Iterable[Record]: ...


class Follower:
    """로그를 따라 읽는 것. 어디까지 읽었는지와 여태의 상태를 ``store``의 ``name``에 함께 둡니다.

    다시 열면 저장한 오프셋부터 이어 읽습니다. 그래서 언제 죽었다 켜져도 기록 하나는 상태에 한 번만
    들어갑니다. 저장한 것보다 로그가 짧으면 다른 로그이므로 `StorageFailure`.
    """

    def __init__(self, log: Source, store: Store, name: str):
        if not hasattr(log, "end"):
            raise InvalidValue(
                f"log={str(log)[:40]!r}: 따라 읽을 로그가 아닙니다.", "Log나 Tape여야 합니다."
            )
        self.log, self.store, self.name = log, store, name
        self.offset, self.state = self._load()
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
        read = end - self.offset
        if read:
            self._save(end, self._after(self.log.read(self.offset, end)))
        return read

    def forget(self) -> None:
        """상태를 모두 버립니다. 다음 `catch_up`이 로그의 처음부터 다시 읽습니다."""
        self._save(0, self._fresh())

    def _fresh(self) -> Any:
        """아무것도 읽지 않았을 때의 상태. JSON으로 적을 수 있는 것입니다."""
        raise NotImplementedError

    def _after(self, records: Iterable[Record]) -> Any:
        """지금 상태에서 ``records``를 더 읽은 상태. 지금 상태는 고치지 않습니다."""
        raise NotImplementedError

    def _save(self, offset: int, state: Any) -> None:
        # 한 번의 쓰기라서, 죽으면 둘 다 새것이거나 둘 다 옛것입니다
        self.store.set(self.name, json.dumps([offset, state], ensure_ascii=False))
        self.offset, self.state = offset, state

    def _load(self) -> tuple[int, Any]:
        stored = self.store.get(self.name)
        if stored is None:
            return 0, self._fresh()
        offset, state = json.loads(stored)
        return offset, state


class RunningCount(Follower):
    """``log``의 기록마다 ``keys(내용)``을 처음부터 지금까지 세어 둡니다."""

    def __init__(
        self,
        log: Source,
        keys: Callable[[bytes], Iterable[str]],
        store: Store,
        name: str = "counts",
    ):
        self.keys = _check_function("keys", keys)
        super().__init__(log, store, name)

    @property
    def counts(self) -> dict[str, int]:
        """여태 센 것."""
        return self.state

    def count(self, key: str) -> int:
        """``key``를 지금까지 몇 번 셌는지. 로그는 읽지 않습니다."""
        return self.counts.get(key, 0)

    def top(self, most: int) -> list[tuple[str, int]]:
        """많이 센 것부터 ``most``개. 같으면 먼저 나온 것이 앞에 섭니다."""
        check_integer("most", most, 0)
        return sorted(self.counts.items(), key=lambda one: -one[1])[:most]

    def _fresh(self) -> dict[str, int]:
        return {}

    def _after(self, records: Iterable[Record]) -> dict[str, int]:
        counts = dict(self.counts)
        for record in records:
            for key in self.keys(record.payload):
                counts[key] = counts.get(key, 0) + 1
        return counts


class WindowedCount(Follower):
    """``log``의 기록을 ``windows``의 윈도마다 세고, 닫은 윈도의 표를 ``store``에 둡니다.

    ``read(내용)``은 기록을 사건으로 바꿉니다. 표의 키는 이름과 윈도가 시작한 시각이므로, 죽었다
    켜져 같은 표를 또 내보내도 같은 자리에 같은 것이 적힐 뿐입니다.
    """

    def __init__(
        self,
        log: Source,
        read: Callable[[bytes], Event],
        store: Store,
        windows: Windows,
        name: str = "windows",
    ):
        self.read = _check_function("read", read)
        self.windows = check_type("windows", windows, Windows)
        super().__init__(log, store, name)

    def table(self, start: int) -> dict[str, int] | None:
        """시각 ``start``에 시작한 윈도의 표. 아직 닫지 않았으면 None. 로그는 읽지 않습니다."""
        stored = self.store.get(self.key(start))
        return None if stored is None else json.loads(stored)

    def close(self, watermark: int) -> None:
        """로그를 더 기다리지 않고 워터마크를 옮겨, 끝난 윈도들을 닫습니다."""
        self.windows.load(self.state)
        self.windows.advance(watermark)
        self._output()
        self._save(self.offset, self.windows.dump())

    def _fresh(self) -> list[Any]:
        fresh = Windows(1)
        return fresh.dump()

    def _after(self, records: Iterable[Record]) -> list[Any]:
        self.windows.load(self.state)
        for record in records:
            self.windows.add(self.read(record.payload))
        self._output()
        return self.windows.dump()

    def _output(self) -> None:
        """닫히거나 고친 윈도의 표를 내보냅니다. 상태를 저장하기 전이라, 죽으면 또 내보냅니다."""
        for start, counts in self.windows.take():
            self.store.set(self.key(start), json.dumps(counts, ensure_ascii=False))

    def key(self, start: int) -> str:
        """그 윈도의 표를 두는 키."""
        return f"{self.name}:{start}"


def _check_function(name: str, value: Any) -> Callable:
    """기록의 내용마다 부를 함수인지. 아니면 `InvalidValue`."""
    if not callable(value):
        raise InvalidValue(
            f"{name}={str(value)[:40]!r}: 부를 수 없습니다.",
            "기록의 내용(bytes)을 받는 함수여야 합니다.",
            "괄호 없이 함수의 이름만 적었는지 보세요.",
        )
    return value
