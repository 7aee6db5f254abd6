"""같은 반을 같은 코어에서: `nbgrader autograde`와 우리 채점이 걸린 시간.

nbgrader에는 두 가지 방법이 있습니다. 학생마다 명령을 한 번씩 치는 것과(제출 하나가 잘못되어도
나머지를 채점하려면 이렇게 합니다), 명령 하나로 반 전체를 차례로 채점하는 것입니다.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import nbformat
from tests.classroom.wrong import wrong_answers

from benchmarks.promise import Promise, Unmeasured
from classroom.assignment import Assignment, is_student_id
from classroom.marking import sandbox

ASSIGNMENTS = Path(__file__).resolve().parents[1] / "assignments"
LEAST = 3  # nbgrader보다 이만큼 빨라야 합니다
STUDENTS, SAMPLE = 16, 3


@dataclass(frozen=True)
class Times:
    """반 전체를 채점한 초. ``each``는 학생마다 명령을 친 것, ``whole``은 명령 하나로 한 것."""

    students: int
    ours: float
    each: float
    whole: float

    @property
    def ratio(self) -> float:
        return self.each / self.ours


def promises() -> Iterator[Promise]:
    if reason := sandbox.missing():
        raise Unmeasured(reason)
    times = compare("a1-cache", STUDENTS, SAMPLE)
    yield Promise(
        f"{times.students}명의 채점 대 nbgrader autograde",
        f"{times.ratio:.1f}배 ({times.ours:.0f}초), 명령 하나로 한 것에는 "
        f"{times.whole / times.ours:.1f}배",
        f"{LEAST}배 이상",
        times.ratio >= LEAST,
    )


def compare(name: str, students: int, sample: int) -> Times:
    """과제 ``name``을 낸 ``students``명을 두 도구로 채점합니다.

    학생마다 치는 nbgrader는 ``sample``명만 재어 사람 수에 맞춰 늘립니다. 저마다 따로 도는
    명령이라 걸리는 시간은 사람 수에 비례합니다.
    """
    with TemporaryDirectory() as place:
        folder, build = Path(place) / "assignments", Path(place) / "_build"
        ids = _class(name, students, folder, build / "submitted")
        nbgrader(folder, "generate_assignment", name)
        some = ids[:sample]
        each = sum(nbgrader(folder, "autograde", name, "--student", id) for id in some)
        whole = nbgrader(folder, "autograde", name, "--force")
        shutil.rmtree(build / "grades")
        grade = [sys.executable, "-m", "classroom", "--folder", folder, "--build", build]
        ours = _timed([*grade, "grade", build / "submitted", "--workers", "2"], folder)
        return Times(students, ours, each * students / len(some), whole)


def _class(name: str, students: int, folder: Path, submitted: Path) -> list[str]:
    """모범 답안과 오답을 번갈아 낸 반. 학번들을 돌려줍니다."""
    copy_course(name, folder)
    assignment = Assignment.load(folder, name)
    answers = [{}, *(wrong.cells for wrong in wrong_answers(ASSIGNMENTS, name))]
    ids = [f"2026-{number:04}" for number in range(students)]
    for id, cells in zip(ids, islice(cycle(answers), students), strict=True):
        submit(assignment, assignment.answers | cells, submitted / id / name / f"{name}.ipynb", id)
    return ids


def copy_course(name: str, folder: Path) -> None:
    """과제 하나만 든 강좌를 ``folder``에 만듭니다. 만든 것은 그 옆의 `_build`에 생깁니다."""
    shutil.copytree(ASSIGNMENTS / "source" / name, folder / "source" / name)
    shutil.copy(ASSIGNMENTS / "nbgrader_config.py", folder)


def submit(assignment: Assignment, cells: dict[str, str], path: Path, student: str) -> None:
    """``cells``를 채운 제출을 ``path``에 둡니다. 학번은 학생이 적은 것으로 합니다."""
    notebook = assignment.answered(cells)
    for cell in filter(is_student_id, notebook.cells):
        cell.source = f"student_id = {student!r}"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def nbgrader(folder: Path, *args: str) -> float:
    """``folder``의 강좌에서 nbgrader의 명령 하나를 하고 걸린 초를 냅니다."""
    return _timed([sys.executable, "-m", "nbgrader", *args], folder)


def _timed(command: list, folder: Path) -> float:
    """명령 하나에 걸린 초. 잘못되면 그 명령의 말과 함께 멈춥니다."""
    scripts = str(Path(sys.executable).parent)  # nbgrader가 alembic을 이름만으로 부릅니다
    environment = os.environ | {"PATH": os.pathsep.join([scripts, os.environ["PATH"]])}
    start = perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
    return perf_counter() - start
