"""테스트의 살림: 실습마다 묶고, 무거운 것부터 나누고, 든 CPU를 세고, 횟수를 줄이고 늘립니다."""

from __future__ import annotations

import itertools
import json
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from jupyter_client.manager import AsyncKernelManager, KernelManager

from suite import cost, effort, order, unchanged
from suite.stems import ROOT, STEMS, stem_of

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def own_folder(pytester):
    """지어낸 테스트가 이 저장소의 설정을 물려받지 않게 합니다."""
    pytester.makeini("[pytest]")


OWNERS = {
    "labs/02-cache-miss.ipynb::셀 3": "02-cache-miss",
    "tests/labs/test_percentiles.py::test_the_mean_hides_what_p99_sees": "13-percentiles",
    "tests/labs/test_as_in_browser.py::test_a[19-evolvability]": "19-evolvability",
    "tests/site/test_access.py::test_axe[labs/07-hardware-faults.html]": "07-hardware-faults",
    "tests/site/test_access.py::test_axe[chapters/1/cache-miss.html]": None,
    "tests/test_percentiles.py::test_a": None,
    "tests/test_cache.py::test_a": None,
}


def test_a_test_belongs_to_the_lab_that_its_name_names():
    assert {nodeid: stem_of(nodeid) for nodeid in OWNERS} == OWNERS


def test_labs_go_first_then_the_heavy_files_then_the_rest():
    lab, heavy, light = "02-cache-miss", order.HEAVY[0], "tests/test_cache.py"
    assert order.rank(lab) < order.rank(heavy) < order.rank(order.HEAVY[1]) < order.rank(light)


def test_what_shares_one_dear_thing_is_not_split_by_lab():
    assert order.group_of("tests/site/test_pdf.py::test_a[labs/02-cache-miss]") in order.TOGETHER


def test_the_named_files_exist():
    assert [name for name in order.HEAVY + order.TOGETHER if not (ROOT / name).is_file()] == []


def test_one_group_stays_with_one_worker(pytester, monkeypatch):
    """같은 노트북의 셀이 두 워커에게 나뉘면 앞의 셀을 돌리지 않은 커널에서 돕니다."""
    labs = [STEMS["02"], STEMS["07"]]
    tests = f"import pytest\n\n@pytest.mark.parametrize('lab', {labs})\ndef test_a(lab): ..."
    pytester.makepyfile(**{f"test_{n}": tests for n in range(12)})
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "tests"))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # 노트북의 도구는 들여오는 데 몇 초
    options = ("-p", "xdist", "-p", "suite.order", "--no-loadscope-reorder", "-n", "2", "-v")
    lines = pytester.runpytest_subprocess(*options).stdout.lines
    ran = re.findall(r"\[(gw\d)\].*\[(\d\d)-", "\n".join(lines))
    assert len(ran) == 24
    assert {lab: len({worker for worker, one in ran if one == lab}) for lab in ("02", "07")} == {
        "02": 1,
        "07": 1,
    }


@pytest.mark.parametrize(("took", "rate"), [(cost.STINT, 1), (2 * cost.STINT, 0.5)])
def test_a_slow_hour_does_not_make_a_lab_dearer(took, rate):
    """같은 일에 두 배 걸리는 때에 쓴 CPU 2초는 기준 컴퓨터의 1초입니다."""
    ticks = itertools.count()
    yardstick = cost.Yardstick(clock=lambda: next(ticks) * took)
    assert yardstick.at(0.0) == pytest.approx(rate)


def test_the_yardstick_is_laid_again_only_now_and_then():
    asked = []
    yardstick = cost.Yardstick(clock=lambda: asked.append(1) or len(asked) * cost.STINT)
    for spent in (0.0, 1.0, cost.EVERY - 1):
        yardstick.at(spent)
    once = len(asked)
    yardstick.at(cost.EVERY)
    assert len(asked) == 2 * once > 0


def bill(**seconds) -> cost.Bill:
    made = cost.Bill()
    for name, cpu in seconds.items():
        report = SimpleNamespace(nodeid=f"labs/{STEMS[name[1:]]}.ipynb::셀 1", cpu=cpu)
        made.pytest_runtest_logreport(report)
    return made


def test_a_lab_over_twice_its_budget_turns_a_green_run_red():
    session = SimpleNamespace(exitstatus=pytest.ExitCode.OK)
    bill(_02=cost.LIMIT - 1, _07=cost.LIMIT - 1).pytest_sessionfinish(session)
    assert session.exitstatus == pytest.ExitCode.OK
    dear = bill(_02=cost.LIMIT + 1, _07=1.0)
    dear.pytest_sessionfinish(session)
    assert session.exitstatus == pytest.ExitCode.TESTS_FAILED
    assert ["02-cache-miss" in line for line in dear.over()] == [True]


def test_what_belongs_to_no_lab_has_no_budget():
    made = cost.Bill()
    made.pytest_runtest_logreport(SimpleNamespace(nodeid="tests/test_cache.py::a", cpu=999.0))
    assert made.over() == []
    assert "999.0" in made.lines()[-1]


def test_what_short_tests_spend_is_counted_with_the_next_look():
    seconds, spent = iter([0.0, 0.0, 0.1, 0.15, 0.3, 0.3, 0.4]), iter([1.0, 5.0])
    meter = cost.Meter(clock=lambda: next(seconds))
    meter.family = SimpleNamespace(spent=lambda: next(spent))
    meter.yardstick = SimpleNamespace(at=lambda spent: 2.0)
    meter.pytest_collection_finish()
    counted = [meter._since_the_last_look() for _ in range(4)]
    assert counted == [0.0, 0.0, 8.0, 0.0], "짧은 것은 모았다가 한 번에, 두 번 세지 않고"


def test_the_cpu_of_children_is_counted(pytester, monkeypatch):
    """커널도 서버도 브라우저도 자식입니다. 자식이 살아 있든 끝났든 제 테스트의 것으로 셉니다."""
    monkeypatch.setattr(cost.Yardstick, "at", lambda yardstick, spent: 1.0)  # 고치지 않은 초로
    pytester.makepyfile('''
        import subprocess, sys
        BUSY = "import time\\nwhile time.process_time() < 0.5: pass\\nprint('끝', flush=True)"
        def test_ended(): subprocess.run([sys.executable, "-c", BUSY])
        def test_living():
            global child
            child = subprocess.Popen([sys.executable, "-c", BUSY + "\\ninput()"],
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            child.stdout.readline()
        def test_after(): child.communicate(b"x")
        FAMILY = """import os, signal, sys, time
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # 거두지 않고 버립니다
        child = os.fork()
        if not child:
            while time.process_time() < 0.5: pass
            print("썼음", flush=True)
            signal.pause()
        sys.stdin.readline()
        os.kill(child, signal.SIGKILL)
        while os.path.exists(f"/proc/{child}"): pass
        print("버림", flush=True)
        sys.stdin.readline()
        """.replace("\\n        ", "\\n")
        def test_spent_by_a_grandchild():
            global family
            family = subprocess.Popen([sys.executable, "-c", FAMILY], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            family.stdout.readline()
        def test_thrown_away():
            print("", file=family.stdin, flush=True)
            family.stdout.readline()
        def test_the_end(): family.communicate("")
    ''')
    reports = pytester.inline_run("-p", "suite.cost").getreports("pytest_runtest_logreport")
    ended, living, after, *thrown = (r.cpu for r in reports if r.when == "teardown")
    assert min(ended, living, thrown[0]) > 0.4  # 운영체제는 100분의 1초씩 셉니다
    assert after < living
    assert thrown[1] < thrown[0], "두 번 더하지 않습니다"
    assert sum((ended, living, after, *thrown)) > 1.4, "버린 것을 빼지 않습니다"


def test_a_tenth_is_spread_from_the_first_to_the_last(monkeypatch):
    monkeypatch.setattr(effort, "PROOF", False)
    assert effort.trials(400) == 40
    assert effort.trials(3) == 1
    chosen = effort.some(range(100))
    assert (len(chosen), chosen[0], chosen[-1]) == (10, 0, 99)
    assert effort.some([7]) == [7]
    monkeypatch.setattr(effort, "PROOF", True)
    assert effort.trials(400) == 400
    assert effort.some(range(100)) == range(100)


COUNTED = """
    import pytest
    from suite.effort import fuzz
    from hypothesis import given, strategies as st

    @pytest.mark.proof
    @pytest.mark.parametrize("nth", range(3))
    def test_kill(nth):
        '''죽입니다'''
        assert nth != 1

    @pytest.mark.proof
    def test_loop(tally):
        '''돌며 셉니다'''
        tally.tried += 40

    @fuzz(200)
    @given(st.integers())
    def test_fuzz(n):
        '''흔듭니다'''

    @pytest.mark.proof(only=True)
    def test_dear():
        '''비쌉니다'''

    def test_plain():
        ...
"""


def test_the_table_tells_what_was_tried_and_what_was_lost(pytester, monkeypatch):
    monkeypatch.setattr(effort, "PROOF", True)
    pytester.makepyfile(COUNTED)
    lines = pytester.runpytest_inprocess("-p", "suite.effort", "-m", "proof").stdout.lines
    told = [" ".join(line.split()) for line in lines]
    for row in (
        "200번 0번 잃음 흔듭니다",
        "40번 0번 잃음 돌며",
        "3번 1번 잃음 죽입",
        "1번 0번 잃음 비쌉",
    ):
        assert any(line.startswith(row) for line in told), told
    assert "244번 1번 잃음 모두" in told


def test_what_only_the_proof_runs_is_left_out_of_the_test(pytester, monkeypatch):
    monkeypatch.setattr(effort, "PROOF", False)
    pytester.makepyfile(COUNTED)
    run = pytester.runpytest_inprocess("-p", "suite.effort")
    run.assert_outcomes(passed=5, failed=1, deselected=1)


@pytest.fixture
def playground(pytester, monkeypatch, tmp_path):
    """도장이 찍힌 실습실과, 그것을 테스트하는 테스트. ``playground(CI)``가 한 번 돌립니다."""
    built = tmp_path / "stamp.txt"
    built.write_text("하나", "utf-8")
    monkeypatch.setattr(unchanged, "BUILT", built)
    monkeypatch.setattr(unchanged, "ROOT", tmp_path)
    monkeypatch.setattr(unchanged, "GREEN", tmp_path / "green")
    pytester.makepyfile("""
        import pathlib, pytest
        @pytest.mark.playground
        def test_lab(): assert not pathlib.Path("broken").exists()
        def test_other(): ...
    """)

    def run(ci="", change="", broken=False):
        monkeypatch.setenv("CI", ci)
        built.write_text(change or built.read_text("utf-8"), "utf-8")
        (pytester.path / "broken").touch() if broken else None
        unchanged.stamp.cache_clear()
        return pytester.runpytest_inprocess("-p", "suite.unchanged").parseoutcomes()

    yield run
    unchanged.stamp.cache_clear()


def test_a_green_playground_is_not_run_again_until_it_changes(playground):
    assert playground() == {"passed": 2}
    assert playground() == {"passed": 1, "skipped": 1}
    assert playground(ci="true") == {"passed": 2}
    assert playground(change="둘") == {"passed": 2}


@pytest.mark.parametrize(("name", "again"), [("reader.py", 2), ("test_feedback.py", 1)])
def test_only_what_the_playground_uses_makes_it_stale(playground, tmp_path, name, again):
    """옆의 도구를 고치면 다시 돌리고, 채점의 피드백을 여는 테스트를 고치면 그대로 둡니다."""
    (tmp_path / "tests/site").mkdir(parents=True)
    playground()
    (tmp_path / "tests/site" / name).write_text("x = 1\n")
    assert playground()["passed"] == again


def test_a_red_playground_is_run_again(playground):
    assert playground() == {"passed": 2}
    assert playground(change="둘", broken=True) == {"passed": 1, "failed": 1}
    assert playground() == {"passed": 1, "failed": 1}


@pytest.mark.skipif(os.name == "nt", reason="유닉스 소켓이 없는 운영체제입니다")
@pytest.mark.parametrize("manager", [KernelManager, AsyncKernelManager])
def test_a_kernel_needs_no_port(manager):
    """nbval과 nbclient와 우리가 띄우는 커널이 모두 여기를 지납니다."""
    kernel = manager()
    kernel.write_connection_file()
    about = json.loads(Path(kernel.connection_file).read_text("utf-8"))
    kernel.cleanup_connection_file()
    assert about["transport"] == "ipc"
    assert len(f"{about['ip']}-{max(kernel.ports)}") < 104, "macOS는 103바이트까지입니다"
