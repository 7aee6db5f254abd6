"""캐시 어사이드로 읽는 애플리케이션: `PostService`와 같고, 데이터베이스의 답만 나중에 옵니다.

답을 기다리는 동안 다른 요청이 오므로, 여기서 스탬피드가 생깁니다. 가상 시계 위의 실험도, 책의
페이지에서 움직이는 장면도 이 코드를 씁니다.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddialab.blocks.cache import Cache, SingleFlight, due_early
from ddialab.core.engine import Engine

Answer = Callable[[Any], None]


class CacheAside:
    """``query(key, then)``은 데이터베이스에 묻고, 답이 오면 ``then(답)``을 부르는 함수입니다.

    ``cure``는 미스가 났을 때의 대책(none, single-flight, early-refresh), ``ttl``은 새로 채운 값의
    수명(초)이고 없으면 None입니다.
    """

    def __init__(
        self,
        engine: Engine,
        cache: Cache,
        query: Callable[[str, Answer], None],
        cure: str = "none",
        ttl: float | None = None,
    ):
        self.engine, self.cache, self.query = engine, cache, query
        self.cure, self.ttl = cure, ttl
        self._flights, self._draw = SingleFlight(), engine.stream("미리 채우기").random

    def read(self, key: str, answer: Answer) -> None:
        """캐시에 있으면 바로 ``answer(값)``을, 없으면 데이터베이스의 답이 온 뒤에 부릅니다."""
        entry = self.cache.entry(key)
        if entry is None:
            self._miss(key, answer)
            return
        answer(entry.value)
        if self.cure == "early-refresh" and due_early(entry, self.engine.now, 1 - self._draw()):
            self._fill(key, lambda value: None)  # 아직 쓸 수 있는 값으로 답했고, 뒤에서 채웁니다

    def _miss(self, key: str, answer: Answer) -> None:
        if self.cure != "single-flight":
            self._fill(key, answer)
        elif self._flights.join(key, answer):
            self._fill(key, lambda value: self._land(key, value))

    def _land(self, key: str, value: Any) -> None:
        for answer in self._flights.land(key):
            answer(value)

    def _fill(self, key: str, then: Answer) -> None:
        asked = self.engine.now

        def store(value: Any) -> None:
            self.cache.set(key, value, self.ttl, cost=self.engine.now - asked)
            then(value)

        self.query(key, store)
