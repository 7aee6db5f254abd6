"""학생의 노트북을 밖에서 본 것: 데이터만 나오고, 프로세스가 끝나도 나머지는 이어집니다."""

from __future__ import annotations

import pytest

from classroom.marking import sandbox, wire
from classroom.marking.notebook import StudentNotebook, Where
from classroom.marking.remote import StudentError, ValueTooLarge
from classroom.marking.sandbox import Limits, SandboxEnded
from classroom.record import Status
from ddialab.core.errors import InvalidValue

pytestmark = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")

PATIENT = Limits(cell=60, total=300)
CELL = """\
class Full(ValueError):
    pass

class Box:
    def __init__(self, size):
        self.size, self.items, self.clock = size, {}, None
    def put(self, key, value):
        if len(self.items) == self.size:
            raise Full(key)
        self.items[key] = value
        return self
    def __len__(self): return len(self.items)
    def __getitem__(self, key): return self.items[key]
    def __setitem__(self, key, value): self.items[key] = value
    def __contains__(self, key): return key in self.items
    def __iter__(self): return iter(self.items)
    def __eq__(self, other): return True
    def __enter__(self): return self
    def __exit__(self, *_): self.items.clear()

class Countdown:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if not self.n: raise StopIteration
        self.n -= 1
        return self.n

class Liar(float):
    def __eq__(self, other): return True

def sort(items, *, into=None):
    items.sort()
    if into is not None: into["n"] = len(items)
def call(function, *args): return function(*args)
def swallow(function):
    try: function()
    except Exception as error: return type(error).__name__
def size_of(box): return box.size
def divide(x): return 1 / x
def leave(): raise SystemExit
def numbers(n): yield from range(n)
def invalid():
    from ddialab.core.errors import InvalidValue
    raise InvalidValue("틀림", "맞는 것")
def big(): return "x" * 100_000_000
def loop(): return [loop]
def cyclic():
    items = []
    items.append(items)
    return items
def liar(): return Liar(3)
def deep(n): return deep(n + 1)
def memory(): return bytearray(4 << 30)
answer = 42
"""


@pytest.fixture(scope="module")
def notebook():
    with StudentNotebook(PATIENT) as opened:
        assert opened.run(CELL, "answer-box").ok
        yield opened


@pytest.fixture
def get(notebook):
    """``get(이름)``이 학생의 그 이름을 가져옵니다."""
    notebook.begin()
    return lambda name: notebook.names([name])[name]


def test_names_that_do_not_exist_are_left_out(notebook):
    notebook.begin()
    assert notebook.names(["answer", "nothing"]) == {"answer": 42}


def test_changed_arguments_come_back_into_the_same_object(get):
    items, other = [3, 1, 2], {}
    get("sort")(items, into=other)
    assert (items, other) == ([1, 2, 3], {"n": 3})


def test_an_instance_stays_inside_and_is_used_through_its_proxy(get):
    box = get("Box")(2)
    assert box.put("a", (1, 2)) is box
    assert (len(box), box["a"], "a" in box, list(box), box.size) == (1, (1, 2), True, ["a"], 2)
    box["b"] = 3
    assert box.items == {"a": (1, 2), "b": 3}
    with box as same:
        assert same is box
    assert not box
    assert isinstance(box, get("Box"))
    assert not isinstance(box, get("Countdown"))
    assert get("size_of")(box) == 2
    assert list(get("Countdown")(3)) == [2, 1, 0]


def test_equality_is_never_asked_of_the_student(get):
    assert get("Box")(1) != 5
    assert get("Box")(1) != get("Box")(1)
    assert get("liar")() != 4


def test_a_generator_arrives_as_an_iterator(get):
    numbers = get("numbers")(3)
    assert next(numbers) == 0
    assert list(numbers) == [1, 2]


def test_functions_of_the_test_are_called_back_and_may_call_again(get):
    call = get("call")
    assert call(lambda x: x + 1, 4) == 5
    assert call(lambda: call(lambda: call(max, [1, 3, 2]))) == 3


def test_an_attribute_can_hold_a_function_of_the_test(get):
    box = get("Box")(1)
    box.clock = lambda: 7
    assert box.clock() == 7


def test_exceptions_of_the_test_pass_through_the_student(get):
    class Crash(OSError):
        pass

    def crash():
        raise Crash("전원이 나갔습니다")

    with pytest.raises(Crash, match="전원"):
        get("call")(crash)
    assert get("swallow")(crash) == "OSError"


def test_exceptions_come_back_as_what_they_are(get):
    line = CELL[: CELL.index("return 1 / x")].count("\n") + 1
    with pytest.raises(ZeroDivisionError) as caught:
        get("divide")(0)
    assert caught.value.where == Where("ZeroDivisionError", "answer-box", line)
    with pytest.raises(InvalidValue, match="틀림"):
        get("invalid")()
    with pytest.raises(StudentError) as caught:
        get("leave")()
    assert caught.value.where.kind == "BaseException"


def test_the_students_own_exception_class_can_be_caught(get):
    full, box = get("Full"), get("Box")(0)
    with pytest.raises(full, match="a"):
        box.put("a", 1)
    with pytest.raises(ValueError, match="a"):
        box.put("a", 1)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("big", ValueTooLarge), ("cyclic", ValueTooLarge), ("memory", MemoryError)],
)
def test_values_that_are_too_large(get, name, kind):
    with pytest.raises(kind):
        get(name)()


def test_deep_recursion_is_an_ordinary_error(get):
    with pytest.raises(RecursionError):
        get("deep")(0)


def test_the_test_may_only_hand_over_data_and_functions(get):
    with pytest.raises(wire.NotPlain):
        get("call")(len, object())


def test_an_infinite_loop_costs_one_call_and_state_is_rebuilt():
    source = "state = [1]\ndef loop():\n    state.append(2)\n    while True: pass\n"
    with StudentNotebook(PATIENT) as notebook:
        notebook.run(source, "a")
        notebook.run("state.append(10)", "b")
        notebook.begin()
        loop = notebook.names(["loop"])["loop"]
        notebook._cell_left = 0.5  # 끝나지 않는 것만 짧게 기다립니다
        with pytest.raises(SandboxEnded) as caught:
            loop()
        assert caught.value.status == notebook.ended.status == Status.TIMEOUT
        with pytest.raises(SandboxEnded):
            loop()
        notebook.begin()
        assert notebook.ended is None
        assert notebook.names(["state"]) == {"state": [1, 10]}
        with pytest.raises(StudentError):
            loop()


def test_a_cell_that_ends_the_process_is_skipped_when_replayed():
    with StudentNotebook(PATIENT) as notebook:
        notebook.run("kept = 1", "a")
        assert notebook.run("import os\nos._exit(0)", "b").ended.status == Status.STOPPED
        assert notebook.run("after = kept + 1", "c").ok
        assert notebook.names(["kept", "after"]) == {"kept": 1, "after": 2}


def test_the_whole_submission_has_one_budget():
    """셀에는 한도가 없으므로, 네 셀이 모두 시간 초과로 끝났으면 전체의 한도가 끝낸 것입니다."""
    with StudentNotebook(Limits(cell=float("inf"), total=3)) as notebook:
        runs = [notebook.run("while True: pass", f"cell-{n}") for n in range(4)]
    assert {run.ended.status for run in runs} == {Status.TIMEOUT}
    assert "제출 하나에 정해진" in runs[-1].ended.note


FORGE = r"""
import os
for fd in range(3, 20):
    try: os.write(fd, b'''%s\n''')
    except OSError: pass
"""
REFUSED = [
    '{"value": {"answer": {"handle": ["x", [], {}, 0]}}}',
    '{"value": {"answer": {"handle": [0, "exception", "X", "SystemExit"]}}}',
    '{"value": {"answer": {"function": 0}}}',
    '{"value": 7}',
    '{"error": {"type": ["a"]}}',
    '{"error": {"type": "ValueError", "args": [[1]]}}',
    '{"error": {"type": "ValueError", "token": 99}}',
    '{"callback": 0, "args": [], "kwargs": {}}',
    '{"callback": "x"}',
    "[]",
    "{}",
]


@pytest.mark.parametrize("lie", REFUSED)
def test_an_answer_of_the_wrong_shape_ends_the_process(lie):
    with StudentNotebook(PATIENT) as notebook:
        lies = FORGE % ('{"value": {"ok": true, "outputs": []}}\n' + lie)
        assert notebook.run(lies, "lie").ok
        with pytest.raises(SandboxEnded) as caught:
            notebook.names(["answer"])
        assert caught.value.status == Status.STOPPED


def test_a_forged_error_says_only_what_we_know():
    lie = '{"error": {"type": "SystemExit", "args": ["x"], "where": ["<b>a</b>", -1]}}'
    with StudentNotebook(PATIENT) as notebook:
        notebook.run(FORGE % ('{"value": {"ok": true, "outputs": []}}\n' + lie), "lie")
        with pytest.raises(StudentError) as caught:
            notebook.names(["answer"])
    assert caught.value.where == Where("BaseException")


def test_disarming_assert_is_noticed():
    disarm = (
        "import ast\n"
        "class Remove(ast.NodeTransformer):\n"
        "    def visit_Assert(self, node): return ast.Pass()\n"
        "get_ipython().ast_transformers.append(Remove())"
    )
    with StudentNotebook(PATIENT) as notebook:
        notebook.run("assert True", "a")
        assert not notebook.disarmed()
        notebook.run(disarm, "b")
        assert notebook.disarmed()


def test_outputs_are_kept_without_scripts():
    show = (
        "from IPython.display import HTML, SVG, display\n"
        "print('말')\n"
        "display(HTML('<script>1</script>'))\n"
        "display(SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'))\n"
        "[1, 2]"
    )
    with StudentNotebook(PATIENT) as notebook:
        outputs = notebook.run(show, "a").outputs
        failed = notebook.run("x = 1\n1 / 0", "b")
    assert outputs[0]["text"] == "말\n"
    assert outputs[-1]["data"] == {"text/plain": "[1, 2]"}
    assert all("<s" not in str(output) for output in outputs)
    assert failed.error == Where("ZeroDivisionError", "b", 2)
    assert "1 / 0" in failed.outputs[0]["traceback"][0]
