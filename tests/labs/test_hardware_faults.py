"""실습 07의 교훈이 노트북의 시드만의 행운이 아닌지, 다른 시드 40개로 다시 봅니다."""

import re

import numpy as np
import pytest

from ddialab.core import metrics
from ddialab.core.errors import InvalidValue
from ddialab.experiments.hardware_faults import redundancy, scenes, trials
from ddialab.experiments.hardware_faults.redundancy import (
    DISKS,
    MTTF_YEARS,
    dead_disks,
    unavailability,
)
from hands import code_of
from playing import changes, last, told
from policies import function

SEEDS = range(1000, 1040)  # 노트북은 0–39를 씁니다
MORE_SEEDS = range(1000, 1120)  # 랙 전원은 한 해에 몇 번뿐이라 더 많은 해를 봅니다


def holds(values, formula):
    """공식이 여러 실행의 99.9% 구간 안에 듭니다."""
    _, low, high = metrics.mean_interval(values, confidence=0.999)
    return low <= formula <= high


@pytest.mark.parametrize("years", [10, 30, 50, 200])
def test_ten_thousand_disks_follow_division_and_poisson(years):
    days = np.array([dead_disks(mttf_years=years, seed=s) for s in SEEDS])
    rate = DISKS / (years * 365)
    assert holds(days.mean(1), rate)
    assert days.var() == pytest.approx(days.mean(), rel=0.05)  # 포아송은 분산과 평균이 같습니다
    counted = redundancy.days_by_count(years, seeds=SEEDS)
    assert holds(counted[:, 0], redundancy.poisson_days(years)[0])
    assert (counted[:, :2] == np.transpose([(days == n).sum(1) for n in (0, 1)])).all()


@pytest.mark.parametrize("rate", [1 / 50, 1 / 10, 0.005])
def test_disks_of_both_editions_die_as_often_as_the_division_says(rate):
    assert holds(redundancy.deaths(rate, seeds=SEEDS), DISKS * rate)


def test_the_first_picture_is_not_luck():
    quiet = [(dead_disks(seed=s) == 0).sum() for s in SEEDS]
    assert max(quiet) < 365 / 2


def test_control_without_replicas_fails_in_every_year():
    assert unavailability("A", seeds=SEEDS).min() > 0


@pytest.mark.parametrize("mttr", [3, 2, 1])
def test_replicas_follow_the_parallel_formula(mttr):
    means = []
    for n in (1, 2, 3):
        values = unavailability("ABC"[:n], mttr, seeds=SEEDS)
        assert holds(values, redundancy.all_down(n, mttr)), n
        means.append(values.mean())
    assert means[0] > 3 * means[1] > 9 * means[2]


def test_majorities_follow_the_binomial_and_even_numbers_are_worse():
    means = []
    for n in (1, 2, 3, 4, 5):
        values = unavailability("ABCDE"[:n], need=metrics.majority(n), seeds=SEEDS)
        assert holds(values, redundancy.no_majority(n)), n
        means.append(values.mean())
    assert means[1] > means[0] > means[2] > means[4]
    assert means[3] > means[2]


@pytest.mark.parametrize("racks", ["AAA", "AAB", "ABC"])
def test_racks_in_series_are_right_and_independence_is_wrong(racks):
    values = unavailability(racks, power=True, seeds=MORE_SEEDS)
    assert holds(values, redundancy.power_in_series(racks))
    naive = redundancy.independent(3)
    if racks == "AAA":
        assert metrics.mean_interval(values, 0.999)[1] > 5 * naive
    if racks == "ABC":
        assert holds(values, naive)


def test_vanishing_vms_must_be_replaced():
    left = redundancy.vm_runs(auto_replace=False, seeds=SEEDS)
    kept = redundancy.vm_runs(auto_replace=True, seeds=SEEDS)
    days = np.arange(0, redundancy.YEAR, 30)
    curve = np.mean([redundancy.alive(run.log, days) for run in left], axis=0)
    assert abs(curve - redundancy.expected_vms(days)).max() < 0.5
    assert sum(run.lost_at is not None for run in left) > 30
    assert all(run.lost_at is None and run.availability > 0.999 for run in kept)
    assert np.mean([run.availability for run in left]) < 0.6


@pytest.mark.parametrize("repair", [1, 3, 7, 14])
def test_the_race_between_repair_and_the_second_disk(repair):
    formula = redundancy.expected_lost_share(repair)
    # 공식은 잃기까지의 시간을 지수분포로 어림합니다: 짧은 한 해에는 조금 크게 나옵니다
    _, low, high = metrics.mean_interval(redundancy.lost_share(repair, seeds=SEEDS), 0.999)
    assert low - 0.02 <= formula <= high + 0.02


def test_rolling_reboot_fails_nothing_and_the_naive_ones_always_fail():
    def failures(gap, **how):
        return redundancy.failures(gap, **how, seeds=SEEDS)

    assert failures(0).min() > 0
    assert failures(5).min() > 0
    assert failures(15, drain=False).min() > 0
    assert failures(10).max() == failures(15).max() == 0
    assert failures(15, drain=False, retries=1).max() == 0


# --- 장면 ---


def test_the_front_page_fails_briefly_whatever_the_seed():
    briefly = scenes.FATE.choices[1]
    assert {last(changes(scenes.INCIDENT, s), "answer", scenes.FATE.id) for s in SEEDS} == {briefly}


def test_the_front_page_says_why_it_failed_only_briefly():
    for seed in SEEDS:
        assert "알아챌 때까지" in last(changes(scenes.INCIDENT, seed), "say")
        mended = changes(scenes.INCIDENT, seed, script=[(4_500, "repair", "n1")])
        assert not any("알아챌" in text for (text,) in told(mended, "say")), "고쳐서 그친 것입니다"


def test_a_blackout_names_every_server_of_the_rack():
    for seed in SEEDS:
        said = [text for (text,) in told(blackout(seed), "say")]
        assert "n1, n2: 전원이 나갔습니다." in said
        assert "로드 밸런서가 이제 n1, n2에 요청을 보내지 않습니다." in said


def blackout(seed):
    return changes(scenes.TOY, seed, script=[(5_000, "power", "A")])


def test_the_answer_of_the_front_page_follows_what_the_reader_did():
    """독자가 n2까지 껐으면, 지켜보던 답도 달라져야 합니다."""
    both, on = [(2_000, "kill", "n2")], scenes.FATE.choices[2]
    for seed in SEEDS:
        assert last(changes(scenes.INCIDENT, seed, script=both), "answer", scenes.FATE.id) == on


@pytest.mark.parametrize(("second", "left"), [(4_000, 0), (7_000, 0), (13_000, 2)])
def test_copies_are_lost_only_while_one_is_being_copied(second, left):
    """복제가 끝나기 전에 남은 사본까지 고장 나면 데이터를 잃고, 끝난 뒤라면 다시 둘이 됩니다."""
    script = [(3_000, "disk", "n1"), (second, "disk", "n2")]
    for seed in SEEDS:
        seen = changes(scenes.COPIES, seed, script=script)
        assert last(seen, "count", "copies") == left
        assert left or last(seen, "count", "fail") > 0
        assert last(seen, "state", "n1") == ("ok" if left else "suspect"), (
            "끝없이 복구하지 않습니다"
        )


# --- 실험 ---


def test_dead_disks_follow_the_arithmetic():
    total = sum(dead_disks(seed=s).sum() for s in range(10))
    expected = 10 * DISKS / MTTF_YEARS
    assert total == pytest.approx(expected, abs=4 * np.sqrt(expected))


def test_dead_disks_are_replaced():
    # 바꾸지 않으면 한 대가 한 번만 죽습니다
    assert dead_disks(10, mttf_years=0.01, days=365).sum() > 500  # 다른 값: 자주 죽게


def test_dead_disks_are_deterministic():
    assert (dead_disks(1000, 5, seed=1) == dead_disks(1000, 5, seed=1)).all()  # 다른 값: 빨리
    assert (dead_disks(1000, 5, seed=1) != dead_disks(1000, 5, seed=2)).any()  # 다른 값: 빨리


@pytest.mark.parametrize("bad", [(0, 1), (10, 0)])
def test_impossible_disks_are_refused(bad):
    with pytest.raises(InvalidValue):
        dead_disks(*bad)


# --- 바꿔 보기 ---

OTHER_YEARS = (0, 1000, 2000, 3000)  # 시드 마흔 개의 첫 번째. 0은 노트북의 것입니다


def by_luck(reader, racks):
    """``racks``마다, 정전이 있는 마흔 해의 실패를 시드를 바꾸어 가며."""
    reader.run("unavailability.cache_clear()")
    return reader.value(
        f"[[float(unavailability(racks, power=True, seeds=range(first, first + 40)).mean())"
        f" for racks in {racks}] for first in {OTHER_YEARS}]"
    )


def half_a_day(reader, item):
    old, new = re.findall(r"`(\[[\d., ]+\])`", item)
    reader.edit(f'mttr=("서버 복구 시간", {old}', f'mttr=("서버 복구 시간", {new}')
    reader.run_below('mttr=("서버 복구 시간"')
    assert reader.broken() == []
    assert 6 < redundancy.all_down(3, 1) / redundancy.all_down(3, 0.5) < 8
    for first in OTHER_YEARS:
        years = f'unavailability("ABC", 0.5, seeds=range({first}, {first + 40}))'
        assert reader.value(f"int(({years} == 0).sum())") > 30, first


def two_racks_of_two(reader, item):
    reader.run(code_of(item))
    assert reader.value("redundancy.POWER_MTTR") == 1
    for days in (5, 1):
        reader.run(f"redundancy.POWER_MTTR = {days}")
        for two, three in by_luck(reader, ("AABB", "ABC")):
            assert (two > three) == (days == 5)


def longer_blackouts(reader, _):
    racks = ("AAA", "ABC")
    before = by_luck(reader, racks)
    cell = reader.cell("from ddialab.experiments.hardware_faults import redundancy")
    cell.source += "\nredundancy.POWER_MTTR = 2"
    reader.run_all()
    assert reader.broken() == []
    for (short, _), (one, apart) in zip(before, by_luck(reader, racks), strict=True):
        assert 1.7 < one / short < 2.3
        assert apart < one / 10


def the_same_two_faults(reader, item):
    own = code_of(item)
    moved = own.replace('"power", "B"', '"power", "A"')
    assert moved != own
    for code, least, most in ((own, 1, 1), (moved, 0.6, 0.71)):
        reader.run(code)
        for seed in range(1, 9):
            served = reader.value(f"float(simulate(spec, plan, seed={seed}).availability)")
            assert least <= served <= most, seed
    reader.run("again = simulate(spec, FaultPlan.from_json(plan.to_json()), seed=1)")
    assert reader.value("list(again.log) == list(simulate(spec, plan, seed=1).log)")


TRIES = {
    "`[0.5, 1, 2]`": half_a_day,
    '`"AABB"`': two_racks_of_two,
    "`redundancy.POWER_MTTR = 2`": longer_blackouts,
    "`plan.to_json()`": the_same_two_faults,
}


@pytest.mark.parametrize("n", [0, -1, 2.5, "3", True])
@pytest.mark.parametrize(
    "of",
    [
        redundancy.all_down,
        metrics.majority,
        redundancy.no_majority,
        redundancy.independent,
    ],
)
def test_machines_are_counted_from_one(of, n):
    with pytest.raises(InvalidValue, match="n="):
        of(n)


def test_avoiding_what_failed_is_worse_than_the_shortest_line_until_it_is_done_gently():
    rivals = {rival.label: rival.make for rival in trials.ROUTING.rivals}
    route = function("routing")

    def gently(servers, chance):
        return min(range(len(servers)), key=lambda i: servers[i][1] + min(servers[i][2], 3))

    def failed(make):
        return np.array([trials.balance(make(seed), seed).score for seed in SEEDS])

    avoiding, shortest = failed(lambda seed: route), failed(rivals["가장 짧은 줄"])
    assert avoiding.mean() > shortest.mean() + 2
    assert failed(lambda seed: gently).mean() < shortest.mean() / 1.5
    assert shortest.mean() < failed(rivals["무작위"]).mean() / 2, "대조군: 아무것도 보지 않는 정책"
