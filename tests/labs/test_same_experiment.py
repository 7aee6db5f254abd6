"""증명한 것이 보여 준 것입니다: 테스트는 노트북이 부르는 실험을 노트북의 값으로 부릅니다.

실습이 보여 주는 값은 실험 함수의 기본값입니다. 교훈을 보는 테스트가 거기에 다른 값을 적어 넣으면
보여 준 것과 다른 것을 증명하게 됩니다. 일부러 다른 값이면 그 줄에 ``# 다른 값: 까닭``을 적습니다.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator
from types import FunctionType

import pytest

import ddialab.experiments
from suite.stems import ROOT, STEMS, lesson_of

EXCUSE = "# 다른 값:"


def experiments(lab: str) -> dict[str, FunctionType]:
    """실습 ``lab``의 실험 모듈들에 있는 함수: {이름: 함수}."""
    stem = f"{ddialab.experiments.__name__}.{lesson_of(lab).removeprefix('test_')}"
    package = importlib.import_module(stem)
    inside = pkgutil.iter_modules(getattr(package, "__path__", []), f"{stem}.")
    modules = [package, *(importlib.import_module(found.name) for found in inside)]
    return {
        name: thing
        for module in modules
        for name, thing in vars(module).items()
        if isinstance(thing, FunctionType) and thing.__module__ == module.__name__
    }


def calls(code: str) -> Iterator[ast.Call]:
    """``code``의 부름들. 바꿔 보기의 함수(첫 인자가 ``reader``)는 값을 바꾸니 뺍니다."""
    for node in ast.parse(code).body:
        if [a.arg for a in getattr(getattr(node, "args", None), "args", [])][:1] != ["reader"]:
            yield from (inside for inside in ast.walk(node) if isinstance(inside, ast.Call))


def passed(code: str, functions: dict[str, FunctionType]) -> Iterator[tuple[str, str, object]]:
    """``code``가 실험의 기본값 자리에 적어 넣은, 기본값과 다른 수들: (함수, 인자, 값).

    대책을 켜고 끄는 것(bool)과 방법의 이름(문자열)은 대조군을 고르는 일이라 보지 않습니다.
    """
    lines = code.splitlines()
    for call in calls(code):
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        excused = EXCUSE in "\n".join(lines[call.lineno - 1 : call.end_lineno])
        if name not in functions or excused:
            continue
        known = inspect.signature(functions[name]).parameters
        given = dict(zip(known, call.args, strict=False))
        given |= {word.arg: word.value for word in call.keywords}
        for parameter in given.keys() & known.keys() - {"seed"}:  # 시드는 다른 것이 일입니다
            value, default = getattr(given[parameter], "value", None), known[parameter].default
            measured = isinstance(value, int | float) and not isinstance(value, bool)
            if measured and default is not inspect.Parameter.empty and value != default:
                yield name, parameter, value


def shown(lab: str) -> str:
    cells = json.loads((ROOT / f"labs/{lab}.ipynb").read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")


@pytest.mark.parametrize("lab", STEMS.values())
def test_the_proof_runs_what_the_notebook_shows(lab):
    functions = experiments(lab)
    proof = (ROOT / f"tests/labs/{lesson_of(lab)}.py").read_text(encoding="utf-8")
    other = set(passed(proof, functions)) - set(passed(shown(lab), functions))
    assert other == set(), f"기본값을 그대로 부르거나 그 줄에 「{EXCUSE} 까닭」을 적으세요"
    called = {n.id for n in ast.walk(ast.parse(proof)) if isinstance(n, ast.Name)}
    assert called & functions.keys(), "테스트가 실험의 함수를 부르지 않습니다"


def sample(seed, limit=0.2, *, machines=2000): ...


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("sample(3)", []),
        ("sample(3, 0.2, machines=2000)", []),
        ("sample(3, limit)", []),
        ("sample(seed=9)", []),
        ("sample(3, limit=False)", []),
        ("sample(3, 0.3)", [("sample", "limit", 0.3)]),
        ("module.sample(3, machines=1000)", [("sample", "machines", 1000)]),
        ("sample(3, 0.3)  # 다른 값: 경계를 봅니다", []),
    ],
)
def test_another_value_is_found(code, found):
    assert list(passed(code, {"sample": sample})) == found


def test_trying_another_value_in_a_suggestion_is_not_a_proof():
    code = "def a(reader, item):\n    sample(1, 0.3)\n\n\ndef test_a():\n    sample(1, 0.4)\n"
    assert list(passed(code, {"sample": sample})) == [("sample", "limit", 0.4)]
