"""홈 타임라인: 팔로우한 사람들의 최근 글. 글을 쓸 때 팔로워마다 밀어 넣어 둡니다(push)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ddialab.service.stored import Stored

KEPT = 20  # 한 사람의 타임라인에 두는 글의 수


class Timelines:
    """사람마다 게시글의 번호들을 ``backend``(`ddialab.core.backend.Backend`)에 둡니다."""

    def __init__(self, backend):
        self._stored = Stored(backend)

    def ids(self, user: str) -> list[int]:
        """``user``의 타임라인: 게시글의 번호들, 새것부터."""
        return self._stored.get(key_of(user), [])

    def push(self, user: str, ids: Iterable[int], offset: int | None = None) -> None:
        """``ids``의 글을 ``user``의 타임라인에 넣습니다. 이미 있는 글은 그대로입니다."""
        fresh = list(ids)
        self._stored.change(key_of(user), [], lambda old: newest(old + fresh), offset)

    def remove(
        self, user: str, id: int, older: Callable[[str], list[int]], offset: int | None = None
    ) -> None:
        """지운 글을 ``user``의 타임라인에서 뺍니다. 꽉 차 있었으면 ``older(user)``로 채웁니다."""

        def without(old: list[int]) -> list[int]:
            left = [one for one in old if one != id]
            return newest(left + older(user)) if len(left) < len(old) == KEPT else left

        self._stored.change(key_of(user), [], without, offset)

    def clear(self, user: str) -> None:
        """``user``의 타임라인을 비웁니다."""
        self._stored.backend.delete(key_of(user))


def newest(ids: Iterable[int]) -> list[int]:
    """번호가 큰 것부터 `KEPT`개. 같은 번호는 한 번만."""
    return sorted(dict.fromkeys(ids), reverse=True)[:KEPT]


def key_of(user: str) -> str:
    """``user``의 타임라인을 두는 키."""
    return f"timeline:{user}"
