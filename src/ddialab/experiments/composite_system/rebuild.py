"""다시 만들기: 읽고 쓰는 것을 멈추지 않고, 로그에서 색인과 캐시 서버의 사본을 새로 만듭니다."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from ddialab.blocks.search.memory import MemoryIndex
from ddialab.core.errors import check_integer
from ddialab.experiments.composite_system.crash_points import AUTHOR, FOLLOWERS, Stores
from ddialab.service.change import decode
from ddialab.service.composite import CompositeService
from ddialab.service.views import IndexView

POSTS = 40  # 다시 만들기 전에 있던 글의 수
AT_ONCE = 5  # 기록을 이만큼 적용할 때마다 다른 요청들이 끼어듭니다


def rebuild_index(
    service: CompositeService, fresh: Any, meanwhile: Callable[[], object], batch: int = AT_ONCE
) -> int:
    """빈 색인 ``fresh``를 로그에서 만들어 갈아 끼우고, 적용한 기록의 수를 돌려줍니다.

    기록을 ``batch``건 적용할 때마다 ``meanwhile()``을 부릅니다. 그사이 검색은 옛 색인이 답하고, 새
    쓰기는 로그에 쌓입니다. 끝까지 따라잡은 다음에 한 번에 바꿉니다.
    """
    check_integer("batch", batch, 1)
    view = IndexView(fresh)
    applied = _replay(service, view, meanwhile, batch)
    service.index = fresh
    service.views[:] = [view if old.name == view.name else old for old in service.views]
    return applied


def clear_and_index(
    service: CompositeService, meanwhile: Callable[[], object], batch: int = AT_ONCE
) -> int:
    """대조군: 쓰고 있는 색인을 비우고 그 자리에 다시 채웁니다. 그동안 릴레이는 색인을 쉽니다."""
    service.index.clear()
    view = IndexView(service.index)
    kept, service.views[:] = list(service.views), [v for v in service.views if v.name != view.name]
    applied = _replay(service, view, meanwhile, batch)
    service.views[:] = kept
    return applied


def _replay(service: CompositeService, view: Any, meanwhile: Callable, batch: int) -> int:
    """로그를 처음부터 끝까지 ``view``에 적용합니다. 마지막 묶음 뒤에는 끼어들지 못합니다."""
    check_integer("batch", batch, 1)
    log, offset = service.relay.log, 0
    while offset < log.end:
        for record in log.read(offset, min(offset + batch, log.end)):
            view.apply(decode(record.payload.decode()), record.offset)
            offset = record.offset + 1
        if offset < log.end:
            meanwhile()
    return offset


class Rebuilt(NamedTuple):
    """다시 만드는 동안의 검색과, 있는데 찾지 못한 검색, 그사이의 쓰기, 끝난 뒤 어긋난 글의 수."""

    searches: int
    missed: int
    writes: int
    drifts: int


def while_in_use(seed: int, in_place: bool = False) -> Rebuilt:
    """글을 쓰고 찾는 사람들이 있는 동안 색인을 다시 만듭니다. ``in_place``면 대조군입니다."""
    chance, stores = Random(seed), Stores("outbox")
    service, crowd = stores.open(), [0, 0, 0]
    for follower in FOLLOWERS:
        service.follow(follower, AUTHOR)
    words = [service.publish(AUTHOR, f"글 낱말{n}") and f"낱말{n}" for n in range(POSTS)]
    service.catch_up()

    def meanwhile() -> None:
        for word in chance.sample(words, 3):
            crowd[0] += 1
            crowd[1] += not service.search(word)
        words.append(f"낱말{len(words)}")
        service.publish(AUTHOR, f"글 {words[-1]}")
        crowd[2] += 1
        service.catch_up()

    if in_place:
        clear_and_index(service, meanwhile)
    else:
        rebuild_index(service, MemoryIndex(), meanwhile)
    service.publish(AUTHOR, "다시 만든 뒤의 글")  # 갈아 끼운 것에 적용되어야 합니다
    service.catch_up()
    posts = {post.id: post.text for post in service.database.posts()}
    return Rebuilt(*crowd, sum(service.index.text(id) != text for id, text in posts.items()))
