"""복합 데이터 시스템: 게시글 서비스에 팔로우, 홈 타임라인, 검색, 인기 태그를 더합니다.

데이터베이스가 원본이고 캐시, 검색 색인, 타임라인, 인기 태그는 사본입니다. 사본을 맞추는 방법은
``way``로 고릅니다(`ddialab.service.writes.WAYS`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ddialab.blocks.cache import Cache
from ddialab.blocks.lease import LeasedCache
from ddialab.blocks.posts import Post, check_text
from ddialab.core.errors import InvalidValue, check_choice
from ddialab.service.follows import follows_of
from ddialab.service.outbox import outbox_of
from ddialab.service.posts import PostService
from ddialab.service.relay import Relay
from ddialab.service.timeline import Timelines
from ddialab.service.trending import Trending
from ddialab.service.views import CacheView, IndexView, TimelineView, TrendingView
from ddialab.service.writes import WAYS, Writes, finish


class CompositeService(PostService):
    """``way``대로 사본을 맞추는 게시글 서비스.

    ``database``는 게시글 테이블, ``backend``는 캐시와 타임라인과 인기 태그를 두는 서버, ``index``는
    검색 색인입니다. outbox라면 ``log``가 있는 프로세스가 릴레이를 돌립니다(`catch_up`). ``waits``면
    사본들이 따라온 다음에 답합니다. ``token()``은 임차권의 번호를 짓습니다(없으면 겹치지 않는 것).
    ``at(단계)``는 쓰기의 단계마다 그 앞에서 불립니다.
    """

    def __init__(
        self,
        way: str,
        database: Any,
        backend: Any,
        index: Any,
        *,
        log: Any = None,
        waits: bool = False,
        token: Callable[[], str] | None = None,
        at: Callable[[str], object] | None = None,
    ):
        self.way, leased = check_choice("way", way, WAYS), way in ("lease", "outbox")
        cache = LeasedCache(backend, token or _unique) if leased else Cache(backend)
        super().__init__(database, cache)
        self.backend, self.index, self.at = backend, index, at
        self.follows = follows_of(database.connection)
        self.timelines, self.trends = Timelines(backend), Trending(backend)
        self.views = [
            CacheView(cache, updates=way == "dual"),
            IndexView(index),
            TimelineView(self.timelines, backend, database, self.follows),
            TrendingView(self.trends, backend),
        ]
        outbox = outbox_of(database.connection) if way == "outbox" else None
        relays = outbox is not None and log is not None
        self.relay = Relay(outbox, log, self.views) if relays else None
        waiting = self.relay if waits else None
        self.steps = Writes(database, self.follows, cache, self.views, outbox, waiting, leased)

    def publish(self, author: str, text: str) -> Post:
        """새 글을 쓰고 사본들을 맞춥니다."""
        return finish(self.steps.publish(author, text), self.at).post

    def read(self, id: int) -> Post | None:
        """게시글을 읽습니다. 캐시에 있으면 그것을, 없으면 데이터베이스에서 읽어 캐시에 둡니다."""
        return finish(self.steps.read(id), self.at)

    def edit(self, id: int, text: str) -> Post | None:
        """게시글을 고치고 사본들을 맞춥니다. 없는 게시글이면 None."""
        done = finish(self.steps.edit(id, text), self.at)
        return done and done.post

    def delete(self, id: int) -> bool:
        """게시글을 지우고 사본들을 맞춥니다. 지울 게시글이 있었는지 돌려줍니다."""
        return finish(self.steps.delete(id), self.at) is not None

    def follow(self, follower: str, followee: str) -> None:
        """``follower``가 ``followee``의 글을 받아 봅니다."""
        check_text("follower", follower)
        check_text("followee", followee)
        finish(self.steps.follow(follower, followee), self.at)

    def home(self, user: str) -> list[Post]:
        """``user``의 홈 타임라인: 팔로우한 사람들의 최근 글, 새것부터."""
        found = [self.read(id) for id in self.timelines.ids(check_text("user", user))]
        return [post for post in found if post is not None]

    def search(self, query: str, limit: int | None = None) -> list[tuple[int, str]]:
        """``query``의 낱말이 모두 든 글의 (번호, 색인에 든 글), 새것부터."""
        return [(id, self.index.text(id)) for id in self.index.find(query, limit)]

    def trending(self, limit: int | None = None) -> list[tuple[str, int]]:
        """(태그, 글의 수)를 많은 것부터."""
        return self.trends.top(limit)

    def catch_up(self) -> None:
        """릴레이를 돌려 모든 사본이 여태 쓴 것을 따라오게 합니다."""
        if self.relay is None:
            raise InvalidValue(
                f"way={self.way!r}: 이 서비스에는 릴레이가 없습니다.",
                "way가 outbox이고 log를 주었을 때만 있습니다.",
                "CompositeService('outbox', …, log=Log(…))로 여세요.",
            )
        self.relay.catch_up()


def _unique() -> str:
    import uuid  # 장면이 도는 곳에는 없습니다

    return uuid.uuid4().hex
