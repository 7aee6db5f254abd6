"""장면의 한 순간을 한 장에 그립니다: 종이와, 스크립트가 돌지 않는 곳에서 봅니다.

움직이는 그림은 assets/scene의 재생기가 그립니다. 여기서는 무엇이 어떤 상태로 무엇을 가지고
있는지만, 상자와 글자로 옮깁니다.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any

from ddialab.show.figure import svg

STATES = {  # 상태의 이름표. 재생기도 이것을 보입니다
    "ok": "정상", "down": "꺼짐", "suspect": "제외됨", "drain": "비우는 중", "repair": "복구 중",
    "cut": "끊김", "stop": "멈춤", "slow": "느림", "absent": "없음", "old": "옛 버전",
    "new": "새 버전",
}  # fmt: skip
FINE = ("ok", "old", "new")  # 할 일을 하고 있는 상태
WIDE, HEAD, LINE = 640, 30, 16  # px: 그림의 너비, 문장이 놓일 위쪽, 글 한 줄
PAD, BETWEEN, APART = 8, 10, 40  # px: 상자의 안쪽, 위아래 상자의 사이, 칸의 사이
MOST = 4  # 저장소에서는 나중에 쓴 키, 로그에서는 나중의 칸을 이만큼 보입니다


@dataclass
class Held:
    """부품 하나가 그 순간에 가진 것."""

    state: str = "ok"
    rows: dict[str, str] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    points: dict[str, int] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)  # 여기 있는 메시지의 자리: wait나 work


class Moment:
    """저장된 장면의 변화를 앞에서부터 ``until``(백만분의 일 초)까지 적용한 것."""

    def __init__(self, told: dict[str, Any], until: int):
        self.parts = {part["id"]: Held() for part in told["parts"]}
        self.counts = {counter["id"]: 0 for counter in told["counters"]}
        self.said = ""
        at: dict[Any, tuple[str, str]] = {}  # 메시지마다 부품과 자리
        for time, kind, *what in told["saved"]["changes"]:
            if time > until or kind == "ask":  # 물음 뒤의 일은 예상한 다음에 봅니다
                break
            if kind in ("new", "move"):
                at[what[0]] = (what[1], what[2] if kind == "move" else "")
            elif kind == "gone":
                at.pop(what[0], None)
            else:
                getattr(self, f"_{kind}", lambda *_: None)(*what)
        for part, place in at.values():
            self.parts[part].places.append(place)

    def _state(self, part: str, name: str) -> None:
        self.parts[part].state = name

    def _count(self, counter: str, number: int) -> None:
        self.counts[counter] = number

    def _say(self, sentence: str) -> None:
        self.said = sentence

    def _put(self, part: str, key: str, text: str | None) -> None:
        rows = self.parts[part].rows
        if text is None:
            rows.pop(key, None)
        else:
            rows[key] = text

    def _push(self, part: str, item: str) -> None:
        self.parts[part].items.append(item)

    def _pop(self, part: str) -> None:
        del self.parts[part].items[:1]

    def _point(self, part: str, reader: str, offset: int) -> None:
        self.parts[part].points[reader] = offset


def lines(part: dict[str, Any], held: Held) -> list[str]:
    """상자에 적을 줄들: 이름과 상태, 줄 선 메시지의 수, 화면에서도 보이는 것."""
    state = "" if held.state == "ok" else f" ({STATES[held.state]})"
    made = [f"{part['label']}{state}"]
    work, wait = (held.places.count(place) for place in ("work", "wait"))
    if work or wait:
        made.append(f"처리 {work} · 대기 {wait}")
    if part["kind"] == "store":
        made += [f"{key} = {text}" for key, text in list(held.rows.items())[-MOST:]]
    if held.items:
        made.append(" ".join(map(str, held.items[-MOST:])))
    return made + [f"{reader}: {offset}" for reader, offset in held.points.items()]


@dataclass(frozen=True)
class Box:
    """그림에 놓인 부품 하나: 자리와 크기(px), 적을 줄들."""

    x: float
    y: float
    width: float
    height: int
    words: list[str]
    state: str

    def drawn(self) -> str:
        """일을 하지 못하면 끊은 선으로: 색을 못 보아도 다릅니다."""
        dash = "" if self.state in FINE else ' stroke-dasharray="4 3"'
        rect = (
            f'<rect x="{self.x:g}" y="{self.y:g}" width="{self.width:g}" height="{self.height}" '
            f'rx="4" fill="var(--c-ground,#fff)" stroke="currentColor"{dash}/>'
        )
        return rect + "".join(
            _text(self.x + PAD, self.y + LINE * (n + 1) - 2, word)
            for n, word in enumerate(self.words)
        )


def picture(told: dict[str, Any], until: int) -> str:
    """``until``(백만분의 일 초)의 그림: SVG."""
    moment = Moment(told, until)
    counts = [f"{one['label']} {moment.counts[one['id']]}" for one in told["counters"]]
    head = f"{', '.join([f'{until / 1e6:g}초', *counts])}. {moment.said}".strip()
    boxes = _boxes(told, moment)
    foot = max(box.y + box.height for box in boxes.values()) + 2
    body = [_text(1, LINE, head), *_wires(told, boxes), *(box.drawn() for box in boxes.values())]
    return svg(f'<g font-size="12">{"".join(body)}</g>', (0, 0, WIDE, foot), head)


def _boxes(told: dict, moment: Moment) -> dict[str, Box]:
    """부품마다 그 자리. 칸마다 가운데에 맞추어 쌓습니다."""
    held = moment.parts
    shown = [part for part in told["parts"] if held[part["id"]].state != "absent"]
    columns = [
        [(part["id"], lines(part, held[part["id"]])) for part in shown if part["column"] == column]
        for column in sorted({part["column"] for part in shown})
    ]
    width = (WIDE - 2 - (len(columns) - 1) * APART) / len(columns)
    tallest = max(map(_stack, columns))
    boxes = {}
    for i, column in enumerate(columns):
        y = HEAD + (tallest - _stack(column)) / 2
        for id, words in column:
            height = LINE * len(words) + PAD
            boxes[id] = Box(1 + i * (width + APART), y, width, height, words, held[id].state)
            y += height + BETWEEN
    return boxes


def _stack(column: list) -> int:
    return sum(LINE * len(words) + PAD + BETWEEN for _, words in column) - BETWEEN


def _wires(told: dict, boxes: dict[str, Box]) -> list[str]:
    ends = [(boxes[a], boxes[b]) for a, b in told["wires"] if a in boxes and b in boxes]
    return [
        f'<path d="M{a.x + a.width:g} {a.y + a.height / 2:g}L{b.x:g} {b.y + b.height / 2:g}" '
        'stroke="currentColor" opacity=".4"/>'
        for a, b in ends
    ]


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:g}" y="{y:g}">{escape(words)}</text>'
