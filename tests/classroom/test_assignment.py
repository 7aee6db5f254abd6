"""과제의 꼴: 저장소의 과제가 규칙을 지키고, 어긴 과제는 그 까닭과 함께 돌려보냅니다."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from tests.classroom.wrong import wrong_answers

from classroom import assignment
from classroom.assignment import Assignment
from ddialab.core.errors import InvalidValue

FOLDER = Path(__file__).resolve().parents[2] / "assignments"
NAMES = assignment.names(FOLDER)
TEST = '# 기준: 더하기\nassert add(1, 2) == 3, "더한 값이 아닙니다"\n'
HIDDEN = '### BEGIN HIDDEN TESTS\nassert add(0, 0) == 0, "0을 더할 때"\n### END HIDDEN TESTS\n'


def marked(cell, id, *, grade=False, solution=False, points=0):
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": id,
        "grade": grade,
        "solution": solution,
        "locked": not solution,
        "points": points,
        "task": False,
        "cell_type": cell.cell_type,
    }
    return cell


def notebook(test=TEST + HIDDEN, *, student_id=True, written=True, twice=False):
    cells = [
        marked(
            new_code_cell(
                "def add(a, b):\n    ### BEGIN SOLUTION\n    return a + b\n    ### END SOLUTION"
            ),
            "answer-add",
            solution=True,
        ),
        marked(new_code_cell(test), "adds", grade=True, points=5),
    ]
    if student_id:
        cells.append(new_code_cell('student_id = "0"', metadata={"tags": ["student-id"]}))
    if written:
        cells.append(
            marked(new_markdown_cell("모범 답"), "written", grade=True, solution=True, points=5)
        )
    if twice:
        cells.append(marked(new_code_cell("1"), "adds"))
    about = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    return new_notebook(cells=cells, metadata=about)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (notebook(TEST.replace("# 기준: 더하기", "") + HIDDEN), "첫 줄"),
        (notebook(TEST), "숨은 테스트"),
        (notebook(TEST.replace(', "더한 값이 아닙니다"', "") + HIDDEN), "학생이 받을 메시지"),
        (notebook(TEST + HIDDEN.replace('"0을 더할 때"', 'f"{add(0, 0)}"')), "값을 섞지 않은"),
        (notebook(student_id=False), "student-id"),
        (notebook(written=False), "글로 답하는"),
        (notebook(twice=True), "adds가 두 번"),
    ],
    ids=["제목", "숨은 테스트", "말 없는 assert", "값을 흘리는 말", "학번", "글", "이름"],
)
def test_a_broken_assignment_is_named(wrong, said):
    assert [problem for problem in assignment.problems(wrong) if said in problem]


def test_a_sound_assignment_has_no_problem():
    assert assignment.problems(notebook()) == []


@pytest.fixture
def tiny(tmp_path):
    home = tmp_path / "source" / "tiny"
    home.mkdir(parents=True)
    nbformat.write(notebook(), home / "tiny.ipynb")
    (tmp_path / "nbgrader_config.py").write_text((FOLDER / "nbgrader_config.py").read_text("utf-8"))
    return Assignment.load(tmp_path, "tiny")


def test_release_has_neither_answers_nor_hidden_tests(tiny):
    released = nbformat.writes(tiny.release)
    assert "a + b" not in released
    assert "모범 답" not in released
    assert "0을 더할 때" not in released
    assert "더한 값이 아닙니다" in released


def test_answers_and_criteria_are_read(tiny):
    assert tiny.answers == {
        "answer-add": "def add(a, b):\n    return a + b\n",
        "written": "모범 답",
    }
    [criterion] = tiny.criteria
    assert (criterion.id, criterion.title, criterion.points) == ("adds", "더하기", 5.0)
    assert "0을 더할 때" in criterion.source


def test_answered_leaves_the_release_untouched(tiny):
    filled = tiny.answered({"answer-add": "add = sum"})
    assert filled.cells[0].source == "add = sum"
    assert "NotImplementedError" in tiny.release.cells[0].source


def test_unknown_assignment_names_the_known(tmp_path, tiny):
    with pytest.raises(InvalidValue, match="tiny"):
        Assignment.load(tmp_path, "a9")


@pytest.mark.parametrize("name", NAMES)
def test_the_course(name):
    """저장소의 과제마다: 규칙을 지키고, 합이 100점이고, 오답이 여섯 이상이고 서로 다릅니다."""
    course = Assignment.load(FOLDER, name)
    written = [
        assignment.mark(cell)["points"]
        for cell in course.source.cells
        if assignment.is_written(cell)
    ]
    assert sum(criterion.points for criterion in course.criteria) + sum(written) == 100
    wrong = wrong_answers(FOLDER, name)
    assert len(wrong) >= 6
    assert len({one.misconception for one in wrong}) == len(wrong)
    ids = {criterion.id for criterion in course.criteria}
    for one in wrong:
        assert one.loses
        assert one.loses <= ids
        assert set(one.cells) <= set(course.answers)
        assert one.cells.items() - course.answers.items()
    # 어떤 오답도 잃지 않는 기준이 있다면, 그 기준은 무엇을 잡는지 보인 적이 없습니다
    assert set().union(*(one.loses for one in wrong)) == ids


def test_the_four_assignments_are_there():
    assert {"a1-cache", "a2-recovery", "a3-percentiles", "a4-composite"} <= set(NAMES)
