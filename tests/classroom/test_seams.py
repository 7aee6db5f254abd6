"""이음매: 나눈 셀은 이어지고, 합친 셀은 떨어지고, 곁에 쓴 답은 답이 됩니다."""

from __future__ import annotations

import json
from copy import deepcopy

import nbformat
import pytest
from tests.classroom.test_rebuild import (
    ADD,
    ESSAY,
    TOTAL,
    WANTED,
    added,
    again,
    answers,
    solved,
    stripped,
    untouched,
)
from tests.classroom.tiny import ASSIGNMENTS

from classroom.assignment import Assignment, mark, names
from classroom.intake.rebuild import rebuild
from classroom.intake.submission import Submission
from suite.effort import some

LONG = """\
def add(a, b):
    \"\"\"더합니다.

    두 수를.
    \"\"\"
    parts = [
        a,
        b,
    ]

    return sum(parts)"""
LINES = LONG.split("\n")
ADD_ID, TOTAL_ID, ESSAY_ID = "answer-add", "answer-total", "essay"
MARKED = ["all", "first", "last"]  # 나눈 뒤에 이름(grade_id)이 남는 조각. 편집기마다 다릅니다


def split(notebook: dict, at: int, sources: list[str], marked: str = "all") -> dict:
    """``at``의 셀을 나눕니다. JupyterLab처럼 둘째부터 새 id를 받습니다."""
    halves = [deepcopy(notebook["cells"][at]) | {"source": source} for source in sources]
    for number, half in enumerate(halves):
        half["id"] = f"half{number}" if number else half["id"]
        if marked != "all" and (marked == "first") != (number == 0):
            half["metadata"] = {}
    if marked == "last":
        halves[0]["id"], halves[-1]["id"] = halves[-1]["id"], halves[0]["id"]
    notebook["cells"][at : at + 1] = halves
    return notebook


def merge(notebook: dict, at: int, count: int = 2) -> dict:
    """``at``부터의 셀들을 합칩니다. 표식은 첫 셀의 것입니다."""
    cells = notebook["cells"][at : at + count]
    whole = cells[0] | {"source": "\n\n".join("".join(cell["source"]) for cell in cells)}
    notebook["cells"][at : at + count] = [whole]
    return notebook


def code(source: str, kind: str = "code") -> dict:
    return {"cell_type": kind, "source": source, "metadata": {}, "id": f"new{len(source)}"}


@pytest.mark.parametrize("marked", MARKED)
@pytest.mark.parametrize("at", range(1, len(LINES)))
def test_an_answer_cut_in_two_anywhere_is_whole_again(at, marked):
    """다섯째 줄에서 나누면 앞의 것은 홀로 서고, 따옴표나 괄호 안에서 나누면 둘 다 서지 못합니다."""
    rebuilt = again(split(solved(), ADD, ["\n".join(LINES[:at]), "\n".join(LINES[at:])], marked))
    assert answers(rebuilt)[ADD_ID] == LONG
    assert added(rebuilt) == []
    assert f"{ADD_ID}: 나뉜 셀 2개를 차례로 이었습니다." in rebuilt.notes


@pytest.mark.parametrize("marked", MARKED)
@pytest.mark.parametrize(("first", "second"), [(1, 7), (3, 4), (6, 9), (1, 2)])
def test_an_answer_cut_in_three(first, second, marked):
    cuts = (LINES[:first], LINES[first:second], LINES[second:])
    rebuilt = again(split(solved(), ADD, ["\n".join(lines) for lines in cuts], marked))
    assert answers(rebuilt)[ADD_ID] == LONG
    assert f"{ADD_ID}: 나뉜 셀 3개를 차례로 이었습니다." in rebuilt.notes


@pytest.mark.parametrize("marked", MARKED)
def test_a_cut_in_the_middle_of_a_line(marked):
    rebuilt = again(split(solved(), ADD, ["def add(a, b):\n    retu", "rn a + b"], marked))
    assert answers(rebuilt)[ADD_ID] == "def add(a, b):\n    return a + b"


@pytest.mark.parametrize("marked", MARKED)
def test_a_cut_without_any_metadata(marked):
    notebook = split(solved(), ADD, ["\n".join(LINES[:6]), "\n".join(LINES[6:])], marked)
    assert answers(again(stripped(notebook))) == WANTED | {ADD_ID: LONG}


@pytest.mark.parametrize("marked", MARKED)
@pytest.mark.parametrize("blank", [True, False])
def test_an_essay_cut_in_three_is_joined_in_order(blank, marked):
    sources = ["첫째", "둘째", "셋째"]
    notebook = split(solved(), ESSAY, sources, marked)
    if blank:
        notebook["cells"].insert(ESSAY + 1, code("", "markdown"))
    rebuilt = again(notebook)
    assert answers(rebuilt)[ESSAY_ID] == "첫째\n\n둘째\n\n셋째"
    assert added(rebuilt) == []


def test_a_scratch_cell_beside_an_answer_stays_apart():
    """낙서의 오류가 답까지 멈추면 안 됩니다."""
    notebook = solved()
    notebook["cells"][ADD + 1 : ADD + 1] = [code("add('없는 이름', 1)"), code("print(total)")]
    rebuilt = again(notebook)
    assert answers(rebuilt) == WANTED
    assert added(rebuilt) == ["add('없는 이름', 1)", "print(total)"]
    assert rebuilt.notes == ()


def test_a_scratch_cell_between_the_halves():
    notebook = split(solved(), ADD, ["\n".join(LINES[:5]), "\n".join(LINES[5:])])
    notebook["cells"].insert(ADD + 1, code("print('사이')"))
    rebuilt = again(notebook)
    assert answers(rebuilt)[ADD_ID] == LONG
    assert added(rebuilt) == ["print('사이')"]


def test_a_broken_answer_cut_in_two_keeps_both_halves():
    rebuilt = again(split(solved(), ADD, ["def add(a, b:\n    a", "    return a"]))
    assert answers(rebuilt)[ADD_ID] == "def add(a, b:\n    a\n    return a"


def test_a_broken_answer_is_not_joined_with_a_neighbour():
    notebook = solved()
    notebook["cells"][ADD]["source"] = "def add(a, b:\n    return a"
    notebook["cells"].insert(ADD + 1, code("print(1)"))
    rebuilt = again(notebook)
    assert answers(rebuilt)[ADD_ID] == "def add(a, b:\n    return a"
    assert added(rebuilt) == ["print(1)"]


def test_halves_in_the_wrong_order_are_said():
    notebook = split(solved(), ADD, ["    # 둘째 줄\n    return 1", "def add(a, b):\n    a"])
    assert "들여쓴 줄로 시작하는 셀이 홀로 있습니다" in " ".join(again(notebook).notes)


def test_commands_of_ipython_are_python_enough():
    notebook = split(solved(), ADD, ["%time\ndef add(a, b):\n    !ls", "    return a + b"])
    assert answers(again(notebook))[ADD_ID] == "%time\ndef add(a, b):\n    !ls\n    return a + b"


@pytest.mark.parametrize(
    "at",
    [2, ADD, ADD + 1, TOTAL, TOTAL + 1, ESSAY - 1],
    ids=["given+answer", "answer+test", "test+answer", "answer+last-test", "test+prompt", "essay"],
)
def test_two_cells_merged_come_apart(at):
    """표식은 첫 셀의 것만 남습니다. 테스트에 합친 답은 테스트와 함께 버려졌습니다."""
    rebuilt = again(merge(solved(), at))
    assert answers(rebuilt) == WANTED
    assert untouched(rebuilt.notebook) == untouched(again(solved()).notebook)


@pytest.mark.parametrize("strip", [True, False])
@pytest.mark.parametrize("count", [2, 3])
def test_the_student_id_merged_with_what_follows(count, strip):
    """학번 셀은 버리므로, 합친 답까지 버려졌습니다."""
    notebook = merge(solved(), 1, count)
    rebuilt = again(stripped(notebook) if strip else notebook)
    assert answers(rebuilt) == WANTED
    assert untouched(rebuilt.notebook) == untouched(again(solved()).notebook)
    assert not any("student_id" in source for source in added(rebuilt))


def test_own_code_in_the_cell_of_the_student_id_is_kept():
    notebook = solved()
    notebook["cells"][1]["source"] = 'student_id = "2026-0001"  # 나\nimport random'
    assert added(again(notebook)) == ["import random"]


def test_answer_and_test_and_answer_merged():
    rebuilt = again(merge(solved(), ADD, 3))
    assert answers(rebuilt) == WANTED
    assert "다시 넣었습니다" not in " ".join(rebuilt.notes)


def test_two_answers_merged_are_not_hidden_by_the_blank_of_the_second():
    """둘째의 빈칸을 다시 넣으면 앞에서 정의한 것을 덮습니다."""
    notebook = solved()
    del notebook["cells"][ADD + 1]
    rebuilt = again(merge(notebook, ADD))
    sources = [cell.source for cell in rebuilt.notebook.cells]
    assert not any("NotImplementedError" in source for source in sources)
    assert "total = 3" in "\n".join(sources)
    assert f"{TOTAL_ID}: 답 셀이 아니라 다른 셀에서 답을 찾았습니다." in rebuilt.notes


@pytest.mark.parametrize("given", ["import math", "import math as m"])
def test_a_given_line_in_an_answer_is_the_students(given):
    notebook = solved()
    notebook["cells"][2]["source"] = given
    notebook["cells"][ADD]["source"] = "import math\n\ndef add(a, b):\n    return a + b"
    assert answers(again(notebook))[ADD_ID].startswith("import math")


def blank_answers(notebook: dict, *at: int) -> dict:
    stubs = {ADD: "def add(a, b):\n    raise NotImplementedError",
             TOTAL: "# total = 합\nraise NotImplementedError", ESSAY: "여기에"}  # fmt: skip
    for index in at:
        notebook["cells"][index]["source"] = stubs[index]
    return notebook


@pytest.mark.parametrize("offset", [0, 1])
def test_an_answer_written_beside_its_blank(offset):
    notebook = blank_answers(solved(), ADD, TOTAL, ESSAY)
    for at, id in ((ESSAY, ESSAY_ID), (TOTAL, TOTAL_ID), (ADD, ADD_ID)):
        kind = notebook["cells"][at]["cell_type"]
        notebook["cells"].insert(at + offset, code(WANTED[id], kind))
    rebuilt = again(notebook)
    assert answers(rebuilt) == WANTED
    assert added(rebuilt) == []
    assert f"{ADD_ID}: 답 셀이 빈칸이어서 곁의 셀에서 답을 찾았습니다." in rebuilt.notes


@pytest.mark.parametrize("at", [1, 9])
def test_an_answer_written_far_from_its_blank_is_not_covered_by_it(at):
    notebook = blank_answers(solved(), ADD)
    notebook["cells"].insert(at, code(WANTED[ADD_ID]))
    rebuilt = again(notebook)
    assert "NotImplementedError" not in answers(rebuilt)[ADD_ID]
    assert added(rebuilt) == [WANTED[ADD_ID]]
    assert f"{ADD_ID}: 답 셀이 아니라 다른 셀에서 답을 찾았습니다." in rebuilt.notes


PLACES = [
    (name, id, at, marked)
    for name in names(ASSIGNMENTS)
    for id, source in Assignment.load(ASSIGNMENTS, name).answers.items()
    for at in range(1, source.strip().count("\n") + 1)
    for marked in MARKED
]


@pytest.mark.proof
@pytest.mark.parametrize("name", names(ASSIGNMENTS))
def test_the_real_answers_cut_anywhere_lose_no_line_and_no_order(name):
    """답 셀을 어디에서 나눠도 그 줄들은 답 셀과 그 곁에 더한 셀에 차례대로 다 있습니다."""
    assignment = Assignment.load(ASSIGNMENTS, name)
    model = json.loads(nbformat.writes(assignment.answered(assignment.answers)))
    ids = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in model["cells"]]
    for _, id, at, marked in some([place for place in PLACES if place[0] == name]):
        lines = assignment.answers[id].strip().split("\n")
        halves = ["\n".join(half).strip("\n") for half in (lines[:at], lines[at:])]
        notebook = split(deepcopy(model), ids.index(id), halves, marked)
        files = {f"{name}.ipynb": json.dumps(notebook).encode()}
        rebuilt = rebuild(assignment, Submission("1", name, files)).notebook
        kept = [cell.source for cell in rebuilt.cells
                if mark(cell).get("grade_id") == id or cell.metadata.get("ddialab")]  # fmt: skip
        told = [line for line in "\n".join(kept).split("\n") if line.strip()]
        assert told == [line for line in lines if line.strip()], (id, at, marked)


def test_an_essay_below_the_line_that_asks_for_it():
    notebook = solved()
    notebook["cells"][ESSAY]["source"] = "여기에\n\n내 답"
    rebuilt = again(notebook)
    assert answers(rebuilt)[ESSAY_ID] == "여기에\n\n내 답"
    assert rebuilt.notes == ()


@pytest.mark.parametrize("strip", [True, False])
@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_code_that_became_text_by_accident(kind, strip):
    notebook = solved()
    notebook["cells"][ADD]["cell_type"] = kind
    rebuilt = again(stripped(notebook) if strip else notebook)
    assert answers(rebuilt) == WANTED
    assert untouched(rebuilt.notebook) == untouched(again(solved()).notebook)


@pytest.mark.parametrize("strip", [True, False])
@pytest.mark.parametrize("second", ["same", "blank", "better"])
def test_a_copy_of_the_whole_notebook_appended(second, strip):
    notebook, copy = solved(), solved()
    if second == "blank":
        blank_answers(copy, ADD, TOTAL, ESSAY)
    if second == "better":
        blank_answers(notebook, ADD, TOTAL, ESSAY)
    notebook["cells"] += copy["cells"]
    rebuilt = again(stripped(notebook) if strip else notebook)
    assert answers(rebuilt) == WANTED
    assert [source for source in added(rebuilt) if source != "import math"] == []


def test_two_drafts_far_apart_are_not_glued_together():
    notebook, copy = solved(), solved()
    notebook["cells"][ADD]["source"] = "def add(a, b):\n    return 0"
    notebook["cells"] += copy["cells"]
    assert answers(again(notebook)) == WANTED
