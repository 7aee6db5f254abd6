"""축출 정책 겨루기: 훑고 지나가는 작업이 있고 인기가 바뀌는 요청에서, 무엇을 내보낼 것인가."""

from __future__ import annotations

from collections.abc import Callable

from ddialab.core.engine import Engine
from ddialab.core.trial import Policy, Result, Rival, Trial, check_place
from ddialab.stress.load import popular

POSTS, SKEW = 40, 1.0  # 게시글의 수, 인기의 쏠림
ROOM = 8  # 캐시의 칸
REQUESTS, TURN = 480, 160  # 독자의 요청, 인기가 바뀔 때까지의 요청
SCAN = 12  # 그사이 한 번씩, 아무도 다시 찾지 않을 게시글을 이만큼 훑습니다
SHIFT = 11  # 인기가 바뀔 때 순위마다 밀리는 게시글의 번호
SOON = 20  # 내보낸 뒤 이 안에 다시 찾으면 아까운 것입니다


def requests(seed: int) -> list[int]:
    """찾는 게시글의 번호들. 훑기는 번호가 큰 게시글들입니다."""
    pick, asked = popular(POSTS, SKEW, Engine(seed).stream("키").random), []
    for number in range(REQUESTS):
        asked.append(1 + (pick() + number // TURN * SHIFT) % POSTS)
        if number % TURN == TURN // 2:
            first = POSTS + 1 + number // TURN * SCAN
            asked += range(first, first + SCAN)
    return asked


def evict(policy: Policy, seed: int) -> Result:
    """캐시가 찰 때마다 ``policy``가 고른 것을 내보냅니다. 데이터베이스 쿼리(미스)를 셉니다.

    ``policy(entries, now)``의 ``entries``는 캐시에 든 것마다
    ``(번호, 들어온 때, 마지막으로 사용한 때, 사용한 횟수)``이고, 때는 몇 번째 요청인지입니다.
    """
    kept: list[tuple] = []  # 들어온 순서
    queries, regrets, evicted = 0, [], {}
    for now, post in enumerate(requests(seed)):
        place = held(kept, post)
        if place is not None:
            _, since, _, uses = kept[place]
            kept[place] = post, since, now, uses + 1
            continue
        queries += 1
        if now - evicted.get(post, -SOON - 1) <= SOON:
            regrets.append(post)
        if len(kept) == ROOM:
            place = check_place("victim", policy(list(kept), now), len(kept))
            evicted[kept.pop(place)[0]] = now
        kept.append((post, now, now, 1))
    return Result(queries, told(regrets))


def held(kept: list[tuple], post: int) -> int | None:
    """``post``가 든 칸. 없으면 None."""
    for place, entry in enumerate(kept):
        if entry[0] == post:
            return place
    return None


def told(regrets: list[int]) -> str:
    """내보낸 것을 곧 다시 찾은 일."""
    if not regrets:
        return f"내보낸 게시글을 {SOON}건 안에 다시 찾은 일은 없었습니다."
    worst = max(regrets, key=lambda post: (regrets.count(post), -post))
    return (
        f"내보낸 게시글을 {SOON}건 안에 다시 찾은 일이 {len(regrets)}번이고, "
        f"가장 잦은 것은 게시글 {worst}({regrets.count(worst)}번)입니다."
    )


# --- 책의 정책들 ---


def least(key: Callable[[tuple], object]) -> Callable[[int], Policy]:
    """``key``가 가장 작은 것을 내보내는 정책."""
    return lambda seed: (
        lambda entries, now: min(range(len(entries)), key=lambda place: key(entries[place]))
    )


def at_random(seed: int) -> Policy:
    chance = Engine(seed).stream("무작위").random
    return lambda entries, now: int(chance() * len(entries))


def farthest(seed: int) -> Policy:
    """앞날을 아는 최적: 가장 늦게 다시 찾을 것을 내보냅니다. 새로 온 것은 반드시 들입니다."""
    coming = requests(seed)

    def next_use(post: int, now: int) -> int:
        for when in range(now + 1, len(coming)):
            if coming[when] == post:
                return when
        return len(coming)

    return lambda entries, now: max(
        range(len(entries)), key=lambda place: next_use(entries[place][0], now)
    )


OPTIMAL = "최적(앞날을 앎)"
EVICTION = Trial(
    "eviction",
    "victim",
    "entries, now",
    "데이터베이스 쿼리",
    "건",
    evict,
    (
        Rival("LRU", least(lambda entry: entry[2])),
        Rival("LFU", least(lambda entry: (entry[3], entry[2]))),
        Rival("FIFO", least(lambda entry: entry[1])),
        Rival("무작위", at_random),
        Rival(OPTIMAL, farthest),
    ),
    bound=OPTIMAL,
)
