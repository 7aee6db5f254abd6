"""
오해: 최근접 순위 대신 늘 쓰던 numpy의 보간을 씁니다.
잃는 기준: percentile
힌트: 두 값 사이를 나눈(보간한) 것입니다
"""

# %% answer-percentile
import numpy as np


def percentile(values, p):
    if len(values) == 0 or not 0 <= p <= 100:
        raise ValueError("백분위수를 구할 수 없습니다.")
    return float(np.percentile(values, p))
