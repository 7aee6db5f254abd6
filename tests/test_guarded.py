"""정책에 물어보는 클러스터: 정책이 없으면 그대로이고, 있으면 물어본 대로 합니다."""

from __future__ import annotations

import pytest

from ddialab.cluster.guarded import BREAKER, GAVE_UP, NO_BUDGET, Guarded, Policies
from ddialab.cluster.model import Cluster
from ddialab.cluster.spec import Spec
from ddialab.core.engine import Engine
from ddialab.core.events import ARRIVE, FAIL, REFUSE, RETRY, SEND, TIMEOUT, EventLog
from ddialab.resilience.breaker import Breaker
from ddialab.resilience.retry import Budget
from ddialab.resilience.shedding import Shedder
from ddialab.stress.faults import CRASH, Fault
from ddialab.stress.load import Poisson

SPEC = Spec(Poisson(6), duration=30.0, service=0.4, timeout=1.5, retries=2)
PLAN = (Fault(5, CRASH, "n1", 6.0), Fault(12, CRASH, "n2", 4.0))


def played(policies: Policies, seed: int = 1, spec: Spec = SPEC) -> Guarded:
    engine = Engine(seed)
    cluster = Guarded(spec, PLAN, engine, EventLog(), True, policies)
    engine.run(spec.duration)
    return cluster


@pytest.mark.parametrize("seed", range(10))
def test_without_policies_the_log_is_the_cluster_s_to_the_byte(seed):
    engine = Engine(seed)
    plain = Cluster(SPEC, PLAN, engine, EventLog(), True)
    engine.run(SPEC.duration)
    assert played(Policies(), seed).log.to_bytes() == plain.log.to_bytes()


def test_a_retry_waits_as_long_as_the_policy_says():
    asked = []

    def wait(attempt, chance):
        asked.append((attempt, chance))
        return 0.25

    log = played(Policies(wait=wait)).log
    gaps = []
    for retry in log.of_kind(RETRY):
        before = [e for e in log.of_kind(TIMEOUT, REFUSE) if e.request == retry.request]
        gaps.append(retry.time - max(e.time for e in before if e.time < retry.time))
    assert len(gaps) > 10
    assert all(abs(gap - 0.25) < 1e-9 for gap in gaps)
    assert {attempt for attempt, _ in asked} == {1, 2}
    assert all(0 <= chance < 1 for _, chance in asked)
    assert len({chance for _, chance in asked}) > 10


def test_a_policy_that_gives_up_ends_the_request():
    cluster = played(Policies(wait=lambda attempt, chance: None if attempt == 2 else 0.0))
    sent = cluster.log.of_kind(SEND)
    assert max(sum(e.request == one.request for e in sent) for one in sent) == 2
    assert set(cluster.reasons) == {GAVE_UP}


def test_retries_stay_within_the_budget():
    cluster = played(Policies(budget=Budget(0.1, 2)))
    arrived, retried = len(cluster.log.of_kind(ARRIVE)), len(cluster.log.of_kind(RETRY))
    assert 5 < retried <= 2 + 0.1 * arrived < len(played(Policies()).log.of_kind(RETRY))
    assert cluster.reasons[NO_BUDGET] > 0


def test_an_open_breaker_sends_nothing():
    cluster = played(Policies(breaker=Breaker(3, 2.0)))
    refused = [e.time for e in cluster.log.of_kind(FAIL) if e.detail == BREAKER]
    assert len(refused) > 5
    sent = [e.request for e in cluster.log.of_kind(SEND)]
    alone = [e for e in cluster.log.of_kind(FAIL) if e.detail == BREAKER and e.request not in sent]
    assert alone, "끊은 동안 처음 온 요청은 어디에도 가지 않습니다"


def test_a_full_line_refuses_at_once():
    longest = []

    def room(waiting):
        longest.append(waiting)
        return Shedder(2).admit(waiting)

    cluster = played(Policies(room=room))
    assert max(longest) == 2, "줄은 정한 길이를 넘지 않습니다"
    full = [e for e in cluster.log.of_kind(REFUSE) if not 5 <= e.time <= 17]
    assert full, "모두 살아 있을 때에도 거절합니다"


def test_a_success_closes_what_failures_opened():
    told = []

    class Recorder:
        def allow(self, now):
            return True

        def failed(self, now):
            told.append("failed")

        def succeeded(self, now):
            told.append("succeeded")

    cluster = played(Policies(breaker=Recorder()))
    finished = [took for took in cluster.response if took == took]
    assert told.count("succeeded") == len(finished)
    assert told.count("failed") == len(cluster.log.of_kind(TIMEOUT, REFUSE))
