"""알아보기: 노트북 파일의 내용에서 어느 과제의 것인지, 누구의 학번이 적혔는지 읽습니다.

이름은 내려받고 옮기는 동안 바뀝니다. 셀은 그대로입니다.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from classroom.assignment import Assignment, is_student_id, mark
from classroom.intake import student_id
from classroom.intake.archive import Item
from classroom.intake.piece import Piece, cells_of, flat

SHORT = 20  # 이보다 짧은 셀은 어느 노트북에나 있을 수 있습니다(글자)


@dataclass(frozen=True)
class Reading:
    """노트북 하나에서 읽은 것. ``assignment``는 알 수 없으면 ``None``입니다.

    ``student``는 학번 셀의 학번이고, 고치지 않았거나 지웠으면 빈 문자열입니다. ``text``는 셀들의
    내용으로, 두 파일이 같은 노트북인지 견줄 때 씁니다.
    """

    assignment: str | None = None
    student: str = ""
    text: tuple[str, ...] = ()

    @property
    def students(self) -> list[str]:
        """적힌 학번들. 함께 푼 사람들은 한 셀에 둘을 적습니다."""
        found = student_id.numbers(self.student)
        return found if len(found) > 1 else [self.student] if self.student else []


class Recognizer:
    """과제의 이름(``names``)과 배포본(``released``)을 아는 눈. 같은 내용은 한 번만 읽습니다."""

    def __init__(self, names: Sequence[str], released: Iterable[Assignment] = ()):
        self.names = list(names)
        self._signs = {one.name: _signs(one) for one in released}
        self._usual = {written for one in released for written in _usual(one)}
        self._read: dict[bytes, Reading] = {}

    def read(self, item: Item) -> Reading:
        """``item``이 노트북이 아니거나 읽을 수 없으면 빈 `Reading`."""
        if not item.is_notebook or not item.data:
            return Reading()
        if item.data not in self._read:
            pieces, _ = cells_of("x.ipynb", item.data)
            self._read[item.data] = self._reading(pieces or [])
        return self._read[item.data]

    def _reading(self, pieces: list[Piece]) -> Reading:
        found = [student_id.written(piece.source) for piece in pieces if piece.kind == "code"]
        said = next((one for one in reversed(found) if one and self._is_own(one)), "")
        said = student_id.plain(said)
        return Reading(self._assignment(pieces), said, tuple(piece.text for piece in pieces))

    def _is_own(self, said: str) -> bool:
        return student_id.is_id(said) and student_id.squeeze(said) not in self._usual

    def _assignment(self, pieces: list[Piece]) -> str | None:
        """표식과 셀이 가장 많이 겹치는 과제 하나. 비기면 모르는 것입니다."""
        ids, texts = {p.grade_id for p in pieces}, {p.text for p in pieces}
        score = {
            name: len(ids & marks) + len(texts & cells)
            for name, (marks, cells) in self._signs.items()
        }
        best = max(score.values(), default=0)
        winners = [name for name, count in score.items() if count == best > 0]
        return winners[0] if len(winners) == 1 else None


def _signs(assignment: Assignment) -> tuple[set[str], set[str]]:
    """배포본의 셀 이름들과, 다른 노트북에는 없을 만큼 긴 셀의 내용."""
    cells = assignment.release.cells
    texts = {flat(cell.source) for cell in cells if not is_student_id(cell)}
    return (
        {mark(cell)["grade_id"] for cell in cells if mark(cell)},
        {text for text in texts if len(text) >= SHORT},
    )


def _usual(assignment: Assignment) -> list[str]:
    """배포본의 학번 셀에 적어 둔 보기."""
    cells = filter(is_student_id, assignment.release.cells)
    return [student_id.squeeze(student_id.written(cell.source) or "") for cell in cells]
