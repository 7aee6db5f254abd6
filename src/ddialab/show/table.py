"""표: 종이(show/sheet.py)에 받아 적은 수를 칸마다 표 하나로 옮깁니다.

줄은 자리(가로축의 값이나 이름), 열은 모양과 색이 같은 것끼리입니다. 열의 머리에 「주황 점선」처럼
모양을 적으므로, 그림을 두고 쓴 설명을 표에서도 따라 읽을 수 있습니다.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from html import escape
from itertools import groupby
from statistics import median
from typing import Any

import numpy as np

from ddialab.show.sheet import Column, Note, Panel, Reference, Scale, Series, Sheet

MAX_ROWS = 20
LISTED = 4  # 한 칸에 늘어놓을 값의 수. 더 많으면 범위와 중앙값을 적습니다
PEAKS = "열마다 가장 작은 값과 가장 큰 값은 꼭 넣었습니다."
NOTHING = "이 그림에는 표로 옮길 수가 없습니다."


def tables(sheet: Sheet, alt: str) -> str:
    """``sheet``의 대체 텍스트와, 칸마다 표 하나."""
    _share(sheet)
    lone = len(sheet.axes) == 1
    if lone:  # 칸이 하나면 그림의 제목이 곧 칸의 제목입니다
        sheet.axes[0].title = sheet.axes[0].title or sheet.title
    parts = [_panel(panel) for panel in sheet.axes]
    if not any("<table" in part for part in parts):
        parts.append(f"<p>{NOTHING}</p>")
    notes = [note.text for note in sheet.notes]
    parts += _lines(("그림 안의 텍스트", notes), ("표로 옮기지 못한 것", sheet.unread))
    title = "" if lone else _strong(sheet.title)
    return f"<p>{escape(alt)}</p>{title}{''.join(parts)}"


def _strong(title: str) -> str:
    return f"<p><strong>{escape(title)}</strong></p>" if title else ""


def number(value: Any) -> str:
    """정수는 그대로, 나머지는 유효 숫자 네 자리로 적습니다. 정수 부분은 깎지 않습니다."""
    if isinstance(value, str) or not isinstance(value, (int, float)):
        return "–" if value is None else str(value)
    if not math.isfinite(value):
        return "–" if math.isnan(value) else "∞" if value > 0 else "-∞"
    if value == int(value) or abs(value) >= 1000:
        return f"{round(value):,}"
    if abs(value) < 1e-12:  # 더하고 빼다 남은 부동 소수점의 찌꺼기
        return "0"
    digits = 3 - math.floor(math.log10(abs(value)))
    return f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits < 10 else f"{value:.3g}"


def written(scale: Scale, value: Any) -> str:
    """그 축의 눈금처럼 쓴 텍스트. 백분율로 적는 축이면 자릿수를 줄이지 않은 백분율입니다."""
    if isinstance(value, tuple):
        return "–".join(dict.fromkeys(written(scale, end) for end in value))
    if value in scale.names:
        return scale.names[value]
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        return number(value)
    if scale.write is None:
        return _like_ticks(scale, value)
    text = str(scale.write(value))
    return f"{number(100 * value)}%" if _is_percent(value, text) else text


def _like_ticks(scale: Scale, value: float) -> str:
    """눈금의 텍스트를 따릅니다: 백분율이면 백분율로, 0이 「1일째」였으면 1은 「2일째」로."""
    if any(_is_percent(tick, text) for tick, text in scale.names.items()):
        return f"{number(100 * value)}%"
    found = {tick: re.fullmatch(r"(\d+)(\D*)", text) for tick, text in scale.names.items()}
    ways = {hit and (float(hit[1]) - tick, hit[2]) for tick, hit in found.items()}
    if len(found) < 2 or len(ways) > 1 or None in ways:
        return number(value)
    ((more, unit),) = ways
    return number(value + more) + unit


def _is_percent(value: Any, text: str) -> bool:
    return isinstance(value, (int, float)) and text in [f"{value:.{n}%}" for n in range(4)]


def _stand(panel: Panel) -> None:
    """줄이 옆으로 누운 칸에서, 줄 하나가 아니라 여러 줄을 가로지른 세로선은 기준선입니다."""
    for series in list(panel.series) if _is_flipped(panel) else ():
        if _is_upright(series) and _middle(series.y) not in panel.yaxis.names:
            panel.series.remove(series)
            panel.references.append(
                Reference(series.x[0], series.x[0], upright=True, look="선", tone=series.tone)
            )


def _is_flipped(panel: Panel) -> bool:
    """줄이 세로축의 이름이고 값이 가로축에 있으면 참."""
    return panel.yaxis.words or any(one.flat for one in [*panel.series, *panel.columns])


def _is_upright(series: Series) -> bool:
    measured = not any(isinstance(end, str) for end in series.y)
    return series.line and measured and len(set(series.x)) == 1 < len(set(series.y))


def _middle(ends: list[float]) -> float:
    return round((min(ends) + max(ends)) / 2, 9)


def _share(sheet: Sheet) -> None:
    """나란한 칸들이 함께 쓰는 축: 줄의 이름은 맨 왼쪽에만, 가로축의 이름은 맨 아래에만 적습니다."""
    for row in sheet.grid:
        for panel in row:
            if panel.yaxis.erased and row[0].yaxis.words:
                panel.yaxis.names = row[0].yaxis.names
    for column in sheet.grid.T:
        for panel in column:
            panel.xaxis.label = panel.xaxis.label or column[-1].xaxis.label


# --- 칸 하나 ---


def _panel(panel: Panel) -> str:
    """칸 하나의 표와 그 아래의 텍스트. 아무것도 그리지 않은 칸이면 제목뿐입니다."""
    _stand(panel)
    named = {column.name for column in panel.columns}
    notes = [note for note in panel.notes if note.text not in named]
    references = [_reference(panel, reference, notes) for reference in panel.references]
    table, thinned = _table(panel, notes)
    lines = _lines(
        ("기준선", references),
        ("그림 안의 텍스트", [note.text for note in notes]),
        ("표로 옮기지 못한 것", panel.unread),
    )
    return (table or _strong(panel.title)) + thinned + "".join(lines)


def _lines(*about: tuple[str, list[str]]) -> list[str]:
    return [
        f"<p>{title}: {escape(', '.join(' '.join(text.split()) for text in texts))}</p>"
        for title, texts in about
        if texts
    ]


def _table(panel: Panel, notes: list[Note]) -> tuple[str, str]:
    """표와, 줄을 골라 실었으면 그렇다는 문장. ``notes``에서는 표에 넣은 것을 뺍니다."""
    if panel.yaxis.erased and panel.xaxis.words:
        crossing = [note for note in notes if note.x in panel.xaxis.names]
        if crossing:
            return _crossing(panel, notes, crossing), ""
    if not (panel.columns or any(series.y for series in panel.series)):
        return "", ""
    if panel.xaxis.erased and panel.yaxis.erased:
        return _counts(panel), ""
    return _measures(panel, notes)


def _html(caption: str, head: list[str], rows: Iterable[list[str]]) -> str:
    columns = "".join(f'<th scope="col">{escape(text)}</th>' for text in head)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(text)}</td>" for text in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<table class="ddialab-table"><caption>{caption}</caption>'
        f"<thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
    )


def _caption(panel: Panel, values: str = "") -> str:
    """칸의 제목과, 표에 적은 수가 무엇인지."""
    title = escape(panel.title or values or "그림의 수")
    if not values or not panel.title:
        return title
    return f"{title}<br><small>칸의 수: {escape(values)}</small>"


def _counts(panel: Panel) -> str:
    """두 축의 눈금을 다 지운 그림에서 자리는 뜻이 없습니다. 모양마다 몇 개인지만 셉니다."""
    made = _columns(panel, {}, panel.xaxis)
    rows = [[column.head, number(sum(map(len, column.cells.values())))] for column in made]
    corner = panel.xaxis.label or panel.yaxis.label or "모양"
    return _html(_caption(panel), [corner, "개수"], rows)


def _crossing(panel: Panel, notes: list[Note], crossing: list[Note]) -> str:
    """이름 붙은 열마다 텍스트를 쓴 그림. 같은 높이의 다른 텍스트가 그 줄의 이름입니다."""
    rows = []
    for y in sorted({note.y for note in crossing}, reverse=not panel.yaxis.inverted):
        here = [note for note in notes if note.y == y]
        head = [note.text for note in here if note not in crossing]
        texts = {note.x: note.text for note in here if note in crossing}
        rows.append([" ".join(head), *(texts.get(x, "") for x in panel.xaxis.names)])
        notes[:] = [note for note in notes if note.y != y]
    corner = panel.yaxis.label or "구분"
    return _html(_caption(panel), [corner, *panel.xaxis.names.values()], rows)


def _measures(panel: Panel, notes: list[Note]) -> tuple[str, str]:
    flipped = _is_flipped(panel)
    keys, values = (panel.yaxis, panel.xaxis) if flipped else (panel.xaxis, panel.yaxis)
    texts = _row_texts(keys, notes, flipped)
    columns = _columns(panel, _names(panel, notes), keys)
    if len(columns) == 1 and not (columns[0].name or (flipped and columns[0].line)):
        columns[0].head = values.label or columns[0].head
    rows = _ordered(columns)
    shown = _thin(columns, rows)
    if flipped and not keys.inverted:
        shown.reverse()
    if texts.cells:
        columns.append(texts)
    caption = _caption(panel, "" if columns[0].head == values.label else values.label)
    named = keys.names or isinstance(rows[0], str)
    corner = keys.label or ("구분" if named else "세로축" if flipped else "가로축")
    body = [
        [written(keys, key), *(_cell(column, key, values) for column in columns)] for key in shown
    ]
    head = [corner, *(column.head for column in columns)]
    return _html(caption, head, body), _thinned(len(rows), len(shown))


# --- 열 ---


def _columns(panel: Panel, names: dict[str, str], keys: Scale) -> list[Column]:
    """그림의 함수가 적은 열과, 그린 것을 머리가 같은 것끼리 모은 열."""
    found: dict[str, Column] = {}
    for column in panel.columns:
        own = found[column.head] = replace(column, cells={})
        for key, values in column.cells.items():
            own.cells.setdefault(keys.place(key), []).extend(values)
    for series in panel.series:
        head = _head(series, names, panel.series)
        column = found.setdefault(head, Column(head, line=series.line, flat=series.flat))
        for key, value in _points(series, keys, keys is panel.yaxis):
            column.cells.setdefault(key, []).append(value)
    return list(found.values())


def _points(series: Series, keys: Scale, flipped: bool) -> list[tuple[Any, Any]]:
    """(자리, 값)들. 한 자리에 그은 선분은 (시작, 끝) 하나입니다."""
    places, values = (series.y, series.x) if flipped else (series.x, series.y)
    if series.line and len(values) > 1 and len(set(places)) == 1:
        return [(places[0], (min(values), max(values)))]
    if flipped and _is_upright(series):
        return [(_middle(places), values[0])]
    if not series.line:
        places = [keys.place(place) for place in places]
    if series.look == "눈금" and not flipped and len(set(values)) == 1:
        values = ["있음"] * len(values)  # 가로축에 늘어놓은 눈금의 높이는 값이 아닙니다
    return list(zip(places, series.texts or values, strict=True))


def _head(series: Series, names: dict[str, str], everything: list[Series]) -> str:
    look = f"{_rank(series, everything)}{series.tone} {series.look}".strip()
    name = series.name or names.get(series.tone, "")
    return f"{name} ({look})" if name else look


def _rank(series: Series, everything: list[Series]) -> str:
    """모양과 색이 같고 굵기만 다른 것을 가르는 말."""
    alike = (series.look, series.tone, series.name)
    sizes = sorted({one.size or 0 for one in everything if (one.look, one.tone, one.name) == alike})
    if len(sizes) == 1:
        return ""
    at = sizes.index(series.size or 0)
    if len(sizes) > 2:
        return f"크기 {at + 1}인 "
    return (("가는 ", "굵은 ") if series.line else ("작은 ", "큰 "))[at]


def _names(panel: Panel, notes: list[Note]) -> dict[str, str]:
    """{색: 그 색으로 쓴 텍스트}. 이름으로 사용한 것은 ``notes``에서 뺍니다."""
    found = {}
    for tone in dict.fromkeys(series.tone for series in panel.series if not series.name):
        same = [note for note in notes if note.tone == tone not in ("", "검정")]
        texts = list(dict.fromkeys(" ".join(note.text.split()) for note in same))
        if len(texts) in (1, 2) and all(any(map(str.isalpha, text)) for text in texts):
            found[tone] = ", ".join(texts)
            notes[:] = [note for note in notes if note not in same]
    return found


def _row_texts(keys: Scale, notes: list[Note], flipped: bool) -> Column:
    """이름 붙은 자리에 쓴 텍스트를 그 줄로 옮깁니다. 옮긴 것은 ``notes``에서 뺍니다."""
    column = Column("그림에 쓰인 텍스트")
    for note in list(notes) if keys.words else ():
        place = note.y if flipped else note.x
        if place in keys.names:
            column.cells.setdefault(place, []).append(" ".join(note.text.split()))
            notes.remove(note)
    return column


def _reference(panel: Panel, reference: Reference, notes: list[Note]) -> str:
    """기준선 하나를 나타낸 텍스트. 그 위에 같은 색으로 쓴 텍스트가 이름입니다."""
    scale = panel.xaxis if reference.upright else panel.yaxis
    direction = "세로" if reference.upright else "가로"
    one = reference.low == reference.high
    at = written(scale, reference.low if one else (reference.low, reference.high))
    look = f"{reference.tone} {direction}{reference.look}".strip()
    if reference.name:
        return f"{reference.name}({look}) {at}"
    note = next((note for note in notes if _names_reference(note, reference, panel)), None)
    if note is None:
        return f"{look} {at}"
    notes.remove(note)
    return f"{' '.join(note.text.split())}({look}) {at}"


def _names_reference(note: Note, reference: Reference, panel: Panel) -> bool:
    place = note.x if reference.upright else note.y
    if note.tone != reference.tone:
        return False
    if isinstance(place, (int, float)) and reference.low <= place <= reference.high:
        return True
    everything = [*panel.series, *panel.references, *panel.notes]
    return [one.tone for one in everything].count(note.tone) == 2  # 이 텍스트와 이 기준선뿐일 때


# --- 칸의 텍스트와 줄 고르기 ---


def _cell(column: Column, key: Any, scale: Scale) -> str:
    values = column.cells.get(key, [])
    if all(isinstance(value, str) for value in values):
        return ", ".join(dict.fromkeys(values))
    ends = _ends(values)
    if len(values) > LISTED and ends:
        span = written(scale, (min(ends), max(ends)) if min(ends) < max(ends) else ends[0])
        middle = "" if isinstance(values[0], tuple) else _median(scale, ends)
        return f"{span} ({len(values)}개{middle})"
    texts = [written(scale, value) for value in values]
    return " → ".join(text for text, _ in groupby(texts)) if column.line else ", ".join(texts)


def _median(scale: Scale, values: list) -> str:
    return f", 중앙값 {written(scale, median(values))}" if min(values) < max(values) else ""


def _ends(values: list) -> list:
    """값들의 수. (시작, 끝)이면 둘 다이고, 문자열과 빈 값은 뺍니다."""
    flat = [end for value in values for end in (value if isinstance(value, tuple) else (value,))]
    return [end for end in flat if isinstance(end, (int, float)) and end == end]


def _ordered(columns: list[Column]) -> list:
    """자리들. 수는 작은 것부터, 이름은 그린 차례대로."""
    drawn = list(dict.fromkeys(key for column in columns for key in column.cells))
    measured = [key for key in drawn if not isinstance(key, str)]
    measured.sort(key=lambda key: key[0] if isinstance(key, tuple) else key)
    return measured + [key for key in drawn if isinstance(key, str)]


def _thin(columns: list[Column], rows: list) -> list:
    """줄이 많으면 자리가 같은 열끼리 묶어 고르게 나눕니다. 줄이 적은 묶음은 다 싣습니다."""
    groups: dict[tuple, list[Column]] = {}
    for column in columns:
        own = tuple(key for key in rows if key in column.cells)
        groups.setdefault(own, []).append(column)
    chosen: set = set()
    for n, (own, members) in enumerate(sorted(groups.items(), key=lambda group: len(group[0]))):
        share = max(2, (MAX_ROWS - len(chosen)) // (len(groups) - n))
        chosen |= set(own if len(own) <= share else _spread(own, members, share))
    return [key for key in rows if key in chosen]


def _spread(own: tuple, members: list[Column], share: int) -> set:
    """고르게 고르되, 열마다 가장 작은 값과 가장 큰 값이 있는 줄은 꼭 넣습니다."""
    peaks = set()
    for column in members:
        known = [(ends, key) for key in own if (ends := _ends(column.cells[key]))]
        if known:
            peaks.add(min(known, key=lambda pair: min(pair[0]))[1])
            peaks.add(max(known, key=lambda pair: max(pair[0]))[1])
    return peaks | set(_evenly(own, max(2, share - len(peaks))))


def _evenly(items: Iterable, most: int) -> list:
    items = list(items)
    if len(items) <= most:
        return items
    return [items[i] for i in np.linspace(0, len(items) - 1, most).round().astype(int)]


def _thinned(total: int, shown: int) -> str:
    return "" if shown == total else f"<p>{total:,}점 가운데 {shown}점만 보여 줍니다. {PEAKS}</p>"
