"""
오해: 오프셋이 다르면 다른 사건이라고 생각합니다.
잃는 기준: once
힌트: 릴레이가 같은 사건을 로그에 두 번
"""


# %% answer-apply
def apply(view, record):
    """로그의 기록 하나를 뷰에 적용합니다: "applied", "skipped", "gap"."""
    if record["offset"] != view["next"]:
        return "skipped" if record["offset"] < view["next"] else "gap"
    view["next"] += 1
    view["events"].append(record["event"])
    id = record["id"]
    if record["op"] == "like":
        view["likes"][id] = view["likes"].get(id, 0) + 1
        return "applied"
    if id in view["posts"] and record["version"] <= view["posts"][id]["version"]:
        return "skipped"
    view["posts"][id] = {"title": record.get("title"), "version": record["version"]}
    return "applied"
