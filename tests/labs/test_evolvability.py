"""실습 19: 교훈이 시드 마흔 개에서 성립하며, 대조군이 실패합니다."""

from __future__ import annotations

from statistics import mean, stdev

import pytest

from ddialab.experiments.evolvability import scenes
from ddialab.experiments.evolvability.by_hand import RECENT
from ddialab.experiments.evolvability.compatibility import CHANGES, FAILED, GOOD, SAME, judge
from ddialab.experiments.evolvability.drill import MOVES, migrate_under_load, roll_back_under_load
from ddialab.experiments.evolvability.rolling_upgrade import (
    SHARES,
    expected_lost_share,
    mixed_fleet,
    quick_upgrade,
    rolling_upgrade,
)
from ddialab.experiments.evolvability.versions import TREATMENT_NAMES
from ddialab.ops.schema import FORMATS
from hands import code_of
from playing import met, played, told
from suite.effort import some

LAB = "19-evolvability"
SEEDS = range(40)
OTHERS = range(40, 60)  # 노트북이 시드 40개(0부터)에서 이미 보이는 것은 다른 시드에서 봅니다


def test_the_committed_lab_says_what_the_lesson_says(committed):
    results = committed(LAB)[1]
    assert results["failed"] == results["real-failed"] == results["live-failed"] == "0건"
    assert results["real-kept"] == results["live-lost"] == results["live-extra"] == "0건"
    assert results["harmed-careful"] == "0번"


# ── 롤링 업그레이드 ──


@pytest.mark.proof
@pytest.mark.parametrize("seed", some(SEEDS))
def test_the_deploy_of_the_story_loses_many_fields_and_fails_nothing(seed):
    story = rolling_upgrade("drop", seed)
    assert story.failed == 0
    assert len(story.ledger.lost) > 20


@pytest.fixture(scope="module")
def upgrades():
    return {way: [quick_upgrade(way, seed) for seed in SEEDS] for way in TREATMENT_NAMES}


def test_the_control_loses_fields_while_every_request_succeeds(upgrades):
    for upgrade in upgrades["drop"]:
        assert upgrade.failed == 0
        assert len(upgrade.ledger.lost) > 0


@pytest.mark.parametrize("way", ["preserve", "wait"])
def test_the_cure_loses_nothing_and_fails_nothing(upgrades, way):
    for upgrade in upgrades[way]:
        assert upgrade.failed == 0
        assert upgrade.ledger.lost == {}
        assert len(upgrade.ledger.tagged) > 0


def test_refusing_trades_lost_fields_for_failed_requests(upgrades):
    for upgrade in upgrades["refuse"]:
        assert upgrade.ledger.lost == {}
        assert upgrade.failed == len(upgrade.ledger.refused) > 0


def test_waiting_pays_with_a_later_feature(upgrades):
    for soon, late in zip(upgrades["preserve"], upgrades["wait"], strict=True):
        assert min(late.ledger.tagged.values()) >= max(late.upgraded.values())
        assert len(late.ledger.tagged) < len(soon.ledger.tagged)


def test_both_versions_really_served_at_the_same_time(upgrades):
    """업그레이드가 순식간이면 두 버전이 함께 살지 않고, 대조군도 우연히만 잃습니다."""
    upgrade = upgrades["drop"][0]
    first, last = min(upgrade.upgraded.values()), max(upgrade.upgraded.values())
    assert len(upgrade.upgraded) == len(upgrade.run.spec.nodes)
    assert last - first > upgrade.run.spec.duration / 2
    assert all(first <= time <= last + 1 for time in upgrade.ledger.lost.values())


def test_the_format_does_not_matter(upgrades):
    for way in ("drop", "preserve"):
        avro = quick_upgrade(way, 3, format="avro").ledger
        assert avro == upgrades[way][3].ledger


def test_the_same_seed_gives_the_same_upgrade(upgrades):
    again = quick_upgrade("drop", 5)
    assert again.ledger == upgrades["drop"][5].ledger != upgrades["drop"][6].ledger
    assert again.run.log.digest() == upgrades["drop"][5].run.log.digest()


@pytest.mark.parametrize("share", SHARES[1:-1])
def test_the_lost_share_matches_the_closed_form(share):
    values = [mixed_fleet(share, "drop", seed).lost_share for seed in SEEDS]
    error = stdev(values) / len(values) ** 0.5
    assert mean(values) == pytest.approx(expected_lost_share(share), abs=3.5 * error)


# ── 마이그레이션 ──


@pytest.fixture(scope="module")
def drills():
    return {way: [migrate_under_load(way, seed) for seed in OTHERS] for way in MOVES}


def test_the_careful_way_harms_nobody_in_any_run(drills):
    for drill in drills["careful"]:
        assert drill.harmless
        assert not drill.stopped
        assert drill.units[-1][1] == "contract"


def test_renaming_at_once_fails_requests_in_every_run(drills):
    assert all(drill.failures for drill in drills["at-once"])


def test_not_waiting_harms_most_runs(drills):
    assert sum(not drill.harmless for drill in drills["no-waiting"]) > len(OTHERS) / 2


def test_a_blind_backfill_overwrites_newer_text_in_some_runs(drills):
    """드물어서 위험합니다: 어떤 시드에서는 멀쩡하고, 실패한 요청은 하나도 없습니다."""
    stale = [bool(drill.stale) for drill in drills["blind"]]
    assert any(stale)
    assert not all(stale)
    assert not any(drill.failures for drill in drills["blind"])


def test_two_neighbouring_modes_really_overlapped(drills):
    drill = drills["careful"][0]
    followed = [{mode: time for time, mode in seen} for seen in drill.modes.values()]
    for mode in ("dual", "switched", "new"):
        times = [modes[mode] for modes in followed]
        assert max(times) - min(times) > 0.1


@pytest.mark.proof
@pytest.mark.parametrize("step", some([4, 1, 2, 3, 5]))
def test_rolling_back_any_step_harms_nobody(step):
    for seed in SEEDS:
        drill = roll_back_under_load(step, seed)
        assert drill.harmless
        assert (drill.rewritten > 0) == (step == 5)


def test_the_more_safeguards_are_left_out_the_more_runs_are_harmed(drills):
    harmed = {way: sum(not drill.harmless for drill in drills[way]) for way in MOVES}
    assert harmed["careful"] == 0 < harmed["blind"] < harmed["no-waiting"] <= harmed["at-once"]


# ── 스키마 ──


def test_no_change_is_safe_in_every_column():
    """표의 결론: 빼기(기본값 있던 것) 말고는 어딘가 깨지고, 더하기는 읽고 다시 쓰기만 깨집니다."""
    safe = [c.name for c in CHANGES if GOOD.issuperset(vars(judge(c, "avro")).values())]
    assert safe == ["필드 빼기(기본값 있던 것)"]


# ── 장면 ──

ONE = [(3_000, "upgrade", "n1")]  # 하나만 새 버전으로: 두 버전이 끝까지 섞여 지냅니다


@pytest.mark.parametrize("seed", SEEDS)
def test_the_scene_asks_before_the_loss_is_seen_and_no_request_fails(seed):
    play = played(scenes.RELEASE, seed, [2], ONE)  # 초당 6건: 어느 시드에서나 만날 만큼 잦습니다
    kinds = [(kind, what) for _, kind, *what in play.changes]
    counts = [what for kind, what in kinds[: kinds.index(("ask", [scenes.FATE.id]))]]
    assert ["tagged"] in [what[:1] for what in counts if what[1:] != [0]]
    assert not any("잃" in str(what) or "없어" in str(what) for what in counts)
    assert told(play.changes, "answer") == [(scenes.FATE.id, *2 * scenes.FATE.choices[2:])]
    assert play.world.lost
    assert play.world.picture.counts["fail"] == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_post_that_lost_its_tag_stays_in_sight(seed):
    """갓 쓴 글 넷에 밀려나면, 태그가 사라졌다는 것을 말로만 듣게 됩니다."""
    play = played(scenes.RELEASE, seed, [2], ONE)
    shown = {}
    for key, text in told(play.changes, "put", "store"):
        shown[key] = text
        if text is None:
            del shown[key]
        assert len(shown) <= RECENT
    assert f"글 {play.world.lost[-1]}" in shown
    assert "잃음" in shown[f"글 {play.world.lost[-1]}"]
    assert all("#" in text for key, text in shown.items() if int(key[2:]) in kept(play.world))


def kept(world):
    return set(world.tagged) - set(world.lost)


def test_a_deploy_is_not_called_a_reboot():
    said = [text for (text,) in told(played(scenes.RELEASE, 1, script=ONE).changes, "say")]
    off = next(i for i, text in enumerate(said) if "재부팅" in text)
    assert said[off + 1] == "n1: 새 버전으로 바꾸려고 끕니다.", "같은 순간의 뒤 문장이 보입니다"


def test_nothing_is_lost_before_the_reader_deploys():
    play = played(scenes.RELEASE, 1)
    assert (told(play.changes, "ask"), play.world.tagged) == ([], [])


def test_a_rollback_edits_what_the_new_version_wrote():
    script = [(2_000, "upgrade", "n1"), (2_000, "upgrade", "n2"), (2_000, "upgrade", "n3")]
    play = played(scenes.RELEASE, 1, [2], script)
    assert play.world.lost == []
    assert play.world.picture.counts["fail"] > 0, "셋을 한꺼번에 끄면 받을 서버가 없습니다"
    back = played(scenes.RELEASE, 1, [2], [*script, (12_000, "rollback", "n1")])
    assert back.world.lost


def test_dropping_loses_nothing_when_the_versions_hardly_mix():
    """도전 다음의 물음: 셋을 한꺼번에 바꾸고, 돌아오자마자 남은 하나를 바꿉니다."""
    script = [(2_000, "upgrade", node) for node in ("n1", "n2", "n3")]
    assert any(
        met(scenes.LOSSLESS, seed, (0, 1), [*script, (5_000, "upgrade", "n4")])
        for seed in SEEDS[:5]
    )


# ── 바꿔 보기 ──


def edits_are_rare_or_many(reader, _):
    peaks = [peak_of(reader)]
    for old, new in [("", "edit=0.1"), ("edit=0.1", "edit=0.6")]:
        reader.edit(f"TRAFFIC = Traffic({old})", f"TRAFFIC = Traffic({new})")
        reader.run_below("TRAFFIC = Traffic(")
        assert reader.broken() == []
        peaks.append(peak_of(reader))
    as_it_was, rare, many = peaks
    assert all(r < a < m for r, a, m in zip(rare, as_it_was, many, strict=True))


def peak_of(reader):
    """봉우리의 자리, 점선의 높이, 점의 높이."""
    return reader.value("(worst, curve[worst], mean(run.lost_share for run in mixed[0.5]))")


def the_old_version_knows_the_value(reader, item):
    wow, bad = reader.run(code_of(item)).splitlines()
    assert str(dict.fromkeys(FORMATS, FAILED)) in wow
    assert str(dict.fromkeys(FORMATS, SAME)) in bad


def another_forty_seeds(reader, item):
    code = code_of(item)
    for first in (100, 140, 200):
        runs, failed = reader.run(code.replace("first = 100", f"first = {first}")).splitlines()
        assert len(runs) == len(SEEDS)
        assert 10 < runs.count("×") < 30, "한 번만 돌려서는 찾을지 못 찾을지 모릅니다"
        assert failed == "실패한 요청: 0"


def wait_for_a_ghost(reader, item):
    reader.edit("migration.aim()", 'ghost = Replica("유령", database)\nmigration.aim()')
    for run in (lambda ghost: reader.execute([reader.cell(ghost)]), reader.run_below):
        run("ghost = ")
        assert "아직 따라오지 않은 복제본: 유령" in reader.cell("ghost = ").outputs[0].text
        assert reader.broken() == []
        assert "6단계까지 마쳤습니다" in reader.run(code_of(item))


TRIES = {
    "`TRAFFIC = Traffic()`": edits_are_rare_or_many,
    "enum 값 추가": the_old_version_knows_the_value,
    'migrate_under_load("blind", seed)': another_forty_seeds,
    'ghost = Replica("유령", database)': wait_for_a_ghost,
}
