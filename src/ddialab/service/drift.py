"""어긋남: 사본이 원본과 다른 곳을 모두 찾습니다."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ddialab.service.posts import key_of
from ddialab.service.tags import tags_of
from ddialab.service.timeline import newest
from ddialab.service.views import CACHE, INDEX, TIMELINE, TRENDING


class Drift(NamedTuple):
    """``view``라는 사본의 ``key``에는 ``holds``가 들었는데 원본대로라면 ``should``입니다."""

    view: str
    key: Any
    holds: Any
    should: Any


def drift(service: Any, ids: Iterable[int]) -> list[Drift]:
    """``service``(`ddialab.service.composite.CompositeService`)의 사본이 어긋난 곳들.

    ``ids``는 살펴볼 게시글의 번호입니다. 지운 글도 넣어야, 남아 있는 사본을 찾습니다.
    """
    posts = {post.id: post for post in service.database.posts()}
    texts = {id: posts[id].text if id in posts else None for id in ids}
    found = []
    for id, text in texts.items():
        cached = service.cache.get(key_of(id))
        if cached is not None and cached["text"] != text:
            found.append(Drift(CACHE, id, cached["text"], text))
        if service.index.text(id) != text:
            found.append(Drift(INDEX, id, service.index.text(id), text))
    return found + _timelines(service, posts) + _trending(service, posts)


def _timelines(service: Any, posts: dict) -> list[Drift]:
    found = []
    for user in service.follows.everyone():
        authors = service.follows.followees(user)
        should = newest([id for id, post in posts.items() if post.author in authors])
        holds = service.timelines.ids(user)
        if holds != should:
            found.append(Drift(TIMELINE, user, holds, should))
    return found


def _trending(service: Any, posts: dict) -> list[Drift]:
    counts: dict[str, int] = {}
    for post in posts.values():
        for tag in tags_of(post.text):
            counts[tag] = counts.get(tag, 0) + 1
    holds = dict(service.trends.top())
    differ = [tag for tag in {**counts, **holds} if counts.get(tag) != holds.get(tag)]
    return [Drift(TRENDING, tag, holds.get(tag, 0), counts.get(tag, 0)) for tag in differ]
