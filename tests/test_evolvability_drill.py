from dataclasses import replace

import pytest

from ddialab.core.errors import InvalidValue
from ddialab.experiments.evolvability.drill import (
    MOVES,
    migrate_under_load,
    roll_back_under_load,
    unrestorable,
)
from ddialab.ops.columns import MemoryColumns


def test_only_posts_written_in_the_new_shape_come_back_in_other_letters():
    assert roll_back_under_load(4, 1).altered == 0
    assert roll_back_under_load(5, 1).altered > 0


def test_what_contracting_destroys():
    assert unrestorable(["점심 #맛집", "#맛집 점심", "두  칸"]) == ["#맛집 점심", "두  칸"]


def test_the_same_seed_gives_the_same_drill():
    assert migrate_under_load("blind", 3) == migrate_under_load("blind", 3)
    assert migrate_under_load("careful", 3) != migrate_under_load("careful", 4)


@pytest.mark.parametrize("way", MOVES)
def test_in_memory_the_drill_goes_the_same_way(way):
    found = [migrate_under_load(way, 3, columns=where) for where in (None, MemoryColumns())]
    assert bool(found[0].stopped) == bool(found[1].stopped)
    assert replace(found[0], stopped="") == replace(found[1], stopped="")  # 오류의 글만 다릅니다


def test_in_memory_the_way_back_is_the_same():
    for step in (4, 5):
        assert roll_back_under_load(step, 2, columns=MemoryColumns()) == roll_back_under_load(
            step, 2
        )


@pytest.mark.parametrize(
    "call",
    [
        lambda: migrate_under_load("quick"),
        lambda: migrate_under_load(posts=0),
        lambda: roll_back_under_load(6),
        lambda: roll_back_under_load("좁히기"),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(InvalidValue):
        call()
