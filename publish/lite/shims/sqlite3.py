"""브라우저의 `sqlite3`: 겉은 파이썬 DB-API이고, 속은 sql.js(WebAssembly로 빌드한 SQLite)입니다.

Pyodide 0.27의 `sqlite3`은 따로 내려받는 패키지라 서버 없이는 사용할 수 없습니다. 여기에는 이 책의
데이터베이스 블록이 사용하는 만큼만 있습니다. 스레드가 없으므로 같은 파일을 여러 번 열면 연결들이 한
데이터베이스를 나눠 사용하고, 마지막 연결을 닫거나 백업이 끝날 때 파일로 씁니다.
"""

import os
from pathlib import Path

import sqljs
from pyodide.code import run_js
from pyodide.ffi import JsException, to_js

apilevel, paramstyle, threadsafety = "2.0", "qmark", 1
_with_nulls = run_js("(values) => values.map((value) => value === undefined ? null : value)")
_KINDS = {  # SQLite가 말하는 까닭의 첫머리 → 파이썬의 오류
    "UNIQUE constraint": "IntegrityError",
    "NOT NULL constraint": "IntegrityError",
    "CHECK constraint": "IntegrityError",
    "FOREIGN KEY constraint": "IntegrityError",
    "file is not a database": "DatabaseError",
    "database disk image": "DatabaseError",
}


class Warning(Exception):
    """DB-API의 경고."""


class Error(Exception):
    """데이터베이스의 오류."""


class DatabaseError(Error):
    """데이터베이스가 깨졌거나 데이터베이스가 아닙니다."""


class OperationalError(DatabaseError):
    """문장을 실행할 수 없습니다."""


class IntegrityError(DatabaseError):
    """제약을 어겼습니다."""


class ProgrammingError(DatabaseError):
    """잘못 사용했습니다: 닫힌 연결, 두 문장, 맞지 않는 인자의 수."""


class _Storage:
    """열린 데이터베이스 하나. 같은 파일의 연결들이 나눠 사용합니다."""

    opened: dict[str, "_Storage"] = {}  # noqa: RUF012  모듈에 하나뿐인 딕셔너리입니다

    def __init__(self, path: str):
        self.path, self.users = path, 0
        data = Path(path).read_bytes() if path and os.path.exists(path) else b""
        self.js = sqljs.Database.new(to_js(data)) if data else sqljs.Database.new()
        if path:
            Path(path).touch()

    @classmethod
    def of(cls, path: str) -> "_Storage":
        storage = cls.opened.get(path) or cls(path)
        if path:
            cls.opened[path] = storage
        storage.users += 1
        return storage

    def release(self) -> None:
        self.users -= 1
        if self.users:
            return
        self.opened.pop(self.path, None)
        self.save()
        self.js.close()

    def save(self) -> None:
        if self.path and os.path.isdir(os.path.dirname(self.path)):
            Path(self.path).write_bytes(self.js.export().to_bytes())

    def load(self, data) -> None:
        self.js.close()
        self.js = sqljs.Database.new(data)


class Cursor:
    """문장 하나의 결과. 행은 실행할 때 모두 읽어 둡니다."""

    def __init__(self, rows: list[tuple], names: list[str], rowcount: int):
        self._rows = iter(rows)
        self.description = tuple((name, *[None] * 6) for name in names) or None
        self.rowcount = rowcount

    def fetchone(self) -> tuple | None:
        return next(self._rows, None)

    def fetchall(self) -> list[tuple]:
        return list(self._rows)

    def __iter__(self):
        return self._rows


class Connection:
    """연결 하나. 자동 커밋(``isolation_level=None``)으로만 사용합니다."""

    def __init__(self, path: str):
        self._storage: _Storage | None = _Storage.of(path)

    def execute(self, sql: str, parameters=()) -> Cursor:
        js = self._open().js
        try:
            statements = js.iterateStatements(sql)
            step = statements.next()
            if step.done:
                return Cursor([], [], -1)
            statement = step.value
            try:
                if statements.getRemainingSQL().strip():
                    raise ProgrammingError("You can only execute one statement at a time.")
                return self._run(js, sql, statement, parameters)
            finally:
                statement.free()
        except JsException as error:
            raise _explained(error) from None

    def executemany(self, sql: str, rows) -> None:
        for row in rows:
            self.execute(sql, row)

    def backup(self, target: "Connection") -> None:
        """이 데이터베이스를 통째로 ``target``에 옮기고, ``target``이 파일이면 파일에도 씁니다."""
        other = target._open()
        other.load(self._open().js.export())
        other.save()

    def close(self) -> None:
        if self._storage is not None:
            self._storage.release()
            self._storage = None

    def _open(self) -> _Storage:
        if self._storage is None:
            raise ProgrammingError("Cannot operate on a closed database.")
        return self._storage

    def _run(self, js, sql: str, statement, parameters) -> Cursor:
        statement.bind(_with_nulls(to_js([_plain(value) for value in parameters])))
        rows = []
        while statement.step():
            rows.append(tuple(_python(value) for value in statement.get()))
        names = list(statement.getColumnNames())
        changes = sql.split(None, 1)[0].upper() in ("INSERT", "UPDATE", "DELETE", "REPLACE")
        return Cursor(rows, names, js.getRowsModified() if changes else -1)


def connect(path, **_settings) -> Connection:
    """``path``의 데이터베이스를 엽니다. 없으면 빈 것을 만듭니다."""
    text = os.fspath(path)
    if text == ":memory:":
        return Connection("")
    text = os.path.abspath(text)
    if not os.path.isdir(os.path.dirname(text)):
        raise OperationalError("unable to open database file")
    try:
        return Connection(text)
    except JsException as error:
        raise _explained(error) from None


def _plain(value):
    return int(value) if isinstance(value, bool) else value


def _python(value):
    return value.to_bytes() if hasattr(value, "to_bytes") and not isinstance(value, int) else value


def _explained(error: JsException) -> Error:
    text = error.message
    kinds = (kind for start, kind in _KINDS.items() if text.startswith(start))
    return globals()[next(kinds, "OperationalError")](text)


sqlite_version = Connection("").execute("SELECT sqlite_version()").fetchone()[0]
