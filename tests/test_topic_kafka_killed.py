"""진짜 Kafka의 브로커를 죽여도 acks=all로 답한 메시지는 남고, acks=1로 답한 것은 없어집니다."""

from __future__ import annotations

import pytest

from ddialab.blocks.topic.kafka import KafkaTopic
from ddialab.core.errors import BackendUnavailable
from ddialab.experiments.queue_and_log.acks import (
    NEW_ACKS,
    WRITES,
    Lost,
    killed_while_writing,
    leader_dies,
)
from kafka_server import kafka_home, own_brokers  # noqa: F401
from suite.effort import trials
from topics import sentences
from waiting import wait_until


@pytest.fixture(scope="module")
def three(kafka_home):  # noqa: F811
    """이 파일만 쓰는 브로커 셋."""
    with own_brokers(3) as brokers:
        yield brokers


def check(found, kills):
    assert found.kills == kills
    assert found.acknowledged >= kills * NEW_ACKS
    assert (found.missing, found.repeated, found.disordered) == (0, 0, 0)


@pytest.mark.proof(tried=trials(20))
def test_kill_9_of_a_lone_broker_loses_nothing_acknowledged(kafka_home):  # noqa: F811
    """홀로 있는 Kafka에 쓰는 동안 브로커를 죽여도 답한 메시지는 한 번씩, 차례대로 남습니다"""
    with own_brokers(1) as one:
        check(killed_while_writing(one, trials(20)), trials(20))


@pytest.mark.proof(tried=trials(20))
def test_kill_9_of_one_of_three_loses_nothing_acknowledged(three):
    """셋이 복제하는 Kafka에 쓰는 동안 하나씩 죽여도 답한 메시지는 한 번씩, 차례대로 남습니다"""
    check(killed_while_writing(three, trials(20)), trials(20))


@pytest.mark.proof(tried=trials(10))
def test_a_leader_that_dies_alone_takes_what_only_it_had(three):
    """대조군: 팔로워가 멈춘 사이 acks=1로 답한 것은 리더와 함께 없어집니다. all은 답이 없습니다"""
    for _ in range(trials(10)):
        assert leader_dies(three, "1") == Lost(WRITES, WRITES, WRITES)
        assert leader_dies(three, "all") == Lost(0, 0, 0)


def test_too_few_replicas_are_named_and_nothing_is_answered(three):
    options = {"min_insync": 3, "answer_timeout": 2.0}
    with KafkaTopic("posts", 1, three.bootstrap, **options) as topic:
        topic.send("키", b"one")
        three.kill((three.leader(topic.full_name) + 1) % 3)
        wait_until(lambda: isrs(topic) == 2, "죽은 브로커가 따라온 것에서 빠짐")
        with pytest.raises(BackendUnavailable, match=r"2개뿐.*min\.insync\.replicas=3") as told:
            topic.send("키", b"two")
        sentences(told.value)
        assert topic.end(0) == 1


def isrs(topic):
    return len(topic.client.topic(topic.full_name).partitions[0].isr)
