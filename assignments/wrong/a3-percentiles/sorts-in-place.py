"""
오해: 받은 리스트를 그 자리에서 정렬해 호출한 쪽의 기록을 뒤섞습니다.
잃는 기준: percentile
힌트: values.sort()는 호출한 쪽의 기록까지 뒤섞습니다
"""


# %% answer-percentile
def percentile(values, p):
    if not values or not 0 <= p <= 100:
        raise ValueError("백분위수를 구할 수 없습니다.")
    values.sort()
    return values[max(1, math.ceil(p * len(values) / 100)) - 1]
