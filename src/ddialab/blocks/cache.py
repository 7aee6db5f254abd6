"""캐시: 값비싼 결과를 기억해 두고 다음에 빨리 돌려주는 블록.

`Cache`는 서버(`ddialab.core.backend`)나 딕셔너리(`ddialab.core.memory`) 위에서 실행됩니다. 무엇을
내보낼지(축출 정책)만 따로 떼어 같은 요청 기록에 견줄 때는 `hit_ratio`를, 이론값과 견줄 때는
`expected_hit_ratio`를 씁니다.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Hashable, Iterable, Sequence
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, NamedTuple

from ddialab.core.engine import rounded
from ddialab.core.errors import (
    InvalidValue,
    check_choice,
    check_integer,
    check_number,
    check_positive,
)

if TYPE_CHECKING:
    import cachetools

    from ddialab.core.backend import Backend
    from ddialab.core.memory import MemoryStore

POLICIES = {  # 축출 정책마다 cachetools의 클래스
    "lru": "LRUCache",
    "lfu": "LFUCache",
    "fifo": "FIFOCache",
    "random": "RRCache",
}
OPTIMAL = "optimal"  # 앞으로 올 요청을 모두 아는, 이룰 수 없는 기준


class Entry(NamedTuple):
    """캐시에 든 항목: 값, 만료 시각(없으면 None), 다시 만드는 데 든 시간(초)."""

    value: Any
    expires: float | None
    cost: float

    def expired(self, now: float) -> bool:
        """시각 ``now``에 만료됐는지."""
        return self.expires is not None and now >= self.expires


class Cache:
    """``backend`` 위의 캐시. 값은 JSON으로 바꿀 수 있는 것이면 됩니다.

    ``kept``는 무엇을 남길지 정하는 것(`bounded`나 `Lru`, 없으면 서버에 맡깁니다), ``clock``은
    만료를 재는 시계(초, 없으면 서버의 시계)입니다. 가상 시계를 주면 만료도 가상입니다. ``hits``와
    ``misses``는 `get`과 `entry`의 결과를 셉니다. 서버가 죽으면 `BackendUnavailable`.
    """

    def __init__(
        self,
        backend: Backend | MemoryStore,
        *,
        kept: cachetools.Cache | Lru | None = None,
        clock: Callable[[], float] | None = None,
    ):
        self.backend, self.clock = backend, clock or backend.clock
        self._virtual = clock is not None
        self.hits = self.misses = 0
        self._kept = kept
        if kept is not None:
            kept.evicted = backend.delete

    def get(self, key: str) -> Any | None:
        """``key``의 값. 없거나 만료됐으면 None(캐시 미스)."""
        entry = self.entry(key)
        return None if entry is None else entry.value

    def entry(self, key: str) -> Entry | None:
        """값에 만료 시각과 비용까지 붙은 항목. 없거나 만료됐으면 None."""
        entry = self._read(self.backend.get(key))
        if entry is None or entry.expired(self.clock()):
            self.misses += 1
            return None
        self.hits += 1
        if self._kept is not None:
            self._kept.get(key)  # 방금 사용됐다는 것을 축출 정책에 알립니다
        return entry

    def set(self, key: str, value: Any, ttl: float | None = None, cost: float = 0.0) -> None:
        """``key``에 ``value``를 ``ttl``초 동안(없으면 계속) 둡니다. ``cost``는 만드는 데 든 초."""
        if ttl is not None:
            check_positive("ttl", ttl)
        if self._kept is not None:
            self._kept[key] = None
        stored = self._stored(value, ttl, cost)
        # 진짜 시계일 때만 서버에도 만료를 맡깁니다. 가상 시계의 1초를 서버는 알지 못합니다.
        self.backend.set(key, stored, None if self._virtual else ttl)

    def _read(self, stored: str | None) -> Entry | None:
        """서버에 든 문자열에서 되읽은 항목. 없으면 None."""
        return None if stored is None else Entry(*json.loads(stored))

    def _stored(self, value: Any, ttl: float | None, cost: float) -> str:
        """서버에 둘 문자열: 값, 만료 시각, 비용."""
        expires = None if ttl is None else self.clock() + ttl
        return json.dumps([value, expires, cost], ensure_ascii=False)

    def delete(self, key: str) -> None:
        """``key``를 지웁니다(무효화). 없으면 아무 일도 없습니다."""
        if self._kept is not None:
            self._kept.pop(key, None)
        self.backend.delete(key)

    @property
    def hit_ratio(self) -> float:
        """지금까지의 적중률. 아직 읽은 적이 없으면 NaN."""
        reads = self.hits + self.misses
        return self.hits / reads if reads else math.nan

    def reset_counts(self) -> None:
        """예열이 끝난 뒤 적중과 미스를 0부터 다시 셉니다."""
        self.hits = self.misses = 0


def bounded(policy: str, capacity: int, seed: int = 0) -> cachetools.Cache:
    """항목이 ``capacity``개를 넘으면 ``policy``대로 내보내고 ``evicted(key)``를 부르는 딕셔너리."""
    import cachetools  # 장면이 도는 곳에는 없습니다

    base = getattr(cachetools, POLICIES[check_choice("policy", policy, POLICIES)])

    class Bounded(base):
        evicted = staticmethod(ignore)

        def popitem(self):
            key, value = super().popitem()
            self.evicted(key)
            return key, value

    options = {"choice": random.Random(seed).choice} if policy == "random" else {}
    return Bounded(check_integer("capacity", capacity, 1), **options)


def ignore(key: Hashable) -> None:
    """내보낸 키를 아무도 궁금해하지 않을 때."""


class Lru:
    """`bounded("lru", capacity)`와 같은 것을 내보냅니다. 라이브러리 없이, 책의 페이지 안에서도."""

    def __init__(self, capacity: int):
        self.capacity = check_integer("capacity", capacity, 1)
        self.evicted: Callable[[Hashable], None] = ignore
        self._order: dict[Hashable, Any] = {}  # 사용한 지 오래된 것이 앞에 있습니다

    def get(self, key: Hashable) -> Any | None:
        """``key``를 방금 사용했습니다."""
        if key in self._order:
            self._order[key] = self._order.pop(key)
        return self._order.get(key)

    def __setitem__(self, key: Hashable, value: Any):
        self.pop(key)
        if len(self._order) >= self.capacity:
            oldest = next(iter(self._order))
            del self._order[oldest]
            self.evicted(oldest)
        self._order[key] = value

    def pop(self, key: Hashable, default: Any = None) -> Any:
        """``key``의 자리를 비웁니다."""
        return self._order.pop(key, default)


def hit_ratio(
    trace: Sequence, capacity: int, policy: str = "lru", *, seed: int = 0, warmup: int = 0
) -> float:
    """요청 기록 ``trace``(키의 시퀀스)를 서버 없이 돌린 적중률. 앞의 ``warmup``개는 세지 않습니다.

    ``policy``가 ``"optimal"``이면 앞날을 아는 최적(Belady 1966)의 적중률입니다.
    """
    keys = trace.tolist() if hasattr(trace, "tolist") else list(trace)
    check_integer("warmup", warmup, 0)
    if warmup >= len(keys):
        raise InvalidValue(
            f"요청이 {len(keys)}개인데 warmup={warmup}입니다.", "요청이 더 많아야 합니다."
        )
    if policy == OPTIMAL:
        hits = _optimal_hits(keys, check_integer("capacity", capacity, 1))
    else:
        check_choice("policy", policy, [*POLICIES, OPTIMAL])
        hits = _policy_hits(keys, bounded(policy, capacity, seed))
    return sum(hits[warmup:]) / (len(keys) - warmup)


def _policy_hits(keys: list, kept: cachetools.Cache) -> list[bool]:
    hits = []
    for key in keys:
        hits.append(key in kept)
        if hits[-1]:
            kept[key]
        else:
            kept[key] = True
    return hits


def _optimal_hits(keys: list, capacity: int) -> list[bool]:
    """가장 늦게 다시 사용될 것을 내보냅니다. 새로 온 것이 가장 늦다면 아예 들이지 않습니다."""
    hits, kept, farthest = [], set(), []
    for position, (key, next_use) in enumerate(zip(keys, _next_uses(keys), strict=True)):
        hits.append(key in kept)
        kept.add(key)
        heappush(farthest, (-next_use, position, key))
        if len(kept) > capacity:
            # 다시 사용된 키의 옛 기록도 힙에 남지만, 지난 자리라서 맨 앞에 나올 일이 없습니다
            _, _, victim = heappop(farthest)
            kept.remove(victim)
    return hits


def _next_uses(keys: list) -> list[int]:
    """자리마다 그 키가 다음에 나오는 자리(다시 안 나오면 기록의 길이)."""
    uses, later = [], {}
    for position in range(len(keys) - 1, -1, -1):
        uses.append(later.get(keys[position], len(keys)))
        later[keys[position]] = position
    return uses[::-1]


def expected_hit_ratio(probabilities: Sequence[float], capacity: int, policy: str = "lru") -> float:
    """요청이 서로 독립일 때의 적중률 이론값.

    LRU는 Che, Tung & Wang(2002)의 근사입니다. 어떤 키든 마지막으로 사용된 지 같은 시간 t가 지나면
    밀려난다고 보고, 캐시에 든 항목 수의 기댓값이 ``capacity``가 되는 t를 찾습니다.
    무작위와 FIFO는 같은 생각을 밀려날 때까지의 시간이 지수분포인 경우로 바꾼 것입니다
    (둘이 같다는 것은 Gelenbe 1973, 이 꼴은 Martina, Garetto & Leonardi 2014).
    """
    check_choice("policy", policy, ["lru", "fifo", "random"])
    p = [check_number("probabilities의 값", one, 0, 1) for one in probabilities]
    check_integer("capacity", capacity, 1)
    if capacity >= sum(one > 0 for one in p):  # 아무도 찾지 않는 키는 자리를 차지하지 않습니다
        return 1.0
    low, high = 0.0, 1.0
    while math.fsum(_present(p, high, policy)) < capacity:
        low, high = high, high * 2
    for _ in range(60):
        middle = (low + high) / 2
        short = math.fsum(_present(p, middle, policy)) < capacity
        low, high = (middle, high) if short else (low, middle)
    return math.fsum(a * b for a, b in zip(p, _present(p, high, policy), strict=True))


def _present(probabilities: list[float], t: float, policy: str) -> Iterable[float]:
    """마지막으로 사용된 뒤 평균 ``t``에 밀려날 때, 키마다 캐시에 들어 있을 확률."""
    if policy == "lru":
        return (-math.expm1(-p * t) for p in probabilities)
    return (p * t / (1 + p * t) for p in probabilities)


def due_early(entry: Entry, now: float, draw: float, beta: float = 1.0) -> bool:
    """만료 전에 미리 갱신할 차례인지. ``draw``는 (0, 1]의 난수입니다.

    XFetch(Vattani, Chierichetti & Lowenstein, VLDB 2015): 만료가 다가올수록, 다시 만드는 데 오래
    걸릴수록 자주 뽑힙니다. ``beta``가 크면 더 일찍 뽑힙니다.
    """
    if entry.expires is None:
        return False
    return now - entry.cost * beta * rounded(math.log(draw)) >= entry.expires


class SingleFlight:
    """같은 키를 찾는 요청이 겹치면 하나만 떠나고 나머지는 그 답을 함께 받습니다.

    Go의 ``golang.org/x/sync/singleflight``와 같은 일을 합니다.
    """

    def __init__(self):
        self._waiting: dict[str, list] = {}

    def join(self, key: str, request: Any) -> bool:
        """``request``를 줄에 세웁니다. 참이면 맨 앞이니 떠나고, 돌아와서 꼭 `land`를 부릅니다."""
        waiting = self._waiting.setdefault(key, [])
        waiting.append(request)
        return len(waiting) == 1

    def land(self, key: str) -> list:
        """이 답을 함께 받을 요청들. 다음 요청부터는 새로 떠납니다."""
        return self._waiting.pop(key)
