"""돌아가던 반: 예전 코드로 채점하던 반을 이어받아도 점수와 강사의 채점이 그대로입니다.

`running.zip`은 교실이 제 패키지가 되기 전의 코드가 남긴 것입니다: 그때의 과제 둘, 세 사람이 낸
노트북(모범 답안, 빈칸, 오답), 그리고 강사가 글 한 편과 기준 하나의 점수를 준 `_build/grades`.
"""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from classroom.course import Course, grade_all, plan, refresh
from classroom.marking import sandbox, spread
from classroom.record import GradeRecord
from classroom.reporting import gradebook

SAVED = Path(__file__).with_name("running.zip")
BY_HAND = {
    ("a1-cache", "2026-0001"): {"written-incident": 12.0},
    ("a1-cache", "2026-0003"): {"expiry": 5.0, "written-incident": None},
}


@pytest.fixture
def running(tmp_path) -> Course:
    shutil.unpack_archive(SAVED, tmp_path)
    return Course(tmp_path / "assignments", tmp_path)


def grade(course: Course) -> tuple[list[GradeRecord], int]:
    """기록들과, 그 가운데 새로 채점한 것의 수."""
    fresh = []
    with spread.local(2) as executor:
        tasks = plan(course, course.build / "submissions")
        records = grade_all(course, tasks, executor, tell=lambda old, one: old or fresh.append(one))
    return records, len(fresh)


def table(course: Course) -> list[dict]:
    """표의 줄들. 「늦음」과 이름의 칸은 그때의 표에 없었으므로 빼고 견줍니다."""
    with open(course.ledger.table, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert not any(row.pop(new, "") for row in rows for new in ("late", "name"))
    return rows


def by_hand(course: Course) -> dict:
    marks = gradebook.marks(course.gradebook)
    return {key: marks[key] for key in BY_HAND}


def test_the_kept_folder_gives_the_same_table(running):
    rows = table(running)
    assert len(refresh(running)) == 6
    assert table(running) == rows
    assert by_hand(running) == BY_HAND


@pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")
def test_the_same_submissions_get_the_same_marks_and_keep_those_of_the_instructor(running):
    rows, before = table(running), running.ledger.tabled()
    after, _ = grade(running)
    assert [replace(one, digest="") for one in after] == [replace(one, digest="") for one in before]
    assert table(running) == rows
    assert by_hand(running) == BY_HAND
    page = running.ledger.feedback_path("a1-cache", "2026-0003").read_text("utf-8")
    assert page.count("강사가 고침") == 1
    assert grade(running) == (after, 0), "한 번 이어받은 뒤에는 다시 채점하지 않습니다"
