"""패키지의 층: import는 아래로만 향하고, Jupyter와 그림은 맨 위층만 압니다."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "ddialab"
FLOORS = [
    "core",
    "stress",
    "cluster",
    "blocks",
    "service",
    "ops",
    "experiments",
    "show",
    "classroom",
]
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


# 프로세스, 포트, 폴더를 만드는 것들. 이름을 적은 것은 모듈에서 그것만 써도 되는 것입니다
MAKERS = {
    "subprocess": (), "multiprocessing": (), "tempfile": (), "socket": (), "socketserver": (),
    "http.server": ("BaseHTTPRequestHandler",), "pty": (), "wsgiref": (),
}  # fmt: skip
MAKING = {"fork", "popen", "system", "posix_spawn", "mkdir", "makedirs", "mkdtemp", "bind"}
MAY_MAKE = {"core/workspace.py", "core/guard.py"}


def makings(source: str) -> list[str]:
    """``source``가 프로세스나 포트나 폴더를 스스로 만드는 자리들."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name in MAKERS]
        elif isinstance(node, ast.ImportFrom) and node.module in MAKERS:
            allowed = MAKERS[node.module]
            found += [f"{node.module}.{a.name}" for a in node.names if a.name not in allowed]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            found += [node.func.attr] if node.func.attr in MAKING else []
    return found


def notebooks() -> dict[str, str]:
    """실습의 코드: {파일: 코드}. 매직과 셸 명령은 없습니다."""
    texts = {}
    for path in sorted((PACKAGE.parents[1] / "labs").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        texts[path.name] = "\n".join(
            "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"
        )
    return texts


def test_only_the_workspace_makes_processes_ports_and_folders():
    """실습마다 죽여 보지 않아도 됩니다: 만드는 곳이 하나뿐이면, 그곳이 치우는지만 보면 됩니다."""
    code = {
        str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8")
        for path in modules()
        if path.relative_to(PACKAGE).parts[0] != "classroom"  # 커널이 아니라 강사의 명령입니다
    }
    found = {name: makings(text) for name, text in (code | notebooks()).items()}
    assert {name for name, made in found.items() if made} == MAY_MAKE


@pytest.mark.parametrize(
    "source",
    [
        "import subprocess",
        "from subprocess import run",
        "def late():\n    import tempfile",
        "from http.server import BaseHTTPRequestHandler, HTTPServer",
        "import socket",
        "os.fork()",
        "os.system('redis-server')",
        "(folder / 'data').mkdir()",
    ],
)
def test_a_making_is_found(source):
    assert len(makings(source)) == 1


def test_what_makes_nothing_passes():
    assert makings("from http.server import BaseHTTPRequestHandler\nworkspace.run(argv)") == []


# 실습이 이야기하는 결정: 서버도 파일도 스레드도 시계도 모르는 파이썬입니다
DECISIONS = (
    "blocks/cache.py",
    "core/memory.py",
    "experiments/evolvability/versions.py",
    "stress/crowd.py",
)
ADAPTED = {
    "redis",
    "sqlite3",
    "psycopg",
    "numpy",
    "threading",
    "concurrent",
    "time",
    "os",
    "pathlib",
}


def adapted(source: str) -> set[str]:
    """``source``가 들여오는 것 가운데 결정이 알면 안 되는 것."""
    return {name.partition(".")[0] for name in imports(source)} & ADAPTED


def test_decisions_know_no_server_thread_or_clock():
    found = {name: adapted((PACKAGE / name).read_text(encoding="utf-8")) for name in DECISIONS}
    assert {name: used for name, used in found.items() if used} == {}
    assert adapted("def late():\n    import redis\nfrom time import monotonic") == {"redis", "time"}


def modules() -> list[Path]:
    return sorted(PACKAGE.glob("*/**/*.py"))


def broken_rules(path: Path) -> list[str]:
    """모듈 하나가 어긴 규칙들."""
    floor = path.relative_to(PACKAGE).parts[0]
    if floor not in FLOORS:
        return [f"{floor}: 모르는 층입니다. 아는 층: {', '.join(FLOORS)}"]
    return violations(floor, path.read_text(encoding="utf-8"))


def test_imports_point_down():
    found = {str(path.relative_to(PACKAGE)): broken_rules(path) for path in modules()}
    assert {name: rules for name, rules in found.items() if rules} == {}


@pytest.mark.parametrize(
    ("floor", "source"),
    [
        ("core", "from ddialab.blocks.cache import Cache"),
        ("core", "import ddialab.cluster.model"),
        ("blocks", "def late():\n    from ddialab.ops import recovery"),
        ("cluster", "from ddialab import show"),
        ("stress", "from IPython.display import display"),
        ("stress", "from ddialab.cluster.spec import Spec"),
        ("ops", "from ddialab.experiments import human_errors"),
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
