"""바뀐 것: 쓰기 하나가 무엇을 바꿨는지. 아웃박스와 로그에는 이것이 담깁니다."""

from __future__ import annotations

import json
from typing import NamedTuple

from ddialab.blocks.posts import Post

PUBLISH, EDIT, DELETE, FOLLOW = "publish", "edit", "delete", "follow"


class Change(NamedTuple):
    """쓰기 하나. ``id``는 게시글의 번호이고, 지운 글의 ``text``는 비어 있습니다.

    follow이면 ``author``가 팔로우하는 사람, ``text``가 팔로우되는 사람입니다.
    """

    kind: str
    id: int
    author: str
    text: str

    @property
    def post(self) -> Post:
        """쓰기가 남긴 게시글."""
        return Post(self.id, self.author, self.text)

    def encode(self) -> str:
        """아웃박스와 로그에 적을 JSON."""
        return json.dumps([self.kind, self.id, self.author, self.text])


def decode(text: str) -> Change:
    """`Change.encode`가 적은 것을 되읽습니다."""
    kind, id, author, words = json.loads(text)
    return Change(kind, id, author, words)


def change_of(kind: str, post: Post) -> Change:
    """``post``를 ``kind``로 쓴 일."""
    return Change(kind, post.id, post.author, "" if kind == DELETE else post.text)
