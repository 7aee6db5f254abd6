"""
오해: 다른 사람이 고친 것도 자신이 쓴 내용이라고 생각합니다.
잃는 기준: promises
힌트: 소라는 고친 적이 없습니다
"""


# %% answer-broken
def broken(commits, reads):
    """약속마다 그것을 깬 읽기의 수."""
    counts, highest = {"own": 0, "back": 0, "fresh": 0}, {}
    for read in reads:
        who, version = read["who"], read["version"]
        newer = [c for c in commits if c["acked"] <= read["time"] and c["version"] > version]
        counts["own"] += bool(newer)
        counts["fresh"] += bool(newer)
        counts["back"] += version < highest.get(who, 0)
        highest[who] = max(version, highest.get(who, 0))
    return counts
