"""
오해: 서버가 일한 시간만 재고 줄에서 기다린 시간을 빠뜨립니다.
잃는 기준: customer
힌트: 시작한 때부터 재면 서비스 시간입니다
"""


# %% answer-customer
def slow_rate(day, limit):
    took = {}
    for customer, _, started, finished in day:
        took.setdefault(customer, []).append(finished - started > limit)
    return {customer: sum(slow) / len(slow) for customer, slow in took.items()}


def tail_share(day, posts, limit, top):
    heavy = sorted(posts, key=posts.get, reverse=True)[:top]
    slow = [customer for customer, _, started, finished in day if finished - started > limit]
    return sum(customer in heavy for customer in slow) / len(slow) if slow else 0
