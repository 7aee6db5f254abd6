"""중복 클러스터: 사건의 앞뒤가 맞는가, 같은 과거인가, 그리고 SimPy와 M/M/c가 같은 답을 내는가."""

import math
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from benchmarks import simpy_cluster
from hypothesis import given
from hypothesis import strategies as st

from ddialab.cluster import model
from ddialab.cluster.simulation import simulate
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.errors import InvalidValue
from ddialab.core.events import EventLog
from ddialab.core.metrics import percentile
from ddialab.stress.faults import Fault, FaultPlan, random_plan, reboots
from ddialab.stress.load import Adjustable, Closed, Constant, Poisson
from suite.effort import fuzz

SPEC = Spec(Poisson(40), racks=("A", "A", "B"), duration=60, service=0.02, repair_time=5)


def story(run, node):
    """노드 하나의 큰 사건들: ``(시각, 종류)``."""
    big = ("down", "up", "suspect", "trust", "drain", "repair", "repaired", "lost")
    return [(round(e.time, 6), e.kind) for e in run.log.of_kind(*big) if e.node == node]


@st.composite
def plans(draw):
    kinds = st.sampled_from(model.FAULTS)
    faults = []
    for kind, time, length in draw(
        st.lists(st.tuples(kinds, st.floats(0, 19), st.floats(0, 15)), max_size=6)
    ):
        names = ("A", "B") if kind == model.POWER else ("n1", "n2", "n3")
        target = draw(st.sampled_from(names))
        faults.append(Fault(time, kind, target, None if kind == model.VANISH else length))
    return FaultPlan(faults)


@fuzz(400)
@given(plans(), st.booleans(), st.integers(1, 3), st.integers(0, 2))
def test_every_request_ends_once_and_the_log_adds_up(plan, drain, need, retries):
    spec = Spec(
        Poisson(30), racks=("A", "A", "B"), duration=20, service=0.03, timeout=0.5,
        drain=drain, need=need, retries=retries, auto_replace=True, boot_time=3, repair_time=2,
    )  # fmt: skip
    run = simulate(spec, plan, 3)
    times = [event.time for event in run.log]
    assert times == sorted(times)
    ends = Counter(e.request for e in run.log.of_kind("ok", "fail"))
    assert set(ends.values()) <= {1}
    assert len(ends) == run.total
    assert len(run.log.of_kind("fail")) == run.failed == np.isnan(run.response).sum()
    sends = Counter(e.request for e in run.log.of_kind("send"))
    assert max(sends.values(), default=0) <= need + retries
    asked = Counter((e.request, e.node) for e in run.log.of_kind("send"))
    assert set(asked.values()) <= {1}  # 같은 복제본에 두 번 묻지 않습니다
    dead = set()
    for event in run.log:
        if event.kind in ("down", "up"):
            (dead.add if event.kind == "down" else dead.discard)(event.node)
        assert not (event.kind in ("start", "reply") and event.node in dead), event


@fuzz(250)
@given(plans(), plans(), st.floats(0, 19))
def test_a_change_at_t_leaves_the_log_before_t(plan, other, t):
    spec = Spec(Poisson(30), racks=("A", "A", "B"), duration=20, service=0.03, timeout=0.5)
    past = [fault for fault in plan if fault.time < t]
    one = simulate(spec, FaultPlan([*past, *(f for f in plan if f.time >= t)]), 5)
    two = simulate(spec, FaultPlan([*past, *(f for f in other if f.time >= t)]), 5)
    before = [[e for e in run.log if e.time < t] for run in (one, two)]
    assert before[0] == before[1]


def demands(run):
    """한 번만 보낸 요청마다 처리에 걸린 시간."""
    starts = {e.request: e.time for e in run.log.of_kind("start")}
    retried = {e.request for e in run.log.of_kind("retry")}
    replies = [e for e in run.log.of_kind("reply") if e.request not in retried]
    return {e.request: round(e.time - starts[e.request], 9) for e in replies}


def test_faults_shift_neither_arrivals_nor_demands():
    calm, stormy = simulate(SPEC, (), 1), simulate(SPEC, random_plan(SPEC.nodes, 60, 8, 4), 1)
    births = [[e.time for e in run.log.of_kind("arrive")] for run in (calm, stormy)]
    assert births[0] == births[1]
    assert stormy.log.of_kind("retry")
    before, after = demands(calm), demands(stormy)
    both = before.keys() & after.keys()
    assert len(both) > 1000
    assert [before[n] for n in both] == [after[n] for n in both]


def test_same_seed_same_bytes_and_other_seed_differs():
    plan = random_plan(SPEC.nodes, 60, 20, 5, seed=2)
    logs = [simulate(SPEC, plan, seed).log for seed in (1, 1, 2)]
    assert logs[0].to_bytes() == logs[1].to_bytes()
    assert logs[0].digest() != logs[2].digest()


def test_same_bytes_under_two_hash_seeds():
    code = (
        "from ddialab.cluster.simulation import *; from ddialab.stress.faults import *;"
        "from ddialab.stress.load import *; n=('n1','n2','n3');"
        "s=Spec(Poisson(30), racks=('A','A','B'), duration=30, auto_replace=True, repair_time=2);"
        "p=random_plan(n,30,20,3)+random_plan(n,30,20,1,kind='disk')"
        "+random_plan(n,30,30,kind='vanish')+random_plan(['A','B'],30,20,2,kind='power');"
        "print(simulate(s, p, 9).log.digest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "src"},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(digests) == 1


def test_without_recording_the_results_are_the_same():
    plan = random_plan(SPEC.nodes, 60, 20, 5)
    loud, quiet = simulate(SPEC, plan, 1), simulate(SPEC, plan, 1, record=False)
    assert len(quiet.log) == 0
    assert np.array_equal(loud.response, quiet.response, equal_nan=True)
    assert loud.reasons == quiet.reasons


def test_the_log_says_how_to_make_it_again():
    plan = FaultPlan([Fault(3, "crash", "n2", 4)])
    about = simulate(SPEC, plan, 6, title="제목").log.about
    assert about["nodes"][1] == {"name": "n2", "rack": "A"}
    assert about["plan"] == [{"time": 3, "kind": "crash", "target": "n2", "duration": 4}]
    assert (about["seed"], about["duration"], about["title"]) == (6, 60, "제목")


# --- 결함마다 ---


def test_crash_is_refused_suspected_and_trusted_again():
    run = simulate(SPEC, [Fault(10.5, "crash", "n1", 20)], 1)
    kinds = [kind for _, kind in story(run, "n1")]
    assert kinds == ["down", "suspect", "up", "trust"]
    times = {kind: time for time, kind in story(run, "n1")}
    assert 1 <= times["suspect"] - 10.5 <= 2  # 1초마다 보고 두 번 연달아 실패
    assert times["up"] == 30.5
    assert 0 <= times["trust"] - 30.5 <= 1
    sends = [e.time for e in run.log.of_kind("send") if e.node == "n1"]
    assert not [t for t in sends if times["suspect"] < t < times["trust"]]
    assert run.log.of_kind("refuse")
    assert run.failed == 0  # 재시도가 다른 복제본으로 갑니다


def test_power_takes_the_whole_rack_and_is_silent():
    run = simulate(SPEC, [Fault(10, "power", "A", 20)], 1)
    assert [e.node for e in run.log.of_kind("down")] == ["n1", "n2"]
    assert run.log.of_kind("timeout")
    assert not run.log.of_kind("refuse")  # 꺼진 기계는 거절도 못 합니다


def test_vanished_vm_stays_away_unless_replaced():
    gone = simulate(SPEC, [Fault(10, "vanish", "n1")], 1)
    assert [kind for _, kind in story(gone, "n1")] == ["down", "suspect"]
    spec = Spec(SPEC.load, duration=60, auto_replace=True, boot_time=7, repair_time=5)
    back = simulate(spec, [Fault(10, "vanish", "n1")], 1)
    kinds = {kind: time for time, kind in story(back, "n1")}
    assert (kinds["up"], kinds["repair"], kinds["repaired"]) == (17, 17, 22)
    assert kinds["trust"] >= 22


def test_disk_is_copied_back_before_it_serves():
    run = simulate(SPEC, [Fault(10, "disk", "n3", 4)], 1)
    times = {kind: time for time, kind in story(run, "n3")}
    assert (times["up"], times["repair"], times["repaired"]) == (14, 14, 19)
    starts = [e.time for e in run.log.of_kind("start") if e.node == "n3"]
    assert not [t for t in starts if 10 < t < 19]
    assert run.lost_at is None


def test_data_is_lost_when_the_last_copy_goes_during_repair():
    spec = Spec(Poisson(5), racks=("A", "B"), duration=60, repair_time=10)
    lost = simulate(spec, [Fault(10, "disk", "n1", 0), Fault(19, "disk", "n2", 0)], 1)
    saved = simulate(spec, [Fault(10, "disk", "n1", 0), Fault(21, "disk", "n2", 0)], 1)
    assert lost.lost_at == 19
    assert [(e.time, e.node) for e in lost.log.of_kind("lost")] == [(19, "n2")]
    assert saved.lost_at is None
    after = [e for e in lost.log.of_kind("ok") if e.time > 19]
    assert not after  # 잃은 데이터에는 답할 수 없습니다


def test_repair_waits_for_a_living_source():
    spec = Spec(None, racks=("A", "B"), duration=60, repair_time=5)
    plan = [Fault(10, "disk", "n1", 0), Fault(12, "crash", "n2", 20)]
    times = [(t, k) for t, k in story(simulate(spec, plan, 1), "n1") if k.startswith("repair")]
    assert times == [(10, "repair"), (32, "repair"), (37, "repaired")]


def test_overlapping_faults_end_with_the_longest():
    plan = [Fault(5, "crash", "n1", 30), Fault(10, "power", "A", 5), Fault(11, "crash", "n1", 1)]
    ups = [e.time for e in simulate(SPEC, plan, 1).log.of_kind("up") if e.node == "n1"]
    assert ups == [35]


def test_drain_finishes_its_work_first():
    busy = Spec(Poisson(40), duration=60, service=0.03, retries=0)
    run = simulate(busy, reboots(busy.nodes, 10, 5, 15), 1)
    assert [kind for _, kind in story(run, "n1")] == ["drain", "down", "up", "trust"]
    assert run.failed == 0
    rude = simulate(Spec(Poisson(40), duration=60, service=0.03, retries=0, drain=False),
                    reboots(busy.nodes, 10, 5, 15), 1)  # fmt: skip
    assert rude.reasons.get("refuse", 0) > 0


def test_without_health_checks_the_balancer_never_learns():
    blind = Spec(Poisson(40), duration=60, service=0.02, retries=0, health_interval=0)
    run = simulate(blind, [Fault(10, "crash", "n1", 30)], 1)
    assert not run.log.of_kind("suspect", "trust")
    assert run.failed == pytest.approx(30 * 40 / 3, rel=0.2)


def test_majority_needs_two_of_three():
    spec = Spec(Poisson(20), duration=60, service=0.01, need=2)
    one = simulate(spec, [Fault(20, "crash", "n1", 20)], 1)
    two = simulate(spec, [Fault(20, "crash", "n1", 20), Fault(20, "crash", "n2", 20)], 1)
    assert one.failed == 0
    assert two.failed == pytest.approx(20 * 20, rel=0.25)


def test_closed_loop_clients_wait_for_their_answers():
    run = simulate(Spec(Closed(4, 1.0), duration=400, service=0.25), (), 1)
    assert run.total == pytest.approx(4 * 400 / (1 + run.times.mean()), rel=0.05)


# --- 바깥의 잣대 ---


def erlang_c(workers, offered):
    """줄에 설 확률 (Erlang C). ``offered``는 부하 x 처리 시간."""
    top = offered**workers / math.factorial(workers) * workers / (workers - offered)
    return top / (sum(offered**k / math.factorial(k) for k in range(workers)) + top)


@pytest.mark.parametrize(("workers", "rate"), [(1, 50), (3, 210), (8, 640)])
def test_one_node_with_workers_is_m_m_c(workers, rate):
    service = 0.01
    spec = Spec(Poisson(rate), racks=("A",), duration=60_000 / rate, service=service,
                workers=workers, timeout=1000)  # fmt: skip
    times = np.concatenate([simulate(spec, (), seed, record=False).times for seed in range(3)])
    wait = erlang_c(workers, rate * service) * service / (workers - rate * service)
    assert times.mean() - service == pytest.approx(wait, rel=0.1)


def test_random_balancing_splits_into_m_m_1_queues():
    spec = Spec(Poisson(400), racks=tuple("ABCDEFGH"), duration=300, service=0.01, timeout=1000)
    times = simulate(spec, (), 1, record=False).times
    drain_rate = 1 / spec.service - 400 / 8
    for p in (50, 99):
        assert percentile(times, p) == pytest.approx(-math.log(1 - p / 100) / drain_rate, rel=0.1)


@pytest.mark.parametrize("timeout", [1.0, 0.03])
def test_same_statistics_as_simpy(timeout):
    spec = Spec(Poisson(400), racks=tuple("AABBCCDD"), duration=60, service=0.005,
                timeout=timeout, retries=2, health_interval=0)  # fmt: skip
    ours, theirs = [], []
    for seed in range(4):
        plan = random_plan(spec.nodes, spec.duration, mttf=20, mttr=3, seed=seed)
        ours.append(simulate(spec, plan, seed, record=False).response)
        theirs.append(np.array(simpy_cluster.simulate(spec, plan, seed + 100)))
    ours, theirs = np.concatenate(ours), np.concatenate(theirs)
    for p in (50, 99):
        assert np.nanpercentile(ours, p) == pytest.approx(np.nanpercentile(theirs, p), rel=0.1)
    failed = [np.isnan(x).mean() for x in (ours, theirs)]
    assert failed[0] == pytest.approx(failed[1], rel=0.25, abs=0.0005)
    assert failed[0] > 0


# --- 잘못된 값 ---


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Spec(Poisson(1), racks=()), "racks의 길이=0"),
        (lambda: Spec(Poisson(1), racks="ABC"), "튜플"),
        (lambda: Spec(load=5), "부하가 아닙니다"),
        (lambda: Spec(Poisson(1), duration=0), "duration=0"),
        (lambda: Spec(Poisson(1), service=math.nan), "service=nan"),
        (lambda: Spec(Poisson(1), retries=-1), "retries=-1"),
        (lambda: Spec(Poisson(1), need=4), "need=4"),
        (lambda: Spec(Poisson(1), repair_time=-1), "repair_time=-1"),
        (lambda: simulate(SPEC, [Fault(1, "crash", "n9", 1)]), "n1, n2, n3"),
        (lambda: simulate(SPEC, [Fault(1, "power", "n1", 1)]), "A, B"),
        (lambda: simulate(SPEC, seed=0.5), "seed=0.5"),
        (lambda: simulate(Spec(Constant(1), duration=0.5)).availability, "끝난 요청이 없습니다"),
    ],
)
def test_bad_values_are_named(make, words):
    with pytest.raises(InvalidValue, match=words):
        make()


# --- 손으로 고장 내고 고치기 ---


class Hands:
    """클러스터와 그 기록. 하던 데서 이어 돌립니다."""

    def __init__(self, **settings):
        self.engine, self.log = Engine(1), EventLog()
        spec = Spec(Adjustable(20), service=0.02, timeout=0.5, retries=0, **settings)
        self.cluster = model.Cluster(spec, (), self.engine, self.log, record=True)

    def at(self, time):
        self.engine.run(time)
        return self.cluster

    def big(self):
        return [(round(e.time, 6), e.kind, e.detail) for e in self.log if e.node and e.request < 0]


def test_what_was_broken_by_hand_stays_broken_until_it_is_repaired():
    hands = Hands()
    hands.at(2).break_down("crash", "n1")
    assert not [event for event in hands.big() if event[1] == "up"]
    hands.at(100).bring_up("n1")
    hands.at(110)
    kinds = [kind for _, kind, _ in hands.big()]
    assert kinds == ["down", "suspect", "up", "trust"]
    assert hands.big()[2][0] == 100


def test_a_cut_server_answers_nothing_and_refuses_nothing():
    hands = Hands(racks=("A",), health_interval=0)
    hands.at(2).break_down("cut", "n1")
    hands.at(5)
    after = [event for event in hands.log if event.time > 2]
    assert {event.kind for event in after} == {"arrive", "send", "timeout", "fail"}


def test_a_slow_server_takes_longer_and_passes_the_health_check():
    def seconds(pace):
        hands = Hands(racks=("A",))
        hands.at(1).slow_down("n1", pace)
        hands.at(60)
        starts = {e.request: e.time for e in hands.log.of_kind("start") if e.time > 2}
        ends = [e for e in hands.log.of_kind("reply") if e.request in starts]
        took = [event.time - starts[event.request] for event in ends]
        return sum(took) / len(took), {kind for _, kind, _ in hands.big()}

    (fast, calm), (slow, seen) = seconds(1.0), seconds(3.0)
    assert slow == pytest.approx(3 * fast, rel=0.1)
    assert (calm, seen) == (set(), {"pace"})


def test_repairing_what_is_well_changes_nothing():
    one, two = Hands(), Hands()
    two.at(3).bring_up("n2")
    one.at(9), two.at(9)
    assert list(one.log) == list(two.log)


@pytest.mark.parametrize(
    "wrong",
    [("explode", "n1"), ("crash", "A"), ("power", "n1"), ("cut", "n9")],
)
def test_breaking_what_is_not_there_is_refused(wrong):
    with pytest.raises(InvalidValue):
        Hands().at(1).break_down(*wrong)


@pytest.mark.parametrize("pace", [0, -1, math.nan, "빨리"])
def test_an_impossible_pace_is_refused(pace):
    with pytest.raises(InvalidValue):
        Hands().at(1).slow_down("n1", pace)
