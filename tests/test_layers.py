"""패키지의 층: import는 아래로만 향하고, Jupyter와 그림은 맨 위층만 압니다."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "ddialab"
FLOORS = [
    "core",
    "stress",
    "cluster",
    "blocks",
    "resilience",
    "service",
    "ops",
    "experiments",
    "show",
]
# 층 밖의 방: 설치 전에도 실행되므로 표준 라이브러리와, 그것만 import하는 것(주소의 규칙)만 압니다
BESIDE = "doctor"
SHARED_RULES = (
    "ddialab.core.address",
    "ddialab.core.dask_address",
    "ddialab.core.kafka_address",
    "ddialab.core.search_address",
    "ddialab.core.errors",
    "ddialab.blocks.refusal",
)
DOCTOR_MAY = {"psycopg"}  # 있으면 더 보고, 없으면 그만입니다
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
    if floor == BESIDE:
        return [f"{name}: 표준 라이브러리가 아닙니다" for name in imports(source) if not bare(name)]
    found = []
    for name in imports(source):
        root, _, rest = name.partition(".")
        target = rest.partition(".")[0]
        if name.startswith("."):
            found.append(f"{name}: 상대 import 대신 ddialab.층.모듈로 적습니다")
        elif root == "ddialab" and target in FLOORS and FLOORS.index(target) > FLOORS.index(floor):
            found.append(f"{name}: {floor}보다 위층입니다")
        elif root == "ddialab" and target == BESIDE:
            found.append(f"{name}: doctor는 명령일 뿐, 아무 층도 사용하지 않습니다")
        elif root == "classroom":
            found.append(f"{name}: 교실은 실습의 위에 있습니다")
        elif root in SHOW_ONLY and floor != "show":
            found.append(f"{name}: show만 들여올 수 있습니다")
    return found


def bare(name: str) -> bool:
    """아무것도 설치하지 않은 Python에도 있는 것, 또는 있을 때만 들여오는 것."""
    ours = name.startswith((f"ddialab.{BESIDE}", *SHARED_RULES))
    return ours or name.partition(".")[0] in sys.stdlib_module_names | DOCTOR_MAY


# 프로세스, 포트, 폴더를 만드는 것들. 이름을 적은 것은 모듈에서 그것만 써도 되는 것입니다
MAKERS = {
    "subprocess": (), "multiprocessing": (), "tempfile": (), "socket": (), "socketserver": (),
    "http.server": ("BaseHTTPRequestHandler",), "pty": (), "wsgiref": (),
}  # fmt: skip
MAKING = {
    "fork", "popen", "system", "posix_spawn", "mkdir", "makedirs", "mkdtemp", "bind",
    "start_server",
}  # fmt: skip
MAY_MAKE = {"core/workspace.py", "core/guard.py", "doctor/outside.py"}


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
    code = {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in modules()}
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
        "asyncio.start_server(serve, '127.0.0.1', 0)",
    ],
)
def test_a_making_is_found(source):
    assert len(makings(source)) == 1


def test_what_makes_nothing_passes():
    assert makings("from http.server import BaseHTTPRequestHandler\nworkspace.run(argv)") == []


def modules() -> list[Path]:
    return sorted(PACKAGE.glob("*/**/*.py"))


def broken_rules(path: Path) -> list[str]:
    """모듈 하나가 어긴 규칙들."""
    floor = path.relative_to(PACKAGE).parts[0]
    if floor not in (*FLOORS, BESIDE):
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
        ("show", "from classroom.marking.grade import grade"),
        ("cluster", "from .engine import Engine"),
        ("ops", "from ddialab.doctor import tools"),
        ("doctor", "import redis"),
        ("doctor", "from ddialab.core.metrics import percentile"),
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
        ("doctor", "import ssl\nfrom ddialab.doctor.finding import good"),
    ],
)
def test_imports_that_point_down_pass(floor, source):
    assert violations(floor, source) == []


def test_the_package_has_modules_to_check():
    assert len(modules()) > len(FLOORS)


# 판단: 책의 페이지 안에서도 실행되도록 서버도 스레드도 배열도 시계도 모릅니다
DECISIONS = [
    "cluster.model", "cluster.erlang", "core.metrics", "core.memory", "blocks.cache",
    "blocks.posts", "blocks.memory", "blocks.tape", "blocks.search.terms", "blocks.search.memory",
    "blocks.groups", "blocks.stream",
    "resilience.retry", "resilience.breaker", "resilience.supervisor", "resilience.shedding",
    "resilience.limiter", "resilience.quarantine",
    "ops.replay", "ops.rollout", "ops.columns", "ops.parallel_change", "service.posts",
    "service.dataset", "service.roles", "stress.crowd", "cluster.line",
    "experiments.evolvability.versions", "experiments.cache_miss.by_hand",
]  # fmt: skip
ADAPTED = {
    "numpy", "redis", "sqlite3", "psycopg", "threading", "concurrent", "subprocess", "socket",
    "signal", "os", "time",
}  # fmt: skip


def needs(module: str, seen: set[str]) -> set[str]:
    """``module``(`ddialab` 아래의 이름)과 그것이 들여오는 우리 모듈들이 들여오는 바깥의 것."""
    seen.add(module)
    path = PACKAGE / f"{module.replace('.', '/')}.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    top = "\n".join(ast.unparse(n) for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom))
    found = set()
    for name in imports(top):
        root, _, rest = name.partition(".")
        if root != "ddialab":
            found.add(root)
        elif rest not in seen:
            found |= needs(rest, seen)
    return found


@pytest.mark.parametrize("module", DECISIONS)
def test_a_decision_needs_no_server_no_array_and_no_clock(module):
    assert needs(module, set()) & ADAPTED == set()


@pytest.mark.parametrize(
    ("module", "adapted"),
    [
        ("cluster.simulation", "numpy"),
        ("blocks.flight", "threading"),
        ("ops.migration", "sqlite3"),
        ("blocks.search.fulltext", "sqlite3"),
    ],
)
def test_an_adapter_is_seen_through_the_modules_between(module, adapted):
    assert adapted in needs(module, set())


MOST_LINES = 400


def test_a_module_fits_in_the_head():
    paths = PACKAGE.parent.rglob("*.py")
    long = {p.name: len(p.read_text(encoding="utf-8").splitlines()) for p in paths}
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES} == {}
