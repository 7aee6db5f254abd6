import pytest

from ddialab.core.errors import InvalidValue
from ddialab.ops.migration import STEPS
from ddialab.ops.migration_drill import (
    WAYS,
    migrate_under_load,
    roll_back_under_load,
    unrestorable,
)

SEEDS = range(40)


@pytest.fixture(scope="module")
def drills():
    return {way: [migrate_under_load(way, seed) for seed in SEEDS] for way in WAYS}


def test_the_careful_way_harms_nobody_in_any_run(drills):
    for drill in drills["careful"]:
        assert drill.harmless
        assert not drill.stopped
        assert drill.units[-1][1] == "contract"


def test_renaming_at_once_fails_requests_in_every_run(drills):
    assert all(drill.failures for drill in drills["at-once"])


def test_not_waiting_harms_most_runs(drills):
    assert sum(not drill.harmless for drill in drills["no-waiting"]) > len(SEEDS) / 2


def test_a_blind_backfill_overwrites_newer_text_in_some_runs(drills):
    """드물어서 위험합니다: 어떤 씨앗에서는 멀쩡하고, 실패한 요청은 하나도 없습니다."""
    stale = [bool(drill.stale) for drill in drills["blind"]]
    assert any(stale)
    assert not all(stale)
    assert not any(drill.failures for drill in drills["blind"])


def test_two_neighbouring_modes_really_overlapped(drills):
    drill = drills["careful"][0]
    followed = [{mode: time for time, mode in seen} for seen in drill.modes.values()]
    for mode in ("dual", "switched", "new"):
        times = [modes[mode] for modes in followed]
        assert max(times) - min(times) > 0.1


@pytest.mark.parametrize("step", range(1, len(STEPS)))
def test_rolling_back_any_step_harms_nobody(step):
    for seed in SEEDS:
        drill = roll_back_under_load(step, seed)
        assert drill.harmless
        assert (drill.rewritten > 0) == (step == 5)


def test_only_posts_written_in_the_new_shape_come_back_in_other_letters():
    assert roll_back_under_load(4, 1).altered == 0
    assert roll_back_under_load(5, 1).altered > 0


def test_what_contracting_destroys():
    assert unrestorable(["점심 #맛집", "#맛집 점심", "두  칸"]) == ["#맛집 점심", "두  칸"]


def test_the_same_seed_gives_the_same_drill():
    assert migrate_under_load("blind", 3) == migrate_under_load("blind", 3)
    assert migrate_under_load("careful", 3) != migrate_under_load("careful", 4)


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
