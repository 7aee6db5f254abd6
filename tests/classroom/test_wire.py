"""오가는 말: 데이터는 그대로 건너가고, 데이터가 아닌 것과 이상한 것은 건너가지 못합니다."""

from __future__ import annotations

import json
import math
from collections import Counter, OrderedDict, deque
from itertools import count

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.marking import wire
from suite.effort import fuzz

KEYS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.binary())
DATA = st.recursive(
    KEYS | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(KEYS | st.tuples(KEYS), inner)
        | st.sets(KEYS)
        | st.frozensets(KEYS)
    ),
    max_leaves=20,
)


def unknown(tag, content):
    raise wire.Garbled(tag)


def carried(value):
    """한 번 건너갔다 온 값."""
    line = wire.pack({"value": wire.encode(value)})
    return wire.decode(wire.unpack(line)["value"], unknown)


def kinds(value):
    """값과 그 속의 종류까지. ``1 == True``처럼 종류가 달라도 같은 값이 있습니다."""
    if isinstance(value, dict):
        return [(kinds(k), kinds(v)) for k, v in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [kinds(part) for part in value]
    return type(value), value


@fuzz(1000)
@given(DATA)
def test_data_arrives_as_it_was(value):
    assert kinds(carried(value)) == kinds(value)


def test_nan_and_infinity_arrive():
    assert math.isnan(carried(math.nan))
    assert carried([math.inf, -math.inf]) == [math.inf, -math.inf]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.float64(0.5), 0.5),
        (np.int32(3), 3),
        (np.bool_(True), True),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (Counter("aab"), {"a": 2, "b": 1}),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (deque([1, 2]), [1, 2]),
        (range(3), [0, 1, 2]),
        ({"a": 1}.keys(), ["a"]),
        ({"a": 1}.items(), [("a", 1)]),
    ],
    ids=repr,
)
def test_what_is_almost_data_becomes_data(value, plain):
    assert kinds(carried(value)) == kinds(plain)


def test_a_number_that_lies_about_equality_becomes_a_plain_number():
    class Always(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    assert carried(Always(1)) != 2
    assert carried([Always(1)]) != [2]


def test_a_generator_is_drawn_but_only_so_far():
    assert next(carried(iter([7, 8]))) == 7
    assert len(list(carried(n for n in count()))) == wire.DRAWN


@pytest.mark.parametrize("value", [object(), print, type, [object()], {"a": print}, 1j])
def test_what_is_not_data_is_refused(value):
    with pytest.raises(wire.NotPlain):
        wire.encode(value)


def test_a_list_that_contains_itself_is_refused():
    loop = []
    loop.append(loop)
    with pytest.raises(wire.TooLarge):
        wire.encode(loop)


def test_a_message_too_large_is_refused():
    with pytest.raises(wire.TooLarge):
        wire.pack({"value": "x" * wire.MESSAGE})


@pytest.mark.parametrize(
    "line",
    [b"", b"\xff\xfe", b"[1]", b"{", b"[" * 1_000_000, b'{"n": ' + b"9" * 5000 + b"}", b"NaN"],
    ids=["empty", "bytes", "list", "broken", "deep", "digits", "number"],
)
def test_a_line_that_is_not_a_message_is_refused(line):
    with pytest.raises(wire.Garbled):
        wire.unpack(line)


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"tuple": 1},
        {"tuple": [], "set": []},
        {"items": [[1]]},
        {"items": [[[], 1]]},
        {"set": [[1]]},
        {"bytes": "한"},
        {"bytes": 3},
        {"dict": [1]},
        {"iterator": 5},
        {"unknown": 1},
    ],
    ids=json.dumps,
)
def test_a_value_of_the_wrong_shape_is_refused(content):
    with pytest.raises(wire.Garbled):
        wire.decode(content, unknown)


def test_a_value_too_deep_is_refused():
    value = 1
    for _ in range(wire.DEPTH + 2):
        value = [value, {}]
    with pytest.raises((wire.TooLarge, wire.Garbled)):
        wire.decode(value, unknown)


def test_only_ordinary_exceptions_are_known():
    assert "ValueError" in wire.EXCEPTIONS
    assert "InvalidValue" in wire.EXCEPTIONS
    assert not {"SystemExit", "KeyboardInterrupt", "BaseException"} & set(wire.EXCEPTIONS)
    assert wire.known(type("Mine", (KeyError,), {})) == "KeyError"
