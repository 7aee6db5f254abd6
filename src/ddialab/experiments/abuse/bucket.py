"""토큰 버킷의 약속과 대가: 얼마나 지나가고, 멀쩡한 사람을 얼마나 거절하나.

버킷은 하나이고 판단은 `resilience.limiter.TokenBucket`입니다. 닫힌 식은 그 조건에서만 맞습니다.
"""

from __future__ import annotations

from bisect import bisect_right
from math import exp

from ddialab.core.engine import Engine
from ddialab.core.errors import check_integer, check_number, check_positive
from ddialab.resilience.limiter import TokenBucket
from ddialab.stress.load import Load, Poisson

RATE, BURST = 2.0, 10  # 초당 토큰, 버킷의 크기
FLOOD = 50.0  # 폭주하는 클라이언트가 초당 보내는 요청
MINUTE = 60.0  # 초. 폭주를 지켜보는 시간
LOAD = 0.7  # 보통 사람들이 평균으로 쓰는 토큰의 몫. 1이면 차는 만큼 다 씁니다
WATCH = 1000.0  # 초. 보통 사람들을 지켜보는 시간
PAGE = 6  # 페이지 하나를 열 때 한꺼번에 보내는 요청의 수


class Pages:
    """페이지를 여는 사람들: 평균은 초당 ``rate``건이지만 `PAGE`건씩 한꺼번에 보냅니다."""

    def __init__(self, rate: float):
        self._opened = Poisson(check_positive("rate", rate) / PAGE)

    def start(self, engine: Engine, submit) -> None:
        def open_page(done) -> None:
            for _ in range(PAGE):
                submit(done)

        self._opened.start(engine, open_page)


def passed(load: Load, rate: float, burst: float, seed: int, end: float) -> tuple[list, list]:
    """버킷 하나를 지난 요청과 거절된 요청의 시각들."""
    engine, bucket = Engine(seed), TokenBucket(rate, burst)
    through: list[float] = []
    refused: list[float] = []

    def ask(done) -> None:
        (through if bucket.take(engine.now) else refused).append(engine.now)

    load.start(engine, ask)
    engine.run(end)
    return through, refused


def flooded(seed: int, rate: float = RATE, burst: float = BURST) -> list[float]:
    """`FLOOD`의 폭주가 `MINUTE`초 동안 버킷을 지난 시각들."""
    return passed(Poisson(FLOOD), rate, burst, seed, MINUTE)[0]


def most_in_any(times: list[float], window: float) -> int:
    """길이 ``window``초인 구간들 가운데 가장 많이 든 곳의 수. 구간은 요청 하나에서 시작합니다."""
    ends = [bisect_right(times, time + window) for time in times]
    return max([end - start for start, end in enumerate(ends)], default=0)


def bound(window: float, rate: float = RATE, burst: float = BURST) -> float:
    """어느 ``window``초를 보아도 이보다 많이 지나가지 못합니다."""
    return burst + rate * window


def wrong(load: Load, seed: int, burst: int, rate: float = RATE) -> float:
    """보통 사람의 부하 ``load``가 `WATCH`초 동안 거절된 비율. 거절은 모두 억울합니다."""
    through, refused = passed(load, rate, burst, seed, WATCH)
    return len(refused) / (len(through) + len(refused))


def wrong_expected(share: float, burst: int) -> float:
    """포아송으로 오는 사람들이 거절될 확률: ``share``는 평균으로 쓰는 토큰의 몫.

    쓴 토큰이 줄이고, 토큰이 차는 것이 그 줄의 처리입니다. 그래서 버킷은 처리 시간이 일정하고
    ``burst``건까지만 받는 줄(M/D/1/K)과 같고, 거절될 확률은 그 줄이 꽉 차 있을 확률입니다.
    """
    check_number("share", share, 0.0)
    check_integer("burst", burst, 1, 100)
    arrived = [exp(-share)]  # 토큰 하나가 차는 동안 요청이 0건, 1건, … 올 확률
    for n in range(1, burst + 1):
        arrived.append(arrived[-1] * share / n)
    states = [1.0]  # 토큰이 하나 찬 순간에 모자라는 토큰이 0개, 1개, …일 확률의 비
    for n in range(burst - 1):
        came = sum(states[i] * arrived[n + 1 - i] for i in range(1, n + 1))
        states.append((states[n] - arrived[n] - came) / arrived[0])
    return max(0.0, 1 - 1 / (1 / sum(states) + share))
