"""이 컴퓨터에 띄운 진짜 브로커들: 멈추고, 죽이고, 다시 켜도 확인받은 메시지가 남는지 봅니다."""

from __future__ import annotations

import uuid

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import NewTopic

from ddialab.core import java, kafka, workspace
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability
from ddialab.core.kafka import KafkaHome, find_kafka, start_brokers
from ddialab.core.kafka_settings import Place, escaped, settings
from ddialab.core.workspace import Workspace
from fake_java import bare, fake_java  # noqa: F401 - bare는 픽스처입니다
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
    named = {"bootstrap.servers": bootstrap, "group.id": uuid.uuid4().hex, "log_level": 0}
    consumer = Consumer({**named, "enable.partition.eof": True})
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


# ── 없는 것과 나쁜 입력: Java를 띄우지 않습니다 ────────────────────


@pytest.fixture
def home(bare, tmp_path, monkeypatch) -> KafkaHome:  # noqa: F811
    """가짜 Java와 가짜 jar."""
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs/kafka_2.13-4.1.1.jar").write_bytes(b"")
    monkeypatch.setenv("KAFKA_LIBS", str(tmp_path / "libs"))
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "jdk")))
    return KafkaHome(tmp_path / "jdk", tmp_path / "libs")


def test_what_is_missing_is_named(home, tmp_path, monkeypatch):
    assert find_kafka() == home
    monkeypatch.setenv("KAFKA_LIBS", f" {tmp_path / 'nothing'} ")
    with pytest.raises(MissingCapability, match=r"nothing: Kafka의 jar가 없습니다.*make kafka"):
        find_kafka()
    monkeypatch.setenv("KAFKA_LIBS", "")
    monkeypatch.setattr(kafka, "FETCHED", tmp_path / "fetched")
    with pytest.raises(MissingCapability, match=r"fetched: Kafka의 jar가"):
        find_kafka()
    monkeypatch.setenv("JAVA_HOME", "")
    with pytest.raises(MissingCapability, match="Java가 없습니다"):
        find_kafka()
    monkeypatch.setattr(workspace, "IN_BROWSER", True)
    with pytest.raises(MissingCapability, match="브라우저 안에서는"):
        find_kafka()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"count": 0}, "count=0"),
        ({"count": 6}, "1 이상 5 이하"),
        ({"count": "3"}, "정수가 아닙니다"),
        ({"count": 2, "ports": [9092]}, "브로커가 2개입니다"),
        ({"count": 2, "ports": [9092, 9092]}, "서로 다른 포트가"),
        ({"ports": [0]}, "ports=0"),
        ({"folder": "/없는/폴더"}, "없는 폴더이거나"),
    ],
)
def test_a_wrong_argument(home, wrong, why):
    with Workspace() as space, pytest.raises(InvalidValue, match=why):
        start_brokers(space, **wrong)


def test_a_comma_in_the_path_is_refused(home, tmp_path):
    (tmp_path / "가,나").mkdir()
    with Workspace() as space, pytest.raises(InvalidValue, match="쉼표"):
        start_brokers(space, folder=tmp_path / "가,나")


def started(home: KafkaHome, log: str, code: int = 1, **options) -> str:
    fake_java(home.java, log=log, code=code)
    with Workspace() as space, pytest.raises(BackendUnavailable) as caught:
        start_brokers(space, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("org.apache.kafka.common.KafkaException: Failed to acquire lock on file .lock", "이미 실"),
        ("KafkaException: Socket server failed to bind to h:1: Address already in use.", "포트를"),
        ("There is insufficient memory for the Java Runtime Environment", "메모리가 모자랍니다"),
        ("java.io.IOException: No space left on device", "디스크가 가득"),
        ("java.nio.file.AccessDeniedException: /d/broker-0", "쓸 수 없습니다"),
        ("java.lang.RuntimeException: Invalid cluster.id in: /d. Expected a", "읽지 못합니다"),
        ("Log directory /d/broker-0 is already formatted. Use", "읽지 못합니다"),
        ("java.lang.InternalError: a fault occurred in a recent unsafe memory access", "디스크가"),
        ("java.lang.Odd: what nobody knows\n  at x", "what nobody knows"),
        ("", "종료 코드 1"),
    ],
)
def test_why_it_did_not_start(home, log, why):
    assert why in started(home, log, ports=[9])


def test_what_it_said_before_it_was_killed_is_no_cause(home):
    assert "누가 강제로 끝냈습니다" in started(home, "No space left", code=-9, ports=[9])


def test_a_taken_port_is_chosen_again_unless_the_reader_chose_it(home, monkeypatch):
    chosen = []
    monkeypatch.setattr(kafka, "_free", lambda count: chosen.append(count) or [9])
    taken = "KafkaException: Address already in use"
    assert java.PORT_TAKEN in started(home, taken)
    assert len(chosen) == kafka.PORT_ATTEMPTS + 1
    assert java.PORT_TAKEN in started(home, taken, ports=[9])
    assert len(chosen) == kafka.PORT_ATTEMPTS + 1


def test_the_settings_are_read_by_java_as_they_were_meant(tmp_path):
    place = Place(1, 9092, 9093, tmp_path / "한글 C:\\폴더")
    text = settings(place, "0@127.0.0.1:1", 1)
    assert text.isascii()
    assert "listeners=PLAINTEXT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093\n" in text
    assert "auto.create.topics.enable=false\n" in text
    assert "offsets.topic.replication.factor=1\n" in text
    assert "offsets.topic.replication.factor=3\n" in settings(place, "", 3)
    assert escaped("가\\\n😀") == r"\uac00\\\u000a\ud83d\ude00"


def test_the_cluster_of_a_folder(tmp_path):
    place = Place(0, 1, 2, tmp_path)
    assert place.cluster() is None
    (tmp_path / "meta.properties").write_text("version=1\ncluster.id=abc-_1\nnode.id=0\n")
    assert place.cluster() == "abc-_1"


def test_a_cluster_name_is_not_an_option():
    names = {kafka.new_cluster() for _ in range(300)}
    assert len(names) == 300
    assert {len(name) for name in names} == {22}
    assert not [name for name in names if name.startswith("-")]
