"""메모리: 딕셔너리에 담는 게시글 테이블. SQL도 파일도 없는 곳에서 `Database`를 대신합니다.

쓰기와 트랜잭션과 로그는 SQLite와 같습니다. 없는 것은 SQL이라서, 손으로 친 문장과 조건은 정해 둔
모양만 알아듣습니다. 스레드 하나에서 사용합니다.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ddialab.blocks.posts import Post, Posts, Snapshot, check_id
from ddialab.blocks.transactions import Transactions
from ddialab.core.errors import BackendUnavailable, InvalidValue, StorageFailure, check_integer

DELETE = "DELETE FROM posts"  # 알아듣는 문장. 뒤에 WHERE id = 번호를 붙일 수 있습니다
ONE = f"{DELETE} WHERE id = "
COLUMNS = ("id", "author", "text", "deleted")


class Memory(Transactions):
    """테이블마다 {키: 값}인 저장소. 값은 고치지 않고 새것으로 바꿉니다(`put`).

    ``queries``는 `table`을 본 횟수로, SQL이라면 문장의 수입니다.
    """

    name = "메모리"

    def __init__(self, log=None):
        super().__init__(log)
        self.queries = 0
        self._tables: dict[str, dict] | None = {}
        self._undo: list[tuple] = []  # 지금 트랜잭션을 물리려면 거꾸로 넣을 것
        self._marks: list[int] = []  # 겹친 트랜잭션마다 _undo의 어디부터인지

    def table(self, name: str, queries: int = 1) -> dict:
        """테이블의 {키: 값}. 읽기만 합니다. ``queries``는 셀 문장의 수입니다."""
        if self._tables is None:
            raise BackendUnavailable(
                "메모리의 데이터베이스는 이미 닫혔습니다.", todo="새로 만드세요."
            )
        self.queries += queries
        return self._tables.setdefault(name, {})

    def put(self, table: str, key, value) -> None:
        """값을 바꿉니다. None이면 지웁니다. 트랜잭션 안에서 부릅니다."""
        rows = self.table(table, 0)
        self._undo.append((rows, key, rows.get(key)))
        _set(rows, key, value)

    def last_id(self, table: str) -> int:
        """``table``에 마지막으로 매긴 번호. 아직 없으면 0."""
        return self.table("sequence", 0).get(table, 0)

    def next_id(self, table: str) -> int:
        """``table``의 새 번호. 지워진 행의 번호를 다시 쓰지 않습니다."""
        id = self.last_id(table) + 1
        self.put("sequence", table, id)
        return id

    def replace(self, name: str, rows: dict) -> None:
        """테이블의 내용을 ``rows``로 바꿉니다. 트랜잭션 안에서 부릅니다."""
        for key in list(self.table(name, 0)):
            if key not in rows:
                self.put(name, key, None)
        for key, value in rows.items():
            self.put(name, key, value)

    def sibling(self, name: str) -> Memory:
        """빈 저장소. 이름이 같아도 서로 다른 것입니다."""
        return Memory()

    def drop(self) -> None:
        self.close()

    def close(self) -> None:
        """담은 것을 버립니다. 두 번 불러도 됩니다."""
        self._tables = None

    def _begin(self, depth: int) -> None:
        self.table("sequence", 0)
        self._marks.append(len(self._undo))

    def _commit(self, depth: int) -> None:
        self._marks.pop()
        if depth == 0:
            self._undo.clear()

    def _rollback(self, depth: int) -> None:
        mark = self._marks.pop()
        while len(self._undo) > mark:
            _set(*self._undo.pop())


@dataclass(frozen=True)
class MemorySnapshot(Snapshot):
    """메모리에 떠 둔 게시글 전체와, 마지막으로 매긴 번호. ``path``는 이름일 뿐입니다."""

    posts: dict[int, Post]
    last: int


class MemoryPosts(Posts):
    """메모리에 담은 게시글 테이블. `Database`와 같은 일을 하고 같은 로그를 남깁니다."""

    def __init__(self, connection: Memory | None = None, *, log=None):
        super().__init__(connection or Memory(log))

    def post(self, id: int) -> Post | None:
        """번호가 ``id``인 게시글. 없거나 가려졌으면 None."""
        found = self._rows().get(check_id(id))
        return None if found is None or found.deleted else found

    def posts(
        self,
        author: str | None = None,
        limit: int | None = None,
        newest_first: bool = False,
        include_deleted: bool = False,
    ) -> list[Post]:
        """게시글을 번호 순으로 돌려줍니다. 가려진 것은 ``include_deleted``일 때만 보입니다."""
        found = [
            post
            for _, post in sorted(self._rows().items(), reverse=newest_first)
            if author in (None, post.author) and (include_deleted or not post.deleted)
        ]
        return found if limit is None else found[: check_integer("limit", limit, 0)]

    def count(self, include_deleted: bool = False) -> int:
        """게시글의 수. 가려진 것은 ``include_deleted``일 때만 셉니다."""
        return sum(1 for post in self._rows().values() if include_deleted or not post.deleted)

    def _rows(self, queries: int = 1) -> dict[int, Post]:
        return self.connection.table("posts", queries)

    def _insert(self, author: str, text: str) -> Post:
        self._rows()
        return self._put(Post(self.connection.next_id("posts"), author, text))

    def _update(self, id: int, text: str) -> Post | None:
        found = self.post(id)
        return found and self._put(replace(found, text=text))

    def _delete(self, id: int) -> bool:
        existed = id in self._rows()
        if existed:
            self.connection.put("posts", id, None)
        return existed

    def _mark(self, deleted: bool, where: str, parameters: tuple) -> list[Post]:
        matches = _condition(where, parameters)
        found = [post for _, post in sorted(self._rows().items()) if post.deleted != deleted]
        return [self._put(replace(post, deleted=deleted)) for post in found if matches(post)]

    def _execute(self, sql: str) -> int:
        rows, number = self._rows(), sql[len(ONE) :] if sql.startswith(ONE) else ""
        if sql == DELETE:
            gone = sorted(rows)
        elif number and all("0" <= digit <= "9" for digit in number):
            gone = [id for id in rows if id == int(number)]
        else:
            raise _no_sql(sql, f"{DELETE}이거나, 거기에 WHERE id = 번호를 붙인 것이어야 합니다.")
        for id in gone:
            self.connection.put("posts", id, None)
        return len(gone)

    def _load(self, posts: list[Post]) -> None:
        self._rows(len(posts))
        for post in posts:
            self._put(post)
            self._skip_used_ids(post.id)

    def _skip_used_ids(self, id: int) -> None:
        if id > self.connection.last_id("posts"):
            self.connection.put("sequence", "posts", id)

    def _put(self, post: Post) -> Post:
        self.connection.put("posts", post.id, post)
        return post

    def _snapshot(self, path: str | Path) -> MemorySnapshot:
        offset = self.log.end if self.log is not None else 0
        return MemorySnapshot(path, offset, dict(self._rows(0)), self.connection.last_id("posts"))

    def _load_snapshot(self, snapshot: Snapshot) -> None:
        if not isinstance(snapshot, MemorySnapshot):
            raise StorageFailure(
                f"스냅샷 {snapshot.path}: 메모리에서 뜬 것이 아닙니다.",
                "MemoryPosts의 snapshot이 돌려준 것이어야 합니다.",
                "파일로 뜬 스냅샷은 Database로 여세요.",
            )
        with self.transaction():
            self.connection.replace("posts", snapshot.posts)
            self.connection.replace("sequence", {"posts": snapshot.last})


def _condition(where: str, parameters: tuple) -> Callable[[Post], bool]:
    """WHERE에 적은 조건을 함수로."""
    column, _, rest = where.partition(" ")
    if where == "TRUE":
        return lambda post: True
    if column in COLUMNS and (rest == "= ?" or rest.startswith("IN (?")):
        return lambda post: getattr(post, column) in parameters
    raise _no_sql(where, "TRUE이거나 「컬럼 = ?」, 「컬럼 IN (?, …)」이어야 합니다.")


def _no_sql(text: str, accepted: str) -> InvalidValue:
    return InvalidValue(
        f"{text!r}: 메모리에는 SQL이 없어 모르는 문장입니다.",
        accepted,
        '다른 문장을 실행하려면 Database.open(":memory:")로 여세요.',
    )


def _set(rows: dict, key, value) -> None:
    if value is None:
        rows.pop(key, None)
    else:
        rows[key] = value
