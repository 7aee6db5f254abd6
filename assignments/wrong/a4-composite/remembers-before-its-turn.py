"""
오해: 받은 사건은 차례가 아니어도 이름부터 기억해 두어야 한다고 생각합니다.
잃는 기준: once
힌트: gap이면 뷰를 그대로 두어야 합니다
"""


# %% answer-apply
def apply(view, record):
    """로그의 기록 하나를 뷰에 적용합니다: "applied", "skipped", "gap"."""
    if record["offset"] < view["next"]:
        return "skipped"
    known = record["event"] in view["events"]
    view["events"].append(record["event"])
    if record["offset"] > view["next"]:
        return "gap"
    view["next"] += 1
    if known:
        view["events"].pop()
        return "skipped"
    id = record["id"]
    if record["op"] == "like":
        view["likes"][id] = view["likes"].get(id, 0) + 1
        return "applied"
    if id in view["posts"] and record["version"] <= view["posts"][id]["version"]:
        return "skipped"
    view["posts"][id] = {"title": record.get("title"), "version": record["version"]}
    return "applied"
