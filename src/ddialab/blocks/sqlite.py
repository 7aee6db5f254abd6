"""SQLite: 파일 하나(또는 메모리)에 담긴 데이터베이스."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ddialab.blocks.connection import Connection, bad_sql, numbered, storage_failure
from ddialab.core.errors import BackendUnavailable, LabError, StorageFailure

SQLITE_REASONS = {
    "unable to open database file": "폴더가 없거나 열 권한이 없음",
    "readonly database": "읽기 전용",
    "disk is full": "디스크가 가득 참",
    "disk I/O error": "디스크 입출력 오류",
    "database is locked": "다른 프로세스가 5초 넘게 잠그고 있음",
    "not a database": "SQLite 파일이 아님",
    "malformed": "파일이 깨짐",
}


class SQLite(Connection):
    """파일 하나에 담긴 SQLite 데이터베이스."""

    serial = "INTEGER PRIMARY KEY AUTOINCREMENT"
    what, reopen = "데이터베이스", "Database.open으로 다시 여세요."  # 오류에 적을 말
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
        paths = (self.path.with_name(f"{free}.db") for free in numbered(name))
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

    def _begin(self, depth: int) -> None:
        # 읽고 나서 쓰는 트랜잭션은, 그사이 다른 프로세스가 쓰면 기다리지도 못하고 실패합니다.
        # 그래서 시작할 때 쓸 차례를 기다립니다
        self.define(f"SAVEPOINT depth_{depth}" if depth else "BEGIN IMMEDIATE")

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
            problem = f"{self.what} {self.path}: 이미 닫혔습니다."
            return BackendUnavailable(problem, todo=self.reopen)
        for sign, reason in SQLITE_REASONS.items():
            if sign in text:
                return storage_failure(f"{self.what} {self.path}", reason)
        return bad_sql(text)
