"""카오스 실험: 데이터로 적고, 모델에 하고, Chaos Toolkit으로 옮겨도 같은 것을 봅니다."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from ddialab.cluster import chaos_toolkit
from ddialab.cluster.chaos import (
    DOES,
    ON_NODES,
    Experiment,
    Probe,
    Step,
    apply,
    found,
    from_json,
    run,
)
from ddialab.cluster.promise import ASYNC, PROMISES, WAIT
from ddialab.cluster.simulated import Simulated
from ddialab.core.errors import BackendUnavailable, InvalidValue
from ddialab.experiments.chaos_monkey import plans

every_plan = pytest.mark.parametrize("plan", plans.EVERY_PLAN, ids=lambda plan: plan.title)
LOSING = plans.HELD_AND_KILLED


def small(plan: Experiment) -> Experiment:
    """열 건씩만 쓰는 같은 계획."""
    method = [Step(s.do, s.on, 10) if s.do == "write" else s for s in plan.method]
    return Experiment(plan.title, plan.hypothesis, tuple(method), plan.rollback, plan.health)


# --- 실험 ---


@pytest.mark.parametrize("promise", PROMISES)
@every_plan
def test_the_rollback_leaves_it_healthy(plan, promise):
    report = run(plan, Simulated(promise, wait=50))
    assert report.ran
    assert [seen.value for seen in report.health] == [True, True, True]
    assert report.healthy


def test_a_plan_that_loses_deviates_and_one_that_does_not_does_not():
    lost, kept = run(LOSING, Simulated(ASYNC)), run(LOSING, Simulated(WAIT, wait=50))
    assert (lost.deviated, kept.deviated) == (True, False)
    assert [seen.value for seen in lost.before] == [True, 0]
    assert [seen.value for seen in lost.after] == [True, 100]


def test_without_the_rollback_it_is_not_healthy():
    left = Experiment("그대로 둔다", plans.STEADY, plans.PLAIN_KILL.method, (), plans.HEALTHY)
    report = run(left, Simulated())
    assert [seen.tolerated for seen in report.health] == [True, False, True]
    assert not report.healthy


def test_nothing_is_done_to_a_system_that_is_not_steady():
    system = Simulated()
    for name in system.names:
        system.kill(name)
    report = run(Experiment("", (Probe("", "led"),), (Step("write", value=1),)), system)
    assert (report.ran, report.deviated, report.after, report.outcomes) == (False, False, [], [])


def test_the_rollback_is_done_even_when_the_method_stops():
    system = Simulated()
    method = (Step("kill", "n2"), Step("kill", "n3"), Step("kill", "n1"), Step("settle"))
    with pytest.raises(BackendUnavailable):
        run(Experiment("", plans.STEADY, method, plans.UNDO), system)
    assert all(system.alive(name) for name in system.names)


def test_the_words_for_nodes_are_looked_up_when_the_step_is_done():
    system = Simulated()
    assert found("primary", system) == ["n1"]
    assert found("replicas", system) == ["n2", "n3"]
    apply(Step("kill", "primary"), system)
    assert found("primary", system) == []
    assert found("dead", system) == ["n1"]
    system.settle()
    assert found("primary", system) == ["n2"]
    assert found("replicas", system) == ["n3"]
    assert found("every", system) == ["n1", "n2", "n3"]


@pytest.mark.parametrize(
    ("tolerance", "good", "bad"), [(0, 0, 1), (True, True, False), ((2, 3), 3, 4), ([2, 3], 2, 1)]
)
def test_a_probe_tolerates_a_value_or_a_range(tolerance, good, bad):
    probe = Probe("", "missing", tolerance)
    assert (probe.tolerates(good), probe.tolerates(bad)) == (True, False)


# --- 데이터로 ---


@every_plan
def test_a_plan_survives_json(plan):
    assert from_json(plan.to_json()) == plan


def test_every_thing_to_do_can_be_written_and_is_a_method_of_the_system():
    values = {"delay": 0.1, "rest": 1, "write": 1, "planned_failover": True}
    for do in DOES:
        apply(Step(do, "n2" if do in ON_NODES else "", values.get(do)), Simulated())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "JSON이 아닙니다"),
        ("[]", "list입니다"),
        ('{"title": "가", "steps": []}', "steps"),
        ("{}", "NoneType입니다"),
        ('{"title": "가", "method": {}}', "dict입니다"),
        ('{"title": "가", "method": ["kill"]}', "method의 1번째"),
        ('{"title": "가", "method": [{"do": "explode"}]}', "explode"),
        ('{"title": "가", "method": [{"do": "kill", "on": "n9"}]}', "n9"),
        ('{"title": "가", "method": [{"do": "kill"}]}', "kill의 on=''"),
        ('{"title": "가", "method": [{"do": "kill", "on": "n1", "value": 3}]}', "값이 없는 일"),
        ('{"title": "가", "method": [{"do": "settle", "on": "n1"}]}', "대상이 없는 일"),
        ('{"title": "가", "method": [{"do": "write", "value": 0}]}', "write의 value=0"),
        ('{"title": "가", "method": [{"do": "rest", "value": -1}]}', "rest의 value=-1"),
        ('{"title": "가", "method": [{"do": "planned_failover", "value": 1}]}', "int입니다"),
        ('{"title": "가", "method": [{"do": "settle", "when": 1}]}', "필드가 맞지 않습니다"),
        ('{"title": "가", "hypothesis": [{"name": "나", "ask": "mood"}]}', "mood"),
        ('{"title": "가", "hypothesis": [{"name": "나", "ask": "ok", "tolerance": [3]}]}', "범위"),
        ('{"title": "가", "hypothesis": [{"name": "나", "ask": "ok", "tolerance": "0"}]}', "'0'"),
        ('{"title": "가", "hypothesis": [{"name": "나", "ask": "ok", "tolerance": [3, 1]}]}', "=1"),
    ],
)
def test_a_wrong_plan_is_answered(text, problem):
    with pytest.raises(InvalidValue) as refused:
        from_json(text)
    assert problem in refused.value.problem
    assert refused.value.accepted


# --- Chaos Toolkit에서 ---


def journal(plan, **settings):
    """Chaos Toolkit에서 돌린 기록."""
    chaoslib = pytest.importorskip("chaoslib.experiment")
    made = json.loads(json.dumps(chaos_toolkit.to_chaos_toolkit(plan, settings=settings)))
    chaoslib.ensure_experiment_is_valid(made)
    return chaoslib.run_experiment(made)


@pytest.mark.parametrize("promise", [ASYNC, WAIT])
@every_plan
def test_chaos_toolkit_sees_what_we_see(plan, promise):
    ours = run(small(plan), Simulated(promise, wait=50))
    theirs = journal(small(plan), promise=promise, wait=50)
    states = theirs["steady_states"]
    assert theirs["status"] == "completed", "벗어나도 그렇습니다. deviated를 봐야 합니다"
    assert theirs["deviated"] is ours.deviated
    for when, seen in (("before", ours.before), ("after", ours.after)):
        assert [probe["output"] for probe in states[when]["probes"]] == [s.value for s in seen]
    assert {step["status"] for step in theirs["run"] + theirs["rollbacks"]} == {"succeeded"}


def test_chaos_toolkit_says_when_the_rollback_did_not_help():
    left = Experiment("그대로 둔다", plans.STEADY, plans.PLAIN_KILL.method, (), plans.HEALTHY)
    last = journal(small(left))["rollbacks"][-1]
    assert last["status"] == "failed"
    assert "모두 살아 있다=False" in " ".join(last["exception"])


def test_the_system_is_closed_when_chaos_toolkit_is_done():
    journal(small(LOSING))
    with pytest.raises(BackendUnavailable, match="저장소가 없습니다"):
        chaos_toolkit.ask("led")


def test_a_system_that_does_not_exist_is_answered():
    for name in ("ddialab.cluster.nowhere:System", "ddialab.cluster.simulated:Nothing", ""):
        with pytest.raises(InvalidValue, match="그런 클래스가 없습니다"):
            chaos_toolkit.before_experiment_control({}, name, {})


def test_its_command_line_fails_on_a_deviation(tmp_path):
    pytest.importorskip("chaostoolkit")
    codes = {}
    for promise in (ASYNC, WAIT):
        made = chaos_toolkit.to_chaos_toolkit(small(LOSING), settings={"promise": promise})
        (tmp_path / "experiment.json").write_text(json.dumps(made), "utf-8")
        command = [sys.executable, "-m", "chaostoolkit", "--no-version-check", "run"]
        ran = subprocess.run(
            [*command, "experiment.json"], cwd=tmp_path, capture_output=True, text=True
        )
        codes[promise] = (
            ran.returncode,
            json.loads((tmp_path / "journal.json").read_text())["deviated"],
        )
    assert codes == {ASYNC: (1, True), WAIT: (0, False)}, ran.stderr
