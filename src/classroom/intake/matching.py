"""짝짓기: 나눠 준 셀마다 그 답이 든 조각을 찾습니다.

답은 셀의 이름(grade_id)으로, 없으면 셀의 id로, 정의하는 이름으로, 마지막으로 자리로 찾습니다.
"""

from __future__ import annotations

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
from classroom.intake import seams, student_id
from classroom.intake.piece import Piece, defined, flat


@dataclass
class Matching:
    """나눠 준 셀(번호)과 낸 셀의 짝. ``free``는 아직 짝이 없는 낸 셀들입니다.

    ``twins``는 이름이 같은 셀의 수, ``elsewhere``는 답이 다른 셀에 있어 빈칸을 비울 셀들입니다.
    """

    release: list[NotebookNode]
    pairs: dict[int, Piece] = field(default_factory=dict)
    free: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rescued: dict[str, list[str]] = field(default_factory=dict)
    twins: dict[str, int] = field(default_factory=dict)
    elsewhere: set[int] = field(default_factory=set)
    seed: str = ""  # 데이터를 만들 학번

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
    release = assignment.release.cells
    matching = Matching(release, free=seams.cut(release, [p for p in pieces if p.text]))
    names = _own_names(assignment)
    _match_student_id(matching, student)
    _match_grade_ids(matching, names)
    _match_cell_ids(matching)
    _match_unmarked(matching)
    _match_blanks(matching, names)
    _match_names(matching, names)
    _match_positions(matching)
    _match_blanks(matching, {})
    _join_pieces(matching, names)
    _drop_copies(matching)
    _find_elsewhere(matching, names)
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
    written = [one for piece in ours if (one := student_id.written(piece.source)) is not None]
    usual = "" if index is None else student_id.written(matching.release[index].source) or ""
    matching.seed, note = student_id.seed(student, written[-1] if written else None, usual)
    matching.notes += [note] if note else []
    if index is None or not ours:
        return
    for piece in ours[1:]:
        matching.free.remove(piece)
    matching.take(index, ours[0])


def _match_grade_ids(matching: Matching, names: dict[str, frozenset[str]]) -> None:
    for index, cell in enumerate(matching.release):
        id = mark(cell).get("grade_id")
        same = [piece for piece in matching.free if id and piece.grade_id == id]
        if not same:
            continue
        chosen = _best(cell, same, names.get(id, frozenset()))
        if same[1:]:
            matching.twins[id] = len(same)
        matching.take(index, chosen)
        for piece in same:  # 답을 고쳐 복제한 것만 더한 셀로 남깁니다
            copy = piece.text == flat(cell.source) or not is_answer(cell)
            same_answer = (piece.text, piece.attachments) == (chosen.text, chosen.attachments)
            if piece is not chosen and (copy or same_answer):
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
        same = [] if is_answer(cell) else [p for p in matching.free if _is_copy(p, cell)]
        if same:
            matching.take(index, same[0])
        for piece in same[1:]:  # 노트북을 통째로 덧붙였습니다. 데이터만 다시 만들 수 있게 남깁니다
            if is_test(cell) or cell.cell_type != "code":
                matching.free.remove(piece)


def _is_copy(piece: Piece, cell: NotebookNode) -> bool:
    ours, theirs = (TITLE.match(text) for text in (cell.source, piece.source))
    titled = is_test(cell) and ours and theirs and ours[1] == theirs[1]
    return bool(titled) or piece.text == flat(cell.source)


def _match_blanks(matching: Matching, names: dict[str, frozenset[str]]) -> None:
    """표식 없는 빈칸. ``names``의 이름을 정의한 셀이 따로 있으면 그것이 답이므로 기다립니다."""
    for index in matching.missing():
        cell = matching.release[index]
        if not is_answer(cell) or (names and cell.cell_type != "code"):
            continue
        stub, own = flat(cell.source), names.get(mark(cell)["grade_id"], frozenset())
        if any(piece.defines & own and piece.text != stub for piece in matching.free):
            continue
        if blank := next((piece for piece in matching.free if piece.text == stub), None):
            matching.take(index, blank)


def _drop_copies(matching: Matching) -> None:
    """빈칸의 복제본은 앞에서 정의한 함수를 덮으므로, 답의 복제본은 두 번 돌 까닭이 없어 뺍니다."""
    answers = [index for index, cell in enumerate(matching.release) if is_answer(cell)]
    texts = {flat(matching.release[index].source) for index in answers}
    texts |= {matching.pairs[index].text for index in answers if index in matching.pairs}
    matching.free = [p for p in matching.free if p.attachments or p.text not in texts]


def _match_names(matching: Matching, names: dict[str, frozenset[str]]) -> None:
    for index in matching.missing():
        id = mark(matching.release[index]).get("grade_id")
        same = [p for p in matching.free if p.defines & names.get(id, frozenset())]
        if same and is_answer(matching.release[index]):
            best = _best(matching.release[index], same, names[id])
            matching.take(index, best, "정의하는 이름")


def _match_positions(matching: Matching) -> None:
    """앞뒤의 아는 셀 사이에 빈 답이 하나이고 그 사이에 낸 셀도 하나이면 그것이 답입니다.

    글로 쓴 답은 여러 셀에 나눠 썼어도 됩니다. 뒤에서 모두 잇습니다.
    """
    for index in matching.missing():
        cell = matching.release[index]
        if not is_answer(cell):
            continue
        low, high = _between(matching, index)
        near = [p for p in matching.free if low < p.index < high and p.kind == cell.cell_type]
        near.sort(key=lambda piece: piece.text == flat(cell.source))  # 빈칸은 나중에 봅니다
        rivals = [
            i
            for i in matching.missing()
            if is_answer(matching.release[i])
            and matching.release[i].cell_type == cell.cell_type
            and _between(matching, i) == (low, high)
        ]
        if len(rivals) > 1 or not near or (near[1:] and not is_written(cell)):
            continue
        matching.take(index, near[0], "앞뒤 셀 사이의 자리")


def _join_pieces(matching: Matching, names: dict[str, frozenset[str]]) -> None:
    """한 답이 여러 셀에 나뉘었거나 빈칸의 곁에 쓰였으면 하나로 잇습니다."""
    for index, cell in enumerate(matching.release):
        chosen, id = matching.pairs.get(index), mark(cell).get("grade_id", "")
        if chosen is None or not is_answer(cell):
            continue
        run = _neighbours(matching, chosen, id)
        parts = seams.answer(cell, names[id], run, chosen)
        if parts == [chosen]:
            continue
        matching.free = [piece for piece in matching.free if piece not in parts]
        matching.pairs[index] = seams.joined(parts, cell.cell_type)
        if parts[1:]:
            matching.twins.pop(id, None)
            matching.notes.append(f"{id}: 나뉜 셀 {len(parts)}개를 차례로 이었습니다.")
        if seams.is_stub(cell, chosen):
            matching.notes.append(f"{id}: 답 셀이 빈칸이어서 곁의 셀에서 답을 찾았습니다.")


def _neighbours(matching: Matching, chosen: Piece, id: str) -> list[Piece]:
    """``chosen``에 잇달아 있고 다른 셀의 것이 아닌 조각들, 차례대로."""
    near = {p.index: p for p in matching.free if p.grade_id in ("", id)} | {chosen.index: chosen}
    start = end = chosen.index
    while start - 1 in near:
        start -= 1
    while end + 1 in near:
        end += 1
    return [near[index] for index in range(start, end + 1)]


def _find_elsewhere(matching: Matching, names: dict[str, frozenset[str]]) -> None:
    """답을 다른 셀(합친 셀, 더한 셀)에서 모두 정의했으면, 빈칸이 그것을 덮지 않게 합니다."""
    for index, cell in enumerate(matching.release):
        own, piece = names.get(mark(cell).get("grade_id")), matching.pairs.get(index)
        if not own or cell.cell_type != "code" or (piece and not seams.is_stub(cell, piece)):
            continue
        others = [*matching.free, *(mate for i, mate in matching.pairs.items() if i != index)]
        if own <= frozenset().union(*(other.defines for other in others)):
            matching.elsewhere.add(index)


def _between(matching: Matching, index: int) -> tuple[float, float]:
    """나눠 준 셀의 앞뒤에서 짝을 찾은 셀이 낸 노트북의 몇째인가."""
    before = [piece.index for i, piece in matching.pairs.items() if i < index]
    after = [piece.index for i, piece in matching.pairs.items() if i > index]
    low = max(before, default=-1)
    return low, min((one for one in after if one > low), default=float("inf"))


def _reverted(matching: Matching) -> list[str]:
    """되살린 것, 원래대로 돌려놓은 것, 지워진 것의 알림."""
    notes = [
        f"표식이 없어 다른 방법({how})으로 찾은 답: {', '.join(ids)}"
        for how, ids in matching.rescued.items()
    ]
    if any(piece.kind == "code" and seams.continues(piece) for piece in matching.free):
        notes.append("들여쓴 줄로 시작하는 셀이 홀로 있습니다. 답에서 떨어져 나온 것인지 보세요.")
    for index, cell in enumerate(matching.release):
        if not (id := mark(cell).get("grade_id")):
            continue
        what = "테스트 셀" if is_test(cell) else "주어진 셀"
        piece = matching.pairs.get(index)
        if id in matching.twins:
            count = matching.twins[id]
            notes.append(f"{id}: 이름이 같은 셀이 {count}개여서 하나를 골랐습니다.")
        if index in matching.elsewhere:
            notes.append(f"{id}: 답 셀이 아니라 다른 셀에서 답을 찾았습니다.")
        elif piece is None:
            notes.append(f"{id}: 답 셀을 찾지 못했습니다." if is_answer(cell)
                         else f"{id}: {what}이 없어 다시 넣었습니다.")  # fmt: skip
        elif not is_answer(cell) and piece.text != flat(cell.source):
            notes.append(f"{id}: 고친 {what}을 원래대로 돌려놓았습니다.")
    return notes
