"""LMS로 돌려보내기: LMS의 번호로 짝지은 줄의 점수만 바뀌고, 모르는 것은 말합니다."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from tests.classroom.test_cli import make, run, tree  # noqa: F401 - tree는 픽스처입니다
from tests.classroom.test_gradebook import Gradebook
from tests.classroom.tiny import NAME

from classroom.course import to_lms
from classroom.record import CriterionResult, GradeRecord, Status, WrittenAnswer
from classroom.reporting import gradebook, lms
from ddialab.core.errors import InvalidValue

A1, A2 = "a1-cache", "a2-recovery"
HONG, KIM, LEE, PARK = "2026-0001", "20260002", "20260003", "20260004"
TOTALS = {
    (A1, HONG): 87.5, (A1, KIM): None, (A1, LEE): 0.0, (A1, PARK): 50.0,
    (A2, HONG): 60.0, (A2, KIM): 71.0, (A2, LEE): None, (A2, PARK): 1.0,
}  # fmt: skip
MAXIMA = {A1: 100.0, A2: 80.0}
CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Notes,a1-cache (501),퀴즈 1 (502),"
    '"과제 2, 복구 (a2-recovery) (503)",Assignments Current Score,Final Grade\r\n'
    ",,,,,,Manual Posting,,,,\r\n"
    "    Points Possible,,,,,,100,10,80,(read only),(read only)\r\n"
    '"홍, 길동",91,20260001,hong@univ.ac.kr,"1, 2분반",메모,,9,,90,A\r\n'
    '"김 ""철수"", 철수",92,,20260002@univ.ac.kr,1분반,,33,8,,80,B\r\n'
    '"이, 영희",93,20260003,lee,1분반,,EX,7,44,70,C\r\n'
    '"최, 청강",94,20269999,choi,1분반,,10,6,5,60,D\r\n'
    '"Student, Test",95,,abcdef,1분반,,,,,,\r\n'
)
WORKSHEET = (
    "Identifier,Full name,ID number,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\r\n"
    'Participant 12345,홍길동,20260001,Submitted,,100.00,Yes,-,"Monday, 5 October, 9:00 AM",x\r\n'
    "Participant 12346,김철수,20260002,Submitted,33.00,100.00,Yes,-,-,<p>직접 쓴 말</p>\r\n"
    "Participant 20260003,이영희,20260009,Submitted,,100.00,Yes,-,-,\r\n"
)
REPORT = (
    "First name,Last name,ID number,Institution,Department,Email address,"
    "Assignment: a1-cache (Real),Assignment: a1-cache (Feedback),Quiz: 퀴즈 (Real),"
    "Assignment: a2-recovery (Real),Course total (Real),Last downloaded from this course\r\n"
    "길동,홍,20260001,대학,학과,hong@univ.ac.kr,-,,7.00,-,7.00,1790000000\r\n"
    "철수,김,,대학,학과,20260002@univ.ac.kr,33.00,,8.00,-,41.00,1790000000\r\n"
)


def saved(tmp_path, text: str, name="export.csv", encoding="utf-8-sig") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def rows(text: str, delimiter=",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def canvas(tmp_path, text=CANVAS, totals=TOTALS, **options) -> lms.Filled:
    return lms.fill("canvas", saved(tmp_path, text, **options), totals, MAXIMA)


def test_canvas_gets_its_own_ids_and_only_our_columns(tmp_path):
    filled = canvas(tmp_path)
    points, hong, kim, _ = rows(filled.text)
    first, second = "a1-cache (501)", "과제 2, 복구 (a2-recovery) (503)"
    assert list(hong) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", first, second]
    assert filled.text.startswith("Student,"), "캔버스는 첫 열을 BOM 없이 읽습니다"
    assert (points["Student"], points[first], points[second]) == (
        "    Points Possible",
        "100",
        "80",
    )
    assert (hong["Student"], hong["ID"], hong["Section"]) == ("홍, 길동", "91", "1, 2분반")
    assert (hong[first], hong[second]) == ("87.5", "60")
    assert (kim["ID"], kim["Student"]) == ("92", '김 "철수", 철수')
    assert filled.people == 3


def test_what_is_not_settled_stays_as_it_was_and_is_said(tmp_path):
    """캔버스는 있던 점수를 빈칸으로 올리면 지우고, 우리가 0을 올리면 0점이 됩니다."""
    filled = canvas(tmp_path)
    _, _, kim, lee = rows(filled.text)
    assert kim["a1-cache (501)"] == "33"
    assert lee["a1-cache (501)"] == "EX"
    assert lee["과제 2, 복구 (a2-recovery) (503)"] == "44"
    said = "\n".join(filled.notes)
    assert "정해지지 않아 LMS에 있던 그대로 둔 학생: 20260002(a1-cache), 20260003(a2-rec" in said
    assert "면제했거나 내주지 않아 그대로 둔 학생: 20260003(a1-cache)" in said
    blank = canvas(tmp_path, CANVAS.replace(",,33,", ",,,"))
    assert rows(blank.text)[2]["a1-cache (501)"] == ""


def test_who_cannot_be_matched_is_named_and_written_nowhere(tmp_path):
    filled = canvas(tmp_path)
    said = "\n".join(filled.notes)
    assert "찾지 못해 적지 않은 학생: 20260004" in said
    assert "LMS의 파일에만 있는 사람: 최, 청강 20269999" in said
    assert "Test" not in said
    assert "청강" not in filled.text
    assert PARK not in filled.text


def test_one_id_on_two_lines_is_written_on_neither(tmp_path):
    text = CANVAS + '"홍, 길순",96,20260001,hong2,1분반,,,,,,\r\n'
    filled = canvas(tmp_path, text)
    assert "같은 학번이 여럿이어서 적지 않은 학생: 2026-0001" in "\n".join(filled.notes)
    assert "길" not in filled.text.replace("길이", "")


def test_the_number_of_canvas_is_no_student_id(tmp_path):
    text = CANVAS.replace(",94,20269999,", f",{PARK},20269999,")
    assert "찾지 못해 적지 않은 학생: 20260004" in "\n".join(canvas(tmp_path, text).notes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_encodings(tmp_path, encoding):
    assert rows(canvas(tmp_path, encoding=encoding).text)[1]["Student"] == "홍, 길동"


def test_a_semicolon_stays_a_semicolon(tmp_path):
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(csv.reader(io.StringIO(CANVAS, newline="")))
    filled = canvas(tmp_path, out.getvalue())
    assert rows(filled.text, ";")[1]["a1-cache (501)"] == "87.5"


def test_first_and_last_names_apart(tmp_path):
    text = "LastName,FirstName,ID,SIS Login ID,Section,a1-cache (1)\r\n홍,길동,91,20260001,1,\r\n"
    (hong,) = rows(canvas(tmp_path, text).text)
    assert (hong["LastName"], hong["ID"], hong["a1-cache (1)"]) == ("홍", "91", "87.5")


def test_other_full_marks_are_said(tmp_path):
    filled = canvas(tmp_path, CANVAS.replace(",100,10,80,", ",100,10,8,"))
    assert [note for note in filled.notes if "만점" in note] == [
        "a2-recovery: LMS의 만점(8)과 과제의 만점(80)이 다릅니다. 점수는 바꾸지 않고 적었습니다. "
        "LMS의 만점을 고치세요(무들은 더 큰 점수를 받지 않습니다)."
    ]


def test_an_assignment_without_a_column_is_said(tmp_path):
    text = CANVAS.replace("a2-recovery", "b2")
    filled = canvas(tmp_path, text.replace("과제 2, 복구", "시험"))
    assert "a2-recovery: LMS의 파일에 열이 없어 적지 않았습니다." in filled.notes


def test_the_head_of_the_name_is_enough_and_the_name_is_better(tmp_path):
    text = CANVAS.replace("과제 2, 복구 (a2-recovery)", "A2 복구").replace("퀴즈 1", "a1 연습")
    _, hong, *_ = rows(canvas(tmp_path, text).text)
    assert (hong["a1-cache (501)"], hong["A2 복구 (503)"]) == ("87.5", "60")


def moodle(tmp_path, text, name="export.csv", maxima=MAXIMA) -> lms.Filled:
    return lms.fill("moodle", saved(tmp_path, text, name), TOTALS, maxima)


@pytest.mark.parametrize("name", ["Grades-DDIA-a1-cache-77.csv", "과제 1 (a1).csv"])
def test_a_worksheet_of_moodle(tmp_path, name):
    filled = moodle(tmp_path, WORKSHEET, name)
    hong, kim = rows(filled.text)
    assert filled.name == "moodle-a1-cache"
    assert hong == {
        "Identifier": "Participant 12345", "Full name": "홍길동", "ID number": "20260001",
        "Grade": "87.5", "Last modified (grade)": "Monday, 5 October, 9:00 AM",
    }  # fmt: skip
    assert kim["Grade"] == "33.00"
    said = "\n".join(filled.notes)
    assert "찾지 못해 적지 않은 학생: 20260003, 20260004" in said, "Identifier는 학번이 아닙니다"
    assert "a2-recovery" not in said


def test_a_worksheet_in_korean(tmp_path):
    names = {"Identifier": "식별자", "Full name": "이름", "Participant": "참가자",
             "Last modified (grade)": "최근 수정 (성적)", "Maximum Grade": "최고 성적"}  # fmt: skip
    text = WORKSHEET
    for english, korean in names.items():
        text = text.replace(english, korean)
    filled = moodle(tmp_path, text.replace(",Grade,", ",성적,", 1), maxima={A1: 90.0})
    assert rows(filled.text)[0]["성적"] == "87.5"
    assert "LMS의 만점(100.00)과 과제의 만점(90)" in "\n".join(filled.notes)


def test_a_grade_report_of_moodle_with_two_assignments(tmp_path):
    filled = moodle(tmp_path, REPORT)
    hong, kim = rows(filled.text)
    first, second = "Assignment: a1-cache (Real)", "Assignment: a2-recovery (Real)"
    assert filled.name == "moodle"
    assert (hong[first], hong[second], hong["ID number"]) == ("87.5", "60", "20260001")
    assert (kim[first], kim[second]) == ("33.00", "71")
    assert not {"Course total (Real)", "Quiz: 퀴즈 (Real)", "Last downloaded from this course"} & {
        *hong
    }
    waiting = moodle(tmp_path, REPORT.replace(",33.00,", ",-,"))
    assert rows(waiting.text)[1][first] == "", "무들의 「-」는 빈칸입니다"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("blackboard", CANVAS, "canvas 또는 moodle"),
        ("canvas", WORKSHEET, "캔버스에서 내보낸 파일이 아닙니다"),
        ("canvas", "", "캔버스에서 내보낸 파일이 아닙니다"),
        ("moodle", CANVAS, "무들에서 내보낸 파일이 아닙니다"),
        ("moodle", WORKSHEET, "어느 과제의 작업표인지"),
        ("moodle", WORKSHEET.replace("Last modified (grade)", "?"), "언어를 영어로"),
        ("moodle", REPORT.replace("(Feedback)", "(Real)"), "열을 고를 수 없습니다"),
        ("canvas", CANVAS.replace("퀴즈 1", "a1-cache"), "열을 고를 수 없습니다"),
        ("canvas", CANVAS.replace("a1-cache", "b").replace("a2-recovery", "b"), "열이 없습니다"),
        ("canvas", CANVAS.replace("2026000", "777"), "한 사람도 찾지 못했습니다"),
        ("canvas", "PK\x03\x04xlsx", "엑셀 파일"),
    ],
)
def test_what_cannot_be_used_is_refused_in_three_parts(tmp_path, name, text, said):
    path = saved(tmp_path, text, encoding="utf-8")
    with pytest.raises(InvalidValue) as caught:
        lms.fill(name, path, TOTALS, MAXIMA)
    error = caught.value
    assert said in f"{error.problem}\n{error.accepted}\n{error.todo}"
    assert all((error.problem, error.accepted, error.todo))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InvalidValue, match="읽을 수 없습니다"):
        lms.fill("canvas", tmp_path / "없음.csv", TOTALS, MAXIMA)


# ── 명령 ───────────────────────────────────────────────────────────────


def a_class(course) -> list[GradeRecord]:
    """다 매긴 사람, 글을 아직 읽지 않은 사람, 내지 않은 사람, 열 수 없던 사람."""
    result = CriterionResult("criterion-double", "두 배", 10.0, 10.0)
    answer = (WrittenAnswer("written-why", 5.0, "글"),)
    records = [
        GradeRecord("2026-0001", NAME, Status.GRADED, results=(result,), written=answer),
        GradeRecord("2026-0002", NAME, Status.GRADED, results=(result,), written=answer),
        GradeRecord("2026-0003", NAME, Status.MISSING, results=(result,)),
        GradeRecord("2026-0004", NAME, Status.UNREADABLE, results=(result,)),
    ]
    gradebook.save(course.gradebook, course.assignments(), records)
    with Gradebook(f"sqlite:///{course.gradebook}", gradebook.COURSE) as book:
        for notebook in book.find_submission(NAME, "2026-0001").notebooks:
            for grade in notebook.grades:
                if grade.name == "written-why":
                    grade.manual_score, grade.needs_manual_grade = 4.0, False
        book.db.commit()
    for record in records:
        course.ledger.keep(record, None)
    course.ledger.write_table(course.assignments(), records, gradebook.marks(course.gradebook))
    return records


EXPORT = f"Student,ID,SIS User ID,SIS Login ID,Section,{NAME} (1)\r\n" + "".join(
    f'"학생, {n}",{90 + n},2026-000{n},s{n},1,\r\n' for n in range(1, 5)
)


def test_feedback_writes_the_file_for_the_lms(course, tmp_path, capsys):
    a_class(course)
    export = saved(tmp_path, EXPORT)
    assert run(course, "feedback", "--lms", "canvas", "--roster", export) == 0
    told = capsys.readouterr()
    path = course.ledger.folder / "canvas.csv"
    assert f"LMS에 올릴 파일(4명): {path}" in told.out
    assert [row[f"{NAME} (1)"] for row in rows(path.read_text("utf-8"))] == ["14", "", "", ""]
    assert "2026-0002(t1-tiny), 2026-0003(t1-tiny), 2026-0004(t1-tiny)" in told.err


def test_the_same_file_can_be_filled_again(course, tmp_path):
    records = a_class(course)
    first = to_lms(course, records, "canvas", saved(tmp_path, EXPORT))
    again = to_lms(course, records, "canvas", saved(tmp_path, first.text))
    assert again.text == first.text


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--lms", "blackboard"], "LMS=blackboard: 모르는 LMS"),
        (["--lms", "canvas"], "make feedback LMS=canvas ROSTER="),
        (["--lms", "canvas", "--roster", "없음.csv"], "ROSTER=없음.csv"),
    ],
)
def test_a_wrong_command_says_what_to_type(course, capsys, args, said):
    a_class(course)
    assert run(course, "feedback", *args) == 1
    assert said in capsys.readouterr().err


def test_a_roster_alone_is_not_silently_ignored(course, capsys):
    a_class(course)
    assert run(course, "feedback", "--roster", "명단.csv") == 0
    assert "LMS=canvas나 LMS=moodle을 함께" in capsys.readouterr().err


def test_make_feedback_passes_what_was_given(tree):  # noqa: F811
    given = make(tree, "-n", "feedback", "LMS=canvas", "ROSTER=내보낸 것.csv")
    assert '--lms "canvas" --roster "내보낸 것.csv"' in given.replace("\\\n", "")
    assert "--lms" not in make(tree, "-n", "feedback")
