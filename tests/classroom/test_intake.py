"""받기: LMS마다 다른 이름에서 학생과 과제를 찾고, 어떤 노트북이든 답을 되살립니다."""

from __future__ import annotations

import io
import json
import os
import pickle
import unicodedata
import zipfile
from copy import deepcopy

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom.assignment import Assignment, is_answer, mark
from classroom.intake.rebuild import rebuild
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


def test_online_text_is_ignored_but_its_author_is_not(tmp_path):
    names = ["홍길동_1_assignsubmission_onlinetext_/onlinetext.html"]
    names += ["홍길동_1_assignsubmission_file_/a1-cache.ipynb"]
    names += ["김철수_2_assignsubmission_onlinetext/onlinetext.html"]
    put(tmp_path, "a1.zip", zipped(names))
    first, second = collect(tmp_path, [A1])
    assert files(first, second) == {"김철수": [], "홍길동": ["a1-cache.ipynb"]}
    assert "onlinetext.html" in first.notes[0]
    assert not second.notes


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
    assert "명단에서 한 사람으로 찾지 못했습니다" in found[-1].notes[0]


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
    assert "2번 냈습니다. 가장 새것(2026-03-20)" in one.notes[0]


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


# ── 되살리기 ──────────────────────────────────────────────────────────────


def marked(cell, id, *, grade=False, solution=False):
    cell.metadata["nbgrader"] = {
        "grade_id": id, "grade": grade, "solution": solution, "locked": not solution
    }  # fmt: skip
    return cell


def made(*, model=False) -> nbformat.NotebookNode:
    body = "return a + b" if model else "raise NotImplementedError"
    total = "total = add(1, 2)" if model else "# total = 합\nraise NotImplementedError"
    cells = [
        new_markdown_cell("# 과제"),
        new_code_cell('student_id = "2026-0000"', metadata={"tags": ["student-id"]}),
        marked(new_code_cell("import math"), "given-tools"),
        marked(new_code_cell(f"def add(a, b):\n    {body}"), "answer-add", solution=True),
        marked(new_code_cell("# 기준: 더하기\nassert add(1, 2) == 3"), "adds", grade=True),
        marked(new_code_cell(total), "answer-total", solution=True),
        marked(new_code_cell("# 기준: 합\nassert total == 3"), "sums", grade=True),
        new_markdown_cell("## 글"),
        marked(
            new_markdown_cell("모범" if model else "여기에"), "essay", grade=True, solution=True
        ),
    ]
    for number, cell in enumerate(cells):
        cell.id = f"c{number}"
    return new_notebook(cells=cells)


ASSIGNMENT = Assignment(A1, made(model=True), made())
ADD, TOTAL, ESSAY = 3, 5, 8


def solved() -> dict:
    """학생이 다 푼 노트북(JSON으로 옮길 사전)."""
    notebook = json.loads(nbformat.writes(made()))
    for index, source in ((ADD, "def add(a, b):\n    return b + a"), (TOTAL, "total = 3")):
        notebook["cells"][index]["source"] = source
    notebook["cells"][ESSAY]["source"] = "캐시가 식었습니다"
    return notebook


def again(notebook, name=f"{A1}.ipynb", student="2026-0001"):
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    return rebuild(ASSIGNMENT, Submission(student, A1, {name: data}))


def answers(rebuilt) -> dict[str, str]:
    return {
        mark(cell)["grade_id"]: cell.source for cell in rebuilt.notebook.cells if is_answer(cell)
    }


def added(rebuilt) -> list[str]:
    return [cell.source for cell in rebuilt.notebook.cells if cell.metadata.get("ddialab")]


def untouched(notebook) -> list:
    """답의 글과 학생이 더한 셀을 뺀, 바뀌면 안 되는 것."""
    cells = deepcopy([cell for cell in notebook.cells if not cell.metadata.get("ddialab")])
    for cell in filter(is_answer, cells):
        cell.source = ""
    return cells


WANTED = answers(again(solved()))


def test_the_plain_case_has_no_notes():
    rebuilt = again(solved())
    assert (rebuilt.status, rebuilt.notes) == (None, ())
    assert WANTED == {"answer-add": "def add(a, b):\n    return b + a", "answer-total": "total = 3",
                      "essay": "캐시가 식었습니다"}  # fmt: skip
    nbformat.validate(rebuilt.notebook)


@pytest.mark.parametrize(
    ("encode", "said"),
    [
        (lambda text: text.encode("utf-8-sig"), "BOM"),
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: text.encode("utf-16-le"), "UTF-16"),
        (lambda text: text.encode("utf-16-be"), "UTF-16"),
        (lambda text: text.encode("cp949"), "cp949"),
    ],
)
def test_other_encodings(encode, said):
    rebuilt = again(encode(json.dumps(solved(), ensure_ascii=False)))
    assert answers(rebuilt) == WANTED
    assert said in rebuilt.notes[0]


def stripped(notebook, ids=False):
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {}
        cell["id"] = cell["id"] if ids else f"new{number}"
    return notebook


@pytest.mark.parametrize("ids", [True, False])
def test_stripped_metadata(ids):
    """표식 없이 제출하면 nbgrader는 말없이 0점을 줍니다."""
    rebuilt = again(stripped(solved(), ids))
    assert answers(rebuilt) == WANTED
    assert added(rebuilt) == []
    assert "표식이 없어" in rebuilt.notes[0]


def test_by_names_when_cells_moved():
    """순서를 바꾸고 셀을 더하면 자리로는 알 수 없습니다."""
    notebook = stripped(solved())
    cells = notebook["cells"]
    cells[ADD], cells[TOTAL] = cells[TOTAL], cells[ADD]
    extra = {"cell_type": "code", "source": "print('시험')", "metadata": {}}
    notebook["cells"] = [*cells[:ADD], extra, *cells[ADD:TOTAL], extra, *cells[TOTAL:]]
    rebuilt = again(notebook)
    assert answers(rebuilt) == WANTED
    assert added(rebuilt) == ["print('시험')"] * 2


def test_by_cell_id_when_the_name_is_wrong():
    """이름을 잘못 적은 답도 학생의 답입니다. 곁에 더한 셀이 있어 자리로는 알 수 없습니다."""
    notebook = stripped(solved(), ids=True)
    notebook["cells"][TOTAL]["source"] = "합 = 3"
    notebook["cells"].insert(
        TOTAL, {"cell_type": "code", "source": "print(1)", "metadata": {}, "id": "e"}
    )
    assert answers(again(notebook))["answer-total"] == "합 = 3"


def test_by_position_when_nothing_else_is_left():
    notebook = stripped(solved())
    notebook["cells"][TOTAL]["source"] = "print('합을 잊음')"
    assert answers(again(notebook))["answer-total"] == "print('합을 잊음')"


def test_an_essay_over_two_cells_is_joined():
    notebook = stripped(solved())
    notebook["cells"].append({"cell_type": "markdown", "source": "둘째", "metadata": {}})
    assert answers(again(notebook))["essay"] == "캐시가 식었습니다\n\n둘째"


def test_a_changed_grade_id():
    notebook = solved()
    for index in (ADD, TOTAL):
        notebook["cells"][index]["metadata"]["nbgrader"]["grade_id"] = "mine"
        notebook["cells"][index]["id"] = f"z{index}"
    assert answers(again(notebook)) == WANTED


@pytest.mark.parametrize("scratch", ["print(add(1, 2))", "", "raise NotImplementedError"])
@pytest.mark.parametrize("offset", [0, 1])
def test_a_duplicated_answer_cell(scratch, offset):
    """셀을 복사해 낙서장으로 쓰면 이름이 같은 셀이 둘입니다. 답은 함수를 정의한 쪽입니다."""
    notebook = solved()
    copy = deepcopy(notebook["cells"][ADD]) | {"source": scratch, "id": "copy"}
    notebook["cells"].insert(ADD + offset, copy)
    rebuilt = again(notebook)
    assert answers(rebuilt) == WANTED
    assert added(rebuilt) == ([scratch] if scratch else [])


def test_of_two_definitions_the_later_counts():
    notebook = solved()
    notebook["cells"].insert(
        ADD, deepcopy(notebook["cells"][ADD]) | {"source": "def add(a, b):\n    return 0"}
    )
    assert answers(again(notebook)) == WANTED


def test_edited_and_deleted_cells_come_back():
    notebook = solved()
    notebook["cells"][4]["source"] = "# 기준: 더하기\npass"
    notebook["cells"][2]["source"] = "import os"
    del notebook["cells"][6]
    rebuilt = again(notebook)
    assert untouched(rebuilt.notebook) == untouched(made())
    said = " ".join(rebuilt.notes)
    assert "adds: 고친 테스트 셀" in said
    assert "given-tools: 고친 주어진 셀" in said
    assert "sums: 테스트 셀이 없어" in said


def test_an_edited_test_without_metadata_is_not_run_as_a_students_cell():
    notebook = stripped(solved())
    notebook["cells"][4]["source"] = "# 기준: 더하기\nassert True"
    assert added(again(notebook)) == []


def test_helper_cells_stay_in_place():
    notebook = solved()
    helper = {"cell_type": "code", "source": "def help(): ...", "metadata": {}, "id": "h"}
    notebook["cells"].insert(ADD, helper)
    rebuilt = again(notebook)
    sources = [cell.source for cell in rebuilt.notebook.cells]
    assert sources[2:5] == ["import math", "def help(): ...", WANTED["answer-add"]]
    assert rebuilt.notebook.cells[3].metadata == {"ddialab": {"added": True}}


def test_the_students_own_id_cell_is_dropped():
    """남으면 채점기가 넣은 학번을 덮어씁니다. 남의 노트북을 낸 것은 알립니다."""
    notebook = stripped(solved())
    notebook["cells"][1]["source"] = 'student_id = "2026-0777"'
    rebuilt = again(notebook)
    assert untouched(rebuilt.notebook) == untouched(made())
    assert added(rebuilt) == []
    assert "2026-0777" in rebuilt.notes[0]
    notebook["cells"][1]["source"] = 'student_id = "20260001"'
    assert "학번" not in " ".join(again(notebook).notes)


def test_an_old_notebook():
    notebook = solved()
    cells = [
        {"cell_type": c["cell_type"], "input": c["source"], "metadata": c["metadata"]}
        for c in notebook["cells"]
    ]
    rebuilt = again({"nbformat": 3, "worksheets": [{"cells": cells}]})
    assert answers(rebuilt) == WANTED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json",
        json.dumps(solved()).encode()[:200],
        b"[" * 100_000,
        b'{"cells":' + b"[" * 100_000,
        b"[]",
        b"null",
        b'{"cells": {"a": 1}}',
        b'{"cells": [1, "x", null]}',
        b'{"cells": [' + b"9" * 5000 + b"]}",
        b"\xff\xfe\x00",
        b"\x00\x01\x02\xff",
    ],
)
def test_what_cannot_be_opened(data):
    rebuilt = again(data)
    assert (rebuilt.status, rebuilt.notebook) == (Status.UNREADABLE, None)
    assert rebuilt.notes


def test_odd_types_and_letters_inside():
    notebook = solved()
    notebook["cells"][ADD]["source"] = ["def add(a, b):\n", 7, None, "    return b + a"]
    notebook["cells"][TOTAL]["source"] = "total = 3\0 # \ud800"
    notebook["cells"][0]["metadata"] = ["no"]
    notebook["cells"].append({"cell_type": ["code"], "source": {"a": 1}, "metadata": 3, "id": {}})
    notebook["cells"].append({"metadata": {"nbgrader": ["x"], "tags": 7}, "source": "1"})
    rebuilt = again(notebook)
    assert answers(rebuilt)["answer-add"] == WANTED["answer-add"]
    assert answers(rebuilt)["answer-total"] == "total = 3 # ?"
    assert "문자열에 담을 수 없는 문자" in rebuilt.notes[0]
    json.dumps(rebuilt.notebook, ensure_ascii=False).encode()


def candidates(**found):
    data = {f"{name}.ipynb": json.dumps(one).encode() for name, one in found.items()}
    return rebuild(ASSIGNMENT, Submission("s", A1, data))


def test_a_renamed_notebook():
    rebuilt = candidates(과제=solved())
    assert answers(rebuilt) == WANTED
    assert rebuilt.notes == ("파일 이름이 다릅니다: 과제.ipynb",)


def test_which_of_two_notebooks():
    other = solved()
    other["cells"][TOTAL]["source"] = "total = 4"
    unrelated = {"cells": [{"cell_type": "code", "source": "1 + 1", "metadata": {}}]}
    blank = json.loads(nbformat.writes(made()))
    assert candidates(하나=solved(), 둘=other).status == Status.AMBIGUOUS
    assert answers(candidates(**{A1: solved(), "둘": other})) == WANTED, "이름이 맞는 것"
    assert answers(candidates(연습=unrelated, 답=solved())) == WANTED, "과제와 닮은 것"
    assert answers(candidates(**{A1: blank, "답": solved()})) == WANTED, "빈칸이 아닌 것"
    assert answers(candidates(하나=solved(), 둘=solved())) == WANTED, "내용이 같은 것"


def test_nothing_of_this_assignment_is_not_a_zero():
    rebuilt = candidates(**{A1: {"cells": [{"cell_type": "code", "source": "1 + 1"}]}})
    assert rebuilt.status == Status.MISSING
    assert "셀이 하나도 없는" in rebuilt.notes[0]
    assert rebuild(ASSIGNMENT, Submission("s", A1)).status == Status.MISSING


def test_the_same_submission_is_rebuilt_the_same():
    """셀의 id를 무작위로 지으면 다시 채점할 때마다 다른 노트북이 됩니다."""
    notebook = solved()
    notebook["cells"].insert(3, {"cell_type": "code", "source": "x = 1", "metadata": {}})
    assert nbformat.writes(again(notebook).notebook) == nbformat.writes(again(notebook).notebook)


def test_submissions_travel_to_other_machines():
    submission = Submission("s", A1, {"a.ipynb": NB}, ("알림",))
    assert pickle.loads(pickle.dumps(submission)) == submission


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
IDS = st.sampled_from([mark(c)["grade_id"] for c in made().cells if mark(c)] + ["other"])
SOURCES = st.sampled_from([c.source for c in made(model=True).cells] + ["student_id = '1'"])
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "source": SOURCES | st.text() | st.lists(st.text() | JSON) | JSON,
        "id": st.sampled_from([f"c{i}" for i in range(9)]) | JSON,
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "nbgrader": st.fixed_dictionaries({}, optional={"grade_id": IDS | JSON}) | JSON,
                "tags": st.just(["student-id"]) | JSON,
                "ddialab": JSON,
            },
        )
        | JSON,
    },
)


@fuzz(1000)
@given(st.lists(CELLS | JSON, max_size=12) | JSON)
def test_any_json_is_survived_and_the_skeleton_never_changes(cells):
    """무엇을 내든 예외가 없고, 주어진 셀과 테스트 셀은 한 글자도 바뀌지 않습니다."""
    rebuilt = again(json.dumps({"cells": cells}).encode())
    assert (rebuilt.notebook is None) != (rebuilt.status is None)
    if rebuilt.notebook:
        assert untouched(rebuilt.notebook) == untouched(made())
        ids = [cell.id for cell in rebuilt.notebook.cells]
        assert len(set(ids)) == len(ids)


@fuzz(1000)
@given(JSON, st.binary(max_size=200))
def test_any_file_is_survived(saved, data):
    again(json.dumps(saved).encode())
    again(data)
