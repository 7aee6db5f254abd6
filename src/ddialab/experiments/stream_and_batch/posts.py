"""저녁의 게시글: 언제 썼고, 언제 서버에 닿았나. 늦게 오고, 두 번 오고, 차례가 바뀝니다."""

from __future__ import annotations

import json
import random
from typing import NamedTuple

from ddialab.blocks.windows import Event
from ddialab.core.engine import exponential, seed_of
from ddialab.core.errors import check_positive
from ddialab.service.dataset import writer
from ddialab.service.tags import tags_of

EVENING = 3 * 3_600  # 초
GAP = 2.0  # 글 사이의 평균(초)
NETWORK = 20.0  # 보통의 글이 닿는 데 걸리는 시간의 평균(초)
SUBWAY = 0.05  # 전파가 안 닿는 곳에서 쓴 글의 비율
TUNNEL = (300, 2_400)  # 그런 글이 전파를 기다리는 시간(초). 이 사이에서 고르게
TWICE = 0.05  # 답을 못 들은 휴대전화가 한 번 더 보내는 비율
RETRY = 60.0  # 한 번 더 보낸 것이 닿을 때까지 더 걸리는 시간의 평균(초)
# 이만큼 지나면 다 왔습니다: 가장 긴 터널에 보통의 시간이 더해져도 넉넉합니다
LONGEST = 3_600


class Sent(NamedTuple):
    """서버에 닿은 글 하나: 번호, 쓴 시각, 닿은 시각(초), 태그들."""

    id: int
    time: int
    arrived: int
    tags: list[str]


def arrivals(seed: int, seconds: int = EVENING) -> list[Sent]:
    """``seconds``초 동안 쓴, 태그가 있는 글들. 닿은 차례로이고, 두 번 온 것은 두 번 있습니다."""
    check_positive("seconds", seconds)
    chance = random.Random(seed_of(seed, "저녁"))
    uniform = chance.random
    write, gap, network = writer(uniform), exponential(uniform, GAP), exponential(uniform, NETWORK)
    retry, now, sent = exponential(uniform, RETRY), gap(), []
    while now < seconds:
        tags = tags_of(write()[1])
        if tags:
            post = Sent(len(sent), int(now), 0, tags)
            at = now + network() + (uniform() < SUBWAY) * chance.uniform(*TUNNEL)
            sent.append((at, post))
            if uniform() < TWICE:
                sent.append((at + retry(), post))
        now += gap()
    sent.sort(key=lambda one: one[0])
    return [post._replace(arrived=int(at)) for at, post in sent]


def payload(post: Sent) -> bytes:
    """로그에 적을 내용."""
    return json.dumps(post, ensure_ascii=False).encode()


def event(recorded: bytes) -> Event:
    """로그의 기록에서 읽은 사건. 시각은 쓴 시각입니다."""
    id, time, _, tags = json.loads(recorded)
    return Event(id, time, tags)
