"""
오해: 시간 초과한 요청을 표본에서 뺍니다.
잃는 기준: window
힌트: 시간 초과를 표본에서 뺐거나
"""


# %% answer-window
def windows_met(night, width, count):
    windows = [[] for _ in range(count)]
    for sent, finished in night:
        if finished is not None:
            windows[sent // width].append(finished - sent)
    return [
        not took or (percentile(took, 50) <= MEDIAN_GOAL and percentile(took, 99) <= P99_GOAL)
        for took in windows
    ]
