"""
오해: 누구라도 새 버전을 보았으면 모두에게 약속한 것이라고 생각합니다.
잃는 기준: promises
힌트: 단조 읽기는 한 사람에게 하는 약속입니다
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
        counts["back"] += version < max(highest.values(), default=0)
        highest[who] = max(version, highest.get(who, 0))
    return counts
