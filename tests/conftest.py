"""모든 테스트에 걸리는 규칙: CI에서는 건너뛴 테스트도 실패입니다.

사람의 컴퓨터에는 크로미움이나 데이터베이스 서버가 없을 수 있으므로 그 테스트는 까닭을 밝히고
건너뜁니다. CI에서 건너뛰면 아무도 모르는 사이에 테스트가 사라지므로 실패로 셉니다.
"""

import os
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "publish"), str(ROOT / "publish/_ext")]


# 셸이 뒤에서 돌리는 명령(`make test &`)은 Ctrl-C를 무시하고 자식도 그것을 물려받습니다.
signal.signal(signal.SIGINT, signal.default_int_handler)


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


def forbid_skip(report, reason) -> None:
    report.outcome = "failed"
    report.longrepr = f"CI에서는 건너뛸 수 없습니다: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and in_ci() and not hasattr(report, "wasxfail"):
        forbid_skip(report, report.longrepr[2] if report.longrepr else item.name)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    if report.skipped and in_ci():
        forbid_skip(report, report.longrepr[2] if report.longrepr else collector.name)
    return report
