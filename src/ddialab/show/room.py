"""장면이 차지할 높이: 스크립트가 그리기 전에 자리를 비워 두어, 아래의 글이 밀려나지 않게 합니다.

그리는 쪽(assets/scene/layout.js)의 수를 따라 어림합니다. 조금 넉넉하면 아래가 비고, 모자라면
글이 밀립니다. 얼마나 맞는지는 tests/site/test_scene.py가 봅니다.
"""

from __future__ import annotations

from itertools import groupby
from math import ceil
from typing import Any

WIDE, NARROW = 640, 340  # 책에서 그림이 놓이는 너비(px)
HEIGHT = {  # 부품의 높이(px): 넓은 화면, 좁은 화면
    "client": (76, 42), "balancer": (54, 36), "server": (54, 66),
    "store": (96, 96), "queue": (56, 56), "log": (74, 74),
}  # fmt: skip
A_LINE = {"server": 3, "store": 2}  # 좁은 화면의 한 줄에 놓는 수
FRAME, APART, BETWEEN = 27, 12, 8  # 랙의 틀, 랙의 사이, 부품의 사이
BASE = 240  # 수, 문장, 재생 막대, 시각, 링크
BUTTON = 50  # 버튼 한 줄
PX = 16  # 1rem


def room(told: dict[str, Any]) -> str:
    """설명 ``told``의 장면이 차지할 높이를 적은 `style`의 값."""
    rest = BASE + 14 * (len(told["lanes"]) + _servers(told) + 1) + 17
    wide = rest + _wide_stage(told) + _knobs(told, 2) + 49 + _extra(told, WIDE, 114)
    narrow = rest + _narrow_stage(told) + _knobs(told, 1) + 49 + _extra(told, NARROW, 140)
    return f"--room-wide:{wide / PX:.4g}rem;--room-narrow:{narrow / PX:.4g}rem"


def _servers(told: dict) -> int:
    return sum(part["kind"] == "server" for part in told["parts"])


def _columns(told: dict) -> list[list[dict]]:
    parts = sorted(told["parts"], key=lambda part: part["column"])
    return [list(column) for _, column in groupby(parts, lambda part: part["column"])]


def _wide_stage(told: dict) -> int:
    return max(_stack(column) for column in _columns(told)) + 4


def _stack(column: list[dict]) -> int:
    """위에서 아래로 쌓은 한 칸의 높이."""
    runs = [(name, list(run)) for name, run in groupby(column, lambda part: part["group"])]
    heights = sum(HEIGHT[part["kind"]][0] for part in column)
    inside = sum(BETWEEN * (len(run) - 1) + (FRAME if name else 0) for name, run in runs)
    return heights + inside + APART * (len(runs) - 1)


def _narrow_stage(told: dict) -> int:
    return sum(_lines(column) for column in _columns(told)) - 21


def _lines(column: list[dict]) -> int:
    """좁은 화면에서 한 칸이 차지하는 줄들의 높이."""
    kind = column[0]["kind"]
    line = HEIGHT[kind][1] + (38 if kind == "server" else 24)
    line += FRAME if column[0]["group"] else 0
    return ceil(len(column) / A_LINE.get(kind, 1)) * line


def _knobs(told: dict, abreast: int) -> int:
    return 33 * ceil(len(told["knobs"]) / abreast)


def _extra(told: dict, width: int, challenge: int) -> int:
    return _buttons(told, width) * BUTTON + (challenge if told["challenge"] else 0)


def _buttons(told: dict, width: int) -> int:
    """대상과 조작의 버튼이 몇 줄인가."""
    targets = list(dict.fromkeys(t for action in told["actions"] for t in action["targets"]))
    if not targets:
        return 0
    labels = {one["id"]: one["label"] for one in [*told["parts"], *told["groups"]]}
    chips = sum(_button(labels.get(target, "")) for target in targets)
    acts = [a["label"] for a in told["actions"] if targets[0] in a["targets"]]
    both = sum(_button(label) for label in acts)
    if chips + both + APART <= width:
        return 1
    return ceil(chips / width) + ceil(both / width)


def _button(label: str) -> float:
    """버튼의 너비(px). 한글은 한 글자가 13.5픽셀, 나머지는 7.5픽셀쯤입니다."""
    return max(44, 22 + sum(13.5 if ord(letter) > 255 else 7.5 for letter in label)) + 6.4
