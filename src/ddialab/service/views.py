"""사본들: 게시글에서 파생한 데이터. 쓰기 하나를 저마다의 저장소에 적용합니다.

사본은 ``apply(change)``로 쓰기를 바로 적용합니다. 로그를 따라갈 때는 ``apply(change, offset)``으로
로그의 위치를 함께 받아, 같은 쓰기를 두 번 적용해도 결과가 같습니다(멱등성).

``position()``은 다음에 읽을 로그의 위치이고 ``mark(offset)``은 거기까지 적용했다고 적습니다. 위치는
사본과 같은 저장소에 둡니다. 저장소를 통째로 잃으면(FLUSHALL) 위치도 사라져(None) 처음부터 다시 만들
수 있습니다. 잃은 뒤에 적용한 것이 남아 있을 수 있으므로 ``clear()``로 비우고 시작합니다. 적용하고
``mark``하는 사이에 잃으면 ``mark``가 거절됩니다. 위치를 따로 적지 않는 색인은 적용하기 바로 전에
``ready``가 봅니다.
"""

from __future__ import annotations

from typing import Any

from ddialab.blocks.cache import Cache
from ddialab.blocks.posts import Post
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

    def position(self) -> int | None:
        """다음에 읽을 로그의 위치. 적어 둔 것이 없으면 None."""
        found = self._backend.get(position_of(self.name))
        return None if found is None else int(found)

    def ready(self, offset: int) -> bool:
        """로그의 ``offset``을 적용해도 되는지. 그사이 잃었으면 `mark`가 거절하므로 늘 됩니다."""
        return True

    def mark(self, offset: int) -> bool:
        """로그의 ``offset``까지 적용했다고 적습니다. 그 앞까지 적용한 저장소가 아니면 False."""
        before = None if offset < 0 else str(offset)
        return self._backend.swap(position_of(self.name), before, str(offset + 1))

    def clear(self) -> None:
        """담은 것을 비웁니다."""


def position_of(view: str) -> str:
    """이름이 ``view``인 사본의 위치를 두는 키."""
    return f"position:{view}"


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
        if change.kind in (DELETE, FOLLOW):  # 팔로우의 번호는 0이라서, 위치만 남습니다
            self._index.delete(change.id, version)
        else:
            self._index.put(change.id, change.text, version)

    def position(self) -> int:
        """다음에 읽을 로그의 위치. 차례대로 적용하므로 가장 큰 버전까지는 다 적용했습니다."""
        return self._index.latest()

    def ready(self, offset: int) -> bool:
        """로그의 ``offset``을 적용해도 되는지. 그사이 색인을 잃었으면 그 앞의 것부터 다시입니다.

        적용하고 나면 버전이 커져, 앞의 것이 빠졌는지 알 수 없습니다.
        """
        return self.position() == offset

    def mark(self, offset: int) -> bool:
        """버전이 곧 위치라서 따로 적을 것이 없습니다."""
        return True

    def clear(self) -> None:
        """위치가 없으면 빈 색인이라서 비울 것이 없습니다."""


class TimelineView(_Marked):
    """팔로워들의 홈 타임라인. ``database``와 ``follows``에서 누가 무엇을 받는지 봅니다."""

    def __init__(self, timelines: Timelines, backend: Any, database: Any, follows: Any):
        super().__init__(TIMELINE, backend)
        self._timelines, self._database, self._follows = timelines, database, follows

    def apply(self, change: Change, offset: int | None = None) -> None:
        """새 글은 팔로워마다 넣고 지운 글은 뺍니다. 새로 팔로우하면 최근 글을 넣습니다."""
        if change.kind == FOLLOW:
            recent = [post.id for post in self._recent_of(change.text)]
            self._timelines.push(change.author, recent, offset)
            return
        for follower in self._follows.followers(change.author):
            if change.kind == PUBLISH:
                self._timelines.push(follower, [change.id], offset)
            elif change.kind == DELETE:
                self._timelines.remove(follower, change.id, self._recent, offset)

    def clear(self) -> None:
        """모두의 타임라인을 비웁니다."""
        for user in self._follows.everyone():
            self._timelines.clear(user)

    def _recent(self, follower: str) -> list[int]:
        """팔로우한 사람마다 최근 글의 번호들."""
        authors = self._follows.followees(follower)
        return [post.id for one in authors for post in self._recent_of(one)]

    def _recent_of(self, author: str) -> list[Post]:
        return self._database.posts(author, KEPT, newest_first=True)


class TrendingView(_Marked):
    """인기 태그."""

    def __init__(self, trending: Trending, backend: Any):
        super().__init__(TRENDING, backend)
        self._trending = trending

    def apply(self, change: Change, offset: int | None = None) -> None:
        """바뀐 글의 태그를 다시 셉니다."""
        if change.kind != FOLLOW:
            self._trending.put(change.id, change.text, offset)

    def clear(self) -> None:
        """태그를 모두 지웁니다."""
        self._trending.clear()
