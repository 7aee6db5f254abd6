"""
오해: 원본에 있는 게시글만 하나씩 확인하면 다 본 것이라고 생각합니다.
잃는 기준: diverge
힌트: 원본에 있는 번호만 돌아보지 않았는지
"""


# %% answer-divergences
def divergences(database, cache, index):
    """원본과 어긋난 것들: (곳, 번호, 종류)를 곳과 번호의 순서로."""
    found = []
    for id, version in database.items():
        if id in cache and cache[id] != version:
            found.append(("cache", id, "stale"))
        if id not in index:
            found.append(("index", id, "missing"))
        elif index[id] != version:
            found.append(("index", id, "stale"))
    return sorted(found)
