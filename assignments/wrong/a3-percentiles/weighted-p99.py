"""
오해: 서버마다 구한 p99를 요청 수로 가중해 평균 냅니다.
잃는 기준: fleet
힌트: 가중치를 줘도 백분위수는 평균 낼 수 없습니다
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
    sizes = [sum(counts.values()) for counts in histograms]
    if not sum(sizes):
        raise ValueError("요청이 하나도 없습니다.")
    pairs = zip(sizes, histograms, strict=True)
    return sum(size * one_percentile(counts, p) for size, counts in pairs if size) / sum(sizes)
