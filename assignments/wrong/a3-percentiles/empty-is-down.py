"""
오해: 요청이 없던 윈도를 멈춘 것으로 칩니다.
잃는 기준: window
힌트: 요청이 하나도 없던 윈도를 어긴 것으로 쳤습니다
"""


# %% answer-window
def windows_met(night, width, count):
    windows = [[] for _ in range(count)]
    for sent, finished in night:
        windows[sent // width].append(math.inf if finished is None else finished - sent)
    return [
        bool(took) and percentile(took, 50) <= MEDIAN_GOAL and percentile(took, 99) <= P99_GOAL
        for took in windows
    ]
