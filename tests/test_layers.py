"""패키지의 층: import는 아래로만 향하고, Jupyter와 그림은 맨 위층만 압니다."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "ddialab"
FLOORS = ["core", "blocks", "cluster", "stress", "service", "ops", "show", "classroom"]
SHOW_ONLY = {"IPython", "ipywidgets", "anywidget", "matplotlib"}


def imports(source: str) -> Iterator[str]:
    """``source``가 들여오는 모듈의 이름들. 함수 안의 import도 셉니다."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield base
            if base in ("ddialab", "."):
                yield from (f"ddialab.{alias.name}" for alias in node.names)


def violations(floor: str, source: str) -> list[str]:
    """``floor`` 층의 모듈이 어긴 규칙들."""
    found = []
    for name in imports(source):
        root, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if name.startswith("."):
            found.append(f"{name}: 상대 import 대신 ddialab.층.모듈로 적습니다")
        elif root == "ddialab" and target in FLOORS and FLOORS.index(target) > FLOORS.index(floor):
            found.append(f"{name}: {floor}보다 위층입니다")
        elif root in SHOW_ONLY and floor not in ("show", "classroom"):
            found.append(f"{name}: show만 들여올 수 있습니다")
    return found


def modules() -> list[Path]:
    return sorted(PACKAGE.glob("*/**/*.py"))


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path):
    floor = path.relative_to(PACKAGE).parts[0]
    assert floor in FLOORS, f"{floor}: 모르는 층입니다. 아는 층: {', '.join(FLOORS)}"
    assert violations(floor, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("floor", "source"),
    [
        ("core", "from ddialab.blocks.cache import Cache"),
        ("core", "import ddialab.cluster.engine"),
        ("blocks", "def late():\n    from ddialab.ops import recovery"),
        ("cluster", "from ddialab import show"),
        ("stress", "from IPython.display import display"),
        ("ops", "import matplotlib.pyplot as plt"),
        ("service", "import ipywidgets"),
        ("show", "from ddialab.classroom.grade import grade"),
        ("cluster", "from .engine import Engine"),
    ],
)
def test_a_made_up_violation_is_found(floor, source):
    assert len(violations(floor, source)) == 1


@pytest.mark.parametrize(
    ("floor", "source"),
    [
        ("show", "from ddialab.core.events import EventLog\nimport matplotlib"),
        ("ops", "from ddialab.service.posts import Posts\nfrom ddialab.ops import aof"),
        ("core", "import json, redis"),
    ],
)
def test_imports_that_point_down_pass(floor, source):
    assert violations(floor, source) == []


def test_the_package_has_modules_to_check():
    assert len(modules()) > len(FLOORS)
