"""새로움의 값: 답이 얼마나 새것인지와, 그러려고 기록을 몇 건 읽는지."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from ddialab.core.errors import check_all, check_integer
from ddialab.experiments.stream_and_batch.posts import EVENING, Sent

INTERVALS = (1, 5, 10, 30, 60, 180)  # 일괄 처리를 다시 돌리는 간격(분)


def rows_read(sent: Sequence[Sent], minutes: int) -> int:
    """저녁 동안 ``minutes``분마다 여태 쌓인 것을 처음부터 다시 셀 때 읽는 기록의 수."""
    step = 60 * check_integer("minutes", minutes, 1)
    arrived = [post.arrived for post in check_all("sent", sent, Sent)]
    return sum(bisect_right(arrived, at) for at in range(step, EVENING + 1, step))


def expected_rows(total: int, minutes: int) -> float:
    """기록이 고르게 쌓일 때의 식: n번 돌리면 total (n + 1) / 2건을 읽습니다."""
    return total * (EVENING / (60 * check_integer("minutes", minutes, 1)) + 1) / 2
