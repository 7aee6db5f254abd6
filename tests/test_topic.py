"""토픽의 약속: 메모리에서도 디스크에서도 Kafka에서도 소비자는 같은 것을 같은 차례로 받습니다."""

from __future__ import annotations

from functools import partial

import pytest

from ddialab.blocks.topic.group import Rebalanced
from ddialab.blocks.topic.message import MAX_MESSAGE, partition_of, text_of
from ddialab.blocks.topic.topic import Topic
from ddialab.core.errors import BackendUnavailable, InvalidValue
from kafka_server import kafka_bootstrap  # noqa: F401
from topics import Disk, Kafka, Memory, sentences

KEYS = ["소라", "나래", "가람", "다온", "미르"]


@pytest.fixture(params=["memory", "disk", "kafka"])
def place(request, tmp_path):
    if request.param == "kafka":
        return Kafka(request.getfixturevalue("kafka_bootstrap"))
    return Memory() if request.param == "memory" else Disk(tmp_path)


@pytest.fixture
def topic(place):
    made = place.open()
    yield made
    place.drop(made)


def filled(topic, count=30):
    """키를 돌려 가며 보낸 메시지들."""
    return [topic.send(KEYS[n % len(KEYS)], b"%d" % n) for n in range(count)]


def drain(consumer, most=7):
    """더 없을 때까지 읽은 것들."""
    found = []
    while messages := consumer.poll(most):
        found += messages
    return found


# ── 보내기와 읽기 ──────────────────────────────────────────────────────────────


def test_what_was_sent_is_read_in_the_order_of_its_key(topic):
    sent = filled(topic)
    assert len({message.partition for message in sent}) > 1, "한 파티션에 몰리면 볼 것이 없습니다"
    for partition in range(topic.partitions):
        here = [message for message in sent if message.partition == partition]
        assert [message.offset for message in here] == list(range(topic.end(partition)))
        assert list(topic.read(partition)) == here
        assert list(topic.read(partition, 2, 4)) == here[2:4]
    with topic.consumer("g") as one:
        read = drain(one)
    assert sorted(read) == sorted(sent)
    for key in KEYS:
        values = [int(message.value) for message in read if message.key == key]
        assert values == sorted(values), "키 안의 차례"


def test_bytes_come_back_as_they_were(topic):
    values = [b"", b"\x00\xff\xfe", "글".encode(), bytes(range(256)), b"x" * 100_000]
    sent = [topic.send(key, value) for key in (None, "", "가\n") for value in values]
    with topic.consumer("g") as one:
        assert sorted(drain(one), key=str) == sorted(sent, key=str)


def test_keyless_messages_go_around_the_partitions(topic):
    sent = [topic.send(None, b"x") for _ in range(6)]
    assert [message.partition for message in sent] == [0, 1, 2, 0, 1, 2]


def test_many_are_answered_in_the_order_they_were_sent(topic):
    pairs = [(KEYS[n % 5], b"%d" % n) for n in range(50)]
    answers = topic.send_many(pairs)
    assert [(one.key, one.value) for one in answers] == pairs
    assert sum(topic.end(partition) for partition in range(3)) == 50


def test_a_poll_takes_turns_between_partitions(topic):
    for n in range(20):
        topic.send(None, b"%d" % n)
    with topic.consumer("g") as one:
        first, second = one.poll(4), one.poll(3)
        assert [message.partition for message in first] == [0, 1, 2, 0]
        assert [message.partition for message in second] == [1, 2, 0]
        assert [one.position(partition) for partition in range(3)] == [3, 2, 2]


def test_a_poll_sees_everything_sent_before_it(topic):
    with topic.consumer("g") as one:
        for n in range(10):
            sent = topic.send("같은 키", b"%d" % n)
            assert one.poll() == [sent]
        assert one.poll() == []


# ── 커밋, 되감기 ───────────────────────────────────────────────────────────────


def test_what_was_committed_does_not_come_again_and_the_rest_does(topic):
    sent = sorted(filled(topic))
    one = topic.consumer("g")
    first = one.poll(10)
    kept = one.commit()
    assert topic.committed("g") == kept
    assert topic.lag("g") == len(sent) - 10
    lost = one.poll(8)
    one.close()  # 커밋하지 않고
    with topic.consumer("g", "two") as two:
        again = drain(two)
    assert sorted(first + again) == sent
    assert set(lost) <= set(again), "읽기만 한 것은 다시 옵니다"
    assert not set(first) & set(again), "커밋한 것은 다시 오지 않습니다"


def test_seek_rewinds_and_skips(topic):
    sent = [topic.send("키", b"%d" % n) for n in range(8)]
    partition = sent[0].partition
    with topic.consumer("g") as one:
        assert drain(one) == sent
        one.seek(partition, 0)
        assert (one.position(partition), drain(one)) == (0, sent)
        one.seek(partition, 6)
        assert drain(one) == sent[6:]
        one.seek(partition, 8)
        assert (one.poll(), one.position(partition)) == ([], 8)
        one.seek(partition, 3)
        assert one.poll(2) == sent[3:5]
        assert one.commit()[partition] == 5, "되감은 곳을 커밋하면 그곳부터입니다"
    with topic.consumer("g") as one:
        assert drain(one) == sent[5:]


def test_groups_read_the_same_messages_apart(topic):
    sent = sorted(filled(topic))
    with topic.consumer("a") as a, topic.consumer("b") as b:
        assert sorted(drain(a)) == sent == sorted(drain(b))
        a.commit()
        assert topic.lag("a") == 0
        assert topic.groups == ["a", "b"]


def test_a_group_that_never_committed_is_forgotten(topic):
    topic.consumer("g").close()
    assert topic.groups == []


# ── 나누어 읽기 ────────────────────────────────────────────────────────────────


def test_members_share_the_partitions(topic):
    sent = sorted(filled(topic))
    with topic.consumer("g", "a") as a:
        assert a.partitions == [0, 1, 2]
        with topic.consumer("g", "b") as b:
            assert (a.partitions, b.partitions) == ([0, 1], [2])
            with topic.consumer("g", "c") as c:
                shares = [drain(one) for one in (a, b, c)]
                assert sorted(message for read in shares for message in read) == sent
                for place, messages in enumerate(shares):
                    assert {message.partition for message in messages} <= {place}
                with topic.consumer("g", "d") as idle:
                    assert (idle.partitions, idle.poll()) == ([], [])


def test_what_a_lost_member_had_not_committed_goes_to_the_others(topic):
    filled(topic)
    a, b = topic.consumer("g", "a"), topic.consumer("g", "b")
    done = a.poll(4)
    a.commit()
    half = a.poll(3)
    mine = drain(b)
    b.commit()
    a.close()
    rest = drain(b)
    b.close()
    assert set(half) <= set(rest)
    assert not set(done + mine) & set(rest)
    assert sorted(done + mine + rest) == sorted(
        message for partition in range(3) for message in topic.read(partition)
    )


def test_a_commit_after_the_group_changed_is_refused_and_comes_again(topic):
    filled(topic)
    with topic.consumer("g", "a") as a:
        read = drain(a)
        with topic.consumer("g", "b") as b:
            with pytest.raises(Rebalanced, match="'a'") as told:
                a.commit()
            sentences(told.value)
            assert sorted(drain(a) + drain(b)) == sorted(read)
            a.commit()
            b.commit()
            assert topic.lag("g") == 0


# ── 나쁜 입력 ──────────────────────────────────────────────────────────────────


def test_an_offset_outside_the_log_is_refused(topic):
    partition = topic.send_many([("키", b"0"), ("키", b"1"), ("키", b"2")])[0].partition
    with topic.consumer("g") as one:
        one.poll(1)
        for offset in (-1, 4, 10**12, "0", 1.0, None, True):
            with pytest.raises(InvalidValue):
                one.seek(partition, offset)
            with pytest.raises(InvalidValue):
                topic.read(partition, offset, 3)
            assert one.position(partition) == 1, "거절한 것은 아무것도 바꾸지 않습니다"


def test_a_partition_that_is_not_there_is_refused(topic):
    with topic.consumer("g") as one:
        for partition in (-1, 3, "0", None):
            for action in (one.position, topic.end, topic.read):
                with pytest.raises(InvalidValue):
                    action(partition)
            with pytest.raises(InvalidValue):
                one.seek(partition, 0)


def test_a_partition_of_another_member_is_refused(topic):
    with topic.consumer("g", "a") as a, topic.consumer("g", "b"):
        for action in (lambda: a.seek(2, 0), lambda: a.position(2)):
            with pytest.raises(InvalidValue, match=r"지금 맡은 것: 0, 1\.") as told:
                action()
            sentences(told.value)


def test_an_unknown_group_is_answered_with_the_known_ones(topic):
    with topic.consumer("알림") as one:
        one.poll()
        one.commit()
    for ask in (topic.committed, topic.lag):
        with pytest.raises(InvalidValue, match=r"'알람': 이 토픽이 모르는 그룹.*알림") as told:
            ask("알람")
        sentences(told.value)


def test_a_name_that_cannot_be_written_is_refused(topic):
    for name in ("", " ", "a b", "a\n", "\x00", "가" * 101, "\ud800", None, 3):
        for ask in (topic.consumer, partial(topic.consumer, "g"), topic.committed, topic.lag):
            with pytest.raises(InvalidValue, match="쓸 수 없는 이름") as told:
                ask(name)
            sentences(told.value)
    assert topic.groups == []


def test_two_members_of_one_name_are_refused(topic):
    with topic.consumer("g", "a") as a:
        with pytest.raises(InvalidValue, match="이미 있는 소비자"):
            topic.consumer("g", "a")
        assert a.partitions == [0, 1, 2]


def test_a_message_over_the_limit_is_refused_before_anything_is_written(topic):
    topic.send("키", bytes(MAX_MESSAGE - len("키".encode())))
    with pytest.raises(InvalidValue, match=r"1,000,001바이트.*1,000,000바이트 이하") as told:
        topic.send_many([("키", b"good"), ("키", bytes(MAX_MESSAGE - 2))])
    sentences(told.value)
    assert sum(topic.end(partition) for partition in range(3)) == 1


def test_what_is_not_a_message_is_refused(topic):
    for key, value in (
        ("k", "글"), ("k", None), ("k", 3), (3, b"v"), (b"k", b"v"), ("\ud800", b"")
    ):  # fmt: skip
        with pytest.raises(InvalidValue) as told:
            topic.send(key, value)
        sentences(told.value)
    assert sum(topic.end(partition) for partition in range(3)) == 0


def test_what_is_not_pairs_is_refused(topic):
    for wrong in (None, 3, "글", [b"v"], [("k", b"v", 1)]):
        with pytest.raises(InvalidValue) as told:
            topic.send_many(wrong)
        assert told.value.accepted
    assert sum(topic.end(partition) for partition in range(3)) == 0


def test_a_topic_without_logs_is_refused():
    for wrong in (None, 3, []):
        with pytest.raises(InvalidValue):
            Topic(wrong)


def test_a_value_that_is_not_text_is_named_only_when_asked_for_text(topic):
    topic.send("키", "글".encode())
    topic.send("키", b"\xff\xfe")
    with topic.consumer("g") as one:
        good, bad = one.poll()
    assert text_of(good) == "글"
    assert bad.value == b"\xff\xfe"
    with pytest.raises(InvalidValue, match=r"1번 메시지의 값=.*UTF-8이 아닙니다") as told:
        text_of(bad)
    sentences(told.value)


def test_a_poll_of_a_strange_size_is_refused(topic):
    with topic.consumer("g") as one:
        for most in (0, -1, 10_001, "3", None):
            with pytest.raises(InvalidValue):
                one.poll(most)


def test_a_closed_consumer_says_so_and_closes_twice(topic):
    one = topic.consumer("g")
    one.close()
    one.close()
    for action in (one.poll, one.commit, lambda: one.seek(0, 0), lambda: one.position(0)):
        with pytest.raises(BackendUnavailable, match="이미 닫았습니다") as told:
            action()
        sentences(told.value)


# ── 판단 ───────────────────────────────────────────────────────────────────────


def test_a_key_has_one_partition_everywhere():
    assert [partition_of(key, 3) for key in KEYS] == [1, 1, 0, 2, 0]
    assert partition_of("", 1) == 0
    with pytest.raises(InvalidValue):
        partition_of("키", 0)
