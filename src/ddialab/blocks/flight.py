"""스레드 여럿이 함께 사용하는 싱글 플라이트."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ddialab.blocks.cache import SingleFlight


class SharedFlight:
    """스레드들이 함께 서는 `SingleFlight`의 줄. 하나가 떠나고 나머지는 그 답을 기다립니다."""

    def __init__(self):
        self._flights, self._lock = SingleFlight(), threading.Lock()

    def do(self, key: str, load: Callable[[], Any]) -> Any:
        """``load()``의 값. 같은 키로 이미 떠난 것이 있으면 그 답이나 오류를 함께 받습니다."""
        mine = Future()
        with self._lock:
            leader = self._flights.join(key, mine)
        if leader:
            self._lead(key, load)
        return mine.result()

    def _lead(self, key: str, load: Callable[[], Any]) -> None:
        try:
            value, error = load(), None
        except BaseException as caught:
            value, error = None, caught
        with self._lock:
            waiting = self._flights.land(key)
        for one in waiting:
            one.set_result(value) if error is None else one.set_exception(error)
