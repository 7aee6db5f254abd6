"""적중률: 캐시를 조금 줄였을 때, 축출 정책을 바꾸었을 때, 돌려 보지 않고 식으로 구했을 때."""

from __future__ import annotations

import numpy as np

from ddialab.blocks.cache import expected_hit_ratio, hit_ratio
from ddialab.core.errors import check_number
from ddialab.stress.load import Zipf

WARMUP = 3000  # 캐시가 비어 있는 처음의 요청은 세지 않습니다
TARGETS = (0.99, 0.98)  # 적중률: 캐시를 줄이기 전, 줄인 뒤
CAPACITIES = (10, 25, 50, 100, 200, 400, 700)  # 캐시의 크기(게시글 수)
SKEW = 0.8  # 인기의 쏠림. 웹의 요청과 비슷합니다


def skewed_requests(seed: int) -> np.ndarray:
    """게시글 300개(번호 1부터)를 찾는 요청 8,000건. 인기 있는 게시글에 몹시 쏠려 있습니다."""
    return Zipf(keys=300, exponent=1.2, seed=seed).draw(8000) + 1


def capacity_for(requests: np.ndarray, target: float) -> int:
    """적중률이 ``target``에 이르는 가장 작은 LRU 캐시의 크기."""
    check_number("target", target, 0, 1)
    low, high = 1, 300
    while low < high:
        middle = (low + high) // 2
        enough = hit_ratio(requests, middle, warmup=WARMUP) >= target
        low, high = (low, middle) if enough else (middle + 1, high)
    return low


def policy_hits(exponent: float, capacity: int, policy: str, seed: int = 2) -> float:
    """쏠림이 ``exponent``인 게시글 1,000개의 요청을 그대로 재생한 적중률."""
    trace = Zipf(1000, exponent, seed).draw(8000)
    return hit_ratio(trace, capacity, policy, warmup=WARMUP)


def lru_hits(capacity: int, seed: int) -> float:
    """게시글 1,000개의 요청을 LRU로 재생한 적중률. 식(`lru_formula`)과 견줄 것입니다."""
    return hit_ratio(Zipf(1000, SKEW, seed).draw(5000), capacity, warmup=2000)


def lru_formula(capacity: int) -> float:
    """같은 요청을 돌려 보지 않고 어림한 LRU의 적중률(Che의 근사)."""
    return expected_hit_ratio(Zipf(1000, SKEW).probabilities, capacity)
