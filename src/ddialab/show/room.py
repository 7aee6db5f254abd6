"""장면이 차지할 높이: 스크립트가 그리기 전에 자리를 비워 두어, 아래의 글이 밀려나지 않게 합니다.

그리는 쪽(assets/scene/layout.js, scene.css)의 수를 따라, 요소마다 몇 줄이 되는지 어림합니다. 조금
넉넉하면 아래가 비고, 모자라면 글이 밀립니다. 얼마나 맞는지는
tests/site/test_scene_for_everyone.py가 봅니다.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from math import ceil
from typing import Any

from ddialab.show.legend import PLAIN
from ddialab.show.stage import STATES

SCREENS = {"wide": 640, "narrow": 338, "tiny": 283}  # 책에서 그림이 놓이는 너비(px)
HEIGHT = {  # 부품의 높이(px): 넓은 화면, 좁은 화면
    "client": (76, 42), "balancer": (54, 36), "server": (54, 66),
    "store": (96, 96), "queue": (56, 56), "log": (74, 74),
}  # fmt: skip
WIDTH = {  # 부품의 너비(px). 좁은 화면에서는 아래의 너비로 나란히 놓습니다
    "client": 88, "balancer": 112, "server": 190, "store": 190, "queue": 210, "log": 220,
}  # fmt: skip
ABREAST = {"server": 78, "store": 136, "client": 160, "balancer": 160}
LEAST = 288  # 그림은 이보다 좁게 그리지 않고 줄입니다
ROOM = 60  # 넓은 화면에서 칸의 사이. 이보다 좁아지면 좁은 화면처럼 놓습니다
FRAME, APART, BETWEEN = 27, 12, 8  # 랙의 틀, 랙의 사이, 부품의 사이
PILL = 26  # 저장소의 조작 버튼이 놓일 줄
LANE, AXIS, RANGE = 14, 17, {"wide": 32, "narrow": 44, "tiny": 44}
BUTTON, GAP, LINE = 44, 6.4, 28  # 버튼, 줄의 사이, 글 한 줄
TOLD = 46 + 6.4 + 8 + 12  # 그림 아래의 문장과 그 둘레
FOOT = [145, 76, 152]  # 한 순간씩 가는 버튼들, 속도, 링크 복사의 너비
SLIDE = 224  # 슬라이더가 가장 좁을 때의 너비
MARK = 64  # 범례 하나
LETTER = 13.9  # 16px 글자에서 한글 한 글자의 너비
PX = 16  # 1rem
BARS = frozenset(STATES) - frozenset(PLAIN)  # 띠에 막대가 있는 상태


def room(told: dict[str, Any]) -> str:
    """설명 ``told``의 장면이 차지할 높이를 적은 `style`의 값."""
    return ";".join(
        f"--room-{screen}:{_height(told, screen, width) / PX:.4g}rem"
        for screen, width in SCREENS.items()
    )


def _height(told: dict, screen: str, width: int) -> float:
    stage = (
        _wide_stage(told)
        if screen == "wide" and _fits(told, width)
        else _narrow_stage(told, max(width, LEAST) - 2)
    )
    knobs = _challenge(told, width) if told["challenge"] else _knobs(told["knobs"], width) + 4.8
    foot = _lines(FOOT, width) * (BUTTON + GAP) + 4.8
    below = _buttons(told, width) + _strip(told) + RANGE[screen] + foot + _legend(told, width)
    return _board(told, width) + stage + TOLD + below + knobs


def _text(words: str, size: float = 16) -> float:
    """글의 너비(px). 빈칸은 한글의 4분의 1쯤, 나머지는 3분의 2쯤입니다."""
    cells = sum(1 if ord(one) > 255 else 0.27 if one == " " else 0.66 for one in words)
    return cells * LETTER * size / 16


def _lines(widths: Iterable[float], width: float, gap: float = GAP) -> int:
    """너비가 ``widths``인 것들을 차례로 놓으면 몇 줄인가."""
    lines, left = 0, 0.0
    for one in widths:
        if one > left:
            lines, left = lines + 1, width
        left -= one + gap
    return lines


def _board(told: dict, width: int) -> float:
    counts = [
        _text(one["label"]) + (48 if one["tone"] == "plain" else 37) for one in told["counters"]
    ]
    rows = _lines([96, 64, *counts], width, 10 if width < 480 else 16)
    return BUTTON + GAP + 34 * (rows - 1)


def _columns(told: dict) -> list[list[dict]]:
    parts = sorted(told["parts"], key=lambda part: part["column"])
    return [list(column) for _, column in groupby(parts, lambda part: part["column"])]


def _part(told: dict, part: dict, screen: int) -> int:
    """부품의 높이. 조작할 수 있는 저장소는 한 줄 더 높습니다."""
    pressed = part["kind"] == "store" and part["id"] in _targets(told)
    return HEIGHT[part["kind"]][screen] + (PILL if pressed else 0)


def _targets(told: dict) -> list:
    return list(dict.fromkeys(t for action in told["actions"] for t in action["targets"]))


def _fits(told: dict, width: int) -> bool:
    columns = [max(WIDTH[part["kind"]] for part in column) for column in _columns(told)]
    return sum(columns) + ROOM * (len(columns) - 1) <= width


def _wide_stage(told: dict) -> int:
    return max(_stack(told, column) for column in _columns(told)) + 4


def _stack(told: dict, column: list[dict]) -> int:
    """위에서 아래로 쌓은 한 칸의 높이."""
    runs = [(name, list(run)) for name, run in groupby(column, lambda part: part["group"])]
    heights = sum(_part(told, part, 0) for part in column)
    inside = sum(BETWEEN * (len(run) - 1) + (FRAME if name else 0) for name, run in runs)
    return heights + inside + APART * (len(runs) - 1)


def _narrow_stage(told: dict, width: int) -> int:
    lined = told.get("lined", False)  # 맨 위에는 거기에도 줄을 설 때만 자리를 둡니다
    rows = (_rows(told, one, width, lined or i > 0) for i, one in enumerate(_columns(told)))
    return 3 + sum(rows)


def _rows(told: dict, column: list[dict], width: int, lined: bool) -> int:
    """좁은 화면에서 한 칸이 차지하는 줄들의 높이. ``lined``면 위에 점들이 줄 설 자리를 둡니다."""
    kind = column[0]["kind"]
    line = max(_part(told, part, 1) for part in column)
    line += (38 if kind == "server" else 24) if lined else 0
    line += FRAME if column[0]["group"] else 0
    abreast = (width + APART) // (ABREAST[kind] + APART) if kind in ABREAST else 1
    return ceil(len(column) / abreast) * line


def _strip(told: dict) -> int:
    """띠: 조작의 줄, 상태가 바뀔 수 있는 부품들, 눈금의 줄들."""
    first = [change for change in told["saved"]["changes"] if change[:2] == [0, "state"]]
    named = {part for _, _, part, state in first if state in BARS}
    named.update(_targets(told))
    parts = [
        part
        for part in told["parts"]
        if not BARS.isdisjoint(told["seen"])
        and (part["kind"] == "server" or (part["id"] in named and part["kind"] != "client"))
    ]
    return LANE * (len(parts) + len(told["lanes"]) + 1) + AXIS


def _worded(knob: dict) -> bool:
    """라디오 버튼으로 그리는 것인가(assets/scene/choice.js)."""
    return len(knob["texts"]) <= 4 and not any(map(str.isdigit, "".join(knob["texts"])))


def _knobs(knobs: list[dict], width: float) -> float:
    """슬라이더들. 넓은 화면에서는 글자가 조금 크고, 둘씩 놓습니다."""
    each = (width / 2 - 12) * 0.94 if width > 560 and len(knobs) > 1 else width
    heights = [_knob(knob, each) for knob in knobs]
    rows = [heights[i : i + 2] for i in range(0, len(heights), 2)] if each < width else zip(heights)
    return sum(max(row) + 4.8 for row in rows)


def _knob(knob: dict, width: float) -> float:
    label = _text(knob["label"]) + 11
    if not _worded(knob):
        return BUTTON if label + SLIDE <= width else LINE + BUTTON
    chips = [max(BUTTON, _text(text, 14.4) + 22) for text in knob["texts"]]
    return BUTTON if label + sum(chips) <= width else BUTTON * (1 + _lines(chips, width, 0))


def _challenge(told: dict, width: float) -> float:
    inside = width - 28
    size = 17 if width > LEAST * 2 else 16  # 넓은 화면은 글자가 큽니다
    goal = _lines(
        [_text(word, size) for word in f"도전 {told['challenge']['goal']}".split()], inside, 5
    )
    return goal * LINE + _knobs(told["knobs"], inside) + BUTTON + 46


def _buttons(told: dict, width: int) -> float:
    """대상과 조작의 버튼들."""
    targets = _targets(told)
    if not targets:
        return 0
    labels = {one["id"]: one["label"] for one in [*told["parts"], *told["groups"]]}
    chips = [_button(labels.get(target, "")) for target in targets if len(targets) > 1]
    acts = [_button(a["label"]) for a in told["actions"] if targets[0] in a["targets"]]
    if sum(chips) + sum(acts) + GAP * (len(chips) + len(acts)) + APART <= width:
        return BUTTON
    return (_lines(chips, width) + _lines(acts, width)) * (BUTTON + GAP) - GAP


def _button(label: str) -> float:
    return max(BUTTON, 22 + _text(label, 14.4))


def _legend(told: dict, width: int) -> float:
    marks = len(told["seen"]) + bool(told["lanes"]) + bool(told["actions"])
    return 24.5 * _lines([MARK] * marks, width, 16) + GAP
