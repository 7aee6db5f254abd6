"""
오해: 빠진 기록은 나중에 따로 오겠지 하고 지금 것부터 적용합니다.
잃는 기준: once
힌트: 사이의 기록을 받지 못했습니다
"""


# %% answer-apply
def apply(view, record):
    """로그의 기록 하나를 뷰에 적용합니다: "applied", "skipped", "gap"."""
    if record["offset"] < view["next"]:
        return "skipped"
    view["next"] = record["offset"] + 1
    if record["event"] in view["events"]:
        return "skipped"
    view["events"].append(record["event"])
    id = record["id"]
    if record["op"] == "like":
        view["likes"][id] = view["likes"].get(id, 0) + 1
        return "applied"
    if id in view["posts"] and record["version"] <= view["posts"][id]["version"]:
        return "skipped"
    view["posts"][id] = {"title": record.get("title"), "version": record["version"]}
    return "applied"
