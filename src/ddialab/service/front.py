"""앞문: 누가 보낸 요청인지 알고, 두 번 눌러도 한 번만 올리고, 정해 둔 만큼만 보여 줍니다."""

from __future__ import annotations

from ddialab.blocks.database import Database
from ddialab.blocks.posts import MAX_ID, Post, check_id, check_text
from ddialab.core.errors import InvalidValue, check_integer

MOST = 50  # 한 번에 보여 주는 게시글의 수
KEY = 100  # 요청의 번호(key)의 최대 글자 수


class Front:
    """``database``(`Database`)의 게시글을 ``user``가 쓰고 읽는 앞문.

    비공개 게시글의 번호와, 이미 받은 요청의 번호를 저마다 테이블에 둡니다.
    """

    def __init__(self, database: Database):
        self.database, connection = database, database.connection
        self._private = connection.table("private_posts")
        self._seen = connection.table("submitted")
        connection.define(
            f"CREATE TABLE IF NOT EXISTS {self._private} (id BIGINT PRIMARY KEY)",
            f"CREATE TABLE IF NOT EXISTS {self._seen} (author TEXT NOT NULL, key TEXT NOT NULL, "
            "id BIGINT NOT NULL, PRIMARY KEY (author, key))",
        )

    def submit(self, user: str, key: str, text: str, private: bool = False) -> Post:
        """글을 올립니다. 같은 사람이 같은 ``key``로 또 보내면, 먼저 올린 것을 돌려줍니다."""
        check_text("key", key)
        check_integer("key의 글자 수", len(key), 1, KEY)
        with self.database.transaction():
            made = self._made(user, key)
            if made is None:
                return self._publish(user, key, text, private)
            post = self.database.post(made)
        if post is None or post.text != text:
            raise InvalidValue(
                f"key={key!r}: 이미 다른 글에 쓴 번호이거나, 올렸다가 지운 글의 번호입니다.",
                "같은 글을 또 보낼 때만 같은 번호를 쓸 수 있습니다.",
                "새 글이면 새 번호를 지으세요.",
            )
        return post

    def read(self, user: str, id: int) -> Post | None:
        """``user``가 볼 수 있는 게시글. 없거나 남의 비공개 글이면 None입니다.

        둘을 다르게 답하면 비공개 글이 있다는 것이 새어 나갑니다.
        """
        post = self.database.post(id)
        hidden = post is not None and post.author != user and self._is_private(id)
        return None if hidden else post

    def page(self, user: str, author: str, before: int | None = None) -> list[Post]:
        """``author``의 글 가운데 ``user``가 볼 수 있는 것, 새것부터 `MOST`건까지.

        더 옛것은 ``before``에 마지막 게시글의 번호를 주고 또 부릅니다.
        """
        posts = self.database.connection.table("posts")
        sql = (
            f"SELECT p.id, p.author, p.text FROM {posts} p "
            f"LEFT JOIN {self._private} hidden ON hidden.id = p.id "
            "WHERE p.author = ? AND NOT p.deleted AND p.id < ? "
            "AND (hidden.id IS NULL OR p.author = ?) ORDER BY p.id DESC LIMIT ?"
        )
        end = MAX_ID if before is None else check_id(before)
        rows, _ = self.database.connection.run(sql, (check_text("author", author), end, user, MOST))
        return [Post(*row) for row in rows]

    def _publish(self, user: str, key: str, text: str, private: bool) -> Post:
        """글과 요청의 번호를 한 트랜잭션에 적습니다. 하나만 남으면 두 번 올라갑니다."""
        post = self.database.insert_post(user, text)
        run = self.database.connection.run
        run(f"INSERT INTO {self._seen} VALUES (?, ?, ?)", (user, key, post.id))
        if private:
            run(f"INSERT INTO {self._private} VALUES (?)", (post.id,))
        return post

    def _made(self, user: str, key: str) -> int | None:
        """``user``가 ``key``로 이미 올린 게시글의 번호."""
        sql = f"SELECT id FROM {self._seen} WHERE author = ? AND key = ?"
        rows, _ = self.database.connection.run(sql, (check_text("user", user), key))
        return rows[0][0] if rows else None

    def _is_private(self, id: int) -> bool:
        sql = f"SELECT 1 FROM {self._private} WHERE id = ?"
        return bool(self.database.connection.run(sql, (id,))[0])
