"""임차권: 무효화된 뒤의 늦은 채우기는 거절되고, 쥔 쪽이 죽어도 자리가 영영 비지는 않습니다."""

import pytest

from composing import backend, tokens  # noqa: F401
from ddialab.blocks.cache import Cache
from ddialab.blocks.lease import HELD, LeasedCache
from ddialab.core.backend import open_redis
from ddialab.core.errors import InvalidValue
from ddialab.core.memory import MemoryStore


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def cache(backend, clock):  # noqa: F811
    return LeasedCache(backend, tokens(), clock=clock)


def test_only_one_gets_the_lease_and_fills(cache):
    token = cache.lease("k")
    assert token is not None
    assert cache.lease("k") is None, "남이 쥐고 있습니다"
    assert cache.get("k") is None, "임차권은 값이 아닙니다"
    assert not cache.fill("k", "훔친 값", None)
    assert cache.fill("k", "v", token)
    assert cache.get("k") == "v"
    assert cache.lease("k") is None, "값이 있으면 채울 것이 없습니다"
    assert (cache.hits, cache.misses) == (1, 1)


def test_a_late_fill_after_the_delete_is_refused(cache):
    token = cache.lease("k")
    cache.delete("k")
    assert not cache.fill("k", "옛 값", token)
    assert cache.get("k") is None


def test_the_control_without_leases_keeps_the_late_value(backend):  # noqa: F811
    cache = Cache(backend)
    cache.delete("k")
    cache.set("k", "옛 값")
    assert cache.get("k") == "옛 값"


def test_a_late_fill_does_not_take_the_place_of_a_new_holder(cache):
    late = cache.lease("k")
    cache.delete("k")
    fresh = cache.lease("k")
    assert not cache.fill("k", "옛 값", late)
    assert cache.fill("k", "새 값", fresh)
    assert not cache.fill("k", "옛 값", late)
    assert cache.get("k") == "새 값"


def test_a_delete_between_look_and_fill_wins(cache, monkeypatch):
    """자리를 본 다음 바꾸기 전에 무효화가 끼어듭니다. 보고 바꾸는 두 명령이면 옛 값이 남습니다."""
    token, swap = cache.lease("k"), cache.backend.swap

    def late(*arguments):
        cache.delete("k")
        return swap(*arguments)

    monkeypatch.setattr(cache.backend, "swap", late)
    assert not cache.fill("k", "옛 값", token)
    assert cache.get("k") is None


def test_a_lease_taken_while_somebody_reads_is_a_miss(cache, monkeypatch):
    """읽는 쪽이 자리를 한 번만 봐야 합니다. 두 번 보면 그사이에 생긴 임차권을 값으로 압니다."""
    get = cache.backend.get

    def then_leased(key):
        found = get(key)
        monkeypatch.setattr(cache.backend, "get", get)
        cache.lease(key)
        return found

    monkeypatch.setattr(cache.backend, "get", then_leased)
    assert cache.get("k") is None
    assert cache.get("k") is None


def test_a_dead_holder_keeps_the_place_only_for_a_while(cache, clock):
    dead = cache.lease("k")
    clock.now = HELD - 0.001
    assert cache.lease("k") is None
    clock.now = HELD
    heir = cache.lease("k")
    assert heir is not None
    assert not cache.fill("k", "늦은 값", dead)
    assert cache.fill("k", "v", heir)
    assert cache.get("k") == "v"


def test_an_evicted_lease_cannot_be_used(cache):
    token = cache.lease("k")
    cache.backend.delete("k")  # 축출이나 FLUSHALL
    assert not cache.fill("k", "옛 값", token)


def test_the_value_lives_as_long_as_its_ttl(cache, clock):
    assert cache.fill("k", "v", cache.lease("k"), ttl=5)
    clock.now = 4.9
    assert cache.get("k") == "v"
    clock.now = 5
    assert cache.get("k") is None
    token = cache.lease("k")
    assert token is not None, "만료된 값의 자리는 채울 수 있습니다"
    assert cache.fill("k", "새 값", token)
    assert cache.get("k") == "새 값"


@pytest.mark.parametrize("ttl", [0, -1, "5", float("nan")])
def test_a_wrong_ttl_is_refused(cache, ttl):
    token = cache.lease("k")
    with pytest.raises(InvalidValue, match="ttl"):
        cache.fill("k", "v", token, ttl=ttl)


def test_what_fits_is_all_that_is_kept():
    """담을 수를 정해 두었으면, 임차권으로 채운 것도 셉니다."""
    from ddialab.blocks.cache import Lru

    cache = LeasedCache(MemoryStore(), tokens(), kept=Lru(2))
    for key in "abc":
        assert cache.fill(key, key, cache.lease(key))
    assert [cache.get(key) for key in "abc"] == [None, "b", "c"]


def test_two_connections_share_the_leases(monkeypatch):
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with open_redis() as server:
        monkeypatch.setenv("DDIALAB_BACKEND", "remote")
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{server.port}/0")
        with open_redis(prefix="ddialab:t:") as one, open_redis(prefix="ddialab:t:") as other:
            named = iter(["하나", "둘"])
            first, second = (LeasedCache(b, lambda: next(named)) for b in (one, other))
            token = first.lease("k")
            assert second.lease("k") is None
            second.delete("k")
            assert not first.fill("k", "옛 값", token)
            assert second.fill("k", "v", second.lease("k"))
            assert first.get("k") == "v"
