"""격리: 같은 독을 Valkey의 스트림이 건넨 횟수로 거를 때와 같은 때에 격리합니다."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.queue.redis import RedisStream
from ddialab.blocks.queue.worker import Worker
from ddialab.core.backend import open_redis
from ddialab.core.errors import InvalidValue
from ddialab.resilience.quarantine import Quarantine
from suite.effort import fuzz


def by_the_stream(most: int) -> list[str]:
    """Valkey가 건넨 횟수를 세는 워커들이 하나씩 죽습니다. 데드 레터까지 일어난 일들."""
    happened = []

    def handle(body: str) -> None:
        happened.append("killed")
        raise RuntimeError

    with open_redis() as server:
        stream = RedisStream(server, "requests")
        stream.send("독")
        while "dead" not in happened:
            dead = lambda body: happened.append("dead")  # noqa: E731
            try:
                Worker(stream, "w", handle, idle=0, most=most, dead=dead).drain()
            except RuntimeError:
                continue
    return happened


def by_us(most: int) -> list[str]:
    happened, quarantine = [], Quarantine(most)
    while quarantine.allow("독"):
        happened.append("killed")
        quarantine.killed("독")
    return [*happened, *("dead" for _ in quarantine.dead)]


@pytest.mark.parametrize("most", [1, 2, 5])
def test_the_same_poison_is_buried_after_as_many_kills_as_by_the_stream(most):
    assert by_us(most) == by_the_stream(most)


def test_without_an_answer_the_kills_add_up_and_the_last_one_says_so():
    quarantine = Quarantine(3)
    assert [quarantine.killed("독") for _ in range(4)] == [False, False, True, False]
    assert quarantine.dead == ["독"]
    assert quarantine.kills == {}


def test_one_that_was_only_standing_by_is_forgotten_when_it_answers():
    quarantine = Quarantine(2)
    for _ in range(5):
        quarantine.killed("이웃")
        quarantine.answered("이웃")
    assert quarantine.allow("이웃")
    assert quarantine.kills == {}


@fuzz(300)
@given(st.integers(1, 4), st.lists(st.tuples(st.sampled_from("가나다"), st.booleans())))
def test_only_what_killed_often_enough_since_its_last_answer_is_buried(most, events):
    quarantine, since = Quarantine(most), dict.fromkeys("가나다", 0)
    for request, kills in events:
        if request in quarantine.dead:
            continue
        since[request] = since[request] + 1 if kills else 0
        (quarantine.killed if kills else quarantine.answered)(request)
        assert quarantine.allow(request) == (since[request] < most)


def test_a_quarantine_for_nothing_is_refused():
    with pytest.raises(InvalidValue):
        Quarantine(0)
