"""손으로 만료시키고 비우고 고치는 캐시: 많은 사용자가 인기에 쏠린 게시글들을 읽습니다."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ddialab.blocks.cache import Cache, Lru
from ddialab.cluster.line import Line
from ddialab.core.engine import Engine
from ddialab.core.scene import Draw
from ddialab.experiments.cache_miss.aside import Answer, CacheAside
from ddialab.experiments.cache_miss.picture import ABSENT, APP, DATABASE, EXPIRED, Picture, Shelf
from ddialab.stress.load import Adjustable, popular

HOT = "인기 게시글"


@dataclass(frozen=True)
class Spec:
    """장면의 설정. 시간의 단위는 초입니다."""

    rate: float  # 초당 요청
    room: int  # 캐시의 칸
    posts: int = 6
    skew: float = 2.0
    connections: int = 2  # 데이터베이스가 한 번에 처리하는 쿼리
    query_time: float = 1.0
    patience: float = 2.0  # 사용자가 기다리는 시간
    cure: str = "none"
    filled: bool = True  # 캐시가 인기 있는 게시글로 찬 채 시작하는지
    expires: float | None = None  # 처음에 든 인기 게시글이 만료되는 시각
    edited: bool = False  # 글을 고치는 장면인지. 그러면 글마다 버전을 보입니다


def title(rank: int) -> str:
    """인기 순위가 ``rank``(0부터)인 게시글의 키."""
    return f"게시글 {rank + 1}" if rank else HOT


class ByHand:
    """``spec``대로 움직이는 서비스."""

    def __init__(self, engine: Engine, spec: Spec, draw: Draw):
        self.engine, self.spec, self.draw = engine, spec, draw
        self.picture, self.versions = Picture(draw), {}
        self.shelf = Shelf(engine, draw, spec.edited)
        self.cache = Cache(self.shelf, kept=Lru(spec.room))
        self.aside = CacheAside(engine, self.cache, self._query, spec.cure)
        self.line = Line(engine, spec.connections, spec.query_time)
        self.load = Adjustable(spec.rate)
        self._pick = popular(spec.posts, spec.skew, engine.stream("키").random)
        self._made = 0
        self._asking = ""  # 지금 캐시에 묻는 요청의 점
        self._open: dict[str, str] = {}  # 아직 답을 받지 못한 요청의 점과, 찾는 글
        self.failed: list[str] = []  # 포기한 사용자가 찾던 글
        for rank in range(spec.posts):
            self._write(title(rank), 1)
        if spec.filled:
            self._fill()
        self.load.start(engine, lambda done: self.read(title(self._pick())))

    def _write(self, key: str, version: int) -> None:
        self.versions[key] = version
        if self.spec.edited:
            self.draw("put", DATABASE, key, self._text(key))

    def _text(self, key: str) -> str:
        return f"버전 {self.versions[key]}"

    def _fill(self) -> None:
        for rank in reversed(range(self.spec.room)):
            ttl = None if rank else self.spec.expires
            key = title(rank)
            self.cache.set(key, self._text(key), ttl, cost=self.spec.query_time)

    # --- 독자의 행동 ---

    def act(self, name: str, target: str) -> None:
        """행동 하나를 지금 합니다: 만료(expire), 비우기(flush), 고치기(edit)."""
        if name == "expire":
            self.draw("say", EXPIRED if self.shelf.holds(HOT) else ABSENT)
            self.cache.delete(HOT)
        elif name == "flush":
            for key in self.versions:
                self.cache.delete(key)
            self.draw("say", "캐시가 텅 비었습니다.")
        elif name == "edit":
            self._write(HOT, self.versions[HOT] + 1)
            self.cache.delete(HOT)
            self.draw("say", "인기 게시글을 데이터베이스에서 고치고, 캐시에서 지웠습니다.")

    def turn(self, knob: str, value: Any) -> None:
        """움직이는 동안 부하를 초당 ``value``건으로 바꿉니다."""
        self.load.turn(value)

    # --- 요청의 길 ---

    def read(self, key: str) -> None:
        """사용자 한 명이 ``key``를 읽습니다."""
        dot = self._asking = self._next()
        self._open[dot] = key
        self.picture.ask(dot)
        self.aside.read(key, lambda text: self._answer(dot))
        if dot not in self._open:
            self.picture.count("hit")
            return
        if self._asking:  # 쿼리를 보내지 않았는데 답도 없습니다
            self.picture.wait(dot)
        self.engine.after(self.spec.patience, self._give_up, dot)

    def _next(self) -> str:
        self._made += 1
        return str(self._made)

    def _answer(self, dot: str) -> None:
        self._asking = ""
        if dot in self._open:
            del self._open[dot]
            self.picture.answer(dot)
        else:
            self.draw("gone", dot)

    def _give_up(self, dot: str) -> None:
        if dot in self._open:
            self.failed.append(self._open.pop(dot))
            self.picture.fail(dot)

    def _query(self, key: str, then: Answer) -> None:
        dot, behind, self._asking = self._asking, "", ""
        if not dot:  # 답은 이미 했고, 뒤에서 새로 읽습니다
            dot = behind = self._next()
            self.draw("new", dot, APP)
        self.picture.query(dot)
        self.line.join(lambda: self.picture.work(dot), lambda: self._land(key, then, behind))

    def _land(self, key: str, then: Answer, behind: str) -> None:
        """데이터베이스의 답이 왔습니다. ``behind``는 기다리는 사용자가 없는 쿼리의 점입니다."""
        then(self._text(key))
        if behind:
            self.draw("gone", behind)
        if not len(self.line):
            self.picture.calm()
