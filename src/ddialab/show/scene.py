"""장면: 모델 하나를 독자의 손에 맡깁니다. 무엇이든 끄고, 되감고, 다르게 해 볼 수 있습니다.

책의 페이지에서는 같은 파이썬 코드가 브라우저 안에서 돌고, Jupyter에서는 커널에서 돕니다.
그리는 코드는 assets/scene의 재생기 하나입니다. 처음에는 미리 돌려 저장한 장면이 보입니다.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ddialab.core.scene import Host, Line, Scene
from ddialab.show import charts, player, stage
from ddialab.show.description import describe
from ddialab.show.face import (
    asset,
    check_alt,
    check_kind,
    check_text,
    emit,
    json_block,
    live,
    still,
    wrap,
)
from ddialab.show.figure import axes, picture
from ddialab.show.room import room

SECOND = 1_000_000  # 변화의 시각은 백만분의 일 초입니다
HALTED = "저장된 장면의 앞부분입니다. 그 뒤는 예상한 다음에 봅니다."


def scene(
    about: Scene,
    *,
    title: str,
    alt: str,
    caption: str = "",
    kind: str = "시뮬레이션",
    script: Sequence[Line] = (),
) -> None:
    """장면 ``about``을 독자의 손에 맡깁니다.

    ``script``는 저장해 둘 장면의 행동들입니다: 모델을 움직일 수 없는 곳에서는 이것을 보입니다.
    """
    html = static_face(about, title=title, alt=alt, caption=caption, kind=kind, script=script)
    widget = _live_face(about, describe(about, title, alt, script)) if live() else None
    emit(html, f"{title}: {alt}", widget)


def static_face(
    about: Scene,
    *,
    title: str,
    alt: str,
    caption: str = "",
    kind: str = "시뮬레이션",
    script: Sequence[Line] = (),
) -> str:
    """책의 페이지와 저장된 노트북에 담길 HTML. 인자는 `scene`과 같습니다."""
    told = describe(about, check_text("title", title), check_alt(alt), script)
    body = _room(told) + _still(told) + json_block(told)
    return wrap(body, check_kind(kind), caption, "ddialab-scene")


def _room(told: dict[str, Any]) -> str:
    """재생기가 들어갈 빈자리. 스크립트가 돌지 않는 곳에서는 아무것도 아닙니다."""
    return f'<div class="dds-room" style="{room(told)}"></div>'


def _still(told: dict[str, Any]) -> str:
    """움직일 수 없는 곳과 종이에 보일 것: 처음과 마지막 그림, 그 사이의 시간.

    묻는 장면이면 물을 때까지만 그립니다.
    """
    asked = [change[0] for change in told["saved"]["changes"] if change[1] == "ask"]
    until = asked[0] if asked else told["end"] * 1000
    between = picture(timeline(told, until / SECOND), told["alt"])
    shown = "".join(map(still, (stage.picture(told, 0), between, stage.picture(told, until))))
    note = f'<p class="ddialab-note">{HALTED}</p>' if asked else ""
    return f'<div class="ddialab-still">{shown}{note}</div>'


def timeline(told: dict[str, Any], until: float):
    """저장된 장면의 처음부터 ``until``초까지: 부분마다 정상이 아니던 동안과, 일이 있던 때."""
    absent = {change[2] for change in told["saved"]["changes"] if change[3:] == ["absent"]}
    servers = {
        part["id"]: part["label"]
        for part in told["parts"]
        if part["kind"] == "server" and part["id"] not in absent
    }
    lanes = {lane["id"]: lane["label"] for lane in told["lanes"]}
    fig, ax = axes(height=1.4 + 0.28 * (len(servers) + len(lanes)))
    rows = charts.lanes(ax, [*servers.values(), *lanes.values()])
    seen = [change for change in told["saved"]["changes"] if change[0] <= until * SECOND]
    for server, label in servers.items():
        charts.spans(ax, {rows[label]: [(0, until)]}, "baseline", height=0.03, name="지켜본 동안")
        charts.spans(
            ax, {rows[label]: _spans(seen, server, until)}, height=0.64, name="정상이 아닌 동안"
        )
    for lane, label in lanes.items():
        times = [c[0] / SECOND for c in seen if c[1:3] == ["mark", lane]]
        charts.events(ax, times, rows[label], size=9, name=label)
    ax.set_xlim(0, told["end"] / 1000)
    ax.set_xlabel("시각(초)")
    ax.set_title(told["title"])
    return fig


def _spans(seen: list, part: str, until: float) -> list[tuple[float, float]]:
    """``part``의 상태가 정상이 아니던 동안들."""
    spans, since = [], None
    for time, kind, *what in seen:
        if kind != "state" or what[0] != part:
            continue
        if what[1] in stage.FINE and since is not None:
            spans.append((since, time / SECOND))
            since = None
        elif what[1] not in stage.FINE and since is None:
            since = time / SECOND
    return [*spans, (since, until)] if since is not None else spans


def _live_face(about: Scene, told: dict[str, Any]):
    import anywidget
    import traitlets

    class SceneWidget(anywidget.AnyWidget):
        _esm = player.script("kernel")
        _css = asset("ddialab.css") + asset("scene.css")
        description = traitlets.Dict().tag(sync=True)

    widget, host = SceneWidget(description=told), Host({about.name: about})

    def answer(_widget, asked: dict, _buffers) -> None:
        widget.send({"id": asked["id"], "text": host.answer(asked["text"])})

    widget.on_msg(answer)
    return widget
