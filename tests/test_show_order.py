"""앞의 셀을 건너뛴 독자에게, 먼저 실행할 셀을 알려 주는가."""

import json

import pytest
from IPython.core.interactiveshell import InteractiveShell

from ddialab.show import order

CELLS = [
    "import numpy as np\nfrom os import path as place",
    "\n# 설정\nrates = {n: n for n in range(3)}\nlow, (high, *rest) = 1, (2, 3)",
    "def draw():\n    inside = 1\n    return inside",
    "이것은 파이썬이 아닙니다 (",
    "rates = {}",
]


@pytest.mark.parametrize(
    ("name", "cell"),
    [("np", 1), ("place", 1), ("rates", 2), ("high", 2), ("rest", 2), ("draw", 3)],
)
def test_the_first_cell_that_makes_a_name_is_told(name, cell):
    told = order.maker(name, CELLS)
    assert f"{name}: " in told.problem
    assert f"코드 셀 {cell}번" in told.accepted
    assert isinstance(told, NameError)


@pytest.mark.parametrize("name", ["inside", "os", "nowhere"])
def test_a_name_that_no_cell_makes_is_an_ordinary_error(name):
    assert order.maker(name, CELLS) is None


@pytest.fixture
def shown(monkeypatch, tmp_path):
    """`shown(셀)`은 셀을 실행하고 화면에 나온 오류의 줄들을 돌려줍니다."""
    cells = [{"cell_type": "code", "source": source} for source in CELLS]
    (tmp_path / "lab.ipynb").write_text(json.dumps({"cells": cells}), "utf-8")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "lab.ipynb"))
    shell, lines = InteractiveShell(), []
    order.guide(shell)
    monkeypatch.setattr(shell, "_showtraceback", lambda kind, error, stb: lines.extend(stb))

    def run(source: str) -> list[str]:
        lines.clear()
        assert not shell.run_cell(source).success
        return list(lines)

    yield run
    shell.history_manager.end_session()


def test_a_skipped_cell_gives_three_lines_and_no_traceback(shown):
    problem, accepted, todo = shown("print(rates)")
    assert "rates: 아직 만들지 않은 이름입니다." in problem
    assert accepted == "코드 셀 2번이 만듭니다. 그 셀의 첫 줄: # 설정"
    assert "차례로 실행" in todo


@pytest.mark.parametrize("place", ["", "/nowhere.ipynb"])
def test_where_the_notebook_is_unknown_the_error_is_as_usual(shown, monkeypatch, place):
    assert "Traceback" in "".join(shown("nowhere"))
    monkeypatch.setenv("JPY_SESSION_NAME", place)
    assert "Traceback" in "".join(shown("rates"))
