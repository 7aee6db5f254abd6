"""바뀌지 않은 브라우저 실습실은 다시 돌려 보지 않습니다. 크로미움에서 실습을 돌리는 일은 비쌉니다.

표시 `playground`가 달린 테스트가 초록이면 그때의 도장을 `.cache/green`에 남기고, 도장이 같은 동안
이 컴퓨터에서는 건너뜁니다. CI는 언제나 돌립니다.
"""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

import pytest

from suite.stems import ROOT

GREEN = ROOT / ".cache/green"
BUILT = ROOT / "_build/html/lite/stamp.txt"  # 실습과 패키지의 도장
REASON = "지난번에 초록이던 실습실과 같습니다. 다시 돌리려면 .cache/green을 지우세요"


@cache
def stamp(test: Path) -> str:
    """빌드한 실습실과, 그것을 빌드하고 ``test``에서 여는 코드의 해시. 빌드한 것이 없으면 빈 문자열.

    옆의 다른 테스트 파일(책의 페이지, 채점의 피드백)은 세지 않습니다.
    """
    if not BUILT.exists():
        return ""
    helpers = [p for p in (ROOT / "tests/site").glob("*.py") if not p.name.startswith("test_")]
    paths = [BUILT, ROOT / "requirements.txt", test, *helpers]
    paths += [path for path in (ROOT / "publish/lite").rglob("*") if path.suffix != ".pyc"]
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.is_file()):
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _mark(item: pytest.Item) -> Path:
    """테스트 하나의 도장을 두는 파일."""
    return GREEN / hashlib.sha256(item.nodeid.encode()).hexdigest()[:20]


def _is_green(item: pytest.Item) -> bool:
    mark = _mark(item)
    now = stamp(item.path)
    return bool(now) and mark.is_file() and mark.read_text("ascii") == now


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "playground: 브라우저 실습실을 크로미움에서 돌리는 테스트")


def pytest_runtest_setup(item: pytest.Item) -> None:
    in_ci = os.environ.get("CI", "").lower() in ("1", "true")
    if item.get_closest_marker("playground") and not in_ci and _is_green(item):
        pytest.skip(REASON)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    playground = item.get_closest_marker("playground") and call.when == "call"
    if playground and (now := stamp(item.path)):
        _mark(item).unlink(missing_ok=True)
        if report.passed:
            GREEN.mkdir(parents=True, exist_ok=True)
            _mark(item).write_text(now, "ascii")
    return report
