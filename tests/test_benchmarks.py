"""`make bench`의 표: 어기면 1로 끝나고, 재지 못하거나 틀어진 것이 다음 것을 막지 않습니다."""

import subprocess
import sys

import pytest
from benchmarks import __main__ as bench
from benchmarks import cluster, grading, queueing
from benchmarks.promise import Promise, Unmeasured

KEPT = Promise("줄 서기", "9배", "5배 이상", True)
BROKEN = KEPT._replace(what="시뮬레이션", kept=False)


def unmeasured():
    raise Unmeasured("npm이 없습니다")


def failed():
    raise OSError("공간이 없습니다")


@pytest.mark.parametrize(
    ("make", "said", "code"),
    [
        (lambda: [KEPT], "| 줄 서기 | 9배 | 5배 이상 | 지킴 |", 0),
        (lambda: [BROKEN], "| 시뮬레이션 | 9배 | 5배 이상 | 어김 |", 1),
        (unmeasured, "| grading | npm이 없습니다 |  | 재지 못함 |", 0),
        (failed, "| grading | OSError: 공간이 없습니다 | 끝까지 재기 | 어김 |", 1),
    ],
)
def test_every_line_is_told_and_a_broken_promise_fails(monkeypatch, capsys, make, said, code):
    monkeypatch.setattr(grading, "promises", make)
    monkeypatch.setattr(queueing, "promises", lambda: [KEPT])
    assert bench.main(["grading", "queueing"]) == code
    assert capsys.readouterr().out.splitlines()[-2:] == [said, str(KEPT)]


def test_slower_than_promised_is_broken(monkeypatch):
    slow = cluster.Speeds(silent=49, recording=30, simpy=10)
    monkeypatch.setattr(cluster, "compare", lambda rounds: slow)
    assert [promise.kept for promise in cluster.promises()] == [False]


def test_every_part_loads_where_make_bench_looks():
    """여기서는 pytest가 찾아 주는 모듈을 `make bench`는 못 찾을 수 있습니다."""
    script = (
        "import sys; from importlib import import_module\n"
        "from benchmarks.__main__ import FOLDERS, NAMES, ROOT\n"
        "sys.path[:0] = [str(ROOT / folder) for folder in FOLDERS]\n"
        "for name in NAMES: import_module(f'benchmarks.{name}')"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=bench.ROOT, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()[-500:]


def test_an_unknown_name_is_refused():
    with pytest.raises(SystemExit, match="cluster"):
        bench.main(["clutser"])
