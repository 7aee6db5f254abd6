"""
오해: 예열을 빼라는 말을 기록에서 잘라 내라는 말로 읽어, 빈 캐시로 시작합니다.
잃는 기준: measure, capacity
힌트: 예열 요청을 잘라 내 버렸습니다
"""


# %% answer-replay
def replay(trace, capacity, policy, warmup):
    kept = bounded(policy, capacity)
    hits = misses = 0
    for key in trace[warmup:]:
        if key in kept:
            kept[key]
            hit = True
        else:
            kept[key] = True
            hit = False
        hits += hit
        misses += not hit
    return hits / (hits + misses), misses
