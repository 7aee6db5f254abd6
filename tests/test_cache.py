"""캐시 블록: 축출 정책, 최적, 이론값, 만료, 싱글 플라이트."""

import itertools
import os
import signal
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.cache import (
    OPTIMAL,
    POLICIES,
    Cache,
    Entry,
    Lru,
    SingleFlight,
    bounded,
    due_early,
    expected_hit_ratio,
    hit_ratio,
)
from ddialab.blocks.flight import SharedFlight
from ddialab.core.backend import open_redis
from ddialab.core.errors import BackendUnavailable, InvalidValue
from ddialab.core.memory import MemoryStore
from ddialab.stress.load import Zipf
from suite.effort import fuzz
from waiting import BOUND, wait_until


@pytest.fixture(params=["memory", "embedded", "local"])
def backend(request, monkeypatch):
    if request.param == "memory":
        yield MemoryStore()
        return
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", request.param)
    with open_redis() as opened:
        yield opened


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def best_by_brute_force(keys, capacity):
    """가능한 모든 선택을 해 본 최대 적중 수. 자리마다 무엇을 남길지 전부 테스트합니다."""
    states = {frozenset(): 0}
    for key in keys:
        following = {}
        for kept, hits in states.items():
            gained = hits + (key in kept)
            pool = kept | {key}
            for size in range(min(capacity, len(pool)) + 1):
                for choice in itertools.combinations(sorted(pool), size):
                    chosen = frozenset(choice)
                    following[chosen] = max(following.get(chosen, 0), gained)
        states = following
    return max(states.values())


@fuzz(600)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=9), st.integers(1, 3))
def test_optimal_is_really_the_best(keys, capacity):
    found = hit_ratio(keys, capacity, OPTIMAL) * len(keys)
    assert round(found) == best_by_brute_force(keys, capacity)


@fuzz(400)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=200), st.integers(1, 20))
def test_no_policy_beats_the_optimal_one(keys, capacity):
    best = hit_ratio(keys, capacity, OPTIMAL)
    assert all(hit_ratio(keys, capacity, policy) <= best for policy in POLICIES)


@pytest.mark.parametrize(
    ("policy", "hits"),
    # a b c를 담을 수 있는 캐시에 d가 올 때 무엇이 나가는지가 방식마다 다릅니다
    [
        ("fifo", [0, 0, 0, 1, 1, 0, 0]),
        ("lru", [0, 0, 0, 1, 1, 0, 1]),
        ("lfu", [0, 0, 0, 1, 1, 0, 1]),
    ],
)
def test_who_is_evicted(policy, hits):
    keys = list("abcaada")
    for length in range(1, len(keys) + 1):
        assert hit_ratio(keys[:length], 3, policy) == pytest.approx(sum(hits[:length]) / length)


def test_lfu_keeps_the_frequent_and_lru_the_recent():
    keys = list("aaabcbcbc")  # a는 잦았지만 오래됐습니다
    assert hit_ratio([*keys, "a"], 2, "lfu", warmup=len(keys)) == 1
    assert hit_ratio([*keys, "a"], 2, "lru", warmup=len(keys)) == 0


def test_random_depends_only_on_its_seed():
    keys = Zipf(200, 0.8).draw(3000)
    first, again, other = (hit_ratio(keys, 20, "random", seed=s) for s in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("exponent", [0.6, 0.8, 1.0, 1.2])
@pytest.mark.parametrize("policy", ["lru", "fifo", "random"])
def test_theory_agrees_with_simulation(exponent, policy):
    """Che의 근사와 시뮬레이션의 차이는 시드 4개의 평균에서 1%p 안이어야 합니다."""
    traffic = [Zipf(1000, exponent, seed) for seed in range(4)]
    for capacity in (20, 100, 400):
        measured = [hit_ratio(z.draw(12_000), capacity, policy, warmup=4000) for z in traffic]
        expected = expected_hit_ratio(traffic[0].probabilities, capacity, policy)
        assert np.mean(measured) == pytest.approx(expected, abs=0.01)


def test_theory_at_the_edges():
    even = [0.25] * 4
    assert expected_hit_ratio(even, 4) == expected_hit_ratio(even, 9) == 1.0
    assert expected_hit_ratio(even, 1) == pytest.approx(0.25, abs=0.001)


@pytest.mark.parametrize("bad", [["반"], [0.5, float("nan")], [0.5, -0.1], [2], [None]])
def test_a_probability_is_between_0_and_1(bad):
    with pytest.raises(InvalidValue, match="probabilities"):
        expected_hit_ratio(bad, 1)


def test_keys_that_nobody_asks_for_take_no_room():
    """자리가 남으면 모두 적중합니다. 채울 수 없는 자리가 차기를 기다리지 않습니다."""
    assert expected_hit_ratio([0.5, 0.5, 0, 0], 3) == 1.0


@pytest.mark.parametrize("policy", POLICIES)
def test_the_served_cache_behaves_like_the_simulated_one(backend, policy):
    keys = [str(key) for key in Zipf(60, 0.9, seed=4).draw(400)]
    cache = Cache(backend, kept=bounded(policy, 10, seed=5))
    for key in keys:
        if cache.get(key) is None:
            cache.set(key, {"글": key})
    assert cache.hit_ratio == hit_ratio(keys, 10, policy, seed=5)
    assert sum(backend.get(key) is not None for key in set(keys)) == 10


@given(keys=st.lists(st.integers(0, 9), max_size=60), capacity=st.integers(1, 6))
def test_the_plain_lru_throws_out_what_the_library_throws_out(keys, capacity):
    """하나 걸러 하나는 읽기만, 다섯에 하나는 지웁니다."""
    thrown = [], []
    for kept, out in zip((Lru(capacity), bounded("lru", capacity)), thrown, strict=True):
        kept.evicted = out.append
        for n, key in enumerate(keys):
            if n % 5 == 4:
                kept.pop(key, None)
            elif kept.get(key) is None or n % 2:
                kept[key] = n
    assert thrown[0] == thrown[1]


def test_values_counts_and_delete(backend):
    cache = Cache(backend)
    assert cache.get("k") is None
    cache.set("k", ["글", 1, None])
    assert cache.get("k") == ["글", 1, None]
    cache.delete("k")
    cache.delete("k")
    assert cache.get("k") is None
    assert (cache.hits, cache.misses) == (1, 2)
    cache.reset_counts()
    assert np.isnan(cache.hit_ratio)


def test_virtual_time_decides_expiration(backend):
    clock = Clock()
    cache = Cache(backend, clock=clock)
    cache.set("k", "v", ttl=10, cost=0.5)
    clock.now = 9.999
    assert cache.entry("k") == Entry("v", 10, 0.5)
    clock.now = 10
    assert cache.get("k") is None


@pytest.mark.parametrize("backend", ["embedded", "local"], indirect=True)
def test_the_server_is_told_to_forget_what_expires_in_real_time(backend):
    cache = Cache(backend)
    cache.set("k", "v", ttl=100)
    assert 99_000 < backend.client.pttl("k") <= 100_000
    cache.set("k", "v")
    assert backend.client.pttl("k") == -1
    Cache(backend, clock=Clock()).set("k", "v", ttl=100)
    assert backend.client.pttl("k") == -1, "가상의 100초를 서버는 알지 못합니다"


def test_the_dictionary_forgets_by_its_own_clock():
    clock = Clock()
    store = MemoryStore(clock)
    Cache(store).set("k", "v", ttl=100)
    Cache(store).set("forever", "v")
    clock.now = 99.9
    assert Cache(store).get("k") == "v"
    clock.now = 100
    assert store.get("k") is None
    assert Cache(store).get("forever") == "v"


def test_a_server_that_dies_midway_is_explained(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with open_redis() as backend:
        cache = Cache(backend)
        cache.set("k", "v")
        os.kill(backend.process.pid, signal.SIGKILL)
        while backend.process.poll() is None:
            pass
        for use in (lambda: cache.get("k"), lambda: cache.set("k", 1), lambda: cache.delete("k")):
            with pytest.raises(BackendUnavailable, match=r"Valkey|Redis") as caught:
                use()
            assert caught.value.todo
            assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: hit_ratio([1, 2], 0),
        lambda: hit_ratio([1, 2], 1.5),
        lambda: hit_ratio([1, 2], 1, "mru"),
        lambda: hit_ratio([], 1),
        lambda: hit_ratio([1], 1, warmup=1),
        lambda: hit_ratio([1], -1, OPTIMAL),
        lambda: expected_hit_ratio([1.0], 1, "lfu"),
        lambda: expected_hit_ratio([1.0], 0),
    ],
)
def test_bad_input(wrong):
    with pytest.raises(InvalidValue):
        wrong()


@pytest.mark.parametrize("ttl", [0, -1, "10", float("nan")])
def test_bad_ttl(backend, ttl):
    with pytest.raises(InvalidValue):
        Cache(backend).set("k", "v", ttl=ttl)


def test_early_refresh_is_rare_long_before_and_sure_at_the_end():
    entry = Entry("v", expires=100.0, cost=1.0)
    draws = [n / 1000 for n in range(1, 1001)]
    share = {now: np.mean([due_early(entry, now, u) for u in draws]) for now in (80, 98, 99, 100)}
    assert share[80] == 0
    assert share[98] == pytest.approx(np.exp(-2), abs=0.01)
    assert share[99] == pytest.approx(np.exp(-1), abs=0.01)
    assert share[100] == 1
    assert not due_early(Entry("v", None, 1.0), 1e9, 0.5)


def test_only_the_first_in_line_leaves_and_the_answer_is_for_all_who_waited():
    flights = SingleFlight()
    assert [flights.join("k", name) for name in "abc"] == [True, False, False]
    assert flights.join("다른 키", "d")
    assert flights.land("k") == ["a", "b", "c"]
    assert flights.join("k", "e"), "답이 온 뒤의 요청은 새로 떠납니다"


def test_a_shared_flight_loads_once_for_many_threads():
    flights, loads, gate = SharedFlight(), [], threading.Event()
    waiting = threading.Semaphore(0)
    join = flights._flights.join

    def counted(key, request):
        leader = join(key, request)
        waiting.release()
        return leader

    flights._flights.join = counted

    def load():
        loads.append(1)
        assert gate.wait(BOUND)
        return "글"

    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(flights.do("k", load))) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for _ in threads:
        assert waiting.acquire(timeout=BOUND)
    gate.set()
    for thread in threads:
        thread.join(BOUND)
    assert answers == ["글"] * 20
    assert len(loads) == 1
    assert flights.do("k", lambda: "다음") == "다음"  # 끝난 비행은 다시 쓰지 않습니다


def test_a_shared_flight_hands_the_error_to_everybody_and_recovers():
    flights, caught = SharedFlight(), []

    def follow():
        with pytest.raises(ZeroDivisionError) as error:
            flights.do("k", lambda: "새로 떠났습니다")
        caught.append(error)

    def fail():
        follower.start()
        wait_until(lambda: len(flights._flights._waiting["k"]) == 2, "뒤따르는 요청")
        return 1 / 0

    follower = threading.Thread(target=follow)
    with pytest.raises(ZeroDivisionError):
        flights.do("k", fail)
    follower.join(BOUND)
    assert len(caught) == 1
    assert flights.do("k", lambda: 1) == 1
