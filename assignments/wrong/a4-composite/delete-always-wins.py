"""
오해: 삭제는 언제 와도 지우는 것이라고 생각합니다.
잃는 기준: order
힌트: 삭제도 버전을 봅니다
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
    older = id in view["posts"] and record["version"] <= view["posts"][id]["version"]
    if older and record["op"] == "put":
        return "skipped"
    view["posts"][id] = {"title": record.get("title"), "version": record["version"]}
    return "applied"
