"""
오해: 호출마다의 느릴 확률을 더합니다.
잃는 기준: fanout
힌트: 확률을 더하면(p * n) 두 번 이상 느린 경우를 거듭 셉니다
"""


# %% answer-fanout
def page_slow(p, n):
    return p * n


def call_goal(page, n):
    return page / n
