"""
오해: 지운 게시글은 뷰에서도 없애야 한다고 생각합니다.
잃는 기준: order
힌트: 지운 자리에도 버전을 남겨 두어야
"""


# %% answer-apply
def apply(view, record):
    """로그의 기록 하나를 뷰에 적용합니다: "applied", "skipped", "gap"."""
    if record["offset"] != view["next"]:
        return "skipped" if record["offset"] < view["next"] else "gap"
    view["next"] += 1
    if record["event"] in view["events"]:
        return "skipped"
    view["events"].append(record["event"])
    id = record["id"]
    if record["op"] == "like":
        view["likes"][id] = view["likes"].get(id, 0) + 1
        return "applied"
    if id in view["posts"] and record["version"] <= view["posts"][id]["version"]:
        return "skipped"
    if record["op"] == "delete":
        view["posts"].pop(id, None)
    else:
        view["posts"][id] = {"title": record["title"], "version": record["version"]}
    return "applied"
