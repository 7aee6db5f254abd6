"""같은 점수: 모범 답안, 빈칸, 모든 오답이 진짜 nbgrader에서도 우리와 똑같은 기준을 잃습니다.

nbgrader는 테스트를 학생과 같은 커널에서 돌리고 우리는 밖에서 돌립니다. 둘이 다르면 과제가 우리
채점기의 방식에 기대고 있다는 뜻입니다.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from benchmarks.grading import submit
from tests.classroom.wrong import wrong_answers

from classroom.assignment import Assignment, is_test, mark, names
from classroom.course import Course, nbgrader, release
from classroom.intake.submission import collect
from classroom.marking import sandbox
from classroom.marking.grade import grade
from classroom.reporting.gradebook import COURSE
from suite.effort import some

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "assignments"
MODEL, BLANK = "model", "blank"

pytestmark = [
    pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]


def answers(name: str) -> dict[str, dict[str, str]]:
    """학번(오답의 이름)마다 낸 답."""
    model = Assignment.load(ASSIGNMENTS, name).answers
    wrong = {one.name: model | one.cells for one in wrong_answers(ASSIGNMENTS, name)}
    return {MODEL: model, BLANK: {}} | wrong


CASES = [(name, student) for name in names(ASSIGNMENTS) for student in answers(name)]


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    """모든 과제를 배포한 강좌."""
    folder = tmp_path_factory.mktemp("parity") / "assignments"
    shutil.copytree(ASSIGNMENTS / "source", folder / "source")
    shutil.copy(ASSIGNMENTS / "nbgrader_config.py", folder)
    made = Course(folder, folder.parent / "_build")
    release(made)
    return made


def by_nbgrader(course: Course, name: str, student: str) -> dict[str, float]:
    from nbgrader.api import Gradebook

    done = nbgrader(course).autograde(name, student)
    assert done["success"], done
    with Gradebook(f"sqlite:///{course.gradebook}", COURSE) as book:
        notebook = book.find_submission_notebook(name, name, student)
        tests = {mark(c)["grade_id"] for c in Assignment.load(course.folder, name).source.cells
                 if is_test(c)}  # fmt: skip
        return {one.name: one.auto_score for one in notebook.grades if one.name in tests}


@pytest.mark.proof
@pytest.mark.parametrize(("name", "student"), some(CASES))
def test_nbgrader_gives_the_same_scores(course, name, student):
    """답안을 nbgrader와 우리가 똑같이 채점합니다"""
    assignment = Assignment.load(course.folder, name)
    submitted = course.build / "submitted" / student / name / f"{name}.ipynb"
    submit(assignment, answers(name)[student], submitted, student)
    (ours,) = [
        grade(assignment, one).record
        for one in collect(course.build / "submitted", [name])
        if one.student == student
    ]
    scores = {result.id: result.score for result in ours.results}
    assert scores == by_nbgrader(course, name, student)
    lost = {result.id for result in ours.results if not result.passed}
    assert lost == expected_loss(assignment, name, student)


def expected_loss(assignment: Assignment, name: str, student: str) -> set[str]:
    wrong = {one.name: set(one.loses) for one in wrong_answers(ASSIGNMENTS, name)}
    everything = {criterion.id for criterion in assignment.criteria}
    return {MODEL: set(), BLANK: everything, **wrong}[student]
