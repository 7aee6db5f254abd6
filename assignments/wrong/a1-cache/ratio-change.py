"""
오해: 적중률이 1% 줄면 데이터베이스의 일도 1% 는다고 생각합니다.
잃는 기준: load
힌트: 데이터베이스가 보는 것은 적중률이 아니라 미스율입니다
"""


# %% answer-load
def load_growth(before, after):
    return before / after if after else float("inf")


def lowest_hit_ratio(reads, limit):
    return max(0, (reads - limit) / reads)


def growth_when_lost(servers, lost, ratio):
    return load_growth(ratio, ratio * (1 - lost / servers))
