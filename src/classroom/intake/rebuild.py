"""되살리기: 낸 노트북에서 답만 꺼내, 나눠 준 노트북의 빈칸에 옮깁니다.

주어진 셀과 테스트 셀은 언제나 나눠 준 그대로입니다. 학생의 것은 답 셀의 내용과 더한 셀뿐입니다.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from classroom.assignment import Assignment, is_answer, is_written, mark
from classroom.handout import is_setup
from classroom.intake.archive import NOTEBOOK
from classroom.intake.matching import Matching, match
from classroom.intake.picture import pictured
from classroom.intake.piece import Piece, cells_of, defined, flat
from classroom.intake.submission import Submission
from classroom.record import Status

ELSEWHERE = "# 이 답은 다른 셀에 있습니다."
FENCED = re.compile(r"```\w*[ \t]*\n((?:(?!```).)*?)\n?```", re.S)  # 글로 바꾼 셀이나 붙여 넣은 답
ADDED_LIMIT = 300  # 학생이 더한 셀의 수


@dataclass(frozen=True)
class Rebuilt:
    """되살린 노트북. 채점할 것이 없으면 ``notebook`` 대신 ``status``가 있습니다.

    ``notes``에는 제출을 받을 때의 알림도 들어 있습니다. ``seed``는 데이터를 만들 학번입니다.
    """

    notebook: NotebookNode | None
    status: Status | None
    notes: tuple[str, ...]
    seed: str = ""


def rebuild(assignment: Assignment, submission: Submission) -> Rebuilt:
    """낸 것을 나눠 준 노트북 위에 되살립니다. 무엇을 냈든 예외를 내지 않습니다."""
    opened, notes = {}, list(submission.notes)
    if not submission.files or submission.flag is Status.NOBODYS:
        return Rebuilt(None, submission.flag or Status.MISSING, tuple(notes))
    for path, data in submission.files.items():
        if not data and any(path.rsplit("/", 1)[-1] in note for note in notes):
            continue  # 읽지 않은 까닭을 이미 말했습니다
        pieces, said = cells_of(path, data)
        notes += said
        if pieces is not None:
            opened[path] = [piece for piece in pieces if not is_setup(piece.text)]
    if not opened:
        return Rebuilt(None, Status.UNREADABLE, tuple(notes))
    alike = {path: pieces for path, pieces in opened.items() if _resembles(assignment, pieces)}
    if not alike:
        notes.append(f"{assignment.name}의 셀이 하나도 없는 노트북입니다: {', '.join(opened)}")
        return Rebuilt(None, Status.OTHER, tuple(notes))
    path, said = _choose(assignment, alike)
    notes += said
    if path is None:
        return Rebuilt(None, Status.AMBIGUOUS, tuple(notes))
    matching = match(assignment, alike[path], submission.student)
    notebook = _filled(assignment, matching)
    notes = tuple(dict.fromkeys([*notes, *matching.notes]))
    return Rebuilt(notebook, None, notes, matching.seed)


def _resembles(assignment: Assignment, pieces: list[Piece]) -> bool:
    """이 과제에서 나온 노트북인가: 이름이나 코드나 정의하는 이름이 하나라도 같은가."""
    cells = assignment.release.cells
    ids = {mark(cell)["grade_id"] for cell in cells if mark(cell)}
    code = {flat(cell.source) for cell in cells} - {""}
    names = frozenset().union(*map(defined, assignment.answers.values()))
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
    given = {flat(cell.source) for cell in assignment.release.cells}
    return all(piece.text in given or not piece.text for piece in pieces)


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
        matching.notes.append(f"추가한 셀이 너무 많아 앞의 {ADDED_LIMIT}개만 남겼습니다.")
    cells = [_added(piece) for piece in after.get(-1, [])]
    for index, cell in enumerate(notebook.cells):
        if index in matching.elsewhere:
            cell.source = ELSEWHERE
        elif is_answer(cell) and index in matching.pairs:
            matching.notes += _fill(cell, matching.pairs[index])
        cells += [cell, *(_added(piece) for piece in after.get(index, []))]
    notebook.cells = cells
    return notebook


def _fill(cell: NotebookNode, piece: Piece) -> list[str]:
    """답을 옮기고 알림을 돌려줍니다. 글로 쓴 답이면 그림도 옮깁니다."""
    cell.source = piece.source
    if cell.cell_type == "code" and (fenced := FENCED.fullmatch(piece.source.strip())):
        cell.source = fenced[1]
        return [f"{mark(cell)['grade_id']}: 답을 감싼 ``` 표시를 빼고 읽었습니다."]
    if not is_written(cell):
        return []
    found = pictured(piece.source, piece.attachments)
    cell.source = found.source
    if found.attachments:
        cell.attachments = found.attachments
    return [f"{mark(cell)['grade_id']}: {note}" for note in found.notes]


def _added(piece: Piece) -> NotebookNode:
    make = new_code_cell if piece.kind == "code" else new_markdown_cell
    metadata = {"ddialab": {"added": True}}
    return make(piece.source, id=f"added-{piece.index}", metadata=metadata)
