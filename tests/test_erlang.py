"""줄 서기의 닫힌 식: 알려진 값, 역함수, 나눗셈이 0이 되는 곳, 감당 못 할 부하."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.cluster.erlang import erlang_c, response_percentile, response_tail
from ddialab.core.errors import InvalidValue
from suite.effort import fuzz


@fuzz(1000)
@given(st.integers(1, 20), st.floats(0, 0.99))
def test_erlang_c_known_formula(servers, load):
    offered = load * servers
    top = offered**servers / math.factorial(servers) * servers / (servers - offered)
    low = sum(offered**k / math.factorial(k) for k in range(servers))
    assert erlang_c(servers, offered) == pytest.approx(top / (low + top))


def test_tail_known_values():
    assert response_tail(0, 50, 0.01) == 1
    assert response_tail(0.02, 50, 0.01) == pytest.approx(math.exp(-1))
    assert response_percentile(50, 50, 0.01) == pytest.approx(math.log(2) / 50)
    assert response_percentile(0, 50, 0.01) == pytest.approx(0, abs=1e-9)


@fuzz(1000)
@given(st.integers(1, 12), st.floats(0.05, 0.95), st.floats(1, 99.9))
def test_percentile_inverts_the_tail_and_more_load_is_slower(servers, load, p):
    rate = load * servers
    found = response_percentile(p, rate, 1.0, servers)
    assert response_tail(found, rate, 1.0, servers) == pytest.approx(1 - p / 100, rel=1e-6)
    assert found >= -math.log(1 - p / 100) * 0.999999  # 기다림은 줄이지 못합니다


def test_tail_is_smooth_where_the_formula_divides_by_zero():
    """워커 둘, 부하 1에서 두 비율이 같아집니다."""
    near = [response_tail(2.0, rate, 1.0, 2) for rate in (0.999999, 1.0, 1.000001)]
    assert near == sorted(near)
    assert near[2] - near[0] < 1e-5


@pytest.mark.parametrize(
    "make",
    [
        lambda: erlang_c(0, 0),
        lambda: erlang_c(2, 2),
        lambda: erlang_c(10**9, 1),
        lambda: response_tail(-1, 50, 0.01),
        lambda: response_percentile(100, 50, 0.01),
        lambda: response_percentile(-1, 50, 0.01),
        lambda: response_percentile(50, 300, 0.01, 3),
    ],
)
def test_bad_input_is_refused(make):
    with pytest.raises(InvalidValue):
        make()
