"""조각: 낸 노트북의 셀 하나. 파일이 어떻게 깨져 있든 읽을 수 있는 만큼 읽습니다."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from warnings import catch_warnings

from classroom.intake import document

CELL_LIMIT = 2000  # 노트북 하나의 셀 수
PARSED_LIMIT = 100_000  # 이보다 긴 셀의 문법은 보지 않습니다(글자)
FLAGS = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
MAGIC = re.compile(r"^([ \t]*)[%!].*", re.M)
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
    attachments: object = None  # 붙인 그림. 확인하지 않은 것입니다

    @cached_property
    def text(self) -> str:
        return flat(self.source)

    @cached_property
    def defines(self) -> frozenset[str]:
        """정의하는 이름들. 실수로 글이 된 코드도 코드로 봅니다."""
        names = defined(self.source)
        return names if names and (self.kind == "code" or parses(self.source)) else frozenset()


def cells_of(path: str, data: bytes) -> tuple[list[Piece] | None, list[str]]:
    """노트북 파일의 셀들. 열 수 없으면 ``None``과 까닭."""
    cells, said = document.cells(data)
    notes = [f"{path}: {note}" for note in said]
    if cells is None:
        return None, notes
    if len(cells) > CELL_LIMIT:
        notes.append(f"{path}: 셀이 {len(cells)}개여서 앞의 {CELL_LIMIT}개만 봅니다.")
        cells = cells[:CELL_LIMIT]
    pieces = [_piece(index, cell) for index, cell in enumerate(cells)]
    if any(re.search("[\0\ud800-\udfff]", document.source(cell)) for cell in cells):
        notes.append(f"{path}: 문자열에 담을 수 없는 문자를 지웠습니다.")
    return pieces, notes


def _piece(index: int, cell: dict) -> Piece:
    """셀 하나를 믿을 수 있는 모양으로. 형식이 틀린 것은 없는 것으로 봅니다."""
    text = re.sub("\r\n?", "\n", document.source(cell)).replace("\0", "")
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    marks = metadata.get("nbgrader")
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else ""
    tags = metadata.get("tags")
    id = cell.get("id", metadata.get("id"))  # 코랩은 셀의 id를 메타데이터에 적습니다
    return Piece(
        index,
        "code" if document.is_code(cell) else "markdown",
        text.encode("utf-8", "replace").decode(),
        grade_id if isinstance(grade_id, str) else "",
        id if isinstance(id, str) else "",
        isinstance(tags, list) and "student-id" in tags,
        cell.get("attachments"),
    )


def flat(source: str) -> str:
    """견줄 때 쓰는 텍스트: 줄 끝의 빈칸과 앞뒤의 빈 줄은 보지 않습니다."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def parses(source: str) -> bool:
    """문법에 맞는 파이썬인가. IPython의 명령(``%``, ``!``)은 봐 줍니다."""
    if len(source) > PARSED_LIMIT:
        return False
    try:
        with catch_warnings(action="ignore"):
            compile(MAGIC.sub(r"\1pass", source), "<cell>", "exec", FLAGS)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def defined(source: str) -> frozenset[str]:
    """들여쓰지 않은 줄에서 정의하는 이름들. 문법이 틀린 셀도 봐야 하므로 텍스트에서 찾습니다."""
    found = DEFINED.finditer(source)
    return frozenset(name.strip() for match in found for name in (match[1] or match[2]).split(","))
