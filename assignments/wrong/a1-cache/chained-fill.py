"""
오해: 마지막에 보낸 쿼리의 답이 와야 캐시가 채워진다고 생각합니다.
잃는 기준: flight
힌트: 가장 먼저 온 답이 캐시를 채웁니다
"""


# %% answer-flight
def without_cure(arrivals, fill):
    if not arrivals:
        return 0
    filled, queries = arrivals[0] + fill, 0
    for arrival in arrivals:
        if arrival < filled:
            queries += 1
            filled = arrival + fill
    return queries


def single_flight(arrivals, fill, answers):
    sent, errors = [], 0
    ends, succeeded = None, False
    for arrival in arrivals:
        if ends is None or (arrival >= ends and not succeeded):
            succeeded = answers[len(sent)] if len(sent) < len(answers) else True
            sent.append(arrival)
            ends = arrival + fill
        if not succeeded:
            errors += 1
    return sent, errors
