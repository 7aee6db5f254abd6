"""실습 19: 두 서버에서 끝까지 돌고, 교훈이 씨앗 마흔 개에서 성립하며, 대조군이 실패합니다."""

from __future__ import annotations

import pytest

from ddialab.core.recorded import NOTICE
from ddialab.ops.compatibility import CHANGES, FAILED, judge
from ddialab.ops.migration_drill import migrate_under_load, roll_back_under_load
from ddialab.ops.upgrade import Traffic, mixed_fleet, rolling_upgrade
from postgres_server import postgres_url  # noqa: F401

SEEDS = range(40)
TIMED = {
    "real-requests",
    "real-lost",
    "kills",
    "live-requests",
    "live-posts",
}  # 진짜 스레드와 프로세스의 수라 돌릴 때마다 다릅니다
DEPLOY = {"nodes": 5, "rate": 20.0, "gap": 2.0, "traffic": Traffic(publish=0.3, edit=0.6)}


@pytest.mark.parametrize("backend", ["embedded", "local"])
def test_the_lab_runs_on_both_backends(run_lab, backend):
    results = run_lab("19-evolvability", backend).results
    assert results["failed"] == results["real-failed"] == results["live-failed"] == "0건"
    assert results["real-kept"] == results["live-lost"] == results["live-extra"] == "0건"
    assert results["harmed-careful"] == "0번"


def test_both_backends_tell_the_same_lesson(run_lab):
    embedded, local = (run_lab("19-evolvability", b).results for b in ("embedded", "local"))
    assert embedded.keys() == local.keys()
    assert all(embedded[name] == local[name] for name in embedded.keys() - TIMED)


def test_the_lab_runs_on_postgres(run_lab, request):
    url = request.getfixturevalue("postgres_url")
    run = run_lab("19-evolvability", "", DATABASE_URL=url)
    assert "PostgreSQL" in run.text
    assert run.results["live-lost"] == run.results["live-failed"] == "0건"


def test_without_processes_the_recorded_run_is_shown_as_such(run_in_browser):
    run = run_in_browser("19-evolvability")
    assert run.text.count(NOTICE) == 2
    assert run.results["real-failed"] == run.results["live-failed"] == "0건"


def test_a_rolling_upgrade_loses_fields_without_the_cure_and_none_with_it():
    for seed in SEEDS:
        control, cured = (rolling_upgrade(way, seed, **DEPLOY) for way in ("drop", "preserve"))
        assert control.failed == cured.failed == 0
        assert len(control.ledger.lost) > 0 == len(cured.ledger.lost)


def test_only_a_mixture_of_versions_loses_fields():
    lost = {share: sum(len(mixed_fleet(share, "drop", seed, posts=20).lost) for seed in SEEDS)
            for share in (0.0, 0.5, 1.0)}  # fmt: skip
    assert lost[0.0] == lost[1.0] == 0 < lost[0.5]


def test_a_careful_migration_harms_nobody_and_the_controls_do():
    harmed = {
        way: sum(not migrate_under_load(way, seed).harmless for seed in SEEDS)
        for way in ("careful", "at-once", "no-waiting", "blind")
    }
    assert harmed["careful"] == 0 < harmed["blind"] < harmed["no-waiting"] <= harmed["at-once"]
    assert harmed["at-once"] == len(SEEDS)


def test_undoing_needs_the_data_only_from_the_fifth_step_on():
    for seed in SEEDS:
        assert (
            roll_back_under_load(4, seed).rewritten == 0 < roll_back_under_load(5, seed).rewritten
        )


def test_no_change_is_safe_in_every_column():
    """표의 결론: 빼기(기본값 있던 것) 말고는 어느 칸인가가 깨지고, 더하기는 되적기만 깨집니다."""
    unsafe = [
        change.name
        for change in CHANGES
        if FAILED in vars(judge(change, "avro")).values()
        or judge(change, "avro").write_back != "남음"
    ]
    assert len(unsafe) == len(CHANGES) - 1
