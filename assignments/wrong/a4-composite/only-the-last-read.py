"""
오해: 단조 읽기는 바로 앞의 읽기와만 견주면 된다고 생각합니다.
잃는 기준: promises
힌트: 한 번 본 새 버전은 계속 기억해야 합니다
"""


# %% answer-broken
def broken(commits, reads):
    """약속마다 그것을 깬 읽기의 수."""
    counts, highest = {"own": 0, "back": 0, "fresh": 0}, {}
    for read in reads:
        who, version = read["who"], read["version"]
        newer = [c for c in commits if c["acked"] <= read["time"] and c["version"] > version]
        counts["own"] += any(c["who"] == who for c in newer)
        counts["fresh"] += bool(newer)
        counts["back"] += version < highest.get(who, 0)
        highest[who] = version
    return counts
