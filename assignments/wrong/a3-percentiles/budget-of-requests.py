"""
오해: 윈도로 정한 SLO의 예산을 요청의 수로 계산합니다.
잃는 기준: budget
힌트: 윈도가 아니라 요청을 셌습니다
"""


# %% answer-budget
def budget_left(month, up):
    requests = sum(requests for _, requests, _ in month)
    bad = sum(bad for _, _, bad in month)
    return 1 - bad / ((1 - up) * requests)


def ran_out(month, up, per_day):
    allowed = (1 - up) * sum(requests for _, requests, _ in month)
    spent = 0
    for number, (_, _, bad) in enumerate(month):
        spent += bad
        if spent > allowed:
            return number // per_day + 1
    return None


def refund(days, promises):
    total = sum(requests for requests, _ in days)
    bad = sum(bad for _, bad in days)
    kept = 1 - bad / total if total else 1
    return max((credit for promised, credit in promises if kept < promised), default=0)
