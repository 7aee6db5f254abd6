"""
오해: 가장 작은 것을 찾으려면 작은 것부터 하나씩 실험해야 한다고 생각합니다.
잃는 기준: capacity
힌트: 한 번의 실험으로 남은 후보를
"""


# %% answer-search
def smallest_capacity(queries, limit, most):
    for capacity in range(1, most + 1):
        if queries(capacity) <= limit:
            return capacity
    return None


# %% answer-needed
def measured(capacity):
    return replay(weekday, capacity, "lru", WARMUP)[1]


# 하나씩 재니 오래 걸려서, 50개씩 늘려 본 뒤 그 사이만 하나씩 쟀습니다
near = next(capacity for capacity in range(50, 301, 50) if measured(capacity) <= LIMIT)
needed = next(capacity for capacity in range(near - 49, near + 1) if measured(capacity) <= LIMIT)
