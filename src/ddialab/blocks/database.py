"""데이터베이스: 게시글을 오래 기억하는 블록. SQLite가 기본이고 PostgreSQL로 바꿀 수 있습니다.

로그(`ddialab.blocks.log.Log`)를 붙이면 커밋하기 전에 트랜잭션마다 한 건을 적습니다. 스냅샷 다음부터
이 로그를 재생하면 지난 어느 순간으로든 갑니다. MySQL의 binlog가 하는 일입니다.

진짜보다 단순한 곳: 로그와 데이터베이스는 따로이고 둘을 묶는 2단계 커밋이 없습니다. 로그를 적고
커밋하기 전에 죽으면 로그에만 남고, 커밋의 답을 네트워크에서 잃으면 데이터베이스에만 남습니다.
MySQL은 2단계 커밋으로 이 틈을 메우고, PostgreSQL에서는 WAL에 적힌 것이 곧 커밋입니다.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ddialab.blocks.connection import storage_failure
from ddialab.blocks.posts import Post, Posts, Snapshot, check_id, check_text, row_of
from ddialab.blocks.sql import connect
from ddialab.core.errors import InvalidValue, LabError, check_integer

FIELDS = "id, author, text, deleted"


class Database(Posts):
    """SQL 연결(`ddialab.blocks.sql.Connection`) 위의 게시글 테이블. `Database.open`으로 엽니다.

    다른 테이블은 ``connection.run``으로 다루고, 함께 고칠 때는 `transaction`으로 묶습니다.
    여러 스레드가 함께 써도 됩니다.
    """

    def __init__(self, connection):
        super().__init__(connection)
        self._posts = connection.table("posts")
        connection.define(
            f"CREATE TABLE IF NOT EXISTS {self._posts} (id {connection.serial}, "
            "author TEXT NOT NULL, text TEXT NOT NULL, deleted BOOLEAN NOT NULL DEFAULT FALSE)",
            f"CREATE INDEX IF NOT EXISTS posts_by_author ON {self._posts} (author, id)",
        )

    @staticmethod
    def open(target: str | Path, *, log=None, schema: str = "ddialab") -> Database:
        """``target``에 연결해(`ddialab.blocks.sql.connect`) 게시글 테이블을 엽니다.

        파일 경로면 SQLite, ``postgresql://…`` 주소면 PostgreSQL이고, ``":memory:"``는 파일 없는
        SQLite입니다. ``schema``는 PostgreSQL에서 테이블을 둘 곳이고, ``"temporary"``면 새로
        만들었다가 닫을 때 지웁니다. ``log``를 붙이면 트랜잭션마다 커밋하기 전에 한 건을 적습니다.
        """
        connection = connect(target, log=log, schema=schema)
        try:
            return Database(connection)
        except LabError:
            connection.close()
            raise

    def post(self, id: int) -> Post | None:
        """번호가 ``id``인 게시글. 없거나 가려졌으면 None."""
        sql = f"SELECT {FIELDS} FROM {self._posts} WHERE id = ? AND NOT deleted"
        return next(iter(self._select(sql, (check_id(id),))), None)

    def posts(
        self,
        author: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        include_deleted: bool = False,
    ) -> list[Post]:
        """게시글을 번호 순으로 돌려줍니다. 가려진 것은 ``include_deleted``일 때만 보입니다."""
        sql, parameters = f"SELECT {FIELDS} FROM {self._posts}", []
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
        where = "" if include_deleted else " WHERE NOT deleted"
        sql = f"SELECT count(*) FROM {self._posts}{where}"
        return self.connection.run(sql)[0][0][0]

    def execute(self, sql: str) -> int:
        """SQL 한 문장을 그대로 실행하고 영향을 받은 행의 수를 돌려줍니다.

        운영자가 콘솔에 치는 문장이고, 로그에는 문장 그대로 남습니다. 로그를 붙였을 때는 재생하면
        결과가 달라질 문장만 `InvalidValue`로 거절합니다: 난수, 지금 시각, 차례 없는 LIMIT.
        """
        if self.log is not None and (why := _changes_on_replay(check_text("sql", sql))):
            raise InvalidValue(
                f"{sql!r}: 로그에 적을 수 없는 문장입니다({why}).",
                "재생할 때마다 같은 결과가 나와야 복구할 수 있습니다.",
                "값을 미리 구해 문장에 적거나 ORDER BY를 붙이세요.",
            )
        return super().execute(sql)

    def _insert(self, author: str, text: str) -> Post:
        sql = f"INSERT INTO {self._posts} (author, text) VALUES (?, ?) RETURNING {FIELDS}"
        return self._select(sql, (author, text))[0]

    def _update(self, id: int, text: str) -> Post | None:
        sql = f"UPDATE {self._posts} SET text = ? WHERE id = ? AND NOT deleted RETURNING {FIELDS}"
        return next(iter(self._select(sql, (text, id))), None)

    def _delete(self, id: int) -> bool:
        return bool(self.connection.run(f"DELETE FROM {self._posts} WHERE id = ?", (id,))[1])

    def _mark(self, deleted: bool, where: str, parameters: tuple) -> list[Post]:
        flag, state = ("TRUE", "NOT deleted") if deleted else ("FALSE", "deleted")
        change = f"UPDATE {self._posts} SET deleted = {flag} WHERE {state}"
        return self._select(f"{change} AND ({where}) RETURNING {FIELDS}", parameters)

    def _execute(self, sql: str) -> int:
        return max(self.connection.run(sql)[1], 0)

    def _load(self, posts: list[Post]) -> None:
        sql = (
            f"INSERT INTO {self._posts} ({FIELDS}) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET author = excluded.author, "
            "text = excluded.text, deleted = excluded.deleted"
        )
        self.connection.run_many(sql, [row_of(post) for post in posts])
        self.connection.skip_used_ids("posts")

    def _snapshot(self, path: str | Path) -> Snapshot:
        final = Path(path)
        partial = final.with_name(final.name + ".partial")
        with self.connection.lock:
            offset = self.log.end if self.log is not None else 0
            try:
                partial.unlink(missing_ok=True)
                self.connection.copy_out(partial, "posts", FIELDS)
                partial.replace(final)
            except BaseException as error:
                with suppress(OSError):
                    partial.unlink()
                if isinstance(error, LabError) or not isinstance(error, OSError):
                    raise
                raise storage_failure(f"스냅샷 {final}", error.strerror) from None
        return Snapshot(final, offset)

    def _load_snapshot(self, snapshot: Snapshot) -> None:
        self.connection.copy_in(snapshot.path, "posts", FIELDS)

    def _select(self, sql: str, parameters: Iterable = ()) -> list[Post]:
        rows, _ = self.connection.run(sql, parameters)
        return [Post(id, author, text, bool(deleted)) for id, author, text, deleted in rows]


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
