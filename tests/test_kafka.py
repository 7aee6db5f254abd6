"""이 컴퓨터에 띄운 진짜 브로커들: 멈추고, 죽이고, 다시 켜도 확인받은 메시지가 남는지 봅니다."""

from __future__ import annotations

import uuid

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import NewTopic

from ddialab.core import kafka, workspace
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability
from ddialab.core.kafka import Brokers, find_kafka, start_brokers
from ddialab.core.kafka_settings import Place, escaped, settings
from ddialab.core.workspace import Workspace
from kafka_server import kafka_bootstrap, kafka_home, own_brokers  # noqa: F401 - 픽스처입니다
from waiting import wait_until

TOPIC = "posts"


def create(bootstrap: str, name: str, replicas: int) -> None:
    admin = kafka.client([Place(0, int(bootstrap.split(",")[0].rpartition(":")[2]), 0, None)])
    admin.create_topics([NewTopic(name, 1, replicas)])[name].result()


def write(bootstrap: str, name: str, *texts: str) -> list[str]:
    """확인(acks=all)까지 받은 것들."""
    done: list[str] = []
    producer = Producer(
        {"bootstrap.servers": bootstrap, "log_level": 0, "enable.idempotence": True}
    )
    for text in texts:
        producer.produce(
            name, text, on_delivery=lambda e, m: done.append(m.value().decode()) if not e else None
        )
    producer.flush(60)
    return done


def read(bootstrap: str, name: str) -> list[str]:
    settings = {"bootstrap.servers": bootstrap, "group.id": uuid.uuid4().hex, "log_level": 0}
    consumer = Consumer({**settings, "enable.partition.eof": True})
    consumer.assign([TopicPartition(name, 0, 0)])
    found = []
    while True:
        message = consumer.poll(60)
        assert message is not None
        if message.error():
            consumer.close()
            return found
        found.append(message.value().decode())


def test_the_shared_broker_keeps_what_it_acknowledged(kafka_bootstrap):  # noqa: F811
    name = f"ddialab-{uuid.uuid4().hex[:8]}"
    create(kafka_bootstrap, name, 1)
    assert write(kafka_bootstrap, name, "하나", "둘") == ["하나", "둘"]
    assert read(kafka_bootstrap, name) == ["하나", "둘"]


def test_three_brokers_go_on_without_the_leader_and_it_comes_back(kafka_home):  # noqa: F811
    with own_brokers(3) as brokers:
        assert brokers.bootstrap.count("127.0.0.1:") == len(set(brokers.pids)) == 3
        create(brokers.bootstrap, TOPIC, 3)
        first = wait_until(lambda: _or_none(brokers.leader(TOPIC)), "리더가 정해짐") - 1
        assert write(brokers.bootstrap, TOPIC, "앞") == ["앞"]
        other = (first + 1) % 3
        brokers.pause(other)
        brokers.resume(other)
        brokers.kill(first)
        with pytest.raises(InvalidValue, match="죽은 브로커"):
            brokers.pause(first)
        second = wait_until(lambda: _or_none(brokers.leader(TOPIC)), "새 리더가 정해짐") - 1
        assert second != first
        assert write(brokers.bootstrap, TOPIC, "뒤") == ["뒤"]
        with pytest.raises(InvalidValue, match="이미 실행 중"):
            brokers.restart(second)
        brokers.restart(first)
        assert read(brokers.bootstrap, TOPIC) == ["앞", "뒤"]
        assert brokers.leader("없는-토픽") is None


def _or_none(leader: int | None) -> int:
    """0번도 참이 되게 하나를 더합니다."""
    return 0 if leader is None else leader + 1
