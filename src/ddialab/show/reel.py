"""사건 기록을 재생기가 읽을 작은 JSON으로 옮깁니다.

사건을 열(column)로 나누고, 시각은 앞 사건과의 차이로, 요청 번호는 가장 최근 요청과의 차이로
적습니다. 한 실행의 앞부분이 첫 장면과 같으면(같은 시드, 나중의 결함) 다른 데부터만 담습니다.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from string import ascii_letters
from typing import Any

from ddialab.core.errors import InvalidValue
from ddialab.core.events import KINDS, Event, EventLog

LETTERS = dict(zip(KINDS, ascii_letters, strict=False))  # 사건의 종류마다 글자 하나
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"  # 노드 자리: 0은 노드 없음, 1은 첫 노드
MAX_NODES = 24


def encode(scenes: dict[str, EventLog]) -> dict[str, Any]:
    """장면들을 한 JSON 값으로 묶습니다. 노드 이름은 모든 장면에서 같아야 합니다."""
    first = next(iter(scenes.values()))
    nodes = [[str(node["name"]), str(node.get("rack", ""))] for node in first.about["nodes"]]
    duration = max(float(log.about["duration"]) for log in scenes.values())
    tick = 10.0 ** math.floor(math.log10(duration / 10_000))
    names = {name: DIGITS[i + 1] for i, (name, _) in enumerate(nodes)} | {"": "0"}
    words: dict[str, int] = {}
    base = list(first)
    made = {}
    for key, log in scenes.items():
        same = 0 if log is first else _shared(base, log)
        made[key] = {"same": same, **_columns(log, same, tick, names, words)}
    return {
        "tick": tick,
        "duration": duration,
        "nodes": nodes,
        "words": list(words),
        "kinds": {letter: kind for kind, letter in LETTERS.items()},
        "scenes": made,
    }


def decode(data: dict[str, Any], key: str) -> list[Event]:
    """`encode`의 반대. 시각은 ``tick`` 단위로 둥글려 있습니다."""
    scene = data["scenes"][key]
    events = decode(data, next(iter(data["scenes"])))[: scene["same"]] if scene["same"] else []
    now = round(events[-1].time / data["tick"]) if events else 0
    last = max((event.request for event in events), default=-1)
    requests, details = iter(scene["r"]), iter(scene["d"])
    for step, letter, digit in zip(scene["t"], scene["k"], scene["n"], strict=True):
        now += step
        place = DIGITS.index(digit)
        request = -1 if letter in scene["q"] else last - next(requests)
        last = max(last, request)
        detail = data["words"][next(details)] if letter in scene["w"] else ""
        node = data["nodes"][place - 1][0] if place else ""
        events.append(Event(now * data["tick"], data["kinds"][letter], node, request, detail))
    return events


def check_log(log: Any) -> EventLog:
    """재생기가 그릴 수 있는 기록인지 봅니다: 노드 목록, 길이, 아는 사건만."""
    if not isinstance(log, EventLog):
        raise InvalidValue(
            f"{type(log).__name__}: 사건 기록이 아닙니다.",
            "EventLog여야 합니다.",
            "시뮬레이션 결과라면 run.log를 넘기세요.",
        )
    nodes, duration = log.about.get("nodes"), log.about.get("duration")
    if not nodes or len(nodes) > MAX_NODES or not duration:
        raise InvalidValue(
            f"about의 nodes={nodes!r}, duration={duration!r}",
            f"노드는 1개 이상 {MAX_NODES}개 이하, duration은 0보다 커야 재생할 수 있습니다.",
        )
    known = {node["name"] for node in nodes} | {""}
    strange = [e for e in log if e.kind not in KINDS or e.node not in known]
    if strange:
        raise InvalidValue(
            f"{strange[0]}: 재생기가 모르는 사건입니다.", f"아는 종류: {', '.join(KINDS)}."
        )
    return log


def _shared(base: Sequence[Event], log: EventLog) -> int:
    """두 기록의 앞에서부터 같은 사건의 수."""
    for i, (one, other) in enumerate(zip(base, log, strict=False)):
        if one != other:
            return i
    return min(len(base), len(log))


def _columns(log: EventLog, same: int, tick: float, names: dict, words: dict) -> dict[str, Any]:
    events = log[same:]
    silent = {e.kind for e in events if e.request < 0}
    spoken = {e.kind for e in events if e.detail}
    ticks = [round(e.time / tick) for e in (log[same - 1 : same] if same else []) + events]
    if not same:
        ticks.insert(0, 0)
    last = max((e.request for e in log[:same]), default=-1)
    requests = []
    for event in events:
        if event.kind not in silent:
            requests.append(last - event.request)
            last = max(last, event.request)
    return {
        "t": [later - sooner for sooner, later in pairwise(ticks)],
        "k": "".join(LETTERS[e.kind] for e in events),
        "n": "".join(names[e.node] for e in events),
        "q": "".join(sorted(LETTERS[kind] for kind in silent)),
        "r": requests,
        "w": "".join(sorted(LETTERS[kind] for kind in spoken)),
        "d": [words.setdefault(e.detail, len(words)) for e in events if e.kind in spoken],
    }
