"""두 버전의 프로그램이 같은 게시글을 다룰 때, 어느 버전이 어느 필드를 읽고 쓰는지.

새 버전(2)은 게시글에 태그를 달지만 옛 버전(1)은 태그를 모릅니다. 옛 버전이 새 게시글을 고쳐 쓸 때
어떻게 하는지가 `TREATMENTS`입니다. 게시글을 어디에 두는지는 모릅니다.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ddialab.core.errors import check_choice
from ddialab.ops.fields import POST_VERSIONS, Fields, JSONCodec

OLD, NEW = 1, 2  # 두 버전
TREATMENTS = ("drop", "refuse", "preserve", "wait")
TREATMENT_NAMES = {"drop": "버림", "refuse": "거절", "preserve": "지킴", "wait": "기다림"}
UNKNOWN_OF = {"drop": "drop", "refuse": "refuse", "preserve": "preserve", "wait": "drop"}
POST_FIELDS = Fields("post", POST_VERSIONS)


def in_json(version: int, unknown: str) -> JSONCodec:
    """게시글을 JSON으로 읽고 쓰는 ``version``버전의 코덱."""
    return JSONCodec(POST_FIELDS, version, unknown)


class VersionedPosts:
    """``version``버전의 프로그램이 보는 게시글들. `ddialab.service.posts.PostService`가 사용합니다.

    ``documents``는 번호마다 바이트를 담는 것, ``way``는 `TREATMENTS` 가운데 하나,
    ``codec(버전, 모르는 필드)``는 그 버전의 코덱을 만드는 함수입니다.
    ``tagging``이 거짓이면 새 버전도 아직 태그를 쓰지 않습니다.
    """

    def __init__(self, documents: Any, version: int, way: str, codec: Callable = in_json):
        unknown = UNKNOWN_OF[check_choice("way", way, TREATMENTS)]
        self.documents, self.version = documents, version
        self.codec = codec(version, unknown)
        # 아직 태그를 쓰지 않는 새 버전은 옛 버전의 모양으로 씁니다
        self._plain = codec(OLD, unknown)
        self.tagging = version == NEW and way != "wait"

    def insert_post(self, author: str, text: str, id: int, tags: Sequence[str] = ()) -> dict:
        """새 글을 쓰고, 쓴 필드들을 돌려줍니다. 아직 쓰지 않는 태그는 거기에 없습니다."""
        values = {"id": id, "author": author, "text": text}
        if self.tagging:
            values["tags"] = list(tags)
        self.documents.insert(id, (self.codec if self.tagging else self._plain).encode(values))
        return values

    def post(self, id: int) -> dict | None:
        """게시글을 이 버전의 눈으로 봅니다. 없으면 None."""
        body = self.documents.get(id)
        return None if body is None else self.codec.decode(body).values

    def update(self, id: int, text: str) -> dict | None:
        """내용만 고칩니다. 태그는 건드릴 생각이 없습니다. 없는 게시글이면 None.

        읽고 고치는 사이에 남이 고쳤으면 처음부터 다시 합니다.
        """
        while (before := self.documents.get(id)) is not None:
            after = self.codec.rewrite(before, {"text": text})
            if self.documents.replace(id, before, after):
                return self.codec.decode(after).values
        return None

    def delete(self, id: int) -> bool:
        """지웁니다. 지울 게시글이 있었는지 돌려줍니다."""
        return self.documents.delete(id)
