"""버전이 다른 프로그램들의 공용 테이블: 번호마다 바이트 하나. 데이터베이스나 딕셔너리에 둡니다."""

from __future__ import annotations

from ddialab.blocks.database import Database


class Documents:
    """데이터베이스의 ``documents`` 테이블."""

    def __init__(self, database: Database):
        connection = database.connection
        self._run, self._table = connection.run, connection.table("documents")
        # SQLite는 모르는 타입 이름도 받아 바이트를 그대로 담습니다
        connection.define(
            f"CREATE TABLE IF NOT EXISTS {self._table} (id BIGINT PRIMARY KEY, body BYTEA)"
        )

    def insert(self, id: int, body: bytes) -> None:
        """새로 씁니다. 같은 요청이 두 번 와도 한 건입니다."""
        sql = f"INSERT INTO {self._table} (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING"
        self._run(sql, (id, body))

    def get(self, id: int) -> bytes | None:
        """``id``의 바이트. 없으면 None."""
        rows, _ = self._run(f"SELECT body FROM {self._table} WHERE id = ?", (id,))
        return bytes(rows[0][0]) if rows else None

    def replace(self, id: int, before: bytes, after: bytes) -> bool:
        """아직 ``before``일 때만 ``after``로 바꿉니다(compare-and-set). 바꿨는지 돌려줍니다."""
        sql = f"UPDATE {self._table} SET body = ? WHERE id = ? AND body = ?"
        return self._run(sql, (after, id, before))[1] == 1

    def delete(self, id: int) -> bool:
        """지웁니다. 지울 것이 있었는지 돌려줍니다."""
        return self._run(f"DELETE FROM {self._table} WHERE id = ?", (id,))[1] == 1


class MemoryDocuments:
    """같은 일을 하는 딕셔너리. 데이터베이스가 없는 곳에서 사용합니다."""

    def __init__(self):
        self._bodies: dict[int, bytes] = {}

    def insert(self, id: int, body: bytes) -> None:
        self._bodies.setdefault(id, body)

    def get(self, id: int) -> bytes | None:
        return self._bodies.get(id)

    def replace(self, id: int, before: bytes, after: bytes) -> bool:
        if self._bodies.get(id) != before:
            return False
        self._bodies[id] = after
        return True

    def delete(self, id: int) -> bool:
        return self._bodies.pop(id, None) is not None
