"""
오해: 중앙값을 적은 목표에 평균을 견줍니다.
잃는 기준: window
힌트: 중앙값 대신 평균을 목표와 견주었습니다
"""


# %% answer-window
def windows_met(night, width, count):
    windows = [[] for _ in range(count)]
    for sent, finished in night:
        windows[sent // width].append(30_000 if finished is None else finished - sent)
    return [
        not took or (sum(took) / len(took) <= MEDIAN_GOAL and percentile(took, 99) <= P99_GOAL)
        for took in windows
    ]
