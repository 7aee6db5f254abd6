"""사본들: 게시글에서 파생한 데이터. 쓰기 하나를 저마다의 저장소에 적용합니다.

사본은 ``apply(change)``로 쓰기를 바로 적용합니다. 로그를 따라갈 때는 ``apply(change, offset)``으로
로그의 위치를 함께 받아, 같은 쓰기를 두 번 적용해도 결과가 같습니다(멱등성). ``position()``은 다음에
읽을 로그의 위치이고, ``mark(offset)``은 거기까지 적용했다고 적습니다. 위치는 사본과 같은 저장소에
둡니다. 저장소가 통째로 사라지면 위치도 사라져, 처음부터 다시 만들기 때문입니다.
"""

from __future__ import annotations

from typing import Any

from ddialab.blocks.cache import Cache
from ddialab.service.change import DELETE, FOLLOW, PUBLISH, Change
from ddialab.service.posts import key_of, packed
from ddialab.service.timeline import KEPT, Timelines
from ddialab.service.trending import Trending

CACHE, INDEX, TIMELINE, TRENDING = "cache", "index", "timeline", "trending"


class _Marked:
    """위치를 캐시 서버의 키 하나에 적는 사본."""

    marked = True  # 위치를 따로 적는지

    def __init__(self, name: str, backend: Any):
        self.name, self._backend = name, backend

    def position(self) -> int:
        """다음에 읽을 로그의 위치."""
        return int(self._backend.get(f"position:{self.name}") or 0)

    def mark(self, offset: int) -> None:
        """로그의 ``offset``까지 적용했다고 적습니다."""
        self._backend.set(f"position:{self.name}", str(offset + 1))


class CacheView(_Marked):
    """게시글의 캐시. ``updates``면 새 값을 넣고, 아니면 지웁니다(무효화)."""

    def __init__(self, cache: Cache, updates: bool = False):
        super().__init__(CACHE, cache.backend)
        self._cache, self._updates = cache, updates

    def apply(self, change: Change, offset: int | None = None) -> None:
        """바뀐 글의 낡은 값을 없앱니다."""
        if change.kind == FOLLOW:
            return
        if self._updates and change.kind != DELETE:
            self._cache.set(key_of(change.id), packed(change.post))
        else:
            self._cache.delete(key_of(change.id))


class IndexView:
    """검색 색인(`ddialab.blocks.search`). 글마다 로그의 위치를 버전으로 적습니다."""

    name, marked = INDEX, False

    def __init__(self, index: Any):
        self._index = index

    def apply(self, change: Change, offset: int | None = None) -> None:
        """바뀐 글을 다시 색인합니다. 이미 더 새것이 있으면 그대로입니다."""
        version = 0 if offset is None else offset + 1
        if change.kind == DELETE:
            self._index.delete(change.id, version)
        elif change.kind != FOLLOW:
            self._index.put(change.id, change.text, version)

    def position(self) -> int:
        """다음에 읽을 로그의 위치. 차례대로 적용하므로 가장 큰 버전까지는 다 적용했습니다."""
        return self._index.latest()

    def mark(self, offset: int) -> None:
        """버전이 곧 위치라서 따로 적을 것이 없습니다."""


class TimelineView(_Marked):
    """팔로워들의 홈 타임라인. ``database``와 ``follows``에서 누가 무엇을 받는지 봅니다."""

    def __init__(self, timelines: Timelines, backend: Any, database: Any, follows: Any):
        super().__init__(TIMELINE, backend)
        self._timelines, self._database, self._follows = timelines, database, follows

    def apply(self, change: Change, offset: int | None = None) -> None:
        """새 글은 팔로워마다 넣고 지운 글은 뺍니다. 새로 팔로우하면 최근 글을 넣습니다."""
        if change.kind == FOLLOW:
            recent = self._database.posts(change.text, KEPT, newest_first=True)
            self._timelines.push(change.author, [post.id for post in recent], offset)
            return
        for follower in self._follows.followers(change.author):
            if change.kind == PUBLISH:
                self._timelines.push(follower, [change.id], offset)
            elif change.kind == DELETE:
                self._timelines.remove(follower, change.id, offset)


class TrendingView(_Marked):
    """인기 태그."""

    def __init__(self, trending: Trending, backend: Any):
        super().__init__(TRENDING, backend)
        self._trending = trending

    def apply(self, change: Change, offset: int | None = None) -> None:
        """바뀐 글의 태그를 다시 셉니다."""
        if change.kind != FOLLOW:
            self._trending.put(change.id, change.text, offset)
