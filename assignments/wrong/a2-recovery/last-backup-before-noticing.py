"""
오해: 잃은 것은 알아챈 때의 마지막 백업부터 센다(그 백업에는 이미 텅 빈 데이터가 들어 있다)
잃는 기준: measure, policy
힌트: 알아챈 때부터 거꾸로 찾으면 이미 텅 빈 백업이 나옵니다
"""


# %% answer-measure
def measure(policy, incident):
    mistake, detected = incident["mistake"], incident["detected"]
    snapshot_at = (detected - 1) // policy["every"] * policy["every"]
    point = snapshot_at
    if policy["log_every"] is not None:
        point = max(point, (detected - 1) // policy["log_every"] * policy["log_every"])
    return {
        "lost_writes": sum(moment > point for moment in incident["writes"]),
        "lost_minutes": detected - point,
        "down_minutes": detected
        - mistake
        + policy["copy"]
        + (point - snapshot_at) / policy["speedup"],
    }
