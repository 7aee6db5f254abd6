"""오류: 세 문장을 말하고, Jupyter에는 그 문장들만 보이며, 검사 함수가 경계를 정확히 지킵니다."""

from __future__ import annotations

import math
import pickle

import pytest

from ddialab.core import errors
from ddialab.core.errors import (
    InvalidValue,
    LabError,
    check_all,
    check_choice,
    check_integer,
    check_number,
    check_positive,
)
from ddialab.core.metrics import steady_availability
from ddialab.experiments.human_errors.accident import Policy
from ddialab.stress.crowd import Traffic
from ddialab.stress.load import Poisson

KINDS = [InvalidValue, errors.MissingCapability, errors.BackendUnavailable, errors.StorageFailure]


def test_an_error_says_what_is_wrong_what_is_accepted_and_what_to_do():
    error = LabError("값이 틀렸습니다.", "1 이상이어야 합니다.", "고치세요.")
    assert str(error) == "값이 틀렸습니다. 1 이상이어야 합니다. 고치세요."
    assert str(LabError("이것뿐입니다.")) == "이것뿐입니다."


def test_jupyter_shows_only_our_lines():
    """IPython은 `_render_traceback_`이 있으면 역추적 대신 그 줄들을 찍습니다."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    run = shell.run_cell(
        "from ddialab.core.errors import InvalidValue\nraise InvalidValue('하나', '둘')"
    )
    assert run.error_in_exec._render_traceback_() == ["InvalidValue: 하나", "둘"]
    assert not any("line" in row for row in run.error_in_exec._render_traceback_())


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_lab_error(kind):
    with pytest.raises(LabError, match="무엇이 틀렸습니다"):
        raise kind("무엇이 틀렸습니다.")


@pytest.mark.parametrize(
    ("kind", "builtin"),
    list(zip(KINDS, [ValueError, RuntimeError, ConnectionError, OSError], strict=True)),
)
def test_a_reader_may_catch_the_builtin_type(kind, builtin):
    assert issubclass(kind, builtin)


def test_an_error_survives_the_way_between_processes():
    error = pickle.loads(pickle.dumps(InvalidValue("하나", "둘", "셋")))
    assert str(error) == "하나 둘 셋"


@pytest.mark.parametrize("value", [0, 5, 10])
def test_an_integer_in_range_comes_back(value):
    assert check_integer("n", value, 0, 10) == value


@pytest.mark.parametrize("value", [-1, 11, 1.0, 1.5, "3", None, True, math.nan, [1]])
def test_anything_else_is_refused_as_an_integer(value):
    with pytest.raises(InvalidValue) as caught:
        check_integer("n", value, 0, 10)
    assert f"n={value!r}" in str(caught.value)
    assert "0 이상 10 이하의 정수" in str(caught.value)


def test_a_numpy_integer_becomes_a_plain_one():
    import numpy as np

    assert type(check_integer("n", np.int64(3))) is int
    assert type(check_number("x", np.float64(0.5))) is float


@pytest.mark.parametrize("value", [0, 0.5, 1])
def test_a_number_in_range_comes_back(value):
    assert check_number("x", value, 0, 1) == value


@pytest.mark.parametrize(
    "value", [-0.001, 1.001, math.nan, math.inf, -math.inf, "1", None, False, 1j]
)
def test_anything_else_is_refused_as_a_number(value):
    with pytest.raises(InvalidValue) as caught:
        check_number("x", value, 0, 1)
    assert f"x={value!r}" in str(caught.value)


def test_an_integer_too_large_for_a_float_is_refused():
    for check in (check_number, check_positive):
        with pytest.raises(InvalidValue, match="x: 수가 너무 큽니다"):
            check("x", 10**400)


@pytest.mark.parametrize(
    ("limits", "said"),
    [((1, None), "1 이상의 수"), ((None, 9), "9 이하의 수"), ((None, None), "수여야 합니다")],
)
def test_the_message_names_the_limits(limits, said):
    with pytest.raises(InvalidValue, match=said):
        check_number("x", "글", *limits)


def test_a_sequence_names_the_first_that_does_not_belong():
    assert check_all("ids", iter([1, 2]), int) == [1, 2]
    with pytest.raises(InvalidValue, match=r"ids=.7.: 시퀀스가 아닙니다\. int의 시퀀스"):
        check_all("ids", 7, int)
    with pytest.raises(InvalidValue, match=r"ids에 든 것=.글.: str입니다\. int이어야"):
        check_all("ids", [1, "글"], int)
    with pytest.raises(InvalidValue) as told:
        check_all("ids", ["가" * 10_000], int)
    assert len(str(told.value)) < 200


def test_a_choice_names_what_it_accepts():
    assert check_choice("policy", "lru", ["lru", "lfu"]) == "lru"
    with pytest.raises(InvalidValue, match=r"policy='mru'.*lru, lfu"):
        check_choice("policy", "mru", ["lru", "lfu"])


@pytest.mark.parametrize("value", [-1, 0, "글", math.nan])
@pytest.mark.parametrize(
    ("name", "call", "said"),
    [
        ("x", lambda value: check_positive("x", value), "0보다 큰 수여야 합니다."),
        ("x", lambda value: check_positive("x", value, below=1), "0보다 크고 1보다 작은 수"),
        ("snapshot_every", lambda value: Policy(snapshot_every=value), "0보다 큰 수"),
        ("publish", lambda value: Traffic(publish=value), "0보다 크고 1보다 작은 수"),
        ("mttf", lambda value: steady_availability(value, 1), "0보다 큰 수"),
        ("rate", Poisson, "0보다 큰 수"),
    ],
)
def test_one_rule_is_told_in_one_way(name, call, said, value):
    """0과 음수와 글자에 서로 다른 규칙을 말하지 않습니다."""
    with pytest.raises(InvalidValue) as caught:
        call(value)
    assert f"{name}={value!r}: " in caught.value.problem
    assert said in caught.value.accepted


def test_just_inside_is_accepted():
    assert check_positive("x", 1e-9) == 1e-9
    with pytest.raises(InvalidValue):
        check_positive("x", 1, below=1)
