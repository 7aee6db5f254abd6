"""
오해: 훑을 때도 찾은 게시글만 건드린다고 생각합니다.
잃는 기준: touched
힌트: 낱말이 없는 게시글도 열어 봅니다
"""


# %% answer-search
def scan(posts, words, limit):
    """새 글부터 열어 보며 찾은 (번호들, 건드린 수)."""
    found, opened = [], 0
    for id in sorted(posts, reverse=True):
        if limit is not None and len(found) >= limit:
            break
        if set(words) <= set(posts[id].split()):
            opened += 1
            found.append(id)
    return found, opened


def look_up(lists, words):
    """가장 짧은 줄을 따라가며 찾은 (번호들, 건드린 수)."""
    shortest = min((lists.get(word, []) for word in words), key=len)
    found = [id for id in shortest if all(id in lists[word] for word in words)]
    return found[::-1], len(shortest)


def cheaper(by_scan, by_index, searches, writes, terms):
    """하루에 덜 건드리는 방법과 그 수."""
    scanning = searches * by_scan
    indexing = searches * by_index + writes * terms
    return ("index", indexing) if indexing < scanning else ("scan", scanning)
