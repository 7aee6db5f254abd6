"""
오해: 받은 상태에 바로 재생하면 된다(스냅샷이 망가져 다시 시작할 곳이 없어진다)
잃는 기준: new-place
힌트: 재생이 스냅샷을 바꾸었습니다
"""


# %% answer-replay
def replay(state, log, until=None, skip=()):
    for record in readable(log):
        if until is not None and record["offset"] >= until:
            break
        if record["offset"] in skip or record["request"] in state["requests"]:
            continue
        state["requests"].add(record["request"])
        apply(state["posts"], record)
    return state
