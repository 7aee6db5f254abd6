"""나눠 주기: 배포본의 첫 셀이 패키지를 설치할 길을 알려 주고, 채점에는 있으나 없으나 같습니다."""

from __future__ import annotations

import sys
from copy import deepcopy

import nbformat
import pytest
from tests.classroom.tiny import ANSWERS, ASSIGNMENTS, NAME

from classroom.assignment import Assignment
from classroom.course import leaks, release
from classroom.handout import is_setup, wheel_name, with_setup
from classroom.intake.rebuild import rebuild
from classroom.intake.submission import Submission
from ddialab.core.errors import InvalidValue

SITE = "https://example.org/book"


def first_cell(course, site: str = "") -> str:
    (path,) = release(course, site)
    return nbformat.read(path, as_version=4).cells[0].source


def said(source: str) -> list[str]:
    """패키지가 없는 곳에서 셀을 실행하면 Jupyter가 보여 줄 줄들."""
    with pytest.raises(Exception, match="ddialab") as stopped:
        exec(source, {})
    return stopped.value._render_traceback_()


@pytest.fixture
def bare(monkeypatch):
    """ddialab이 설치되지 않은 파이썬."""
    monkeypatch.setitem(sys.modules, "ddialab", None)


@pytest.mark.parametrize("site", [SITE, f"{SITE}/"])
def test_where_the_package_is_missing_one_line_says_what_to_install(course, bare, site):
    (line,) = said(first_cell(course, site))
    assert line.endswith(f": %pip install {SITE}/download/{wheel_name()}")


def test_without_an_address_it_is_the_file_that_the_instructor_handed_out(course, bare):
    (line,) = said(first_cell(course))
    assert line.endswith(f": %pip install {wheel_name()}")
    assert "강사가 나눠 준" in line


def test_where_the_package_is_installed_the_cell_is_silent(course, capsys):
    exec(first_cell(course), names := {})
    assert {*names} == {"__builtins__", "ddialab"}
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("site", ["example.org/book", 'https://x.y/"#', "ftp://example.org"])
def test_what_is_no_address_is_refused_before_anything_is_made(course, site):
    with pytest.raises(InvalidValue, match="SITE_URL") as told:
        release(course, site)
    assert told.value.accepted
    assert told.value.todo
    assert not (course.build / "release").exists()


def handed_in(assignment: Assignment, *notebooks: nbformat.NotebookNode) -> Submission:
    files = {f"{n}/{NAME}.ipynb": nbformat.writes(one).encode() for n, one in enumerate(notebooks)}
    return Submission("2026-0001", NAME, files)


@pytest.fixture
def assignment(course) -> Assignment:
    return Assignment.load(course.folder, NAME)


@pytest.mark.parametrize("site", ["", SITE])
def test_a_submission_with_the_cell_is_the_same_as_one_from_before_it(assignment, site):
    old = assignment.answered(ANSWERS)
    new = with_setup(old, site)
    new.cells[0].metadata = {}
    assert rebuild(assignment, handed_in(assignment, new)) == rebuild(
        assignment, handed_in(assignment, old)
    )


@pytest.mark.parametrize("name", ["a1-cache", "a2-recovery", "a3-percentiles", "a4-composite"])
def test_the_cell_is_no_leak(name):
    real = Assignment.load(ASSIGNMENTS, name)
    assert leaks(real, with_setup(real.release, SITE)) == []


def test_a_blank_handout_beside_the_answered_one_is_still_blank(assignment):
    both = handed_in(assignment, with_setup(assignment.release), assignment.answered(ANSWERS))
    rebuilt = rebuild(assignment, both)
    assert [cell.source for cell in rebuilt.notebook.cells] == [
        cell.source for cell in assignment.answered(ANSWERS).cells
    ]


def test_what_the_student_added_to_the_cell_is_the_students(assignment):
    changed = with_setup(assignment.answered(ANSWERS))
    changed.cells[0].source += "\nHELPER = 1"
    assert not is_setup(changed.cells[0].source)
    rebuilt = rebuild(assignment, handed_in(assignment, changed))
    assert [c.source for c in rebuilt.notebook.cells if "HELPER" in c.source]


def test_no_cell_of_the_course_is_taken_for_it():
    for name in ("a1-cache", "a2-recovery", "a3-percentiles", "a4-composite"):
        cells = deepcopy(Assignment.load(ASSIGNMENTS, name).release.cells)
        assert not any(is_setup(cell.source) for cell in cells)
