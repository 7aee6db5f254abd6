"""답을 찾는 눈: 무엇에 어떻게 싸여 있든, 학생이 보면 안 되는 줄을 찾습니다.

HTML은 꼬리표를 떼고, 묶음(zip, whl, xz, gz)은 풀고, JSON의 이스케이프는 되돌려 글자만 견줍니다.
"""

from __future__ import annotations

import gzip
import html
import io
import lzma
import re
import zipfile
from collections.abc import Iterator

from classroom.assignment import HIDDEN, Assignment, is_answer, is_written

SOLUTION = re.compile(r"### BEGIN SOLUTION.*?### END SOLUTION", re.S)
LONG = 20  # 바이트. 이보다 짧은 줄은 우연히도 나옵니다
OTHERS = bytes(n for n in range(128) if not chr(n).isalnum())  # 지울 바이트. 한글은 128부터입니다
ESCAPED = re.compile(rb"\\u([0-9a-fA-F]{4})")
# 글이 들 수 없는 파일. 실습실의 것은 이름 뒤에 해시가 붙습니다
WORDLESS = re.compile(r"\.(wasm|so|otf|woff2|png|ico)(\.\w+\.xz)?!?$")
PACKED = {b"PK\x03\x04": "zip", b"\xfd7zXZ": "xz", b"\x1f\x8b": "gz"}


def letters(text: bytes) -> bytes:
    """글자와 숫자만. 따옴표, 들여쓰기, 이스케이프가 달라도 같아집니다."""
    return text.translate(None, OTHERS)


def secrets(assignment: Assignment) -> dict[bytes, str]:
    """{찾을 글자들: 원래의 줄}. 배포본에도 있는 줄은 비밀이 아닙니다."""
    shown = letters("\n".join(cell.source for cell in assignment.release.cells).encode())
    found = {}
    for line in "\n".join(_regions(assignment)).splitlines():
        needle = letters(line.encode())
        if len(needle) >= LONG and needle not in shown:
            found[needle] = line.strip()
    return found


def _regions(assignment: Assignment) -> Iterator[str]:
    for cell in assignment.source.cells:
        yield from HIDDEN.findall(cell.source)
        yield from SOLUTION.findall(cell.source) if is_answer(cell) else ()
        if is_written(cell):
            yield cell.source


def opened(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """묶음이면 속의 것까지 (이름, 내용)."""
    kind = next((kind for mark, kind in PACKED.items() if data.startswith(mark)), "")
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for inner in archive.namelist():
                yield from opened(f"{name}!{inner}", archive.read(inner))
    elif kind:
        yield from opened(f"{name}!", (lzma if kind == "xz" else gzip).decompress(data))
    elif not WORDLESS.search(name):
        yield name, data


def readings(data: bytes) -> Iterator[bytes]:
    """``data``를 읽는 두 가지: 적힌 그대로와, HTML의 꼬리표를 뗀 것."""
    data = ESCAPED.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), data)
    yield letters(data)
    if b"</" in data:
        text = re.sub(rb"<[^<>]*>", b"", data).decode("utf-8", "replace")
        yield letters(html.unescape(text).encode())


def leaked(data: bytes, wanted: dict[bytes, str]) -> list[str]:
    """``data``에 든 비밀의 줄들."""
    texts = list(readings(data))
    return [line for needle, line in wanted.items() if any(needle in text for text in texts)]
