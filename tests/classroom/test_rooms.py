"""교실의 방: import는 아래로만 향하고, 돌고 돌지 않고, ddialab에서는 core만 압니다."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"
ROOMS = ["record", "assignment", "handout", "intake", "marking", "reporting", "course", "__main__"]
LONGEST = 400  # 줄


def imports(source: str) -> Iterator[str]:
    """``source``가 들여오는 것들의 온전한 이름. 함수 안의 import도 셉니다."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from (f"{base}.{alias.name}" for alias in node.names)


def violations(room: str, source: str) -> list[str]:
    """``room``의 모듈이 어긴 규칙들."""
    found = []
    for name in imports(source):
        root, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if root == "ddialab" and target != "core":
            found.append(f"{name}: ddialab에서는 core만 들여올 수 있습니다")
        elif root == "classroom" and target in ROOMS and ROOMS.index(target) > ROOMS.index(room):
            found.append(f"{name}: {room}보다 위의 방입니다")
        elif not root:
            found.append(f"{name}: 상대 import 대신 classroom.방.모듈로 적습니다")
    return found


def circle(modules: dict[str, str]) -> list[str]:
    """서로를 들여오며 도는 모듈들. ``modules``는 {이름: 코드}이고, 없으면 빈 목록입니다."""
    graph = {
        name: {
            one for each in imports(source) for one in modules if f"{each}.".startswith(f"{one}.")
        }
        for name, source in modules.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def modules() -> dict[str, str]:
    paths = [path for path in (SOURCES / "classroom").rglob("*.py") if path.stem != "__init__"]
    names = {path: ".".join(path.relative_to(SOURCES).with_suffix("").parts) for path in paths}
    return {names[path]: path.read_text(encoding="utf-8") for path in paths}


def test_imports_point_down_and_only_to_core():
    found = {name: violations(name.split(".")[1], text) for name, text in modules().items()}
    assert {name: rules for name, rules in found.items() if rules} == {}
    assert len(found) > len(ROOMS)


def test_no_module_imports_itself_by_way_of_others():
    assert circle(modules()) == []


def test_both_packages_go_into_the_wheel():
    """학생의 코드가 실행되는 곳에도 두 패키지가 나란히 있어야 합니다."""
    project = tomllib.loads((SOURCES.parent / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert wheel == sorted(f"src/{path.parent.name}" for path in SOURCES.glob("*/__init__.py"))


def test_no_module_is_too_long():
    lines = {name: text.count("\n") for name, text in modules().items()}
    assert {name: count for name, count in lines.items() if count > LONGEST} == {}


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("intake", "from classroom.marking.grade import grade"),
        ("intake", "from classroom.marking import wire"),
        ("assignment", "def late():\n    from classroom.intake.roster import squeeze"),
        ("marking", "import classroom.reporting.feedback"),
        ("reporting", "from classroom.course import Course"),
        ("reporting", "from ddialab.show.palette import PALETTE"),
        ("marking", "import ddialab"),
        ("marking", "from . import wire"),
    ],
)
def test_a_made_up_violation_is_found(room, source):
    assert violations(room, source)


def test_a_made_up_circle_is_found():
    first, second = "import classroom.intake.b", "from classroom.intake import a"
    made = {"classroom.intake.a": first, "classroom.intake.b": second}
    assert {*circle(made)} == {"classroom.intake.a", "classroom.intake.b"}
