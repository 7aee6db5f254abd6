"""채점: 기준마다 옳은 점수와 학생이 읽을 말이 나오고, 숨은 테스트는 어디로도 새지 않습니다."""

from __future__ import annotations

import json
import pickle

import nbformat
import pytest
from nbformat import v4
from nbgrader.utils import determine_grade
from tests.classroom.tiny import ASSIGNMENTS, answer, locked, put_source, tiny_notebook

from classroom.assignment import Assignment, is_test, mark
from classroom.intake.submission import Submission
from classroom.marking import grade as module
from classroom.marking import sandbox
from classroom.marking.grade import NOT_SOLVED, STATEFUL, grade, mark_notebook
from classroom.marking.sandbox import Limits
from classroom.record import Status

needs_sandbox = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")

NAME, STUDENT = "t2-count", "2026-0042"
SECRET = 987_654_321
PATIENT = Limits(cell=60, total=300)
QUICK = Limits(cell=4, total=120)

COUNT = f"""\
# 기준: 세기
assert count([1, 2, 1], 1) == 2, f"1은 두 번 나오는데 {{count([1, 2, 1], 1)}}라고 했습니다"
### BEGIN HIDDEN TESTS
assert count([], {SECRET}) == 0, "빈 목록에서는 0이어야 합니다"
assert count([1, 1.0, True], 1) == 3, "같은 값은 종류가 달라도 셉니다"
### END HIDDEN TESTS
"""
MEAN = """\
# 기준: 평균
assert abs(mean(trace) - sum(trace) / 4) < 1e-9, f"평균이 {mean(trace)}라고 했습니다"
### BEGIN HIDDEN TESTS
try:
    mean([])
    empty = "답"
except ValueError:
    empty = "오류"
assert empty == "오류", "빈 목록에는 평균이 없습니다"
### END HIDDEN TESTS
"""
TOTAL = """\
# 기준: 내 합계
assert total == sum(trace), "학번의 합계가 아닙니다"
### BEGIN HIDDEN TESTS
assert double_total == 2 * sum(trace), "합계의 두 배가 아닙니다"
### END HIDDEN TESTS
"""
ANSWERS = {
    "answer-count": "def count(items, item):\n    return items.count(item)\n",
    "answer-mean": (
        "def mean(items):\n"
        "    if not items:\n        raise ValueError('빈 목록')\n"
        "    return sum(items) / len(items)\n"
    ),
    "answer-total": "total = sum(trace)\n",
}
CRITERIA = ["criterion-count", "criterion-mean", "criterion-total"]


def count_notebook(*tests: str):
    """기준 셋짜리 과제. ``tests``가 있으면 테스트 셀을 차례로 그것으로 바꿉니다."""
    notebook = tiny_notebook()
    sources = [*tests, *[COUNT, MEAN, TOTAL][len(tests) :]]
    total = locked("answer-total", "### BEGIN SOLUTION\ntotal = sum(trace)\n### END SOLUTION")
    total.metadata["nbgrader"].update(solution=True, locked=False)
    given = "import zlib\ntrace = [zlib.crc32(student_id.encode()) % 97, 1, 2, 1]"
    figure = v4.new_code_cell(
        "raise SystemError('그림 셀은 채점기에서 돌지 않습니다')", id="figure"
    )
    figure.metadata.update(locked("given-figure", "").metadata, tags=["figure"])
    notebook.cells[2:-1] = [
        locked("given-data", given),
        figure,
        answer("answer-count", "def count(items, item):", "return items.count(item)"),
        locked(CRITERIA[0], sources[0], grade=True, points=3.0),
        answer("answer-mean", "def mean(items):", "return sum(items) / len(items)"),
        locked(CRITERIA[1], sources[1], grade=True, points=4.0),
        total,
        locked("given-double", "double_total = 2 * total"),
        locked(CRITERIA[2], sources[2], grade=True, points=5.0),
    ]
    return notebook


def load(folder, notebook) -> Assignment:
    put_source(folder, notebook, NAME)
    (folder / "nbgrader_config.py").write_bytes((ASSIGNMENTS / "nbgrader_config.py").read_bytes())
    return Assignment.load(folder, NAME)


@pytest.fixture(scope="module")
def assignment(tmp_path_factory):
    return load(tmp_path_factory.mktemp("assignments"), count_notebook())


@pytest.fixture
def marked(assignment):
    """``marked({답 셀: 코드}, 더한_셀)``이 채점한 것. 빠진 답은 모범 답안입니다."""

    def mark(cells: dict[str, str], added: str = "", limits: Limits = PATIENT):
        notebook = assignment.answered(ANSWERS | cells)
        if added:
            notebook.cells.insert(2, v4.new_code_cell(added, id="added-0"))
        return mark_notebook(assignment, notebook, STUDENT, limits)

    return mark


def lost(marked) -> dict[str, str]:
    return {result.id: result.hint for result in marked.results if not result.passed}


def submission(assignment, cells: dict[str, str]) -> Submission:
    notebook = assignment.answered(ANSWERS | cells)
    return Submission(STUDENT, NAME, {f"{NAME}.ipynb": json.dumps(notebook).encode()})


@needs_sandbox
def test_the_model_answer_gets_everything(marked):
    done = marked({})
    assert lost(done) == {}
    assert [result.score for result in done.results] == [3.0, 4.0, 5.0]
    assert (done.status, done.notes) == (Status.GRADED, [])


@needs_sandbox
def test_the_release_as_it_is_gets_nothing(assignment):
    done = mark_notebook(assignment, assignment.release, STUDENT, PATIENT)
    assert lost(done) == dict.fromkeys(CRITERIA, NOT_SOLVED)
    assert done.status == Status.GRADED


@needs_sandbox
def test_the_official_student_id_is_used_on_both_sides(assignment):
    notebook = assignment.answered(ANSWERS)
    notebook.cells[1].source = 'student_id = "2026-9999"'
    done = mark_notebook(assignment, notebook, STUDENT, PATIENT)
    assert lost(done) == {}
    assert done.notebook.cells[1].source == f"student_id = {STUDENT!r}"


HINTS = {
    "hidden-message": (
        {"answer-mean": "def mean(items):\n    return sum(items) / len(items) if items else 0"},
        {"criterion-mean": "빈 목록에는 평균이 없습니다"},
    ),
    "visible-value": (
        {"answer-count": "def count(items, item):\n    return 77"},
        {"criterion-count": "1은 두 번 나오는데 77라고 했습니다"},
    ),
    "exception": (
        {"answer-count": "def count(items, item):\n    return items[item - item] and 2"},
        {"criterion-count": "answer-count 셀의 2번째 줄에서 IndexError 오류"},
    ),
    "syntax": (
        {"answer-mean": "\ndef mean(items:\n    return 1"},
        {"criterion-mean": "answer-mean 셀의 2번째 줄에서 SyntaxError 오류가 나서 mean"},
    ),
    "renamed": (
        {"answer-mean": "def average(items):\n    return 1"},
        {"criterion-mean": "mean 값이 없습니다"},
    ),
    "wrong-kind": ({"answer-mean": "mean = 3"}, {"criterion-mean": "TypeError"}),
    "own-assert": (
        {"answer-mean": "def mean(items):\n    assert items == 'x', '내가 만든 말'"},
        {"criterion-mean": "answer-mean 셀의 2번째 줄에서 AssertionError"},
    ),
    "too-large": (
        {"answer-mean": "def mean(items):\n    return 'x' * 50_000_000"},
        {"criterion-mean": "너무 큽니다"},
    ),
    "exit": (
        {"answer-mean": "import sys\ndef mean(items):\n    sys.exit()"},
        {"criterion-mean": "프로그램을 끝내는 명령"},
    ),
}


@needs_sandbox
@pytest.mark.parametrize(("cells", "hints"), HINTS.values(), ids=HINTS)
def test_a_lost_criterion_says_why(marked, cells, hints):
    found = lost(marked(cells))
    assert list(found) == list(hints)
    assert all(hints[id] in hint for id, hint in found.items())


def body(code: str) -> dict[str, str]:
    """``mean``이 ``code``를 하는 답."""
    return {"answer-mean": f"import os\ndef mean(items):\n    {code}"}


BROKEN = {
    "loop": (body("while True: pass"), QUICK, Status.TIMEOUT, "4초"),
    "exit": (body("os._exit(0)"), PATIENT, Status.STOPPED, "끝났습니다"),
    "memory": (body("return bytearray(4 << 30)"), PATIENT, Status.MEMORY, "메모리"),
    "output": (body("while True: print('x' * 9999)"), PATIENT, Status.OUTPUT, "출력"),
    "cell-loop": ({"answer-mean": "while True: pass"}, QUICK, Status.TIMEOUT, "4초"),
    "cell-memory": ({"answer-mean": "m = bytearray(4 << 30)"}, PATIENT, Status.MEMORY, "메모리"),
}


@needs_sandbox
@pytest.mark.parametrize(("cells", "limits", "status", "hint"), BROKEN.values(), ids=BROKEN)
def test_one_broken_answer_costs_one_criterion(marked, cells, limits, status, hint):
    done = marked(cells, limits=limits)
    found = lost(done)
    assert list(found) == ["criterion-mean"]
    assert hint in found["criterion-mean"]
    assert done.status == status


@needs_sandbox
def test_the_gravest_thing_is_the_status(marked):
    cells = body("os._exit(0)") | {"answer-total": "total = sum(trace)\ndata = bytearray(4 << 30)"}
    done = marked(cells)
    assert {Status.MEMORY, Status.STOPPED} <= done.statuses
    assert done.status == Status.MEMORY


@needs_sandbox
def test_disarming_assert_changes_no_score_and_is_reported(marked):
    disarm = (
        "import ast\n"
        "class Remove(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Remove())"
    )
    done = marked({"answer-count": "def count(items, item):\n    return 0"}, added=disarm)
    assert list(lost(done)) == ["criterion-count"]
    assert done.status == Status.SUSPECT


CHEATS = {
    "always-equal": "class Any(int):\n    def __eq__(self, other): return True\n"
    "    __hash__ = int.__hash__\ncount = lambda items, item: Any(50)",
    "object": "class Any:\n    def __eq__(self, other): return True\ncount = lambda *_: Any()",
    "proxy-call": "class Any:\n    def __eq__(self, other): return True\n"
    "    def __call__(self, *_): return self\ncount = Any()",
    "builtins": "import builtins\nbuiltins.AssertionError = ValueError\ncount = lambda *_: 50",
    "forged-error": "def count(*_): raise AssertionError('통과했습니다')",
    "control": "count = lambda items, item: 50",
}


@needs_sandbox
@pytest.mark.parametrize("source", CHEATS.values(), ids=CHEATS)
def test_cheating_wins_nothing(marked, source):
    found = lost(marked({"answer-count": source}))
    assert list(found) == ["criterion-count"]
    assert "통과했습니다" not in found["criterion-count"]


@needs_sandbox
def test_hidden_arguments_do_not_come_back_in_visible_messages(marked):
    remember = (
        "seen = []\ndef count(items, item):\n    seen.append(item)\n    return items.count(item)\n"
    )
    tell = "def mean(items):\n    return {'첫째': 1, '본 것': str(seen)}.get('본 것')"
    shout = "def mean(items):\n    return float(max(seen, default=0))"
    for source in (tell, shout):
        done = marked({"answer-count": remember, "answer-mean": source})
        assert str(SECRET) not in str([result.hint for result in done.results])
    assert "criterion-mean" in lost(done)


@needs_sandbox
def test_an_answer_that_changes_when_asked_again_is_told_so(marked):
    fickle = (
        "calls = []\n"
        "def count(items, item):\n    calls.append(1)\n    return items.count(item)\n"
        "def mean(items):\n"
        "    if not items: raise ValueError\n"
        "    return sum(items) / len(items) + len(calls)"
    )
    done = marked({"answer-count": fickle, "answer-mean": ""})
    assert lost(done) == {"criterion-mean": STATEFUL}


@needs_sandbox
def test_hidden_tests_are_not_in_the_sandbox(marked):
    search = (
        "import gc, glob\n"
        "texts = [o for o in gc.get_objects() if isinstance(o, (str, dict, list))]\n"
        "def mean(items):\n"
        "    own = str(987_654_320 + 1)\n"
        "    texts = [str(o) for o in gc.get_objects() if type(o) is dict and len(o) < 50]\n"
        "    if any('빈 목록' + '에서는' in t or 'HIDDEN' + ' TESTS' in t for t in texts):\n"
        "        raise MemoryError\n"
        "    return 0"
    )
    done = marked({"answer-mean": search})
    assert done.status == Status.GRADED


@needs_sandbox
def test_added_cells_run_in_place(marked):
    helper = "def helper(items):\n    return len(items)"
    mean = (
        "def mean(items):\n    if not items: raise ValueError\n    return sum(items)/helper(items)"
    )
    assert lost(marked({"answer-mean": mean}, added=helper)) == {}
    assert "criterion-mean" in lost(marked({"answer-mean": mean}))


@needs_sandbox
def test_the_instructors_notebook_says_the_same_to_nbgrader(marked):
    done = marked({"answer-mean": "print('보임')\nmean = 3"})
    tests = [cell for cell in done.notebook.cells if is_test(cell)]
    assert [determine_grade(cell)[0] for cell in tests] == [3.0, 0, 5.0]
    assert all("HIDDEN" in cell.source for cell in tests)
    [mean] = [cell for cell in done.notebook.cells if mark(cell).get("grade_id") == "answer-mean"]
    assert mean.outputs[0].text == "보임\n"


@needs_sandbox
def test_half_a_character_does_not_break_the_record(marked):
    done = marked({"answer-count": "print('\\ud800')\ndef count(*_): return '\\ud800'"})
    assert "criterion-count" in lost(done)
    nbformat.writes(done.notebook).encode()
    "".join(lost(done).values()).encode()


BAD_TESTS = {
    "argument": "mean(object())",
    "numbers": "mean(10 ** 5000)",
}


@needs_sandbox
@pytest.mark.parametrize("call", BAD_TESTS.values(), ids=BAD_TESTS)
def test_a_broken_assignment_is_not_the_students_fault(tmp_path, call):
    test = MEAN.replace("mean([])", call)
    broken = load(tmp_path, count_notebook(COUNT, test))
    done = mark_notebook(broken, broken.answered(ANSWERS), STUDENT, PATIENT)
    assert done.status == Status.FAILED
    assert sum(result.score for result in done.results) == 0
    assert "criterion-mean" in done.notes[-1]


@needs_sandbox
def test_a_given_cell_that_fails_is_not_the_students_fault(tmp_path):
    notebook = count_notebook()
    notebook.cells[2].source += "\n1 / 0"
    broken = load(tmp_path, notebook)
    done = mark_notebook(broken, broken.answered(ANSWERS), STUDENT, PATIENT)
    assert done.status == Status.FAILED
    assert "given-data" in done.notes[-1]


@needs_sandbox
def test_a_test_that_never_ends_because_of_the_answer_is_ended(tmp_path):
    endless = TOTAL.replace("assert total ==", "while total < 0: pass\nassert total ==", 1)
    slow = load(tmp_path, count_notebook(COUNT, MEAN, endless))
    notebook = slow.answered(ANSWERS | {"answer-total": "total = -1"})
    done = mark_notebook(slow, notebook, STUDENT, Limits(cell=2, total=60))
    assert done.status == Status.TIMEOUT
    assert list(lost(done)) == ["criterion-total"]


@needs_sandbox
def test_a_test_that_swallows_the_end_of_the_process_is_still_lost(tmp_path):
    swallow = MEAN.replace("assert abs", "assert 1 or abs").replace("ValueError", "Exception")
    careless = load(tmp_path, count_notebook(COUNT, swallow))
    done = mark_notebook(careless, careless.answered(ANSWERS | body("os._exit(0)")), STUDENT)
    assert list(lost(done)) == ["criterion-mean"]
    assert done.status == Status.STOPPED


@needs_sandbox
def test_a_later_test_gets_its_functions_from_the_new_process(tmp_path):
    again = TOTAL.replace(
        "assert total ==", "assert count([5], 5) == 1, '세기'\nassert total ==", 1
    )
    twice = load(tmp_path, count_notebook(COUNT, MEAN, again))
    done = mark_notebook(twice, twice.answered(ANSWERS | body("os._exit(0)")), STUDENT, PATIENT)
    assert list(lost(done)) == ["criterion-mean"]


@needs_sandbox
def test_tests_and_given_cells_print_nothing(marked, capfd):
    marked(
        {"answer-count": "print('안')\ndef count(i, x):\n    print('밖')\n    return i.count(x)"}
    )
    assert capfd.readouterr() == ("", "")


@needs_sandbox
def test_a_whole_submission(assignment):
    handed = submission(assignment, {"written-why": "다시 쓰려고요.", "answer-count": ""})
    done = grade(assignment, handed, PATIENT)
    assert (done.record.score, done.record.max_score) == (9.0, 12.0)
    assert [(w.id, w.points, w.text) for w in done.record.written] == [
        ("written-why", 5.0, "다시 쓰려고요.")
    ]
    assert done.record.digest == "", "지문은 강좌가 적습니다"
    assert done.record.seconds > 0
    assert pickle.loads(pickle.dumps(done)).record == done.record
    assert type(done.record).from_json(done.record.to_json()) == done.record


def test_a_submission_that_cannot_be_opened_gets_its_status(assignment, monkeypatch):
    monkeypatch.setattr(module, "mark_notebook", None)
    nothing = grade(assignment, Submission(STUDENT, NAME))
    broken = grade(assignment, Submission(STUDENT, NAME, {f"{NAME}.ipynb": b'{"cells": ['}))
    assert nothing.record.status == Status.MISSING
    assert broken.record.status == Status.UNREADABLE
    assert [r.id for r in broken.record.results] == CRITERIA
    assert broken.record.score == 0
    assert broken.notebook is None
