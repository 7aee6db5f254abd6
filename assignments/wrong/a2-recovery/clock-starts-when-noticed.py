"""
오해: 복구 시간은 알아채고 손을 댄 때부터 센다
잃는 기준: measure, policy
힌트: 알아채는 시간이 빠졌습니다
"""


# %% answer-measure
def measure(policy, incident):
    last = incident["mistake"] - 1
    snapshot_at = last // policy["every"] * policy["every"]
    point = snapshot_at
    if policy["log_every"] is not None:
        point = max(point, last // policy["log_every"] * policy["log_every"])
    return {
        "lost_writes": sum(moment > point for moment in incident["writes"]),
        "lost_minutes": incident["detected"] - point,
        "down_minutes": policy["copy"] + (point - snapshot_at) / policy["speedup"],
    }
