"""늦어서 세지 못하는 글의 비율: 시뮬레이션과 닫힌 식."""

from __future__ import annotations

import random
from collections.abc import Sequence
from math import exp

from ddialab.blocks.windows import LATE, Event, Windows
from ddialab.core.engine import exponential, seed_of
from ddialab.core.errors import check_all, check_choice, check_integer, check_number, check_positive

MEAN = 30  # 글이 닿는 데 걸리는 시간의 평균(초)
RATE = 2.0  # 1초에 쓰는 글
POSTS = 1_200
WAITS = (0, 30, 60, 90)  # 워터마크가 기다리는 시간(초)
SIZES = (10, 60, 300)  # 윈도의 길이(초)
SIZE = 60
TRAVELS = ("exponential", "subway")
# 평균은 같고 모양이 다른 것: 이 비율의 글만 아주 늦습니다
SLOW, SLOW_MEAN = 0.05, 500.0
STEPS = 4_000  # 적분을 나누는 조각의 수
MS = 1_000


def delayed(seed: int, travel: str = "exponential") -> list[Event]:
    """글 `POSTS`건을 닿은 차례로. 사건에는 번호와 쓴 시각(밀리초)만 있습니다."""
    check_choice("travel", travel, TRAVELS)
    chance = random.Random(seed_of(seed, "늦은 글"))
    gap, quick = exponential(chance.random, 1 / RATE), exponential(chance.random, 1.0)
    now, sent = chance.random() * max(SIZES), []  # 윈도의 어디에서 시작하는지에 기대지 않게
    for id in range(POSTS):
        now += gap()
        mean = _mean(chance.random()) if travel == "subway" else MEAN
        sent.append((now + quick() * mean, Event(id, int(now * MS), [])))
    return [event for _, event in sorted(sent, key=lambda one: one[0])]


def late_share(wait: float, sent: Sequence[Event], size: int = SIZE) -> float:
    """늦어서 버린 글의 비율. 처음과 끝의 글은 세지 않습니다(워터마크가 아직 서지 않았습니다)."""
    windows, edge = Windows(size * MS, int(check_number("wait", wait, 0) * MS)), 5 * MEAN * MS
    verdicts = [(event.time, windows.add(event)) for event in check_all("sent", sent, Event)]
    last = max((event.time for event in sent), default=0) - edge
    middle = [verdict for time, verdict in verdicts if edge < time < last]
    check_integer("처음과 끝을 뺀 글의 수", len(middle), 1)
    return sum(verdict == LATE for verdict in middle) / len(middle)


def _mean(chance: float) -> float:
    """열에 하나도 안 되는 글만 아주 늦고 나머지는 빨라서, 모두의 평균은 `MEAN`입니다."""
    return SLOW_MEAN if chance < SLOW else (MEAN - SLOW * SLOW_MEAN) / (1 - SLOW)


def expected_late(wait: float, size: float = SIZE, mean: float = MEAN, rate: float = RATE) -> float:
    """닿는 시간이 지수분포일 때 늦어서 버리는 글의 비율.

    e^(-wait/mean)에 둘을 곱합니다: 윈도가 끝날 때까지 남은 시간만큼 덜 늦는 것과, 가장 새 글도
    아직 오는 중이라 워터마크가 그만큼 더 뒤에 있는 것.
    """
    check_number("wait", wait, 0)
    check_positive("size", size)
    check_positive("mean", mean)
    left = mean / size * (1 - exp(-size / mean))
    return exp(-wait / mean) * left * _newest(rate * mean)


def _newest(density: float) -> float:
    """워터마크가 이미 지나갔을 확률의 몫: ∫ e^-y (1 - exp(-density (y - 1 + e^-y))) dy."""
    width, total = 20 / STEPS, 0.0
    for step in range(STEPS):
        y = (step + 0.5) * width
        total += exp(-y) * (1 - exp(-density * (y - 1 + exp(-y)))) * width
    return total
