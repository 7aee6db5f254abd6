"""사람이 더하는 것: 명단의 이름, 강사가 준 점수와 의견이 표와 요약과 피드백에 나옵니다."""

from __future__ import annotations

from dataclasses import replace

from nbgrader.api import Gradebook
from tests.classroom.quickly import WRONG, quick, run, table
from tests.classroom.tiny import NAME

from classroom.course import grade_all, plan, refresh
from classroom.marking import spread
from classroom.marking.grade import Graded
from classroom.record import Status
from classroom.reporting.gradebook import COURSE

ROSTER = "학번,이름\n2026-0001,홍길동\n2026-0002,=박영희\n2026-0003,\n"


def test_the_table_and_the_summary_have_the_names_of_the_roster(course, submit, tmp_path):
    """명단은 채점할 때만 줍니다. 사람이 점수를 준 다음 다시 써도 이름은 그대로입니다."""
    (tmp_path / "명단.csv").write_text(ROSTER)
    received = []
    tasks = plan(course, submit("2026-0001"), tmp_path / "명단.csv", tell=received.append)
    with spread.local(1) as executor:
        grade_all(course, tasks, executor, work=quick, names=received[0].names)
    told = [("2026-0001", "홍길동"), ("2026-0002", "'=박영희"), ("2026-0003", "")]
    assert [(row["student"], row["name"]) for row in table(course)] == told
    for again in (lambda: refresh(course), lambda: run(course, submit("2026-0001"))):
        again()
        assert table(course)[0]["name"] == "홍길동"


def test_a_doubtful_submission_is_called_by_name_in_the_summary(course, submit):
    run(course, submit("2026-0001"), suspicious, names={"2026-0001": "홍길동"})
    assert ">2026-0001 홍길동</a>" in course.ledger.summary.read_text("utf-8")


def suspicious(task) -> Graded:
    graded = quick(task)
    return Graded(replace(graded.record, status=Status.SUSPECT), graded.notebook)


def test_a_folder_graded_before_there_were_names_is_read(course, submit):
    run(course, submit("2026-0001"))
    old = course.ledger.table.read_text("utf-8-sig").replace("student,name,", "student,")
    course.ledger.table.write_text(old.replace("2026-0001,,", "2026-0001,"), "utf-8")
    assert [record.student for record in refresh(course)] == ["2026-0001"]
    assert table(course)[0]["name"] == ""
    (course.ledger.folder / "names.json").write_text("[]")
    assert len(refresh(course)) == 1, "이름을 읽지 못해도 점수는 씁니다"


def by_hand(course, score: float, cell: str = "written-why", student: str = "2026-0001") -> None:
    with Gradebook(f"sqlite:///{course.gradebook}", COURSE) as book:
        grade = book.find_grade(cell, NAME, NAME, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        book.db.commit()


def test_the_persons_score_reaches_the_table_and_the_feedback(course, submit):
    run(course, submit("2026-0001"))
    by_hand(course, 4)
    refresh(course)
    assert (table(course)[0]["written_score"], table(course)[0]["total"]) == ("4", "14")
    page = course.ledger.feedback_path(NAME, "2026-0001").read_text("utf-8")
    assert "14" in page


def say(course, text: str | None, cell: str) -> None:
    """formgrader에서 의견을 쓰거나(글) 지웁니다(None)."""
    with Gradebook(f"sqlite:///{course.gradebook}", COURSE) as book:
        book.find_comment(cell, NAME, NAME, "2026-0001").manual_comment = text
        book.db.commit()


def test_the_persons_comments_reach_the_feedback_until_they_are_removed(course, submit):
    run(course, submit("2026-0001"))
    by_hand(course, 4)
    say(course, "근거가 <b>좋습니다</b>.", "written-why")
    say(course, "이름이 좋습니다.", "answer-double")
    refresh(course)
    path = course.ledger.feedback_path(NAME, "2026-0001")
    page = path.read_text("utf-8")
    assert "근거가 &lt;b&gt;좋습니다&lt;/b&gt;." in page
    assert "<b>double</b><p>이름이 좋습니다.</p>" in page
    say(course, None, "written-why")
    say(course, "", "answer-double")
    refresh(course)
    assert "의견</" not in path.read_text("utf-8")


def test_a_corrected_criterion_counts_in_the_total_and_is_said(course, submit):
    run(course, submit("2026-0001", WRONG))
    by_hand(course, 4)
    by_hand(course, 7, "criterion-double")
    refresh(course)
    row = table(course)[0]
    assert (row["score"], row["total"]) == ("0", "11")
    assert "criterion-double 7점" in row["notes"]
    page = course.ledger.feedback_path(NAME, "2026-0001").read_text("utf-8")
    assert "강사가 고침" in page
    assert "<b>11</b> / 15점" in page
