"""실습 09의 더 파기: 진짜 프로세스를 폭주시키고 죽이고, 조용한 버그와 느린 의존 서비스를 봅니다."""

from __future__ import annotations

import json
import sys
from statistics import mean

import pytest

import micropython
from ddialab.core.errors import InvalidValue, MissingCapability
from ddialab.experiments.software_errors import real_poison, runaway
from ddialab.experiments.software_errors.crash_loop import ENOUGH, FAULTS, WAITS, restarted
from ddialab.experiments.software_errors.real_poison import KILLS, POISON, REQUESTS, WORKERS, serve
from ddialab.experiments.software_errors.self_check import EVERY, GAP, watched
from ddialab.experiments.software_errors.slow_dependency import (
    COOLDOWN,
    FAILURES,
    THREADS,
    TIMEOUT,
    slowed,
    threads_needed,
)
from ddialab.resilience.breaker import OPEN, Breaker
from ddialab.resilience.quarantine import Quarantine
from live.carry import carry
from suite.effort import trials

SEEDS = range(40, 80)
linux = pytest.mark.skipif(sys.platform != "linux", reason="지켜지는 한도는 리눅스에만 있습니다")

# --- 폭주 ---

STOPPED_BY = {"memory": "MemoryError", "cpu": "SIGXCPU", "disk": "OSError", "files": "OSError"}
MOST = {"memory": 128, "cpu": 1, "disk": 4, "files": 32}  # 한도. 먹은 양과 같은 단위입니다


@linux
@pytest.mark.proof
@pytest.mark.parametrize("kind", STOPPED_BY)
@pytest.mark.parametrize("nth", range(trials(50)))
def test_a_runaway_is_stopped_at_its_limit(kind, nth):
    """폭주하는 프로세스를 한도로 가둡니다"""
    held = runaway.runaway(kind, limited=True)
    assert held["ended"] == STOPPED_BY[kind]
    assert MOST[kind] / 2 < held["eaten"] <= MOST[kind]


@linux
@pytest.mark.parametrize("kind", STOPPED_BY)
def test_without_a_limit_a_runaway_goes_on_until_it_stops_itself(kind):
    free = runaway.runaway(kind, limited=False)
    assert free == {"eaten": runaway.RUNAWAYS[kind][1], "ended": "ceiling"}
    assert free["eaten"] > MOST[kind], "한도가 없는 쪽이 한도를 넘지 않았습니다"


# --- 크래시 루프 ---


@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(50)))
def test_restarting_cures_what_passes_and_a_crash_loop_is_given_up(nth):
    """켜다가 죽는 프로세스를 다시 켭니다"""
    passing = restarted("passing", WAITS["backoff"])
    assert (passing["starts"], passing["alive"]) == (FAULTS["passing"] + 1, True)
    assert passing["waits"] == sorted(set(passing["waits"])), "간격이 늘지 않습니다"
    lasting = restarted("lasting", WAITS["backoff"])
    assert (lasting["starts"], lasting["alive"]) == (WAITS["backoff"].most + 1, False)
    assert "내리" in lasting["reason"]


def test_without_backoff_a_crash_loop_goes_on_and_without_restarts_nothing_heals():
    endless = restarted("lasting", WAITS["at once"])
    assert (endless["starts"], endless["alive"], endless["reason"]) == (ENOUGH, False, "")
    assert set(endless["waits"]) == {0.0}
    dead = restarted("passing", WAITS["never"])
    assert (dead["starts"], dead["alive"]) == (1, False)


@pytest.mark.parametrize(("fault", "enough"), [("없는 결함", 3), ("lasting", 0)])
def test_a_fault_that_is_not_known_is_refused(fault, enough):
    with pytest.raises(InvalidValue):
        restarted(fault, WAITS["backoff"], enough)  # 다른 값: 거절할 것


# --- 독이 든 요청 ---


@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(50)))
def test_a_poison_kills_every_worker_until_it_is_quarantined(nth):
    """독이 든 요청을 진짜 워커 셋에 보냅니다"""
    retried = serve(None)
    assert retried == {"answered": POISON - 1, "deaths": WORKERS, "alive": 0, "dead": []}
    cured = serve(Quarantine(KILLS))
    assert cured == {
        "answered": REQUESTS - 1, "deaths": KILLS, "alive": WORKERS - KILLS, "dead": [str(POISON)],
    }  # fmt: skip


def test_workers_that_are_started_again_die_again():
    again = serve(None, restarts=WORKERS)  # 다른 값: 모두 한 번씩 다시 켭니다
    assert again == {"answered": POISON - 1, "deaths": 2 * WORKERS, "alive": 0, "dead": []}


def test_the_steps_of_the_lab_can_be_saved(monkeypatch):
    """실습이 저장하는 꼴은 이 함수들이 돌려주는 것입니다. 프로세스는 위의 테스트가 띄웁니다."""
    monkeypatch.setattr(runaway, "runaway", lambda kind, limited: {"eaten": 1.0, "ended": kind})
    monkeypatch.setattr(real_poison, "serve", lambda quarantine, restarts=0: {"deaths": restarts})
    assert set(json.loads(json.dumps(runaway.runaways()))) == set(STOPPED_BY)
    assert set(real_poison.poisoned()) == {"retry", "restart", "quarantine"}


def test_in_the_browser_every_step_says_that_it_cannot_run(monkeypatch):
    monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
    steps = [lambda: runaway.runaway("cpu", True), lambda: restarted("lasting", WAITS["never"]),
             lambda: serve(None)]  # fmt: skip
    for step in steps:
        with pytest.raises(MissingCapability):
            step()


# --- 들어온 것과 나간 것 ---


def test_counting_finds_the_silent_bug_that_the_health_check_passes():
    for seed in SEEDS:
        report = watched(True, seed)
        assert report.healthy, "조용한 버그인데 헬스 체크가 알아챘습니다"
        assert report.missing[-1] > 0
        assert 0 <= report.noticed - report.lost_at <= EVERY


def test_without_the_bug_counting_never_alarms_although_the_health_check_does():
    reports = [watched(False, seed) for seed in SEEDS]
    assert not any(any(report.missing) for report in reports)
    assert sum(not report.healthy for report in reports) > len(SEEDS) / 2, "거절은 눈에 보입니다"


def test_counts_read_at_different_moments_alarm_without_a_bug():
    # 다른 값: 대조군. 따로따로 읽습니다
    assert all(any(watched(False, seed, GAP).missing) for seed in SEEDS)


# --- 느린 의존 서비스 ---


def test_a_slow_dependency_stops_what_does_not_use_it_and_a_breaker_cures_that():
    without = [slowed(None, seed) for seed in SEEDS]
    breakers = [Breaker(FAILURES, COOLDOWN) for _ in SEEDS]
    cured = [slowed(breaker, seed) for breaker, seed in zip(breakers, SEEDS, strict=True)]
    assert max(one.others for one in without) < 0.4
    assert min(one.others for one in cured) > 0.95
    assert max(one.calls for one in cured) < min(one.calls for one in without) / 5
    assert not any(breaker.state == OPEN for breaker in breakers), "나은 뒤에도 끊겨 있습니다"


def test_the_price_of_the_breaker_is_a_later_return():
    """낫고도 다음에 하나를 보내 볼 때까지는 모릅니다."""
    cured = [slowed(Breaker(FAILURES, COOLDOWN), seed).back for seed in SEEDS]
    assert mean(cured) > mean(slowed(None, seed).back for seed in SEEDS)
    assert max(cured) <= COOLDOWN + TIMEOUT


@pytest.mark.parametrize("timeout", [0.25, 0.4])
def test_a_short_enough_timeout_needs_no_breaker(timeout):
    """반례: 기다리는 스레드가 다 차지 않으면 나머지는 멈추지 않습니다."""
    assert threads_needed(timeout) < THREADS  # 다른 값: 반례
    assert min(slowed(None, seed, timeout).others for seed in SEEDS) > 0.98  # 다른 값: 반례


@pytest.mark.parametrize("timeout", [1.0, 4.0])
def test_more_waiting_threads_than_there_are_stop_the_rest(timeout):
    assert threads_needed(timeout) > THREADS  # 다른 값: 더 긴 시간 제한에서도
    assert max(slowed(None, seed, timeout).others for seed in SEEDS) < 0.6  # 다른 값: 위와 같음


# --- 책의 페이지 안에서 ---


def test_the_models_answer_alike_in_micropython():
    here = "ddialab.experiments.software_errors."
    carried = carry([f"{here}slow_dependency:slowed", f"{here}self_check:watched",
                     "ddialab.resilience.breaker:Breaker"])  # fmt: skip
    slow, check, breaker = carried.names.values()
    asks = [
        f"print(json.dumps([list({slow}({breaker}({FAILURES}, {COOLDOWN}), {seed})), "
        f"list({check}(True, {seed}))]))"
        for seed in SEEDS[:2]
    ]
    said = micropython.run(carried.text, asks)
    assert said.error == ""
    mine = [[slowed(Breaker(FAILURES, COOLDOWN), seed), watched(True, seed)] for seed in SEEDS[:2]]
    assert [json.loads(line) for line in said.lines] == json.loads(json.dumps(mine))
