"""받기: LMS마다 다른 이름에서 학생과 과제를 찾습니다."""

from __future__ import annotations

import io
import os
import pickle
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.intake.roster import Roster, safe_id, unique_ids
from classroom.intake.submission import Submission, collect
from classroom.record import Status
from ddialab.core.errors import InvalidValue
from suite.effort import fuzz

A1, A2 = "a1-cache", "a2-recovery"
NB = b'{"cells": []}'


def files(*found: Submission, assignment=A1) -> dict[str, list[str]]:
    """학생마다 낸 파일의 이름. 내지 않은 사람은 빈 목록입니다."""
    return {one.student: list(one.files) for one in found if one.assignment == assignment}


def put(folder, path: str, data: bytes = NB, day: int | None = None):
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)
    if day:
        os.utime(target, (day * 86_400, day * 86_400))


def zipped(names, day=1, data=NB) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        for name in names:
            opened.writestr(zipfile.ZipInfo(name, (2026, 3, day, 0, 0, 0)), data)
    return stream.getvalue()


def roster(folder, text="student,name\n2026-0001,홍길동\n2026-0002,김철수\n", encoding="utf-8-sig"):
    path = folder.parent / f"{folder.name}-명단.csv"
    path.write_bytes(text.encode(encoding))
    return path


# ── 모양 ──────────────────────────────────────────────────────────────────


def test_nbgrader_layout(tmp_path):
    put(tmp_path, f"hong/{A1}/{A1}.ipynb")
    put(tmp_path, f"hong/{A2}/답.ipynb")
    put(tmp_path, f"kim_minsu/{A2}/{A2}.ipynb")
    put(tmp_path, f"j.lee/{A2}/{A2}.ipynb")
    found = collect(tmp_path, [A1, A2])
    assert files(*found) == {"hong": [f"{A1}/{A1}.ipynb"], "j.lee": [], "kim_minsu": []}
    assert files(*found, assignment=A2)["hong"] == [f"{A2}/답.ipynb"]


def test_notebooks_directly_in_the_student_folder(tmp_path):
    put(tmp_path, "2026-0001 홍길동/내 답.ipynb")
    assert files(*collect(tmp_path, [A1])) == {"2026-0001": ["내 답.ipynb"]}


@pytest.mark.parametrize(
    "name",
    [
        "홍길동_12345_assignsubmission_file_/a1-cache.ipynb",
        "홍길동_12345_assignsubmission_file/a1-cache.ipynb",
        "홍길동_12345_assignsubmission_file_a1-cache.ipynb",
        "홍길동_12345_678_a1-cache.ipynb",
        "홍길동_LATE_12345_678_a1-cache.ipynb",
    ],
)
@pytest.mark.parametrize("unpacked", [True, False])
def test_bulk_downloads(tmp_path, name, unpacked):
    """무들과 캔버스의 묶음, zip 그대로이거나 풀어 놓은 것."""
    names = [name, name.replace("홍길동", "김철수").replace("12345", "99")]
    if unpacked:
        for one in names:
            put(tmp_path, one)
    else:
        put(tmp_path, "submissions.zip", zipped(names))
    found = files(*collect(tmp_path, [A1]))
    assert found == {"홍길동": ["a1-cache.ipynb"], "김철수": ["a1-cache.ipynb"]}


def test_online_text_is_not_graded_but_its_author_is_listed(tmp_path):
    names = ["홍길동_1_assignsubmission_onlinetext_/onlinetext.html"]
    names += ["홍길동_1_assignsubmission_file_/a1-cache.ipynb"]
    names += ["김철수_2_assignsubmission_onlinetext/onlinetext.html"]
    put(tmp_path, "a1.zip", zipped(names))
    first, second = collect(tmp_path, [A1])
    assert files(first, second) == {"김철수": [], "홍길동": ["a1-cache.ipynb"]}
    assert first.flag == Status.OTHER
    assert "onlinetext.html" in first.notes[0]
    assert second.notes == ("채점하지 않은 파일: onlinetext.html",)


def test_anonymous_canvas(tmp_path):
    put(tmp_path, "submissions.zip", zipped(["anon_a1B2c_6_x.ipynb", "LATE_anon_z_7_y.ipynb"]))
    assert files(*collect(tmp_path, [A1])) == {"anon_a1B2c": ["x.ipynb"], "anon_z": ["y.ipynb"]}


@pytest.mark.parametrize(
    "name",
    ["2026-0001_홍길동_a1.zip", "2026-0001.zip", "a1_2026-0001.zip", "a1-cache 2026-0001.zip"],
)
def test_one_zip_a_student(tmp_path, name):
    put(tmp_path, name, zipped(["작업/a1_2026_03_05.ipynb", "작업/그림.png"]))
    assert list(files(*collect(tmp_path, [A1]))) == ["2026-0001"]


def test_a_zip_of_student_zips_and_a_wrapped_folder(tmp_path):
    inner = zipped(["a1-cache.ipynb"])
    put(tmp_path, "반.zip", zipped(["반/20260001_a1.zip", "반/20260002_a1.zip"], data=inner))
    assert list(files(*collect(tmp_path, [A1]))) == ["20260001", "20260002"]


def test_a_zip_instead_of_a_folder(tmp_path):
    put(tmp_path, "a1.zip", zipped(["홍길동_1_assignsubmission_file_/x.ipynb"]))
    assert list(files(*collect(tmp_path / "a1.zip", [A1]))) == ["홍길동"]


def test_scattered_files_of_one_person_are_one_submission(tmp_path):
    """캔버스의 첨부는 파일마다 따로이고, zip 안에서는 순서가 섞입니다. 두 번 낸 것이 아닙니다."""
    names = ["홍_1_5_a1-cache.ipynb", "김_2_6_x.ipynb", "홍_1_7_a1-cache.ipynb"]
    put(tmp_path, "submissions.zip", zipped(names))
    moodle = "이_{}_assignsubmission_file_/{}.ipynb"
    names = [moodle.format(3, "가"), moodle.format(4, "x"), moodle.format(3, "나")]
    put(tmp_path, "moodle.zip", zipped([*names, names[1].replace("이", "박")]))
    found = collect(tmp_path, [A1])
    assert files(*found) == {
        "김": ["x.ipynb"],
        "박": ["x.ipynb"],
        "이_3": ["가.ipynb", "나.ipynb"],
        "이_4": ["x.ipynb"],
        "홍": ["a1-cache.ipynb", "또/a1-cache.ipynb"],
    }
    assert not any("번 냈습니다" in note for one in found for note in one.notes)


def test_the_name_of_the_bundle_tells_the_assignment(tmp_path):
    for name in (A1, A2):
        put(
            tmp_path, f"ddia-{name}_submissions.zip", zipped(["홍_1_2_답.ipynb", "김_3_4_답.ipynb"])
        )
    found = collect(tmp_path, [A1, A2])
    assert files(*found) == files(*found, assignment=A2) == {"홍": ["답.ipynb"], "김": ["답.ipynb"]}
    assert not any(one.notes for one in found)


def test_only_other_files(tmp_path):
    put(tmp_path, "hong/a1-cache/보고서.pdf")
    (one,) = collect(tmp_path, [A1])
    assert not one.files
    assert "보고서.pdf" in one.notes[0]


def test_the_instructors_own_files_are_not_students(tmp_path):
    for name in ("명단.csv", "채점 기록.txt", "hong.zip", "kim_a1.pdf"):
        put(tmp_path, name, zipped(["a1-cache.ipynb"]))
    assert files(*collect(tmp_path, [A1])) == {"hong": ["a1-cache.ipynb"], "kim": []}


def test_an_empty_student_folder_is_still_a_student(tmp_path):
    """이 사람이 빠지면 성적표에도 빠집니다."""
    (tmp_path / "kim_minsu" / A1).mkdir(parents=True)
    (tmp_path / "lee_jisoo").mkdir()
    put(tmp_path, "2026-0001.zip", zipped([]))
    found = files(*collect(tmp_path, [A1]))
    assert found == {"2026-0001": [], "kim_minsu": [], "lee_jisoo": []}


# ── 누구인가 ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("head", ["student,name", "학번,이름", "이름;학번", "성\t이름\tID 번호"])
def test_rosters_of_excel(tmp_path, encoding, head):
    rows = {
        "student,name": "2026-0001,홍길동",
        "학번,이름": "2026-0001,홍길동",
        "이름;학번": "홍길동;2026-0001",
        "성\t이름\tID 번호": "홍\t길동\t2026-0001",
    }
    path = roster(tmp_path, f"{head}\n{rows[head]}\n", encoding)
    student = Roster.load(path).find("홍길동")
    assert (student.id, student.name) == ("2026-0001", "홍길동")


def test_a_roster_without_ids_is_an_error(tmp_path):
    with pytest.raises(InvalidValue, match="학번 열이 없습니다"):
        collect(tmp_path, [A1], roster(tmp_path, "반,점수\n1,2\n"))
    with pytest.raises(InvalidValue, match="읽을 수 없습니다"):
        collect(tmp_path, [A1], tmp_path / "없는.csv")
    with pytest.raises(InvalidValue, match="없습니다"):
        collect(tmp_path / "없는 폴더", [A1])


@pytest.mark.parametrize(
    "name",
    [
        "홍길동_12345_assignsubmission_file_/a1-cache.ipynb",
        "길동 홍_12345_assignsubmission_file_/a1-cache.ipynb",
        "홍길동_12345_678_a1-cache.ipynb",
        "2026-0001/a1-cache.ipynb",
        "2026-0001 홍길동/a1-cache.ipynb",
        "20260001_a1/a1-cache.ipynb",
        "[a1]홍길동(2026-0001)/a1-cache.ipynb",
        "과제1-홍길동/a1-cache.ipynb",
        unicodedata.normalize("NFD", "홍길동") + "/a1-cache.ipynb",
    ],
)
def test_names_are_matched_to_the_roster(tmp_path, name):
    people = "student,name\n2026-0001,홍 길동\n2026-0002,김철수\n"
    put(tmp_path, name)
    found = collect(tmp_path, [A1], roster(tmp_path, people))
    assert files(*found) == {"2026-0001": ["a1-cache.ipynb"], "2026-0002": []}
    assert not found[0].notes


def test_nobody_gets_the_work_of_a_namesake(tmp_path):
    """같은 이름이 둘이면 이름만으로는 누구의 것인지 모릅니다."""
    people = "student,name\n2026-0001,홍길동\n2026-0003,홍길동\n"
    put(tmp_path, "홍길동_77_assignsubmission_file_/x.ipynb")
    found = collect(tmp_path, [A1], roster(tmp_path, people))
    assert files(*found) == {"2026-0001": [], "2026-0003": [], "홍길동": ["x.ipynb"]}
    assert "명단에서 누구인지 찾지 못했습니다" in found[-1].notes[0]


def test_two_people_with_one_name_in_a_bundle(tmp_path):
    """명단에 한 명뿐이어도 번호가 다르면 두 사람입니다."""
    names = [f"홍길동_{number}_assignsubmission_file_/x.ipynb" for number in (11, 22)]
    put(tmp_path, "a1.zip", zipped(names))
    assert files(*collect(tmp_path, [A1])) == {"홍길동_11": ["x.ipynb"], "홍길동_22": ["x.ipynb"]}
    found = files(*collect(tmp_path, [A1], roster(tmp_path)))
    assert found["2026-0001"] == []


def test_strangers_keep_their_own_name(tmp_path):
    put(tmp_path, "청강생/a1-cache.ipynb")
    found = {one.student: one for one in collect(tmp_path, [A1], roster(tmp_path))}
    assert list(found) == ["2026-0001", "2026-0002", "청강생"]
    assert "청강생" in found["청강생"].notes[0]
    assert not found["2026-0001"].files


def test_a_linked_student_folder_is_refused_but_listed(tmp_path):
    put(tmp_path, "밖/a1-cache.ipynb", b"secret")
    (tmp_path / "제출").mkdir()
    (tmp_path / "제출" / "kim_minsu").symlink_to(tmp_path / "밖")
    (one,) = collect(tmp_path / "제출", [A1])
    assert (one.student, one.files) == ("kim_minsu", {})
    assert "바로 가기" in one.notes[0]


def test_a_later_submission_wins(tmp_path):
    for name, day in (("9", 3), ("1-late", 20)):
        bundle = zipped(["홍길동_5_assignsubmission_file_/a1-cache.ipynb"], day, b"%d" % day)
        put(tmp_path, f"a1-{name}.zip", bundle)
    (one,) = collect(tmp_path, [A1])
    assert one.files == {"a1-cache.ipynb": b"20"}
    assert "2번 냈습니다. 마지막 것(2026-03-20)" in one.notes[0]


def test_ids_that_differ_only_in_case_are_kept_apart():
    """대소문자를 안 가리는 디스크에서도 서로 덮어쓰지 않아야 합니다."""
    assert len({id.casefold() for id in unique_ids(["Kim", "kim", "KIM"]).values()}) == 3


@fuzz(1000)
@given(st.text(max_size=120))
def test_student_ids_are_safe_as_file_names(text):
    id = safe_id(text)
    assert id
    assert not set(id) & set("/\\:*?\"<>|\0\n\t =,'&")
    assert ".." not in id
    assert len(id) <= 64
    assert id[0] not in "-._"
    assert safe_id(id) == id


@fuzz(1000)
@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_different_names_get_different_ids(names):
    ids = unique_ids(names)
    assert len({id.casefold() for id in ids.values()}) == len(names)
    assert unique_ids(names[::-1]) == ids


def test_names_that_become_the_same_are_kept_apart(tmp_path):
    put(tmp_path, "kim!/a1-cache.ipynb", b"1")
    put(tmp_path, "kim?/a1-cache.ipynb", b"2")
    first, second = collect(tmp_path, [A1])
    assert {*first.files.values(), *second.files.values()} == {b"1", b"2"}
    assert "원래 이름" in second.notes[0]


def test_submissions_travel_to_other_machines():
    submission = Submission("s", A1, {"a.ipynb": NB}, ("알림",))
    assert pickle.loads(pickle.dumps(submission)) == submission
