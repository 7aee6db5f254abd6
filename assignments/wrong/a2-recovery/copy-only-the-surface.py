"""
오해: dict(...)로 복사하면 원본과 떨어진다(안의 게시글은 여전히 같은 딕셔너리다)
잃는 기준: new-place
힌트: 겉의 딕셔너리만 복사했습니다
"""


# %% answer-replay
def replay(state, log, until=None, skip=()):
    posts, requests = dict(state["posts"]), set(state["requests"])
    for record in readable(log):
        if until is not None and record["offset"] >= until:
            break
        if record["offset"] in skip or record["request"] in requests:
            continue
        requests.add(record["request"])
        apply(posts, record)
    return {"posts": posts, "requests": requests}
