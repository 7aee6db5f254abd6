"""모델의 대역이 진짜와 같은가: CPython의 것과 나란히 실행해 비교합니다."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import micropython
from live.prelude import containers, drawing, writing
from suite.effort import fuzz, trials

FINITE = st.floats(allow_nan=False, allow_infinity=False)
# 2의 거듭제곱은 이웃까지의 거리가 위와 아래에서 다르고, 16자리의 끝이 딱 중간인 것은 짝수로 갑니다
HARD = [2.0**n for n in range(-1074, 1024)] + [5e-324, 1e22, 1e23, 9007199254740993.0, 0.1, 1 / 3]
EDGES = [0.0, -0.0, 0.125, 2.5, -2.5, 999999.5, 0.0001, 0.00001, 1e6, math.inf, -math.inf, math.nan]
SEEDS = [0, 1, 7, -5, 2**32, 2**64 + 3, 2**256 - 12345]


@pytest.mark.parametrize("value", [*EDGES, *HARD[::97]])
def test_edges_are_written_as_in_cpython(value):
    assert writing.represent(value) == repr(value)
    assert writing.general(value) == f"{value:g}"
    assert writing.fixed(value, 2) == f"{value:.2f}"


def test_powers_of_two_are_written_as_in_cpython():
    assert [v for v in HARD if writing.represent(v) != repr(v)] == []


@fuzz(3000)
@given(FINITE, st.integers(0, 6))
def test_floats_are_written_as_in_cpython(value, digits):
    assert writing.represent([value, (value,), {"a": value}]) == repr(
        [value, (value,), {"a": value}]
    )
    assert writing.general(value) == f"{value:g}"
    assert writing.fixed(value, digits) == f"{value:.{digits}f}"
    assert writing.fixed(value, digits, True) == f"{value:,.{digits}f}"


@fuzz(300)
@given(st.text("가a'\"\\\n\t "))
def test_words_are_quoted_as_in_cpython(word):
    assert writing.represent(word) == repr(word)


@fuzz(300)
@given(st.integers())
def test_integers_are_grouped_as_in_cpython(number):
    assert writing.grouped(number) == f"{number:,}"


@fuzz(1000)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers())), st.booleans())
def test_the_sort_is_stable(items, reverse):
    """열쇠가 같은 것이 많을 때, 거꾸로일 때도 CPython과 차례가 같습니다."""
    by_key = sorted(items, key=lambda pair: pair[0], reverse=reverse)
    assert containers.ordered(items, key=lambda pair: pair[0], reverse=reverse) == by_key
    containers.sort(items, reverse=reverse)
    assert items == sorted(items, reverse=reverse)


def test_the_draws_are_those_of_cpython():
    for seed in SEEDS:
        ours, real = drawing.Random(seed), random.Random(seed)
        assert all(ours.random() == real.random() for _ in range(2000)), seed


MORE = """
total, draw = 0, Random(2**200 + 7).random
def more():
    global total
    for _ in range(2000):
        total = (total * 31 + int(draw() * 9007199254740992)) % 2305843009213693951
"""


@pytest.mark.proof(tried=trials(1000) * 2000)
def test_two_million_draws_in_micropython_are_the_same_bits_and_stay_in_64_megabytes():
    """한 번에 2,000개씩 뽑고 돌아가면 쓰레기가 치워집니다."""
    text = (micropython.FOLDER.parent / "prelude/drawing.py").read_text("utf-8") + MORE
    said = micropython.run(text, ["more()"], trials(1000), "print(total)")
    expected = {"Random": random.Random}
    exec(MORE, expected)
    for _ in range(trials(1000)):
        expected["more"]()
    assert (said.lines, said.error) == ([str(expected["total"])], "")
    assert said.bytes <= 64 * 2**20
