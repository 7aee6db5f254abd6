"""
오해: 나중에 온 기록이 나중에 쓴 것이라고 생각합니다.
잃는 기준: order
힌트: 늦게 온 옛 버전이 새 제목을 덮었습니다
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
    view["posts"][id] = {"title": record.get("title"), "version": record["version"]}
    return "applied"
