"""
오해: 예열도 데이터베이스가 받은 부하이니 처음부터 모두 셉니다. 틀린 자로 재니 크기도 틀립니다.
잃는 기준: measure, capacity
힌트: 예열에서 난 미스까지 셌습니다
"""


# %% answer-replay
def replay(trace, capacity, policy, warmup):
    kept = bounded(policy, capacity)
    hits = misses = 0
    for key in trace:
        if key in kept:
            kept[key]
            hit = True
        else:
            kept[key] = True
            hit = False
        hits += hit
        misses += not hit
    return hits / (hits + misses), misses
