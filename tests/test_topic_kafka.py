"""Kafka의 토픽: 독자의 브로커에서 우리 것만 만지고, 거절하는 브로커의 까닭을 말합니다."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import uuid

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
)

from answering import answering, self_signed
from ddialab.blocks.topic import client, kafka_consumer, open_topic
from ddialab.blocks.topic.disk import DiskTopic
from ddialab.blocks.topic.kafka import KafkaTopic
from ddialab.blocks.topic.message import Message
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability
from kafka_server import kafka_bootstrap  # noqa: F401
from topics import sentences
from waiting import BOUND, wait_until


@pytest.fixture(scope="module")
def admin(kafka_bootstrap):  # noqa: F811
    """브로커를 띄운 독자의 클라이언트."""
    return AdminClient({"bootstrap.servers": kafka_bootstrap, "log_level": 0})


@pytest.fixture
def topic(kafka_bootstrap):  # noqa: F811
    with KafkaTopic("posts", 2, kafka_bootstrap) as made:
        yield made


def topics_of(admin):
    return list(admin.list_topics(timeout=10).topics)


def groups_of(admin):
    return [one.group_id for one in admin.list_consumer_groups().result(10).valid]


# ── 남의 것 ────────────────────────────────────────────────────────────────────


@pytest.fixture
def theirs(kafka_bootstrap, admin):  # noqa: F811
    """독자의 토픽과 그룹. 이름이 우리 것과 비슷합니다."""
    name = f"posts-{uuid.uuid4().hex[:8]}"
    (made,) = admin.create_topics([NewTopic(name, 2, 1)]).values()
    made.result(10)
    options = {"bootstrap.servers": kafka_bootstrap, "log_level": 0}
    producer = Producer(options)
    for number in range(4):
        producer.produce(name, b"theirs %d" % number, partition=number % 2)
    assert producer.flush(30) == 0
    reader = Consumer({**options, "group.id": name})
    reader.commit(offsets=[TopicPartition(name, 0, 1)], asynchronous=False)
    reader.close()
    yield name
    (gone,) = admin.delete_topics([name]).values()
    gone.result(10)


def state_of(bootstrap, admin, name):
    """독자의 토픽과 그룹의 모든 것."""
    (kept,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(name)]).values()
    resource = ConfigResource(ConfigResource.Type.TOPIC, name)
    (config,) = admin.describe_configs([resource]).values()
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": "look", "log_level": 0})
    ends = [reader.get_watermark_offsets(TopicPartition(name, one), timeout=10) for one in (0, 1)]
    reader.close()
    offsets = [(one.partition, one.offset) for one in kept.result(10).topic_partitions]
    return offsets, {key: one.value for key, one in config.result(10).items()}, ends


def test_somebody_elses_topics_and_groups_are_never_touched(
    kafka_bootstrap,  # noqa: F811
    admin,
    theirs,
    monkeypatch,
):
    before = state_of(kafka_bootstrap, admin, theirs)
    asked = []
    for name in ("create_topics", "delete_topics", "delete_consumer_groups",
                 "list_consumer_group_offsets", "describe_configs", "list_offsets"):  # fmt: skip
        monkeypatch.setattr(AdminClient, name, noted(getattr(AdminClient, name), asked))
    with KafkaTopic("posts", 2, kafka_bootstrap) as topic:
        sent = [topic.send(None, b"%d" % n) for n in range(6)]
        with topic.consumer(theirs) as one:
            assert one.poll() == sent
            one.commit()
            one.seek(0, 0)
        assert topic.lag(theirs) == 0
        ours = topic.full_name
    monkeypatch.undo()
    assert asked
    assert [name for name in asked if not name.startswith(ours)] == []
    assert state_of(kafka_bootstrap, admin, theirs) == before


def noted(real, asked):
    def note(self, what, *more, **options):
        asked.extend(map(name_of, what))
        return real(self, what, *more, **options)

    return note


def name_of(asked):
    """무엇에 대해 물었는지: 토픽이나 그룹의 이름."""
    for field in ("topic", "group_id", "name"):
        if isinstance(named := getattr(asked, field, None), str):
            return named
    return asked


@pytest.mark.parametrize("prefix", ["posts", "ddialab-", "ddialab-A-", "ddialab-a", "ddialab-*-",
                                    "x-ddialab-a-", 3, "ddialab-가-"])  # fmt: skip
def test_a_prefix_that_could_be_somebody_elses_is_refused(prefix):
    with pytest.raises(InvalidValue, match="머리말") as told:
        KafkaTopic("posts", 1, "127.0.0.1:1", prefix=prefix)
    sentences(told.value)


@pytest.mark.parametrize("name", ["", ".", "a b", "글", "a/b", "a" * 101, None, "a\n"])
def test_a_name_that_is_no_topic_is_refused(name):
    with pytest.raises(InvalidValue, match="쓸 수 없는 토픽의 이름") as told:
        KafkaTopic(name, 1, "127.0.0.1:1")
    sentences(told.value)


def test_the_topic_we_named_ourselves_goes_when_closed(kafka_bootstrap, admin):  # noqa: F811
    topic = KafkaTopic("posts", 2, kafka_bootstrap)
    topic.send("키", b"one")
    one = topic.consumer("g")
    one.poll()
    one.commit()
    assert topic.full_name in topics_of(admin)
    assert topic.full_group("g") in groups_of(admin)
    topic.close()
    topic.close()
    assert topic.full_name not in topics_of(admin)
    assert topic.full_group("g") not in groups_of(admin)
    for action in (lambda: topic.send("키", b""), lambda: topic.end(0), lambda: topic.consumer("g"),
                   lambda: topic.read(0), lambda: topic.committed("g")):  # fmt: skip
        with pytest.raises(BackendUnavailable, match="이미 닫았습니다") as told:
            action()
        sentences(told.value)


FORGOTTEN = """
import sys
from ddialab.blocks.topic.kafka import KafkaTopic
topic = KafkaTopic("posts", 1, sys.argv[1])
topic.send("key", b"one")
one = topic.consumer("g")
one.poll()
one.commit()
print(topic.full_name)
"""


def test_a_topic_that_nobody_closed_goes_with_the_kernel(kafka_bootstrap, admin):  # noqa: F811
    argv = [sys.executable, "-c", FORGOTTEN, kafka_bootstrap]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ddialab-")
    assert done.stderr == ""
    assert done.stdout.strip() not in topics_of(admin)
    assert f"{done.stdout.strip()}.g" not in groups_of(admin)


def test_a_named_topic_is_found_again_as_it_was_made(kafka_bootstrap, admin):  # noqa: F811
    prefix = f"ddialab-{uuid.uuid4().hex[:8]}-"
    with KafkaTopic("posts", 2, kafka_bootstrap, prefix=prefix) as topic:
        sent = topic.send("키", b"one")
    with pytest.raises(InvalidValue, match="파티션이 2개") as told:
        KafkaTopic("posts", 3, kafka_bootstrap, prefix=prefix)
    sentences(told.value)
    with KafkaTopic("posts", 2, kafka_bootstrap, prefix=prefix) as topic:
        assert list(topic.read(sent.partition)) == [sent]
        topic.drop()
    assert topic.full_name not in topics_of(admin)


# ── acks와 한도 ────────────────────────────────────────────────────────────────


def test_each_acks_says_what_it_knows(kafka_bootstrap, monkeypatch):  # noqa: F811
    asked = []
    real = client.Client.producer

    def note(self, **options):
        asked.append((options["acks"], options["enable_idempotence"]))
        return real(self, **options)

    monkeypatch.setattr(client.Client, "producer", note)
    for acks, offset in (("0", -1), ("1", 0), ("all", 0)):
        with KafkaTopic("posts", 1, kafka_bootstrap, acks) as topic:
            assert topic.send("키", b"one") == Message(0, offset, "키", b"one")
            wait_until(lambda: topic.end(0) == 1, "브로커가 적음")
    assert asked == [("0", False), ("1", False), ("all", True)]
    with pytest.raises(InvalidValue, match="0, 1, all"):
        KafkaTopic("posts", 1, kafka_bootstrap, "2")


def test_more_copies_than_brokers_are_refused(kafka_bootstrap, admin):  # noqa: F811
    with pytest.raises(BackendUnavailable, match="복제본을 둘 브로커가 모자랍니다") as told:
        KafkaTopic("posts", 1, kafka_bootstrap, replication=3)
    sentences(told.value)


def set_limit(admin, topic, size):
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(
        ConfigResource.Type.TOPIC, topic.full_name, incremental_configs=[entry]
    )
    (done,) = admin.incremental_alter_configs([resource]).values()
    done.result(10)


def test_a_message_over_the_limit_of_the_broker_is_refused(kafka_bootstrap, admin):  # noqa: F811
    prefix = f"ddialab-{uuid.uuid4().hex[:8]}-"
    with KafkaTopic("posts", 1, kafka_bootstrap, prefix=prefix) as topic:
        topic.send("k", bytes(900_000))
        set_limit(admin, topic, 5000)
        with pytest.raises(InvalidValue, match=r"20,001바이트.*4,500바이트 이하") as told:
            topic.send("k", bytes(20_000))  # 브로커가 거절합니다
        sentences(told.value)
        assert topic.end(0) == 1
    with KafkaTopic("posts", 1, kafka_bootstrap, prefix=prefix) as topic:
        with pytest.raises(InvalidValue, match=r"4,501바이트.*4,500바이트 이하"):
            topic.send("k", bytes(4500))  # 보내기 전에 압니다
        answers = topic.send_many([("k", bytes(4000))] * 30)
        assert [one.offset for one in answers] == list(range(1, 31)), (
            "묶어 보내도 한도를 넘지 않습니다"
        )
        topic.drop()


# ── 그룹 ───────────────────────────────────────────────────────────────────────

MEMBER = """
import os, sys, time
from ddialab.blocks.topic import kafka_consumer
from ddialab.blocks.topic.kafka import KafkaTopic
kafka_consumer.SESSION_TIMEOUT = 1.0
topic = KafkaTopic("posts", 2, sys.argv[1], prefix=sys.argv[2])
one = topic.consumer("g", "a")
while not len(one.partitions) == 1:
    one.poll()
print(len(one.poll()), *one.partitions, flush=True)
time.sleep(600)
"""


def test_what_a_killed_member_had_read_comes_to_the_others(kafka_bootstrap, monkeypatch):  # noqa: F811
    monkeypatch.setattr(kafka_consumer, "SESSION_TIMEOUT", 1.0)
    prefix = f"ddialab-{uuid.uuid4().hex[:8]}-"
    with KafkaTopic("posts", 2, kafka_bootstrap, prefix=prefix) as topic:
        sent = [topic.send(None, b"%d" % n) for n in range(20)]
        argv = [sys.executable, "-c", MEMBER, kafka_bootstrap, prefix]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        try:
            one = topic.consumer("g", "b")
            wait_until(lambda: len(one.partitions) == 1, "둘이 나누어 맡음")
            assert process.stdout.readline().split() == ["10", "0"], "하나를 맡아 읽었습니다"
            assert one.poll() == [message for message in sent if message.partition == 1]
            one.commit()
            process.send_signal(signal.SIGKILL)
            again = []
            wait_until(lambda: again.extend(one.poll()) or len(again) == 10, "죽은 것의 몫이 옴")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        assert again == [message for message in sent if message.partition == 0]
        assert (one.commit(), topic.lag("g")) == ({0: 10, 1: 10}, 0)
        topic.drop()


def test_a_key_that_another_program_wrote_is_named_and_can_be_passed(topic, kafka_bootstrap):  # noqa: F811
    other = Producer({"bootstrap.servers": kafka_bootstrap, "log_level": 0})
    for key in (b"good", b"\xff\xfe", None):
        other.produce(topic.full_name, b"value", key, partition=1)
        assert other.flush(30) == 0
    with topic.consumer("g") as one:
        assert one.poll() == [Message(1, 0, "good", b"value")]
        for _ in range(2):
            with pytest.raises(InvalidValue, match=r"1번 메시지의 키=.*seek\(1, 2\)") as told:
                one.poll()
            sentences(told.value)
        one.seek(1, 2)
        assert one.poll() == [Message(1, 2, None, b"value")]


def test_a_topic_that_someone_removed_is_not_made_again(kafka_bootstrap, admin):  # noqa: F811
    topic = KafkaTopic("posts", 1, kafka_bootstrap, answer_timeout=2.0)
    topic.send("키", b"one")
    one = topic.consumer("g")
    (gone,) = admin.delete_topics([topic.full_name]).values()
    gone.result(10)
    for action in (lambda: topic.end(0), one.poll, lambda: topic.send("키", b"two")):
        with pytest.raises(BackendUnavailable, match="토픽이 없어졌습니다") as told:
            action()
        sentences(told.value)
    topic.close()
    assert topic.full_name not in topics_of(admin)


# ── 연결할 수 없는 브로커 ──────────────────────────────────────────────────────


def refused(address, capfd) -> str:
    """``address``에 연결하지 못한 까닭. 클라이언트의 말이 화면에 쏟아지지 않습니다."""
    with pytest.raises(BackendUnavailable) as told:
        KafkaTopic("posts", 1, address)
    assert capfd.readouterr() == ("", "")
    return sentences(told.value)


def test_a_broker_that_is_not_there(capfd):
    assert "받는 브로커가 없음" in refused("127.0.0.1:1", capfd)
    assert "make kafka" in refused("127.0.0.1:1,127.0.0.1:2", capfd)
    assert "호스트를 찾지 못했습니다" in refused("no-such-host.invalid:9092", capfd)


@pytest.mark.parametrize(
    "reply", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"-ERR unknown command\r\n", b""],
    ids=["HTTP", "Redis", "끊음"],
)  # fmt: skip
def test_a_server_of_another_product(reply, capfd):
    with answering(reply) as (port, _):
        said = refused(f"127.0.0.1:{port}", capfd)
    assert "Kafka가 아닌 서버" in said
    assert "TLS로만" not in said


def test_a_broker_that_speaks_tls(tmp_path, capfd):
    with answering(b"", self_signed(tmp_path)) as (port, _):
        assert "TLS로만 받는 포트" in refused(f"127.0.0.1:{port}", capfd)


@pytest.fixture
def silent():
    """연결은 받지만 답하지 않는 서버의 주소."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_a_broker_that_does_not_answer(silent, capfd, monkeypatch):
    monkeypatch.setattr(client, "CONNECT_TIMEOUT", 1.0)
    assert "제때 답하지 않습니다" in refused(silent, capfd)


WAITING = """
import os, signal, sys, threading, time
from ddialab.blocks.topic import client
from ddialab.blocks.topic.kafka import KafkaTopic
client.CONNECT_TIMEOUT = 10_000.0
print("connects", flush=True)
topic = KafkaTopic("posts", 1, sys.argv[1], answer_timeout=10_000.0)
(gone,) = topic.client.admin.delete_topics([topic.full_name]).values()
gone.result(60)
def interrupt():
    while not topic._producer._raw or not len(topic._producer._raw):  # 보냈지만 답이 없습니다
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
topic.send("key", b"one")
"""


def test_ctrl_c_ends_the_waiting(kafka_bootstrap, silent):  # noqa: F811
    for address in (silent, kafka_bootstrap):
        argv = [sys.executable, "-c", WAITING, address]
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "connects\n"
        if address == silent:
            process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=BOUND)
        assert said.rstrip().endswith("KeyboardInterrupt")


def test_where_there_is_no_client(monkeypatch):
    monkeypatch.setattr(client, "IN_BROWSER", True)
    with pytest.raises(MissingCapability, match="브라우저") as told:
        KafkaTopic("posts", 1, "127.0.0.1:1")
    sentences(told.value)
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "confluent_kafka", None)
    with pytest.raises(MissingCapability, match="confluent-kafka") as told:
        KafkaTopic("posts", 1, "127.0.0.1:1")
    sentences(told.value)


# ── 어디에 둘지 ────────────────────────────────────────────────────────────────


def test_the_topic_is_where_the_reader_said(kafka_bootstrap, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.delenv("DDIALAB_BACKEND", raising=False)
    monkeypatch.setenv("KAFKA_BOOTSTRAP", kafka_bootstrap)
    with open_topic("posts", tmp_path, 2) as topic:
        assert isinstance(topic, KafkaTopic)
        assert (topic.send("키", b"one").offset, os.listdir(tmp_path)) == (0, [])
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    with open_topic("posts", tmp_path, 2) as topic:
        assert isinstance(topic, DiskTopic)
    monkeypatch.delenv("DDIALAB_BACKEND")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "http://localhost:9200")
    with pytest.raises(InvalidValue, match="KAFKA_BOOTSTRAP"):
        open_topic("posts", tmp_path, 2)
