"""지문: 점수를 정하는 것이 바뀌면 달라지고, 그렇지 않은 것이 바뀌면 그대로입니다."""

from __future__ import annotations

import pytest
from tests.classroom.tiny import ASSIGNMENTS, NAME, put_source, tiny_notebook

from classroom.assignment import Assignment
from classroom.intake.submission import Submission
from classroom.marking.fingerprint import fingerprint
from classroom.marking.sandbox import LIMITS, Limits

STUDENT = "2026-0042"
BLANK = Submission(STUDENT, "a1-cache", {"a1-cache.ipynb": b"{}"})


@pytest.fixture(scope="module")
def cache() -> Assignment:
    return Assignment.load(ASSIGNMENTS, "a1-cache")


def test_everything_that_decides_a_mark_changes_it(course, tmp_path):
    put_source(tmp_path / "other", tiny_notebook(points=30))
    (tmp_path / "other/nbgrader_config.py").write_text("")
    one, other = (Assignment.load(folder, NAME) for folder in (course.folder, tmp_path / "other"))
    files = {"a.ipynb": b"1", "b.ipynb": b"2"}
    asked = [
        (one, Submission(STUDENT, NAME, files), LIMITS, False),
        (other, Submission(STUDENT, NAME, files), LIMITS, False),
        (one, Submission(STUDENT, NAME, files), Limits(cell=3), False),
        (one, Submission(STUDENT, NAME, files), LIMITS, True),
        (one, Submission("2026-0043", NAME, files), LIMITS, False),
        (one, Submission(STUDENT, NAME, files, ("늦었습니다",)), LIMITS, False),
        (one, Submission(STUDENT, NAME, {"a.ipynb": b"1"}), LIMITS, False),
        (one, Submission(STUDENT, NAME, {"a.ipynb": b"1b.ipynb2"}), LIMITS, False),
    ]
    assert len({fingerprint(*each) for each in asked}) == len(asked)


@pytest.mark.parametrize(
    "name",
    [
        *("classroom/record.py", "classroom/intake/matching.py", "classroom/marking/remote.py"),
        "classroom/marking/interpreter.py",  # 샌드박스 안에서만 실행됩니다
        *("ddialab/core/errors.py", "ddialab/stress/load.py"),  # 뒤의 것은 과제가 import합니다
    ],
)
def test_code_that_decides_a_mark_changes_it(cache, edit, name):
    before = fingerprint(cache, BLANK, LIMITS, False)
    edit(name)
    assert fingerprint(cache, BLANK, LIMITS, False) != before


@pytest.mark.parametrize(
    "name",
    [
        *("ddialab/show/*.py", "ddialab/service/*.py", "classroom/reporting/*.py"),
        *("classroom/course.py", "classroom/__main__.py", "classroom/marking/s[ip]*.py"),
    ],
)
def test_a_colour_or_the_look_of_a_page_does_not(cache, edit, name):
    before = fingerprint(cache, BLANK, LIMITS, False)
    edit(name)
    assert fingerprint(cache, BLANK, LIMITS, False) == before


@pytest.mark.parametrize(
    "line",
    [
        *("from ddialab.ops import slo", "import ddialab.ops.slo"),
        "from ddialab.ops import (\\nrollout,\\nslo)",
        'from ddialab.ops import (\\n", "    rollout,\\n", "    slo,\\n", ")',
    ],
)
def test_what_a_student_imports_counts_for_that_student(cache, edit, line):
    notebook = b'{"cells": [{"source": "import math\\n%b\\n"}]}' % line.encode()
    theirs = Submission(STUDENT, "a1-cache", {"a1-cache.ipynb": notebook})
    before = fingerprint(cache, theirs, LIMITS, False)
    edit("ddialab/ops/slo.py")
    assert fingerprint(cache, theirs, LIMITS, False) != before


@pytest.mark.parametrize(
    "source",
    [
        b"from ddialab." + b"x" * 5_000,
        b"import ddialab" + b"." * 5_000,
        b"from ddialab." + b"x.y" * 3_000 + b" import (" + b"a,\n" * 9_000,
    ],
)
def test_an_odd_import_of_a_student_is_no_error(cache, source):
    odd = Submission(STUDENT, "a1-cache", {"a1-cache.ipynb": source})
    assert fingerprint(cache, odd, LIMITS, False) != fingerprint(cache, BLANK, LIMITS, False)
