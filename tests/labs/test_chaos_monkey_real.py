"""실습 08의 진짜 서버: 모델에 한 것과 같은 계획으로 죽이고 옮기며, 답한 것과 잃은 것을 셉니다."""

from __future__ import annotations

import json
import os
from types import SimpleNamespace

import pytest

from ddialab.cluster.promise import ASYNC, MIN_REPLICAS, WAIT
from ddialab.cluster.real.cluster import RealCluster
from ddialab.experiments.chaos_monkey import real
from ddialab.experiments.chaos_monkey.plans import (
    HELD_AND_KILLED,
    HELD_LONG,
    MOVED,
    MOVED_TOGETHER,
    PLAIN_KILL,
    WRITES,
)

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
FEW = real.FEW


@pytest.fixture(scope="module")
def cluster():
    with RealCluster() as opened:
        yield opened


def counts(acknowledged, lost, refused=0, kept=0):
    return {"acknowledged": acknowledged, "lost": lost, "refused": refused, "kept": kept}


def test_a_plain_kill_loses_at_most_the_last_write(cluster):
    """복제를 붙잡지 않으면, 죽은 프로세스가 보낸 바이트를 살아 있는 커널이 마저 전합니다."""
    found = real.by_plan(cluster, PLAIN_KILL, ASYNC)
    assert found["acknowledged"] == WRITES
    assert found["lost"] <= 1


@pytest.mark.parametrize(
    ("plan", "promise", "expected"),
    [
        (HELD_AND_KILLED, ASYNC, counts(WRITES, WRITES)),
        (HELD_LONG, MIN_REPLICAS, counts(WRITES // 2, WRITES // 2, WRITES // 2)),
        (MOVED, ASYNC, counts(WRITES, WRITES)),
        (MOVED_TOGETHER, ASYNC, counts(WRITES, 0)),
    ],
    ids=["async", "min-replicas-long", "moved", "moved-together"],
)
def test_a_plan_ends_with_these_counts(cluster, plan, promise, expected):
    assert real.by_plan(cluster, plan, promise) == expected


def test_min_replicas_acknowledges_and_loses_what_came_before_it_noticed(cluster):
    found = real.by_plan(cluster, HELD_AND_KILLED, MIN_REPLICAS)
    assert found["acknowledged"] > 0
    assert found["lost"] == found["acknowledged"], "min-replicas가 지켰다면 이 실험은 틀린 것입니다"


def test_wait_promises_no_more_than_it_says(cluster):
    assert real.limits(cluster) == {
        "unanswered": counts(0, 0, kept=FEW),
        "advanced": counts(FEW, 0),
        "preferred": counts(FEW, FEW),
        "both": counts(FEW, FEW),
    }
    assert (cluster.need, cluster.down_after) == (2, 1000), "다음 실험에 설정이 남았습니다"


def test_a_planned_move_loses_what_the_old_primary_goes_on_answering(cluster):
    found = real.maintenance(cluster)
    plain, together = found["plain"], found["coordinated"]
    assert 0 < plain["lost"] < plain["acknowledged"]
    assert together["lost"] == 0
    assert together["acknowledged"] >= 2 * real.BUSY


def test_a_return_before_anyone_noticed_loses_even_what_wait_confirmed(cluster):
    assert real.too_soon(cluster) == counts(WRITES, WRITES)


def test_an_outage_ends_and_its_time_is_measured(cluster):
    assert real.outage(cluster, 500) > 0


def test_the_steps_of_the_lab_can_be_saved(monkeypatch):
    """실습이 저장하는 꼴. 서버는 위의 테스트들이 띄웁니다."""
    monkeypatch.setattr(real, "_tried", lambda *about, **more: dict.fromkeys(more, 1.0))
    pretended = SimpleNamespace(need=2, wait=300, down_after=1000)

    def saved(step):
        return json.loads(json.dumps(step(pretended)))

    assert list(saved(real.outages)) == [str(ms) for ms in real.DOWN_AFTERS]
    assert set(saved(real.limits)) == {"unanswered", "advanced", "preferred", "both"}
    assert set(saved(real.promises)) == {ASYNC, MIN_REPLICAS, WAIT, f"{MIN_REPLICAS}-long"}
    assert vars(pretended) == {"need": 2, "wait": 300, "down_after": 1000}
