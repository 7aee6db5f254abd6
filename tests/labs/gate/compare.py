"""다시 실행한 출력과 저장된 출력을 견줍니다.

글은 글자까지, 그림은 눈에 보이는 만큼 같아야 합니다. 부동소수점의 끝자리는 CPU마다 달라서
SVG의 좌표는 `TOLERANCE`까지, PNG의 화소는 `PIXEL_SHARE`까지 달라도 같은 그림으로 봅니다.
"""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from urllib.parse import unquote

from nbformat import NotebookNode

TOLERANCE = 0.6  # SVG 좌표의 차이(pt). 눈에 보이지 않는 크기입니다
PIXEL_STEP, PIXEL_SHARE = (
    32,
    0.005,
)  # 이만큼(0~255) 넘게 다른 화소가 이 비율을 넘으면 다른 그림입니다
WIDGET = "application/vnd.jupyter.widget-view+json"  # 실행마다 번호가 바뀌는 살아 있는 화면
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
COORDINATES = re.compile(
    "d|points|transform|[cd]?[xy]|[xy][12]|r[xy]?|width|height|viewbox|offset"
)  # 눈금 같은 글이 아니라 자리를 적는 속성


def differences(saved: list[NotebookNode], new: list[NotebookNode], strict: bool) -> list[str]:
    """두 출력 목록이 다른 점들. ``strict``가 아니면 모양(종류, 그림 수, 결과 이름)만 봅니다."""
    shapes = [shape(output) for output in saved], [shape(output) for output in new]
    if shapes[0] != shapes[1]:
        return [_shape_difference(*shapes)]
    if not strict:
        return []
    pairs = zip(saved, new, strict=True)
    return [reason for pair in pairs for reason in _content_differences(*pair)]


def shape(output: NotebookNode) -> str:
    """출력의 종류를 한 줄로: 스트림 이름, 오류 이름, 또는 MIME 종류와 그림 수와 결과 이름."""
    if output.output_type == "stream":
        return f"글({output.name})"
    if output.output_type == "error":
        return f"오류({output.ename})"
    mimes = sorted(key for key in output.data if key != WIDGET)
    figures = sum(_text(output.data[key]).count("<svg") for key in mimes)
    figures += sum(key.startswith("image/") for key in mimes)
    name = output.metadata.get("ddialab", {}).get("name")
    parts = [*mimes, f"그림 {figures}개" * bool(figures), f"결과 {name}" * bool(name)]
    return f"표시({', '.join(filter(None, parts))})"


def _shape_difference(saved: list[str], new: list[str]) -> str:
    if len(saved) > len(new) and new == saved[: len(new)]:
        return f"저장된 출력이 다시 실행하니 사라졌습니다: {', '.join(saved[len(new) :])}"
    if len(new) > len(saved) and saved == new[: len(saved)]:
        return f"다시 실행하니 저장되지 않은 출력이 나옵니다: {', '.join(new[len(saved) :])}"
    return f"출력의 모양이 다릅니다. 저장: {' · '.join(saved)} / 다시 실행: {' · '.join(new)}"


def _content_differences(saved: NotebookNode, new: NotebookNode) -> list[str]:
    if saved.output_type == "stream":
        return _text_difference("글", saved.text, new.text)
    if saved.output_type == "error":
        return _text_difference("오류 문장", saved.evalue, new.evalue)
    found = []
    for mime in saved.data:
        if mime != WIDGET:
            found += _mime_differences(mime, saved.data[mime], new.data[mime])
    return found + _text_difference("결과", _named(saved), _named(new))


def _named(output: NotebookNode) -> str:
    """``result()``가 남긴 것. 반올림하지 않은 값은 CPU마다 끝자리가 달라 뺍니다."""
    about = output.metadata.get("ddialab", {})
    return ", ".join(f"{key}={about[key]}" for key in sorted(about) if key != "value")


def _mime_differences(mime: str, saved, new) -> list[str]:
    saved, new = _text(saved), _text(new)
    if saved == new:
        return []
    if mime in ("text/html", "image/svg+xml"):
        return _markup_difference(saved, new)
    if mime in ("image/png", "image/jpeg"):
        return [] if same_pixels(saved, new) else ["그림이 다릅니다(화소)."]
    return _text_difference(mime, saved, new)


def _text(value) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _text_difference(what: str, saved: str, new: str) -> list[str]:
    if saved == new:
        return []
    before, after = saved.splitlines() or [""], new.splitlines() or [""]
    same = sum(1 for _ in _common_prefix(before, after))
    before, after = [*before, "(없음)"][same], [*after, "(없음)"][same]
    return [
        f"{what}이(가) 다릅니다.\n  저장된 것:   {before[:200]}\n  다시 실행한 것: {after[:200]}"
    ]


def _common_prefix(left: list, right: list):
    for one, other in zip(left, right, strict=False):
        if one != other:
            return
        yield one


# ── 그림 ───────────────────────────────────────────────────────────


class _Flat(HTMLParser):
    """HTML을 (모양, 좌표들)의 줄로 폅니다. id는 나온 차례의 번호로 바꿉니다."""

    def __init__(self, markup: str):
        super().__init__()
        self.rows: list[tuple[str, list[float]]] = []
        self._ids: dict[str, str] = {}
        self._depth = 0  # <svg> 안인가
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self._depth += tag == "svg"
        self.rows.append((f"<{tag}", []))
        for name, value in attrs:
            self.rows += self._inside_picture(value or "") or [self._attribute(name, value or "")]

    def handle_endtag(self, tag):
        self._depth -= tag == "svg"
        self.rows.append((f"</{tag}", []))

    def handle_data(self, data):
        self.rows.append((data, []))

    def _inside_picture(self, value: str) -> list[tuple[str, list[float]]]:
        """주소 안에 통째로 든 SVG(``data:``)도 폅니다."""
        head, comma, body = value.partition(",")
        return _Flat(unquote(body)).rows if comma and head == "data:image/svg+xml" else []

    def _attribute(self, name: str, value: str) -> tuple[str, list[float]]:
        if self._depth and COORDINATES.fullmatch(name):
            numbers = [float(number) for number in NUMBER.findall(value)]
            return f"{name}={NUMBER.sub('0', value)}", numbers
        if name in ("id", "for", "aria-labelledby", "aria-describedby", "aria-controls"):
            value = " ".join(self._number(word) for word in value.split())
        if name in ("href", "xlink:href") and value.startswith("#"):
            value = self._number(value[1:])
        return f"{name}={re.sub(r'url[(]#([^)]+)[)]', lambda m: self._number(m[1]), value)}", []

    def _number(self, name: str) -> str:
        return self._ids.setdefault(name, f"#{len(self._ids)}")


def _markup_difference(saved: str, new: str) -> list[str]:
    before, after = _Flat(saved).rows, _Flat(new).rows
    for one, other in zip(before, after, strict=False):
        if not _same_row(one, other):
            return [
                f"그림이 다릅니다.\n  저장된 것:   {_row(one)}\n  다시 실행한 것: {_row(other)}"
            ]
    if len(before) != len(after):
        return [f"그림이 다릅니다. 요소가 {len(before)}개에서 {len(after)}개로 바뀌었습니다."]
    return []


def _same_row(one: tuple[str, list[float]], other: tuple[str, list[float]]) -> bool:
    if one[0] != other[0] or len(one[1]) != len(other[1]):
        return False
    return all(abs(a - b) <= TOLERANCE for a, b in zip(one[1], other[1], strict=True))


def _row(row: tuple[str, list[float]]) -> str:
    return f"{row[0][:120]} {row[1][:8] or ''}".strip()


def same_pixels(saved: str, new: str) -> bool:
    """base64로 적힌 두 그림이 크기와 화소가 같은가."""
    import numpy as np
    from PIL import Image

    images = [
        Image.open(io.BytesIO(base64.b64decode(text))).convert("RGBA") for text in (saved, new)
    ]
    one, other = (np.asarray(image, dtype=int) for image in images)
    if one.shape != other.shape:
        return False
    return float((abs(one - other).max(axis=2) > PIXEL_STEP).mean()) <= PIXEL_SHARE
