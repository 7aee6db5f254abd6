"""
오해: 데이터베이스에 커밋된 순간부터 누구나 새것을 보아야 한다고 생각합니다.
잃는 기준: promises
힌트: 아직 답하지 않았습니다
"""


# %% answer-broken
def broken(commits, reads):
    """약속마다 그것을 깬 읽기의 수."""
    counts, highest = {"own": 0, "back": 0, "fresh": 0}, {}
    for read in reads:
        who, version = read["who"], read["version"]
        newer = [c for c in commits if c["time"] <= read["time"] and c["version"] > version]
        counts["own"] += any(c["who"] == who for c in newer)
        counts["fresh"] += bool(newer)
        counts["back"] += version < highest.get(who, 0)
        highest[who] = max(version, highest.get(who, 0))
    return counts
