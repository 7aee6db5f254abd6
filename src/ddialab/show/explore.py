"""슬라이더(knob): 값을 바꾸면 그림이 바뀝니다.

책 페이지에서는 모든 값의 그림을 미리 그려 두고 브라우저의 ``<input type=range>``로 고릅니다.
Jupyter에서는 슬라이더를 움직일 때 그리고, 한 번 그린 그림은 기억합니다.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from itertools import product
from math import prod
from typing import Any

from ddialab.core.errors import InvalidValue
from ddialab.show.face import (
    asset,
    check_alt,
    check_kind,
    check_text,
    emit,
    json_block,
    live,
    scroll,
    still,
    told,
    wrap,
)
from ddialab.show.figure import picture

MAX_FRAMES = 80  # 미리 그려 둘 그림의 수. 이보다 많으면 페이지가 무거워집니다


@dataclass(frozen=True)
class Knob:
    """슬라이더 하나: 코드의 이름, 독자가 볼 이름, 고를 값들, 값의 텍스트, 처음 값의 자리."""

    name: str
    label: str
    values: tuple
    texts: tuple[str, ...]
    start: int


def explore(
    draw: Callable[..., Any],
    *,
    alt: str | Callable[..., str],
    kind: str,
    caption: str = "",
    start: dict | None = None,
    **knobs: tuple,
) -> None:
    """``draw(**값)``이 그리는 그림에 슬라이더를 답니다.

    슬라이더는 ``이름=("독자가 볼 이름", [값, …])`` 또는 ``("이름", [값, …], 단위)``입니다.
    단위 자리에 ``"{:.0%}"`` 같은 형식을 주면 그 형식으로 값을 표시합니다.
    ``alt``가 함수면 값마다 다른 대체 텍스트를 냅니다. 처음 보일 값은 각 슬라이더의 첫 값이고,
    ``start={"이름": 값}``으로 바꿉니다.
    값이 겹치거나, 움직여도 그림이 그대로이거나, 그림이 80장을 넘으면 `InvalidValue`입니다.
    """
    kind = check_kind(kind)
    made = tuple(_knob(name, spec, start or {}) for name, spec in knobs.items())
    _check_knobs(made, start or {})
    frames = Frames(draw, alt, made)
    if live():
        first = frames.picture(tuple(knob.start for knob in made))
        html = wrap(still(first), kind, caption, "ddialab-explore")
        emit(html, _summary(made), _live_face(frames, kind, caption))
    else:
        emit(_static_face(frames, kind, caption), _summary(made))


class Frames:
    """값의 조합마다 한 장. 한 번 그린 그림은 다시 그리지 않습니다."""

    def __init__(self, draw: Callable, alt: str | Callable[..., str], knobs: tuple[Knob, ...]):
        self.draw, self.alt, self.knobs = draw, alt, knobs
        self._pictures: dict[tuple[int, ...], str] = {}
        self._positions: list | None = None

    def picture(self, at: tuple[int, ...]) -> str:
        """``at``은 슬라이더마다 고른 값의 자리입니다."""
        if at not in self._pictures:
            chosen = {knob.name: knob.values[i] for knob, i in zip(self.knobs, at, strict=True)}
            alt = check_alt(self.alt(**chosen) if callable(self.alt) else self.alt)
            fig = self.draw(**chosen)
            fig = fig[0] if isinstance(fig, tuple) else fig
            if not hasattr(fig, "savefig"):
                raise InvalidValue(
                    f"draw({chosen})가 {type(fig).__name__}을(를) 돌려주었습니다.",
                    "draw는 axes()가 준 fig를 돌려주어야 합니다.",
                )
            self._hold_still(fig)
            self._pictures[at] = picture(fig, alt)
            self._positions = self._positions or [ax.get_position(True) for ax in fig.axes]
        return self._pictures[at]

    def all(self) -> list[str]:
        """모든 조합의 그림. 마지막 슬라이더가 가장 빨리 바뀝니다."""
        return [self.picture(at) for at in product(*(range(len(k.values)) for k in self.knobs))]

    def _hold_still(self, fig) -> None:
        """축의 자리를 첫 그림에 맞춥니다: 그림끼리 견줄 수 있고, 여백을 다시 재지 않아 빠릅니다."""
        if self._positions and len(self._positions) == len(fig.axes):
            fig.set_layout_engine("none")
            for ax, position in zip(fig.axes, self._positions, strict=True):
                ax.set_position(position)


def _knob(name: str, spec: Any, start: dict) -> Knob:
    if not isinstance(spec, (tuple, list)) or len(spec) not in (2, 3) or not _values(spec[1]):
        raise InvalidValue(
            f"{name}={spec!r}: 슬라이더가 아닙니다.",
            '("독자가 볼 이름", [값 둘 이상], 단위) 꼴이어야 합니다. 단위는 빼도 됩니다.',
        )
    values = tuple(spec[1])
    if any(value in values[:i] for i, value in enumerate(values)):
        raise InvalidValue(
            f"{name}={list(values)}: 같은 값이 두 번 있습니다.", "값은 모두 달라야 합니다."
        )
    unit = spec[2] if len(spec) == 3 else ""
    first = start.get(name, values[0])
    if first not in values:
        raise InvalidValue(
            f"start의 {name}={first!r}: 슬라이더에 없는 값입니다.", f"쓸 수 있는 값: {values}."
        )
    texts = tuple(_value_text(value, unit) for value in values)
    return Knob(name, check_text("슬라이더 이름", spec[0]), values, texts, values.index(first))


def _values(values: Any) -> bool:
    return isinstance(values, (tuple, list, range)) and len(values) >= 2


def _value_text(value: Any, unit: str) -> str:
    """값의 텍스트. 한글 단위는 붙이고(3개) 기호 단위는 띄웁니다(3 MB)."""
    if "{" in unit:
        return unit.format(value)
    number = f"{value:,.10g}" if isinstance(value, (int, float)) else str(value)
    gap = "" if not unit or "가" <= unit[0] <= "힣" else " "
    return f"{number}{gap}{unit}"


def _check_knobs(knobs: tuple[Knob, ...], start: dict) -> None:
    if not knobs:
        raise InvalidValue(
            "슬라이더가 없습니다.", '이름=("독자가 볼 이름", [값, …])을 하나 이상 넘기세요.'
        )
    unknown = set(start) - {knob.name for knob in knobs}
    if unknown:
        raise InvalidValue(f"start의 {', '.join(sorted(unknown))}: 모르는 슬라이더입니다.")
    count = prod(len(knob.values) for knob in knobs)
    if count > MAX_FRAMES:
        sizes = " × ".join(str(len(knob.values)) for knob in knobs)
        raise InvalidValue(
            f"그림이 {sizes} = {count}장입니다.",
            f"미리 그릴 그림은 {MAX_FRAMES}장까지입니다.",
            "슬라이더의 값을 줄이거나 그림을 둘로 나누세요.",
        )


def _check_moves(knobs: tuple[Knob, ...], pictures: list[str]) -> None:
    """이웃한 두 값이 어느 조합에서도 같은 그림이면, 그 칸은 움직여도 아무 일이 없습니다."""
    stride = len(pictures)
    for knob in knobs:
        span, stride = stride, stride // len(knob.values)
        for i in range(len(knob.values) - 1):
            here = [n for n in range(len(pictures)) if n % span // stride == i]
            if all(pictures[n] == pictures[n + stride] for n in here):
                raise InvalidValue(
                    f"{knob.label}: {knob.texts[i]}와(과) {knob.texts[i + 1]}의 그림이 똑같습니다.",
                    "슬라이더를 한 칸 움직이면 그림이 달라져야 합니다.",
                    "draw가 이 값을 사용하는지, 값들이 너무 가깝지 않은지 보세요.",
                )


def _summary(knobs: tuple[Knob, ...]) -> str:
    ranges = ", ".join(f"{knob.label} {knob.texts[0]} … {knob.texts[-1]}" for knob in knobs)
    return f"슬라이더가 있는 그림: {ranges}"


def _static_face(frames: Frames, kind: str, caption: str) -> str:
    knobs, first = frames.knobs, frames.picture(tuple(knob.start for knob in frames.knobs))
    pictures = frames.all()
    _check_moves(knobs, pictures)
    controls = "".join(_range_input(knob) for knob in knobs)
    shown = ", ".join(f"{knob.label} {knob.texts[knob.start]}" for knob in knobs)
    words = f"{escape(shown)}일 때의 그림입니다. 이 셀을 실행하면 슬라이더가 나타납니다."
    note = f'<p class="ddialab-note">{words}</p>'
    bar = f'<div class="ddialab-controls" hidden="hidden">{controls}</div>'
    body = f"{bar}{note}{still(first)}{json_block(pictures)}"
    return wrap(body, kind, caption, "ddialab-explore")


def _range_input(knob: Knob) -> str:
    texts = escape(json.dumps(knob.texts, ensure_ascii=False))
    now = escape(knob.texts[knob.start])
    return (
        f'<label class="ddialab-knob"><span>{escape(knob.label)}</span>'
        f'<input type="range" min="0" max="{len(knob.values) - 1}" step="1" value="{knob.start}" '
        f'autocomplete="off" aria-valuetext="{now}" data-texts="{texts}">'
        f'<output aria-live="off">{now}</output></label>'
    )


def _live_face(frames: Frames, kind: str, caption: str):
    import anywidget
    import traitlets

    class KnobsWidget(anywidget.AnyWidget):
        _esm = asset("knobs.js")
        _css = asset("ddialab.css")
        controls = traitlets.Unicode().tag(sync=True)
        at = traitlets.List().tag(sync=True)
        picture = traitlets.Unicode().tag(sync=True)

    def draw(at: list[int]) -> str:
        try:
            drawn = frames.picture(tuple(at))
        except Exception as error:  # 위젯 안의 오류는 독자에게 보이지 않으므로 그림 자리에 냅니다
            return f'<p role="alert">{escape(told(error))}</p>'
        return wrap(scroll(drawn), kind, caption, "ddialab-explore")

    start = [knob.start for knob in frames.knobs]
    controls = "".join(_range_input(knob) for knob in frames.knobs)
    widget = KnobsWidget(controls=controls, at=start, picture=draw(start))
    widget.observe(lambda change: setattr(widget, "picture", draw(change["new"])), "at")
    _draw_ahead(frames)
    return widget


def _draw_ahead(frames: Frames) -> None:
    """커널이 쉬는 틈에, 처음 값에 가까운 그림부터 미리 그려 둡니다."""
    start = [knob.start for knob in frames.knobs]
    waiting = sorted(
        product(*(range(len(knob.values)) for knob in frames.knobs)),
        key=lambda at: sum(abs(i - j) for i, j in zip(at, start, strict=True)),
    )
    loop = asyncio.get_event_loop()

    def draw_one() -> None:
        if waiting:
            try:
                frames.picture(waiting.pop(0))
            except Exception:  # 독자가 그 값을 고르면 그때 제대로 알립니다
                return
            loop.call_later(0.01, draw_one)

    loop.call_later(0.1, draw_one)
