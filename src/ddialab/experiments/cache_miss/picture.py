"""캐시 어사이드의 그림: 요청은 점이 되어 다니고, 캐시의 칸은 채워지고 비워집니다."""

from __future__ import annotations

import json

from ddialab.core.engine import Engine
from ddialab.core.memory import MemoryStore
from ddialab.core.scene import Draw, Part

USERS, APP, CACHE, DATABASE = "users", "app", "cache", "db"
WIRES = ((USERS, APP), (APP, CACHE), (APP, DATABASE))
LANES = (("query", "DB 쿼리"), ("fail", "실패"))
COUNTERS = (("hit", "적중", "good"), ("query", "DB 쿼리", "plain"), ("fail", "실패", "bad"))
EXPIRED = "캐시에 든 인기 게시글이 만료되었습니다."
ABSENT = "인기 게시글은 지금 캐시에 없습니다. 캐시에 든 다음에 누르세요."


def parts(database: str) -> tuple[Part, ...]:
    """사용자, 애플리케이션, 캐시, 그리고 ``database``(server나 store)로 그릴 데이터베이스."""
    return (
        Part(USERS, "client", "사용자", 0),
        Part(APP, "balancer", "애플리케이션", 1),
        Part(CACHE, "store", "캐시", 2),
        Part(DATABASE, database, "DB", 2),
    )


class Picture:
    """요청의 점(``dot``)이 다니는 길과, 위의 수들."""

    def __init__(self, draw: Draw):
        self.draw = draw
        self.counts = {name: 0 for name, _, _ in COUNTERS}
        self._gave_up = 0  # 데이터베이스의 줄이 마지막으로 빈 뒤에 포기한 사용자

    def count(self, counter: str) -> None:
        """위의 수 ``counter``를 하나 늘립니다."""
        self.counts[counter] += 1
        self.draw("count", counter, self.counts[counter])

    def ask(self, dot: str) -> None:
        """사용자의 요청이 애플리케이션을 지나 캐시에 닿습니다."""
        self.draw("new", dot, USERS)
        self.draw("move", dot, APP, "")
        self.draw("move", dot, CACHE, "")

    def query(self, dot: str) -> None:
        """캐시에 없어, 애플리케이션이 데이터베이스에 묻습니다."""
        self.draw("move", dot, APP, "")
        self.draw("move", dot, DATABASE, "wait")
        self.draw("mark", "query", "")
        self.count("query")

    def wait(self, dot: str) -> None:
        """앞서 떠난 같은 쿼리의 답을 애플리케이션에서 함께 기다립니다."""
        self.draw("move", dot, APP, "wait")

    def work(self, dot: str) -> None:
        """데이터베이스가 쿼리를 처리하기 시작합니다."""
        self.draw("move", dot, DATABASE, "work")

    def answer(self, dot: str) -> None:
        """답이 애플리케이션을 지나 사용자에게 돌아갑니다."""
        self.draw("look", dot, "ok")
        self.draw("move", dot, APP, "")
        self.draw("move", dot, USERS, "")
        self.draw("gone", dot)

    def fail(self, dot: str) -> None:
        """사용자가 기다리다 포기했습니다. 데이터베이스에 간 쿼리(``dot``)는 계속 처리됩니다."""
        self.draw("look", dot, "late")
        self.draw("new", f"{dot}.x", APP)
        self.draw("look", f"{dot}.x", "fail")
        self.draw("move", f"{dot}.x", USERS, "")
        self.draw("gone", f"{dot}.x")
        self.draw("mark", "fail", "")
        if not self._gave_up:
            self.draw("say", "기다리다 포기한 사용자가 있습니다.")
        self._gave_up += 1
        self.count("fail")

    def calm(self) -> None:
        """데이터베이스의 줄이 비었습니다. 포기한 사용자가 있었으면 몇 명이었는지 말합니다."""
        if gone := self._gave_up:
            said = f"데이터베이스의 줄이 비었습니다. 이 줄에서 기다리던 {gone}명이 포기했습니다."
            self.draw("say", said)
        self._gave_up = 0


class Shelf(MemoryStore):
    """무엇이 들었는지 보이는 캐시. 방금 사용한 것이 맨 아래에 있습니다.

    ``edited``면 든 글의 버전을, 글을 고치지 않는 장면이면 채운 뒤로 적중한 횟수를 적습니다.
    """

    def __init__(self, engine: Engine, draw: Draw, edited: bool):
        super().__init__(lambda: engine.now)
        self.engine, self.draw, self.edited = engine, draw, edited
        self._last = ""
        self._hits: dict[str, int] = {}

    def get(self, key: str) -> str | None:
        value = super().get(key)
        if value is not None:
            self._hits[key] += 1
            self._show(key, value)
        return value

    def set(self, key: str, value: str, ttl: float | None = None) -> None:
        super().set(key, value, ttl)
        self._hits[key] = 0
        self._show(key, value)
        if ttl is not None:
            self.engine.after(ttl, self._lapse, key)

    def delete(self, key: str) -> None:
        super().delete(key)
        self.draw("put", CACHE, key, None)

    def holds(self, key: str) -> bool:
        """``key``가 들어 있나. 읽은 것으로 치지 않습니다."""
        return super().get(key) is not None

    def _show(self, key: str, value: str) -> None:
        if key != self._last:
            self.draw("put", CACHE, key, None)
        self._last = key
        text = json.loads(value)[0] if self.edited else f"적중 {self._hits[key]}번"
        self.draw("put", CACHE, key, text)

    def _lapse(self, key: str) -> None:
        if not self.holds(key):  # 그사이 새로 채웠으면 아직 남아 있습니다
            self.delete(key)
            self.draw("say", EXPIRED)
