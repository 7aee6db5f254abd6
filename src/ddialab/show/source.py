"""실제 정의를 보여 줍니다. 붙여 넣은 코드가 아니라서 낡지 않습니다."""

from __future__ import annotations

import inspect
import re
from html import escape
from pathlib import PurePath
from textwrap import dedent
from typing import Any

from ddialab.core.errors import InvalidValue
from ddialab.show.face import asset, emit


def source(obj: Any) -> None:
    """함수, 클래스, 모듈의 실제 소스를 파일 이름과 함께 보여 줍니다.

    정의를 찾을 수 없는 것(내장 함수, 값)이면 `InvalidValue`입니다.
    """
    code, caption = source_text(obj)
    html = (
        f"<style>{asset('source.css').strip()}</style>"
        f'<figure class="ddialab ddialab-source"><figcaption>{escape(caption)}</figcaption>'
        f'<div class="highlight"><pre>{_highlight(code)}</pre></div></figure>'
    )
    emit(html, f"{caption}\n\n{code}")


def source_text(obj: Any) -> tuple[str, str]:
    """``(소스, "ddialab/blocks/cache.py: Cache")``. 기계마다 다른 절대 경로는 넣지 않습니다."""
    try:
        code, path = dedent(inspect.getsource(obj)).rstrip(), inspect.getsourcefile(obj) or ""
    except (TypeError, OSError):
        raise InvalidValue(
            f"{obj!r}: 소스를 찾을 수 없습니다.",
            "파이썬으로 정의한 함수, 클래스, 모듈이어야 합니다.",
        ) from None
    name = "" if inspect.ismodule(obj) else getattr(obj, "__qualname__", "")
    return code, ": ".join(part for part in (_file_name(path), name) if part)


def _file_name(path: str) -> str:
    parts = PurePath(path).as_posix().split("/")
    if "ddialab" in parts:
        last = len(parts) - 1 - parts[::-1].index("ddialab")
        return "/".join(parts[last:])
    return "이 노트북" if re.search(r"ipykernel|<ipython", path) else parts[-1]


def _highlight(code: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return highlight(code, PythonLexer(), HtmlFormatter(nowrap=True)).rstrip("\n")
