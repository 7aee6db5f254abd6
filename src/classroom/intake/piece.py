"""조각: 낸 노트북의 셀 하나. 파일이 어떻게 깨져 있든 읽을 수 있는 만큼 읽습니다."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property

from classroom.intake.archive import NOTEBOOK

CELL_LIMIT = 2000  # 노트북 하나의 셀 수
DEFINED = re.compile(
    r"^(?:async +def|def|class) +(\w+)|^(\w++(?: *, *\w++)*+) *(?::[^=\n]+)?=(?!=)", re.M
)


@dataclass(frozen=True)
class Piece:
    """낸 노트북의 셀 하나. nbgrader의 이름(``grade_id``)과 셀의 ``id``는 비어 있을 수 있습니다."""

    index: int
    kind: str
    source: str
    grade_id: str = ""
    id: str = ""
    tagged: bool = False  # 학번 셀의 꼬리표가 있는가

    @cached_property
    def text(self) -> str:
        return flat(self.source)

    @cached_property
    def defines(self) -> frozenset[str]:
        return defined(self.source) if self.kind == "code" else frozenset()


def cells_of(path: str, data: bytes) -> tuple[list[Piece] | None, list[str]]:
    """노트북 파일의 셀들. 열 수 없으면 ``None``과 까닭."""
    if not path.lower().endswith(NOTEBOOK) or not data:
        return None, [f"{path}: 열 수 없거나 비어 있습니다."]
    text, notes = _decoded(path, data)
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        where = f"{error.lineno}번째 줄" if isinstance(error, json.JSONDecodeError) else "너무 깊음"
        return None, [*notes, f"{path}: 노트북(JSON)으로 읽을 수 없습니다({where})."]
    cells = _cells(saved)
    if not cells:
        return None, [*notes, f"{path}: 셀이 없습니다."]
    if len(cells) > CELL_LIMIT:
        notes.append(f"{path}: 셀이 {len(cells)}개여서 앞의 {CELL_LIMIT}개만 봅니다.")
        cells = cells[:CELL_LIMIT]
    pieces = [_piece(index, cell) for index, cell in enumerate(cells)]
    if any(re.search("[\0\ud800-\udfff]", _joined(cell)) for cell in cells):
        notes.append(f"{path}: 문자열에 담을 수 없는 문자를 지웠습니다.")
    return pieces, notes


def _decoded(path: str, data: bytes) -> tuple[str, list[str]]:
    """바이트를 문자열로. UTF-8이 아니면 무엇으로 읽었는지 알립니다."""
    if data.startswith(b"\xef\xbb\xbf"):
        data, tried = data[3:], [("utf-8", "앞의 BOM을 떼고")]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tried = [("utf-16", "UTF-16으로")]
    elif data[:2] in (b"{\0", b"\0{"):
        tried = [("utf-16-le" if data[:1] == b"{" else "utf-16-be", "UTF-16으로")]
    else:
        tried = [("utf-8", ""), ("cp949", "cp949로")]
    for encoding, how in tried:
        try:
            return data.decode(encoding), [f"{path}: {how} 읽었습니다."] if how else []
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace"), [f"{path}: 깨진 글자를 �로 바꾸어 읽었습니다."]


def _cells(saved: object) -> list[dict]:
    """노트북의 셀들. 옛 형식(nbformat 3)은 셀이 worksheets 안에 있습니다."""
    if not isinstance(saved, dict):
        return []
    sheets = saved.get("worksheets")
    holders = [saved, *(sheets if isinstance(sheets, list) else [])]
    found = [holder.get("cells") for holder in holders if isinstance(holder, dict)]
    cells = [cell for one in found if isinstance(one, list) for cell in one]
    return [cell for cell in cells if isinstance(cell, dict)]


def _joined(cell: dict) -> str:
    source = cell.get("source", cell.get("input", ""))
    parts = source if isinstance(source, list) else [source]
    return "".join(part for part in parts if isinstance(part, str))


def _piece(index: int, cell: dict) -> Piece:
    """셀 하나를 믿을 수 있는 모양으로. 형식이 틀린 것은 없는 것으로 봅니다."""
    text = _joined(cell).replace("\r\n", "\n").replace("\0", "")
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else ""
    tags = metadata.get("tags")
    return Piece(
        index,
        "code" if cell.get("cell_type") == "code" else "markdown",
        text.encode("utf-8", "replace").decode(),
        grade_id if isinstance(grade_id, str) else "",
        cell["id"] if isinstance(cell.get("id"), str) else "",
        isinstance(tags, list) and "student-id" in tags,
    )


def flat(source: str) -> str:
    """견줄 때 쓰는 텍스트: 줄 끝의 빈칸과 앞뒤의 빈 줄은 보지 않습니다."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def defined(source: str) -> frozenset[str]:
    """들여쓰지 않은 줄에서 정의하는 이름들. 문법이 틀린 셀도 봐야 하므로 텍스트에서 찾습니다."""
    found = DEFINED.finditer(source)
    return frozenset(name.strip() for match in found for name in (match[1] or match[2]).split(","))
