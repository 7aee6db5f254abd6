"""수를 받아 적는 종이: matplotlib이 없을 때 `axes()`가 주는 그림과 축의 대역.

그리는 코드는 matplotlib의 이름을 그대로 부릅니다. 수와 이름을 주는 부름(plot, bar, set_title …)은
받아 적고, 모양만 정하는 부름(grid, margins …)은 조용히 넘깁니다. 적은 것은 show/table.py가 표로
옮깁니다.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from ddialab.core.errors import MissingCapability
from ddialab.show.palette import CYCLE, tone

MARKS = {
    "o": "점", ".": "점", ",": "점", "|": "눈금", "_": "가로줄", "D": "마름모", "d": "마름모",
    "s": "네모", "x": "×표", "X": "×표", "+": "+표", "*": "별", "^": "세모", "v": "세모",
}  # fmt: skip
UNREAD = ("bottom", "where", "weights", "density")  # 수를 바꾸지만 받아 적지 않는 인자
NO_LINE = ("", " ", "none", "None", None)
# 수를 나르지 않는 이름들. 여기에 없는 것을 부르면 표에 빠졌다고 적습니다.
LOOKS = re.compile(
    r"(set|get|trans|autoscale|minorticks|invert|align|subplots_)\w*"
    r"|axis|grid|margins|legend|tick_params|tight_layout|label_outer|relim|colorbar|canvas"
    r"|spines|patch|ticklabel_format|locator_params|autofmt_xdate"
)


@dataclass
class Series:
    """한 번에 그린 것. ``x``와 ``y``의 원소는 수나 문자열이고, 막대와 띠는 (시작, 끝)입니다."""

    x: list
    y: list
    look: str  # 선, 점, 막대 …
    tone: str = ""  # 색의 이름
    size: float | None = None
    name: str = ""
    line: bool = False  # 점들을 차례로 이은 것
    flat: bool = False  # 가로로 누운 막대와 줄: y가 자리이고 x가 값
    texts: list[str] = field(default_factory=list)  # 막대 위에 쓴 텍스트


@dataclass
class Column:
    """표의 열 하나. ``cells``는 {자리: 그 자리의 값들}입니다. 그림에 쓰인 텍스트도 값이 됩니다."""

    head: str
    cells: dict[Any, list] = field(default_factory=dict)
    line: bool = False
    flat: bool = False
    name: str = ""  # 머리에서 모양을 뺀 것


@dataclass
class Note:
    """그림 안에 쓴 텍스트. 자료의 좌표가 아닌 자리는 None입니다."""

    text: str
    x: Any = None
    y: Any = None
    tone: str = ""


@dataclass
class Reference:
    """축을 가로지르는 기준선과 띠. ``upright``면 세로로 서서 x의 값을 가리킵니다."""

    low: float
    high: float
    upright: bool
    look: str
    tone: str
    name: str = ""


class Silent:
    """모양만 정하는 것. 무엇을 시켜도 조용히 받습니다."""

    def __init__(self, called: Callable[[], None] = lambda: None):
        self._called = called

    def __call__(self, *args, **look) -> Silent:
        self._called()
        return Silent()

    def __getattr__(self, name: str) -> Silent:
        if name.startswith("_"):
            raise AttributeError(name)
        return Silent()

    def __getitem__(self, key) -> Silent:
        return Silent()

    def __iter__(self) -> Iterator:
        return iter(())


class Drawn(list):
    """그리는 부름이 돌려주는 것: 셀 수 있고, 하나씩 꺼내 모양을 바꾸라고 할 수 있습니다."""

    def __init__(self, series: Series, count: int = 1):
        super().__init__(Silent() for _ in range(count))
        self.series = series

    def __getattr__(self, name: str) -> Silent:
        return getattr(Silent(), name)


class Recorder:
    """모르는 이름을 받아 주는 것. 수를 나를지 모르는 부름은 ``unread``에 적어 둡니다."""

    def __init__(self):
        self.unread: list[str] = []

    def __getattr__(self, name: str) -> Silent:
        if name.startswith("_"):
            raise AttributeError(name)
        if LOOKS.fullmatch(name):
            return Silent()
        return Silent(lambda: self.unread.append(name))


class Sheet(Recorder):
    """matplotlib의 Figure 자리에 서는 종이. 칸(`Panel`)들과 제목, 텍스트를 가집니다."""

    def __init__(self):
        super().__init__()
        self.grid = np.empty((0, 0), dtype=object)
        self.title = ""
        self.notes: list[Note] = []

    @property
    def axes(self) -> list[Panel]:
        return list(self.grid.flat)

    def subplots(self, rows: int = 1, cols: int = 1, *, squeeze: bool = True, **_look):
        """matplotlib과 같은 모양으로 돌려줍니다: 칸 하나, 한 줄, 또는 두 차원의 배열."""
        self.grid = np.empty((rows, cols), dtype=object)
        for place in np.ndindex(rows, cols):
            self.grid[place] = Panel()
        if not squeeze:
            return self.grid
        return self.grid.item() if self.grid.size == 1 else self.grid.squeeze()

    def suptitle(self, text: str, **_look) -> None:
        self.title = text

    def text(self, _x, _y, text: str, **_look) -> None:
        self.notes.append(Note(text))

    def savefig(self, *_args, **_look) -> None:
        raise MissingCapability(
            "matplotlib이 없어 그림 파일을 만들 수 없습니다.",
            "figure(fig, …)는 같은 수를 표로 보여 줍니다.",
            "그림이 필요하면 matplotlib을 설치하고 커널을 다시 시작하세요.",
        )


class Scale(Silent):
    """가로축이나 세로축: 이름, 눈금의 텍스트, 수를 적는 틀."""

    def __init__(self):
        super().__init__()
        self.label = ""
        self.ticks: list = []
        self.names: dict[Any, str] = {}  # 눈금의 값: 거기에 쓰인 텍스트
        self.erased = False  # 눈금을 모두 지웠으면 참
        self.inverted = False
        self.write: Callable[[Any], str] | None = None

    def set_ticks(self, ticks, labels=None, *, minor: bool = False, **_look) -> None:
        if not minor:
            self.ticks = _list(ticks)
            self.erased = not self.ticks
            self.set_ticklabels([] if labels is None else labels)

    def set_ticklabels(self, labels, **_look) -> None:
        texts = (" ".join(str(label).split()) for label in labels)  # 표에서는 줄을 나누지 않습니다
        self.names = dict(zip(self.ticks, texts, strict=False))

    def set_major_formatter(self, formatter) -> None:
        if isinstance(formatter, str):
            self.write = lambda value: formatter.format(x=value)
        elif callable(formatter):
            self.write = lambda value: formatter(value, None)

    @property
    def words(self) -> bool:
        """눈금이 수의 크기가 아니라 이름(서버, 방식 …)이면 참."""
        return any(not _is_measure(tick, text) for tick, text in self.names.items())

    def place(self, value: Any) -> Any:
        """자리가 1씩 벌어진 이름표이면, 겹치지 않게 조금 옮겨 찍은 값을 제자리로 돌립니다."""
        ticks = sorted(self.names)
        steps = {later - sooner for sooner, later in pairwise(ticks)}
        plain = all(text == str(tick) for tick, text in self.names.items())
        if steps != {1} or plain or not isinstance(value, (int, float)):
            return value
        near = min(ticks, key=lambda tick: abs(tick - value))
        return near if abs(near - value) < 0.5 else value


class Panel(Recorder):
    """matplotlib의 Axes 자리에 서는 칸."""

    def __init__(self):
        super().__init__()
        self.xaxis, self.yaxis = Scale(), Scale()
        self.title = ""
        self.series: list[Series] = []
        self.columns: list[Column] = []  # show/charts.py가 적은 것
        self.references: list[Reference] = []
        self.notes: list[Note] = []
        self._drawn = 0  # 색을 고르지 않고 그린 수

    def column(self, name: str, look: str, places, values, flat: bool = False) -> None:
        """표의 열을 적습니다. 머리가 같은 열이 있으면 거기에 보탭니다.

        ``values``의 원소는 자리마다 수나 (시작, 끝)이나 여러 수의 배열입니다.
        """
        head = f"{name} ({look})" if name else look
        found = next((column for column in self.columns if column.head == head), None)
        if found is None:
            found = Column(head, flat=flat, name=name)
            self.columns.append(found)
        for place, value in zip(_list(places), values, strict=True):
            many = value.tolist() if isinstance(value, np.ndarray) else [value]
            found.cells.setdefault(place, []).extend(many)

    # --- 수 ---

    def plot(self, *args, **look) -> Drawn:
        """선 하나. 한 번에 여러 선을 그린 것은 표에 빠졌다고 적습니다."""
        *values, style = args if isinstance(args[-1], str) else (*args, "")
        x, y = _array(values[0]), _array(values[-1])
        if len(values) > 2 or y.ndim > 1:
            self.unread.append("plot")
            return Drawn(Series([], [], "선"))
        x = x if len(values) > 1 else np.arange(len(y))
        return self._add(x.tolist(), y.tolist(), **_line_look(style, look), **look)

    def step(self, x, y, *args, where="pre", **look) -> Drawn:
        return self._add(_list(x), _list(y), shape="계단", line=True, **look)

    def scatter(self, x, y, s=None, c=None, **look) -> Drawn:
        return self._add(_list(x), _list(y), shape="점", size=s, **{"color": c} | look)

    def bar(self, x, height, width=0.8, **look) -> Drawn:
        x, height = _even(x, height)
        return self._add(x, height, shape="막대", **look)

    def barh(self, y, width, height=0.8, left=None, **look) -> Drawn:
        y, width, start = _even(y, width, left)
        return self._add(_spans(start, width), y, shape="막대", flat=True, **look)

    def bar_label(self, bars: Drawn, labels=None, **_look) -> None:
        bars.series.texts = [str(label) for label in labels or ()]

    def hist(self, values, bins=10, **look):
        counts, edges = np.histogram(values, bins)
        spans = list(pairwise(edges.tolist()))
        return counts, edges, self._add(spans, counts.tolist(), shape="히스토그램", **look)

    def fill_between(self, x, y1, y2=0, **look) -> Drawn:
        x, low, high = _even(x, y1, y2)
        return self._add(x, list(zip(low, high, strict=True)), shape="띠", **look)

    def axhline(self, y=0, *_ends, **look) -> Drawn:
        return self._refer(y, y, False, "선", look)

    def axvline(self, x=0, *_ends, **look) -> Drawn:
        return self._refer(x, x, True, "선", look)

    def axvspan(self, xmin, xmax, *_ends, **look) -> Drawn:
        return self._refer(xmin, xmax, True, "띠", look)

    # --- 이름과 텍스트 ---

    def text(self, x, y, text: str, **look) -> Silent:
        inside = (None, None) if "transform" in look else (x, y)
        self.notes.append(Note(str(text), *inside, tone(look.get("color", ""))))
        return Silent()

    def annotate(self, text: str, xy, xytext=None, xycoords="data", **look) -> Silent:
        kinds = (xycoords, xycoords) if isinstance(xycoords, str) else xycoords
        x, y = (at if kind == "data" else None for at, kind in zip(xy, kinds, strict=True))
        self.notes.append(Note(str(text), x, y, tone(look.get("color", ""))))
        return Silent()

    def set(self, **settings) -> None:
        for name, value in settings.items():
            getattr(self, f"set_{name}")(value)

    def set_title(self, text: str, **_look) -> None:
        self.title = text

    def set_xlabel(self, text: str, **_look) -> None:
        self.xaxis.label = text

    def set_ylabel(self, text: str, **_look) -> None:
        self.yaxis.label = text

    def set_xticks(self, ticks, labels=None, **look) -> None:
        self.xaxis.set_ticks(ticks, labels, **look)

    def set_yticks(self, ticks, labels=None, **look) -> None:
        self.yaxis.set_ticks(ticks, labels, **look)

    def set_xticklabels(self, labels, **_look) -> None:
        self.xaxis.set_ticklabels(labels)

    def set_yticklabels(self, labels, **_look) -> None:
        self.yaxis.set_ticklabels(labels)

    def set_ylim(self, bottom=None, top=None, **_look) -> None:
        low, high = bottom if isinstance(bottom, (tuple, list)) else (bottom, top)
        self.yaxis.inverted = None not in (low, high) and low > high

    def invert_yaxis(self) -> None:
        self.yaxis.inverted = not self.yaxis.inverted

    def _add(self, x: list, y: list, *, shape: str, line=False, flat=False, **look) -> Drawn:
        size = look.get("size") or look.get("lw", look.get("linewidth"))
        label = str(look.get("label") or "")
        name = "" if label.startswith("_") else label
        series = Series(x, y, shape, self._tone(look), size, name, line, flat)
        self.series.append(series)
        self.unread += [f"{shape}의 {name}" for name in UNREAD if look.get(name) is not None]
        return Drawn(series, len(y) if shape == "막대" else 1)

    def _refer(self, low, high, upright: bool, look: str, style: dict) -> Drawn:
        self.references.append(Reference(low, high, upright, look, self._tone(style)))
        return Drawn(Series([], [], look))

    def _tone(self, look: dict) -> str:
        given = look.get("color", look.get("c", look.get("facecolor")))
        if given is None:
            self._drawn += 1
            return tone(CYCLE[(self._drawn - 1) % len(CYCLE)])
        return tone(given)


def _is_measure(tick: Any, text: str) -> bool:
    """눈금의 텍스트가 그 눈금의 크기이면 참: 3에 「3대」, 16384에 「16 KiB」."""
    found = re.match(r"\s*([-−]?[\d,.]*\d)(.*)", text)
    if not found:
        return not text.strip()
    same = float(found[1].replace(",", "").replace("−", "-")) == tick
    return same or re.fullmatch(r"\s*(%|[A-Za-z]{0,4})", found[2]) is not None


def _line_look(style: str, look: dict) -> dict:
    """``"o--"`` 같은 모양과 이름으로 준 모양에서 선과 점의 이름, 굵기를 뽑습니다."""
    dash = next((dash for dash in ("--", "-.", "-", ":") if dash in style), "")
    mark = next((letter for letter in style.replace(dash, "", 1) if letter in MARKS), "")
    dash = look.get("linestyle", look.get("ls", dash if mark or dash else "-"))
    mark = look.get("marker", mark)
    line = "" if dash in NO_LINE else "선" if dash in ("-", "solid") else "점선"
    hollow = look.get("mfc", look.get("markerfacecolor")) == "none"
    point = "동그라미" if hollow and mark == "o" else MARKS.get(mark, "점") if mark else ""
    shape = f"{point} 찍은 {line}" if point and line else point or line
    size = None if line else look.get("ms", look.get("markersize"))
    return {"shape": shape or "점", "line": bool(line), "size": size}


def _array(values: Any) -> np.ndarray:
    views = isinstance(values, Iterable) and not isinstance(values, (str, np.ndarray))
    return np.atleast_1d(np.asarray(list(values) if views else values))


def _list(values: Any) -> list:
    return _array(values).tolist()


def _even(*values: Any) -> list[list]:
    """하나만 준 값을 되풀이해 모두 같은 길이로 맞춘 리스트들."""
    return [part.tolist() for part in np.broadcast_arrays(*map(_array, values))]


def _spans(start: list, length: list) -> list:
    """막대가 시작하는 곳을 준 것은 (시작, 끝), 바닥에서 시작하는 것은 길이."""
    pairs = zip(start, length, strict=True)
    return [size if at is None else (at, at + size) for at, size in pairs]
