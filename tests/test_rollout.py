from fractions import Fraction
from itertools import combinations
from math import comb, sqrt
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.ops.rollout import (
    CANARY,
    FALSE_ALARM,
    Stage,
    detection_probability,
    expected_hurt,
    expected_requests,
    fisher_exact,
    roll_out,
)
from suite.effort import fuzz

SEEDS = range(60)
OLD, BAD = 0.002, 0.06


def service(bad, old=OLD):
    return lambda new, random: random.random() >= (bad if new else old)


def exact(new_failures, new, old_failures, old):
    """분수로 센 초기하분포의 꼬리."""
    failures = new_failures + old_failures
    ways = (comb(new, k) * comb(old, failures - k) for k in range(new_failures, failures + 1))
    return Fraction(sum(ways), comb(new + old, failures))


@fuzz(1500)
@given(st.integers(0, 60), st.integers(0, 60), st.data())
def test_fisher_agrees_with_exact_fractions(new, old, data):
    x, y = data.draw(st.integers(0, new)), data.draw(st.integers(0, old))
    assert fisher_exact(x, new, y, old) == pytest.approx(float(exact(x, new, y, old)), rel=1e-9)


def test_fisher_agrees_with_counting_every_shuffle():
    """정의 그대로: 실패 셋을 요청 여덟에 흩을 때 새 설정(앞의 셋)에 둘 이상 몰린 비율."""
    shuffles = list(combinations(range(8), 3))
    crowded = sum(len({0, 1, 2} & set(failed)) >= 2 for failed in shuffles)
    assert fisher_exact(2, 3, 1, 5) == pytest.approx(crowded / len(shuffles))


def test_fisher_stays_exact_for_large_counts():
    value = fisher_exact(30, 2000, 400, 58_000)
    assert value == pytest.approx(float(exact(30, 2000, 400, 58_000)), rel=1e-6)


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (0, 10, 5, 10), (0, 5, 0, 0)])
def test_no_excess_of_failures_is_no_evidence(counts):
    assert fisher_exact(*counts) == pytest.approx(1.0)


@pytest.mark.parametrize(
    "counts",
    [(3, 2, 0, 5), (-1, 2, 0, 5), (0, 2, 1.5, 5), (1, float("nan"), 0, 5), (1, 2, 0, "5")],
)
def test_impossible_counts_are_refused(counts):
    with pytest.raises(InvalidValue):
        fisher_exact(*counts)


def test_the_allowance_for_false_alarms_is_shared_by_all_stages():
    """p값이 0.026인 단계: 한 번만 검정하면 5% 안이지만 네 번 검정하는 배포에서는 아닙니다."""

    def rollout(stages):
        left = {True: [False] * 2, False: [False]}  # 새 설정에서 둘, 옛 설정에서 하나만 실패
        serve = lambda new, _: left[new].pop() if left[new] else True  # noqa: E731
        return roll_out(serve, stages, 0, false_alarm=0.05)

    once = rollout((Stage(0.1, 100),))
    assert once.windows[0].p_value == pytest.approx(4170 / 161_700)
    assert once.rolled_back == 0
    assert rollout((Stage(0.1, 100), *CANARY[1:])).rolled_back is None


def test_a_good_configuration_reaches_everyone():
    done = [roll_out(service(OLD), CANARY, seed) for seed in SEEDS]
    alarms = sum(one.rolled_back is not None for one in done)
    assert alarms <= 3  # 기대 0.6건 이하. 4건 이상일 확률은 0.4% 아래입니다
    assert all(
        one.requests == sum(stage.requests for stage in CANARY) for one in done if not alarms
    )


@pytest.mark.parametrize("error", [0.0005, 0.002, 0.05])
def test_the_false_alarm_rate_is_kept_exactly(error):
    """두 설정이 같을 때 모든 단계의 경보 확률을 더해도 약속한 상한을 넘지 않습니다."""
    alarms = [
        detection_probability(stage, len(CANARY), error, error)
        for stage in CANARY
        if stage.share < 1
    ]
    assert 0 < sum(alarms) <= FALSE_ALARM


@pytest.mark.parametrize("share", [0.005, 0.01, 0.02])
def test_the_detection_probability_matches_the_simulation(share):
    stages = (Stage(share, 3000), Stage(1.0, 1))
    seen = mean(roll_out(service(BAD), stages, seed).rolled_back == 0 for seed in range(300))
    expected = detection_probability(stages[0], len(stages), BAD, OLD)
    assert seen == pytest.approx(expected, abs=4 * sqrt(expected * (1 - expected) / 300) + 0.01)


@pytest.mark.parametrize(("bad", "old"), [(0.0, 0.0), (1.0, 0.0), (0.5, 0.02), (1.0, 1.0)])
def test_the_detection_probability_is_a_probability_at_the_edges(bad, old):
    chance = detection_probability(Stage(0.2, 6000), 3, bad, old)
    assert 0 <= chance <= 1
    assert chance == pytest.approx(float(bad > old))


def test_the_detection_probability_matches_brute_force():
    """작은 경우를 모든 실패 수에 대해 분수로 더합니다."""
    stage, p1, p0, level = Stage(0.25, 16), Fraction(1, 2), Fraction(1, 8), Fraction(3, 50)
    total = Fraction(0)
    for x in range(5):
        for y in range(13):
            chance = comb(4, x) * p1**4 * comb(12, y) * p0**y * (1 - p0) ** (12 - y)
            total += chance * (exact(x, 4, y, 12) <= level)
    assert detection_probability(stage, 1, 0.5, 0.125, 0.06) == pytest.approx(float(total))


@pytest.mark.parametrize("share", [0.002, 0.02, 0.2])
def test_the_expected_damage_matches_the_simulation(share):
    stages = (Stage(share, 3000), Stage(0.5, 500), Stage(1.0, 500))
    runs = [roll_out(service(BAD), stages, seed) for seed in range(200)]
    for seen, expected in (
        ([run.hurt for run in runs], expected_hurt(stages, BAD, OLD)),
        ([run.requests for run in runs], expected_requests(stages, BAD, OLD)),
    ):
        spread = stdev(seen) / len(seen) ** 0.5
        assert mean(seen) == pytest.approx(expected, abs=4 * spread + 1)


def test_a_canary_can_be_too_small_as_well_as_too_large():
    def damage(share):
        return expected_hurt((Stage(share, 6000), *CANARY[1:]), BAD, OLD)

    assert damage(0.001) > damage(0.01) < damage(0.3)


def test_the_same_seed_gives_the_same_rollout():
    first, again = (roll_out(service(BAD), CANARY, 5) for _ in range(2))
    assert first == again != roll_out(service(BAD), CANARY, 6)


def test_traffic_is_split_evenly_and_counted_once():
    window = roll_out(service(1.0, old=0.0), (Stage(0.1, 1000),), 0).windows[0]
    assert (window.new_requests, window.new_failures) == (100, 100)
    assert (window.old_requests, window.old_failures) == (900, 0)


def test_failures_of_the_old_configuration_are_not_blamed_on_the_new_one():
    rollout = roll_out(service(0.0, old=0.5), CANARY, 0)
    assert rollout.hurt == rollout.blast_radius(10**6) == 0 < rollout.failures


def test_the_blast_radius_counts_the_quiet_time_after_the_rollback():
    rollout = roll_out(service(1.0, old=0.0), CANARY, 0)
    assert rollout.rolled_back == 0
    assert rollout.blast_radius(60_000) == 60 / 60_000
    with pytest.raises(InvalidValue):
        rollout.blast_radius(10)


@pytest.mark.parametrize("bad", [(1.5, 10), (-0.1, 10), (0.5, 0), ("반", 10), (0.5, 2.5)])
def test_impossible_stages_are_refused(bad):
    with pytest.raises(InvalidValue):
        Stage(*bad)


@pytest.mark.parametrize("rates", [("반", 0.01), (0.1, float("nan")), (1.5, 0.01), (0.1, True)])
@pytest.mark.parametrize("expected", [expected_hurt, expected_requests])
def test_the_expectations_need_shares(expected, rates):
    with pytest.raises(InvalidValue, match="_error="):
        expected(CANARY[:1], *rates)


def test_a_rollout_needs_stages_and_a_seed():
    with pytest.raises(InvalidValue, match="CANARY"):
        roll_out(service(BAD), (), 0)
    with pytest.raises(InvalidValue):
        roll_out(service(BAD), CANARY, "시드")
