"""
오해: 쿼리는 한 번만 보내면 된다고 생각해, 그 쿼리가 실패했을 때 자리를 풀지 않습니다.
잃는 기준: flight
힌트: 실패해도 자리를 풀어 주어야 합니다
"""


# %% answer-flight
def without_cure(arrivals, fill):
    if not arrivals:
        return 0
    filled = arrivals[0] + fill
    return len([arrival for arrival in arrivals if arrival < filled])


def single_flight(arrivals, fill, answers):
    sent, errors = [], 0
    ends, succeeded = None, False
    for arrival in arrivals:
        if ends is None:
            succeeded = answers[len(sent)] if len(sent) < len(answers) else True
            sent.append(arrival)
            ends = arrival + fill
        if not succeeded:
            errors += 1
    return sent, errors
