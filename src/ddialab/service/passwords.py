"""비밀번호를 담는 법: 되돌릴 수 없게, 사람마다 다르게, 한 번 맞혀 보는 데 오래 걸리게.

테이블을 훔쳐도 비밀번호가 아닌 것만 있고, 흔한 비밀번호를 하나씩 넣어 보는 데도 사람마다 따로 오랜
시간과 메모리가 듭니다.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from ddialab.core.errors import InvalidValue, MissingCapability
from ddialab.core.workspace import OUTSIDE

N, R, P = 2**14, 8, 1  # scrypt의 비용: 한 번에 메모리 128 × N × R바이트(16 MiB)
SALT, LONGEST = 16, 1000  # 바이트, 글자. 긴 비밀번호로 서버를 바쁘게 하지 못하게 합니다


def stored(password: str) -> str:
    """테이블에 담을 것: 방법과 비용, 솔트, 해시. 부를 때마다 다릅니다."""
    salt = secrets.token_bytes(SALT)
    return f"scrypt${N}${R}${P}${salt.hex()}${_hash(password, salt, N, R, P).hex()}"


def matches(password: str, kept: str | None) -> bool:
    """``password``가 ``kept``(`stored`가 만든 것)의 것인지.

    없는 사람(None)이어도 같은 일을 합니다. 빨리 답하면 누가 회원인지 새어 나갑니다. 비교도 앞에서
    틀리든 뒤에서 틀리든 같은 시간이 듭니다.
    """
    _, n, r, p, salt, expected = (kept or NOBODY).split("$")
    found = _hash(password, bytes.fromhex(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, bytes.fromhex(expected)) and kept is not None


def _require_scrypt() -> None:
    if not hasattr(hashlib, "scrypt"):
        raise MissingCapability(
            "이 파이썬에는 scrypt가 없습니다(OpenSSL 없이 만든 파이썬).",
            "OpenSSL이 든 파이썬이어야 합니다.",
            OUTSIDE,
        )


def _hash(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    if not 0 < len(password) <= LONGEST:
        raise InvalidValue(
            f"password: {len(password)}자입니다.", f"1자 이상 {LONGEST:,}자 이하여야 합니다."
        )
    _require_scrypt()
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p)


NOBODY = f"scrypt${N}${R}${P}${'00' * SALT}${'00' * 64}"  # 아무 비밀번호와도 맞지 않습니다
