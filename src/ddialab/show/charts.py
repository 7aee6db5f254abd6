"""실습들이 함께 사용하는 그림: 시드마다의 점과 선, 띠와 공식, 시간 축의 구간과 사건, 로그 눈금.

함수마다 `axes()`가 준 칸 하나(``ax``)에 그리므로 한 칸에 여럿을 겹칠 수 있습니다. matplotlib이
없으면 같은 수를 표의 열로 적습니다. ``tone``은 팔레트의 이름, ``name``은 표의 머리에 적을 이름,
``flat``은 값이 가로축에 있고 자리가 세로축에 있다는 뜻입니다.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ddialab.core.errors import InvalidValue, check_choice, check_number
from ddialab.core.metrics import mean_interval
from ddialab.show.palette import TONES, color
from ddialab.show.sheet import MARKS, Panel, Reference

MIDDLES = {"mean": ("평균", np.mean), "median": ("중앙값", np.median)}


# --- 시드마다의 값 ---


def strip(
    ax,
    x: Iterable[float],
    runs: Iterable[Sequence[float]],
    tone: str = "cache",
    *,
    mean: bool = True,
    flat: bool = False,
    jitter: float = 0.16,
    floor: float | None = None,
    name: str = "시드마다",
) -> None:
    """자리 ``x``마다 시드 하나가 점 하나, 그리고 평균과 평균의 95% 구간.

    ``runs``는 자리마다 시드들의 값으로, 모양은 ``(자리, 시드)``입니다. 점은 겹치지 않게 자리의
    양옆으로 ``jitter``까지 벌립니다(로그 축이면 그 비율까지). ``floor``보다 작은 값은 ``floor``에
    놓습니다: 로그 축에 0을 놓을 때 사용합니다. ``mean``이 거짓이면 점만 찍습니다.
    모양이 다르거나 빈 자리가 있으면 `InvalidValue`입니다.
    """
    places, rows = _rows(ax, x, runs)
    least = -np.inf if floor is None else floor
    dots = [np.maximum(row, least) for row in rows]
    middles = [
        tuple(max(end, least) for end in mean_interval(row)) for row in (rows if mean else [])
    ]
    if isinstance(ax, Panel):
        ax.column(name, _look(tone, "점"), places, dots, flat)
        if mean:
            ax.column("평균", _look(tone, "줄"), places, [m for m, *_ in middles], flat)
            ends = [(low, high) for _, low, high in middles]
            ax.column("평균의 95% 구간", _look(tone, "막대"), places, ends, flat)
        return
    for place, row in zip(places, dots, strict=True):
        beside = _beside(ax, place, len(row), jitter, flat)
        _plot(ax, beside, row, ".", flat, color=color(tone), ms=4, alpha=0.55)
    for place, (middle, low, high) in zip(places, middles, strict=False):
        _plot(ax, [place] * 2, [low, high], "-", flat, color=color(tone), lw=5, alpha=0.55)
        _plot(ax, place, middle, "|" if flat else "_", flat, color=color(tone), ms=18, mew=2.5)


def band(
    ax,
    x: Iterable[float],
    runs: Iterable[Sequence[float]],
    tone: str = "cache",
    *,
    within: float = 90,
    middle: str = "mean",
    mark: str = "o",
    alpha: float = 0.25,
    name: str = "",
) -> None:
    """시드들의 가운데 ``within``%를 띠로, 그 가운데 값을 점으로 그립니다.

    ``runs``의 모양은 ``(자리, 시드)``입니다. ``middle``은 ``"mean"``(평균)이나
    ``"median"``(중앙값), ``mark``는 그것을 찍는 matplotlib의 모양입니다: ``"o"``는 점, ``"o-"``는
    이은 점, ``""``는 띠만. 띠 위에 같은 색의 글자를 쓰면 ``alpha``를 `TINT`로 줄입니다.
    모양이 다르거나 빈 자리가 있으면 `InvalidValue`입니다.
    """
    places, rows = _rows(ax, x, runs)
    tail = (100 - check_number("within", within, 0, 100)) / 2
    low, high = np.transpose([np.percentile(row, [tail, 100 - tail]) for row in rows])
    what, of = MIDDLES[check_choice("middle", middle, MIDDLES)]
    middles = [float(of(row)) for row in rows] if mark else []
    if isinstance(ax, Panel):
        wide = f"{name} 가운데 {within:g}%".strip()
        ax.column(wide, _look(tone, "띠"), places, zip(low.tolist(), high.tolist(), strict=True))
        if mark:
            ax.column(f"{name} {what}".strip(), _look(tone, _mark(mark)), places, middles)
        return
    ax.fill_between(places, low, high, color=color(tone), alpha=alpha, lw=0)
    if mark:
        ax.plot(places, middles, mark, color=color(tone), ms=5, label=name or what)


def lines(
    ax,
    x: Iterable[float],
    runs: Iterable[Sequence[float]],
    tone: str = "cache",
    *,
    spread: float = 0.0,
    name: str = "시드마다",
) -> None:
    """시드마다 가는 선 하나, 그리고 그 평균을 굵은 선으로 그립니다.

    ``runs``의 모양은 ``(자리, 시드)``입니다. ``spread``는 겹친 선이 보이도록 위아래로 벌릴
    폭입니다. 자리마다 시드의 수가 다르면 `InvalidValue`입니다.
    """
    places, rows = _rows(ax, x, runs)
    _same_length(ax, **{f"x={place}": row for place, row in zip(places, rows, strict=True)})
    means = [float(row.mean()) for row in rows]
    if isinstance(ax, Panel):
        ax.column(name, _look(tone, "선"), places, rows)
        ax.column("평균", _look(tone, "굵은 선"), places, means)
        return
    shift = np.linspace(-spread, spread, len(rows[0]))
    ax.plot(places, np.array(rows) + shift, color=color(tone), lw=0.6, alpha=0.35)
    ax.plot(places, means, color=color(tone), lw=3)


def ranges(
    ax,
    x: Iterable[float],
    low: Iterable[float],
    high: Iterable[float],
    tone: str = "cache",
    *,
    width: float = 5,
    flat: bool = False,
    name: str = "범위",
) -> None:
    """자리 ``x``마다 ``low``에서 ``high``까지의 굵은 막대: 최소와 최대, 신뢰구간.

    ``width``는 막대의 굵기(pt)입니다. 길이가 다르면 `InvalidValue`입니다.
    """
    places, low, high = _same_length(ax, x=x, low=low, high=high)
    if isinstance(ax, Panel):
        ax.column(name, _look(tone, "막대"), places, zip(low, high, strict=True), flat)
        return
    draw = ax.hlines if flat else ax.vlines
    draw(places, low, high, color=color(tone), lw=width, alpha=0.55)


def formula(
    ax,
    x: Iterable[float],
    y: Iterable[float],
    tone: str = "bad",
    *,
    marks: bool = False,
    flat: bool = False,
    name: str = "공식",
    **look,
) -> None:
    """닫힌 식의 값: 점선. ``marks``면 자리마다 속이 빈 동그라미를 찍습니다.

    ``look``은 matplotlib의 모양입니다(``ls=""``이면 동그라미만).
    길이가 다르면 `InvalidValue`입니다.
    """
    places, values = _same_length(ax, x=x, y=y)
    if isinstance(ax, Panel):
        line = "동그라미" * marks if not look.get("ls", "--") else "동그라미 찍은 " * marks + "점선"
        ax.column(name, _look(tone, line), places, values, flat)
        return
    style = {"ls": "--", "color": color(tone), "label": name}
    style |= {"marker": "o", "ms": 7, "mfc": "none"} if marks else {}
    _plot(ax, places, values, "", flat, **style | look)


# --- 시간 축 ---


def lanes(ax, names: Iterable[str]) -> dict[str, int]:
    """세로축을 줄로 나누고 이름을 붙입니다. 첫 이름이 맨 위입니다. {이름: 줄의 자리}."""
    _check_panel(ax)
    places = {str(name): row for row, name in enumerate(names)}
    ax.set_yticks(list(places.values()), list(places))
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.grid(axis="y", visible=False)
    return places


def spans(
    ax,
    rows: Mapping[float, Iterable[tuple[float, float]]],
    tone: str = "bad",
    *,
    height: float = 0.6,
    name: str = "",
) -> None:
    """시간 축의 구간들: 꺼진 동안, 비우는 동안, 단계.

    ``rows``는 {줄의 자리: [(시작, 끝), …]}, ``height``는 막대의 높이(줄 사이가 1)입니다.
    끝이 시작보다 앞서면 `InvalidValue`입니다.
    """
    _check_panel(ax)
    found = [(row, *_span(row, span)) for row, pairs in rows.items() for span in pairs]
    if isinstance(ax, Panel):
        ends = [(start, end) for _, start, end in found]
        ax.column(name, _look(tone, "막대"), [row for row, *_ in found], ends, flat=True)
        return
    for row in rows:
        pieces = [(start, end - start) for at, start, end in found if at == row]
        ax.broken_barh(pieces, (row - height / 2, height), color=color(tone))


def events(
    ax,
    times: Iterable[float],
    row: float | Iterable[float],
    tone: str = "bad",
    *,
    mark: str = "|",
    size: float = 12,
    name: str = "",
) -> None:
    """시각마다 표시 하나. ``row``는 줄의 자리로, 하나이거나 시각마다 하나입니다."""
    times = list(times)
    rows = [row] * len(times) if np.isscalar(row) else row
    times, rows = _same_length(ax, times=times, row=rows)
    if isinstance(ax, Panel):
        ax.column(name, _look(tone, _mark(mark)), rows, times, flat=True)
        return
    ax.plot(times, rows, mark, color=color(tone), ms=size)


def steps(
    ax, times: Iterable[float], end: float, tone: str = "bad", *, start: float = 0, name: str = ""
) -> None:
    """``start``부터 ``end``까지 시각마다 하나씩 쌓이는 수: 계단과, 쌓인 때의 점."""
    _check_panel(ax)
    times = sorted(times)
    counts = range(1, len(times) + 1)
    if isinstance(ax, Panel):
        ax.column(name, _look(tone, "계단"), [start, *times, end], [0, *counts, len(times)])
        return
    x, y = [start, *times, end], [0, *counts, len(times)]
    ax.step(x, y, where="post", color=color(tone), label=name)
    ax.plot(times, counts, ".", color=color(tone))


# --- 축과 이름 ---


def log_ticks(axis, values: Iterable[float], texts: str | Iterable[str] = "{:,g}") -> None:
    """``axis``(``ax.xaxis``나 ``ax.yaxis``)를 로그 눈금으로 바꾸고 ``values``만 표시합니다.

    ``texts``는 값을 적는 틀(``"{:.0%}"``)이거나 값마다의 텍스트입니다.
    0이거나 음수인 값이 있으면 `InvalidValue`입니다.
    """
    values = list(values)
    if not values or min(values) <= 0:
        raise InvalidValue(
            f"values={values}: 로그 눈금에 놓을 수 없습니다.",
            "0보다 큰 값이 하나 이상이어야 합니다.",
        )
    which = getattr(axis, "axis_name", "")
    if which:  # matplotlib의 축. 눈금보다 먼저 바꿔야 눈금이 지워지지 않습니다
        axis.axes.set(**{f"{which}scale": "log"})
    named = [texts.format(value) for value in values] if isinstance(texts, str) else texts
    axis.set_ticks(values, list(named))
    axis.set_ticks([], minor=True)


def note(ax, text: str, at: tuple, tone: str = "baseline", by=(6, -4), **look) -> None:
    """점 ``at`` 옆에 ``text``를 ``tone``의 색으로 씁니다. ``by``는 점에서 떨어진 거리(pt)입니다.

    ``look``은 matplotlib의 모양입니다(``ha="right"``). 표의 열에 같은 이름이 있으면 표에는 한 번만
    나옵니다.
    """
    _check_panel(ax)
    offset = {"xytext": by, "textcoords": "offset points"}
    ax.annotate(text, at, **offset, color=color(tone), **look)


def reference(
    ax,
    text: str,
    *,
    x: float | None = None,
    y: float | None = None,
    tone: str = "baseline",
    at: float | None = None,
    by: tuple[float, float] | None = None,
    **look,
) -> None:
    """축을 가로지르는 기준선과 그 이름. ``x``면 세로선, ``y``면 가로선이며 둘 가운데 하나만 줍니다.

    이름은 축의 길이를 1로 볼 때 ``at``에(가로선은 0 곧 왼쪽 끝, 세로선은 1 곧 위쪽 끝이 처음 값)
    ``by`` pt만큼 떨어져 쓰입니다. ``look``은 이름의 모양입니다(``ha="center"``).
    """
    _check_panel(ax)
    if (x is None) == (y is None):
        raise InvalidValue(f"x={x}, y={y}: 기준선 하나를 정할 수 없습니다.", "하나만 주세요.")
    if isinstance(ax, Panel):
        at = x if y is None else y
        ax.references.append(Reference(at, at, y is None, "선", _tone(tone), text))
        return
    style = {"color": color(tone), "lw": 1, "ls": ":"}
    if y is None:
        ax.axvline(x, **style)
        where, axis, by = (x, 1 if at is None else at), ("data", "axes fraction"), by or (5, -12)
    else:
        ax.axhline(y, **style)
        where, axis, by = (0 if at is None else at, y), ("axes fraction", "data"), by or (2, 4)
    note(ax, text, where, tone, by, xycoords=axis, **look)


# --- 함께 쓰는 것 ---


def _check_panel(ax) -> None:
    if not isinstance(ax, Panel) and not hasattr(ax, "plot"):
        raise InvalidValue(
            f"ax={type(ax).__name__}: 칸이 아닙니다.",
            "axes()가 준 ax 하나여야 합니다.",
            "칸이 여럿이면 (left, right)처럼 하나씩 꺼내 넘기세요.",
        )


def _rows(ax, x: Iterable[float], runs: Iterable) -> tuple[list, list[np.ndarray]]:
    _check_panel(ax)
    places, rows = list(x), [np.asarray(row, dtype=float) for row in runs]
    if len(places) != len(rows):
        raise InvalidValue(
            f"x는 {len(places)}곳인데 runs는 {len(rows)}줄입니다.",
            "자리마다 시드들의 값 한 줄이어야 합니다.",
            "배열이 (시드, 자리) 모양이면 runs.T를 넘기세요.",
        )
    for place, row in zip(places, rows, strict=True):
        if row.ndim != 1 or not row.size:
            raise InvalidValue(
                f"x={place}의 값은 모양이 {row.shape}입니다.",
                "시드마다 수 하나씩, 하나 이상이어야 합니다.",
            )
    return places, rows


def _same_length(ax, **columns: Iterable) -> list[list]:
    _check_panel(ax)
    lists = {key: list(values) for key, values in columns.items()}
    if len({len(values) for values in lists.values()}) > 1:
        lengths = ", ".join(f"{key} {len(values)}개" for key, values in lists.items())
        raise InvalidValue(f"길이가 다릅니다: {lengths}.", "자리마다 값이 하나씩이어야 합니다.")
    return list(lists.values())


def _span(row: float, span: tuple[float, float]) -> tuple[float, float]:
    start, end = span
    if end < start:
        raise InvalidValue(
            f"{row}번째 줄의 구간 ({start}, {end})은 끝이 시작보다 앞섭니다.",
            "(시작, 끝)의 순서여야 합니다.",
        )
    return float(start), float(end)


def _beside(ax, place: float, count: int, jitter: float, flat: bool) -> np.ndarray:
    """``place``의 양옆으로 고르게 벌린 자리들. 로그 축에서는 더하는 대신 곱합니다."""
    at = np.linspace(-1, 1, count)
    log = (ax.get_yscale() if flat else ax.get_xscale()) == "log"
    return place * (1 + jitter) ** at if log else place + jitter * at


def _plot(ax, places, values, style: str, flat: bool, **look) -> None:
    points = (values, places) if flat else (places, values)
    ax.plot(*points, *([style] if style else []), **look)


def _mark(mark: str) -> str:
    return MARKS.get(mark[:1], "점") + " 찍은 선" * ("-" in mark)


def _tone(tone: str) -> str:
    return TONES[check_choice("tone", tone, TONES)]


def _look(tone: str, look: str) -> str:
    return f"{_tone(tone)} {look}"
