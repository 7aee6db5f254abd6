"""디스크의 토픽: 답한 메시지와 커밋은 프로세스가 죽어도, 파일이 잘려도 남습니다."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import subprocess
import sys
import threading

import pytest

from ddialab.blocks.log import HEADER, Dropped, Log
from ddialab.blocks.tape import Tape
from ddialab.blocks.topic.disk import DiskTopic
from ddialab.blocks.topic.message import pack
from ddialab.blocks.topic.topic import Topic
from ddialab.core.errors import InvalidValue, StorageFailure
from suite.effort import some
from topics import sentences


def read_all(topic, group="audit"):
    with topic.consumer(group) as one:
        return one.poll(10_000)


def test_messages_and_commits_are_there_when_opened_again(tmp_path):
    with DiskTopic(tmp_path) as topic:
        sent = [topic.send(None, b"%d" % n) for n in range(9)]
        one = topic.consumer("그룹")
        done = one.poll(4)
        kept = one.commit()
        one.poll(2)
    with DiskTopic(tmp_path) as topic:
        assert (topic.groups, topic.committed("그룹"), topic.dropped) == (["그룹"], kept, {})
        assert sorted(done + read_all(topic, "그룹")) == sorted(sent)


def test_a_cut_at_every_byte_of_the_last_message_keeps_what_was_answered(tmp_path):
    with DiskTopic(tmp_path, 1, "none") as topic:
        kept = [topic.send("키", b"%d" % n) for n in range(3)]
        last = topic.send("키", b"the last one")
    path = tmp_path / "topic.0.log"
    whole = path.read_bytes()
    start = len(whole) - HEADER.size - len(pack("키".encode(), last.value))
    for cut in range(start, len(whole)):
        path.write_bytes(whole[:cut])
        with DiskTopic(tmp_path, 1, "none") as topic:
            assert read_all(topic) == kept
            named = {0: Dropped(3, start, cut - start)} if cut > start else {}
            assert topic.dropped == named
            assert topic.send("키", b"again").offset == 3


def test_a_cut_at_every_byte_of_the_last_commit_goes_back_to_the_one_before(tmp_path):
    path = tmp_path / "topic.offsets.log"
    with DiskTopic(tmp_path, 1, "none") as topic:
        sent = [topic.send("키", b"%d" % n) for n in range(6)]
        one = topic.consumer("g")
        one.poll(2)
        one.commit()
        start = path.stat().st_size
        one.poll(3)
        one.commit()
    whole = path.read_bytes()
    for cut in range(start, len(whole) + 1):
        path.write_bytes(whole[:cut])
        done = 5 if cut == len(whole) else 2
        with DiskTopic(tmp_path, 1, "none") as topic:
            assert topic.committed("g") == {0: done}
            assert read_all(topic, "g") == sent[done:]


KILLED = """
import os, sys
from ddialab.blocks.topic.disk import DiskTopic
topic = DiskTopic(sys.argv[1], 1)
one = topic.consumer("g")
while True:
    sent = topic.send("key", b"%d" % topic.end(0))
    os.write(1, b"sent %d\\n" % sent.offset)
    if sent.offset % 3 == 2:
        one.poll(2)
        os.write(1, b"done %d\\n" % one.commit()[0])
"""


@pytest.mark.proof
@pytest.mark.parametrize("seen", some(range(1, 200, 8)))
def test_kill_9_loses_no_answered_message_and_no_answered_commit(tmp_path, seen):
    """토픽에 쓰는 프로세스를 죽여도 답한 메시지와 커밋은 남습니다"""
    argv = [sys.executable, "-c", KILLED, str(tmp_path)]
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
    said = [process.stdout.readline() for _ in range(seen)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    told = {kind: int(number) for kind, number in (line.split() for line in said)}
    with DiskTopic(tmp_path, 1) as topic:
        sent, done = told["sent"] + 1, told.get("done", 0)
        assert sent <= topic.end(0) <= sent + 1
        assert [message.value for message in topic.read(0)] == [
            b"%d" % n for n in range(topic.end(0))
        ]
        kept = topic.committed("g")[0] if topic.groups else 0
        assert done <= kept <= done + 2, "답한 커밋은 남고, 답하지 못한 커밋은 하나뿐입니다"
        assert [message.offset for message in read_all(topic, "g")] == list(
            range(kept, topic.end(0))
        )


def test_a_failed_fsync_stops_the_partition(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.EIO, "I/O error")

    topic = DiskTopic(tmp_path, 1)
    kept = topic.send("키", b"kept")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageFailure):
        topic.send("키", b"lost")
    monkeypatch.undo()
    with pytest.raises(StorageFailure, match="fsync가 실패한 로그") as told:
        topic.send("키", b"more")
    sentences(told.value)
    assert list(topic.read(0)) == [kept]
    topic.close()


def test_a_commit_that_could_not_be_written_is_not_a_commit(tmp_path, monkeypatch):
    def fail(descriptor):
        raise OSError(errno.EIO, "I/O error")

    with DiskTopic(tmp_path, 1) as topic:
        topic.send("키", b"one")
        one = topic.consumer("g")
        one.poll()
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(StorageFailure):
            one.commit()
        monkeypatch.undo()
        assert topic.committed("g") == {0: 0}
    with DiskTopic(tmp_path, 1) as topic:
        assert len(read_all(topic, "g")) == 1


def test_the_number_of_partitions_stays(tmp_path):
    DiskTopic(tmp_path, 3).close()
    for partitions in (1, 2, 4):
        with pytest.raises(InvalidValue, match="이 토픽은 파티션이 3개") as told:
            DiskTopic(tmp_path, partitions)
        sentences(told.value)
    assert len(list(tmp_path.iterdir())) == 4, "거절하면서 파일을 만들지 않습니다"
    DiskTopic(tmp_path, 3).close()


def test_a_group_that_read_beyond_a_lost_tail_is_told(tmp_path):
    with DiskTopic(tmp_path, 1, "none") as topic:
        for n in range(5):
            topic.send("키", b"%d" % n)
        one = topic.consumer("g")
        one.poll()
        one.commit()
    with Log(tmp_path / "topic.0.log") as log:
        log.truncate(3)
    with DiskTopic(tmp_path, 1) as topic:
        one = topic.consumer("g")
        with pytest.raises(StorageFailure, match="5번 앞까지 읽었는데, 로그는 3번에서") as told:
            one.poll()
        sentences(told.value)
        one.seek(0, 3)
        assert one.poll() == []
        one.commit()
        assert topic.committed("g") == {0: 3}


@pytest.mark.parametrize(
    "payload",
    [b"", b"\0\0", b"\0\0\0\x09short", b"\0\0\0\x02\xff"],
    ids=["빈 것", "짧음", "키", "UTF-8"],
)
def test_a_record_that_cannot_be_read_is_named_and_can_be_passed(payload):
    tape = Tape()
    topic = Topic([tape])
    topic.send("키", b"before")
    tape.append(payload)
    topic.send("키", b"after")
    with topic.consumer("g") as one:
        assert [message.value for message in one.poll()] == [b"before"]
        for _ in range(2):
            with pytest.raises((StorageFailure, InvalidValue), match=r"1번.*seek\(0, 2\)") as told:
                one.poll()
            sentences(told.value)
        one.seek(0, 2)
        assert [message.value for message in one.poll()] == [b"after"]


@pytest.mark.parametrize("first", [b"[]", b'"x"', b"[1, 2]", b"\xff", b'{"a": 1}'])
def test_another_log_in_the_place_of_the_offsets_is_left_alone(tmp_path, first):
    path = tmp_path / "topic.offsets.log"
    for records in ([first], [b"3", first]):
        path.unlink(missing_ok=True)
        with Log(path) as log:
            for record in records:
                log.append(record)
        before = path.read_bytes()
        with pytest.raises(StorageFailure, match="오프셋을 적은 파일이 아닙니다") as told:
            DiskTopic(tmp_path, 3)
        sentences(told.value)
        assert path.read_bytes() == before


def test_a_missing_folder_and_a_second_owner_are_answered(tmp_path):
    with pytest.raises(StorageFailure, match="폴더가 없음"):
        DiskTopic(tmp_path / "no")
    with DiskTopic(tmp_path), pytest.raises(StorageFailure, match="이미 열어"):
        DiskTopic(tmp_path)
    with DiskTopic(tmp_path, name="other") as other:
        assert other.end(0) == 0, "이름이 다르면 한 폴더에 함께 둡니다"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a b", "글", "a/b", "../x", "a" * 101, "-a", None, 3, "a\n"]
)
def test_a_name_that_is_no_topic_is_refused_before_a_file_appears(tmp_path, name):
    with pytest.raises(InvalidValue, match="쓸 수 없는 토픽의 이름") as told:
        DiskTopic(tmp_path, name=name)
    sentences(told.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("options", [{"partitions": 0}, {"partitions": "3"}, {"fsync": "maybe"}])
def test_bad_options_are_refused_before_a_file_appears(tmp_path, options):
    with pytest.raises(InvalidValue):
        DiskTopic(tmp_path, **options)
    assert list(tmp_path.iterdir()) == []


def test_threads_that_send_and_read_together_take_each_message_once(tmp_path):
    with DiskTopic(tmp_path, 4, "none") as topic:
        together(lambda number: [topic.send(None, b"x") for _ in range(200)])
        assert [topic.end(partition) for partition in range(4)] == [200] * 4, "고르게 돕니다"
        members = [topic.consumer("g", f"m{n}") for n in range(4)]
        found = [[] for _ in members]

        def follow(number):
            while messages := members[number].poll(3):
                found[number] += messages
                members[number].commit()

        together(follow)
        assert [len(mine) for mine in found] == [200] * 4
        assert topic.lag("g") == 0


def together(work, count=4):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.parametrize("place", ["topic.partition_of", "consumer.turns"])
def test_another_thread_waits_while_one_decides(tmp_path, monkeypatch, place):
    """위의 테스트만으로는 끼어들 틈이 좁아 자물쇠가 없어도 통과합니다."""
    waits = []

    def try_the_lock():
        waits.append(not topic.lock.acquire(blocking=False))

    def decide(*arguments):
        together(lambda _: try_the_lock(), 1)
        return real(*arguments)

    name = f"ddialab.blocks.topic.{place}"
    module, _, function = name.rpartition(".")
    real = getattr(importlib.import_module(module), function)
    monkeypatch.setattr(name, decide)
    with DiskTopic(tmp_path) as topic:
        topic.send("키", b"one")
        with topic.consumer("g") as one:
            one.poll()
    assert waits == [True]
