"""복제된 로그: 답한 것을 언제 잃고 언제 잃지 않나. 아무 차례로나 죽여 봅니다."""

from __future__ import annotations

from random import Random

import pytest

from ddialab.cluster.replicated_log import ALL, DOWN, LEADER, ReplicatedLog, common
from ddialab.core.errors import InvalidValue

NAMES = ("b1", "b2", "b3")


def followed(log):
    for name in NAMES:
        log.follow(name)


def cut_write_kill(count=100, **settings):
    """팔로워 둘을 끊고, 쓰고, 리더를 죽이고, 다시 잇습니다."""
    log = ReplicatedLog(**settings)
    log.write("처음")
    followed(log)
    log.cut("b2")
    log.cut("b3")
    assert log.expire("b2") is False, "컨트롤러의 과반이 없으면 ISR을 고치지 못합니다"
    for n in range(count):
        log.write(str(n))
        followed(log)
    log.kill("b1")
    assert log.elect() is None, "과반이 없으면 뽑지 못합니다"
    log.restore("b2")
    log.restore("b3")
    log.elect()
    return log


def test_acks_one_loses_all_it_acknowledged_and_acks_all_acknowledged_none():
    one, every = cut_write_kill(acks=LEADER), cut_write_kill(acks=ALL, min_insync=2)
    assert (len(one.acked), len(one.lost())) == (101, 100)
    assert (every.acked, every.lost()) == (["처음"], [])


def test_the_old_leader_comes_back_and_forgets_what_nobody_else_has():
    log = cut_write_kill(acks=LEADER)
    log.restore("b1")
    assert len(log.broker("b1").log) == 101
    log.follow("b1")
    assert log.broker("b1").log == ["처음"]
    assert len(log.lost()) == 100


def left_alone(**settings):
    """팔로워가 하나씩 죽어 ISR에 리더만 남은 채 쓰고, 그 리더가 죽은 다음 팔로워들이 켜집니다."""
    log = ReplicatedLog(**settings)
    log.kill("b2")
    log.restore("b2")  # 컨트롤러만 되살아났고, 아직 따라 적지 못했습니다
    log.kill("b3")
    took = log.write("가")
    log.kill("b1")
    log.restore("b3")
    log.elect()
    return log, took


def test_acks_all_promises_nothing_when_the_leader_is_alone_and_alone_is_enough():
    log, took = left_alone(min_insync=1, unclean=True)
    assert took
    assert log.lost() == ["가"], "혼자 답하고 죽은 것을, 뒤처진 복제본이 리더가 되어 잃습니다"
    log, took = left_alone(min_insync=1)
    assert took
    assert log.leader is None, "뒤처진 복제본을 뽑지 않으면 멈춰 서서 기다립니다"
    log.restore("b1")
    assert log.elect().name == "b1"
    assert log.lost() == []
    log, took = left_alone(min_insync=2, unclean=True)
    assert not took, "둘이 적을 수 없으면 처음부터 받지 않습니다"


def test_all_that_are_in_sync_have_what_was_acknowledged():
    log = ReplicatedLog()
    log.write("가")
    assert log.acked == []
    assert log.follow("b2") == 1
    assert log.acked == []
    log.follow("b3")
    assert log.acked == ["가"]
    log.cut("b3")
    log.write("나")
    log.follow("b2")
    assert log.acked == ["가"]
    assert log.expire("b3")
    assert log.acked == ["가", "나"], "뒤처진 것을 빼면 남은 것으로 답합니다"
    assert log.follow("b3") == 0
    log.restore("b3")
    assert log.follow("b3") == 1
    assert log.broker("b3") in log.isr


def play(seed, steps=120, **settings):
    """아무 차례로 쓰고, 따라 적고, 끊고, 죽이고, 켭니다. 끝에는 모두 켭니다."""
    chance, log = Random(seed), ReplicatedLog(**settings)
    for n in range(steps):
        name = chance.choice(NAMES)
        do = chance.choice(["write", "write", "follow", "follow", "fault", "restore", "elect"])
        if do == "write":
            log.write(str(n))
        elif do == "fault":
            chance.choice([log.cut, log.kill, log.expire])(name)
        elif do == "elect":
            log.elect()
        else:
            getattr(log, do)(name)
        if log.leader is not None and log.leader.state == DOWN:
            raise AssertionError("죽은 리더")
    for name in NAMES:
        log.restore(name)
    assert log.elect() is not None
    followed(log)
    return log


def test_whatever_happens_acks_all_without_unclean_election_keeps_what_it_acknowledged():
    lost = {}
    for settings in (
        {"acks": ALL, "min_insync": 2},
        {"acks": ALL, "min_insync": 1},
        {"acks": LEADER},
        {"acks": ALL, "min_insync": 1, "unclean": True},
    ):
        logs = [play(seed, **settings) for seed in range(150)]
        assert sum(bool(log.acked) for log in logs) > 100
        assert all(b.log == log.leader.log for log in logs for b in log.brokers)
        lost[tuple(settings.values())] = sum(bool(log.lost()) for log in logs)
    assert lost[ALL, 2] == lost[ALL, 1] == 0
    assert lost[LEADER,] > 20
    assert lost[ALL, 1, True] > 5


def test_the_common_beginning():
    assert common("", "ab") == 0
    assert common("abx", "aby") == 2
    assert common("ab", "abc") == 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: ReplicatedLog(acks="0"),
        lambda: ReplicatedLog(min_insync=4),
        lambda: ReplicatedLog(min_insync=0),
        lambda: ReplicatedLog().broker("b9"),
        lambda: ReplicatedLog().kill(""),
        lambda: [ReplicatedLog(acks=LEADER).write(one) for one in "a"] and twice(),
    ],
)
def test_bad_input_is_refused(wrong):
    with pytest.raises(InvalidValue):
        wrong()


def twice():
    log = ReplicatedLog()
    log.write("a")
    log.write("a")
