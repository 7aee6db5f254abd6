"""되살리기: 어떤 노트북을 내든 답을 되살리고, 주어진 셀은 바뀌지 않습니다."""

from __future__ import annotations

import json
from copy import deepcopy

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom.assignment import Assignment, is_answer, mark
from classroom.intake.rebuild import rebuild
from classroom.intake.submission import Submission
from classroom.record import Status
from suite.effort import fuzz

A1 = "a1-cache"


def marked(cell, id, *, grade=False, solution=False):
    cell.metadata["nbgrader"] = {
        "grade_id": id, "grade": grade, "solution": solution, "locked": not solution, "points": 5
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
    notebook["cells"][1]["source"] = 'student_id = "2026-0001"'
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
    assert rebuilt.status == Status.OTHER, "낸 것이 있으면 「제출 안 함」이 아닙니다"
    assert "셀이 하나도 없는" in rebuilt.notes[0]
    assert rebuild(ASSIGNMENT, Submission("s", A1)).status == Status.MISSING


def test_the_same_submission_is_rebuilt_the_same():
    """셀의 id를 무작위로 지으면 다시 채점할 때마다 다른 노트북이 됩니다."""
    notebook = solved()
    notebook["cells"].insert(3, {"cell_type": "code", "source": "x = 1", "metadata": {}})
    assert nbformat.writes(again(notebook).notebook) == nbformat.writes(again(notebook).notebook)


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
