"""
오해: 날마다의 비율을 평균 내서 계약을 판정합니다.
잃는 기준: budget
힌트: 날마다의 비율을 평균 냈습니다
"""


# %% answer-budget
def budget_left(month, up):
    down = sum(not met for met, _, _ in month)
    return 1 - down / ((1 - up) * len(month))


def ran_out(month, up, per_day):
    down = 0
    for number, (met, _, _) in enumerate(month):
        down += not met
        if down > (1 - up) * len(month):
            return number // per_day + 1
    return None


def refund(days, promises):
    ratios = [1 - bad / requests for requests, bad in days if requests]
    kept = sum(ratios) / len(ratios) if ratios else 1
    return max((credit for promised, credit in promises if kept < promised), default=0)
