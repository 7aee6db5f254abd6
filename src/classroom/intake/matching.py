"""짝짓기: 나눠 준 셀마다 그 답이 든 조각을 찾습니다.

답은 셀의 이름(grade_id)으로, 없으면 셀의 id로, 정의하는 이름으로, 마지막으로 자리로 찾습니다.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbformat import NotebookNode

from classroom.assignment import (
    TITLE,
    Assignment,
    is_answer,
    is_student_id,
    is_test,
    is_written,
    mark,
)
from classroom.intake.piece import Piece, defined, flat
from classroom.intake.roster import squeeze


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


def match(assignment: Assignment, pieces: list[Piece], student: str) -> Matching:
    """``pieces``를 나눠 준 셀과 짝짓습니다. 남은 조각은 ``free``에 있습니다."""
    matching = Matching(assignment.release.cells, free=[p for p in pieces if p.text])
    names = _own_names(assignment)
    _match_student_id(matching, student)
    _match_grade_ids(matching, names)
    _match_cell_ids(matching)
    _match_unmarked(matching)
    _match_names(matching, names)
    _match_positions(matching)
    matching.notes += _reverted(matching)
    return matching


def _own_names(assignment: Assignment) -> dict[str, frozenset[str]]:
    """답 셀마다, 그 답만 정의하는 이름들."""
    names = {id: defined(source) for id, source in assignment.answers.items()}
    return {
        id: own - frozenset().union(*(other for key, other in names.items() if key != id))
        for id, own in names.items()
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
            if piece is not chosen and piece.text == flat(cell.source):
                matching.free.remove(piece)


def _best(cell: NotebookNode, same: list[Piece], names: frozenset[str]) -> Piece:
    """이름이 같은 셀들 가운데 답: 있어야 할 이름을 정의하는 것, 빈칸이 아닌 것, 나중 것."""
    stub = flat(cell.source)
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
            if piece.text == flat(cell.source) or (theirs and theirs[1] == title[1]):
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
        elif not is_answer(cell) and piece.text != flat(cell.source):
            notes.append(f"{id}: 고친 {what}을 원래대로 돌려놓았습니다.")
    return notes
