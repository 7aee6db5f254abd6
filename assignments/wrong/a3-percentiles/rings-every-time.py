"""
오해: 느려진 동안 관측마다 울려서 사람을 깨웁니다.
잃는 기준: alarm
힌트: 느려진 내내 사람을 깨웁니다
"""


# %% answer-rolling
def rolling_p99(stream, width, step, until):
    series = []
    for now in range(step, until + 1, step):
        took = [end - sent for sent, end in stream if now - width < end <= now]
        series.append(percentile(took, 99) if took else None)
    return series


def alarms(series, limit, hold):
    rang, streak = [], 0
    for number, value in enumerate(series):
        streak = streak + 1 if value is not None and value > limit else 0
        if streak >= hold:
            rang.append(number)
    return rang
