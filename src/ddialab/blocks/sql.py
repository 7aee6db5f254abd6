"""SQL 데이터베이스에 연결합니다: 파일이면 SQLite, 주소면 PostgreSQL.

어떤 테이블이 있는지는 사용하는 쪽이 압니다. 두 서버의 문법이 다른 곳(컬럼 바꾸기, 통째로
복사하기)은 `ddialab.blocks.sqlite`와 `ddialab.blocks.postgres`에만 있습니다.
"""

from __future__ import annotations

from pathlib import Path

from ddialab.blocks.connection import Connection
from ddialab.blocks.postgres import Postgres
from ddialab.blocks.sqlite import SQLite
from ddialab.core.address import looks_like_address
from ddialab.core.errors import InvalidValue

TARGETS = "파일 경로이거나 postgresql:// 로 시작하는 주소여야 합니다."


def connect(target: str | Path, *, log=None, schema: str = "ddialab") -> Connection:
    """파일 경로면 SQLite, ``postgresql://…`` 주소면 PostgreSQL에 연결합니다.

    ``":memory:"``는 파일 없는 SQLite입니다. ``schema``는 PostgreSQL에서 테이블을 둘 곳이고,
    ``"temporary"``면 이 연결만 사용하고 닫을 때 지우는 스키마를 새로 만듭니다. 열지 못하면
    SQLite는 `StorageFailure`, PostgreSQL은 `BackendUnavailable`을, 주소가 아닌 주소면
    `InvalidValue`를 냅니다.
    """
    if not isinstance(target, str | Path) or not str(target).strip():
        problem = f"target={target!r}: 데이터베이스의 위치가 아닙니다."
        raise InvalidValue(problem, TARGETS, '예: Database.open("posts.db")')
    if looks_like_address(str(target)):
        return Postgres(str(target), log, schema)
    return SQLite(target, log)
