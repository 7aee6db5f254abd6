"""스트림 처리: 어디서 죽었다 켜져도 기록 하나는 한 번만 세어집니다."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.log import Log
from ddialab.blocks.stream import RunningCount, WindowedCount
from ddialab.blocks.tape import Tape
from ddialab.blocks.windows import Windows
from ddialab.core.backend import open_redis
from ddialab.core.errors import InvalidValue, StorageFailure
from ddialab.core.memory import MemoryStore


def words(payload):
    return payload.decode().split()


def taped(*texts):
    tape = Tape()
    for text in texts:
        tape.append(text.encode())
    return tape


class Killed(Exception):
    """프로세스가 죽었습니다."""


class Mortal(MemoryStore):
    """``left``번 쓰고 나면 쓰기 직전에 죽는 저장소."""

    def __init__(self, left):
        super().__init__()
        self.left = left

    def set(self, key, value, ttl=None):
        if self.left == 0:
            raise Killed
        self.left -= 1
        super().set(key, value, ttl)


class Apart(RunningCount):
    """대조군: 센 것과 오프셋을 따로 저장합니다."""

    def _save(self, offset, counts):
        self.store.set("counts-alone", json.dumps(counts))
        self.store.set("offset-alone", json.dumps(offset))
        self.offset, self.state = offset, counts

    def _load(self):
        counts, offset = self.store.get("counts-alone"), self.store.get("offset-alone")
        return json.loads(offset or "0"), json.loads(counts or "{}")


def counted_with_a_death(kind, tape, deaths_at):
    """``deaths_at``번째 쓰기에서 죽었다가 다시 켜서 끝까지 센 것."""
    store = Mortal(deaths_at)
    try:
        counter = kind(tape, words, store)
        while counter.catch_up(2):
            pass
    except Killed:
        store.left = -1
        counter = kind(tape, words, store)
        while counter.catch_up(2):
            pass
    return counter.counts


def test_a_record_counts_once_wherever_it_dies():
    tape = taped("점심 커피", "점심", "산책", "커피 커피", "점심")
    whole = {"점심": 3, "커피": 3, "산책": 1}
    assert [counted_with_a_death(RunningCount, tape, n) for n in range(4)] == [whole] * 4
    apart = [counted_with_a_death(Apart, tape, n) for n in range(7)]
    assert whole in apart
    assert [counts for counts in apart if counts != whole], "따로 저장하면 두 번 세는 때가 있습니다"


@given(st.lists(st.sampled_from(["ㄱ", "ㄴ", "ㄱ ㄴ", ""])), st.lists(st.integers(1, 5)))
def test_it_counts_the_same_in_any_steps_and_restarts(texts, steps):
    tape, store = taped(*texts), MemoryStore()
    for most in steps:
        RunningCount(tape, words, store).catch_up(most)
    counter = RunningCount(tape, words, store)
    assert counter.behind == tape.end - counter.offset
    counter.catch_up()
    every = [word for text in texts for word in text.split()]
    assert counter.counts == {word: every.count(word) for word in dict.fromkeys(every)}
    assert counter.behind == counter.catch_up() == 0


def test_what_arrives_after_is_counted_after_the_next_step(tmp_path, monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    with Log(tmp_path / "log", fsync="none") as log, open_redis() as backend:
        counter = RunningCount(log, words, backend)
        log.append("점심".encode())
        assert (counter.count("점심"), counter.behind) == (0, 1)
        assert counter.catch_up() == 1
        assert (counter.count("점심"), counter.count("없는 말")) == (1, 0)
        log.append("점심 커피".encode())
        assert RunningCount(log, words, backend).catch_up() == 1
        assert RunningCount(log, words, backend).top(1) == [("점심", 2)]


def test_a_lost_count_is_rebuilt_from_the_log():
    tape, store = taped("ㄱ", "ㄱ ㄴ"), MemoryStore()
    counter = RunningCount(tape, words, store)
    counter.catch_up()
    before = counter.counts
    counter.forget()
    assert (counter.counts, counter.behind) == ({}, 2)
    assert RunningCount(tape, words, store).catch_up() == 2
    counter.catch_up()
    assert counter.counts == before


def test_a_count_of_another_log_is_refused():
    store = MemoryStore()
    RunningCount(taped("ㄱ", "ㄴ"), words, store).catch_up()
    with pytest.raises(StorageFailure, match="2번 앞까지"):
        RunningCount(taped("ㄱ"), words, store)
    with pytest.raises(InvalidValue, match="most"):
        RunningCount(taped("ㄱ"), words, MemoryStore()).catch_up(0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (lambda: RunningCount(["ㄱ"], words, MemoryStore()), "log=.*Log나 Tape"),
        (lambda: RunningCount(taped("ㄱ"), "words", MemoryStore()), "keys='words'.*함수"),
        (lambda: WindowedCount(taped("ㄱ"), {}, MemoryStore(), Windows(1)), "read=.*함수"),
        (lambda: WindowedCount(taped("ㄱ"), words, MemoryStore(), 600), "windows='600'.*Windows"),
    ],
)
def test_what_cannot_be_followed_is_refused_before_reading(wrong, said):
    with pytest.raises(InvalidValue, match=said):
        wrong()
