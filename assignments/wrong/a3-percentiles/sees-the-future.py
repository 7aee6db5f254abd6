"""
오해: 끝난 때 대신 보낸 때로 윈도를 골라, 아직 모르는 응답 시간을 봅니다.
잃는 기준: alarm
힌트: 아직 끝나지 않은 요청이 얼마나 걸릴지는
"""


# %% answer-rolling
def rolling_p99(stream, width, step, until):
    series = []
    for now in range(step, until + 1, step):
        took = [end - sent for sent, end in stream if now - width < sent <= now]
        series.append(percentile(took, 99) if took else None)
    return series


def alarms(series, limit, hold):
    rang, streak = [], 0
    for number, value in enumerate(series):
        streak = streak + 1 if value is not None and value > limit else 0
        if streak == hold:
            rang.append(number)
    return rang
