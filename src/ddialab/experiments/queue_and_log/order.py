"""순서: 워커 둘이 큐 하나를 나누어 받으면, 나중 메시지를 먼저 끝내기도 합니다."""

from __future__ import annotations

from ddialab.blocks.queue.memory import MemoryList
from ddialab.blocks.topic.message import partition_of
from ddialab.core.engine import Engine, rounded
from ddialab.core.errors import check_integer, check_positive

PAIRS = 400  # 시드마다 보내는 쌍
WORK = 100.0  # 처리에 걸리는 시간의 평균(ms), 지수분포
GAPS = (5.0, 20.0, 50.0, 100.0, 200.0, 400.0)  # 같은 글을 두 번 고치는 간격(ms)
WORKERS = 2


def overtaken(gap: float, seed: int, by_key: bool = False, pairs: int = PAIRS) -> float:
    """같은 글의 메시지 둘을 ``gap``(ms) 사이로 보낼 때, 뒤의 것이 먼저 끝난 쌍의 비율.

    ``by_key``면 글의 번호를 키로 삼아, 키가 같은 것은 한 워커가 차례로 처리합니다. 쌍과 쌍 사이는
    넉넉해서 워커들은 늘 쉬고 있다가 받습니다.
    """
    check_positive("gap", gap)
    check_integer("pairs", pairs, 1)
    draw = Engine(seed).exponential("처리", WORK)
    return sum(_is_overtaken(f"글 {n}", gap, draw, by_key) for n in range(pairs)) / pairs


def _is_overtaken(key: str, gap: float, draw, by_key: bool) -> bool:
    queues = [MemoryList() for _ in range(WORKERS if by_key else 1)]
    free = [0.0] * WORKERS  # 워커마다 일이 끝나는 시각
    ended = []
    for sent in (0.0, gap):
        place = partition_of(key, WORKERS) if by_key else 0
        queues[place].send(key)
        worker = place if by_key else free.index(min(free))  # 먼저 손이 비는 워커가 가져갑니다
        queues[place].receive(str(worker))
        free[worker] = max(sent, free[worker]) + draw()
        ended.append(free[worker])
    return ended[1] < ended[0]


def expected(gap: float) -> float:
    """뒤의 것이 먼저 끝날 확률: 앞의 것이 아직 끝나지 않았고, 남은 시간이 더 길 때입니다."""
    from math import exp

    return rounded(exp(-gap / WORK)) / 2
