"""되살리기: 낸 노트북에서 답만 꺼내, 나눠 준 노트북의 빈칸에 옮깁니다.

주어진 셀과 테스트 셀은 언제나 나눠 준 그대로입니다. 학생의 것은 답 셀의 내용과 더한 셀뿐입니다.
답은 셀의 이름(grade_id)으로, 없으면 셀의 id로, 정의하는 이름으로, 마지막으로 자리로 찾습니다.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from classroom.assignment import (
    TITLE,
    Assignment,
    is_answer,
    is_student_id,
    is_test,
    is_written,
    mark,
)
from classroom.intake.archive import NOTEBOOK
from classroom.intake.roster import squeeze
from classroom.record import Status

if TYPE_CHECKING:
    from classroom.intake.submission import Submission

ADDED_LIMIT = 300  # 학생이 더한 셀의 수
CELL_LIMIT = 2000  # 노트북 하나의 셀 수
DEFINED = re.compile(
    r"^(?:async +def|def|class) +(\w+)|^(\w++(?: *, *\w++)*+) *(?::[^=\n]+)?=(?!=)", re.M
)


@dataclass(frozen=True)
class Rebuilt:
    """되살린 노트북. 채점할 것이 없으면 ``notebook`` 대신 ``status``가 있습니다.

    ``notes``에는 제출을 받을 때의 알림도 들어 있습니다.
    """

    notebook: NotebookNode | None
    status: Status | None
    notes: tuple[str, ...]


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
        return _flat(self.source)

    @cached_property
    def defines(self) -> frozenset[str]:
        return _defined(self.source) if self.kind == "code" else frozenset()


@dataclass
class Matching:
    """나눠 준 셀(번호)과 낸 셀의 짝. ``free``는 아직 짝이 없는 낸 셀들입니다."""

    release: list[NotebookNode]
    pairs: dict[int, Piece] = field(default_factory=dict)
    free: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rescued: dict[str, list[str]] = field(default_factory=dict)

    def take(self, index: int, piece: Piece, how: str = "") -> None:
        """짝을 짓습니다. ``how``는 표식 없이 답을 찾은 방법입니다."""
        self.pairs[index] = piece
        self.free.remove(piece)
        if how and is_answer(self.release[index]):
            self.rescued.setdefault(how, []).append(mark(self.release[index])["grade_id"])

    def missing(self) -> list[int]:
        """아직 짝이 없는 나눠 준 셀들."""
        return [index for index in range(len(self.release)) if index not in self.pairs]


def rebuild(assignment: Assignment, submission: Submission) -> Rebuilt:
    """낸 것을 나눠 준 노트북 위에 되살립니다. 무엇을 냈든 예외를 내지 않습니다."""
    opened, notes = {}, list(submission.notes)
    if not submission.files:
        return Rebuilt(None, Status.MISSING, tuple(notes))
    for path, data in submission.files.items():
        pieces, said = _open(path, data)
        notes += said
        if pieces is not None:
            opened[path] = pieces
    if not opened:
        return Rebuilt(None, Status.UNREADABLE, tuple(notes))
    alike = {path: pieces for path, pieces in opened.items() if _resembles(assignment, pieces)}
    if not alike:
        notes.append(f"{assignment.name}의 셀이 하나도 없는 노트북입니다: {', '.join(opened)}")
        return Rebuilt(None, Status.MISSING, tuple(notes))
    path, said = _choose(assignment, alike)
    notes += said
    if path is None:
        return Rebuilt(None, Status.AMBIGUOUS, tuple(notes))
    notebook, said = _rebuilt(assignment, alike[path], submission.student)
    return Rebuilt(notebook, None, tuple(dict.fromkeys([*notes, *said])))


# ── 파일에서 셀로 ─────────────────────────────────────────────────────────


def _open(path: str, data: bytes) -> tuple[list[Piece] | None, list[str]]:
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
    found = [saved.get("cells")] + [
        sheet.get("cells") for sheet in (sheets if isinstance(sheets, list) else []) if
        isinstance(sheet, dict)
    ]  # fmt: skip
    return [
        cell for cells in found if isinstance(cells, list) for cell in cells if
        isinstance(cell, dict)
    ]  # fmt: skip


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


def _flat(source: str) -> str:
    """견줄 때 쓰는 텍스트: 줄 끝의 빈칸과 앞뒤의 빈 줄은 보지 않습니다."""
    return "\n".join(line.rstrip() for line in source.strip().splitlines())


def _defined(source: str) -> frozenset[str]:
    """들여쓰지 않은 줄에서 정의하는 이름들. 문법이 틀린 셀도 봐야 하므로 텍스트에서 찾습니다."""
    found = DEFINED.finditer(source)
    return frozenset(name.strip() for match in found for name in (match[1] or match[2]).split(","))


# ── 어느 노트북인가 ───────────────────────────────────────────────────────


def _resembles(assignment: Assignment, pieces: list[Piece]) -> bool:
    """이 과제에서 나온 노트북인가: 이름이나 코드나 정의하는 이름이 하나라도 같은가."""
    cells = assignment.release.cells
    ids = {mark(cell)["grade_id"] for cell in cells if mark(cell)}
    code = {_flat(cell.source) for cell in cells} - {""}
    names = frozenset().union(*map(_defined, assignment.answers.values()))
    return any(
        piece.grade_id in ids or piece.text in code or piece.defines & names for piece in pieces
    )


def _choose(assignment: Assignment, alike: dict[str, list[Piece]]) -> tuple[str | None, list[str]]:
    """채점할 노트북 하나. 정할 수 없으면 ``None``."""
    answered = {path: ps for path, ps in alike.items() if not _is_blank(assignment, ps)}
    left = answered or alike
    distinct = {tuple((p.kind, p.text) for p in ps): path for path, ps in reversed(left.items())}
    exact = [path for path in distinct.values() if _stem(path) == assignment.name.casefold()]
    chosen = exact if len(exact) == 1 else list(distinct.values())
    if len(chosen) > 1:
        return None, [f"노트북이 여럿이어서 고르지 못했습니다: {', '.join(sorted(chosen))}"]
    path, notes = chosen[0], []
    if len(alike) > 1:
        others = ", ".join(other for other in alike if other != path)
        notes.append(f"노트북이 여럿이어서 {path}를 채점합니다. 나머지: {others}")
    if _stem(path) != assignment.name.casefold():
        notes.append(f"파일 이름이 다릅니다: {path}")
    return path, notes


def _stem(path: str) -> str:
    return path.rsplit("/", 1)[-1][: -len(NOTEBOOK)].casefold()


def _is_blank(assignment: Assignment, pieces: list[Piece]) -> bool:
    """나눠 준 노트북 그대로인가."""
    given = {_flat(cell.source) for cell in assignment.release.cells}
    return all(piece.text in given or not piece.text for piece in pieces)


# ── 답을 빈칸으로 ─────────────────────────────────────────────────────────


def _rebuilt(assignment: Assignment, pieces: list[Piece], student: str):
    matching = Matching(assignment.release.cells, free=[p for p in pieces if p.text])
    names = _own_names(assignment)
    _match_student_id(matching, student)
    _match_grade_ids(matching, names)
    _match_cell_ids(matching)
    _match_unmarked(matching)
    _match_names(matching, names)
    _match_positions(matching)
    matching.notes += _reverted(matching)
    return _filled(assignment, matching), matching.notes


def _own_names(assignment: Assignment) -> dict[str, frozenset[str]]:
    """답 셀마다, 그 답만 정의하는 이름들."""
    defined = {id: _defined(source) for id, source in assignment.answers.items()}
    return {
        id: names - frozenset().union(*(other for key, other in defined.items() if key != id))
        for id, names in defined.items()
    }


def _match_student_id(matching: Matching, student: str) -> None:
    """학번 셀은 나눠 준 것을 쓰므로, 낸 노트북의 학번 셀은 모두 뺍니다."""
    index = next((i for i, cell in enumerate(matching.release) if is_student_id(cell)), None)
    ours = [p for p in matching.free if p.tagged or p.defines == {"student_id"}]
    if index is None or not ours:
        return
    for piece in ours[1:]:
        matching.free.remove(piece)
    matching.take(index, ours[0])
    written = re.search(r"""student_id\s*=\s*["']([^"']*)""", ours[0].source)
    default = re.search(r"""student_id\s*=\s*["']([^"']*)""", matching.release[index].source)
    said, usual = (found[1] if found else "" for found in (written, default))
    looks = re.match(r"\d", said) and re.match(r"\d", student)
    if looks and squeeze(said) not in (squeeze(student), squeeze(usual)):
        matching.notes.append(f"노트북에 적힌 학번({said[:40]})이 낸 사람과 다릅니다.")


def _match_grade_ids(matching: Matching, names: dict[str, frozenset[str]]) -> None:
    for index, cell in enumerate(matching.release):
        id = mark(cell).get("grade_id")
        same = [piece for piece in matching.free if id and piece.grade_id == id]
        if not same:
            continue
        chosen = _best(cell, same, names.get(id, frozenset()))
        if same[1:]:
            matching.notes.append(f"{id}: 이름이 같은 셀이 {len(same)}개여서 하나를 골랐습니다.")
        matching.take(index, chosen)
        for piece in same:  # 고치지 않은 복제본은 버리고, 고친 것은 더한 셀로 남깁니다
            if piece is not chosen and piece.text == _flat(cell.source):
                matching.free.remove(piece)


def _best(cell: NotebookNode, same: list[Piece], names: frozenset[str]) -> Piece:
    """이름이 같은 셀들 가운데 답: 있어야 할 이름을 정의하는 것, 빈칸이 아닌 것, 나중 것."""
    stub = _flat(cell.source)
    if not is_answer(cell):
        return max(same, key=lambda piece: (piece.text == stub, -piece.index))
    return max(same, key=lambda p: (p.text != stub, len(p.defines & names), p.index))


def _match_cell_ids(matching: Matching) -> None:
    for index in matching.missing():
        cell = matching.release[index]
        same = [p for p in matching.free if p.id and p.id == cell.get("id")]
        if len(same) == 1:
            matching.take(index, same[0], "셀의 id")


def _match_unmarked(matching: Matching) -> None:
    """표식이 지워졌어도 나눠 준 그대로인 셀과, 첫 줄이 같은 테스트 셀."""
    for index in matching.missing():
        cell = matching.release[index]
        title = is_test(cell) and TITLE.match(cell.source)
        for piece in matching.free:
            theirs = title and TITLE.match(piece.source)
            if piece.text == _flat(cell.source) or (theirs and theirs[1] == title[1]):
                matching.take(index, piece)
                break


def _match_names(matching: Matching, names: dict[str, frozenset[str]]) -> None:
    for index in matching.missing():
        id = mark(matching.release[index]).get("grade_id")
        same = [p for p in matching.free if p.defines & names.get(id, frozenset())]
        if same and is_answer(matching.release[index]):
            best = _best(matching.release[index], same, names[id])
            matching.take(index, best, "정의하는 이름")


def _match_positions(matching: Matching) -> None:
    """앞뒤의 아는 셀 사이에 빈 답이 하나이고 그 사이에 낸 셀도 하나이면 그것이 답입니다.

    글로 쓴 답은 여러 셀에 나눠 썼어도 모두 합칩니다.
    """
    for index in matching.missing():
        cell = matching.release[index]
        if not is_answer(cell):
            continue
        low, high = _between(matching, index)
        near = [p for p in matching.free if low < p.index < high and p.kind == cell.cell_type]
        rivals = [
            i
            for i in matching.missing()
            if is_answer(matching.release[i])
            and matching.release[i].cell_type == cell.cell_type
            and _between(matching, i) == (low, high)
        ]
        if len(rivals) > 1 or not near or (near[1:] and not is_written(cell)):
            continue
        chosen = _merged(matching, near) if near[1:] else near[0]
        matching.take(index, chosen, "앞뒤 셀 사이의 자리")


def _merged(matching: Matching, pieces: list[Piece]) -> Piece:
    for piece in pieces:
        matching.free.remove(piece)
    text = "\n\n".join(piece.source for piece in pieces)
    matching.free.append(Piece(pieces[0].index, "markdown", text))
    return matching.free[-1]


def _between(matching: Matching, index: int) -> tuple[float, float]:
    """나눠 준 셀의 앞뒤에서 짝을 찾은 셀이 낸 노트북의 몇째인가."""
    before = [piece.index for i, piece in matching.pairs.items() if i < index]
    after = [piece.index for i, piece in matching.pairs.items() if i > index]
    low = max(before, default=-1)
    return low, min((one for one in after if one > low), default=float("inf"))


def _reverted(matching: Matching) -> list[str]:
    """되살린 것, 원래대로 돌려놓은 것, 지워진 것의 알림."""
    notes = [
        f"표식이 없어 {how}(으)로 찾은 답: {', '.join(ids)}"
        for how, ids in matching.rescued.items()
    ]
    for index, cell in enumerate(matching.release):
        if not (id := mark(cell).get("grade_id")):
            continue
        what = "테스트 셀" if is_test(cell) else "주어진 셀"
        piece = matching.pairs.get(index)
        if piece is None:
            notes.append(f"{id}: 답 셀을 찾지 못했습니다." if is_answer(cell)
                         else f"{id}: {what}이 없어 다시 넣었습니다.")  # fmt: skip
        elif not is_answer(cell) and piece.text != _flat(cell.source):
            notes.append(f"{id}: 고친 {what}을 원래대로 돌려놓았습니다.")
    return notes


def _filled(assignment: Assignment, matching: Matching) -> NotebookNode:
    """나눠 준 노트북에 답을 옮기고, 학생이 더한 셀을 제자리에 끼웁니다."""
    notebook = deepcopy(assignment.release)
    after: dict[int, list[Piece]] = {}
    for piece in sorted(matching.free, key=lambda one: one.index)[:ADDED_LIMIT]:
        before = [i for i, mate in matching.pairs.items() if mate.index < piece.index]
        after.setdefault(max(before, key=lambda i: matching.pairs[i].index, default=-1), []).append(
            piece
        )
    if len(matching.free) > ADDED_LIMIT:
        matching.notes.append(f"더한 셀이 너무 많아 앞의 {ADDED_LIMIT}개만 남겼습니다.")
    cells = [_added(piece) for piece in after.get(-1, [])]
    for index, cell in enumerate(notebook.cells):
        if is_answer(cell) and index in matching.pairs:
            cell.source = matching.pairs[index].source
        cells += [cell, *(_added(piece) for piece in after.get(index, []))]
    notebook.cells = cells
    return notebook


def _added(piece: Piece) -> NotebookNode:
    make = new_code_cell if piece.kind == "code" else new_markdown_cell
    metadata = {"ddialab": {"added": True}}
    return make(piece.source, id=f"added-{piece.index}", metadata=metadata)
