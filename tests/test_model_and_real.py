"""같은 카오스 실험을 모델과 진짜 서버에: 쓰기마다의 결과와 모든 수가 같습니다."""

from __future__ import annotations

import os
from random import Random

import pytest

from ddialab.cluster.chaos import Experiment, Step, run
from ddialab.cluster.failover import DOWN_AFTER
from ddialab.cluster.promise import ASYNC, MIN_REPLICAS, PROMISES, WAIT, kind
from ddialab.cluster.real.cluster import RealCluster
from ddialab.cluster.simulated import Simulated
from ddialab.experiments.chaos_monkey import plans
from suite.effort import some

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
PATIENT = 10_000  # 밀리초. 센티널이 알기 전에 다시 켜야 하는 계획의 down-after
FEW = 20  # 계획 하나에서 한 번에 쓰는 건수
BY_NAME = (plans.OTHER_WITNESS,)  # 처음의 프라이머리가 n1이어야 하는 계획
CASES = [(promise, plan) for plan in plans.EVERY_PLAN for promise in PROMISES]
CASES = [case for case in CASES if case[1] not in BY_NAME]


@pytest.fixture(scope="module")
def shared():
    with RealCluster() as cluster:
        yield cluster


@pytest.fixture
def real(shared):
    """앞의 실험이 롤백된, 텅 빈 저장소."""
    shared.down_after = DOWN_AFTER
    shared.settle()
    shared.reset()
    shared.settle()
    return shared


def steps(plan):
    return tuple(Step(s.do, s.on, FEW) if s.do == "write" else s for s in plan.method)


def seen(system, method):
    """실험 하나에서 볼 수 있는 모든 것."""
    report = run(Experiment("", plans.STEADY, method, plans.UNDO, plans.HEALTHY), system)
    probes = [(one.name, one.value) for one in report.before + report.after + report.health]
    counts = (len(system.acknowledged), len(system.missing()), len(system.extra()))
    return [kind(one) for one in report.outcomes], probes, counts, report.deviated, report.healthy


@pytest.mark.proof
@pytest.mark.parametrize(("promise", "plan"), some(CASES, least=3), ids=lambda one: str(one)[:12])
def test_a_plan_has_the_same_outcomes(real, promise, plan):
    real.promise = promise
    real.down_after = PATIENT if plan is plans.RESTARTED_TOO_SOON else DOWN_AFTER
    assert seen(real, steps(plan)) == seen(Simulated(promise), steps(plan))


# 한 토막은 노드 셋이 모두 살아 있을 때 시작하고, 저장소가 가라앉은 뒤에 끝납니다. 시계의 눈금에
# 걸리는 일(소식이 막 끊긴 순간의 쓰기)은 넣지 않습니다
REST, SETTLE = Step("rest", value=plans.NOTICED), Step("settle")
BACK = (Step("restart", "dead"), Step("heal", "every"), Step("resume", "every"), SETTLE)


def write(chance):
    return Step("write", value=chance.randint(1, 9))


def episode(chance):
    """고장 하나와 그 앞뒤의 쓰기."""
    held = Step("hold", "replicas"), write(chance)
    return chance.choice(
        [
            (write(chance), Step("kill", "primary"), SETTLE),
            (*held, Step("kill", "primary"), SETTLE, Step("release", "every"), SETTLE),
            (*held, REST, write(chance), Step("release", "every"), SETTLE),
            (*held, Step("planned_failover", value=False), SETTLE, Step("release", "every")),
            (Step("cut", "primary"), SETTLE, Step("heal", "every"), SETTLE),
            (Step("pause", "primary"), SETTLE, Step("resume", "every"), SETTLE),
            (Step("delay", "replicas", 0.02), write(chance), Step("delay", "every", 0)),
            (Step("planned_failover", value=True), SETTLE),
        ]
    )


def anything(seed):
    """토막 셋을 이은 할 일. 토막마다 되살리고 한 번 더 씁니다."""
    chance, method = Random(seed), []
    for _ in range(3):
        method += [*episode(chance), *BACK, REST, write(chance)]
    return tuple(method)


@pytest.mark.proof
@pytest.mark.parametrize("seed", some(range(6), least=1))
def test_whatever_is_done_the_outcomes_are_the_same(real, seed):
    promise = PROMISES[seed % 3]
    real.promise = promise
    assert seen(real, anything(seed)) == seen(Simulated(promise, seed=seed), anything(seed))


def test_a_model_that_lies_is_caught(real):
    """대조군: 약속이 다른 모델이면 다릅니다."""
    real.promise = MIN_REPLICAS
    found = seen(real, steps(plans.HELD_LONG))
    assert found == seen(Simulated(MIN_REPLICAS), steps(plans.HELD_LONG))
    for other in (ASYNC, WAIT):
        assert found != seen(Simulated(other), steps(plans.HELD_LONG))
