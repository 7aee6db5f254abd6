"""서버 대신 딕셔너리: `Backend`(`ddialab.core.backend`)의 명령을 메모리에서 합니다."""

from __future__ import annotations

import math
from collections.abc import Callable


class MemoryStore:
    """서버도 라이브러리도 없는 곳의 `Backend`. ``clock``(초)이 없으면 시계는 멈춰 있습니다."""

    name = "딕셔너리"

    def __init__(self, clock: Callable[[], float] = lambda: 0.0):
        self.clock = clock
        self._kept: dict[str, tuple[str, float]] = {}

    def get(self, key: str) -> str | None:
        """``key``의 값. 없거나 ``ttl``이 지났으면 None."""
        value, expires = self._kept.get(key, (None, math.inf))
        return value if self.clock() < expires else None

    def set(self, key: str, value: str, ttl: float | None = None) -> None:
        """``key``에 ``value``를 ``ttl``초 동안(없으면 계속) 둡니다."""
        self._kept[key] = value, math.inf if ttl is None else self.clock() + ttl

    def delete(self, key: str) -> None:
        """``key``를 지웁니다. 없으면 아무 일도 없습니다."""
        self._kept.pop(key, None)

    def swap(self, key: str, expected: str | None, value: str, ttl: float | None = None) -> bool:
        """``key``의 값이 ``expected``(없으면 None)일 때만 ``value``로 바꾸고, 바꿨는지 답합니다."""
        if self.get(key) != expected:
            return False
        self.set(key, value, ttl)
        return True

    def __len__(self) -> int:
        return len(self._kept)
