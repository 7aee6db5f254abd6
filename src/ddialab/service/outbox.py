"""아웃박스(outbox): 아직 알리지 않은 쓰기. 원본과 같은 데이터베이스에 있습니다.

원본을 고치는 트랜잭션에서 함께 적으므로, 둘 다 남거나 하나도 남지 않습니다.
"""

from __future__ import annotations

from ddialab.blocks.memory import Memory

AT_ONCE = 100  # 한 번에 가져오는 사건의 수


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

    def pending(self) -> list[tuple[int, str]]:
        """아직 알리지 않은 사건들의 (번호, 내용). 적은 차례대로 앞의 `AT_ONCE`건까지입니다."""
        sql = f"SELECT id, change FROM {self._name} ORDER BY id LIMIT ?"
        return self._connection.run(sql, (AT_ONCE,))[0]

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

    def pending(self) -> list[tuple[int, str]]:
        """아직 알리지 않은 사건들의 (번호, 내용). 적은 차례대로 앞의 `AT_ONCE`건까지입니다."""
        return sorted(self._connection.table("outbox").items())[:AT_ONCE]

    def remove(self, id: int) -> None:
        """알린 사건을 지웁니다."""
        with self._connection.transaction():
            self._connection.put("outbox", id, None)


def outbox_of(connection) -> SQLOutbox | MemoryOutbox:
    """``connection``에 둔 아웃박스."""
    return MemoryOutbox(connection) if isinstance(connection, Memory) else SQLOutbox(connection)
