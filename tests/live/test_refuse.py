"""그대로 옮길 수 없는 코드는 빌드에서 거절합니다: 파일, 줄, 대신 적을 것."""

import builtins

import pytest

import micropython
from live.carry import carry
from live.refuse import MISSING_METHODS, CannotCarry

# 거절할 코드 → 까닭에 나와야 할 말. 모두 f(x)의 몸에 넣고, 그 줄이 몇 번째인지도 봅니다
EXPRESSIONS = {
    "{1, 2}": "집합",
    "{a for a in x}": "집합",
    "set(x)": "set",
    "frozenset(x)": "frozenset",
    "round(x)": "round",
    "sum(x)": "sum",
    "sum(a * 0.1 for a in x)": "sum",
    "hash(x)": "hash",
    "id(x)": "id",
    "format(x, '.2f')": "format",
    "pow(x, 2)": "pow",
    "print(x)": "print",
    "x ** 2": "**",
    "2 ** x": "**",
    "math.log(x)": "math.log",
    "log(x)": "math.log",
    "math.sin(x)": "math.sin",
    "math.hypot(x, x)": "math.hypot",
    "np.array(x)": "numpy.array",
    "random.random()": "random.random",
    "random.Random(1).choice(x)": "choice",
    "time.time()": "벽시계",
    "datetime.now()": "벽시계",
    "os.getcwd()": "os.getcwd",
    "x[::2]": "슬라이스",
    "f'{x:.3g}'": ":.3g",
    "f'{x:>8}'": ":>8",
    "f'{x:{x}}'": ":{}",
    "f'{x!a}'": "!a",
    "'%s' % x": "% 서식",
    "'{}'.format(x)": ".format",
    "x.zfill(3)": "zfill",
    "x.removesuffix('a')": "removesuffix",
    "x.isalpha()": "isalpha",
    "x.lower()": "lower",
    "isinstance(x, ValueError)": "Error",
    "isinstance(x, tuple)": "tuple",
    "dict(**x)": "dict(**",
    "deque(x, maxlen=3)": "deque",
    "open(x)": "open",
    "eval(x)": "eval",
    "asyncio.sleep(1)": "asyncio",
}
BEFORE = """import asyncio, math, os, random, time
import numpy as np
from collections import deque
from datetime import datetime
from math import log

"""
STATEMENTS = {
    "def f(**options):\n    return options": ("**options", 1),
    "def f(x):\n    match x:\n        case 1:\n            return 2": ("match", 2),
    "n = 0\ndef f():\n    global n\n    n += 1": ("global", 3),
    "def f():\n    with open('x') as file:\n        yield file": ("yield", 2),
    "def f():\n    try:\n        yield 1\n    finally:\n        pass": ("yield", 2),
    "async def f():\n    return 1": ("async", 1),
    "def f(sorted):\n    return sorted": ("가린 sorted", 1),
    "import math\ndef f(math):\n    return math.pi": ("모듈을 가린 math", 2),
    "class f(tuple):\n    pass": ("tuple을 물려받은", 1),
    "class A:\n    pass\nclass B:\n    pass\nclass f(A, B):\n    pass": ("클래스 둘", 5),
    "class f(metaclass=type):\n    pass": ("메타클래스", 1),
    "class f:\n    def __new__(cls):\n        return object()": ("__new__", 2),
    "def f(x):\n    x **= 2\n    return x": ("**=", 2),
    "def f():\n    return 1\nfor i in (1, 2):\n    f()": ("정의가 아닌", 3),
}


def refusals(folder, code: str):
    (folder / "model.py").write_text(code, "utf-8")
    with pytest.raises(CannotCarry) as caught:
        carry(["model:f"], folder)
    return caught.value.refusals


@pytest.mark.parametrize("code", EXPRESSIONS)
def test_an_expression_is_refused_with_its_line(tmp_path, code):
    found = refusals(tmp_path, f"{BEFORE}def f(x):\n    y = 1\n    return {code}\n")
    assert EXPRESSIONS[code] in " ".join(refusal.what for refusal in found)
    assert {refusal.line for refusal in found} == {BEFORE.count("\n") + 3}
    assert all(r.path.endswith("model.py") and r.instead.endswith(".") for r in found)


@pytest.mark.parametrize("code", STATEMENTS)
def test_a_statement_is_refused_with_its_line(tmp_path, code):
    what, line = STATEMENTS[code]
    assert (what, line) in [
        (what if what in refusal.what else refusal.what, refusal.line)
        for refusal in refusals(tmp_path, code)
    ]


def test_what_is_not_used_is_not_refused(tmp_path):
    """부르지 않는 함수와 메서드는 옮기지 않으므로 보지도 않습니다."""
    code = """
class Box:
    def used(self): return self.field
    field = 3
    def unused(self): return {1, 2}
def helper(): return set()
def f(x): return Box().used()
"""
    (tmp_path / "model.py").write_text(code, "utf-8")
    text = carry(["model:f"], tmp_path).text
    assert "unused" not in text
    assert "helper" not in text


def test_a_refusal_says_where_and_what_to_write(tmp_path):
    (refusal,) = refusals(tmp_path, "def f(x):\n    return round(x)\n")
    assert str(refusal).startswith(f"{tmp_path / 'model.py'}:2: round. ")


def test_the_methods_that_micropython_lacks_are_known():
    """MicroPython을 올리거나 CPython에 메서드가 늘면 여기서 압니다."""
    kinds = ("str", "list", "dict", "tuple", "int", "float", "bytes")
    ask = "".join(f"print({kind!r}, ' '.join(dir({kind})))\n" for kind in kinds)
    lines = dict(line.split(" ", 1) for line in micropython.run(ask).lines)
    theirs = {name for line in lines.values() for name in line.split()}
    ours = {name for kind in kinds for name in dir(getattr(builtins, kind)) if name[0] != "_"}
    assert ours - theirs - MISSING_METHODS == set()
