"""강좌: 배포, 채점, 이어 하기. 진짜 nbgrader와 진짜 샌드박스로 돌립니다."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from tests.classroom.quickly import WRONG, quick, run, table
from tests.classroom.tiny import ANSWERS, DOUBLE, NAME, put_source, tiny_notebook

from classroom import course as module
from classroom.assignment import Assignment
from classroom.course import Course, leaks, plan, refresh, release
from classroom.marking.grade import Graded
from classroom.record import CriterionResult, GradeRecord, Status
from ddialab.core.errors import InvalidValue, StorageFailure

ROOT = Path(__file__).resolve().parents[2]


# ── 배포 ──────────────────────────────────────────────────────────────────


def test_the_release_is_what_students_may_see(course):
    (path,) = release(course)
    assert path == course.build / "release" / NAME / f"{NAME}.ipynb"
    text = path.read_text("utf-8")
    assert "여기에 작성하세요" in text
    for secret in ("HIDDEN", "SOLUTION", "음수도", "return 2 * x", ANSWERS["written-why"]):
        assert secret not in text


def test_an_assignment_with_problems_is_not_released(course):
    broken = tiny_notebook()
    broken.cells[4].source = broken.cells[4].source.replace(', "2를 넣으면 4여야 합니다"', "")
    put_source(course.folder, broken)
    with pytest.raises(InvalidValue, match="학생이 받을 메시지가 없습니다"):
        release(course)
    assert not (course.build / "release").exists()


def test_no_assignments_is_an_error(tmp_path):
    with pytest.raises(InvalidValue, match="과제가 없습니다"):
        release(Course(tmp_path, tmp_path / "_build"))


@pytest.mark.parametrize(
    ("index", "source", "said"),
    [
        (4, DOUBLE, "숨은 테스트가 남았습니다"),
        (3, "def double(x):\n    ### BEGIN SOLUTION", "표시"),
        (3, "def double(x):\n    return 2 * x", "내용이 다릅니다"),
    ],
)
def test_a_leak_is_found(course, index, source, said):
    assignment = Assignment.load(course.folder, NAME)
    released = deepcopy(assignment.release)
    assert leaks(assignment, released) == []
    released.cells[index].source = source
    assert any(said in one for one in leaks(assignment, released))


def test_a_leaking_release_is_not_left_behind(course, monkeypatch):
    monkeypatch.setattr(module, "leaks", lambda *_: ["숨은 테스트가 남았습니다: x"])
    with pytest.raises(InvalidValue, match="배포본을 만들지 않았습니다"):
        release(course)
    assert not list(course.build.rglob("*.ipynb"))


# ── 채점 ──────────────────────────────────────────────────────────────────


def test_the_real_grader_end_to_end(course, submit):
    """진짜 샌드박스에서: 맞은 것, 틀린 것, 낸 것이 없는 것."""
    submit("2026-0001")
    submit("2026-0002", WRONG)
    folder = submit("2026-0003")
    (folder / "2026-0003" / NAME / f"{NAME}.ipynb").unlink()
    records = run(course, folder, work=None)
    assert [r.status for r in records] == [Status.GRADED, Status.GRADED, Status.MISSING]
    assert [(row["score"], row["max_score"]) for row in table(course)] == [
        ("20", "20"),
        ("10", "20"),
        ("0", "20"),
    ]
    hint = records[1].results[0].hint
    page = course.ledger.feedback_path(NAME, "2026-0002").read_text("utf-8")
    assert hint == "음수도 두 배로 만들어야 합니다"
    assert hint in page
    assert course.ledger.notebook_path(NAME, "2026-0001").is_file()
    assert course.ledger.summary.is_file()
    assert not list(course.build.rglob("*.part"))


def test_the_table_opens_in_excel(course, submit):
    run(course, submit("2026-0001"))
    raw = course.ledger.table.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfstudent,name,assignment,status,late,score,max_score,")
    row = table(course)[0]
    assert list(row)[7:] == [
        *("written_score", "written_max", "total", "notes"),
        *("criterion-double", "criterion-order"),
    ]
    assert (row["written_score"], row["written_max"], row["total"]) == ("", "5", "")
    assert (row["criterion-double"], row["criterion-order"]) == ("10", "")


def test_what_was_not_handed_in_is_zero_and_what_is_not_known_is_blank(course):
    """강사의 안내가 그렇게 말합니다. 냈지만 채점하지 못한 것은 영점이 아닙니다."""
    assignment = course.assignments()[0]
    lost = (CriterionResult("criterion-double", "두 배로 만들기", 10.0, 0.0),)
    states = (Status.MISSING, Status.UNREADABLE, Status.NOBODYS, Status.FAILED)
    records = [GradeRecord(state.name, NAME, state, results=lost) for state in states]
    course.ledger.write_table([assignment], records, {})
    assert [row["total"] for row in table(course)] == ["0", "", "", ""]


def test_a_name_cannot_become_a_formula(course, submit):
    """엑셀은 =로 시작하는 칸을 계산합니다. 알림에는 학생이 지은 말이 들어옵니다."""

    def noted(task):
        graded = quick(task)
        return Graded(module.replace(graded.record, notes=("=HYPERLINK(1)",)), None)

    folder = submit("2026-0001")
    tasks = plan(course, folder)
    records = [noted(task).record for task in tasks]
    course.ledger.write_table([tasks[0].assignment], records, {})
    assert table(course)[0]["notes"] == "'=HYPERLINK(1)"


def die(task):
    if task.submission.student == "2026-0002":
        os._exit(1)
    return quick(task)


def test_a_grader_that_dies_costs_one_submission_and_is_tried_again(course, submit):
    submit("2026-0001")
    submit("2026-0002")
    folder = submit("2026-0003")
    records = run(course, folder, work=die)
    assert [r.status for r in records] == [Status.GRADED, Status.FAILED, Status.GRADED]
    assert table(course)[1]["max_score"] == "20", "배점은 그대로 보여야 합니다"
    assert table(course)[1]["total"] == ""
    assert run(course, folder)[1].status == Status.GRADED


def test_only_assignments_that_someone_handed_in_are_listed(course, submit):
    put_source(course.folder, tiny_notebook(), "t2-later")
    assert [row.assignment for row in run(course, submit("2026-0001"))] == [NAME]


@pytest.mark.parametrize("make", [lambda p: p.mkdir(), lambda p: p.write_text("글"), lambda p: 0])
def test_a_folder_without_submissions_is_an_error(course, tmp_path, make):
    make(tmp_path / "given")
    with pytest.raises(InvalidValue, match="제출"):
        plan(course, tmp_path / "given")


# ── 이어 하기 ─────────────────────────────────────────────────────────────


def counted(course, folder, **options) -> tuple[list[GradeRecord], int]:
    """기록들과, 그 가운데 새로 채점한 것의 수."""
    fresh = []
    records = run(course, folder, tell=lambda reused, r: reused or fresh.append(r), **options)
    return records, len(fresh)


def test_an_unchanged_submission_is_not_graded_again(course, submit):
    submit("2026-0001")
    folder = submit("2026-0002")
    first, graded = counted(course, folder)
    assert graded == 2
    before = course.ledger.table.read_bytes()
    assert counted(course, folder) == (first, 0)
    assert course.ledger.table.read_bytes() == before
    assert counted(course, folder, force=True)[1] == 2


def test_what_changed_is_graded_again(course, submit):
    submit("2026-0001")
    folder = submit("2026-0002")
    run(course, folder)
    submit("2026-0002", WRONG)
    records, graded = counted(course, folder)
    assert graded == 1
    assert records[1].score == 0
    put_source(course.folder, tiny_notebook(points=30))
    assert counted(course, folder)[1] == 2, "과제가 바뀌면 모두 다시 채점합니다"


def test_a_new_grader_grades_again_but_a_new_colour_does_not(course, submit, edit):
    folder = submit("2026-0001")
    run(course, folder)
    edit("ddialab/show/palette.py")
    edit("classroom/reporting/*.py")
    assert counted(course, folder)[1] == 0
    edit("classroom/marking/grade.py")
    assert counted(course, folder)[1] == 1


def test_the_fingerprint_of_a_record_is_the_one_it_is_looked_up_by(course, submit):
    folder = submit("2026-0001")
    (task,), (record,) = plan(course, folder), run(course, folder)
    assert record.digest == task.digest
    assert course.ledger.find(NAME, "2026-0001").digest == task.digest


@pytest.mark.parametrize("text", [b"", b"{", b"{}", b'{"student": 3}', b"\xed\xa0\x80"])
def test_a_broken_record_is_graded_again(course, submit, text):
    folder = submit("2026-0001")
    run(course, folder)
    path = course.ledger.record_path(NAME, "2026-0001")
    path.write_bytes(text)
    assert counted(course, folder)[1] == 1


def test_interrupted_runs_end_in_the_same_table(course, submit, tmp_path):
    """하나가 끝날 때마다 끊어도, 한 번에 끝낸 것과 바이트까지 같습니다."""
    for n in range(4):
        folder = submit(f"2026-{n:04}", WRONG if n % 2 else None)
    other = Course(course.folder, tmp_path / "_other")
    run(other, folder)

    def interrupt(reused, record):
        if not reused:
            raise KeyboardInterrupt

    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            run(course, folder, tell=interrupt)
    _, graded = counted(course, folder)
    assert graded == 0, "끊긴 네 번이 하나씩은 남겼어야 합니다"
    assert course.ledger.table.read_bytes() == other.ledger.table.read_bytes()


# ── 쓸 수 없는 디스크 ─────────────────────────────────────────────────────


def test_a_full_disk_keeps_what_was_written(course, submit, monkeypatch):
    submit("2026-0001")
    folder = submit("2026-0002")
    real, count = os.fsync, iter(range(100))

    def full(fd):
        if next(count) == 2:  # 첫 제출의 노트북과 기록까지 쓰고 가득 찹니다
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFailure, match="디스크"):
        run(course, folder)
    monkeypatch.setattr(os, "fsync", real)
    assert not list(course.build.rglob("*.part"))
    assert counted(course, folder)[1] == 1


def test_a_build_folder_that_cannot_be_written_is_a_korean_error(course, submit):
    folder = submit("2026-0001")
    course.build.mkdir(exist_ok=True)
    grades = course.build / "grades"
    if grades.exists():
        grades.rmdir()
    grades.write_text("폴더가 아닙니다")
    with pytest.raises(StorageFailure, match="쓰지 못했습니다"):
        run(course, folder)


def test_two_runs_at_once_are_refused(course, submit):
    folder = submit("2026-0001")
    with course.ledger.locked(), pytest.raises(StorageFailure, match="다른 채점이"):
        run(course, folder)
    run(course, folder)


def test_feedback_before_grading_says_what_to_do(course):
    with pytest.raises(InvalidValue, match="make grade"):
        refresh(course)


# ── JupyterHub의 교환 ─────────────────────────────────────────────────────

EXCHANGE = """
import contextlib, os, sys
from jupyter_core.application import NoStart
from nbgrader.apps import NbGraderApp

def nbgrader(folder, *args):
    os.chdir(folder)
    app = NbGraderApp.instance()
    app.initialize([*args, "--Exchange.root=" + sys.argv[3], "--log-level=ERROR"])
    with contextlib.suppress(NoStart):  # 딸린 명령이 일을 마쳤다는 뜻입니다
        app.start()
    type(app.subapp).clear_instance()

assignments, home, name = sys.argv[1], sys.argv[2], sys.argv[4]
nbgrader(assignments, "generate_assignment", name)
nbgrader(assignments, "release_assignment", name)
nbgrader(home, "fetch_assignment", name, "--course=ddia-ch1")
nbgrader(home, "submit", name, "--course=ddia-ch1")
nbgrader(assignments, "collect", name)
"""


def test_the_exchange_works_unchanged(course, tmp_path):
    """나눠 주기부터 거두기까지는 nbgrader의 명령 그대로, 그다음을 우리가 채점합니다."""
    places = [course.folder, tmp_path / "home", tmp_path / "exchange"]
    for place in places[1:]:
        place.mkdir()
        place.chmod(0o777)
    environment = os.environ | {"HOME": str(places[1]), "JUPYTER_CONFIG_DIR": str(tmp_path / "j")}
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, "-c", EXCHANGE, *map(str, places), NAME],
        env=environment | {"JUPYTER_DATA_DIR": str(tmp_path / "data")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (record,) = run(course, course.build / "submitted", work=None)
    assert (record.status, record.score, record.max_score) == (Status.GRADED, 0, 20)
    assert {result.score for result in record.results} == {0}
