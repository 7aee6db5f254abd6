"""채점의 비용: 제출 하나에 띄우는 프로세스. nbgrader보다 빠른 까닭입니다.

얼마나 빠른지는 `make bench`가 잽니다.
"""

from __future__ import annotations

import os
import sys

import nbformat
import pytest
from tests.classroom.tiny import ANSWERS, NAME

from classroom.assignment import Assignment
from classroom.intake.submission import Submission
from classroom.marking import notebook, sandbox, spread
from classroom.marking.grade import grade
from classroom.marking.sandbox import Limits

needs_sandbox = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")
PATIENT = Limits(cell=60, total=300)
HEAVY = ("ipykernel", "jupyter_client", "zmq", "nbformat", "matplotlib", "classroom.marking.grade")
LOADED = f"import sys\nprint([name for name in {HEAVY} if name in sys.modules])"


@pytest.fixture
def sandboxes(monkeypatch) -> list:
    """띄운 샌드박스들."""
    started = []

    class Counted(sandbox.Sandbox):
        def _start(self):
            started.append(self)
            return super()._start()

    monkeypatch.setattr(notebook, "Sandbox", Counted)
    return started


@needs_sandbox
@pytest.mark.parametrize(("double", "most"), [("2 * x", 1), ("x + 2", 2)])
def test_a_submission_starts_one_sandbox(course, sandboxes, double, most):
    """기준마다 띄우면 몇 배가 듭니다. 틀렸을 때만 힌트를 다시 묻느라 하나 더 띄울 수 있습니다."""
    assignment = Assignment.load(course.folder, NAME)
    answers = ANSWERS | {"answer-double": f"def double(x):\n    return {double}\n"}
    files = {f"{NAME}.ipynb": nbformat.writes(assignment.answered(answers)).encode()}
    graded = grade(assignment, Submission("2026-0001", NAME, files), PATIENT)
    passed = [one.score == one.points for one in graded.record.results]
    assert passed == [double == "2 * x", True]
    assert 1 <= len(sandboxes) <= most


@needs_sandbox
def test_a_sandbox_is_not_a_jupyter_kernel():
    """커널과 노트북의 모듈을 들여오면 제출마다 뜨는 데 몇 배가 걸립니다."""
    with notebook.StudentNotebook(PATIENT) as student:
        (output,) = student.run(LOADED, "loaded").outputs
    assert output["text"] == "[]\n"


def seen(_) -> tuple[int, int, list[str]]:
    """이 프로세스와 부모의 번호, 아직 들여오지 않은 채점 모듈."""
    return os.getpid(), os.getppid(), [name for name in spread.PRELOAD if name not in sys.modules]


def test_a_task_is_one_process_split_from_a_warm_seed():
    """채점 모듈을 제출마다 들여오면 채점하는 것보다 오래 걸립니다."""
    with spread.local(2) as executor:
        told = [result for _, result in spread.spread(seen, range(4), executor)]
    processes, seeds, missing = zip(*told, strict=True)
    assert len({*processes}) == 4
    assert len({*seeds}) == 1
    assert missing == ([],) * 4
