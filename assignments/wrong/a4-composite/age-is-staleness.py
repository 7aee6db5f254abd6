"""
오해: 오래전에 쓴 버전이면 낡은 것이라고 생각합니다.
잃는 기준: window
힌트: 오래된 것과 낡은 것은 다릅니다
"""


# %% answer-window
def staleness(commits, time, version):
    """시각 `time`에 받은 `version`이 낡은 지 몇 초인가."""
    return time - next(c["time"] for c in commits if c["version"] == version)


def bound(commits, reads, percent):
    """읽기의 `percent`퍼센트 이상이 낡은 지 S초 이하이게 하는 가장 작은 정수 S."""
    ages = sorted(staleness(commits, read["time"], read["version"]) for read in reads)
    need = -(-percent * len(ages) // 100)
    return ages[need - 1]
