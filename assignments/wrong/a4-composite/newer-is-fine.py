"""
오해: 버전이 높으면 더 새것이니 어긋난 것이 아니라고 생각합니다.
잃는 기준: diverge
힌트: 사본의 버전이 원본보다 높아도
"""


# %% answer-divergences
def divergences(database, cache, index):
    """원본과 어긋난 것들: (곳, 번호, 종류)를 곳과 번호의 순서로."""
    found = []
    for place, copy in (("cache", cache), ("index", index)):
        for id in copy:
            if id not in database:
                found.append((place, id, "ghost"))
            elif copy[id] < database[id]:
                found.append((place, id, "stale"))
    found += [("index", id, "missing") for id in database if id not in index]
    return sorted(found)
