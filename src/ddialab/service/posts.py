"""게시글 서비스: 데이터베이스와 캐시를 묶어, 밖에서는 하나처럼 보이게 합니다."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ddialab.blocks.posts import Post, Posts

if TYPE_CHECKING:
    from ddialab.blocks.cache import Cache
    from ddialab.blocks.flight import SharedFlight


class PostService:
    """글을 쓰고, 읽고, 고치고, 지웁니다. 읽기는 캐시를 먼저 봅니다(cache-aside).

    ``database``는 게시글을 담은 곳입니다. `Database`가 아니어도 ``insert_post``, ``post``,
    ``update``, ``delete``가 있으면 됩니다. ``cache``가 없으면 언제나 거기서 읽습니다. ``ttl``은
    캐시에 둘 시간(초)이고, ``flights``를 주면 같은 게시글을 찾는 미스가 겹쳐도 데이터베이스에는 한
    번만 묻습니다.
    """

    def __init__(
        self,
        database: Posts,
        cache: Cache | None = None,
        *,
        ttl: float | None = None,
        flights: SharedFlight | None = None,
    ):
        self.database, self.cache, self.ttl, self.flights = database, cache, ttl, flights

    def publish(self, author: str, text: str, **fields: Any) -> Post:
        """새 글을 씁니다. ``fields``는 저장소가 더 받는 필드(태그 등)입니다."""
        return self.database.insert_post(author, text, **fields)

    def read(self, id: int) -> Post | None:
        """게시글을 읽습니다. 캐시에 있으면 그것을, 없으면 데이터베이스에서 읽어 캐시에 둡니다."""
        if self.cache is None:
            return self.database.post(id)
        cached = self.cache.get(key_of(id))
        if cached is not None:
            return Post(**cached)
        if self.flights is None:
            return self.refresh(id)
        return self.flights.do(key_of(id), lambda: self.refresh(id))

    def refresh(self, id: int) -> Post | None:
        """데이터베이스에서 새로 읽어 캐시에 둡니다."""
        post = self.database.post(id)
        if post is not None:
            self.cache.set(key_of(id), vars(post), self.ttl)
        return post

    def edit(self, id: int, text: str) -> Post | None:
        """게시글을 고치고 캐시의 옛 글을 무효화합니다. 없는 게시글이면 None."""
        post = self.database.update(id, text)
        self._invalidate(id)
        return post

    def delete(self, id: int) -> bool:
        """게시글을 지우고 캐시에서도 지웁니다. 지울 게시글이 있었는지 돌려줍니다."""
        existed = self.database.delete(id)
        self._invalidate(id)
        return existed

    def _invalidate(self, id: int) -> None:
        if self.cache is not None:
            self.cache.delete(key_of(id))


def key_of(id: int) -> str:
    """캐시에서 게시글을 찾는 키."""
    return f"post:{id}"


def packed(post: Post) -> dict[str, Any]:
    """캐시에 둘 꼴의 게시글. ``vars``가 없는 곳(책의 페이지)에서도 됩니다."""
    return {"id": post.id, "author": post.author, "text": post.text, "deleted": post.deleted}


def unpacked(cached: dict[str, Any]) -> Post:
    """`packed`가 바꾼 것을 되돌립니다."""
    return Post(cached["id"], cached["author"], cached["text"], cached["deleted"])
