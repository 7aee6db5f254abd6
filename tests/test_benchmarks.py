"""`make bench`의 표: 어기면 1로 끝나고, 재지 못하거나 틀어진 것이 다음 것을 막지 않습니다."""

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


def test_an_unknown_name_is_refused():
    with pytest.raises(SystemExit, match="cluster"):
        bench.main(["clutser"])
