"""
오해: p를 먼저 100으로 나누어 부동소수점 오차가 올림을 한 자리 밉니다.
잃는 기준: percentile
힌트: 나누기를 먼저 해서 생긴
"""


# %% answer-percentile
def percentile(values, p):
    if not values or not 0 <= p <= 100:
        raise ValueError("백분위수를 구할 수 없습니다.")
    rank = math.ceil(p / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]
