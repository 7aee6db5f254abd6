"""사건 재생기: 클러스터의 사건 기록을 보고, 되감고, 한 사건씩 넘깁니다.

재생기는 기록을 그리기만 합니다. 앞뒤로 아무리 감아도 기록은 바뀌지 않습니다.
그리는 코드는 assets/player.js 하나이고, 책 페이지와 Jupyter(anywidget)가 함께 씁니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

from ddialab.core.errors import InvalidValue, LabError
from ddialab.core.events import EventLog
from ddialab.show import charts
from ddialab.show.face import asset, check_alt, check_kind, emit, json_block, live, still, wrap
from ddialab.show.figure import axes, picture
from ddialab.show.reel import check_log, encode

Kills = list[tuple[float, str]]  # (끈 시각, 노드 이름)


def player(
    scenes: EventLog | dict[Any, EventLog] | None = None,
    *,
    alt: str,
    kind: str = "시뮬레이션",
    caption: str = "",
    toggles: dict[str, str] | None = None,
    run: Callable[[Kills], EventLog] | None = None,
) -> None:
    """클러스터의 사건 기록을 재생합니다.

    ``scenes``는 기록 하나이거나, 켠 버튼의 조합마다 미리 돌려 둔 기록입니다:
    ``player({"": log0, "n1": log1, "n2": log2, "n1+n2": log12},
    toggles={"n1": "n1 끄기", "n2": "n2 끄기"}, alt=…)``.
    조합은 ``"n1+n2"`` 같은 문자열이나 이름의 집합이고, 빠진 조합이 있으면 `InvalidValue`입니다.

    ``run``을 주면 살아 있는 Jupyter에서 독자가 보고 있는 그 순간의 노드를 끌 수 있습니다.
    ``run([(끈 시각, 노드 이름), …])``이 새 기록을 돌려주어야 합니다. 시드가 같으면 과거는
    그대로입니다. ``scenes``를 빼면 ``run([])``의 기록을 씁니다.
    """
    alt, kind, toggles = check_alt(alt), check_kind(kind), dict(toggles or {})
    if scenes is None:
        if run is None:
            raise InvalidValue(
                "재생할 기록이 없습니다.", "scenes나 run 가운데 하나는 있어야 합니다."
            )
        scenes = run([])
    logs = _scenes(scenes, list(toggles))
    data = {"alt": alt, "toggles": list(toggles.items()), **_reel(logs)}
    html = _static_face(data, next(iter(logs.values())), alt, kind, caption)
    emit(html, alt, _live_face(data, run) if live() else None)


def _scenes(scenes: Any, toggles: list[str]) -> dict[str, EventLog]:
    """조합의 이름을 ``"n1+n2"`` 꼴로 고르게 하고, 빠진 조합이 없는지 봅니다."""
    if not isinstance(scenes, dict):
        scenes = {"": scenes}
    given = {_key(key, toggles): check_log(log) for key, log in scenes.items()}
    sizes = range(len(toggles) + 1)
    needed = ["+".join(keys) for size in sizes for keys in combinations(toggles, size)]
    missing = [repr(key) for key in needed if key not in given]
    if missing:
        raise InvalidValue(
            f"기록이 없는 조합: {', '.join(missing)}.",
            f"버튼 {len(toggles)}개의 모든 조합({len(needed)}가지)에 기록이 있어야 합니다.",
        )
    return {key: given[key] for key in needed}


def _key(key: str | Iterable[str], toggles: list[str]) -> str:
    names = [name for name in key.split("+") if name] if isinstance(key, str) else list(key)
    unknown = sorted(set(names) - set(toggles))
    if unknown:
        raise InvalidValue(
            f"장면 {key!r}: 버튼에 없는 이름 {', '.join(unknown)}이(가) 있습니다.",
            f"쓸 수 있는 이름: {', '.join(toggles) or '없음'}.",
            'toggles={"이름": "버튼에 쓸 텍스트"}을 함께 넘기세요.',
        )
    return "+".join(name for name in toggles if name in names)


def _reel(logs: dict[str, EventLog]) -> dict[str, Any]:
    first = next(iter(logs.values()))
    return {"unit": first.about.get("unit", "초"), **encode(logs)}


def _static_face(data: dict, log: EventLog, alt: str, kind: str, caption: str) -> str:
    body = f'<div class="ddialab-still">{still(picture(timeline(log), alt))}</div>'
    return wrap(body + json_block(data), kind, caption, "ddialab-player")


def timeline(log: EventLog):
    """재생기를 사용할 수 없는 곳에 보일 그림: 노드마다 꺼져 있던 때와, 요청이 실패한 때."""
    names, end = [node["name"] for node in log.about["nodes"]], log.about["duration"]
    fig, ax = axes(height=1.4 + 0.28 * len(names))
    rows = charts.lanes(ax, [*names, "실패"])
    up = {rows[name]: [(0, end)] for name in names}
    down = {rows[name]: _down_spans(log, name, end) for name in names}
    charts.spans(ax, up, "baseline", height=0.03, name="켜 둔 동안")
    charts.spans(ax, down, height=0.64, name="꺼진 동안")
    fails = [event.time for event in log.of_kind("fail")]
    charts.events(ax, fails, rows["실패"], size=9, name="실패한 요청")
    ax.set_xlim(0, end)
    ax.set_xlabel(f"시각({log.about.get('unit', '초')})")
    ax.set_title("굵은 막대: 꺼져 있던 동안, 눈금: 실패한 요청")
    return fig


def _down_spans(log: EventLog, name: str, end: float) -> list[tuple[float, float]]:
    spans, since = [], None
    for event in log.of_kind("down", "up"):
        if event.node != name:
            continue
        if event.kind == "down":
            since = event.time if since is None else since
        elif since is not None:
            spans.append((since, event.time))
            since = None
    return [*spans, (since, end)] if since is not None else spans


def _live_face(data: dict, run: Callable[[Kills], EventLog] | None):
    import anywidget
    import traitlets

    class PlayerWidget(anywidget.AnyWidget):
        _esm = (
            asset("player.js") + "\nexport default { render: globalThis.ddialabPlayer.render };\n"
        )
        _css = asset("ddialab.css")
        data = traitlets.Dict().tag(sync=True)
        kills = traitlets.List().tag(sync=True)
        message = traitlets.Unicode().tag(sync=True)

    widget = PlayerWidget(data=data | {"live": run is not None})

    def again(change) -> None:
        """끈 노드의 목록이 바뀌면 같은 시드로 처음부터 다시 돌립니다."""
        kills = sorted((float(time), str(node)) for time, node in change["new"])
        try:
            log = check_log(run(kills))
        except LabError as error:
            widget.message = str(error)
            return
        widget.message = ""
        widget.data = widget.data | _reel({"": log})

    if run is not None:
        widget.observe(again, "kills")
    return widget
