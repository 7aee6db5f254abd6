"""주인: 어느 LMS에서 어떻게 받았든 한 사람에 한 줄이고, 아무도 남의 것과 섞이지 않습니다."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.classroom.tiny import NAME, tiny_notebook

from classroom.assignment import Assignment
from classroom.course import grade_all, plan
from classroom.intake.rebuild import rebuild
from classroom.intake.submission import Received, Submission, receive
from classroom.marking import spread
from classroom.marking.grade import Graded
from classroom.record import PRIVATE, CriterionResult, GradeRecord, Status
from suite.effort import fuzz

OTHER = "t2-other"
HONG, KIM = "20260001", "20260002"
ROSTER = f"학번,이름\n{HONG},홍길동\n{KIM},김철수\n"
FILE = f"{NAME}.ipynb"


def other_notebook() -> nbformat.NotebookNode:
    """둘째 과제: 셀의 이름과 내용이 첫째와 다릅니다."""
    notebook = tiny_notebook()
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"]["grade_id"] += "-2"
            cell.source += "\n# 둘째 과제의 셀입니다"
    return notebook


SOURCES = {NAME: tiny_notebook(), OTHER: other_notebook()}
RELEASED = [Assignment(name, made, made) for name, made in SOURCES.items()]


def notebook(student: str | None = None, name: str = NAME, answer: str = "") -> bytes:
    """``student``가 학번 셀을 고쳐 낸 노트북. 없으면 고치지 않은 것입니다."""
    made = json.loads(nbformat.writes(SOURCES[name]))
    if student is not None:
        made["cells"][1]["source"] = f'student_id = "{student}"'
    made["cells"][3]["source"] += f"\n# {answer}"
    return json.dumps(made, ensure_ascii=False).encode()


def without_id_cell() -> bytes:
    made = json.loads(notebook())
    del made["cells"][1]
    return json.dumps(made).encode()


def zipped(files: dict[str, bytes], day: int = 1) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name, data in files.items():
            opened.writestr(zipfile.ZipInfo(name, (2026, 10, day, 9, 0, 0)), data)
    return stream.getvalue()


def put(folder: Path, files: dict[str, bytes | str]) -> Path:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def received(tmp_path, files, roster: str = "", names=(NAME, OTHER)) -> Received:
    folder = put(tmp_path / "제출", files)
    (tmp_path / "명단.csv").write_text(roster, "utf-8-sig")
    list_of = tmp_path / "명단.csv" if roster else None
    return receive(folder, list(names), list_of, RELEASED)


def rows(found: Received, name: str = NAME) -> dict[str, Submission]:
    assert len({(one.student, one.assignment) for one in found.submissions}) == len(
        found.submissions
    ), "한 사람과 한 과제에 한 줄입니다"
    return {one.student: one for one in found.submissions if one.assignment == name}


def status(one: Submission) -> Status | None:
    """채점기에 넘기면 받을 상태. 채점할 수 있으면 ``flag``(없으면 None)입니다."""
    return rebuild(RELEASED[0], one).status or one.flag


def seed(one: Submission) -> str:
    return rebuild(RELEASED[0], one).seed


# ── 모양 ──────────────────────────────────────────────────────────────────

A, B = notebook(HONG), notebook(KIM)
ATTEMPT = f"{NAME}_{{}}_attempt_2026-10-01-10-0{{}}-00"
LAYOUTS: dict[str, dict[str, bytes]] = {
    "nbgrader": {f"{HONG}/{NAME}/{FILE}": A, f"{KIM}/{NAME}/{FILE}": B},
    "무들": {
        "m.zip": zipped(
            {
                f"홍길동_123_assignsubmission_file_/{FILE}": A,
                f"김철수_124_assignsubmission_file_/{FILE}": B,
            }
        )
    },
    "무들, 폴더와 번호 없이": {
        "m.zip": zipped(
            {
                f"홍길동_assignsubmission_file_{FILE}": A,
                f"김철수_assignsubmission_file_{FILE}": B,
            }
        )
    },
    "무들, 모둠": {
        f"1분반-홍길동_123_assignsubmission_file_/{FILE}": A,
        f"1분반-김철수_124_assignsubmission_file_/{FILE}": B,
    },
    "캔버스": {
        "submissions.zip": zipped({f"홍길동_11_5_{FILE}": A, f"김철수_LATE_12_6_{NAME}-1.ipynb": B})
    },
    "블랙보드": {
        f"gradebook_CS101_{NAME}_2026-10-02-09-00-00.zip": zipped(
            {
                f"{ATTEMPT.format(HONG, 1)}_{FILE}": A,
                f"{ATTEMPT.format(HONG, 1)}.txt": b"Name: x",
                f"{ATTEMPT.format(KIM, 2)}_{FILE}": B,
                f"{ATTEMPT.format(KIM, 2)}.txt": b"Name: y",
            }
        )
    },
    "드라이브": {
        f"{NAME}-20261004T000000Z-001.zip": zipped({f"{NAME}/홍길동 - {FILE}": A}),
        f"{NAME}-20261004T000000Z-002.zip": zipped({f"{NAME}/김철수 - {FILE}": B}),
    },
    "드라이브, 사본": {f"{NAME}/홍길동 - {FILE}의 사본": A, f"{NAME}/김철수의 사본.ipynb": B},
    "브라이트스페이스": {
        f"{NAME} Download Oct 5, 2026.zip": zipped(
            {
                "index.html": b"<html></html>",
                f"12345-67890 - 홍길동 - Oct 4, 2026 1000 AM/{FILE}": A,
                f"12346-67890 - 김철수 - Oct 4, 2026 1001 PM/{FILE}": B,
            }
        )
    },
    "사카이": {
        "bulk.zip": zipped(
            {
                f"{NAME}/grades.csv": b"a,b",
                f"{NAME}/홍길동({HONG})/Submission attachment(s)/{FILE}": A,
                f"{NAME}/홍길동({HONG})/timestamp.txt": b"20261004",
                f"{NAME}/김철수({KIM})/Submission attachment(s)/{FILE}": B,
            }
        )
    },
    "구글 클래스룸": {
        f"Takeout/Classroom/DDIA/{NAME}/홍길동 - {FILE}": A,
        f"Takeout/Classroom/DDIA/{NAME}/김철수 - {FILE}": B,
    },
    "학번_이름_파일": {
        "과제1.zip": zipped({f"{HONG}_홍길동_{FILE}": A, f"{KIM}_김철수_x.ipynb": B})
    },
    "이름(학번)": {f"홍길동({HONG})_{FILE}": A, f"김철수({KIM})_{FILE}": B},
    "이름_학번": {f"홍길동_{HONG}.ipynb": A, f"김철수_{KIM}.ipynb": B},
    "번호 매긴 목록": {f"01_홍길동({HONG})_a1.ipynb": A, f"02_김철수({KIM})_a1.ipynb": B},
    "학번뿐": {f"{HONG}.ipynb": A, f"{KIM}.ipynb": B},
    "학번뿐, 한 폴더": {
        f"과제들/{HONG}.ipynb": A, f"과제들/{KIM}.ipynb": B, "과제들/x.pdf": b"%PDF"
    },
    "날짜와 이름": {f"20261004_홍길동_{FILE}": A, f"20261004_김철수_{FILE}": B},
    "메일의 첨부": {FILE: A, f"{NAME} (1).ipynb": B},
    "메일의 첨부, 한 폴더": {f"첨부/{FILE}": A, f"첨부/{NAME} (1).ipynb": B},
    "저마다의 zip": {
        f"{HONG} 홍길동/제출.zip": zipped({FILE: A}),
        f"{KIM} 김철수/제출.zip": zipped({FILE: B}),
    },
    "zip의 zip": {
        "반.zip": zipped(
            {f"반/{HONG}_a1.zip": zipped({FILE: A}), f"반/{KIM}_a1.zip": zipped({FILE: B})}
        )
    },
    "이름의 폴더": {f"반/홍길동/{FILE}": A, f"반/김철수/{FILE}": B},
    "맥의 이름": {
        unicodedata.normalize("NFD", f"{HONG} 홍길동/{FILE}의 사본"): A,
        unicodedata.normalize("NFD", f"{KIM} 김철수/{FILE}"): B,
    },
    "확장자": {
        f"{HONG}/{NAME}/{FILE}.txt": A,
        f"{KIM}_김철수_{FILE}.txt": B,
    },
    "확장자 없이": {f"{HONG}/{NAME}/{NAME}": A, f"{KIM}/{NAME}/{NAME}.json": B},
    "감싼 폴더": {f"제출/{HONG}/a.ipynb": A, f"제출/{KIM}/b.ipynb": B},
}  # fmt: skip


@pytest.mark.parametrize("listed", [True, False], ids=["명단", "명단 없이"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_row_a_person_whatever_the_layout(tmp_path, layout, listed):
    found = rows(received(tmp_path, LAYOUTS[layout], ROSTER if listed else ""))
    assert found.keys() == {HONG, KIM}
    for id, one in found.items():
        assert status(one) is None, (id, one.notes)
        assert [f'student_id = \\"{id}\\"'.encode() in data for data in one.files.values()] == [
            True
        ]
        assert seed(one) == id
        assert one.late == (layout == "캔버스" and id == KIM)


def test_one_student_in_a_wrapped_folder(tmp_path):
    assert rows(received(tmp_path, {f"제출/{HONG}/x.ipynb": notebook()})).keys() == {HONG}


def test_a_folder_by_assignment_then_student(tmp_path):
    files = {f"{NAME}/{HONG}/x.ipynb": A, f"{OTHER}/{HONG}/x.ipynb": notebook(HONG, OTHER)}
    found = received(tmp_path, files)
    assert rows(found).keys() == {HONG}
    assert [len(one.files) for one in found.submissions] == [1, 1]


# ── 한 사람인가 ───────────────────────────────────────────────────────────


def moodle(**people: bytes) -> dict[str, bytes]:
    """이름마다 한 사람. 번호는 차례입니다."""
    form = "{}_{}_assignsubmission_file_/{}"
    return {
        "m.zip": zipped(
            {form.format(n, 100 + i, FILE): d for i, (n, d) in enumerate(people.items())}
        )
    }


def doubtful(found: dict[str, Submission]) -> set[str]:
    return {id for id, one in found.items() if status(one) is Status.DOUBTFUL}


@pytest.mark.parametrize("listed", [True, False])
def test_one_id_in_two_peoples_notebooks_is_flagged_at_both(tmp_path, listed):
    files = moodle(홍길동=notebook(HONG, answer="1"), 김철수=notebook(HONG, answer="2"))
    found = rows(received(tmp_path, files, ROSTER if listed else ""))
    people = {HONG, KIM} if listed else {"홍길동", "김철수"}
    assert (found.keys(), doubtful(found)) == (people, people)
    assert all(len(one.files) == 1 for one in found.values())
    assert all(any(note.startswith(PRIVATE) for note in one.notes) for one in found.values())


def test_three_people_with_one_id(tmp_path):
    files = moodle(홍길동=A, 김철수=A, 박영희=A)
    found = rows(received(tmp_path, files))
    assert doubtful(found) == {"홍길동", "김철수", "박영희"}


def test_swapped_notebooks_are_flagged(tmp_path):
    found = rows(received(tmp_path, moodle(홍길동=B, 김철수=A), ROSTER))
    assert doubtful(found) == {HONG, KIM}


def test_the_owner_of_the_id_is_told_even_without_a_submission(tmp_path):
    """남이 내 학번으로 냈을 때 나는 「제출 안 함」이 아니라 확인할 사람입니다."""
    found = rows(received(tmp_path, moodle(홍길동=B), ROSTER))
    assert doubtful(found) == {HONG, KIM}
    assert not found[KIM].files


def test_a_label_with_one_persons_id_and_anothers_name(tmp_path):
    found = rows(received(tmp_path, {f"{HONG} 김철수/{FILE}": A}, ROSTER))
    (stranger,) = found.keys() - {HONG, KIM}
    assert status(found[stranger]) is Status.DOUBTFUL


def test_one_id_with_different_names_is_not_a_resubmission(tmp_path):
    files = {f"{HONG}_홍길동_a1.ipynb": A, f"{HONG}_김철수_a1.ipynb": notebook(HONG, answer="다름")}
    found = rows(received(tmp_path, files))
    assert len(found) == 2
    assert doubtful(found) == found.keys()


def test_the_id_of_the_roster_with_another_name_is_not_a_resubmission(tmp_path):
    files = {f"{HONG}_홍길동_a1.ipynb": A, f"{HONG}_박영희_a1.ipynb": notebook(answer="다름")}
    found = rows(received(tmp_path, files, ROSTER))
    (other,) = found.keys() - {HONG, KIM}
    assert doubtful(found) == {HONG, other}
    assert [len(found[id].files) for id in (HONG, other)] == [1, 1]
    again = {f"{HONG}_홍길동_a1.ipynb": A, f"{HONG}_a1 최종.ipynb": A}
    assert not doubtful(rows(received(tmp_path / "다시", again, ROSTER)))


def test_nameless_files_with_one_id_do_not_overwrite_each_other(tmp_path):
    files = {FILE: A, f"{NAME} (1).ipynb": notebook(HONG, answer="다름")}
    (one,) = rows(received(tmp_path, files)).values()
    assert len(one.files) == 2
    assert one.flag is Status.DOUBTFUL
    (tmp_path / "같은 것").mkdir()
    (one,) = rows(received(tmp_path / "같은 것", {FILE: A, f"{NAME} (1).ipynb": A})).values()
    assert status(one) is None


def test_a_person_found_only_by_the_cell(tmp_path):
    """LMS의 이름이 별명이어도 명단의 사람입니다."""
    found = rows(received(tmp_path, moodle(Gildong=A), ROSTER))
    assert found.keys() == {HONG, KIM}
    assert status(found[HONG]) is None
    assert "학번 셀을 보고" in found[HONG].notes[0]


def test_namesakes_are_told_apart_by_the_cell(tmp_path):
    people = f"학번,이름\n{HONG},홍길동\n{KIM},홍길동\n"
    form = "홍길동_{}_assignsubmission_file_/x.ipynb"
    files = {"m.zip": zipped({form.format(1): A, form.format(2): B})}
    found = rows(received(tmp_path, files, people))
    assert found.keys() == {HONG, KIM}
    assert not doubtful(found)


def test_the_number_of_the_lms_finds_the_person(tmp_path):
    """캔버스의 명단에는 캔버스의 번호가 있고, 내려받은 파일의 이름에도 있습니다."""
    people = (
        "Student,ID,SIS User ID,SIS Login ID,Section\n    Points Possible,,,,\n"
        f'"Hong, Gildong",5501,{HONG},hong@u.kr,1\n"Kim, Chul",5502,{KIM},kim@u.kr,1\n'
        '"Student, Test",5503,,,1\n'
    )
    files = {
        "submissions.zip": zipped({f"nick_5501_9_{FILE}": notebook(), f"kim_5502_8_{FILE}": B})
    }
    found = rows(received(tmp_path, files, people))
    assert found.keys() == {HONG, KIM}
    assert all(len(one.files) == 1 for one in found.values())


# ── 학생이 본 데이터 ──────────────────────────────────────────────────────


@pytest.mark.parametrize("said", ["2026-0001", "020260001", HONG])
def test_the_data_are_those_that_the_student_saw(tmp_path, said):
    """붙임표 하나로 데이터가 바뀝니다. 명단과 달라도 같은 사람이면 적힌 글자 그대로입니다."""
    (one, _) = rows(received(tmp_path, moodle(홍길동=notebook(said)), ROSTER)).values()
    assert (one.student, status(one), seed(one)) == (HONG, None, said)
    assert not rebuild(RELEASED[0], one).notes


def test_another_seed_is_never_without_a_word(tmp_path):
    files = {f"{HONG}/{NAME}/{FILE}": notebook(), f"{KIM}/{NAME}/{FILE}": notebook("20269999")}
    first, second = rows(received(tmp_path, files, ROSTER)).values()
    assert "고치지 않았습니다" in rebuild(RELEASED[0], first).notes[-1]
    assert "20269999" in rebuild(RELEASED[0], second).notes[-1]
    gone = received(tmp_path / "셀 없이", {f"{HONG}/{NAME}/{FILE}": without_id_cell()})
    assert "학번 셀을 읽지 못해" in rebuild(RELEASED[0], rows(gone)[HONG]).notes[-1]


def test_somebody_known_only_by_name_gets_the_data_they_saw(tmp_path):
    (one,) = rows(received(tmp_path, moodle(홍길동=notebook()))).values()
    assert (one.student, seed(one)) == ("홍길동", "2026-0000")


@pytest.mark.parametrize("roster", ["", ROSTER])
def test_nobodys_notebook_is_refused_loudly(tmp_path, roster):
    found = rows(received(tmp_path, {f"첨부/{FILE}": notebook()}, roster))
    (one,) = [one for one in found.values() if one.files]
    assert status(one) is Status.NOBODYS
    assert "누가 냈는지 알 수 없습니다" in " ".join(one.notes)
    assert one.student not in {HONG, KIM}


# ── 무엇을 냈나 ───────────────────────────────────────────────────────────

PACKED = {
    "a1.7z": b"7z\xbc\xaf'\x1c", "a1.rar": b"Rar!\x1a\x07", "a1.tar.gz": b"\x1f\x8b\x08",
    "a1.egg": b"EGGA", "a1.alz": b"ALZ\x01", "a1.tar": b"\0" * 257 + b"ustar",
}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "data", "state", "said"),
    [
        *((name, data, Status.UNREADABLE, "zip으로") for name, data in PACKED.items()),
        (FILE, b"", Status.UNREADABLE, "클라우드"),
        (f".{FILE}.icloud", b"bplist00", Status.UNREADABLE, "클라우드"),
        (FILE, b"<!DOCTYPE html><html>", Status.UNREADABLE, FILE),
        (f"{FILE}.txt", b"<!DOCTYPE html><html>", Status.UNREADABLE, NAME),
        (f"{NAME}.zip", b"PK\x03\x04...", Status.UNREADABLE, "깨져"),
        ("보고서.pdf", b"%PDF", Status.OTHER, "보고서.pdf"),
        (f"{NAME}.py", b"print(1)", Status.OTHER, f"{NAME}.py"),
        (FILE, b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "1 + 1"}]}',
         Status.OTHER, "셀이 하나도 없는"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("layout", ["{id}/{name}/{file}", "m.zip"])
def test_what_was_handed_in_is_never_said_to_be_missing(tmp_path, layout, file, data, state, said):
    if layout == "m.zip":
        inside = {f"홍길동_1_assignsubmission_file_/{file}": data}
        files = {"m.zip": zipped(inside | {f"김철수_2_assignsubmission_file_/{FILE}": B})}
    else:
        files = {layout.format(id=HONG, name=NAME, file=file): data, f"{KIM}/{NAME}/{FILE}": B}
    found = rows(received(tmp_path, files, ROSTER))
    assert status(found[HONG]) is state
    assert said in " ".join(rebuild(RELEASED[0], found[HONG]).notes)
    assert status(found[KIM]) is None


def test_missing_is_only_who_handed_in_nothing(tmp_path):
    (tmp_path / "제출" / HONG / NAME).mkdir(parents=True)
    found = rows(received(tmp_path, {f"{KIM}/{NAME}/{FILE}": B}, ROSTER))
    assert {id: status(one) for id, one in found.items()} == {HONG: Status.MISSING, KIM: None}


def test_a_notebook_goes_to_the_assignment_it_came_from(tmp_path):
    """폴더와 파일의 이름이 틀려도 셀이 말합니다. 틀린 자리는 알립니다."""
    other = notebook(HONG, OTHER)
    found = received(tmp_path, {f"{HONG}/{NAME}/{FILE}": other})
    assert not rows(found)[HONG].files
    assert rows(found, OTHER)[HONG].files
    assert f"{NAME}의 이름으로 냈지만" in rows(found, OTHER)[HONG].notes[0]


def test_other_files_are_named_and_belong_to_what_they_came_with(tmp_path):
    files = {f"{HONG}/{FILE}": A, f"{HONG}/그림.png": b"png"}
    found = received(tmp_path, files)
    assert "채점하지 않은 파일: 그림.png" in rows(found)[HONG].notes
    assert status(rows(found, OTHER)[HONG]) is Status.MISSING


def test_a_numbered_korean_name_tells_the_assignment(tmp_path):
    broken = b'{"cells": ['
    found = received(tmp_path, {f"{HONG}/{FILE}": A, f"{HONG}/과제 2.ipynb": broken})
    assert rows(found, OTHER)[HONG].files == {"과제 2.ipynb": broken}
    assert len(rows(found)[HONG].files) == 1


def test_the_newest_of_what_canvas_numbered(tmp_path):
    form = "홍길동_11_{}_{}"
    files = {
        "submissions.zip": zipped(
            {
                form.format(5, FILE): notebook(HONG, answer="처음"),
                form.format(6, f"{NAME}-2.ipynb"): notebook(HONG, answer="나중"),
            }
        )
    }
    (one,) = rows(received(tmp_path, files)).values()
    assert list(one.files) == [f"{NAME}-2.ipynb"]
    assert f"다시 낸 것이 있어 채점하지 않은 노트북: {FILE}" in one.notes


@pytest.mark.parametrize(
    "form",
    [
        "{name}_20260001_attempt_2026-10-0{day}-10-00-00_{file}",
        "11-22 - 홍길동 - Oct {day}, 2026 1000 AM/{file}",
    ],
)
def test_the_time_in_the_label_tells_the_newest(tmp_path, form):
    entries = {
        form.format(name=NAME, file=FILE, day=day): notebook(HONG, answer=str(day))
        for day in (4, 3)
    }
    (one,) = rows(received(tmp_path, {"all.zip": zipped(entries)})).values()
    assert notebook(HONG, answer="4") in one.files.values()
    assert "2번 냈습니다. 마지막 것(2026-10-04)" in " ".join(one.notes)
    assert any(note.startswith("채점하지 않은 이전 제출") for note in one.notes)


def test_what_is_nobodys_is_listed(tmp_path):
    bundle = {f"{HONG}.ipynb": A, f"{KIM}.ipynb": B, "index.html": b"", "채점기준.pdf": b"%PDF"}
    files = {"제출.zip": zipped(bundle), "메모.txt": "글", "반 전체.7z": b"7z\xbc\xaf'\x1c"}
    found = received(tmp_path, files, ROSTER)
    assert rows(found).keys() == {HONG, KIM}
    listed = " ".join(found.strays)
    assert all(name in listed for name in ("index.html", "채점기준.pdf", "메모.txt", "반 전체.7z"))
    assert "zip으로" in listed


@pytest.mark.parametrize("listed", [True, False])
def test_names_alone_are_several_people(tmp_path, listed):
    """학번 셀을 고치지 않았고 폴더의 이름이 무엇이든, 사람 이름의 파일 둘은 두 사람의 것입니다."""
    files = {f"컴공/홍길동의 {FILE}": notebook(), f"컴공/김철수_{FILE}": notebook()}
    found = rows(received(tmp_path, files, ROSTER if listed else ""))
    assert found.keys() == ({HONG, KIM} if listed else {"홍길동의", "김철수"})
    notes = [note for one in found.values() for note in rebuild(RELEASED[0], one).notes]
    assert sum("고치지 않았습니다" in note for note in notes) == 2
    drafts = {f"hong/{NAME} 초안.ipynb": notebook(), f"hong/{NAME} 완성.ipynb": A}
    assert rows(received(tmp_path / "한 사람", drafts)).keys() == {HONG}


def test_an_unread_bundle_may_hold_what_is_missing(tmp_path):
    files = {f"{HONG}/{FILE}": A, "반 전체.7z": b"7z\xbc\xaf"}
    missing = rows(received(tmp_path, files, ROSTER))[KIM]
    assert "반 전체.7z" in missing.notes[0]


def test_a_broken_notebook_does_not_add_assignments(tmp_path):
    """어느 과제의 것인지 모르는 파일 하나 때문에 아무도 내지 않은 과제가 표에 오르지 않습니다."""
    files = {f"{HONG}/답.ipynb": b"{", f"{KIM}/{FILE}": B}
    found = received(tmp_path, files)
    assert status(rows(found)[HONG]) is Status.UNREADABLE
    assert not any(one.files or one.flag for one in rows(found, OTHER).values())


# ── 반 하나 ───────────────────────────────────────────────────────────────


def only_rebuilt(task) -> Graded:
    """코드를 돌리지 않는 채점: 어느 노트북을 어느 데이터로 채점할지까지만 봅니다."""
    rebuilt = rebuild(task.assignment, task.submission)
    one = task.submission
    results = (CriterionResult("seed", rebuilt.seed, 1.0, 1.0),)
    state = rebuilt.status or one.flag or Status.GRADED
    notes = rebuilt.notes
    return Graded(
        GradeRecord(one.student, one.assignment, state, "", results, (), notes, one.late), None
    )


def mixed_class() -> tuple[dict[str, bytes], dict[str, str]]:
    """온갖 곳에서 받은 것을 한 폴더에 모은 반과, 학번마다 받아야 할 상태."""
    id = "202600{:02d}".format
    n = [notebook(id(i)) for i in range(20)]
    moodle = {f"학생{i}_10{i}_assignsubmission_file_/{FILE}": n[i] for i in (1, 2)}
    attempts = {f"{NAME}_{id(i)}_attempt_2026-10-01-10-00-00_{FILE}": n[i] for i in (3, 4)}
    attempts |= {f"{NAME}_{id(i)}_attempt_2026-10-01-10-00-00.txt": b"Name: x" for i in (3, 4)}
    drive = {f"{NAME}/학생다섯 - {FILE}": n[5], f"{NAME}/학생여섯 - {FILE}": n[6]}
    files = {
        "moodle.zip": zipped(moodle),
        f"gradebook_CS101_{NAME}.zip": zipped(attempts),
        f"{NAME}-20261004T000000Z-001.zip": zipped(drive),
        f"submissions_{NAME}.zip": zipped({f"학생일곱_LATE_11_5_{FILE}": n[7]}),
        unicodedata.normalize("NFD", f"{id(8)} 학생/{FILE}의 사본"): n[8],
        f"{id(9)}_학생_{FILE}.txt": n[9],
        f"{id(10)}/{NAME}/{FILE}": b"<!DOCTYPE html>",
        f"{id(11)}/보고서.pdf": b"%PDF",
        f"{id(12)}.7z": b"7z\xbc\xaf",
        f"{NAME} (3).ipynb": n[13],
        f"{id(14)} 학생/{FILE}": n[15],
        f"{id(15)} 학생/{FILE}": n[15],
        "채점기준.pdf": b"%PDF",
    }
    states = {id(i): Status.GRADED for i in range(1, 17)}
    states |= {id(10): Status.UNREADABLE, id(11): Status.OTHER, id(12): Status.UNREADABLE}
    states |= {id(14): Status.DOUBTFUL, id(15): Status.DOUBTFUL, id(16): Status.MISSING}
    return files, {student: state.value for student, state in states.items()}


def test_a_class_of_everything_has_one_right_row_a_person(course, tmp_path):
    files, states = mixed_class()
    (tmp_path / "명단.csv").write_text("학번,이름\n" + "".join(f"{id}.0,\n" for id in states))
    strays = []
    tasks = plan(
        course,
        put(tmp_path / "제출", files),
        tmp_path / "명단.csv",
        tell=lambda received: strays.extend(received.strays),
    )
    with spread.local(1) as executor:
        grade_all(course, tasks, executor, work=only_rebuilt)
    with open(course.ledger.table, encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(row["student"], row["status"]) for row in table] == sorted(states.items())
    late = [row["student"] for row in table if row["late"]]
    assert late == ["20260007"]
    told = {row["student"]: row["notes"] for row in table}
    assert "명단의 학번을 고쳐 읽었습니다: 20260001.0 → 20260001" in told["20260001"]
    assert "20260015" in told["20260014"]
    assert strays == ["채점기준.pdf"]
    page = course.ledger.feedback_path(NAME, "20260014").read_text("utf-8")
    assert PRIVATE not in page, "다른 사람에 관한 알림은 학생의 페이지에 나오지 않습니다"
    assert "주인 확인" in page


# ── 무작위의 나무 ─────────────────────────────────────────────────────────

NAMES = st.sampled_from(
    [
        *(
            HONG,
            KIM,
            f"{HONG} 홍길동",
            "홍길동",
            "김철수",
            "반",
            "7",
            "제출",
            "과제 1",
            NAME,
            OTHER,
        ),
        *(f"{NAME} (1)", "홍길동_12_assignsubmission_file_", "박영희_LATE_123_456_x"),
        f"{NAME}_{KIM}_attempt_2026-10-01-10-00-00_x",
        "11-22 - 홍길동 - Oct 4, 2026 1000 AM",
    ]
)
SUFFIXES = st.sampled_from(["", ".ipynb", ".ipynb.txt", ".ipynb의 사본", ".pdf", ".csv", ".zip"])
MAKE = {
    "홍길동의 것": lambda mark: notebook(HONG, answer=mark),
    "김철수의 것": lambda mark: notebook(KIM, answer=mark),
    "다른 과제": lambda mark: notebook(KIM, OTHER, mark),
    "고치지 않은 학번": lambda mark: notebook(answer=mark),
    "잘린 것": lambda mark: notebook(HONG, answer=mark)[:200],
    "0바이트": lambda mark: b"",
    "웹 페이지": lambda mark: b"<html>",
    "PDF": lambda mark: b"%PDF",
    "zip": lambda mark: zipped({"x.ipynb": notebook(HONG, answer=mark)}),
    "7z": lambda mark: b"7z\xbc\xaf",
}
PATHS = st.tuples(st.lists(NAMES, max_size=3).map(tuple), NAMES, SUFFIXES).map(
    lambda found: "/".join((*found[0], found[1] + found[2]))
)
TREES = st.dictionaries(PATHS, st.sampled_from(sorted(MAKE)), min_size=1, max_size=6)


@fuzz(600)
@given(TREES, st.booleans(), st.booleans())
def test_every_file_and_every_person_is_accounted_for(tmp_path_factory, tree, listed, packed):
    """무작위의 나무에서 사라지는 파일도, 두 줄인 사람도, 말없이 합쳐진 사람도 없습니다"""
    tree = {p: kind for p, kind in tree.items() if not any(q.startswith(f"{p}/") for q in tree)}
    files = {path: MAKE[kind](f"{n}번째") for n, (path, kind) in enumerate(tree.items())}
    inside = {"반.zip": zipped(files)} if packed else files
    found = received(tmp_path_factory.mktemp("나무"), inside, ROSTER if listed else "")
    people = rows(found).keys()
    assert people == rows(found, OTHER).keys()
    assert not listed or {HONG, KIM} <= people
    lost = [path for path, kind in tree.items() if not is_accounted(path, kind, files, found)]
    assert lost == []
    assert [one for one in found.submissions if is_merged(one)] == []


def is_accounted(path: str, kind: str, files: dict[str, bytes], found: Received) -> bool:
    """채점되거나, 알림에 이름이 나오거나, 누구의 것도 아니라고 밝혔는가."""
    graded = [data for one in found.submissions for data in one.files.values()]
    told = "\n".join([*found.strays, *(note for one in found.submissions for note in one.notes)])
    if kind == "zip" and any(notebook(HONG, answer=f"{n}번째") in graded for n in range(6)):
        return True
    leaves = [path.rsplit("/", 1)[-1], *(["x.ipynb"] if kind == "zip" else [])]
    # LMS가 붙인 것을 뗀 이름도 그 파일의 이름입니다
    kept = {
        one for leaf in leaves for one in (leaf, *(leaf.rsplit(c, 1)[-1] for c in ("_", " - ")))
    }
    return (files[path] and files[path] in graded) or any(name in told for name in kept)


def is_merged(one: Submission) -> bool:
    """확인하라는 말 없이 서로 다른 학번의 노트북이 한 사람의 것이 되었는가."""
    whose = {
        id
        for id in (HONG, KIM)
        for data in one.files.values()
        if data.startswith(b"{") and f'student_id = \\"{id}\\"'.encode() in data
    }
    return len(whose) > 1 and one.flag is not Status.DOUBTFUL
