"""닮은 답: 강사가 직접 읽어 볼 만한 짝을 알려 줍니다. 판정이 아니라 실마리입니다.

이름을 바꾸고 주석과 줄 나눔을 고쳐도 그대로 남는 것, 곧 토큰의 짧은 토막을 견줍니다. 이름에는
답이 스스로 지은 속성(`self.box`)도 들어갑니다.
나눠 준 코드와 모범 답안과 반의 여럿이 함께 쓴 토막은 세지 않습니다. 그래도 같은 책을 읽은 두
사람은 닮은 답을 쓸 수 있고, 짧은 답은 원래 닮습니다. 이 숫자만으로 누구에게도 불이익을 주지
마세요.
"""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom.assignment import Assignment, is_answer, mark

LENGTH = 6  # 토막 하나의 토큰 수
LEAST = 20  # 남들과 다른 토막이 이보다 적은 답은 견주지 않습니다
COMMON = 1 / 3  # 반의 이만큼보다 많은 사람이 쓴 토막은 흔한 것입니다
FEW = 3  # 반이 작아도 이 수까지는 흔하다고 하지 않습니다
THRESHOLD = 0.7
SOURCE_LIMIT = 20_000  # 이보다 긴 셀은 앞부분만 봅니다(글자)
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}
SELF = ("self", ".")
RESERVED = {*keyword.kwlist, *dir(builtins)}
DISCLAIMER = "닮았다는 것은 직접 읽어 볼 까닭일 뿐, 베꼈다는 증거가 아닙니다."


@dataclass(frozen=True)
class Pair:
    """닮은 답을 낸 두 사람. ``share``는 흔하지 않은 토막 가운데 함께 쓴 비율(0~1)입니다."""

    assignment: str
    cell: str
    students: tuple[str, str]
    share: float

    def __str__(self) -> str:
        who = " 학생과 ".join(self.students)
        return (
            f"{self.assignment}의 {self.cell}: {who} 학생의 답이 {self.share:.0%} 닮았습니다. "
            f"{DISCLAIMER}"
        )


def pairs(
    paths: Mapping[tuple[str, str], Path], assignments: Iterable[Assignment] = ()
) -> list[Pair]:
    """(과제, 학생)마다 되살린 노트북의 경로에서 닮은 답의 짝들. 없는 파일은 건너뜁니다."""
    known = {assignment.name: assignment for assignment in assignments}
    classes: dict[str, dict[str, NotebookNode]] = defaultdict(dict)
    for (name, student), path in sorted(paths.items()):
        if path.is_file():
            classes[name][student] = nbformat.read(path, as_version=4)
    return [
        pair
        for name, notebooks in classes.items()
        for pair in similar(notebooks, known.get(name), name)
    ]


def similar(
    notebooks: Mapping[str, NotebookNode], assignment: Assignment | None, name: str = ""
) -> list[Pair]:
    """학생마다 되살린 노트북에서 닮은 답의 짝들, 많이 닮은 것부터.

    판정이 아닙니다. 강사가 두 답을 나란히 읽어 볼 실마리입니다.
    """
    cells: dict[str, dict[str, NotebookNode]] = defaultdict(dict)
    for student, notebook in notebooks.items():
        for cell in filter(is_answer, notebook.cells):
            cells[mark(cell)["grade_id"]][student] = cell
    given = _given(assignment) if assignment else {}
    title = assignment.name if assignment else name
    found = [
        Pair(title, id, students, share)
        for id, answers in cells.items()
        for students, share in _alike(answers, given.get(id, frozenset()))
    ]
    return sorted(found, key=lambda pair: (-pair.share, pair.cell, pair.students))


def _given(assignment: Assignment) -> dict[str, frozenset]:
    """답 셀마다, 나눠 준 코드와 모범 답안에 있는 토막들."""
    stubs = {mark(cell)["grade_id"]: cell for cell in assignment.release.cells if is_answer(cell)}
    return {
        id: grams(cell.source, cell.cell_type) | grams(assignment.answers[id], cell.cell_type)
        for id, cell in stubs.items()
    }


def _alike(answers: dict[str, NotebookNode], given: frozenset):
    """답 셀 하나에서 닮은 두 사람과 그 비율."""
    all_grams = {who: grams(cell.source, cell.cell_type) for who, cell in answers.items()}
    used = Counter(gram for own in all_grams.values() for gram in own)
    limit = max(FEW, COMMON * len(answers))
    common = given | {gram for gram, count in used.items() if count > limit}
    rare = {who: own - common for who, own in all_grams.items()}
    long = sorted(who for who, own in rare.items() if len(own) >= LEAST)
    for one, other in combinations(long, 2):
        share = 2 * len(rare[one] & rare[other]) / (len(rare[one]) + len(rare[other]))
        if share >= THRESHOLD:
            yield (one, other), share


def grams(source: str, kind: str = "code") -> frozenset[tuple[str, ...]]:
    """토큰을 ``LENGTH``개씩 묶은 토막들. 토막 안에서 이름은 나온 차례로 바꿔 부릅니다."""
    tokens = _code(source) if kind == "code" else _words(source)
    return frozenset(
        _renamed(tokens[start : start + LENGTH]) for start in range(len(tokens) - LENGTH + 1)
    )


def _code(source: str) -> list[tuple[str, bool]]:
    """주석, 문서 문자열, 줄 나눔을 뺀 토큰과, 그것이 학생이 지은 이름인지."""
    found: list[tuple[str, bool]] = []
    fresh = True  # 문장의 첫머리인가. 거기서 시작하는 문자열은 문서 문자열입니다
    tokens = list(_tokens(source))
    made = _made(tokens)
    for token in tokens:
        if token.type in LAYOUT:
            fresh = fresh or token.type in (tokenize.NEWLINE, tokenize.INDENT)
        elif "STRING" in tokenize.tok_name[token.type]:
            if not fresh and (not found or found[-1][0] != '"'):
                found.append(('"', False))
        else:
            named = token.type == tokenize.NAME and token.string not in RESERVED
            attribute = bool(found) and found[-1][0] == "." and token.string not in made
            found.append((token.string, named and not attribute))
            fresh = False
    return found


def _made(tokens: list[tokenize.TokenInfo]) -> set[str]:
    """답이 스스로 지은 속성과 메서드의 이름들. `append` 같은 라이브러리의 이름과는 다릅니다."""
    texts = [token.string for token in tokens]
    threes = list(zip(texts, texts[1:], texts[2:], strict=False))
    found = {name for one, dot, name in threes if (one, dot) == SELF}
    found |= {name for word, name, _ in threes if word == "def"}
    # 줄머리의 `until: float`은 클래스의 필드입니다
    return found | {name for before, name, sign in threes if sign == ":" and not before.strip()}


def _tokens(source: str) -> Iterator[tokenize.TokenInfo]:
    """토큰들. 문법이 틀린 답은 틀린 곳 앞까지만 나옵니다."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(source[:SOURCE_LIMIT]).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _words(source: str) -> list[tuple[str, bool]]:
    return [(word.casefold(), False) for word in re.findall(r"\w+", source[:SOURCE_LIMIT])]


def _renamed(tokens: list[tuple[str, bool]]) -> tuple[str, ...]:
    names: dict[str, str] = {}
    return tuple(
        names.setdefault(text, f"이름{len(names)}") if own else text for text, own in tokens
    )
