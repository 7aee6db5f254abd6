"""
오해: 중앙값으로 정한 목표를 평균과 비교합니다.
잃는 기준: window
힌트: 중앙값 대신 평균을 목표와 비교했습니다
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
