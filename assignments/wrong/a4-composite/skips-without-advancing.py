"""
오해: 겹친 사건은 없던 일이니 next도 그대로 두어야 한다고 생각합니다.
잃는 기준: once, order
힌트: next를 올리지 않았습니다
"""


# %% answer-apply
def apply(view, record):
    """로그의 기록 하나를 뷰에 적용합니다: "applied", "skipped", "gap"."""
    if record["offset"] != view["next"]:
        return "skipped" if record["offset"] < view["next"] else "gap"
    if record["event"] in view["events"]:
        return "skipped"
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
