"""쓰는 길: 게시글 하나를 바꿀 때 어디를 어떤 차례로 고치는가.

읽기와 쓰기는 단계를 하나씩 내놓는 제너레이터입니다. ``yield``마다, 이제 하려는 단계의 이름을
내놓고 멈춥니다. 두 단계 사이는 다른 클라이언트가 끼어들 수 있는 곳이고, 프로세스가 죽을 수 있는
곳입니다. 서비스(`finish`)는 끝까지 이어서 하고, 실습의 장면과 테스트는 한 단계씩 골라서 합니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ddialab.blocks.posts import Post, check_id
from ddialab.service.change import DELETE, EDIT, FOLLOW, PUBLISH, Change, change_of
from ddialab.service.posts import key_of, packed, unpacked
from ddialab.service.views import CACHE

WAYS = ("dual", "invalidate", "lease", "outbox")
DATABASE, FILL, ANSWER = "database", "fill", "answer"


class Writes:
    """게시글을 바꾸고 읽는 단계들.

    ``views``는 쓸 때 바로 고칠 사본들입니다. ``outbox``가 있으면 사본 대신 아웃박스에 적고, 사본은
    릴레이(`ddialab.service.relay`)가 나중에 고칩니다. ``relay``까지 주면 사본들이 따라온 다음에
    답합니다. ``leased``면 ``cache``는 임차권이 있어야 채워집니다(`ddialab.blocks.lease`).
    """

    def __init__(
        self,
        database: Any,
        follows: Any,
        cache: Any,
        views: Sequence[Any] = (),
        outbox: Any = None,
        relay: Any = None,
        leased: bool = False,
    ):
        self.database, self.follows, self.cache = database, follows, cache
        self.views, self.outbox, self.relay, self.leased = views, outbox, relay, leased

    def publish(self, author: str, text: str) -> Iterator[str]:
        """새 글을 씁니다. 끝나면 `Change`를 돌려줍니다."""

        def insert() -> Change:
            return change_of(PUBLISH, self.database.insert_post(author, text))

        return self._write(insert)

    def edit(self, id: int, text: str) -> Iterator[str]:
        """글을 고칩니다. 끝나면 `Change`를, 없는 글이면 None을 돌려줍니다."""

        def update() -> Change | None:
            post = self.database.update(id, text)
            return None if post is None else change_of(EDIT, post)

        return self._write(update)

    def delete(self, id: int) -> Iterator[str]:
        """글을 지웁니다. 끝나면 `Change`를, 없는 글이면 None을 돌려줍니다."""

        def remove() -> Change | None:
            post = self.database.post(id)
            return change_of(DELETE, post) if post and self.database.delete(id) else None

        return self._write(remove)

    def follow(self, follower: str, followee: str) -> Iterator[str]:
        """``follower``가 ``followee``를 팔로우합니다. 끝나면 `Change`를 돌려줍니다."""

        def add() -> Change:
            self.follows.add(follower, followee)
            return Change(FOLLOW, 0, follower, followee)

        return self._write(add)

    def read(self, id: int) -> Iterator[str]:
        """글을 읽습니다(캐시 어사이드). 끝나면 `Post`를, 없는 글이면 None을 돌려줍니다."""
        check_id(id)  # 번호가 아닌 것으로 임차권을 쥐지 않게
        yield CACHE
        found = self.cache.get(key_of(id))
        if found is not None:
            return unpacked(found)
        token = self.cache.lease(key_of(id)) if self.leased else None
        yield DATABASE
        post = self.database.post(id)
        if post is not None:
            yield FILL
            self._fill(post, token)
        return post

    def _write(self, change: Callable[[], Change | None]) -> Iterator[str]:
        """원본을 바꾸고, 사본을 고치거나 아웃박스에 적고, 답합니다."""
        yield DATABASE
        done = change() if self.outbox is None else self._with_outbox(change)
        if done is not None and self.outbox is None:
            for view in self.views:
                yield view.name
                view.apply(done)
        if self.relay is not None:
            yield from self.relay.steps()
        yield ANSWER
        return done

    def _with_outbox(self, change: Callable[[], Change | None]) -> Change | None:
        """원본과 아웃박스를 한 트랜잭션으로: 둘 다 남거나 하나도 남지 않습니다."""
        with self.database.transaction():
            done = change()
            if done is not None:
                self.outbox.add(done.encode())
        return done

    def _fill(self, post: Post, token: str | None) -> None:
        if self.leased:
            self.cache.fill(key_of(post.id), packed(post), token)
        else:
            self.cache.set(key_of(post.id), packed(post))


def finish(steps: Iterator[str], at: Callable[[str], object] | None = None) -> Any:
    """단계들을 끝까지 하고 결과를 돌려줍니다. ``at(단계)``는 단계마다 그 앞에서 부릅니다."""
    while True:
        try:
            step = next(steps)
        except StopIteration as done:
            return done.value
        if at is not None:
            at(step)
