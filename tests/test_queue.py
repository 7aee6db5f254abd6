"""큐: 리스트, 발행·구독, 스트림. 메모리에서도 fakeredis에서도 Valkey에서도 같은 약속입니다."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from ddialab.blocks.queue.memory import (
    MOST_BYTES,
    Delivery,
    MemoryChannel,
    MemoryList,
    MemoryStream,
)
from ddialab.blocks.queue.redis import RedisChannel, RedisList, RedisStream
from ddialab.blocks.queue.worker import ACKED, HANDLED, TAKEN, Worker
from ddialab.core.backend import LEFT_FOR, open_redis
from ddialab.core.errors import BackendUnavailable, InvalidValue
from monitoring import foreign, monitored
from suite.effort import trials
from waiting import wait_until

NAMES = map("queue-{}".format, itertools.count())


@pytest.fixture(scope="module")
def servers():
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("REDIS_URL", raising=False)
        patch.setenv("DDIALAB_BACKEND", "embedded")
        with open_redis() as fake:
            patch.setenv("DDIALAB_BACKEND", "local")
            with open_redis() as real:
                yield {"fakeredis": fake, "valkey": real}


@pytest.fixture(params=["memory", "fakeredis", "valkey"])
def make(request, servers):
    """``make("list")``: 메모리나 두 서버 위의 새 큐."""
    memory = {"list": MemoryList, "channel": MemoryChannel, "stream": MemoryStream}
    redis = {"list": RedisList, "channel": RedisChannel, "stream": RedisStream}

    def made(kind):
        if request.param == "memory":
            return memory[kind]()
        return redis[kind](servers[request.param], next(NAMES))

    return made


def bodies(queue, consumer):
    """받을 것이 없을 때까지 받은 것들."""
    return [got.body for got in iter(lambda: queue.receive(consumer), None)]


# --- 리스트 ---


def test_a_list_gives_each_message_once_in_order_and_forgets_it(make):
    queue = make("list")
    for body in ("가", "나", "다"):
        queue.send(body)
    assert queue.waiting() == 3
    assert queue.receive("A").body == "가"
    queue.ack(queue.receive("B"))
    assert queue.waiting() == 1
    assert bodies(queue, "A") == ["다"]
    assert queue.receive("A") is None


# --- 발행·구독 ---


def test_a_channel_gives_to_all_who_listen_now_and_to_nobody_else(make):
    channel = make("channel")
    assert channel.send("아무도 없음") == 0
    channel.subscribe("A")
    assert channel.send("하나") == 1
    channel.subscribe("B")
    channel.subscribe("B")
    assert channel.send("둘") == 2
    wait_for = [channel.receive("A").body, channel.receive("A").body, channel.receive("B").body]
    assert wait_for == ["하나", "둘", "둘"]
    channel.leave("A")
    wait_until(lambda: channel.send("셋") == 1, "A가 나간 것을 서버가 알기")
    channel.subscribe("A")
    assert channel.receive("A") is None
    channel.leave("A")
    channel.leave("없는 소비자")


def test_who_does_not_listen_cannot_receive(make):
    with pytest.raises(InvalidValue, match="subscribe"):
        make("channel").receive("A")


# --- 스트림 ---


def test_a_stream_shares_messages_and_remembers_what_was_not_acknowledged(make):
    stream = make("stream")
    for body in ("가", "나", "다"):
        stream.send(body)
    first, second = stream.receive("A"), stream.receive("B")
    assert (first.body, first.count, second.body) == ("가", 1, "나")
    assert stream.waiting() == 1
    stream.ack(second)
    stream.ack(second)
    ((id, who, count, _),) = stream.pending()
    assert (id, who, count) == (first.id, "A", 1)
    assert stream.replay() == ["가", "나", "다"]


def test_what_a_dead_consumer_held_is_claimed_and_counted(make):
    stream = make("stream")
    stream.send("가")
    stream.send("나")
    assert stream.receive("A").count == 1
    stream.receive("A")
    taken = stream.claim("B", idle=0)
    assert (taken.body, taken.count) == ("가", 2)
    assert [(one.consumer, one.count) for one in stream.pending()] == [("B", 2), ("A", 1)]
    stream.ack(taken)
    assert stream.claim("B", idle=0).body == "나"
    assert stream.claim("B", idle=3600) is None, "아직 기다려 줄 것은 넘겨받지 않습니다"


def test_claiming_looks_past_many_that_are_not_idle(servers):
    """서버는 한 번에 열 개쯤만 훑습니다. 끝까지 보지 않으면 뒤의 것을 놓칩니다."""
    for server in servers.values():
        stream = RedisStream(server, next(NAMES))
        for n in range(40):
            stream.send(str(n))
        held = [stream.receive("A") for _ in range(40)]
        client, old = server.client, held[-1].id
        client.xclaim(stream.key, stream.group, "A", 0, [old], idle=10_000, justid=True)
        assert stream.claim("B", idle=5).body == "39"


def test_a_stream_opened_again_goes_on_where_the_group_was(servers):
    for server in servers.values():
        name = next(NAMES)
        stream = RedisStream(server, name)
        stream.send("가")
        stream.send("나")
        stream.receive("A")
        again = RedisStream(server, name)
        assert again.receive("B").body == "나"
        assert [one.consumer for one in again.pending()] == ["A", "B"]
        other = RedisStream(server, name, group="mail")
        assert bodies(other, "C") == ["가", "나"], "다른 그룹은 처음부터 따로 읽습니다"


def test_what_can_still_be_received_is_held():
    queue, stream, channel = MemoryList(), MemoryStream(), MemoryChannel()
    channel.subscribe("A")
    for one in (queue, stream, channel):
        one.send("가")
        one.send("나")
        got = one.receive("A")
        assert one.held() == (["가", "나"] if one is stream else ["나"])
        one.ack(got)
        assert one.held() == ["나"]
    stream.rewind()
    assert stream.held() == ["가", "나"]


def test_the_memory_stream_waits_by_its_clock():
    now = [0.0]
    stream = MemoryStream(lambda: now[0])
    stream.send("가")
    stream.receive("A")
    now[0] = 4.0
    assert stream.claim("B", idle=5) is None
    now[0] = 5.0
    assert stream.claim("B", idle=5).count == 2
    assert stream.pending()[0].idle == 0.0


def test_a_copy_is_apart():
    queue, stream, channel = MemoryList(), MemoryStream(), MemoryChannel()
    queue.send("가")
    stream.send("가")
    stream.receive("A")
    channel.subscribe("A")
    copies = queue.copy(), stream.copy(), channel.copy()
    queue.receive("A")
    stream.ack(stream.claim("A", 0))
    assert copies[0].waiting() == 1
    assert [one.count for one in copies[1].pending()] == [1]
    assert copies[2].send("나") == 0, "다시 켠 서버를 듣고 있는 사람은 없습니다"


# --- 메모리의 스트림과 진짜 스트림은 어떤 차례로 불러도 같은 답을 합니다 ---


class Same(RuleBasedStateMachine):
    """보내기, 받기, 확인, 넘겨받기를 아무 차례로. 번호만 다릅니다."""

    server = None

    @initialize()
    def start(self):
        self.twins = MemoryStream(), RedisStream(self.server, next(NAMES))
        self.held = []

    @rule(body=st.text(st.characters(codec="utf-8"), max_size=5))
    def send(self, body):
        for twin in self.twins:
            twin.send(body)

    @rule(who=st.sampled_from("AB"))
    def receive(self, who):
        self.hold([twin.receive(who) for twin in self.twins])

    @rule(who=st.sampled_from("AB"))
    def claim(self, who):
        self.hold([twin.claim(who, idle=0) for twin in self.twins])

    def hold(self, got):
        assert [one and one[1:] for one in got] == [got[0] and got[0][1:]] * 2
        if got[0]:
            self.held.append(got)

    @rule()
    def rewind(self):
        for twin in self.twins:
            twin.rewind()

    @rule(data=st.data())
    def ack(self, data):
        if self.held:
            for twin, one in zip(self.twins, data.draw(st.sampled_from(self.held)), strict=True):
                twin.ack(one)

    @invariant()
    def same(self):
        if hasattr(self, "twins"):
            told = [
                (twin.replay(), twin.waiting(), [one[1:3] for one in twin.pending()])
                for twin in self.twins
            ]
            assert told[0] == told[1]


@pytest.mark.proof
@pytest.mark.parametrize("name", ["fakeredis", "valkey"])
def test_memory_and_server_answer_alike(servers, name):
    machine = type("Same", (Same,), {"server": servers[name]})
    run_machine(machine, settings=settings(max_examples=trials(300), stateful_step_count=30))


# --- 워커 ---


def dying(worker, step):
    """``step``까지 하고 죽습니다."""
    for done in worker.steps():
        if done == step:
            return


def test_when_to_acknowledge_decides_between_losing_and_doing_twice(make):
    for early, step, expected in ((True, ACKED, []), (False, HANDLED, ["가", "가"])):
        stream, done = make("stream"), []
        stream.send("가")
        dying(Worker(stream, "A", done.append, early=early), step)
        Worker(stream, "B", done.append, early=early, idle=0).drain()
        assert done == expected


def test_a_list_loses_what_a_worker_held_when_it_died(make):
    queue, done = make("list"), []
    queue.send("가")
    dying(Worker(queue, "A", done.append), TAKEN)
    assert Worker(queue, "B", done.append).drain() == 0
    assert done == []


def test_a_poison_message_goes_aside_after_the_last_try(make):
    stream, done, dead = make("stream"), [], []
    for body in ("독", "가"):
        stream.send(body)

    def handle(body):
        if body == "독":
            raise ZeroDivisionError
        done.append(body)

    tries = 0
    while not done:
        tries += 1
        try:
            Worker(stream, f"w{tries}", handle, idle=0, most=3, dead=dead.append).drain()
        except ZeroDivisionError:
            assert tries <= 3
    assert (dead, done, tries) == (["독"], ["가"], 4)
    assert stream.pending() == []


def test_without_a_limit_the_poison_comes_back_for_ever():
    stream = MemoryStream()
    stream.send("독")
    worker = Worker(stream, "A", print, idle=0)
    assert [worker.next().count for _ in range(30)] == list(range(1, 31))


def test_a_worker_without_a_place_for_the_dead_drops_them():
    stream = MemoryStream()
    stream.send("독")
    worker = Worker(stream, "A", print, idle=0, most=1)
    worker.next()
    assert worker.next() is None
    assert stream.pending() == []


# --- 나쁜 입력, 죽은 서버, 독자의 서버 ---


@pytest.mark.parametrize("wrong", [b"bytes", None, 7, "\ud800", "가" * MOST_BYTES])
def test_what_cannot_be_sent_is_refused_and_nothing_is_kept(make, wrong):
    for kind in ("list", "stream", "channel"):
        with pytest.raises(InvalidValue) as refused:
            make(kind).send(wrong)
        assert len(str(refused.value)) < 300
    queue = make("list")
    with pytest.raises(InvalidValue):
        queue.send(wrong)
    assert queue.waiting() == 0


def test_what_was_not_delivered_cannot_be_acknowledged(make):
    queue = make("stream")
    queue.send("ㄱ")
    delivery = queue.receive("A")
    for wrong in (None, delivery.id, "ㄱ"):
        with pytest.raises(InvalidValue, match="Delivery"):
            queue.ack(wrong)
    for idle in (None, "1초", -1):
        with pytest.raises(InvalidValue, match="idle"):
            queue.claim("B", idle)
    assert [one.id for one in queue.pending()] == [delivery.id]


def test_most_is_a_count():
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(InvalidValue):
            Worker(MemoryStream(), "A", print, most=wrong)


def test_a_dead_server_is_said(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with open_redis() as server:
        queue, stream = RedisList(server, "list"), RedisStream(server, "stream")
        channel = RedisChannel(server, "channel")
        server.process.stop()
        for asked in (
            lambda: queue.send("가"),
            lambda: stream.receive("A"),
            lambda: channel.subscribe("A"),
            lambda: RedisStream(server, "other"),
        ):
            with pytest.raises(BackendUnavailable):
                asked()


def test_on_a_readers_server_only_our_own_names_are_touched(servers, monkeypatch):
    """남의 서버에서 부른 명령을 모두 듣습니다. 닫으면 우리 것만 사라집니다."""
    theirs = servers["valkey"]
    theirs.client.rpush("list", "남의 것")
    monkeypatch.setenv("DDIALAB_BACKEND", "remote")
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{theirs.port}/0")
    with monitored(theirs.client) as commands, open_redis() as reader:
        queue, stream = RedisList(reader, "list"), RedisStream(reader, "stream")
        channel = RedisChannel(reader, "channel")
        for one in (queue, stream, channel):
            one.send("가")
        channel.subscribe("A")
        channel.send("나")
        assert queue.receive("A").body == "가"
        queue.send("다")
        stream.receive("A")
        stream.ack(stream.claim("B", 0))
        assert (stream.pending(), stream.waiting(), queue.waiting()) == ([], 0, 1)
        for key in (queue.key, stream.key):
            assert 0 < theirs.client.ttl(key) <= LEFT_FOR
    assert len(commands) > 12
    assert foreign(commands) == []
    assert theirs.client.keys("ddialab:*") == []
    assert theirs.client.lrange("list", 0, -1) == ["남의 것"]
    theirs.client.delete("list")


def test_a_delivery_knows_how_often():
    assert Delivery("1-0", "가") == ("1-0", "가", 1)
