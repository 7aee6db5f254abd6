"""끼어들기와 죽기를 아무렇게나: 클라이언트들과 릴레이를 한 단계씩, 고르는 차례대로 보냅니다.

임차권을 빼거나 이중 쓰기로 바꾸면 hypothesis가 어긋나는 차례를 찾아냅니다. 찾지 못하면 이 테스트가
아무것도 보지 못하는 것입니다.
"""

import itertools

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from composing import tokens
from ddialab.blocks.lease import HELD
from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.tape import Tape
from ddialab.core.memory import MemoryStore
from ddialab.service.change import FOLLOW, Change, decode
from ddialab.service.composite import CompositeService
from ddialab.service.drift import drift
from ddialab.service.views import CACHE, position_of
from suite.effort import trials

STEPS = 40  # 예 하나에서 고르는 수
RELAY = "릴레이"
clients = st.sampled_from(["가", "나", "다", RELAY])
jobs = st.sampled_from(["read", "edit", "edit", "read", "publish", "delete", "follow"])
ids = st.sampled_from([1, 1, 1, 2])  # 한 글에 몰려야 부딪힙니다


class Stale(AssertionError):
    """약속보다 낡은 글을 본 읽기가 있습니다."""


class Drifted(AssertionError):
    """다 끝난 뒤에 사본이 원본과 다릅니다."""


class States(RuleBasedStateMachine):
    """``way``대로 쓰는 서비스 하나와 거기에 붙은 클라이언트들.

    ``history``는 글마다 데이터베이스에 있던 텍스트들(커밋한 차례), ``settled``는 그 가운데 어디까지
    보이기로 했는지입니다. 보이기로 한 뒤에 시작한 읽기가 그 앞의 것을 보면 안 됩니다.
    """

    way, waits, kills, leases = "outbox", False, True, True
    losses = True  # 캐시 서버와 색인을 잃기도 하는지

    def __init__(self):
        super().__init__()
        self.now, self.numbers, self.running = 0.0, itertools.count(1), {}
        self.backend = MemoryStore(lambda: self.now)
        self.database, self.index, self.log = MemoryPosts(), MemoryIndex(), Tape()
        self.history, self.settled, self.token = {}, {}, tokens()
        self.posts = self.open()
        self.finish(self.posts.steps.follow("나래", "소라"))
        self.finish(self.posts.steps.publish("소라", "글 0"))

    def open(self):
        posts = self.open_service()
        posts.steps.leased = posts.steps.leased and self.leases
        return posts

    def open_service(self):
        return CompositeService(
            self.way,
            self.database,
            self.backend,
            self.index,
            log=self.log if self.way == "outbox" else None,
            waits=self.waits,
            token=self.token,
        )

    @rule(client=clients, job=jobs, id=ids, times=st.sampled_from([1, 2, 9]))
    def go(self, client, job, id, times):
        """한가하면 일을 시작하고, ``times``단계까지 갑니다."""
        if client not in self.running:
            if (steps := self.begin(client, job, id)) is None:
                return
            self.running[client] = steps, job, id, self.settled.get(id, 0)
        while times and client in self.running:
            self.step(client)
            times -= 1

    def step(self, client):
        steps, job, id, floor = self.running[client]
        try:
            next(steps)
        except StopIteration as done:
            del self.running[client]
            self.observe()
            if client != RELAY:
                self.answered(job, id, floor, done.value)
        self.observe()

    def begin(self, client, job, id):
        steps = self.posts.steps
        if client == RELAY:
            return None if self.posts.relay is None else self.posts.relay.steps()
        text = f"글 {next(self.numbers)} #{id}"
        if job in ("read", "delete"):
            return getattr(steps, job)(id)
        if job == "edit":
            return steps.edit(id, text)
        return steps.publish("소라", text) if job == "publish" else steps.follow(client, "소라")

    @precondition(lambda self: self.kills and self.running)
    @rule(data=st.data())
    def kill(self, data):
        """하던 일을 그 자리에서 잃습니다."""
        client = data.draw(st.sampled_from(sorted(self.running)))
        self.running.pop(client)[0].close()

    @precondition(lambda self: self.leases and self.way in ("lease", "outbox"))
    @rule()
    def wait(self):
        """임차권의 기한이 지납니다."""
        self.now += HELD

    @precondition(lambda self: self.way == "outbox" and self.losses)
    @rule()
    def wipe_the_cache_server(self):
        self.backend._kept.clear()

    @precondition(lambda self: self.way == "outbox" and self.losses)
    @rule()
    def lose_the_index(self):
        self.index.clear()

    def finish(self, steps):
        for _ in steps:
            self.observe()
        if self.posts.relay is not None:
            self.posts.catch_up()
        self.observe()

    def observe(self):
        """데이터베이스에 커밋된 것과, 릴레이가 캐시에 적용한 것을 봅니다."""
        now = {post.id: post.text for post in self.database.posts()}
        for id in {**self.history, **now}:
            seen = self.history.setdefault(id, [])
            if not seen or seen[-1] != now.get(id):
                seen.append(now.get(id))
        if self.way == "outbox":
            applied = int(self.backend.get(position_of(CACHE)) or 0)
            for record in self.log.read(0, applied):
                self.settle(decode(record.payload.decode()))

    def settle(self, change: Change):
        if change.kind != FOLLOW:
            place = self.history[change.id].index(change.text or None)
            self.settled[change.id] = max(place, self.settled.get(change.id, 0))

    def answered(self, job, id, floor, result):
        if job == "read":
            seen = self.history.get(id, [None])
            text = None if result is None else result.text
            if text not in seen[floor:]:
                raise Stale(f"{seen[floor]!r}까지 보이기로 했는데 {text!r}를 보았습니다: {seen}")
        elif result is not None and (self.way != "outbox" or self.waits):
            self.settle(result)

    def teardown(self):
        for steps, *_ in self.running.values():
            if self.kills:
                steps.close()
            else:
                self.finish(steps)
        self.posts = self.open()
        if self.posts.relay is not None:
            self.posts.catch_up()
        found = [one for one in drift(self.posts, self.history) if self.promised(one.view)]
        if found:
            raise Drifted(found)

    def promised(self, view) -> bool:
        """``way``가 맞춘다고 약속한 사본인지. 임차권은 캐시만, 죽지 않았을 때만 맞춥니다."""
        return self.way in ("outbox", "dual") or (view == CACHE and not self.kills)


def variant(**settings):
    return type("Variant", (States,), settings)


def explore(machine, examples, **more):
    budget = settings(max_examples=examples, stateful_step_count=STEPS, **more)
    run_state_machine_as_test(machine, settings=budget)


@pytest.mark.proof(tried=trials(600))
@pytest.mark.parametrize(
    "promise",
    [
        {"way": "outbox"},
        {"way": "outbox", "waits": True},
        {"way": "lease"},
        {"way": "lease", "kills": False},
    ],
    ids=str,
)
def test_however_they_take_turns_the_promise_holds(promise):
    """아무 차례로 끼어들고 죽어도, 보이기로 한 것보다 낡은 글을 보지 않고 끝에는 사본이 맞습니다"""
    explore(variant(**promise), trials(600))


@pytest.mark.parametrize(
    "control",
    [
        {"way": "invalidate", "kills": False},
        {"way": "outbox", "leases": False, "kills": False, "losses": False},
        {"way": "dual", "kills": False},
        {"way": "dual"},
    ],
    ids=str,
)
def test_the_controls_break(control):
    """대조군: 임차권이나 로그를 빼면, 어긋나는 차례를 찾아냅니다."""
    quick = {"derandomize": True, "database": None, "phases": [Phase.generate]}
    with pytest.raises((Stale, Drifted)):
        explore(variant(**control), 2000, report_multiple_bugs=False, **quick)
