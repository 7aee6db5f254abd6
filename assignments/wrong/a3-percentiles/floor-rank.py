"""
오해: 올림 대신 내림한 수를 그대로 인덱스로 씁니다.
잃는 기준: percentile
힌트: 한 자리 뒤의 값을 읽었습니다
"""


# %% answer-percentile
def percentile(values, p):
    if not values or not 0 <= p <= 100:
        raise ValueError("백분위수를 구할 수 없습니다.")
    ordered = sorted(values)
    return ordered[min(int(p * len(values) / 100), len(values) - 1)]
