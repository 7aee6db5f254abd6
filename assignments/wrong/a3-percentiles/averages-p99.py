"""
오해: 서버마다 구한 p99를 평균 냅니다.
잃는 기준: fleet
힌트: 백분위수는 평균 낼 수 없습니다. 히스토그램을 먼저 더하고
"""


# %% answer-fleet
def one_percentile(counts, p):
    rank = math.ceil(p * sum(counts.values()) / 100)
    for number in sorted(counts):
        rank -= counts[number]
        if rank <= 0:
            return upper(number)
    return None


def fleet_percentile(histograms, p):
    busy = [counts for counts in histograms if counts]
    if not busy:
        raise ValueError("요청이 하나도 없습니다.")
    return sum(one_percentile(counts, p) for counts in busy) / len(busy)
