"""
오해: 퍼센트를 채우는 수를 내림해도 된다고 생각합니다.
잃는 기준: window
힌트: 내림이 아니라 올림
"""


# %% answer-window
def staleness(commits, time, version):
    """시각 `time`에 받은 `version`이 낡은 지 몇 초인가."""
    newer = [c["time"] for c in commits if c["version"] > version and c["time"] <= time]
    return time - min(newer) if newer else 0


def bound(commits, reads, percent):
    """읽기의 `percent`퍼센트 이상이 낡은 지 S초 이하이게 하는 가장 작은 정수 S."""
    ages = sorted(staleness(commits, read["time"], read["version"]) for read in reads)
    need = max(1, percent * len(ages) // 100)
    return ages[need - 1]
