"""과제: 모범 답안과 숨은 테스트가 든 노트북 하나와, 거기서 나오는 배포본과 채점 기준.

셀의 종류는 nbgrader의 표식(metadata)이 정합니다.

- 주어진 셀: ``locked``. 데이터와 도구. 학생이 고쳐도 원래대로 돌려놓습니다.
- 답 셀: ``solution``. 학생의 것은 이것만 받습니다.
- 테스트 셀: ``grade``와 ``locked``. 셀 하나가 기준 하나이고, 첫 줄이 ``# 기준: 제목``입니다.
- 서술형 셀: ``grade``와 ``solution``. 사람이 채점합니다.
- ``student-id`` 꼬리표(tag)가 붙은 셀: 학번. 채점할 때는 제출한 사람의 학번을 넣습니다.
"""

from __future__ import annotations

import ast
import re
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ddialab.core.errors import InvalidValue

ID_TAG = "student-id"
MADE = re.compile(r"^(?:def|class) +(\w+)", re.M)
TITLE = re.compile(r"#\s*기준:\s*(.+)")
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", re.S)


@dataclass(frozen=True)
class Criterion:
    """기준 하나: 테스트 셀의 이름, 제목, 배점과 숨은 테스트까지 든 코드."""

    id: str
    title: str
    points: float
    source: str


@dataclass(frozen=True)
class Assignment:
    """이름과, 모범 답안이 든 노트북(``source``)과, 학생이 받은 노트북(``release``)."""

    name: str
    source: NotebookNode = field(repr=False, hash=False)
    release: NotebookNode = field(repr=False, hash=False)

    @classmethod
    def load(cls, folder: Path, name: str) -> Assignment:
        """``folder/source/name/name.ipynb``를 읽습니다. 규칙에 어긋나면 `InvalidValue`."""
        path = Path(folder) / "source" / name / f"{name}.ipynb"
        if not path.is_file():
            raise InvalidValue(
                f"assignment={name!r}: 그런 과제가 없습니다.",
                f"있는 과제: {', '.join(names(folder)) or '없음'}.",
            )
        source = nbformat.read(path, as_version=4)
        if wrong := problems(source):
            raise InvalidValue(
                f"과제 {name}에 고칠 것이 있습니다.", *wrong[:1], " / ".join(wrong[1:])
            )
        return cls(name, source, _cleared(source, Path(folder)))

    @property
    def criteria(self) -> list[Criterion]:
        """기계가 채점하는 기준들, 노트북의 차례대로."""
        return [_criterion(cell) for cell in self.source.cells if is_test(cell)]

    @property
    def answers(self) -> dict[str, str]:
        """답 셀의 이름과 모범 답안(표시 줄은 뺍니다). 서술형 셀도 들어 있습니다."""
        return {
            mark(cell)["grade_id"]: re.sub(
                r"^\s*### (BEGIN|END) SOLUTION\n?", "", cell.source, flags=re.M
            )
            for cell in self.source.cells
            if is_answer(cell)
        }

    @property
    def titles(self) -> dict[str, str]:
        """코드로 답하는 셀의 이름과, 학생이 그 셀을 알아볼 이름(만들라고 한 함수와 클래스)."""
        cells = [cell for cell in self.release.cells if is_answer(cell) and not is_written(cell)]
        made = {mark(cell)["grade_id"]: MADE.findall(cell.source) for cell in cells}
        return {id: ", ".join(names) for id, names in made.items() if names}

    def answered(self, cells: dict[str, str]) -> NotebookNode:
        """배포본의 답 셀에 ``cells``를 채운 노트북. 빠진 답은 배포본의 빈칸 그대로입니다."""
        filled = deepcopy(self.release)
        for cell in filled.cells:
            if is_answer(cell) and mark(cell)["grade_id"] in cells:
                cell.source = cells[mark(cell)["grade_id"]]
        return filled


def names(folder: Path) -> list[str]:
    """``folder/source`` 아래에 있는 과제의 이름들."""
    return sorted(p.stem for p in Path(folder).glob("source/*/*.ipynb") if p.stem == p.parent.name)


def mark(cell: NotebookNode) -> dict:
    """셀의 nbgrader 표식. 없으면 빈 딕셔너리."""
    return cell.get("metadata", {}).get("nbgrader", {})


def is_answer(cell: NotebookNode) -> bool:
    """학생이 채우는 셀인가(코드와 글 모두)."""
    return bool(mark(cell).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """기계가 채점하는 테스트 셀인가."""
    return bool(mark(cell).get("grade")) and not is_answer(cell)


def is_written(cell: NotebookNode) -> bool:
    """사람이 채점하는 서술형 셀인가."""
    return bool(mark(cell).get("grade")) and is_answer(cell)


def is_student_id(cell: NotebookNode) -> bool:
    return ID_TAG in cell.get("metadata", {}).get("tags", [])


def problems(source: NotebookNode) -> list[str]:
    """과제 노트북이 어긴 규칙들. 배포하기 전에 사람이 고칠 수 있게 모두 모읍니다."""
    found = []
    ids = [mark(cell)["grade_id"] for cell in source.cells if mark(cell)]
    found += [
        f"셀 이름 {id}가 두 번 나옵니다." for id in sorted({i for i in ids if ids.count(i) > 1})
    ]
    if sum(map(is_student_id, source.cells)) != 1:
        found.append(f"꼬리표 {ID_TAG}가 붙은 셀이 하나 있어야 합니다.")
    for cell in filter(is_test, source.cells):
        found += _test_problems(cell)
    if not any(map(is_written, source.cells)):
        found.append("글로 답하는 문제가 없습니다.")
    return found


def _test_problems(cell: NotebookNode) -> list[str]:
    """테스트 셀의 문제들: 제목이 없거나, 메시지 없는 assert, 숨은 테스트의 값을 흘리는 메시지."""
    id, found = mark(cell)["grade_id"], []
    if not TITLE.match(cell.source):
        found.append(f"{id}: 첫 줄이 「# 기준: 제목」이어야 합니다.")
    if not HIDDEN.search(cell.source):
        found.append(f"{id}: 숨은 테스트(### BEGIN HIDDEN TESTS)가 없습니다.")
    hidden = [match.span() for match in HIDDEN.finditer(cell.source)]
    lines = [cell.source[:start].count("\n") + 1 for start, _ in hidden]
    ends = [cell.source[:end].count("\n") + 1 for _, end in hidden]
    for node in ast.walk(ast.parse(cell.source)):
        if not isinstance(node, ast.Assert):
            continue
        if node.msg is None:
            found.append(f"{id}: {node.lineno}번째 줄의 assert에 학생이 받을 메시지가 없습니다.")
        elif not isinstance(node.msg, ast.Constant) and any(
            start <= node.lineno <= end for start, end in zip(lines, ends, strict=True)
        ):
            found.append(f"{id}: 숨은 테스트의 메시지는 값을 섞지 않은 문자열이어야 합니다.")
    return found


def _criterion(cell: NotebookNode) -> Criterion:
    title = TITLE.match(cell.source)[1].strip()
    return Criterion(mark(cell)["grade_id"], title, float(mark(cell)["points"]), cell.source)


def _cleared(source: NotebookNode, folder: Path) -> NotebookNode:
    """nbgrader가 배포본을 만들 때와 똑같이 답과 숨은 테스트를 지웁니다."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    cleared = deepcopy(source)
    for step in (ClearSolutions, ClearHiddenTests, ClearOutput):
        cleared, _ = step(config=config).preprocess(cleared, {})
    return cleared
