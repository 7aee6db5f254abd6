"""PostgreSQL의 스키마: 우리 것이라는 표시를 달고, 표시가 있는 것만 사용하고 지웁니다.

표시는 스키마의 COMMENT입니다. 만드는 트랜잭션에서 함께 달므로, 표시 없는 우리 스키마는 없습니다.
풀러(pgbouncer 등)를 거치면 문장마다 다른 연결로 갈 수 있습니다. 그래서 세션이 아니라 트랜잭션에
매인 것(``SET LOCAL``, ``pg_advisory_xact_lock``)만 사용합니다.
"""

from __future__ import annotations

import os
import re
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ddialab.core.errors import BackendUnavailable, InvalidValue

TEMPORARY = "temporary"  # 이름 대신: 이 연결만 사용하고 닫을 때 지우는 스키마
PREFIX = "ddialab"  # 임시 스키마의 이름은 이렇게 시작합니다
MARK = "ddialab: "  # 우리 스키마의 COMMENT는 이렇게 시작합니다
KEPT = f"{MARK}lab schema"
LOCK = 0x0DD1A1AB  # 스키마를 만들고 지우는 일은 서버에서 한 번에 하나씩 합니다
PATIENCE = "10s"  # 남이 잠근 것을 기다리는 시간. 넘으면 오류입니다

ENTER = """BEGIN;
SET LOCAL search_path TO {schema}, pg_temp;
SELECT current_schema() = '{schema}', array(
  SELECT relname::text FROM pg_catalog.pg_class AS other
  WHERE relnamespace = pg_my_temp_schema() AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_class AS own JOIN pg_catalog.pg_namespace AS n
    ON n.oid = own.relnamespace WHERE n.nspname = '{schema}' AND own.relname = other.relname))"""


def enter(driver: Any, schema: str) -> list[str]:
    """트랜잭션을 열고, 그 안에서는 이름이 ``schema``에서만 찾아지게 합니다.

    PostgreSQL은 임시 테이블을 빼고 찾는 법이 없어 맨 뒤에 둡니다. 풀러를 거치면 남의 임시
    테이블이 남은 연결을 받을 수 있으므로, ``schema``에 없는 그 이름들을 돌려줍니다.
    """
    cursor = driver.execute(ENTER.format(schema=schema))
    while cursor.nextset():
        pass
    inside, strangers = cursor.fetchone()
    if inside:
        return strangers
    driver.execute("ROLLBACK")
    raise BackendUnavailable(
        f"PostgreSQL의 스키마 {schema}가 없어졌습니다. 아무것도 쓰지 않았습니다.",
        "실습이 만든 스키마가 실습이 끝날 때까지 있어야 합니다.",
        "누군가 지웠습니다. 데이터베이스를 여는 셀부터 다시 실행하세요.",
    )


def claim(driver: Any, schema: str) -> str:
    """``schema``를 우리 것으로 하고 그 이름을 돌려줍니다. 없으면 만듭니다.

    `TEMPORARY`면 아무도 쓰지 않는 이름을 새로 짓습니다. 남이 만든 스키마면 `InvalidValue`.
    """
    with _alone(driver):
        if schema == TEMPORARY:
            _sweep(driver)
            schema = f"{PREFIX}_{uuid.uuid4().hex[:8]}"
            _create(driver, schema, f"{MARK}temporary {_me()}")
        elif (mark := _marks(driver).get(schema, "")) is None or not mark.startswith(MARK):
            _create_or_refuse(driver, schema, mark)
    return schema


def claim_beside(driver: Any, names: Iterator[str], temporary: bool) -> str:
    """``names`` 가운데 아직 없는 첫 이름의 스키마를 만들고 그 이름을 돌려줍니다."""
    with _alone(driver):
        taken = _marks(driver)
        schema = next(name for name in names if name not in taken)
        _create(driver, schema, f"{MARK}temporary {_me()}" if temporary else KEPT)
    return schema


def drop_schema(driver: Any, schema: str) -> None:
    """우리 표시가 있는 ``schema``를 통째로 지웁니다. 없거나 우리 것이 아니면 그대로 둡니다."""
    with _alone(driver):
        if (_marks(driver).get(schema) or "").startswith(MARK):
            driver.execute(f"DROP SCHEMA {schema} CASCADE")


@contextmanager
def _alone(driver: Any) -> Iterator[None]:
    with driver.transaction():
        driver.execute(f"SET LOCAL lock_timeout = '{PATIENCE}'")
        driver.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        yield


def _marks(driver: Any) -> dict[str, str | None]:
    """스키마마다 달린 COMMENT. 없으면 None."""
    sql = "SELECT nspname::text, obj_description(oid, 'pg_namespace') FROM pg_catalog.pg_namespace"
    return dict(driver.execute(sql).fetchall())


def _create_or_refuse(driver: Any, schema: str, mark: str | None) -> None:
    if mark == "":  # 그런 스키마가 없습니다
        _create(driver, schema, KEPT)
        return
    raise InvalidValue(
        f"PostgreSQL의 스키마 {schema}는 이 책의 실습이 만든 것이 아닙니다. 손대지 않았습니다.",
        f"실습이 만든 스키마에는 COMMENT에 「{KEPT}」라고 적혀 있습니다.",
        f"schema=에 다른 이름을 쓰세요. 지워도 되면 DROP SCHEMA {schema} CASCADE로 지우세요.",
    )


def _create(driver: Any, schema: str, mark: str) -> None:
    driver.execute(f"CREATE SCHEMA {schema}")
    driver.execute(f"COMMENT ON SCHEMA {schema} IS '{mark}'")


# ── 죽은 커널이 남긴 것 ────────────────────────────────────────────────────────


def _sweep(driver: Any) -> None:
    """이 컴퓨터에서 죽은 프로세스가 남긴 임시 스키마를 지웁니다. 다른 컴퓨터의 것은 모릅니다."""
    for schema, mark in _marks(driver).items():
        told = re.fullmatch(rf"{MARK}temporary (\S+) (\d+)", mark or "")
        if told and _is_dead(told[1], int(told[2])):
            with suppress(Exception), driver.transaction():  # 남의 권한이거나 아직 잠겨 있습니다
                driver.execute(f"DROP SCHEMA {schema} CASCADE")


def _me() -> str:
    return f"{_machine()} {os.getpid()}"


def _machine() -> str:
    """프로세스 번호를 함께 세는 곳의 이름: 컨테이너끼리는 번호가 겹칩니다."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"
    return f"{sys.platform}/{uuid.getnode():x}"


def _is_dead(machine: str, pid: int) -> bool:
    if machine != _machine() or os.name == "nt":  # Windows의 kill은 묻는 것이 아니라 끝냅니다
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
