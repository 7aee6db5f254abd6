"""
오해: 한도는 낡은 읽기들 가운데서 재는 것이라고 생각합니다.
잃는 기준: window
힌트: 낡지 않은 읽기도 함께 셉니다
"""


# %% answer-window
def staleness(commits, time, version):
    """시각 `time`에 받은 `version`이 낡은 지 몇 초인가."""
    newer = [c["time"] for c in commits if c["version"] > version and c["time"] <= time]
    return time - min(newer) if newer else 0


def bound(commits, reads, percent):
    """읽기의 `percent`퍼센트 이상이 낡은 지 S초 이하이게 하는 가장 작은 정수 S."""
    ages = sorted(staleness(commits, read["time"], read["version"]) for read in reads)
    ages = [age for age in ages if age > 0] or [0]
    need = -(-percent * len(ages) // 100)
    return ages[need - 1]
