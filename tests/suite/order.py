"""테스트를 워커들에게 나누는 차례: 실습 하나는 한 워커가, 무거운 것부터.

가벼운 것이 끝에 남아야 마지막 워커가 혼자 오래 돌지 않습니다.
"""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadScopeScheduling

from suite.stems import stem_of

# CPU 초가 많이 드는 차례. 실습은 모두 이보다 앞이고, 여기 없는 파일은 뒤입니다
HEAVY = (
    "tests/site/test_pages.py",
    "tests/site/test_playground_page.py",
    "tests/site/test_pdf.py",
    "tests/test_composite_crash.py",
    "tests/site/test_live.py",
    "tests/site/test_playground.py",
    "tests/classroom/test_forty.py",
    "tests/site/test_checks.py",
    "tests/site/test_progress.py",
    "tests/live/test_equal.py",
    "tests/labs/gate/test_gate.py",
    "tests/classroom/test_course.py",
    "tests/classroom/test_parity.py",
    "tests/test_composite_hammer.py",
    "tests/site/test_playground_weight.py",
    "tests/site/test_playground_assignments.py",
)
# 한 번 만든 비싼 것을 나눠 보는 파일. 실습마다 나누면 그것을 실습마다 다시 만듭니다
TOGETHER = ("tests/site/test_pdf.py",)


def group_of(nodeid: str) -> str:
    """함께 도는 테스트들의 이름: 실습의 이름이거나 테스트 파일."""
    file = nodeid.partition("::")[0]
    return file if file in TOGETHER else stem_of(nodeid) or file


def rank(group: str) -> int:
    """작을수록 먼저."""
    if not group.endswith(".py"):
        return 0
    return 1 + (HEAVY.index(group) if group in HEAVY else len(HEAVY))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: rank(group_of(item.nodeid)))


class ByGroup(LoadScopeScheduling):
    """같은 묶음은 한 워커에게, 모인 차례대로."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> ByGroup:
    """xdist의 `--dist loadgroup`은 pytest 9.2에서 묶음을 조용히 무시합니다."""
    return ByGroup(config, log)
