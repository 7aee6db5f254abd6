"""
오해: 첫 서버의 딕셔너리에 나머지를 더해서 받은 히스토그램을 바꿉니다.
잃는 기준: fleet
힌트: 두 번 물으면 두 배로 셉니다
"""


# %% answer-fleet
def fleet_percentile(histograms, p):
    if not any(histograms):
        raise ValueError("요청이 하나도 없습니다.")
    total = histograms[0]
    for counts in histograms[1:]:
        for number, count in counts.items():
            total[number] = total.get(number, 0) + count
    rank = math.ceil(p * sum(total.values()) / 100)
    for number in sorted(total):
        rank -= total[number]
        if rank <= 0:
            return upper(number)
    return None
