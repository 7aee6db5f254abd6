"""게시글 테이블: 무엇을 받고 무엇을 로그에 남기는지. 어디에 담는지는 모릅니다."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ddialab.core.errors import InvalidValue, check_integer

MAX_TEXT = 10_000  # 게시글 하나의 최대 글자 수
MAX_ID = 2**63 - 1  # 어느 데이터베이스에서나 번호는 부호 있는 64비트입니다


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


class Posts:
    """게시글을 담는 테이블 하나. 담는 곳(``connection``)마다 `_`로 시작하는 일들을 채웁니다.

    바뀐 것은 로그에 JSON 목록으로 남습니다. ``op``는 put(넣기·덮어쓰기), delete, sql(손으로 친
    문장) 가운데 하나입니다. 그래서 어디에 담든 로그의 바이트가 같습니다.
    """

    def __init__(self, connection):
        self.connection = connection

    @property
    def log(self):
        """트랜잭션마다 한 건을 적는 로그. 없으면 None."""
        return self.connection.log

    @log.setter
    def log(self, log) -> None:
        self.connection.log = log

    @property
    def name(self) -> str:
        """무엇에 담는지: 서버의 이름과 버전."""
        return self.connection.name

    @property
    def queries(self) -> int:
        """데이터베이스에 닿은 문장의 수."""
        return self.connection.queries

    def transaction(self) -> AbstractContextManager[None]:
        """``with`` 안의 쓰기는, 다른 테이블의 것까지 모두 남거나 하나도 남지 않습니다."""
        return self.connection.transaction()

    def insert_post(self, author: str, text: str) -> Post:
        """새 게시글을 쓰고 번호가 붙은 `Post`를 돌려줍니다."""
        return self.insert_posts([(author, text)])[0]

    def insert_posts(self, rows: Iterable[tuple[str, str]]) -> list[Post]:
        """``(author, text)`` 여럿을 한 트랜잭션으로: 모두 들어가거나 하나도 안 들어갑니다."""
        rows = [(check_text("author", author), check_text("text", text)) for author, text in rows]
        posts = []
        with self.transaction():
            for row in rows:
                posts.append(self._insert(*row))
                self._note_put(posts[-1])
        return posts

    def update(self, id: int, text: str) -> Post | None:
        """게시글의 내용을 바꾸고, 바뀐 게시글을 돌려줍니다. 없거나 가려졌으면 None."""
        with self.transaction():
            post = self._update(check_id(id), check_text("text", text))
            if post is not None:
                self._note_put(post)
        return post

    def delete(self, id: int) -> bool:
        """게시글을 정말로 지웁니다. 지울 것이 있었는지 돌려줍니다."""
        with self.transaction():
            existed = self._delete(check_id(id))
            if existed:
                self.connection.note({"op": "delete", "id": int(id)})
        return existed

    def mark_deleted(self, deleted: bool, where: str, parameters: Iterable = ()) -> list[int]:
        """조건에 맞는 게시글을 가리거나(True) 다시 보이고(False), 바뀐 것의 번호를 돌려줍니다."""
        with self.transaction():
            changed = self._mark(deleted, where, tuple(parameters))
            for post in changed:
                self._note_put(post)
        return sorted(post.id for post in changed)

    def execute(self, sql: str) -> int:
        """손으로 친 문장을 그대로 실행하고 영향을 받은 행의 수를 돌려줍니다."""
        with self.transaction():
            count = self._execute(check_text("sql", sql))
            self.connection.note({"op": "sql", "sql": sql})
        return count

    def load(self, posts: Iterable[Post]) -> None:
        """게시글을 번호까지 그대로 넣습니다. 같은 번호는 덮어쓰고, 로그에는 적지 않습니다."""
        with self.transaction():
            self._load(list(posts))

    def snapshot(self, path: str | Path) -> Snapshot:
        """게시글 전체를 ``path``에 떠 둡니다. 다 뜬 뒤에야 그 이름이 생깁니다."""
        self.connection.check_idle(f"스냅샷 {path}")
        return self._snapshot(path)

    def load_snapshot(self, snapshot: Snapshot) -> None:
        """`snapshot`이 떠 둔 게시글 전체로 이 데이터베이스를 바꿉니다."""
        self.connection.check_idle(f"스냅샷 {snapshot.path}")
        self._load_snapshot(snapshot)

    def sibling(self, name: str) -> Posts:
        """곁에 빈 데이터베이스를 새로 만듭니다. ``name``이 이미 있으면 이름에 번호를 붙입니다."""
        return type(self)(self.connection.sibling(name))

    def drop(self) -> None:
        """닫고, 담은 것까지 지웁니다."""
        self.connection.drop()

    def close(self) -> None:
        """연결을 닫습니다. 두 번 불러도 됩니다."""
        self.connection.close()

    def __enter__(self) -> Posts:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def _note_put(self, post: Post) -> None:
        self.connection.note({"op": "put", "post": list(row_of(post))})


def row_of(post: Post) -> tuple:
    """게시글의 컬럼들을 `Post`의 순서로."""
    return (post.id, post.author, post.text, post.deleted)


def check_id(value: object) -> int:
    """게시글의 번호일 수 있는 정수이면 돌려주고, 아니면 `InvalidValue`."""
    return check_integer("id", value, 0, MAX_ID)


def check_text(name: str, value: object) -> str:
    """담을 수 있는 문자열이면 돌려주고, 아니면 `InvalidValue`."""
    # 눈에 안 보이는 NUL은 PostgreSQL이 담지 못합니다. 어디서나 똑같이 거절합니다.
    fits = isinstance(value, str) and 0 < len(value) <= MAX_TEXT
    if fits and "\0" not in value and not has_surrogate(value):
        return value
    shown = value if not isinstance(value, str) or len(value) < 40 else value[:40] + "…"
    raise InvalidValue(
        f"{name}={shown!r}: 쓸 수 없는 값입니다.",
        f"1자 이상 {MAX_TEXT:,}자 이하의 문자열이어야 하고 NUL 문자는 쓸 수 없습니다.",
        "깨진 글자가 있으면 UTF-8로 다시 읽으세요." * (fits and has_surrogate(value)),
    )


def has_surrogate(text: str) -> bool:
    """UTF-8로 적을 수 없는 글자(짝 없는 서로게이트)가 있는지. 깨진 바이트를 읽으면 생깁니다."""
    return max(text, default="") >= "\ud800" and any("\ud800" <= c <= "\udfff" for c in text)
