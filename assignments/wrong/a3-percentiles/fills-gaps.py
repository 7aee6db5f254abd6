"""
오해: 빠진 요청이 없는데도, 오래 걸린 요청 뒤에 지어낸 요청을 채워 넣습니다.
잃는 기준: intended
힌트: 지어내 채울 것도 없습니다
"""


# %% answer-plan
def from_plan(probe, interval):
    times = []
    for sent, finished in probe:
        took = finished - sent
        times.append(took)
        while took > interval:
            took -= interval
            times.append(took)
    return times
