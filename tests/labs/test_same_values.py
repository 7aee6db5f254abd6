"""증명하는 것이 보여 주는 것입니다: 교훈을 보는 테스트는 실험의 처음 값을 바꾸지 않습니다.

실습이 보여 주는 값은 `experiments`의 함수에 처음 값으로 한 번만 있습니다. 테스트가 같은 것에 다른
수를 적으면 다른 실험을 증명합니다. 첫 「# ---」 줄의 아래(실험 자체의 테스트, 바꿔 보기)는 보지
않습니다.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from types import ModuleType

import pytest

import execute
from suite.stems import ROOT, lesson_of

LABS = ["07-hardware-faults"]  # 실험이 experiments의 함수로 옮겨 간 실습
LUCK = ("seed", "seeds")  # 시드는 일부러 다르게 줍니다

Setting = tuple[str, str, float]  # 함수, 인자, 수


def settings(source: str, experiments: ModuleType) -> Iterator[Setting]:
    """``source``가 처음 값이 있는 인자에 적어 넣은 수들."""
    for call in ast.walk(ast.parse(source)):
        name = _name(call.func) if isinstance(call, ast.Call) else ""
        function = getattr(experiments, name, None) if name else None
        if not inspect.isfunction(function):
            continue
        known = inspect.signature(function).parameters
        given = list(zip(known, call.args, strict=False))
        given += [(keyword.arg, keyword.value) for keyword in call.keywords]
        for parameter, value in given:
            if parameter in known and known[parameter].default is not inspect.Parameter.empty:
                number = isinstance(value, ast.Constant) and type(value.value) in (int, float)
                if number and parameter not in LUCK:
                    yield name, parameter, value.value


def _name(function: ast.expr) -> str:
    return getattr(function, "id", getattr(function, "attr", ""))


def shown(lab: str) -> str:
    """실습 ``lab``의 모든 코드."""
    return "\n\n".join(
        c.source for c in execute.code_cells(execute.read(ROOT / f"labs/{lab}.ipynb"))
    )


@pytest.mark.parametrize("lab", LABS)
def test_the_proof_runs_what_the_lab_shows(lab):
    stem = lesson_of(lab).removeprefix("test_")
    experiments = importlib.import_module(f"ddialab.experiments.{stem}")
    proof = (ROOT / f"tests/labs/{lesson_of(lab)}.py").read_text("utf-8").partition("\n# ---")[0]
    assert set(settings(proof, experiments)) - set(settings(shown(lab), experiments)) == set()


def test_another_number_is_found_wherever_it_is_written():
    experiments = ModuleType("experiments")
    exec("def year(racks, mttr=1, *, need=1, power=False, seeds=()): ...", experiments.__dict__)
    source = """
year("A")
year("A", 2, seeds=7)
lab.year("A", mttr, need=3, power=True)
cache(year)("A", 5)
other("A", 9)
"""
    assert list(settings(source, experiments)) == [("year", "mttr", 2), ("year", "need", 3)]
