"""
오해: 커밋하는 순간 번호표가 무효가 된다고 생각합니다.
잃는 기준: lease
힌트: 커밋만으로는 번호표가 무효가 되지 않습니다
"""


# %% answer-race
def race(steps, lease):
    """순서대로 돌렸을 때 낡은 값을 넣은 수, 낡은 값을 받은 수, 기다린 수."""
    counts = {"stale_fills": 0, "stale_reads": 0, "waits": 0}
    version = answered = 1
    cached = ticket = None
    missed, selected, committed = set(), {}, {}
    for what, who in steps:
        if what == "look" and cached is not None:
            counts["stale_reads"] += cached < answered
        elif what == "look" and lease and ticket is not None:
            counts["waits"] += 1
        elif what == "look":
            missed.add(who)
            ticket = who
        elif what == "select" and who in missed:
            selected[who] = version
        elif what == "fill" and who in missed and (not lease or ticket == who):
            cached, ticket = selected[who], None
            counts["stale_fills"] += cached < answered
        elif what == "commit":
            version += 1
            ticket = None
            committed[who] = version
        elif what == "delete":
            cached = ticket = None
            answered = max(answered, committed[who])
    return counts
