"""
오해: 마지막으로 고친 뒤로 흐른 시간을 낡은 시간이라고 생각합니다.
잃는 기준: window
힌트: 마지막 커밋부터 셌습니다
"""


# %% answer-window
def staleness(commits, time, version):
    """시각 `time`에 받은 `version`이 낡은 지 몇 초인가."""
    newer = [c["time"] for c in commits if c["version"] > version and c["time"] <= time]
    return time - max(newer) if newer else 0


def bound(commits, reads, percent):
    """읽기의 `percent`퍼센트 이상이 낡은 지 S초 이하이게 하는 가장 작은 정수 S."""
    ages = sorted(staleness(commits, read["time"], read["version"]) for read in reads)
    need = -(-percent * len(ages) // 100)
    return ages[need - 1]
