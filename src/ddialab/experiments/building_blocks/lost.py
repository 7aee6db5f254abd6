"""하나를 지운다면: 무엇을 잃고, 되살리려면 무엇을 얼마나 읽나."""

from __future__ import annotations

from typing import NamedTuple

from ddialab.blocks.cache import Cache
from ddialab.core.errors import check_choice, check_integer
from ddialab.experiments.building_blocks.five import (
    BATCH,
    BLOCKS,
    CACHE,
    DATABASE,
    INDEX,
    ROOM,
    Five,
    Index,
    Shelf,
    Table,
)
from ddialab.service.dataset import DAYS, dataset

COUNT = 1_000  # 글의 수
STORED = 500  # 캐시에 「저장한」 글의 수
SLOTS = 100  # 그 캐시의 칸


class Rebuilt(NamedTuple):
    """되살린 결과: 어디서 읽었고, 몇 건을 읽었고, 끝내 잃은 글이 몇 건인지."""

    source: str
    read: int
    lost: int


def filled(seed: int = 0, count: int = COUNT) -> Five:
    """글 ``count``건을 담은 다섯. 일괄 처리의 파일에는 마지막 날의 글이 없습니다."""
    posts, five = list(dataset(count, seed)), Five()
    before = [post for post in posts if post.day < DAYS - 1]
    five.fill((post.id, post.text) for post in before)
    five.night()
    five.fill((post.id, post.text) for post in posts[len(before) :])
    for id in range(1, ROOM + 1):
        five.shelf.put(id, five.table.texts[id])
    return five


def rebuild(five: Five, block: str) -> Rebuilt:
    """``block``을 통째로 지우고, 남은 것에서 되살립니다."""
    check_choice("block", block, BLOCKS)
    posts = len(five.table.texts)
    if block == DATABASE:
        five.table = Table()
        for id, text in five.file.rows:  # 어젯밤의 파일이 백업이 됩니다
            five.table.put(id, text)
        return Rebuilt(BATCH, len(five.file.rows), posts - len(five.file.rows))
    if block == CACHE:
        five.shelf = Shelf(ROOM)
        return Rebuilt(DATABASE, ROOM, 0)  # 다시 읽힐 때마다 하나씩 채워집니다
    if block == INDEX:
        five.index = Index()
        for id, text in five.table.texts.items():
            five.index.put(id, text)
    elif block == BATCH:
        five.night()
    else:
        five.counts.count.forget()
        return Rebuilt("log", five.counts.count.catch_up(), 0)
    return Rebuilt(DATABASE, posts, 0)


def kept_by(cache: Cache, stored: int = STORED) -> int:
    """캐시에만 글을 ``stored``건 저장한 다음, 처음부터 다시 읽어 되찾은 것의 수."""
    check_integer("stored", stored, 1)
    for id in range(1, stored + 1):
        cache.set(f"post:{id}", f"글 {id}")
    found = [cache.backend.get(f"post:{id}") for id in range(1, stored + 1)]
    return sum(one is not None for one in found)
