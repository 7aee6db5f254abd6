"""
오해: 한도 「이하」를 「미만」으로 읽습니다.
잃는 기준: capacity
힌트: 한도와 꼭 같은 쿼리 수를 지나쳤습니다
"""


# %% answer-search
def smallest_capacity(queries, limit, most):
    low, high, found = 1, most, None
    while low <= high:
        middle = (low + high) // 2
        if queries(middle) < limit:
            found, high = middle, middle - 1
        else:
            low = middle + 1
    return found
