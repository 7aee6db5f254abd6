"""글이 늘면 무엇이 늘어나나: 훑기는 글의 수, 색인은 답의 크기, 번호로 읽기는 트리의 높이."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from ddialab.core.errors import check_integer, check_number
from ddialab.service.dataset import dataset, share

COUNTS = (100, 300, 1_000, 3_000)  # 글의 수
TERMS = ("점심", "커피", "김치찌개", "캐시")  # 흔한 낱말부터 드문 낱말까지
PAGE = 4_096  # SQLite의 페이지(바이트)
# 트리의 안쪽 페이지에서 갈래 하나가 차지하는 바이트: 아래 페이지의 번호 4, 키 3, 자리 2
BRANCH = 9


def postings(term: str, seed: int, counts: Sequence[int] = COUNTS) -> list[int]:
    """글이 ``counts``건일 때마다 ``term``의 목록에 든 번호의 수. 색인이 읽을 것입니다."""
    texts = (post.text for post in dataset(max(counts), seed))
    so_far = list(accumulate(int(term in text) for text in texts))
    return [so_far[count - 1] for count in counts]


def expected_postings(term: str, count: float) -> float:
    """색인이 읽을 번호의 수의 기댓값: 글의 수에 그 낱말이 든 글의 비율을 곱한 것."""
    return count * share(term)


def height(count: int, per_leaf: float, branches: int = PAGE // BRANCH) -> int:
    """글 ``count``건을 담은 트리의 높이: 한 건을 찾을 때 읽는 페이지의 수.

    맨 아래 페이지에 글이 ``per_leaf``건씩 있고, 위의 페이지 하나가 ``branches``개로 갈라집니다.
    """
    check_integer("count", count, 1)
    leaves = math.ceil(count / check_number("per_leaf", per_leaf, 1))
    levels, reach = 1, 1
    while reach < leaves:
        levels, reach = levels + 1, reach * check_integer("branches", branches, 2)
    return levels
