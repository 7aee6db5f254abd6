"""정지 그림: 책의 모양새를 가진 축, 그리고 글자가 글자로 남는 작은 SVG.

matplotlib이 없는 곳(브라우저의 커널)에서는 종이(show/sheet.py)에 수를 받아 적어 표로 냅니다.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Sequence
from functools import cache
from html import escape
from xml.etree import ElementTree

from ddialab.core.errors import InvalidValue, check_integer, check_number
from ddialab.show.face import check_alt, check_kind, emit, still, wrap
from ddialab.show.palette import CYCLE, PALETTE
from ddialab.show.sheet import Sheet
from ddialab.show.table import tables
from ddialab.typeface import FAMILY

FONT_STACK = "'DDIALab Sans',Pretendard,sans-serif"
ID_MARK = "\ue000"  # 번호를 정할 때까지 id 앞에 붙여 두는 글자. 그림의 텍스트에는 나오지 않습니다
NUMBERS = ("d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height")
VARIABLES = {light: f"var(--c-{name},{light})" for name, (light, _) in PALETTE.items()} | {
    "#000000": "currentColor",
    "#ffffff": "var(--c-ground,#fff)",
}


@cache
def house_style() -> None:
    """이 커널의 matplotlib을 책의 모양새로 맞춥니다(한 번만). 글꼴은 typeface가 등록합니다."""
    import matplotlib
    import matplotlib.font_manager
    from matplotlib import cycler

    matplotlib.rcParams.update(
        {
            "font.family": FAMILY,
            "font.size": 12,
            "axes.titlesize": 13,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.titlepad": 10,
            "axes.titley": 1.0,  # 자리를 재지 않아 더 빨리 그립니다
            "axes.labelsize": 12,
            "axes.unicode_minus": False,
            "axes.prop_cycle": cycler(color=[PALETTE[name][0] for name in CYCLE]),
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.grid": True,
            "grid.color": "#000000",
            "grid.alpha": 0.15,
            "axes.edgecolor": "#000000",
            "text.color": "#000000",
            "xtick.major.size": 0,
            "ytick.major.size": 0,
            "xtick.minor.size": 0,
            "ytick.minor.size": 0,
            "lines.linewidth": 2,
            "legend.frameon": False,
            "figure.facecolor": "none",
            "axes.facecolor": "none",
            "savefig.facecolor": "none",
        }
    )


def axes(rows: int = 1, cols: int = 1, width: float = 7.0, height: float = 3.4):
    """책의 모양새를 갖춘 ``(fig, ax)``. ``width``와 ``height``는 인치입니다.

    pyplot을 쓰지 않으므로 같은 그림이 두 번 나오거나 셀 사이에 상태가 남지 않습니다.
    여백은 글자에 맞추어 저절로 정해집니다. matplotlib이 없으면 같은 이름에 답하는 종이를 줍니다.
    """
    check_integer("rows", rows, 1, 6)
    check_integer("cols", cols, 1, 6)
    check_number("width", width, 2, 14)
    check_number("height", height, 1, 20)
    fig = _blank(width, height)
    return fig, fig.subplots(rows, cols)


def _blank(width: float, height: float):
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return Sheet()
    house_style()
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def figure(fig, *, alt: str, kind: str, caption: str = "") -> None:
    """그림을 셀 출력 하나로 냅니다.

    ``alt``는 그림이 말하는 바를 적은 대체 텍스트, ``kind``는 수의 출처(측정, 시뮬레이션, 인용),
    ``caption``은 그림 아래의 설명입니다. 대체 텍스트가 비었거나 출처가 셋 가운데 하나가 아니면
    `InvalidValue`입니다. 같은 그림이면 바이트까지 같은 SVG가 나옵니다.
    """
    alt, kind = check_alt(alt), check_kind(kind)
    emit(wrap(still(picture(fig, alt)), kind, caption), alt)


def picture(fig, alt: str) -> str:
    """그림 하나의 HTML: SVG, 또는 matplotlib이 없을 때의 표."""
    return tables(fig, alt) if isinstance(fig, Sheet) else to_svg(fig, alt)


def to_svg(fig, alt: str) -> str:
    """그림을 HTML 안에 바로 넣을 수 있는 SVG 텍스트로 바꿉니다.

    색은 CSS 변수, 검정은 ``currentColor``, 글자는 ``<text>``이고 바탕은 비어 있습니다.
    id 앞에는 내용의 해시가 붙어서 한 페이지의 다른 그림과 겹치지 않습니다.
    """
    root = ElementTree.fromstring(_render(fig))
    ids: dict[str, str] = {}
    body = "".join(_serialize(part, ids) for part in root)
    digest = hashlib.sha256((alt + body).encode()).hexdigest()[:8]
    view = [float(part) for part in root.get("viewBox").split()]
    return svg(body.replace(ID_MARK, f"d{digest}-"), view, alt)


def svg(body: str, view: Sequence[float], alt: str) -> str:
    """책의 글꼴과 너비를 갖춘 그림. ``view``는 보일 곳의 (왼쪽, 위, 너비, 높이)입니다."""
    left, top, width, height = view
    return (
        f'<svg viewBox="{left:g} {top:g} {width:g} {height:g}" role="img" '
        f'aria-label="{escape(alt)}" style="display:block;width:100%;'
        f"min-width:{width * 0.78:.0f}px;max-width:{width * 4 / 3:.0f}px;"
        f'font-family:{FONT_STACK};stroke-linejoin:round" fill="currentColor">{body}</svg>'
    )


def _render(fig) -> bytes:
    if not hasattr(fig, "savefig"):
        raise InvalidValue(
            f"fig={type(fig).__name__}: 그림이 아닙니다.", "axes()가 준 fig를 넘기세요."
        )
    house_style()
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.BytesIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context({"svg.fonttype": "none"}):
        # savefig는 크기를 재려고 한 번 더 그립니다. 슬라이더가 빨리 답하도록 곧바로 그립니다.
        FigureCanvasSVG(fig).print_svg(out, metadata=nothing)
    return out.getvalue()


def _serialize(node, ids: dict[str, str]) -> str:
    """요소 하나를 군더더기 없이 적습니다. 뜻 없는 묶음은 풀고, 빈 것은 버립니다."""
    tag = node.tag.rpartition("}")[2]
    if tag in ("metadata", "style"):
        return ""
    inside = "".join(_serialize(child, ids) for child in node)
    if tag == "text":
        inside = escape("".join(node.itertext()), quote=False)
    attributes = _attributes(tag, node, ids)
    if tag in ("g", "defs") and (not inside or (tag == "g" and not attributes)):
        return inside
    if tag == "path" and "fill:none" in attributes and "stroke:" not in attributes:
        return ""
    return f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>"


def _attributes(tag: str, node, ids: dict[str, str]) -> str:
    kept = {}
    for name, value in node.attrib.items():
        name = name.rpartition("}")[2]
        if name == "id":
            if tag == "g":
                continue
            value = _identifier(value, ids)
        elif name in ("href", "clip-path"):
            value = re.sub(r"#([\w.-]+)", lambda hit: "#" + _identifier(hit[1], ids), value)
        elif name == "style":
            value = _style(value)
        elif name in NUMBERS or name == "transform":
            value = _short(value)
        if value:
            kept[name] = value
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())


def _identifier(original: str, ids: dict[str, str]) -> str:
    return ID_MARK + ids.setdefault(original, str(len(ids)))


def _style(text: str) -> str:
    """``fill: #0072b2; ...``에서 기본값을 빼고 색을 CSS 변수로 바꿉니다."""
    rules = dict(part.split(":", 1) for part in text.split(";") if ":" in part)
    rules = {name.strip(): value.strip() for name, value in rules.items()}
    if FAMILY in rules.get("font-family", ""):
        del rules["font-family"]
    if rules.get("stroke-linecap") == "butt":
        del rules["stroke-linecap"]
    short = {name: VARIABLES.get(value.lower(), _short(value)) for name, value in rules.items()}
    return ";".join(f"{name}:{value}" for name, value in short.items())


def _short(text: str) -> str:
    """좌표를 소수점 아래 둘째 자리까지만 남기고, 아무것도 안 하는 회전을 지웁니다."""
    text = re.sub(r"-?\d+\.\d+(?:e-?\d+)?", lambda hit: _round(hit[0]), text)
    text = re.sub(r"rotate\(-?0 [^)]*\)", "", text)
    return re.sub(r"\s*([MLCQz])\s*", r"\1", " ".join(text.split()))


def _round(number: str) -> str:
    short = f"{float(number):.2f}".rstrip("0").rstrip(".")
    return "0" if short in ("-0", "") else short
