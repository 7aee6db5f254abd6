"""접근 로그: 적기로 한 것만, 한 요청에 한 줄. 비밀은 어느 자리로 와도 없습니다."""

from __future__ import annotations

import io
import json
import logging

from hypothesis import given
from hypothesis import strategies as st

from ddialab.service.access_log import FIELDS, Allowed, line, naive_line, pseudonym
from suite.effort import fuzz

SECRET = "s3cret-pa55word"
GOOD = {"at": 1.5, "who": "3f2a", "method": "GET", "path": "/posts/7", "status": 200}


def test_the_named_fields_are_written():
    assert json.loads(line(**GOOD, received=120, error="TimeoutError")) == {
        "at": 1.5,
        "who": "3f2a",
        "method": "GET",
        "path": "/posts/…",
        "status": 200,
        "received": 120,
        "error": "TimeoutError",
    }


def test_a_secret_is_not_written_wherever_it_comes():
    """대조군: 있는 대로 적으면 로그를 보는 누구나 비밀번호와 토큰을 봅니다."""
    headers = {"Authorization": f"Bearer {SECRET}", "Cookie": f"session={SECRET}"}
    naive = naive_line("POST", f"/posts?token={SECRET}", headers, f'{{"password": "{SECRET}"}}')
    assert naive.count(SECRET) == 4
    kept = line(
        path=f"/posts?token={SECRET}", headers=headers, body=SECRET, password=SECRET,
        status=SECRET, received=SECRET, at=SECRET, **{SECRET: 1},
        server=f"redis://app:{SECRET}@10.0.0.1:6379/0",
    )  # fmt: skip
    assert SECRET not in kept
    assert json.loads(kept)["server"] == "redis://10.0.0.1:6379/0"
    assert json.loads(line(path=f"/posts?token={SECRET}")) == {"path": "/posts"}
    paths = (f"/{SECRET}", f"/reset/{SECRET}", f"/posts/{SECRET}", f"/posts/a/{SECRET}", SECRET)
    assert not any(SECRET in line(path=path) for path in paths)


@fuzz(1000)
@given(st.dictionaries(st.sampled_from([*FIELDS, "body", "cookie"]), st.text() | st.binary()))
def test_one_request_is_one_line_of_named_fields(fields):
    """줄바꿈이 든 값으로 거짓 줄을 지어내지 못합니다. 어느 나라의 줄바꿈이든."""
    kept = line(**fields)
    assert len(kept.splitlines()) == 1
    assert kept.isprintable()
    assert json.loads(kept).keys() <= FIELDS.keys()


def test_a_forged_line_stays_inside_its_field():
    forged = 'GET\n{"who": "admin", "status": 200}\u2028\x1b[31m'
    assert naive_line(forged, "/", {}, "").count("\n") == 1, "대조군: 두 줄이 됩니다"
    assert json.loads(line(method=forged)) == {
        "method": 'GET?{"who": "admin", "status": 200}??[31m'
    }
    assert len(line(method="가" * 10_000)) < 300


def logged(call) -> str:
    out, logger = io.StringIO(), logging.Logger("test")
    handler = logging.StreamHandler(out)
    handler.setFormatter(Allowed())
    logger.addHandler(handler)
    call(logger)
    return out.getvalue()


def test_the_formatter_drops_messages_arguments_and_the_words_of_exceptions():
    def fails(logger):
        try:
            raise ValueError(f"password={SECRET}")
        except ValueError:
            logger.exception("로그인 실패 %s", SECRET, extra={"status": 500, "password": SECRET})

    assert json.loads(logged(fails)) == {"status": 500, "error": "ValueError"}


def test_a_pseudonym_follows_a_person_and_does_not_tell_who():
    key = b"k" * 32
    assert pseudonym(key, "소라") == pseudonym(key, "소라") != pseudonym(key, "나래")
    assert pseudonym(b"x" * 32, "소라") != pseudonym(key, "소라"), "열쇠를 모르면 맞힐 수 없습니다"
    assert len(pseudonym(key, "소라")) == 12
