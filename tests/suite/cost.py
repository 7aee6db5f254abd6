"""얼마나 들었나: 테스트가 쓴 CPU 초를 실습과 부분으로 나누어 표로 보입니다.

테스트가 띄운 프로세스(커널, 서버, 브라우저)의 것까지 셉니다. 같은 일에 드는 CPU 초도 컴퓨터마다,
같은 컴퓨터에서도 때에 따라 1.5배까지 다릅니다. 그래서 정해 둔 일 하나(`stint`)에 지금 드는 시간을
자로 삼아 「기준 컴퓨터의 CPU 초」로 고쳐 셉니다. 실습 하나가 제 몫의 두 배를 넘으면 실패입니다.
"""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

import psutil
import pytest

from suite.effort import PROOF
from suite.stems import stem_of

BUDGET = 60  # 실습 하나의 CPU 초. 실습 스물이 두 코어에서 40분을 넘지 않게 하는 몫입니다
APART = "크로미움"  # 실습실이 바뀌었을 때만 도는 부분이라 몫에 넣지 않습니다
LIMIT = 2 * BUDGET
PARTS = {
    "labs/": "저장된 대로",
    "tests/labs/test_as_in_browser": "브라우저처럼",
    "tests/labs/": "교훈",
    "tests/site/test_playground": APART,
    "tests/site/": "쪽",
    "tests/classroom/": "교실",
}


def part_of(nodeid: str) -> str:
    """테스트가 든 부분의 이름."""
    return next((name for start, name in PARTS.items() if nodeid.startswith(start)), "모듈")


class Used(NamedTuple):
    """프로세스 하나가 쓴 CPU 초. ``reaped``는 그것이 거둔(wait) 자식들의 것입니다."""

    parent: int
    own: float
    reaped: float


class Family:
    """이 프로세스와 그 자손이 지금까지 쓴 CPU 초.

    끝난 자식의 것은 부모가 거두면 부모에 더해지지만, 크로미움은 거두지 않고 버립니다. 버린 것은
    마지막으로 본 값을 따로 적어 둡니다.
    """

    def __init__(self):
        self.alive: dict[int, Used] = {}
        self.lost = 0.0

    def spent(self) -> float:
        now = dict(self._look())
        for parent, gone in self._gone(now).items():
            credited = now[parent].reaped - self.alive[parent].reaped
            self.lost += max(0.0, gone - credited)
        self.alive = now
        return self.lost + sum(used.own + used.reaped for used in now.values())

    def _look(self) -> Iterator[tuple[int, Used]]:
        me = psutil.Process()
        for process in [me, *me.children(recursive=True)]:
            try:
                with process.oneshot():
                    user, system, more_user, more_system = process.cpu_times()[:4]
                    yield process.pid, Used(process.ppid(), user + system, more_user + more_system)
            except psutil.Error:  # 그사이 끝났습니다
                continue

    def _gone(self, now: dict[int, Used]) -> Counter[int]:
        """살아 있는 조상마다, 그 아래에서 끝난 것들이 마지막으로 쓴 것으로 보였던 CPU 초."""
        gone: Counter[int] = Counter()
        for pid in self.alive.keys() - now.keys():
            gone[self._survivor(pid, now)] += self.alive[pid].own + self.alive[pid].reaped
        return gone

    def _survivor(self, pid: int, now: dict[int, Used]) -> int:
        while pid not in now:
            pid = self.alive[pid].parent if pid in self.alive else os.getpid()
        return pid


STINT = 0.0045  # 기준 컴퓨터(조용한 두 코어)에서 `stint` 하나에 드는 CPU 초
EVERY = 5.0  # CPU 초. 이만큼 쓸 때마다 자를 다시 잽니다


def stint() -> int:
    """자로 삼는 일. 하는 일이 늘 같습니다."""
    return sum(n * n % 7 for n in range(60_000))


class Yardstick:
    """지금 이 컴퓨터에서 CPU 1초가 기준 컴퓨터의 몇 초인지."""

    def __init__(self, clock: Callable[[], float] = time.process_time):
        self.clock, self.due, self.rate = clock, 0.0, 1.0

    def at(self, spent: float) -> float:
        """여태 ``spent``초를 썼을 때의 값. 가끔만 다시 잽니다."""
        if spent >= self.due:
            self.due = spent + EVERY
            self.rate = STINT / max(1e-9, median(self._once() for _ in range(5)))
        return self.rate

    def _once(self) -> float:
        began = self.clock()
        stint()
        return self.clock() - began


LOOK = 0.2  # 초. 프로세스들을 다 보는 데 5밀리초가 들어, 테스트 수천 개마다 보면 그것도 쌓입니다


class Meter:
    """앞에 본 때부터 이 테스트가 끝난 때까지를 이 테스트의 것으로 셉니다.

    본 지 `LOOK`이 지나지 않았으면 보지 않고, 그사이에 쓴 것은 다음에 볼 때의 테스트가 맡습니다.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self.family, self.mark, self.yardstick = Family(), 0.0, Yardstick()
        self.clock, self.looked = clock, clock()

    def pytest_collection_finish(self) -> None:
        self.mark, self.looked = self.family.spent(), self.clock()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo):
        report = yield
        if call.when == "teardown":
            report.cpu = self._since_the_last_look()
        return report

    def _since_the_last_look(self) -> float:
        if self.clock() - self.looked < LOOK:
            return 0.0
        now = self.family.spent()
        used, self.mark, self.looked = max(0.0, now - self.mark), now, self.clock()
        return used * self.yardstick.at(now)


class Bill:
    """표: 줄은 실습과 나머지, 칸은 부분."""

    def __init__(self):
        self.rows: dict[str, Counter] = defaultdict(Counter)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        row = stem_of(report.nodeid) or "나머지"
        self.rows[row][part_of(report.nodeid)] += getattr(report, "cpu", 0.0)

    def over(self) -> list[str]:
        """몫의 두 배를 넘은 실습들. 횟수를 다 채우는 `make proof`에는 몫이 없습니다."""
        if PROOF:
            return []
        labs = {r: cost.total() - cost[APART] for r, cost in self.rows.items() if r != "나머지"}
        return [
            f"{row}: CPU {cpu:.0f}초를 썼습니다. 실습 하나의 한도는 {LIMIT}초입니다."
            for row, cpu in sorted(labs.items())
            if cpu > LIMIT
        ]

    def lines(self) -> list[str]:
        every = sum(self.rows.values(), Counter())
        parts = [part for part in dict.fromkeys([*PARTS.values(), "모듈"]) if every[part]]
        table = [*sorted(self.rows.items()), ("모두", every)]
        head = "".join(f"{part:>8}" for part in [*parts, "모두"])
        body = [
            "".join(f"{cost[part]:10.1f}" for part in parts) + f"{cost.total():10.1f}  {row}"
            for row, cost in table
        ]
        return [head, *body]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.over() and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter) -> None:
        if self.rows:
            terminalreporter.section("CPU 초")
            for line in [*self.lines(), *self.over()]:
                terminalreporter.line(line)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Meter(), "cost-meter")
    if not hasattr(config, "workerinput"):  # 표는 워커들의 것을 모은 쪽이 냅니다
        config.pluginmanager.register(Bill(), "cost-bill")
