"""
오해: 재시도를 거르려고 내용이 같은 기록을 하나로 합친다(서로 다른 두 사람의 좋아요까지)
잃는 기준: once
힌트: 서로 다른 사람이 누른 좋아요를 하나로 합쳤습니다
"""


# %% answer-replay
def replay(state, log, until=None, skip=()):
    posts, requests, seen = deepcopy(state["posts"]), set(state["requests"]), []
    for record in readable(log):
        if until is not None and record["offset"] >= until:
            break
        body = {key: record.get(key) for key in ("op", "id", "author", "text")}
        if record["offset"] in skip or body in seen or record["request"] in requests:
            continue
        seen.append(body)
        requests.add(record["request"])
        apply(posts, record)
    return {"posts": posts, "requests": requests}
