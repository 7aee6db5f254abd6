"""
오해: 캐시에 있는지 보기만 하고 읽지 않아, LRU로 돌렸다고 믿지만 FIFO를 쟀습니다.
잃는 기준: measure, capacity
힌트: `in`으로 보기만 하면
"""


# %% answer-replay
def replay(trace, capacity, policy, warmup):
    kept = bounded(policy, capacity)
    hits = misses = 0
    for position, key in enumerate(trace):
        if key in kept:
            hit = True
        else:
            kept[key] = True
            hit = False
        if position >= warmup:
            hits += hit
            misses += not hit
    return hits / (hits + misses), misses
