"""샌드박스 없이 빨리 채점하는 강좌: 점수가 아니라 표와 피드백을 볼 때 씁니다."""

from __future__ import annotations

import csv

from tests.classroom.tiny import NAME

from classroom.course import Course, grade_all, plan
from classroom.marking import spread
from classroom.marking.grade import Graded
from classroom.record import CriterionResult, GradeRecord, Status, WrittenAnswer

WRONG = {"answer-double": "def double(x):\n    return x + 2\n"}


def quick(task) -> Graded:
    """샌드박스 없이 정하는 가짜 채점: 답에 「return 2 * x」가 있으면 맞은 것입니다."""
    text = next(iter(task.submission.files.values()), b"").decode()
    score = 10.0 if "return 2 * x" in text else 0.0
    result = CriterionResult("criterion-double", "두 배로 만들기", 10.0, score)
    written = (WrittenAnswer("written-why", 5.0, "글"),) if text else ()
    status = Status.GRADED if text else Status.MISSING
    record = GradeRecord(task.submission.student, NAME, status, results=(result,), written=written)
    return Graded(record, task.assignment.release if text else None)


def run(course, folder, work=quick, **options) -> list[GradeRecord]:
    with spread.local(2) as executor:
        return grade_all(course, plan(course, folder), executor, work=work, **options)


def table(course: Course) -> list[dict]:
    with open(course.ledger.table, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
