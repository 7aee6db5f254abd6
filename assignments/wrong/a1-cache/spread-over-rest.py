"""
오해: 죽은 서버의 몫을 남은 서버가 나누어 맡으니, 서버가 준 만큼만 부하가 는다고 생각합니다.
잃는 기준: load
힌트: 그 서버의 적중이 모두 미스가 됩니다
"""


# %% answer-load
def load_growth(before, after):
    return (1 - after) / (1 - before)


def lowest_hit_ratio(reads, limit):
    return max(0, (reads - limit) / reads)


def growth_when_lost(servers, lost, ratio):
    return servers / max(servers - lost, 1)
