"""팔로우: 누가 누구의 글을 받아 보는지."""

from __future__ import annotations

from ddialab.blocks.memory import Memory


class SQLFollows:
    """SQL 연결(`ddialab.blocks.sql.Connection`)의 follows 테이블."""

    def __init__(self, connection):
        self._connection, self._name = connection, connection.table("follows")
        connection.define(
            f"CREATE TABLE IF NOT EXISTS {self._name} "
            "(follower TEXT NOT NULL, followee TEXT NOT NULL, PRIMARY KEY (follower, followee))",
            f"CREATE INDEX IF NOT EXISTS follows_by_followee ON {self._name} (followee, follower)",
        )

    def add(self, follower: str, followee: str) -> None:
        """``follower``가 ``followee``를 팔로우합니다. 이미 했으면 그대로입니다."""
        sql = f"INSERT INTO {self._name} VALUES (?, ?) ON CONFLICT DO NOTHING"
        self._connection.run(sql, (follower, followee))

    def followers(self, followee: str) -> list[str]:
        """``followee``를 팔로우하는 사람들. 이름 순."""
        return self._one_side("follower", "followee", followee)

    def followees(self, follower: str) -> list[str]:
        """``follower``가 팔로우하는 사람들. 이름 순."""
        return self._one_side("followee", "follower", follower)

    def everyone(self) -> list[str]:
        """누군가를 팔로우하는 사람들. 이름 순."""
        rows, _ = self._connection.run(f"SELECT DISTINCT follower FROM {self._name}")
        return sorted(name for (name,) in rows)

    def _one_side(self, wanted: str, known: str, name: str) -> list[str]:
        sql = f"SELECT {wanted} FROM {self._name} WHERE {known} = ?"
        return sorted(found for (found,) in self._connection.run(sql, (name,))[0])


class MemoryFollows:
    """메모리(`ddialab.blocks.memory.Memory`)의 follows 테이블."""

    def __init__(self, connection: Memory):
        self._connection = connection

    def add(self, follower: str, followee: str) -> None:
        """``follower``가 ``followee``를 팔로우합니다. 이미 했으면 그대로입니다."""
        with self._connection.transaction():
            self._connection.put("follows", (follower, followee), True)

    def followers(self, followee: str) -> list[str]:
        """``followee``를 팔로우하는 사람들. 이름 순."""
        return sorted([one for one, other in self._pairs() if other == followee])

    def followees(self, follower: str) -> list[str]:
        """``follower``가 팔로우하는 사람들. 이름 순."""
        return sorted([other for one, other in self._pairs() if one == follower])

    def everyone(self) -> list[str]:
        """누군가를 팔로우하는 사람들. 이름 순."""
        return sorted({one: None for one, _ in self._pairs()})

    def _pairs(self) -> list[tuple[str, str]]:
        return list(self._connection.table("follows"))


def follows_of(connection) -> SQLFollows | MemoryFollows:
    """``connection``에 둔 팔로우."""
    return MemoryFollows(connection) if isinstance(connection, Memory) else SQLFollows(connection)
