"""크기와 꼴: 한도를 넘는 것은 읽지 않고, 적어 둔 필드만 받고, 마감이 지나면 끊습니다."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.service.bounds import BODY, SHAPES, Punctual, Rejected, length_of, parsed, read
from suite.effort import fuzz

SHAPE = SHAPES["/posts"]
GOOD = {"key": "k", "text": "점심", "private": False}


def status_of(call, *arguments) -> int:
    with pytest.raises(Rejected) as refused:
        call(*arguments)
    return refused.value.status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 411),
        ({"Content-Length": "3", "Transfer-Encoding": "chunked"}, 411),
        ({"Content-Length": "-1"}, 400),
        ({"Content-Length": "3, 4"}, 400),
        ({"Content-Length": "٣"}, 400),
        ({"Content-Length": ""}, 400),
        ({"Content-Length": str(BODY + 1)}, 413),
        ({"Content-Length": "9" * 5000}, 413),
    ],
)
def test_a_size_that_is_wrong_or_too_big_is_refused(headers, status):
    assert status_of(length_of, headers) == status


def test_a_size_up_to_the_limit_is_taken():
    assert [length_of({"Content-Length": str(n)}) for n in (0, BODY)] == [0, BODY]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b"1",
        b"{",
        b"[" * BODY,
        b'{"a":' * 10_000,
        b'{"key": "k", "text": "t", "private": NaN}',
        b'{"key": "k", "key": "k", "text": "t", "private": false}',
        b'{"key": "k", "text": "t", "private": ' + b"9" * 5000 + b"}",
        json.dumps(GOOD | {"author": "소라"}).encode(),
        json.dumps(GOOD | {"id": 1}).encode(),
        json.dumps({"key": "k", "text": "t"}).encode(),
        json.dumps(GOOD | {"private": 0}).encode(),
        json.dumps(GOOD | {"text": ["t"]}).encode(),
        json.dumps(GOOD | {"text": None}).encode(),
    ],
)
def test_a_shape_that_is_not_named_is_refused(body):
    assert status_of(parsed, body, SHAPE) == 400


def test_true_is_not_a_number():
    """파이썬에서는 True도 정수라서, 번호 자리에 오면 1번이 됩니다."""
    assert status_of(parsed, b'{"id": true}', {"id": int}) == 400
    assert parsed(b'{"id": 1}', {"id": int}) == {"id": 1}


@pytest.mark.parametrize("text", ["", "글\0", "\ud800", "가" * 10_001])
def test_a_text_that_cannot_be_kept_is_refused(text):
    with pytest.raises(InvalidValue, match="text"):
        parsed(json.dumps(GOOD | {"text": text}).encode(), SHAPE)


@fuzz(1000)
@given(
    st.dictionaries(
        st.sampled_from(["key", "text", "private", "author", "deleted"]),
        st.text(max_size=5) | st.booleans() | st.integers() | st.none() | st.lists(st.none()),
    )
    | st.binary()
)
def test_what_comes_through_has_the_named_fields_and_nothing_else(found):
    body = found if isinstance(found, bytes) else json.dumps(found).encode()
    try:
        taken = parsed(body, SHAPE)
    except InvalidValue:
        return
    assert {name: type(value) for name, value in taken.items()} == SHAPE


def test_the_fields_of_a_good_body_come_through():
    assert parsed(json.dumps(GOOD).encode(), SHAPE) == GOOD


class Wire:
    """한 번에 ``piece``바이트씩, 그때마다 ``gap``초가 지나는 소켓과 시계."""

    def __init__(self, data: bytes, piece: int, gap: float):
        self.data, self.piece, self.gap, self.now = data, piece, gap, 0.0
        self.waits: list[float] = []

    def settimeout(self, seconds: float) -> None:
        self.waits.append(seconds)

    def recv_into(self, buffer) -> int:
        if self.gap > self.waits[-1]:
            raise TimeoutError
        self.now += self.gap
        got = self.data[: min(self.piece, len(buffer))]
        self.data = self.data[len(got) :]
        buffer[: len(got)] = got
        return len(got)


def opened(wire: Wire, seconds: float = 5.0) -> tuple[Punctual, io.BufferedReader]:
    raw = Punctual(wire, seconds, lambda: wire.now)
    return raw, io.BufferedReader(raw)


def test_a_byte_at_a_time_does_not_hold_the_connection():
    """바이트마다 기다리는 시간만 재면(대조군) 영원히 붙들 수 있습니다."""
    wire = Wire(b"x" * 1000, piece=1, gap=1.0)
    raw, stream = opened(wire)
    assert status_of(read, stream, 1000) == 408
    assert raw.received == 5
    assert wire.waits == [5.0, 4.0, 3.0, 2.0, 1.0], "남은 시간만큼만 기다립니다"
    naive = Wire(b"x" * 1000, piece=1, gap=1.0)
    naive.settimeout(5.0)
    assert sum(naive.recv_into(bytearray(8)) for _ in range(1000)) == 1000


def test_silence_is_cut_at_the_deadline():
    raw, stream = opened(Wire(b"x", piece=1, gap=9.0))
    assert (status_of(read, stream, 1), raw.received) == (408, 0)


def test_the_next_request_has_its_own_deadline():
    wire = Wire(b"x" * 8, piece=1, gap=1.0)
    raw, stream = opened(wire)
    assert read(stream, 4) == b"xxxx"
    raw.start()
    assert read(stream, 4) == b"xxxx"


def test_a_body_that_ends_early_is_told():
    _, stream = opened(Wire(b"xyz", piece=2, gap=0.0))
    with pytest.raises(Rejected, match="3바이트에서"):
        read(stream, 10)


@pytest.mark.parametrize("seconds", [0, -1, float("nan")])
def test_a_deadline_that_makes_no_sense_is_refused(seconds):
    with pytest.raises(InvalidValue):
        Punctual(None, seconds)
