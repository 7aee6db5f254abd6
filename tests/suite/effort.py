"""몇 번 해 볼지: 죽이기와 흔들어 보기는 `make test`에서 조금, `make proof`에서 모두 합니다.

같은 코드를 횟수만 달리해 돌립니다. 표시 `proof`가 달린 테스트가 그것이고, `make proof`는 무엇을
몇 번 해 보았고 몇 번 잃었는지를 표로 냅니다. `proof(only=True)`는 `make proof`에서만 돕니다.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import hypothesis
import pytest

SHARE = 10  # make test는 make proof의 몇 분의 1을 하는가
PROOF = os.environ.get("DDIALAB_PROOF") == "1"
TRIED = "tried"  # 보고서에 적는 이름

# 바쁜 컴퓨터에서 느려졌다고 실패하지 않게 합니다. `make test`는 같은 코드면 같은 입력을 보고,
# 새 입력은 `make proof`가 찾습니다.
hypothesis.settings.register_profile("ddialab", deadline=None, derandomize=not PROOF)
hypothesis.settings.load_profile("ddialab")


def trials(full: int) -> int:
    """`make proof`에서 ``full``번 할 일을 지금 몇 번 할지."""
    return full if PROOF else max(1, full // SHARE)


def some(every: Sequence, least: int = 2) -> Sequence:
    """`make proof`에서 모두 해 볼 것들 가운데 지금 해 볼 것 ``least``개 이상, 고르게."""
    if PROOF:
        return every
    count = min(len(every), max(least, trials(len(every))))
    places = [round(i * (len(every) - 1) / max(1, count - 1)) for i in range(count)]
    return [every[place] for place in places]


def fuzz(full: int) -> Callable:
    """hypothesis 테스트에: 입력 ``full``개(지금은 그 일부)를 해 보고 표에 적습니다."""
    count = trials(full)

    def decorate(test):
        return pytest.mark.proof(tried=count)(hypothesis.settings(max_examples=count)(test))

    return decorate


class Tally:
    """테스트 하나가 해 본 수. 테스트가 스스로 셉니다."""

    tried = 0


@pytest.fixture
def tally(request):
    """``tally.tried += 1``: `make proof`의 표에 오를 수."""
    counted = Tally()
    yield counted
    request.node.user_properties.append((TRIED, counted.tried))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "proof(tried, only): make proof에서 횟수를 다 채우는 테스트")
    config.pluginmanager.register(Table(), "proof-table")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    marks = {item: item.get_closest_marker("proof") for item in items}
    left_out = [i for i, mark in marks.items() if mark and mark.kwargs.get("only") and not PROOF]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo):
    report = yield
    mark = item.get_closest_marker("proof")
    if mark and call.when == "teardown":
        fixed = [(TRIED, mark.kwargs["tried"])] if "tried" in mark.kwargs else []
        report.user_properties = [*report.user_properties, *fixed, ("about", _about(item))]
    return report


def _about(item: pytest.Item) -> str:
    """테스트를 설명하는 한 줄: docstring의 첫 줄이나 이름."""
    said = (item.function.__doc__ or item.originalname.replace("_", " ")).strip()
    return said.splitlines()[0]


class Table:
    """`make proof`의 표: 무엇을, 몇 번, 몇 번 잃었나."""

    def __init__(self):
        self.tried: dict[str, int] = {}
        self.lost: dict[str, int] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        about = dict(report.user_properties)
        name = report.nodeid.partition("[")[0]
        self.lost[name] = self.lost.get(name, 0) + report.failed
        if "about" in about:
            title = f"{about['about']} ({name.rpartition('/')[2]})"
            self.lost[title] = self.lost.get(title, 0) + self.lost.pop(name)
            self.tried[title] = self.tried.get(title, 0) + about.get(TRIED, 1)

    def pytest_terminal_summary(self, terminalreporter) -> None:
        if PROOF and self.tried:
            terminalreporter.section("해 본 것과 잃은 것")
            for title, tried in sorted(self.tried.items(), key=lambda row: -row[1]):
                terminalreporter.line(f"{tried:8,}번  {self.lost[title]:3}번 잃음  {title}")
            total, lost = sum(self.tried.values()), sum(self.lost[title] for title in self.tried)
            terminalreporter.line(f"{total:8,}번  {lost:3}번 잃음  모두")
