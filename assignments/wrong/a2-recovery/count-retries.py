"""
오해: 로그에 있는 것은 모두 일어난 일이므로, 재시도로 겹친 기록도 그대로 적용한다
잃는 기준: once
힌트: 재시도를 두 번 세었습니다
"""


# %% answer-replay
def replay(state, log, until=None, skip=()):
    posts, requests = deepcopy(state["posts"]), set(state["requests"])
    for record in readable(log):
        if until is not None and record["offset"] >= until:
            break
        if record["offset"] not in skip:
            requests.add(record["request"])
            apply(posts, record)
    return {"posts": posts, "requests": requests}
