"""SQL 연결의 공통: 문장을 보내고, 트랜잭션을 여닫고, 이름을 확인합니다."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ddialab.blocks.transactions import Transactions
from ddialab.core.errors import InvalidValue, StorageFailure


class Connection(Transactions):
    """연결 하나. `connect`로 엽니다. 여러 스레드가 함께 써도 됩니다.

    ``name``은 서버의 이름과 버전, ``queries``는 `run`과 `run_many`로 보낸 문장의 수입니다.
    매개변수의 자리는 어느 서버에서나 ``?``로 적습니다.
    """

    name = ""
    schema = ""  # 테이블이 있는 스키마. PostgreSQL에만 있습니다
    serial = ""  # 저절로 늘어나고 다시 쓰지 않는 번호의 타입

    def __init__(self, log=None):
        super().__init__(log)
        self.queries, self.lock = 0, threading.RLock()

    def run(self, sql: str, parameters: Iterable = ()) -> tuple[list[tuple], int]:
        """문장 하나를 보내고 (행들, 영향을 받은 행의 수)를 받습니다."""
        with self.lock, self._translated():
            self.queries += 1
            cursor = self._send(sql, tuple(parameters))
            return (cursor.fetchall() if cursor.description else []), cursor.rowcount

    def run_many(self, sql: str, rows: list[tuple]) -> None:
        """같은 문장을 행마다 보냅니다."""
        with self.lock, self._translated():
            self.queries += len(rows)
            self._send_many(sql, rows)

    def table(self, name: str) -> str:
        """문장에 적을 테이블의 이름. 스키마가 있으면 앞에 붙입니다."""
        return f"{self.schema}.{name}" if self.schema else name

    def define(self, *statements: str) -> None:
        """테이블을 만드는 문장들을 보냅니다. ``queries``에는 세지 않습니다."""
        with self.lock, self._translated():
            for sql in statements:
                self._send(sql)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.lock, super().transaction():
            yield

    def check_idle(self, what: str) -> None:
        with self.lock:  # 다른 스레드의 트랜잭션이라면 끝나기를 기다립니다
            super().check_idle(what)

    def close(self) -> None:
        """연결을 닫습니다. 두 번 불러도 됩니다."""
        self._driver.close()

    def _begin(self, depth: int) -> None:
        self.define(f"SAVEPOINT depth_{depth}" if depth else "BEGIN")

    def _commit(self, depth: int) -> None:
        self.define(f"RELEASE SAVEPOINT depth_{depth}" if depth else "COMMIT")

    def _rollback(self, depth: int) -> None:
        self.define(f"ROLLBACK TO SAVEPOINT depth_{depth}" if depth else "ROLLBACK")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """드라이버의 오류를 이 책의 오류로 바꿉니다."""
        try:
            yield
        except self._driver_error as error:
            raise self._explain(error) from None


def numbered(name: str) -> Iterator[str]:
    """name, name_2, name_3, …: 이미 있는 데이터베이스를 지우거나 덮어쓰지 않으려는 것입니다."""
    yield identifier(name)
    yield from (f"{name}_{n}" for n in itertools.count(2))


def identifier(name: str) -> str:
    if not re.fullmatch(r"(?!pg_)[a-z][a-z0-9_]{0,40}", name):
        raise InvalidValue(
            f"이름 {name!r}: 쓸 수 없습니다.",
            "소문자로 시작하는 소문자·숫자·밑줄 41자 이하이고, pg_로 시작하지 않아야 합니다.",
        )
    return name


def storage_failure(what: str, reason: str | None) -> StorageFailure:
    """``what``에 쓰거나 읽지 못했다는 오류."""
    return StorageFailure(
        f"{what}에 쓰거나 읽지 못했습니다({reason}).",
        "있는 폴더의 쓸 수 있는 파일이어야 합니다.",
        "경로와 권한, 남은 공간을 확인하세요.",
    )


def bad_sql(reason: str) -> InvalidValue:
    return InvalidValue(
        f"SQL을 실행하지 못했습니다({reason}).",
        "SQL 한 문장이어야 합니다.",
        "문장과 테이블 이름(posts), 컬럼 이름(id, author, text, deleted)을 확인하세요.",
    )
