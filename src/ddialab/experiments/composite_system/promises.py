"""약속: 길마다 누구에게 무엇을 지키는지, 모든 순서와 모든 죽는 자리에서 세어 봅니다."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from ddialab.experiments.composite_system.crash_points import Death, every_death
from ddialab.experiments.composite_system.orders import (
    RACES,
    Race,
    goes_back,
    races,
    some_orders,
    stale_reads,
    stale_searches,
    stuck,
)
from ddialab.experiments.composite_system.system import System

SOME = 200  # 순서가 너무 많을 때 골라 보는 수


class Way(NamedTuple):
    """쓰는 길 하나와, 사본을 기다렸다가 답하는지."""

    way: str
    waits: bool
    name: str


COLUMNS = (
    Way("dual", False, "이중 쓰기"),
    Way("invalidate", False, "무효화"),
    Way("lease", False, "임차권"),
    Way("outbox", False, "아웃박스와 로그"),
    Way("outbox", True, "로그, 기다렸다 답하기"),
)


class Kept(NamedTuple):
    """약속 하나를 어긴 수와, 해 본 수."""

    broken: int
    tried: int


class Evidence(NamedTuple):
    """길 하나로 해 본 것: 읽기와 겹친 고치기, 고치기끼리 겹친 것, 죽인 것."""

    reads: Sequence[Race]
    writes: Sequence[Race]
    deaths: Sequence[Death]


def gather(column: Way, seed: int = 0, run: Callable[..., list[Race]] = races) -> Evidence:
    """길 하나로 모든 순서와 모든 죽는 자리를 해 봅니다.

    기다렸다 답하는 두 사람이 겹치면 순서가 너무 많아, `SOME`개만 골라 봅니다. ``run``은 모든 순서를
    해 보는 함수입니다(`races`나, 한 번 해 본 것을 기억하는 것).
    """
    way, waits, _ = column
    reads = [one for full in (False, True) for one in run(way, "read", filled=full, waits=waits)]
    start = partial(_two_writers, way, waits)
    writes = (
        list(some_orders(start, SOME, seed))
        if waits
        else run(way, "write", filled=False, waits=False)
    )
    return Evidence(reads, writes, every_death(way, seed, waits=waits))


def _two_writers(way: str, waits: bool) -> Race:
    return Race(System(way, waits=waits), RACES["write"])


def _count(races: Sequence[Race], broken: Callable[[Race], bool]) -> Kept:
    return Kept(sum(map(broken, races)), len(races))


# (누구에게, 무엇을, 세는 법)
PROMISES = (
    (
        "글쓴이",
        "답을 들은 글은 사라지지 않는다",
        lambda seen: Kept(sum(death.lost > 0 for death in seen.deaths), len(seen.deaths)),
    ),
    (
        "글쓴이와 읽는 사람",
        "답한 뒤에 읽으면 새 제목이다",
        lambda seen: _count([*seen.reads, *seen.writes], stale_reads),
    ),
    (
        "찾는 사람",
        "답한 뒤에 검색하면 새 제목이다",
        lambda seen: _count([*seen.reads, *seen.writes], stale_searches),
    ),
    (
        "읽는 사람",
        "새 제목을 본 다음에 옛 제목을 보지 않는다",
        lambda seen: _count(seen.reads, goes_back),
    ),
    (
        "모두",
        "요청이 겹쳐도 끝내 모든 사본이 같아진다",
        lambda seen: _count([*seen.reads, *seen.writes], stuck),
    ),
    (
        "모두",
        "도중에 죽어도 끝내 모든 사본이 같아진다",
        lambda seen: Kept(sum(bool(death.drifts) for death in seen.deaths), len(seen.deaths)),
    ),
)


def promises(seen: Evidence) -> list[Kept]:
    """`PROMISES`마다 어긴 수와 해 본 수."""
    return [count(seen) for _, _, count in PROMISES]
