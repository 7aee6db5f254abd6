"""출력 하나의 두 얼굴: 책 페이지와 저장된 노트북에는 HTML, 살아 있는 Jupyter에는 위젯.

위젯은 사람이 앞에 앉은 Jupyter에서만 냅니다. 그 판단은 이렇게 합니다.

1. 환경 변수 ``DDIALAB_STATIC``이 1이면 늘 HTML, 0이면 늘 위젯입니다.
2. 아니면 커널이 받은 실행 요청을 봅니다. JupyterLab과 Notebook은 "물어보면 답하겠다"
   (``allow_stdin``)고 보내고, nbclient·nbval·nbconvert는 그럴 수 없다고 보냅니다.

그래서 저장소에 든 노트북의 출력은 누가 어떤 도구로 실행하든 바이트까지 같은 HTML이고,
커널 없이 열어도 "Error displaying widget"이 아니라 그림이 보입니다.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from ddialab.core.errors import InvalidValue, LabError, check_choice

KINDS = ("측정", "시뮬레이션", "인용")
NO_FIGURES = "matplotlib이 없어 그림 대신 같은 수를 표로 보여 줍니다."


@cache
def asset(name: str) -> str:
    """패키지에 든 자산 파일(js, css)의 내용."""
    return (files("ddialab.show") / "assets" / name).read_text("utf-8")


def live() -> bool:
    """위젯을 움직일 커널과 사람이 있으면 참."""
    forced = os.environ.get("DDIALAB_STATIC", "")
    if forced in ("0", "1"):
        return forced == "0"
    kernel = getattr(shell(), "kernel", None)
    return kernel is not None and getattr(kernel, "_allow_stdin", True)


def emit(html: str, text: str, widget: Any = None, metadata: dict | None = None) -> None:
    """셀 출력 하나를 냅니다. IPython 밖에서는 ``text``만 인쇄합니다."""
    if shell() is None:
        print(text)
        return
    from IPython.display import display

    bundle = {"text/html": html, "text/plain": text}
    if widget is not None:
        view = widget._repr_mimebundle_()
        bundle |= (view[0] if isinstance(view, tuple) else view) | {"text/plain": text}
    display(bundle, raw=True, metadata=metadata or {})


def wrap(body: str, kind: str, caption: str, css_class: str = "") -> str:
    """그림 본문을 표지(측정·시뮬레이션·인용)와 설명이 붙은 ``<figure>``로 감쌉니다."""
    classes = f"ddialab {css_class}".strip()
    return (
        f"<style>{asset('notebook.css').strip()}</style>"
        f'<figure class="{classes}">{body}'
        f"<figcaption>{badge(kind)} {escape(caption)}</figcaption></figure>"
    )


def badge(kind: str) -> str:
    """수의 출처를 밝히는 표지."""
    return f'<span class="ddialab-badge" data-kind="{escape(kind)}">{escape(kind)}</span>'


def scroll(picture: str, hidden: str = "") -> str:
    """좁은 화면에서 글자가 작아지는 대신 옆으로 미는 틀. 표라면 그림이 아닌 까닭을 덧붙입니다."""
    name = "그림" if _is_svg(picture) else "표"
    box = f'<div class="ddialab-scroll" role="group" aria-label="{name}"{hidden}>{picture}</div>'
    if _is_svg(picture):
        return box
    why = f'<p class="ddialab-reason">{escape(_why_no_figure())}</p>'
    return f"<style>{asset('table.css').strip()}</style>{box}{why}"


def _is_svg(picture: str) -> bool:
    return picture.startswith("<svg ")


def _why_no_figure() -> str:
    """그림이 없는 까닭. 그림 묶음을 받지 못한 쪽이 ``DDIALAB_NO_FIGURES``에 사정을 남겨 둡니다."""
    cause = os.environ.get("DDIALAB_NO_FIGURES", "").strip().rstrip(".")
    return NO_FIGURES + (f" {cause}." if cause else "")


def still(picture: str) -> str:
    """어디에서 열어도 보이는 그림이나 표. 표는 어디에서나 그대로 보입니다.

    JupyterLab은 아직 믿지 않는 노트북에서 ``<svg>``와 ``<style>``을 떼고 글자만 남깁니다.
    그래서 SVG를 감춘 채로 두고 ``<style>``이 살아 있을 때만 보이며, 떼였다면 ``<img>``가 보입니다.
    """
    if not _is_svg(picture):
        return scroll(picture)
    image = picture.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    image = image.replace('style="', 'style="background:#fff;', 1)
    for mark, code in (("%", "%25"), ("#", "%23"), ("&", "%26"), ("'", "%27")):
        image = image.replace(mark, code)
    alt = re.search(r'aria-label="([^"]*)"', picture)[1]
    copy = f'<img class="ddialab-copy" alt="{alt}" src=\'data:image/svg+xml,{image}\'>'
    return copy + scroll(picture, ' hidden="hidden"')


def json_block(value: Any) -> str:
    """페이지의 스크립트가 읽을 JSON. ``<``를 바꾸므로 ``</script>``가 끼어들지 못합니다."""
    packed = json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json">{packed}</script>'


def check_kind(kind: object) -> str:
    """``kind``가 측정, 시뮬레이션, 인용 가운데 하나인지 봅니다."""
    return check_choice("kind", kind, KINDS)


def check_text(name: str, value: object) -> str:
    """비어 있지 않은 문자열인지 봅니다."""
    if not isinstance(value, str) or not value.strip():
        raise InvalidValue(
            f"{name}={value!r}: 비어 있습니다.",
            f"{name}은(는) 비어 있지 않은 문자열이어야 합니다.",
        )
    return value.strip()


def check_alt(alt: object) -> str:
    """대체 텍스트는 화면을 볼 수 없는 독자가 읽을 유일한 그림이라서 꼭 있어야 합니다."""
    if not isinstance(alt, str) or not alt.strip():
        raise InvalidValue(
            f"alt={alt!r}: 대체 텍스트가 비었습니다.",
            "그림이 말하는 바를 한두 문장으로 쓴 문자열이어야 합니다.",
            '예: alt="적중률이 99%에서 98%로 떨어지면 데이터베이스의 일은 두 배가 됩니다."',
        )
    return alt.strip()


def told(error: Exception) -> str:
    """위젯 안에서 난 오류를 독자에게 보일 한 줄."""
    return str(error) if isinstance(error, LabError) else f"{type(error).__name__}: {error}"


def shell():
    """지금 도는 IPython. 그 밖이면 None."""
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()
