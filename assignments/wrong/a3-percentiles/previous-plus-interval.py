"""
오해: 예정한 때를 바로 앞 요청을 보낸 때에서 다시 셉니다.
잃는 기준: intended
힌트: 「첫 요청을 보낸 때 + 차례 × 간격」입니다
"""


# %% answer-plan
def from_plan(probe, interval):
    times = []
    for number, (sent, finished) in enumerate(probe):
        planned = probe[number - 1][0] + interval if number else sent
        times.append(finished - planned)
    return times
