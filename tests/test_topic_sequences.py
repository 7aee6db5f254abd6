"""아무렇게나 보내고 읽고 커밋하고 되감고 죽이고 다시 켜도, 우리 로그와 Kafka의 답이 같습니다.

하나는 디스크의 토픽, 하나는 진짜 Kafka의 토픽입니다. 한 걸음마다 돌려준 것(메시지와 오프셋, 거절한
까닭)이 같은지 봅니다.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from ddialab.blocks.topic import kafka_consumer
from ddialab.core.errors import LabError
from kafka_server import kafka_bootstrap, kafka_home, own_brokers  # noqa: F401
from suite.effort import trials
from topics import Disk, Kafka

STEPS = 30  # 예 하나에서 고르는 수
MEMBERS = ("a", "b")
members = st.sampled_from(MEMBERS)
keys = st.sampled_from([None, "소라", "나래", "가람", ""])
values = st.binary(max_size=20)


class Side:
    """토픽 하나와 거기에 들어간 소비자들. 예가 바뀌어도 토픽은 그대로 씁니다."""

    def __init__(self, place):
        self.place, self.topic, self.members = place, place.open(), {}

    def begin(self, group):
        """이제까지 쌓인 것은 건너뜁니다."""
        self.group = group
        with self.topic.consumer(group, "start") as one:
            for partition in range(self.topic.partitions):
                one.seek(partition, self.topic.end(partition))
            one.commit()

    def member(self, name):
        if name not in self.members:
            self.members[name] = self.topic.consumer(self.group, name)
        return self.members[name]

    def send(self, pairs):
        return self.topic.send_many(pairs)

    def poll(self, name, most):
        return self.member(name).poll(most)

    def commit(self, name):
        return self.member(name).commit()

    def seek(self, name, partition, back):
        self.member(name).seek(partition, self.topic.end(partition) - back)

    def kill(self, name):
        if name in self.members:
            self.members.pop(name).close()

    def restart(self):
        self.members.clear()
        self.topic = self.place.reopen(self.topic)

    def state(self):
        where = {name: one.partitions for name, one in self.members.items()}
        ends = [self.topic.end(partition) for partition in range(self.topic.partitions)]
        return where, ends, self.topic.committed(self.group), self.topic.lag(self.group)

    def tail(self, count=30):
        found = []
        for partition in range(self.topic.partitions):
            found += self.topic.read(partition, max(0, self.topic.end(partition) - count))
        return found

    def end(self):
        while self.members:
            self.members.popitem()[1].close()


class Sequences(RuleBasedStateMachine):
    sides: tuple[Side, Side]
    numbers = itertools.count()

    def __init__(self):
        super().__init__()
        self.both("begin", f"g{next(self.numbers)}")

    def both(self, name, *arguments):
        mine, theirs = (self.answer(side, name, arguments) for side in self.sides)
        assert mine == theirs, (name, arguments)
        return mine

    def answer(self, side, name, arguments):
        try:
            return getattr(side, name)(*arguments)
        except LabError as error:
            return type(error).__name__, error.problem

    @rule(pairs=st.lists(st.tuples(keys, values), min_size=1, max_size=6))
    def send(self, pairs):
        self.both("send", pairs)

    @rule(name=members, most=st.sampled_from([1, 2, 3, 100]))
    def poll(self, name, most):
        self.both("poll", name, most)

    @rule(name=members)
    def commit(self, name):
        self.both("commit", name)

    @rule(name=members, partition=st.integers(-1, 3), back=st.integers(-1, 8))
    def seek(self, name, partition, back):
        self.both("seek", name, partition, back)

    @rule(name=members)
    def kill(self, name):
        """커밋하지 않고 나갑니다."""
        self.both("kill", name)

    @rule(sure=st.sampled_from([False, False, True]))
    def restart(self, sure):
        """모두 닫고 다시 엽니다. 소비자들은 죽습니다."""
        if sure:  # 비싸서 덜 합니다
            self.both("restart")

    @rule()
    def look(self):
        self.both("state")

    def teardown(self):
        self.both("state")
        self.both("tail")
        self.both("end")


def explore(sides, examples, **more):
    machine = type("Machine", (Sequences,), {"sides": sides})
    budget = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        suppress_health_check=[HealthCheck.too_slow],
        **more,
    )
    run_state_machine_as_test(machine, settings=budget)


@pytest.fixture(autouse=True)
def quick_groups(monkeypatch):
    monkeypatch.setattr(kafka_consumer, "HEARTBEAT", 0.05)  # 그룹이 바뀐 것을 빨리 압니다


@contextmanager
def opened(*places):
    sides = tuple(Side(place) for place in places)
    yield sides
    for side in sides:
        side.end()
        side.place.drop(side.topic)


class Killed(Kafka):
    """다시 켤 때 브로커까지 kill -9로 죽였다 켜는 Kafka."""

    def __init__(self, brokers):
        super().__init__(brokers.bootstrap)
        self.brokers = brokers

    def reopen(self, topic):
        self.brokers.kill(0)
        self.brokers.restart(0)
        return super().reopen(topic)


@pytest.mark.proof(tried=trials(200))
def test_a_random_sequence_gives_the_same_on_the_own_log_and_on_kafka(
    kafka_bootstrap,  # noqa: F811
    tmp_path,
):
    """보내고 커밋하고 되감고 죽이고 다시 켜는 아무 차례에서나 우리 로그와 Kafka의 답이 같습니다"""
    with opened(Disk(tmp_path), Kafka(kafka_bootstrap)) as sides:
        explore(sides, trials(200))


@pytest.mark.proof(only=True, tried=trials(20))
def test_a_random_sequence_gives_the_same_when_the_broker_is_killed(kafka_home, tmp_path):  # noqa: F811
    """그 차례의 사이사이에 브로커를 kill -9로 죽여도 우리 로그와 Kafka의 답이 같습니다"""
    with own_brokers(1) as one, opened(Disk(tmp_path), Killed(one)) as sides:
        explore(sides, trials(20))


def test_a_log_that_forgets_a_commit_is_found(tmp_path, monkeypatch):
    """대조군: 커밋을 잊는 토픽이면 어긋나는 차례를 찾아냅니다."""
    mine, other = Side(Disk(tmp_path)), Side(Disk(tmp_path))
    monkeypatch.setattr(other.topic, "keep", lambda group, offsets: None)
    quick = {"derandomize": True, "database": None, "phases": [Phase.generate]}
    with pytest.raises(AssertionError):
        explore((mine, other), 200, **quick)
