"""
오해: 다 쓴 예산을 0에서 잘라 얼마나 넘겼는지 감춥니다.
잃는 기준: budget
힌트: 0에서 자르면 얼마나 넘겼는지
"""


# %% answer-budget
def budget_left(month, up):
    down = sum(not met for met, _, _ in month)
    return max(0, 1 - down / ((1 - up) * len(month)))


def ran_out(month, up, per_day):
    down = 0
    for number, (met, _, _) in enumerate(month):
        down += not met
        if down > (1 - up) * len(month):
            return number // per_day + 1
    return None


def refund(days, promises):
    total = sum(requests for requests, _ in days)
    bad = sum(bad for _, bad in days)
    kept = 1 - bad / total if total else 1
    return max((credit for promised, credit in promises if kept < promised), default=0)
