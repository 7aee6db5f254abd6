"""SQL 데이터베이스의 연결: 문장을 보내고, 트랜잭션을 여닫고, 드라이버의 오류를 설명합니다.

SQLite가 기본이고 PostgreSQL로 바꿀 수 있습니다. 어떤 테이블이 있는지는 사용하는 쪽이 압니다.
두 서버의 문법이 다른 곳(컬럼 바꾸기, 통째로 복사하기)은 여기에만 있습니다.
"""

from __future__ import annotations

import itertools
import os
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ddialab.blocks.transactions import Transactions
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError, StorageFailure

TARGETS = "파일 경로이거나 postgresql:// 로 시작하는 주소여야 합니다."


def connect(target: str | Path, *, log=None, schema: str = "ddialab") -> Connection:
    """파일 경로면 SQLite, ``postgresql://…`` 주소면 PostgreSQL에 연결합니다.

    ``":memory:"``는 파일 없는 SQLite입니다. ``schema``는 PostgreSQL에서 테이블을 둘 곳이고,
    ``"pg_temp"``를 주면 연결이 끊길 때 테이블도 사라집니다. 열지 못하면 SQLite는
    `StorageFailure`, PostgreSQL은 `BackendUnavailable`을 냅니다.
    """
    if not isinstance(target, str | Path) or not str(target).strip():
        problem = f"target={target!r}: 데이터베이스의 위치가 아닙니다."
        raise InvalidValue(problem, TARGETS, '예: Database.open("posts.db")')
    if str(target).startswith(("postgresql://", "postgres://")):
        return Postgres(str(target), log, schema)
    if "://" in str(target):
        shown = hide_password(str(target))
        raise InvalidValue(f"target={shown!r}: 모르는 종류의 데이터베이스입니다.", TARGETS)
    return SQLite(target, log)


class Connection(Transactions):
    """연결 하나. `connect`로 엽니다. 여러 스레드가 함께 써도 됩니다.

    ``name``은 서버의 이름과 버전, ``queries``는 `run`과 `run_many`로 보낸 문장의 수입니다.
    매개변수의 자리는 어느 서버에서나 ``?``로 적습니다.
    """

    name = ""
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


class SQLite(Connection):
    """파일 하나에 담긴 SQLite 데이터베이스."""

    serial = "INTEGER PRIMARY KEY AUTOINCREMENT"
    _driver_error = sqlite3.Error

    def __init__(self, path: str | Path, log=None):
        super().__init__(log)
        self.path, self.name = Path(path), f"SQLite {sqlite3.sqlite_version}"
        with self._translated():
            self._driver = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=5
            )
        try:  # FULL: 답한 쓰기는 전원이 나가도 남습니다
            self.define("PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")
        except LabError:
            self.close()
            raise

    def sibling(self, name: str) -> SQLite:
        """같은 폴더에 빈 ``name.db``를 새로 만듭니다. 이미 있으면 이름에 번호를 붙입니다."""
        if str(self.path) == ":memory:":
            return SQLite(":memory:")
        paths = (self.path.with_name(f"{free}.db") for free in _numbered(name))
        return SQLite(next(path for path in paths if not path.exists()))

    def drop(self) -> None:
        """닫고 파일까지 지웁니다."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    def columns(self, table: str) -> list[str]:
        """``table``에 있는 컬럼의 이름들."""
        return list(self._definitions(table))

    def alter(self, table: str, columns: dict[str, str | None]) -> None:
        """``table``의 컬럼을 ``columns``(이름: 타입, 없앨 것은 None)로 바꿉니다. 나머지는 그대로.

        트랜잭션 안에서 부릅니다. SQLite 3.53 전에는 NOT NULL을 떼지 못하므로 테이블을 새로 만들어
        옮깁니다(SQLite 문서의 절차). 번호는 `serial`이어야 합니다.
        """
        now = self._definitions(table)
        then = {name: kind for name, kind in (now | columns).items() if kind is not None}
        body = ", ".join(f"{name} {kind}" for name, kind in then.items())
        shared = ", ".join(name for name in then if name in now)
        sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql > ''"
        indexes = [index for (index,) in self.run(sql, (table,))[0]]
        self.define(
            f"CREATE TABLE {table}_next ({body})",
            f"INSERT INTO {table}_next ({shared}) SELECT {shared} FROM {table}",
            # 지워진 행의 번호를 다시 사용하지 않도록 번호표도 옮깁니다
            f"DELETE FROM sqlite_sequence WHERE name = '{table}_next'",
            f"INSERT INTO sqlite_sequence SELECT '{table}_next', seq FROM sqlite_sequence "
            f"WHERE name = '{table}'",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table}_next RENAME TO {table}",
            *indexes,
        )

    def skip_used_ids(self, table: str) -> None:
        """SQLite는 손으로 넣은 번호도 기억합니다. 할 일이 없습니다."""

    def copy_out(self, path: Path, table: str, columns: str) -> None:
        """데이터베이스를 통째로 ``path``에 복사합니다."""
        with self._translated(), closing(sqlite3.connect(path)) as copy:
            self._driver.backup(copy)

    def copy_in(self, path: Path, table: str, columns: str) -> None:
        """`copy_out`이 복사한 것으로 데이터베이스를 통째로 바꿉니다."""
        if not path.is_file():
            raise storage_failure(f"스냅샷 {path}", "파일이 없음")
        with self.lock, self._translated(), closing(sqlite3.connect(path)) as source:
            source.backup(self._driver)

    def _definitions(self, table: str) -> dict[str, str]:
        """컬럼마다 CREATE TABLE에 적을 말."""
        sql = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
        found = {}
        for name, kind, required, default, key in self.run(sql, (table,))[0]:
            words = [kind, "NOT NULL" * required, f"DEFAULT {default}" * (default is not None)]
            found[name] = self.serial if key else " ".join(filter(None, words))
        return found

    def _send(self, sql: str, parameters: tuple = ()):
        # 디스크가 가득 차면 SQLite가 스스로 롤백합니다. 모르고 이어 가면 반쪽만 남습니다.
        # 브라우저의 대역은 트랜잭션이 열려 있는지 답하지 못합니다
        if self._depth and not getattr(self._driver, "in_transaction", True):
            raise StorageFailure(
                f"데이터베이스 {self.path}: 앞의 오류로 트랜잭션이 이미 롤백되었습니다.",
                "오류가 난 트랜잭션은 이어 갈 수 없습니다.",
                "with 문을 빠져나와 처음부터 다시 하세요.",
            )
        return self._driver.execute(sql, parameters)

    def _send_many(self, sql: str, rows: list[tuple]) -> None:
        self._driver.executemany(sql, rows)

    def _explain(self, error: Exception) -> LabError:
        text = str(error)
        if "closed database" in text:
            return BackendUnavailable(
                f"데이터베이스 {self.path}는 이미 닫혔습니다.",
                todo="Database.open으로 다시 여세요.",
            )
        for sign, reason in SQLITE_REASONS.items():
            if sign in text:
                return storage_failure(f"데이터베이스 {self.path}", reason)
        return _bad_sql(text)


class Postgres(Connection):
    """PostgreSQL 서버의 스키마 하나."""

    serial = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"

    def __init__(self, url: str, log=None, schema: str = "ddialab"):
        super().__init__(log)
        if url.count("@") > 1:
            raise InvalidValue(
                "데이터베이스 주소에 @가 둘 이상입니다(비밀번호가 섞여 있어 보여 주지 않습니다).",
                "형식: postgresql://사용자:비밀번호@호스트:포트/데이터베이스",
                "비밀번호에 든 @ : / 는 %40 %3A %2F로 적으세요.",
            )
        self._psycopg = _psycopg()
        self._driver_error = self._psycopg.Error
        self._url, self._schema = url, _identifier(schema)
        with self._translated():
            self._driver = self._psycopg.connect(url, autocommit=True, connect_timeout=5)
        version = self._driver.info.server_version
        self.name = f"PostgreSQL {version // 10000}.{version % 10000}"
        create = [f"CREATE SCHEMA IF NOT EXISTS {schema}"] if schema != "pg_temp" else []
        try:
            self.define(*create, f"SET search_path TO {schema}")
        except LabError:
            self.close()
            raise

    def sibling(self, name: str) -> Postgres:
        """같은 서버에 빈 스키마를 새로 만듭니다. ``…_name``이 이미 있으면 번호를 붙입니다."""
        if self._schema == "pg_temp":
            return Postgres(self._url, schema="pg_temp")
        sql, names = "SELECT to_regnamespace(?)", _numbered(f"{self._schema}_{name}")
        free = next(name for name in names if self.run(sql, (name,))[0][0][0] is None)
        return Postgres(self._url, schema=free)

    def drop(self) -> None:
        """스키마를 통째로 지우고 닫습니다."""
        if self._schema != "pg_temp":
            self.define(f"DROP SCHEMA IF EXISTS {self._schema} CASCADE")
        self.close()

    def columns(self, table: str) -> list[str]:
        """``table``에 있는 컬럼의 이름들."""
        sql = (
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = ?"
        )
        return [name for (name,) in self.run(sql, (table,))[0]]

    def alter(self, table: str, columns: dict[str, str | None]) -> None:
        """``table``의 컬럼을 ``columns``(이름: 타입, 없앨 것은 None)로 바꿉니다. 나머지는 그대로.

        트랜잭션 안에서 부릅니다. 테이블을 다시 쓰지 않아 금방 끝납니다.
        """
        now = self.columns(table)
        for name, kind in columns.items():
            if kind is None:
                self.define(f"ALTER TABLE {table} DROP COLUMN IF EXISTS {name}")
            elif name not in now:
                self.define(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
            else:
                action = "SET" if "NOT NULL" in kind else "DROP"
                self.define(f"ALTER TABLE {table} ALTER COLUMN {name} {action} NOT NULL")

    def skip_used_ids(self, table: str) -> None:
        """손으로 넣은 번호 다음부터 새 번호를 매기게 합니다."""
        self.define(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} "
            "HAVING max(id) IS NOT NULL"
        )

    def copy_out(self, path: Path, table: str, columns: str) -> None:
        """``table``의 ``columns``를 번호 순으로 ``path``에 복사합니다."""
        sql = f"COPY (SELECT {columns} FROM {table} ORDER BY id) TO STDOUT"
        with self._translated(), self._driver.cursor().copy(sql) as rows, path.open("wb") as out:
            for block in rows:
                out.write(block)
            out.flush()
            os.fsync(out.fileno())

    def copy_in(self, path: Path, table: str, columns: str) -> None:
        """`copy_out`이 복사한 것으로 ``table``의 행을 모두 바꿉니다."""
        try:
            data = path.read_bytes()
        except OSError as error:
            raise storage_failure(f"스냅샷 {path}", error.strerror) from None
        with self.transaction(), self._translated():
            self._send(f"TRUNCATE {table}")
            with self._driver.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                copy.write(data)
            self.skip_used_ids(table)

    def _send(self, sql: str, parameters: tuple = ()):
        if not parameters:  # 이때 psycopg는 %를 건드리지 않습니다. prepare는 두 문장을 거절합니다
            return self._driver.execute(sql, prepare=True)
        return self._driver.execute(sql.replace("?", "%s"), parameters)

    def _send_many(self, sql: str, rows: list[tuple]) -> None:
        self._driver.cursor().executemany(sql.replace("?", "%s"), rows)

    def _explain(self, error: Exception) -> LabError:
        errors, reason = self._psycopg.errors, hide_password(str(error).strip(), self._url)
        if isinstance(error, errors.DiskFull | errors.ReadOnlySqlTransaction):
            return storage_failure(f"데이터베이스 {hide_password(self._url)}", reason)
        if isinstance(error, self._psycopg.OperationalError | self._psycopg.InterfaceError):
            return BackendUnavailable(
                f"{hide_password(self._url)}에 연결하지 못했습니다({reason}).",
                "형식: postgresql://사용자:비밀번호@호스트:포트/데이터베이스",
                "서버가 떠 있는지, DATABASE_URL이 맞는지 확인하세요. 비우면 SQLite를 씁니다.",
            )
        return _bad_sql(reason)


SQLITE_REASONS = {
    "unable to open database file": "폴더가 없거나 열 권한이 없음",
    "readonly database": "읽기 전용",
    "disk is full": "디스크가 가득 참",
    "disk I/O error": "디스크 입출력 오류",
    "database is locked": "다른 프로세스가 5초 넘게 잠그고 있음",
    "not a database": "SQLite 파일이 아님",
    "malformed": "파일이 깨짐",
}


PASSWORDS = (r"://[^/\s:@]*:(.+)@", r"password=([^&\s]+)")  # 주소에서 비밀번호가 들어가는 두 곳


def hide_password(text: str, url: str = "") -> str:
    """주소 속 비밀번호를 ``***``로 바꿉니다. ``url``의 비밀번호가 ``text``에 나온 곳도 바꿉니다."""
    for pattern in PASSWORDS:
        for secret in filter(None, re.findall(pattern, url)):
            text = text.replace(secret, "***")
        text = re.sub(pattern, lambda found: found[0].replace(found[1], "***"), text)
    return text


def _psycopg():
    try:
        import psycopg
    except ImportError:
        raise BackendUnavailable(
            "PostgreSQL에 연결할 드라이버 psycopg가 없습니다.",
            todo="pip install 'psycopg[binary]' 를 실행하거나 DATABASE_URL을 비워 SQLite를 쓰세요.",
        ) from None
    return psycopg


def _numbered(name: str) -> Iterator[str]:
    """name, name_2, name_3, …: 이미 있는 데이터베이스를 지우거나 덮어쓰지 않으려는 것입니다."""
    yield _identifier(name)
    yield from (f"{name}_{n}" for n in itertools.count(2))


def _identifier(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise InvalidValue(
            f"이름 {name!r}: 쓸 수 없습니다.",
            "소문자로 시작하는 소문자·숫자·밑줄 41자 이하여야 합니다.",
        )
    return name


def storage_failure(what: str, reason: str | None) -> StorageFailure:
    """``what``에 쓰거나 읽지 못했다는 오류."""
    return StorageFailure(
        f"{what}에 쓰거나 읽지 못했습니다({reason}).",
        "있는 폴더의 쓸 수 있는 파일이어야 합니다.",
        "경로와 권한, 남은 공간을 확인하세요.",
    )


def _bad_sql(reason: str) -> InvalidValue:
    return InvalidValue(
        f"SQL을 실행하지 못했습니다({reason}).",
        "SQL 한 문장이어야 합니다.",
        "문장과 테이블 이름(posts), 컬럼 이름(id, author, text, deleted)을 확인하세요.",
    )
