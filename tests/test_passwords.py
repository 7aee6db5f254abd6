"""비밀번호의 테이블: 되돌릴 수 없고, 같은 비밀번호도 사람마다 다르고, 없는 사람도 똑같이 봅니다."""

from __future__ import annotations

import hashlib

import pytest

from ddialab.core.errors import InvalidValue, MissingCapability
from ddialab.service import passwords
from ddialab.service.passwords import LONGEST, matches, stored

WORD = "고양이-이름-1234"


def test_only_the_password_matches():
    kept = stored(WORD)
    assert matches(WORD, kept)
    assert not any(matches(other, kept) for other in (WORD + " ", WORD[:-1], "x"))


def test_the_same_password_is_kept_differently():
    """대조군: 솔트가 없으면 같은 비밀번호가 한눈에 보이고, 한 번 계산한 표가 모두에게 통합니다."""
    assert hashlib.sha256(WORD.encode()).digest() == hashlib.sha256(WORD.encode()).digest()
    one, other = stored(WORD), stored(WORD)
    assert one != other
    assert WORD not in one


def test_a_stranger_costs_as_much_as_a_member(monkeypatch):
    """없는 사람에게 빨리 답하면 누가 회원인지 알 수 있습니다. 시간 대신 한 일을 셉니다."""
    asked, scrypt = [], hashlib.scrypt
    monkeypatch.setattr(
        passwords.hashlib, "scrypt", lambda word, **cost: asked.append(cost) or scrypt(word, **cost)
    )
    kept = stored(WORD)
    asked.clear()
    assert [matches(WORD, kept), matches(WORD, None), matches(WORD, kept)] == [True, False, True]
    costs = [(cost["n"], cost["r"], cost["p"], len(cost["salt"])) for cost in asked]
    assert costs == [(2**14, 8, 1, 16)] * 3


def test_an_old_cost_is_still_read(monkeypatch):
    monkeypatch.setattr(passwords, "N", 2**4)
    old = stored(WORD)
    monkeypatch.undo()
    assert old.startswith("scrypt$16$")
    assert matches(WORD, old)


@pytest.mark.parametrize("word", ["", "가" * (LONGEST + 1)])
def test_a_password_that_keeps_the_server_busy_is_refused(word):
    with pytest.raises(InvalidValue, match="password") as refused:
        stored(word)
    assert not word or word not in str(refused.value)


def test_a_python_without_scrypt_says_so(monkeypatch):
    """브라우저의 파이썬에는 OpenSSL이 없습니다."""
    monkeypatch.delattr(hashlib, "scrypt")
    with pytest.raises(MissingCapability, match="scrypt"):
        stored(WORD)
