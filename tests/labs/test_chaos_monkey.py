"""실습 08의 교훈: 노트북이 보여 주지 않은 마흔 시드에서, 그리고 저장해 둔 진짜 서버의 결과에서."""

from __future__ import annotations

import json
from statistics import mean

import pytest

import hands
from ddialab.cluster import chaos
from ddialab.cluster.promise import ASYNC, MIN_REPLICAS, PROMISES, WAIT
from ddialab.cluster.simulated import Simulated
from ddialab.core.recorded import PACKAGE
from ddialab.experiments.chaos_monkey import behind, model, plans
from ddialab.experiments.chaos_monkey.behind import held, late
from ddialab.experiments.chaos_monkey.model import by_plan, held_and_killed, outage, planned
from ddialab.experiments.chaos_monkey.once import Once

LAB = "08-chaos-monkey"
SEEDS = range(40, 80)  # 노트북이 보여 준 것은 0부터 39까지입니다


@pytest.fixture(scope="module")
def measured() -> dict:
    return json.loads((PACKAGE / "recorded/08-promises.json").read_text("utf-8"))


# --- 가는 중인 것 ---


@pytest.mark.parametrize("delay", behind.DELAYS[1:])
def test_a_power_failure_loses_what_is_under_way(delay):
    lost = [late(ASYNC, delay, seed).lost for seed in SEEDS]
    expected = behind.expected_lost_late(ASYNC, delay)
    assert abs(mean(lost) - expected) < 4 * (expected / len(SEEDS)) ** 0.5
    assert min(lost) > 0 or expected < 10


def test_a_dead_process_loses_nothing_that_arrives_before_the_election():
    for seed in SEEDS:
        dead = [late(ASYNC, delay, seed, behind.PROCESS) for delay in behind.DELAYS[:-1]]
        assert not any(one.lost for one in dead)


def test_a_random_monkey_finds_nothing_where_the_designed_experiment_always_does():
    assert not any(late(ASYNC, 0.0, seed).lost for seed in SEEDS)
    assert all(held_and_killed(ASYNC, seed).lost == plans.WRITES for seed in SEEDS)


# --- 답의 뜻 ---


def test_the_control_loses_all_it_answered_and_wait_answers_none():
    for seed in SEEDS:
        control, wait = held_and_killed(ASYNC, seed), held_and_killed(WAIT, seed)
        assert control.acknowledged == control.lost == plans.WRITES
        assert wait.acknowledged == wait.lost == 0


@pytest.mark.parametrize("hold", behind.HOLDS)
@pytest.mark.parametrize("promise", PROMISES)
def test_min_replicas_only_bounds_what_is_lost(promise, hold):
    lost = [held(promise, hold, seed).lost for seed in SEEDS]
    expected = behind.expected_lost_held(promise, hold)
    assert abs(mean(lost) - expected) <= 0.5 + 4 * (expected / len(SEEDS)) ** 0.5


def test_an_empty_primary_wipes_what_two_replicas_had():
    for seed in SEEDS:
        empty = by_plan(plans.RESTARTED_TOO_SOON, WAIT, seed)
        assert empty.acknowledged == empty.lost == plans.WRITES
        # 다른 값: 디스크에 적는 쪽
        assert by_plan(plans.RESTARTED_TOO_SOON, WAIT, seed, disk=True).lost == 0


# --- 아무도 죽지 않았는데 ---


def test_a_planned_failover_loses_unless_the_primary_takes_part():
    for seed in SEEDS:
        assert planned(False, seed).lost > 100
        assert planned(True, seed).lost == 0


@pytest.mark.parametrize("down_after", model.DOWN_AFTERS)
def test_the_outage_is_more_than_the_time_to_notice(down_after):
    seconds = [outage(down_after, seed).outage for seed in SEEDS]
    assert abs(mean(seconds) - model.expected_outage(down_after)) < 0.15


def test_wait_two_answers_nothing_until_the_third_is_back():
    for seed in SEEDS:
        system = Simulated(WAIT, seed=seed)
        system.kill(system.primary)
        system.settle()
        assert not system.write("k1")
        system.restart("n1")
        system.settle()
        assert system.write("k2")


# --- 같은 계획, 진짜 서버 ---


def test_the_model_counts_what_the_servers_counted(measured):
    """노트북의 주장과 같은 것을 시드마다. 되풀이해도 수가 하나라는 뜻입니다."""
    cases = [(plans.HELD_AND_KILLED, name, name) for name in PROMISES]
    cases.append((plans.HELD_LONG, MIN_REPLICAS, "min-replicas-long"))
    for plan, promise, name in cases:
        for seed in SEEDS:
            twin = vars(by_plan(plan, promise, seed))
            assert {key: twin[key] for key in measured[name]} == (measured[name])


def test_every_plan_ends_healthy_and_only_the_guilty_deviate():
    for plan in plans.EVERY_PLAN:
        for promise in PROMISES:
            report = chaos.run(plan, Simulated(promise))
            assert report.ran
            assert report.healthy
            assert report.deviated == (by_plan(plan, promise).lost > 0)


class Fake:
    """띄운 셈 치는 저장소."""

    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


def stopped(_):
    raise KeyboardInterrupt


def test_the_lab_starts_its_servers_once_and_drops_them_when_stopped():
    made = []
    once = Once(lambda: made.append(Fake()) or made[-1])
    assert made == [], "부르기 전에는 띄우지 않습니다"
    assert once.do(lambda one: one) is once.do(lambda one: one) is made[0]
    with pytest.raises(KeyboardInterrupt):
        once.do(stopped)
    assert made[0].closed, "도중에 멈춘 저장소를 이어서 쓰지 않습니다"
    assert once.do(lambda one: one) is made[1]
    once.close()
    once.close()
    assert made[1].closed


# --- 바꿔 보기 ---


def shorter_holds(reader, item):
    assert "max-lag보다 짧으면" in item
    reader.edit("holds = behind.HOLDS", "holds = (0.0, 0.2, 0.4, 0.6)")
    reader.run_below("holds = (0.0")
    assert reader.value('kept["min-replicas"] == kept["비동기"]')


def another_plan(reader, item):
    assert "WAIT뿐입니다" in item
    reader.edit("plan = plans.HELD_AND_KILLED", "plan = plans.RESTARTED_TOO_SOON")
    reader.run_below("plan = plans.RESTARTED_TOO_SOON")
    assert any("WAIT뿐입니다" in told for told in reader.broken())
    reader.edit(
        "report = chaos.run(plan, Simulated(name))",
        "report = chaos.run(plan, Simulated(name, disk=True))",
    )
    reader.run_below("disk=True))\n    print")
    assert not reader.value("report.deviated")


def only_one(reader, item):
    assert "결과가 같습니다" in item
    before = reader.value("[one.value for one in report.after]")
    reader.edit(
        "report = chaos.run(plan, Simulated(name))",
        "report = chaos.run(plan, Simulated(name, need=1))",
    )
    reader.run_below("need=1))\n    print")
    assert reader.value("[one.value for one in report.after]") == before


def my_experiment(reader, item):
    assert "비동기에서도 벗어나지 않습니다" in item
    assert reader.run(hands.code_of(item)).count("False") == len(PROMISES)


TRIES = {
    "`holds = behind.HOLDS`": shorter_holds,
    "`plan = plans.HELD_AND_KILLED`": another_plan,
    "`Simulated(name, need=1)`": only_one,
    "내 실험": my_experiment,
}
