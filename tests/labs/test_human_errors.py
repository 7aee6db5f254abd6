"""실습 10의 교훈: 노트북과 같은 실험, 같은 값, 노트북이 보여 주지 않은 마흔 시드."""

from __future__ import annotations

import json
import re
from random import Random
from statistics import mean

import pytest

import hands
from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.memory import MemoryPosts
from ddialab.core.backend import open_redis
from ddialab.core.errors import InvalidValue
from ddialab.core.recorded import PACKAGE
from ddialab.experiments.human_errors import canary
from ddialab.experiments.human_errors.accident import (
    DETECTIONS,
    INTERVALS,
    NOTICED,
    RECOVERIES,
    Policy,
    accidents,
    delete_and_recover,
    expected_lost,
    expected_rto,
)
from ddialab.ops.recovery import lost_writes, restore, statements, undelete
from ddialab.ops.rollout import ALL_AT_ONCE, CANARY, roll_out
from ddialab.service.posts import PostService
from suite.effort import some

LAB = "10-human-errors"
SEEDS = range(canary.SEEDS.stop, 2 * canary.SEEDS.stop)


def bad_day(folder, seed):
    """시드마다 다른 하루: 쓰고 고치고 지우는 도중에 스냅샷을 뜨고, 실수하고, 또 씁니다."""
    random, log = Random(seed), Log(folder / f"{seed}.log", fsync="none")
    database = Database.open(":memory:", log=log)
    service, ledger = PostService(database), {}
    snapshot_at, mistake_at = sorted(random.sample(range(5, 60), 2))
    for step in range(80):
        if step == snapshot_at:
            snapshot = database.snapshot(folder / f"{seed}.snapshot")
        if step == mistake_at:
            database.execute("DELETE FROM posts")
        if step < mistake_at and ledger and random.random() < 0.3:
            id = random.choice(sorted(ledger))
            if random.random() < 0.5:
                ledger[id] = service.edit(id, f"고친 글 {step}")
            else:
                service.delete(id)
                del ledger[id]
        else:
            post = service.publish("김", f"글 {step}")
            ledger[post.id] = post
    return database, log, snapshot, ledger


def test_every_acknowledged_write_survives_the_delete(tmp_path):
    """고치고 지운 것까지 그대로, 실수 뒤의 글도 함께 돌아옵니다. 대조군은 늘 잃습니다."""
    for seed in SEEDS:
        database, log, snapshot, ledger = bad_day(tmp_path, seed)
        [mistake] = statements(log)
        with restore(database, snapshot, log, skip={mistake.offset}) as restored:
            assert restored.posts() == [ledger[id] for id in sorted(ledger)]
        for control in (
            restore(database, snapshot),
            restore(database, snapshot, log, until=mistake.offset),
            restore(database, snapshot, log),
        ):
            assert lost_writes(ledger.values(), control)
            control.close()
        log.close()


@pytest.mark.parametrize(
    ("every", "noticed"),
    [(INTERVALS[0], DETECTIONS[0]), (60, NOTICED), (INTERVALS[-1], DETECTIONS[-1])],
)
def test_the_means_of_many_accidents_follow_the_formula(every, noticed):
    policy = Policy(every, noticed)
    runs = accidents(policy, SEEDS)
    assert {run.lost["skip"] for run in runs} == {0}
    assert all(run.lost["snapshot"] >= run.lost["cut"] for run in runs)
    if noticed >= NOTICED:  # 2분 안에는 아무도 쓰지 않기도 합니다
        assert all(run.lost["cut"] > 0 for run in runs), "대조군은 늘 잃습니다"
    for way in RECOVERIES:
        for pick, formula in (("lost", expected_lost), ("rto", expected_rto)):
            values = [getattr(run, pick)[way] for run in runs]
            spread = (sum((v - mean(values)) ** 2 for v in values) / (len(values) - 1)) ** 0.5
            error = 3.5 * spread / len(values) ** 0.5 + 1e-9
            assert mean(values) == pytest.approx(formula(policy, way), abs=error)


def test_an_undo_never_brings_back_what_its_author_deleted():
    for seed in SEEDS:
        random, database = Random(seed), Database.open(":memory:")
        posts = database.insert_posts([("김", f"글 {n}") for n in range(30)])
        meant = random.sample(posts, 7)
        for post in meant:
            database.mark_deleted(True, "id = ?", [post.id])
        undelete(database, database.mark_deleted(True, "TRUE"))
        assert database.posts() == [post for post in posts if post not in meant]


@pytest.mark.proof
def test_the_canary_hurts_less_than_a_fiftieth_of_what_all_at_once_hurts(tally):
    """진짜 게시글 서비스로 한꺼번에, 그리고 카나리로 내보내기"""
    for seed in some(SEEDS, 4):
        serve = canary.limited()
        everyone, careful = (roll_out(serve, plan, seed) for plan in (ALL_AT_ONCE, CANARY))
        assert everyone.rolled_back is None
        assert everyone.hurt > 0.05 * everyone.requests
        assert careful.rolled_back in (0, 1)
        assert careful.hurt * 50 < everyone.hurt
        tally.tried += 1


@pytest.mark.proof
def test_a_configuration_that_is_fine_is_hardly_ever_rolled_back():
    assert canary.false_alarms(some(SEEDS, 4)) <= 2


def test_too_small_and_too_large_canaries_both_hurt_more():
    trials = canary.rollouts(0.06, seeds=SEEDS)
    hurt = {share: mean(run.hurt for run in runs) for share, runs in trials.items()}
    assert hurt[0.001] > 3 * hurt[0.02] < hurt[0.2]
    best = [canary.best_share(error) for error in canary.ERRORS]
    assert best == sorted(best, reverse=True)  # 덜 나쁜 설정일수록 큰 카나리가 필요합니다
    assert len(set(best)) == len(best)


def test_the_cache_hides_the_accident_but_loses_nothing_itself(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    for seed in range(5):
        random, database = Random(seed), Database.open(":memory:")
        with open_redis() as backend:
            service = PostService(database, Cache(backend))
            posts = [service.publish("김", f"글 {n}") for n in range(40)]
            popular = random.sample(posts, 12)
            for post in popular:
                service.read(post.id)
            database.execute("DELETE FROM posts")
            assert [post for post in posts if service.read(post.id)] == sorted(
                popular, key=lambda post: post.id
            )


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert results["lost-with"] == "0건"
    assert results["naive-lost"] == "90건"
    assert results["likes-lost-repaired"] == "0개"


def test_the_recorded_run_is_whole_and_teaches_the_same():
    path = PACKAGE / "recorded" / "10-flushall.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))
    assert recorded["without"] == recorded["after"]
    assert recorded["repaired"] == recorded["before"] + recorded["after"]
    assert recorded["server"].startswith(("Valkey", "Redis"))


def test_in_memory_the_accident_is_the_same():
    for seed in (1, 2, 3):
        here = delete_and_recover(Policy(), seed, MemoryPosts())
        assert here == delete_and_recover(Policy(), seed)


def test_a_rarer_snapshot_costs_writes_without_a_log_and_time_with_one():
    often, rarely = Policy(snapshot_every=10), Policy(snapshot_every=240)
    assert expected_lost(rarely, "snapshot") > 8 * expected_lost(often, "snapshot")
    assert expected_lost(rarely, "skip") == expected_lost(often, "skip") == 0
    assert expected_rto(rarely, "skip") > expected_rto(often, "skip")
    assert expected_rto(rarely, "snapshot") == expected_rto(often, "snapshot")


def test_the_same_seed_gives_the_same_accident():
    policy = Policy(snapshot_every=20)
    assert (
        delete_and_recover(policy, 3)
        == delete_and_recover(policy, 3)
        != delete_and_recover(policy, 4)
    )


def test_a_mistake_noticed_at_once_loses_nothing_after_it():
    run = delete_and_recover(Policy(snapshot_every=20, detected_after=0), 1)
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


def a_snapshot_a_day(reader, _):
    found = "[(run.lost, run.rto) for run in accidents(policy, range(10, 22))]"
    hourly = reader.value(found)
    reader.edit("snapshot_every=60", "snapshot_every=1440")
    reader.run_below("snapshot_every=1440")
    for (few, soon), (many, late) in zip(hourly, reader.value(found), strict=True):
        assert many["snapshot"] > 5 * few["snapshot"]
        assert many["skip"] == few["skip"] == 0
        assert late["skip"] > soon["skip"] + 5
    assert reader.broken() == []


LOST = "{way: len(gone) for way, gone in lost.items()}"  # 2절의 세 방법이 잃은 게시글의 수


def without_fsync(reader, item):
    before = reader.value(LOST)
    written, synced = map(int, re.findall(r"\d+", reader.run(hands.code_of(item))))
    assert written == synced > 0
    opened = re.search(r"`(Log\(.+?\))`", item)[1]
    reader.edit('Log(folder / "posts.log", clock=clock)', opened)
    reader.run_below(opened)
    assert reader.value(LOST) == before
    assert re.findall(r"\d+", reader.run(hands.code_of(item))) == [str(written), "0"]
    assert reader.broken() == []


def an_update_instead(reader, item):
    before, mistake = reader.value(LOST), 'database.execute("DELETE FROM posts")\nledger'
    assert reader.run(hands.code_of(item)).strip() == "알림이 울립니다"
    update = re.search(r"`(UPDATE [^`]+)`", item)[1]
    reader.edit(mistake, mistake.replace("DELETE FROM posts", update))
    reader.run_below(update)
    assert reader.run(hands.code_of(item)).strip() == "알림이 울리지 않습니다"
    assert reader.value(LOST) == before
    assert reader.broken() == []


def a_longer_first_stage(reader, item):
    usual, longer = re.findall(r"`(first = .*?)`", item)
    chances = "sum((averages(error)[2] for error in canary.ERRORS), [])"
    best = "[canary.best_share(error, first) for error in canary.ERRORS]"
    fastest = "float(min(measured(error)[1].min() for error in canary.ERRORS))"
    before = reader.value(chances), reader.value(best)
    reader.edit(usual, longer)
    reader.run_below(longer)
    after = reader.value(chances), reader.value(best)
    assert all(new > old or old > 0.999 for new, old in zip(after[0], before[0], strict=True))
    assert all(new < old for new, old in zip(after[1], before[1], strict=True))
    assert reader.value(fastest) == 2
    assert reader.broken() == []


def a_little_bad(reader, item):
    usual, higher = re.findall(r"`(new_limit = .*?)`", item)
    reader.edit(usual, higher)
    reader.run_below(higher)
    ends = reader.value("[roll_out(serve, CANARY, seed).rolled_back for seed in range(1, 9)]")
    assert 0 not in ends
    assert ends.count(None) >= 6
    assert [claim.split("(")[0] for claim in reader.broken()] == [
        "새 설정의 오류율은 5%를 넘습니다",
        "카나리 배포는 나쁜 설정을 자동으로 롤백합니다",
        "카나리에서 실패한 요청은 한꺼번에 내보낼 때의 2%도 안 됩니다",
    ]


TRIES = {
    "`snapshot_every=1440`": a_snapshot_a_day,
    'fsync="none"': without_fsync,
    "UPDATE posts SET author": an_update_instead,
    "`first = 2 * MINUTE`": a_longer_first_stage,
    "`new_limit = 34`": a_little_bad,
}
