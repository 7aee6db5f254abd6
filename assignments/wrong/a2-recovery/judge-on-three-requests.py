"""
오해: 새 버전의 오류율이 옛 버전보다 높으면 롤백하고 아니면 계속한다(표본의 수를 보지 않는다)
잃는 기준: canary
힌트: 요청 세 건에서 한 번 실패한 것으로 롤백했습니다
"""


# %% answer-canary
def verdict(new_requests, new_failures, old_requests, old_failures):
    if new_requests == 0:
        return WAIT
    worse = new_failures / new_requests > old_failures / old_requests
    return ROLL_BACK if worse else GO
