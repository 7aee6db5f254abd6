"""마흔 명의 반을 한 번에 채점합니다. 누가 무엇을 냈든 저마다 제 점수와 제 상태를 받습니다."""

from __future__ import annotations

import csv
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import nbformat
import psutil
import pytest
from forty import NAME, Class40
from tests.classroom.wrong import wrong_answers

from classroom.assignment import HIDDEN, Assignment
from classroom.course import Course
from classroom.marking import sandbox
from classroom.record import Status
from waiting import BOUND

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "assignments"

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")


def command(build: Path, submissions: Path) -> list[str]:
    program = [sys.executable, "-m", "classroom", "--folder", str(ASSIGNMENTS)]
    return [*program, "--build", str(build), "grade", str(submissions), "--workers", "2"]


def fingerprints(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def table(course: Course) -> dict[str, dict[str, str]]:
    with course.ledger.table.open(encoding="utf-8-sig", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


ADOPT = 36  # PR_SET_CHILD_SUBREAPER


@contextmanager
def family() -> Iterator[list[psutil.Process]]:
    """``with`` 문 안에서 뜬 것 가운데 나올 때까지 살아남은 프로세스들이 담길 목록.

    부모를 잃은 것도 놓치지 않게 이 프로세스가 거둡니다. 옆에서 도는 다른 테스트의 것은 뺍니다.
    """
    left, before = [], set(psutil.Process().children(recursive=True))
    adopt = ctypes.CDLL(None).prctl
    adopt(ADOPT, 1)
    try:
        yield left
    finally:
        adopt(ADOPT, 0)
    born = set(psutil.Process().children(recursive=True)) - before
    left += [process for process in born if process.status() != psutil.STATUS_ZOMBIE]


class Run:
    """채점 한 번과 그 앞뒤의 컴퓨터."""

    def __init__(self, home: Path):
        self.assignment = Assignment.load(ASSIGNMENTS, NAME)
        self.course = Course(ASSIGNMENTS, home / "build")
        self.submissions = home / "submissions"
        secret = ASSIGNMENTS / "source" / NAME / f"{NAME}.ipynb"
        self.room = Class40(self.assignment, self.submissions, secret, self.course.gradebook)
        self.before = fingerprints(ASSIGNMENTS) | fingerprints(self.submissions)
        asked = command(self.course.build, self.submissions)
        with family() as self.left:
            self.done = subprocess.run(asked, capture_output=True, text=True, timeout=10 * BOUND)
        self.rows = table(self.course) if self.course.ledger.table.exists() else {}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return Run(tmp_path_factory.mktemp("forty"))


@pytest.fixture(scope="module")
def students(run):
    return {student.id: student for student in run.room.students}


def test_every_submission_gets_a_row(run, students):
    assert run.done.returncode == 0, run.done.stderr[-2000:]
    assert len(students) >= 40
    assert run.rows.keys() == students.keys()


def test_everybody_gets_their_status(run, students):
    expected = {id: student.status.value for id, student in students.items()}
    assert {id: row["status"] for id, row in run.rows.items()} == expected


def test_everybody_loses_exactly_their_criteria(run, students):
    ids = sorted(run.room.all)
    lost = {
        id: {one for one in ids if not row[one] or float(row[one]) == 0}
        for id, row in run.rows.items()
    }
    assert lost == {id: set(student.loses) for id, student in students.items()}


def test_what_was_rescued_is_told(run, students):
    told = {id: student.note in run.rows[id]["notes"] for id, student in students.items()}
    assert all(told.values()), {id: run.rows[id]["notes"] for id, ok in told.items() if not ok}


def test_the_host_is_unchanged(run):
    now = fingerprints(ASSIGNMENTS) | fingerprints(run.submissions)
    assert now == run.before
    assert not psutil.wait_procs(run.left, timeout=BOUND)[1]


def test_feedback_leaks_no_hidden_test(run, students):
    hidden = {
        line.strip()
        for criterion in run.assignment.criteria
        for region in HIDDEN.findall(criterion.source)
        for line in region.splitlines()
        if len(line.strip()) > 20 and not line.strip().startswith(('"', ")", "f"))
    }
    assert len(hidden) > 20
    for id in students:
        page = run.course.ledger.feedback_path(NAME, id).read_text("utf-8")
        assert not [line for line in hidden if line in page], id
        assert str(run.room.secret) not in page


def test_the_stolen_is_not_in_any_output(run):
    """훔치려던 학생의 출력에는 훔친 것이 없습니다. 숨은 테스트는 샌드박스 밖에 있습니다."""
    notebook = nbformat.read(run.course.ledger.notebook_path(NAME, "reads-tests"), as_version=4)
    [thief] = [
        cell for cell in notebook.cells if "BEGIN HIDDEN" in cell.source and "gc" in cell.source
    ]
    said = str(thief.outputs)
    assert "environ" not in said
    assert "FileNotFoundError" in said
    assert not [c.title for c in run.assignment.criteria if c.source[:200] in said]


def test_hints_reach_the_wrong_answers(run):
    for n, one in enumerate(wrong_answers(ASSIGNMENTS, NAME)[:6]):
        page = run.course.ledger.feedback_path(NAME, f"wrong-{n}").read_text("utf-8")
        assert one.hint in page, one.name


@pytest.mark.proof(only=True)
def test_a_killed_run_resumes_to_the_same_table(run, tmp_path):
    """마흔 명의 채점을 도중에 죽였다가 이어 갑니다"""
    course = Course(ASSIGNMENTS, tmp_path / "build")
    asked = command(course.build, run.submissions)
    first = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in first.stderr:
        if line.strip().startswith("15/"):
            break
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert not course.ledger.table.exists()
    again = subprocess.run(asked, capture_output=True, text=True, timeout=10 * BOUND)
    assert again.returncode == 0, again.stderr[-2000:]
    assert "그대로 사용합니다" in again.stderr
    assert course.ledger.table.read_bytes() == run.course.ledger.table.read_bytes()


def test_nobody_is_left_without_reason(run):
    """0점에는 언제나 까닭이 있습니다."""
    for id, row in run.rows.items():
        if float(row["score"] or 0) == 0 and row["status"] == Status.GRADED.value:
            page = run.course.ledger.feedback_path(NAME, id).read_text("utf-8")
            assert "NotImplementedError" in page or "힌트" in page or id.startswith("blank"), id
