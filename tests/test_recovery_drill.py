import pytest

from ddialab.core.errors import InvalidValue
from ddialab.ops.drill import Policy, drill, expected_lost, expected_rto


def test_a_rarer_snapshot_costs_writes_without_a_log_and_time_with_one():
    often, rarely = Policy(snapshot_every=10), Policy(snapshot_every=240)
    assert expected_lost(rarely, "snapshot") > 8 * expected_lost(often, "snapshot")
    assert expected_lost(rarely, "skip") == expected_lost(often, "skip") == 0
    assert expected_rto(rarely, "skip") > expected_rto(often, "skip")
    assert expected_rto(rarely, "snapshot") == expected_rto(often, "snapshot")


def test_the_same_seed_gives_the_same_accident():
    policy = Policy(snapshot_every=20)
    assert drill(policy, 3) == drill(policy, 3) != drill(policy, 4)


def test_a_mistake_noticed_at_once_loses_nothing_after_it():
    run = drill(Policy(snapshot_every=20, detected_after=0), 1)
    assert run.lost["cut"] == 0 < run.lost["snapshot"]


@pytest.mark.parametrize(
    "bad", [{"snapshot_every": 0}, {"detected_after": -1}, {"writes_per_minute": "많이"}]
)
def test_impossible_policies_are_refused(bad):
    with pytest.raises(InvalidValue):
        Policy(**bad)


def test_an_unknown_way_is_refused():
    with pytest.raises(InvalidValue, match="cut"):
        expected_lost(Policy(), "기도")
