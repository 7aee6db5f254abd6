"""결함 계획: JSON 왕복, 검사, 무작위 계획의 통계."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.stress.faults import FAULTS, VANISH, Fault, FaultPlan, random_plan, reboots
from suite.effort import fuzz


@st.composite
def faults(draw):
    kind = draw(st.sampled_from(FAULTS))
    duration = None if kind == VANISH else draw(st.floats(0, 1e6))
    target = draw(st.text(min_size=1, max_size=5))
    return Fault(draw(st.floats(0, 1e6)), kind, target, duration)


@fuzz(1000)
@given(st.lists(faults(), max_size=20))
def test_json_round_trip_and_order(many):
    plan = FaultPlan(many)
    assert FaultPlan.from_json(plan.to_json()) == plan
    assert [f.time for f in plan] == sorted(f.time for f in many)


def test_plans_add_up_sorted():
    late, early = Fault(9, "crash", "n1", 1), Fault(2, "vanish", "n2")
    both = FaultPlan([late]) + FaultPlan([early])
    assert both == (early, late)
    assert isinstance(both, FaultPlan)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "JSON으로 읽을 수 없습니다"),
        ('{"time": 1}', "배열이 아닙니다"),
        ('[{"time": 1, "kind": "fire", "target": "n1", "duration": 1}]', "1번째 결함.*fire"),
        ('[{"time": -1, "kind": "crash", "target": "n1", "duration": 1}]', "1번째 결함: time=-1"),
        ('[{"time": 1, "kind": "crash", "target": "", "duration": 1}]', "결함을 넣을 대상"),
        ('[{"time": 1, "kind": "crash", "target": "n1"}]', "duration=None"),
        ('[{"time": 1, "kind": "vanish", "target": "n1", "duration": 3}]', "auto_replace"),
        ('[{"when": 1}]', "필드의 이름"),
        ("[3]", "필드의 이름"),
        ('[{"time": NaN, "kind": "crash", "target": "n1", "duration": 1}]', "유한한"),
    ],
)
def test_bad_json_names_what_is_wrong(text, words):
    with pytest.raises(InvalidValue, match=words):
        FaultPlan.from_json(text)


def test_plan_of_other_things_is_refused():
    with pytest.raises(InvalidValue, match="결함이 아닙니다"):
        FaultPlan(["n1"])


def test_random_plan_has_its_rates_and_never_overlaps():
    plan = random_plan(["n1", "n2"], 20_000, mttf=8, mttr=2, seed=4)
    mine = [f for f in plan if f.target == "n1"]
    assert len(mine) == pytest.approx(2000, rel=0.08)
    assert np.mean([f.duration for f in mine]) == pytest.approx(2, rel=0.08)
    ends = [f.time + f.duration for f in mine]
    assert all(end <= later.time for end, later in zip(ends, mine[1:], strict=False))


def test_random_plan_gives_each_target_its_own_stream():
    alone = random_plan(["n1"], 1000, 10, 1, seed=1)
    both = random_plan(["n2", "n1"], 1000, 10, 1, seed=1)
    assert tuple(f for f in both if f.target == "n1") == alone
    assert random_plan(["n1"], 1000, 10, 1, seed=2) != alone


def test_random_vanish_has_no_duration():
    assert all(f.duration is None for f in random_plan(["n1"], 100, 5, kind="vanish"))


def test_reboots_roll_or_strike_at_once():
    assert [f.time for f in reboots(["n1", "n2", "n3"], 10, 5, gap=20)] == [10, 30, 50]
    assert {f.time for f in reboots(["n1", "n2", "n3"], 10, 5, gap=0)} == {10}


@pytest.mark.parametrize(
    "make",
    [
        lambda: random_plan(["n1"], 10, 0, 1),
        lambda: random_plan(["n1"], -1, 1, 1),
        lambda: random_plan(["n1"], 10, 1, -1),
        lambda: random_plan(["n1"], 10, 1, kind="fire"),
        lambda: reboots(["n1"], 0, 1, -1),
    ],
)
def test_bad_plans_are_refused(make):
    with pytest.raises(InvalidValue):
        make()
