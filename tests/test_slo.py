"""SLO와 오류 예산: 분으로 센 예산, 닳는 순서, 계약과의 구별."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.ops.slo import SLA, SLO, by_window
from suite.effort import fuzz

MONTH = 30 * 24 * 60  # 분


def test_budget_of_a_month_in_minutes():
    assert SLO().budget(MONTH) == pytest.approx(43.2)
    assert SLO(up=0.9999).budget(MONTH) == pytest.approx(4.32)


def test_a_window_is_up_only_if_both_promises_hold():
    slo = SLO(median=0.2, p99=1.0)
    met = slo.met([0.2, 0.21, 0.1, math.nan], [1.0, 0.5, 1.01, math.nan])
    assert met.tolist() == [True, False, False, True]


def test_the_budget_burns_only_on_bad_windows_and_goes_negative():
    met = np.ones(1000, dtype=bool)
    met[[100, 500]] = False
    left = SLO(up=0.999).remaining(met)
    assert (left[99], left[100], left[500]) == pytest.approx((1, 0, -1))
    assert left[-1] == pytest.approx(-1)


@fuzz(1000)
@given(st.lists(st.booleans(), min_size=1, max_size=200), st.floats(0.5, 0.999))
def test_the_budget_is_left_exactly_when_the_goal_is_met(met, up):
    left = SLO(up=up).remaining(met)[-1]
    assert (left >= -1e-9) == (np.mean(met) >= up - 1e-9 * (1 - up))


def test_a_contract_pays_the_largest_credit_it_broke():
    sla = SLA(((0.995, 0.1), (0.99, 0.25)))
    assert [sla.credit(up) for up in (0.999, 0.995, 0.994, 0.98)] == [0, 0, 0.1, 0.25]


def test_breaking_the_goal_is_not_breaking_the_contract():
    met = np.arange(1000) >= 2  # 99.8%
    assert SLO(up=0.999).remaining(met)[-1] < 0
    assert SLA(((0.995, 0.1),)).credit(met.mean()) == 0


def test_windows_have_the_exact_percentiles_and_an_empty_one_is_nan():
    times = np.concatenate([np.linspace(0, 9.9, 300), np.linspace(20, 29.9, 300)])
    responses = np.random.default_rng(1).exponential(1, 600)
    median, p99 = by_window(times, responses, 10, 3)
    assert median[0] == np.percentile(responses[:300], 50)
    assert p99[2] == pytest.approx(np.percentile(responses[300:], 99))
    assert math.isnan(median[1])
    assert math.isnan(p99[1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: SLO(up=1),
        lambda: SLO(up=0),
        lambda: SLO(up=math.nan),
        lambda: SLO(median=-1),
        lambda: SLO(median=2, p99=1),
        lambda: SLO().remaining([]),
        lambda: SLO().budget(-1),
        lambda: SLA(()),
        lambda: SLA(((1.5, 0.1),)),
        lambda: SLA(((0.99, 2),)),
        lambda: SLA(((0.99, 0.1),)).credit(1.1),
        lambda: by_window([0, 1], [1], 10, 1),
        lambda: by_window([1, 0], [1, 1], 10, 1),
        lambda: by_window([0, 1], [1, -1], 10, 1),
        lambda: by_window([0, 1], [1, math.nan], 10, 1),
        lambda: by_window([0, 1], [1, 1], 0, 1),
        lambda: by_window([0, 1], [1, 1], 1, 0),
        lambda: by_window([0, 1], [1, 1], 1, "2"),
        lambda: by_window([0, 1], "느림", 1, 1),
        lambda: by_window(None, [1, 1], 1, 1),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(InvalidValue):
        make()
