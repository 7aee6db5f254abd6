"""
오해: 캐시에도 모든 게시글이 들어 있어야 한다고 생각합니다.
잃는 기준: diverge
힌트: 캐시는 비어 있어도 됩니다
"""


# %% answer-divergences
def divergences(database, cache, index):
    """원본과 어긋난 것들: (곳, 번호, 종류)를 곳과 번호의 순서로."""
    found = []
    for place, copy in (("cache", cache), ("index", index)):
        for id in copy:
            if id not in database:
                found.append((place, id, "ghost"))
            elif copy[id] != database[id]:
                found.append((place, id, "stale"))
        found += [(place, id, "missing") for id in database if id not in copy]
    return sorted(found)
