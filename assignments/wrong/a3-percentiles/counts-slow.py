"""
오해: 느린 요청의 비율이 아니라 수가 가장 많은 고객을 고릅니다.
잃는 기준: customer
힌트: 느린 요청의 「수」가 가장 많은 고객을 골랐습니다
"""

# %% answer-victim
from collections import Counter

slow_requests = Counter(name for name, sent, _, finished in day if finished - sent > SLOW)
victim = slow_requests.most_common(1)[0][0]
