"""
오해: 오류율이 정해 둔 한도를 넘으면 새 버전 탓이다(같은 때의 옛 버전과 비교하지 않는다)
잃는 기준: canary
힌트: 옛 버전도 똑같이 실패하고 있습니다
"""


# %% answer-canary
def verdict(new_requests, new_failures, old_requests, old_failures):
    if new_requests < ENOUGH:
        return WAIT
    return ROLL_BACK if new_failures / new_requests > 0.01 else GO
