"""데이터베이스: 게시글을 오래 기억하는 블록. SQLite가 기본이고 PostgreSQL로 바꿀 수 있습니다.

로그(`ddialab.blocks.log.Log`)를 붙이면 커밋하기 전에 트랜잭션마다 한 건을 적습니다. 스냅샷 다음부터
이 로그를 재생하면 지난 어느 순간으로든 갑니다. MySQL의 binlog가 하는 일입니다.

진짜보다 단순한 곳: 로그와 데이터베이스는 따로이고 둘을 묶는 2단계 커밋이 없습니다. 로그를 적고
커밋하기 전에 죽으면 로그에만 남고, 커밋의 답을 네트워크에서 잃으면 데이터베이스에만 남습니다.
MySQL은 2단계 커밋으로 이 틈을 메우고, PostgreSQL에서는 WAL에 적힌 것이 곧 커밋입니다.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    LabError,
    StorageFailure,
    check_integer,
)

FIELDS = "id, author, text, deleted"
MAX_TEXT = 10_000  # 게시글 하나의 최대 글자 수


@dataclass(frozen=True)
class Post:
    """게시글 하나. ``deleted``는 소프트 삭제되어 가려졌는지입니다."""

    id: int
    author: str
    text: str
    deleted: bool = False


@dataclass(frozen=True)
class Snapshot:
    """``path``에 떠 둔 게시글 전체. 로그의 ``offset`` 앞까지의 쓰기가 들어 있습니다."""

    path: Path
    offset: int


class Database:
    """게시글을 담는 테이블 하나. `Database.open`으로 엽니다.

    ``log``(`ddialab.blocks.log.Log`)를 붙이면 트랜잭션마다 커밋하기 전에 한 건을 적습니다.
    내용은 바뀐 것들의 JSON 목록이고, ``op``는 put(넣기·덮어쓰기), delete, sql(손으로 친 문장)
    가운데 하나입니다. 한 건이라서 로그에서도 트랜잭션은 모두 남거나 하나도 남지 않습니다.
    ``queries``는 데이터베이스에 닿은 문장의 수입니다. 여러 스레드가 함께 써도 됩니다.
    """

    name = ""

    def __init__(self, log=None):
        self.log, self.queries = log, 0
        self._changes: list[dict] = []  # 지금 트랜잭션이 바꾼 것
        self._lock = threading.RLock()

    @staticmethod
    def open(target: str | Path, *, log=None, schema: str = "ddialab") -> Database:
        """파일 경로면 SQLite, ``postgresql://…`` 주소면 PostgreSQL을 엽니다.

        ``":memory:"``는 파일 없는 SQLite입니다. ``schema``는 PostgreSQL에서 테이블을 둘 곳이고,
        ``"pg_temp"``를 주면 연결이 끊길 때 테이블도 사라집니다. 열지 못하면 SQLite는
        `StorageFailure`, PostgreSQL은 `BackendUnavailable`을 냅니다.
        """
        if not isinstance(target, str | Path) or not str(target).strip():
            raise InvalidValue(
                f"target={target!r}: 데이터베이스의 위치가 아닙니다.",
                "파일 경로이거나 postgresql:// 로 시작하는 주소여야 합니다.",
                '예: Database.open("posts.db")',
            )
        if str(target).startswith(("postgresql://", "postgres://")):
            return Postgres(str(target), log, schema)
        if "://" in str(target):
            raise InvalidValue(
                f"target={hide_password(str(target))!r}: 모르는 종류의 데이터베이스입니다.",
                "파일 경로이거나 postgresql:// 로 시작하는 주소여야 합니다.",
            )
        return SQLite(target, log)

    def insert_post(self, author: str, text: str) -> Post:
        """새 게시글을 쓰고 번호가 붙은 `Post`를 돌려줍니다."""
        return self.insert_posts([(author, text)])[0]

    def insert_posts(self, rows: Iterable[tuple[str, str]]) -> list[Post]:
        """``(author, text)`` 여럿을 한 트랜잭션으로: 모두 들어가거나 하나도 안 들어갑니다."""
        rows = [(_checked("author", author), _checked("text", text)) for author, text in rows]
        posts = []
        with self._transaction():
            for row in rows:
                sql = f"INSERT INTO posts (author, text) VALUES (?, ?) RETURNING {FIELDS}"
                posts.append(self._select(sql, row)[0])
                self._note("put", post=_row(posts[-1]))
        return posts

    def post(self, id: int) -> Post | None:
        """번호가 ``id``인 게시글. 없거나 가려졌으면 None."""
        sql = f"SELECT {FIELDS} FROM posts WHERE id = ? AND NOT deleted"
        return next(iter(self._select(sql, (check_integer("id", id),))), None)

    def posts(
        self,
        author: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        include_deleted: bool = False,
    ) -> list[Post]:
        """게시글을 번호 순으로 돌려줍니다. 가려진 것은 ``include_deleted``일 때만 보입니다."""
        sql, parameters = f"SELECT {FIELDS} FROM posts", []
        conditions = [] if include_deleted else ["NOT deleted"]
        if author is not None:
            conditions.append("author = ?")
            parameters.append(author)
        if conditions:
            sql += " WHERE " + " AND ".join(conditions)
        sql += " ORDER BY id DESC" if newest_first else " ORDER BY id"
        if limit is not None:
            sql += " LIMIT ?"
            parameters.append(check_integer("limit", limit, 0))
        return self._select(sql, parameters)

    def count(self, include_deleted: bool = False) -> int:
        """게시글의 수. 가려진 것은 ``include_deleted``일 때만 셉니다."""
        sql = "SELECT count(*) FROM posts" + ("" if include_deleted else " WHERE NOT deleted")
        return self._run(sql)[0][0][0]

    def update(self, id: int, text: str) -> Post | None:
        """게시글의 내용을 바꾸고, 바뀐 게시글을 돌려줍니다. 없거나 가려졌으면 None."""
        sql = f"UPDATE posts SET text = ? WHERE id = ? AND NOT deleted RETURNING {FIELDS}"
        with self._transaction():
            found = self._select(sql, (_checked("text", text), check_integer("id", id)))
            for post in found:
                self._note("put", post=_row(post))
        return found[0] if found else None

    def delete(self, id: int) -> bool:
        """게시글을 정말로 지웁니다. 지울 것이 있었는지 돌려줍니다."""
        with self._transaction():
            _, count = self._run("DELETE FROM posts WHERE id = ?", (check_integer("id", id),))
            if count:
                self._note("delete", id=int(id))
        return bool(count)

    def mark_deleted(self, deleted: bool, where: str, parameters: Iterable = ()) -> list[int]:
        """조건에 맞는 게시글을 가리거나(True) 다시 보이고(False), 바뀐 것의 번호를 돌려줍니다."""
        flag, state = ("TRUE", "NOT deleted") if deleted else ("FALSE", "deleted")
        sql = f"UPDATE posts SET deleted = {flag} WHERE {state} AND ({where}) RETURNING {FIELDS}"
        with self._transaction():
            changed = self._select(sql, tuple(parameters))
            for post in changed:
                self._note("put", post=_row(post))
        return sorted(post.id for post in changed)

    def execute(self, sql: str) -> int:
        """SQL 한 문장을 그대로 실행하고 영향을 받은 행의 수를 돌려줍니다.

        운영자가 콘솔에 치는 문장이고, 로그에는 문장 그대로 남습니다. 로그를 붙였을 때는 재생하면
        결과가 달라질 문장만 `InvalidValue`로 거절합니다: 난수, 지금 시각, 차례 없는 LIMIT.
        """
        if self.log is not None and (why := _changes_on_replay(_checked("sql", sql))):
            raise InvalidValue(
                f"{sql!r}: 로그에 적을 수 없는 문장입니다({why}).",
                "재생할 때마다 같은 결과가 나와야 복구할 수 있습니다.",
                "값을 미리 구해 문장에 적거나 ORDER BY를 붙이세요.",
            )
        with self._transaction():
            _, count = self._run(_checked("sql", sql))
            self._note("sql", sql=sql)
        return max(count, 0)

    def load(self, posts: Iterable[Post]) -> None:
        """게시글을 번호까지 그대로 넣습니다. 같은 번호는 덮어쓰고, 로그에는 적지 않습니다."""
        sql = (
            f"INSERT INTO posts ({FIELDS}) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
            "author = excluded.author, text = excluded.text, deleted = excluded.deleted"
        )
        rows = [_row(post) for post in posts]
        with self._transaction(), self._translated():
            self.queries += len(rows)
            self._send_many(sql, rows)
            self._skip_used_ids()

    def snapshot(self, path: str | Path) -> Snapshot:
        """게시글 전체를 ``path``에 떠 둡니다. 다 뜬 뒤에야 그 이름이 생깁니다."""
        final = Path(path)
        partial = final.with_name(final.name + ".partial")
        with self._lock:
            offset = self.log.end if self.log is not None else 0
            try:
                partial.unlink(missing_ok=True)
                self._copy_to(partial)
                partial.replace(final)
            except BaseException as error:
                with suppress(OSError):
                    partial.unlink()
                if isinstance(error, LabError) or not isinstance(error, OSError):
                    raise
                raise _storage_failure(f"스냅샷 {final}", error.strerror) from None
        return Snapshot(final, offset)

    def close(self) -> None:
        """연결을 닫습니다. 두 번 불러도 됩니다."""
        self._connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def _select(self, sql: str, parameters: Iterable = ()) -> list[Post]:
        rows, _ = self._run(sql, parameters)
        return [Post(id, author, text, bool(deleted)) for id, author, text, deleted in rows]

    def _run(self, sql: str, parameters: Iterable = ()) -> tuple[list[tuple], int]:
        """문장 하나를 보내고 (행들, 영향을 받은 행의 수)를 받습니다."""
        with self._lock, self._translated():
            self.queries += 1
            cursor = self._send(sql, tuple(parameters))
            return (cursor.fetchall() if cursor.description else []), cursor.rowcount

    def _note(self, kind: str, **change) -> None:
        self._changes.append({"op": kind, **change})

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """고치고, 로그에 적고, 커밋합니다. 오류가 나면 셋 다 없던 일이 됩니다.

        이 프로세스가 살아서 오류를 받았을 때의 이야기입니다. 죽거나 답을 잃었을 때는 모듈의 설명을
        보세요.
        """
        with self._lock:
            with self._translated():
                self._send("BEGIN")
            mark, self._changes = self.log.end if self.log is not None else 0, []
            try:
                yield
                if self._changes and self.log is not None:
                    self.log.append(json.dumps(self._changes, ensure_ascii=False).encode())
                with self._translated():
                    self._send("COMMIT")
            except BaseException:
                with suppress(Exception):  # 연결이 이미 끊겼으면 서버가 스스로 롤백합니다
                    self._send("ROLLBACK")
                if self.log is not None:
                    self.log.truncate(mark)
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """드라이버의 오류를 이 책의 오류로 바꿉니다."""
        try:
            yield
        except self._driver_error as error:
            raise self._explain(error) from None


class SQLite(Database):
    """파일 하나에 담긴 SQLite 데이터베이스."""

    _driver_error = sqlite3.Error

    def __init__(self, path: str | Path, log=None):
        super().__init__(log)
        self.path, self.name = Path(path), f"SQLite {sqlite3.sqlite_version}"
        with self._translated():
            self._connection = sqlite3.connect(
                path, isolation_level=None, check_same_thread=False, timeout=5
            )
        try:
            self._prepare()
        except LabError:
            self._connection.close()
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
        _remove(self.path)

    def load_snapshot(self, snapshot: Snapshot) -> None:
        """`snapshot`이 떠 둔 게시글 전체로 이 데이터베이스를 바꿉니다."""
        if not snapshot.path.is_file():
            raise _storage_failure(f"스냅샷 {snapshot.path}", "파일이 없음")
        with self._lock, self._translated():
            source = sqlite3.connect(snapshot.path)
            try:
                source.backup(self._connection)
            finally:
                source.close()

    def _prepare(self) -> None:
        with self._translated():
            self._send("PRAGMA journal_mode = WAL")
            self._send("PRAGMA synchronous = FULL")  # 답한 쓰기는 전원이 나가도 남습니다
            self._send(  # AUTOINCREMENT: 지워진 게시글의 번호를 다시 쓰지 않습니다
                "CREATE TABLE IF NOT EXISTS posts (id INTEGER PRIMARY KEY AUTOINCREMENT, "
                "author TEXT NOT NULL, text TEXT NOT NULL, deleted INTEGER NOT NULL DEFAULT FALSE)"
            )
            self._send("CREATE INDEX IF NOT EXISTS posts_by_author ON posts (author, id)")

    def _send(self, sql: str, parameters: tuple = ()):
        return self._connection.execute(sql, parameters)

    def _send_many(self, sql: str, rows: list[tuple]) -> None:
        self._connection.executemany(sql, rows)

    def _skip_used_ids(self) -> None:
        """SQLite는 손으로 넣은 번호도 기억합니다. 할 일이 없습니다."""

    def _copy_to(self, path: Path) -> None:
        with self._translated():
            copy = sqlite3.connect(path)
            try:
                self._connection.backup(copy)
            finally:
                copy.close()

    def _explain(self, error: Exception) -> LabError:
        text = str(error)
        if "closed database" in text:
            return BackendUnavailable(
                f"데이터베이스 {self.path}는 이미 닫혔습니다.",
                todo="Database.open으로 다시 여세요.",
            )
        for sign, reason in SQLITE_REASONS.items():
            if sign in text:
                return _storage_failure(f"데이터베이스 {self.path}", reason)
        return _bad_sql(text)


class Postgres(Database):
    """PostgreSQL 서버의 스키마 하나에 담긴 데이터베이스."""

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
            self._connection = self._psycopg.connect(url, autocommit=True, connect_timeout=5)
        version = self._connection.info.server_version
        self.name = f"PostgreSQL {version // 10000}.{version % 10000}"
        try:
            self._prepare()
        except LabError:
            self._connection.close()
            raise

    def sibling(self, name: str) -> Postgres:
        """같은 서버에 빈 스키마를 새로 만듭니다. ``…_name``이 이미 있으면 번호를 붙입니다."""
        if self._schema == "pg_temp":
            return Postgres(self._url, schema="pg_temp")
        sql, names = "SELECT to_regnamespace(?)", _numbered(f"{self._schema}_{name}")
        free = next(name for name in names if self._run(sql, (name,))[0][0][0] is None)
        return Postgres(self._url, schema=free)

    def drop(self) -> None:
        """스키마를 통째로 지우고 닫습니다."""
        if self._schema != "pg_temp":
            with self._translated():
                self._send(f"DROP SCHEMA IF EXISTS {self._schema} CASCADE")
        self.close()

    def load_snapshot(self, snapshot: Snapshot) -> None:
        """`snapshot`이 떠 둔 게시글 전체로 이 데이터베이스를 바꿉니다."""
        try:
            data = snapshot.path.read_bytes()
        except OSError as error:
            raise _storage_failure(f"스냅샷 {snapshot.path}", error.strerror) from None
        with self._transaction(), self._translated():
            self._send("TRUNCATE posts")
            with self._connection.cursor().copy(f"COPY posts ({FIELDS}) FROM STDIN") as copy:
                copy.write(data)
            self._skip_used_ids()

    def _prepare(self) -> None:
        with self._translated():
            if self._schema != "pg_temp":
                self._send(f"CREATE SCHEMA IF NOT EXISTS {self._schema}")
            self._send(f"SET search_path TO {self._schema}")
            self._send(
                "CREATE TABLE IF NOT EXISTS posts (id BIGINT GENERATED BY DEFAULT AS IDENTITY "
                "PRIMARY KEY, author TEXT NOT NULL, text TEXT NOT NULL, "
                "deleted BOOLEAN NOT NULL DEFAULT FALSE)"
            )
            self._send("CREATE INDEX IF NOT EXISTS posts_by_author ON posts (author, id)")

    def _send(self, sql: str, parameters: tuple = ()):
        if not parameters:  # 이때 psycopg는 %를 건드리지 않습니다. prepare는 두 문장을 거절합니다
            return self._connection.execute(sql, prepare=True)
        return self._connection.execute(sql.replace("?", "%s"), parameters)

    def _send_many(self, sql: str, rows: list[tuple]) -> None:
        self._connection.cursor().executemany(sql.replace("?", "%s"), rows)

    def _skip_used_ids(self) -> None:
        """손으로 넣은 번호 다음부터 새 번호를 매기게 합니다."""
        self._send(
            "SELECT setval(pg_get_serial_sequence('posts', 'id'), max(id)) FROM posts "
            "HAVING max(id) IS NOT NULL"
        )

    def _copy_to(self, path: Path) -> None:
        sql = f"COPY (SELECT {FIELDS} FROM posts ORDER BY id) TO STDOUT"
        with (
            self._translated(),
            self._connection.cursor().copy(sql) as rows,
            path.open("wb") as out,
        ):
            for block in rows:
                out.write(block)
            out.flush()
            os.fsync(out.fileno())

    def _explain(self, error: Exception) -> LabError:
        errors, reason = self._psycopg.errors, hide_password(str(error).strip(), self._url)
        if isinstance(error, errors.DiskFull | errors.ReadOnlySqlTransaction):
            return _storage_failure(f"데이터베이스 {hide_password(self._url)}", reason)
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


UNSTEADY = {
    r"\b(random|randomblob|gen_random_uuid)\s*\(": "난수",
    r"\b(now|clock_timestamp|statement_timestamp)\s*\(": "지금 시각",
    r"\bcurrent_(date|time|timestamp)\b": "지금 시각",
    r"'now'|\b(date|time|datetime|julianday|unixepoch)\s*\(\s*\)": "지금 시각",
}


def _changes_on_replay(sql: str) -> str:
    """다시 실행하면 결과가 달라질 까닭. 없으면 빈 문자열입니다. 문자열 안의 말은 보지 않습니다."""
    outside = re.sub(r"'(?:[^']|'')*'", lambda found: "'now'" if found[0] == "'now'" else "''", sql)
    for pattern, why in UNSTEADY.items():
        if re.search(pattern, outside, re.IGNORECASE):
            return why
    limited, ordered = (re.search(rf"\b{w}\b", outside, re.I) for w in ("limit", r"order\s+by"))
    return "차례 없는 LIMIT" if limited and not ordered else ""


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


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _row(post: Post) -> tuple:
    return (post.id, post.author, post.text, post.deleted)


def _checked(name: str, value: object) -> str:
    # 눈에 안 보이는 NUL은 PostgreSQL이 담지 못합니다. 두 데이터베이스에서 똑같이 거절합니다.
    if isinstance(value, str) and 0 < len(value) <= MAX_TEXT and "\0" not in value:
        return value
    shown = value if not isinstance(value, str) or len(value) < 40 else value[:40] + "…"
    raise InvalidValue(
        f"{name}={shown!r}: 쓸 수 없는 값입니다.",
        f"1자 이상 {MAX_TEXT:,}자 이하의 문자열이어야 하고 NUL 문자는 쓸 수 없습니다.",
    )


def _identifier(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", name):
        raise InvalidValue(
            f"이름 {name!r}: 쓸 수 없습니다.",
            "소문자로 시작하는 소문자·숫자·밑줄 41자 이하여야 합니다.",
        )
    return name


def _storage_failure(what: str, reason: str | None) -> StorageFailure:
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
