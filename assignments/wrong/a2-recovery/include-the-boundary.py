"""
오해: 「until번까지」라고 읽고 그 번호의 기록도 적용한다
잃는 기준: until
힌트: 경계는 until번 「앞까지」입니다
"""


# %% answer-replay
def replay(state, log, until=None, skip=()):
    posts, requests = deepcopy(state["posts"]), set(state["requests"])
    for record in readable(log):
        if until is not None and record["offset"] > until:
            break
        if record["offset"] in skip or record["request"] in requests:
            continue
        requests.add(record["request"])
        apply(posts, record)
    return {"posts": posts, "requests": requests}
