"""낡은 답: 캐시를 모르는 사람이 글을 고칠 때, 만료 시간(TTL)이 적중률과 낡은 답을 함께 정합니다."""

from __future__ import annotations

import numpy as np

from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.core.backend import Backend
from ddialab.service.posts import PostService, key_of
from ddialab.stress.load import Zipf

TTLS = (0.5, 2, 8, 30)  # 만료 시간(초)
POSTS, SKEW = 100, 1.0  # 게시글 수와 인기의 쏠림
READS, EDITS = 20.0, 0.5  # 초당 읽기와, 데이터베이스를 직접 고치는 횟수
END = 90.0  # 돌리는 시간(초)


def live_with(backend: Backend, database: Database, ttl: float, seed: int = 5):
    """만료 시간이 ``ttl``초일 때의 (적중률, 낡은 답의 비율, 가장 낡은 답의 나이(초))."""
    now, ages, edits, random = 0.0, [], {}, np.random.default_rng(seed)
    service = PostService(database, Cache(backend, clock=lambda: now), ttl=ttl)
    for id in range(1, POSTS + 1):
        service.cache.delete(key_of(id))  # 빈 캐시에서 시작합니다
    for id in (Zipf(POSTS, SKEW, seed).draw(int(READS * END)) + 1).tolist():
        now += random.exponential(1 / READS)
        if random.random() < EDITS / READS:
            text = f"{now}초에 고침"
            database.update(id, text)
            edits.setdefault(id, {})[text] = now
        ages.append(age(service.read(id).text, edits.get(id, {}), now))
    for id in edits:
        database.update(id, f"글 {id}")
    return service.cache.hit_ratio, np.mean(np.array(ages) > 0), max(ages)


def age(text: str, edits: dict[str, float], now: float) -> float:
    """지금 읽은 글 ``text``가 그 뒤의 첫 고침부터 몇 초나 낡았는지. ``edits``는 {글: 고친 시각}."""
    written = edits.get(text, 0.0)
    return now - next((edited for edited in edits.values() if edited > written), now)


def expected_hits(ttl: float) -> float:
    """만료만으로 정해지는 적중률: 게시글마다의 λT / (1 + λT)를 읽히는 비율로 평균한 것."""
    share = Zipf(POSTS, SKEW).probabilities
    return float(np.sum(share * (READS * share * ttl) / (1 + READS * share * ttl)))
