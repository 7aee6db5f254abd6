"""
오해: 느린 요청 가운데의 몫 대신, 게시글이 많은 고객의 요청 가운데 느린 비율을 셉니다.
잃는 기준: customer
힌트: 거꾸로 나누었습니다
"""


# %% answer-customer
def slow_rate(day, limit):
    took = {}
    for customer, sent, _, finished in day:
        took.setdefault(customer, []).append(finished - sent > limit)
    return {customer: sum(slow) / len(slow) for customer, slow in took.items()}


def tail_share(day, posts, limit, top):
    heavy = sorted(posts, key=posts.get, reverse=True)[:top]
    theirs = [finished - sent > limit for name, sent, _, finished in day if name in heavy]
    return sum(theirs) / len(theirs) if theirs else 0
