"""아웃박스(outbox): 아직 알리지 않은 쓰기. 원본과 같은 데이터베이스에 있습니다.

원본을 고치는 트랜잭션에서 함께 적으므로, 둘 다 남거나 하나도 남지 않습니다.
"""

from __future__ import annotations

from ddialab.blocks.memory import Memory


class SQLOutbox:
    """SQL 연결(`ddialab.blocks.sql.Connection`)의 outbox 테이블."""

    def __init__(self, connection):
        self._connection, self._name = connection, connection.table("outbox")
        connection.define(
            f"CREATE TABLE IF NOT EXISTS {self._name} "
            f"(id {connection.serial}, change TEXT NOT NULL)"
        )

    def add(self, change: str) -> None:
        """사건 하나를 적습니다. 원본을 고치는 트랜잭션 안에서 부릅니다."""
        self._connection.run(f"INSERT INTO {self._name} (change) VALUES (?)", (change,))

    def first(self) -> tuple[int, str] | None:
        """아직 알리지 않은 사건 가운데 맨 앞 것의 (번호, 내용). 없으면 None."""
        sql = f"SELECT id, change FROM {self._name} ORDER BY id LIMIT 1"
        return next(iter(self._connection.run(sql)[0]), None)

    def __len__(self) -> int:
        return self._connection.run(f"SELECT count(*) FROM {self._name}")[0][0][0]

    def remove(self, id: int) -> None:
        """알린 사건을 지웁니다."""
        self._connection.run(f"DELETE FROM {self._name} WHERE id = ?", (id,))


class MemoryOutbox:
    """메모리(`ddialab.blocks.memory.Memory`)의 outbox 테이블."""

    def __init__(self, connection: Memory):
        self._connection = connection

    def add(self, change: str) -> None:
        """사건 하나를 적습니다. 원본을 고치는 트랜잭션 안에서 부릅니다."""
        self._connection.put("outbox", self._connection.next_id("outbox"), change)

    def first(self) -> tuple[int, str] | None:
        """아직 알리지 않은 사건 가운데 맨 앞 것의 (번호, 내용). 없으면 None."""
        return min(self._connection.table("outbox").items(), default=None)

    def __len__(self) -> int:
        return len(self._connection.table("outbox"))

    def remove(self, id: int) -> None:
        """알린 사건을 지웁니다."""
        with self._connection.transaction():
            self._connection.put("outbox", id, None)


def outbox_of(connection) -> SQLOutbox | MemoryOutbox:
    """``connection``에 둔 아웃박스."""
    return MemoryOutbox(connection) if isinstance(connection, Memory) else SQLOutbox(connection)
