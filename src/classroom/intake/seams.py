"""이음매: 나눈 셀(Split Cell)은 잇고, 합친 셀(Merge Cells)은 뗍니다.

나눈 셀이 모두 같은 이름(grade_id)을 갖는 편집기도, 첫 조각만 갖는 편집기도 있어 이름으로는 알 수
없습니다. 홀로는 문법이 맞지 않는 조각과, 답의 이름을 나누어 정의하는 조각이 한 답입니다. 곁에 둔
낙서는 홀로 서므로 잇지 않습니다. 이으면 낙서의 오류가 답까지 멈춥니다.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nbformat import NotebookNode

from classroom.assignment import is_answer, mark
from classroom.intake.picture import renamed
from classroom.intake.piece import Piece, flat, parses

ID_LINE = re.compile(r"^student_id *= *[\"'][^\"'\n]*[\"'].*$", re.M)
WINDOW = 8  # 한 답을 찾아볼 앞뒤의 조각 수


def cut(release: list[NotebookNode], pieces: list[Piece]) -> list[Piece]:
    """나눠 준 셀의 텍스트가 통째로 들어 있는 조각에서 그것을 떼어 냅니다. 번호는 새로 매깁니다.

    그 셀이 따로 있으면 떼지 않습니다. 학생이 답에 옮겨 적은 것입니다.
    """
    pieces = [part for piece in pieces for part in _without_id(piece)]
    texts = {piece.text for piece in pieces}
    for cell in release:
        given, id = flat(cell.source), mark(cell).get("grade_id", "")
        if not given or given in texts:
            continue
        holders = [piece for piece in pieces if _holds(piece, given) and _other(piece, cell)]
        if holders and not any(p.grade_id == id for p in pieces if id and p not in holders):
            at = pieces.index(holders[0])
            pieces[at : at + 1] = _parts(holders[0], cell, given)
    return [replace(piece, index=index) for index, piece in enumerate(pieces)]


def _without_id(piece: Piece) -> list[Piece]:
    """학번의 줄과 나머지. 학번 셀은 나눠 준 것을 쓰므로, 합친 채로 두면 나머지까지 버려집니다."""
    rest = ID_LINE.sub("", piece.source)
    if rest == piece.source or not re.search(r"^\s*[^#\s]", rest, re.M):
        return [piece]
    line = ID_LINE.search(piece.source)[0]
    alone = replace(piece, source=line, id="", grade_id="")
    return [alone, replace(piece, source=rest.strip("\n"), tagged=False)]


def _holds(piece: Piece, given: str) -> bool:
    return piece.text != given and f"\n{given}\n" in f"\n{piece.text}\n"


def _other(piece: Piece, cell: NotebookNode) -> bool:
    """답의 빈칸은 남의 셀에 든 것만 뗍니다. 제자리의 것은 지우지 않고 그 곁에 답을 쓴 것입니다."""
    return not is_answer(cell) or piece.grade_id not in ("", mark(cell)["grade_id"])


def _parts(piece: Piece, cell: NotebookNode, given: str) -> Iterator[Piece]:
    """앞, 나눠 준 셀, 뒤. 조각의 표식은 나눠 준 셀의 것이 아니면 첫 나머지의 것입니다."""
    marks = cell.get("id"), mark(cell).get("grade_id", "")
    before, _, after = f"\n{piece.text}\n".partition(f"\n{given}\n")
    own = piece if piece.grade_id != marks[1] else replace(piece, id="", grade_id="")
    for text, whose in ((before, own), (given, piece), (after, own)):
        if text == given and whose is piece:
            yield Piece(piece.index, cell.cell_type, given, marks[1])
        elif flat(text):
            yield replace(whose, source=text.strip("\n"))
            own = replace(own, id="", grade_id="")


def answer(cell: NotebookNode, own: frozenset[str], run: list[Piece], chosen: Piece) -> list[Piece]:
    """``run``(이웃한 조각들, 차례대로)에서 한 답을 이루는 것들. ``chosen``은 그 답으로 찾은 것.

    ``own``은 이 답만 정의하는 이름들입니다. ``chosen``이 빈칸 그대로이면 곁에 쓴 답을 찾습니다.
    """
    stub = flat(cell.source)
    filled = [piece for piece in run if piece.text != stub]
    if cell.cell_type != "code":
        words = [p for p in filled if p.kind == "markdown" or p.grade_id or p is chosen]
        return list({repr((p.text, p.attachments)): p for p in words}.values()) or [chosen]
    if chosen.text == stub:
        close = [piece for piece in filled if piece.defines & own]
        if not close:
            return [chosen]
        chosen = max(close, key=lambda piece: (len(piece.defines & own), piece.index))
    at = filled.index(chosen)
    near = filled[max(0, at - WINDOW) : at + WINDOW + 1]
    twins = [piece for piece in near if piece.grade_id and piece.grade_id == chosen.grade_id]
    if not all(parses(twin.source) for twin in twins) and _glued(twins) is not None:
        return twins  # 나눈 조각들의 사이에 낙서를 끼웠어도 됩니다
    return _code(near, near.index(chosen), own)


def _code(run: list[Piece], at: int, own: frozenset[str]) -> list[Piece]:
    start, end = _whole(run, at)
    lacking = own.difference(*(piece.defines for piece in run[start:end]))
    for index, piece in enumerate(run):
        if piece.defines & lacking:
            start, end = min(start, index), max(end, index + 1)
    return run[start:end]


def _whole(run: list[Piece], at: int) -> tuple[int, int]:
    """``at``을 담고 홀로 서는 가장 짧은 토막과, 거기에 이어야 비로소 서는 조각들."""
    start, end = _shortest(run, at)
    while end < len(run) and _belongs(run[end], run[start : end + 1]):
        end += 1
    while start and _belongs(run[start - 1], run[start - 1 : end]):
        start -= 1
    return start, end


def _shortest(run: list[Piece], at: int) -> tuple[int, int]:
    for size in range(1, min(len(run), WINDOW) + 1):
        for start in range(max(0, at - size + 1), min(at, len(run) - size) + 1):
            after = run[start + size : start + size + 1]
            if not any(map(continues, after)) and _glued(run[start : start + size]) is not None:
                return start, start + size
    return at, at + 1


def _belongs(piece: Piece, whole: list[Piece]) -> bool:
    """홀로는 문법이 맞지 않고 이으면 맞는 조각인가. 들여쓴 줄은 답이 어떻든 앞 셀의 것입니다."""
    if whole[-1] is piece and continues(piece):
        return True
    return not parses(piece.source) and _glued(whole) is not None


def continues(piece: Piece) -> bool:
    """들여쓴 줄로 시작하면 앞 조각에서 이어지는 것입니다."""
    first = next((line for line in piece.source.splitlines() if line.strip()), "")
    return first[:1] in (" ", "\t")


def _glued(pieces: list[Piece]) -> str | None:
    """문법에 맞게 이은 텍스트. 줄 가운데에서 나눈 것은 줄을 바꾸지 않고 잇습니다."""
    texts = (sep.join(piece.source for piece in pieces) for sep in ("\n", ""))
    return next(filter(parses, texts), None)


def joined(pieces: list[Piece], kind: str) -> Piece:
    """조각들을 이은 하나. 자리와 표식은 첫 조각의 것입니다."""
    if kind != "code":
        return _with_pictures(pieces)
    text = _glued(pieces)
    source = "\n".join(piece.source for piece in pieces) if text is None else text
    return replace(pieces[0], kind=kind, source=source)


def _with_pictures(pieces: list[Piece]) -> Piece:
    """글과 그림을 이은 하나. 이름은 같고 내용이 다른 그림은 이름을 바꿉니다."""
    sources, together = [], {}
    for number, piece in enumerate(pieces, start=1):
        source = piece.source
        own = piece.attachments if isinstance(piece.attachments, dict) else {}
        for name, kinds in own.items():
            unique = name if together.get(name, kinds) == kinds else f"{number}-{name}"
            if unique != name:
                source = renamed(source, name, unique)
            together[unique] = kinds
        sources.append(source)
    text = "\n\n".join(sources)
    return replace(pieces[0], kind="markdown", source=text, attachments=together)


def is_stub(cell: NotebookNode, piece: Piece) -> bool:
    """빈칸 그대로인 답인가."""
    return is_answer(cell) and piece.text == flat(cell.source)
