"""검색 색인의 약속: 무엇을 받고, 언제 거절하고, 무엇을 돌려주는지. 어떤 엔진인지는 모릅니다.

색인은 파생 데이터라서 로그를 다시 재생하거나 두 곳에서 함께 고치는 일이 있습니다. 그래서 번호마다
버전을 기억해, 늦게 온 옛 버전은 거절하고 같은 버전은 다시 받아도 그대로입니다(멱등성). 지울 때도
버전은 남겨(묘비, tombstone) 늦게 온 옛 게시글이 되살아나지 않습니다.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ddialab.blocks.posts import check_text
from ddialab.blocks.search.terms import check_query
from ddialab.core.errors import InvalidValue, check_integer

LARGEST = 2**63 - 1  # 번호와 버전의 한도: 어느 엔진에서나 부호 있는 64비트입니다


class Entry(NamedTuple):
    """색인이 기억하는 게시글 하나. 지웠으면 ``text``가 None이고 버전만 남습니다."""

    id: int
    version: int
    text: str | None


class SearchIndex:
    """검색 색인 하나. 엔진마다 `_`로 시작하는 일들과 `latest`, `clear`, `close`를 채웁니다."""

    name = ""  # 제품과 버전

    def put(self, id: int, text: str, version: int = 0) -> bool:
        """게시글을 색인에 넣거나 바꿉니다. 더 높은 버전이 이미 있으면 그대로 두고 False."""
        return self._write([_entry(id, text, version)]) == 1

    def put_many(self, rows: Iterable[tuple]) -> int:
        """``(id, text)``나 ``(id, text, version)`` 여럿을 한꺼번에. 받아들인 수를 돌려줍니다."""
        return self._write([_row(row) for row in rows])

    def delete(self, id: int, version: int = 0) -> bool:
        """게시글을 색인에서 뺍니다. 더 높은 버전이 이미 있으면 그대로 두고 False.

        없던 번호여도 버전은 남습니다. 지우라는 말이 먼저 도착할 수 있기 때문입니다.
        """
        entry = Entry(_check("id", id), _check("version", version), None)
        return self._write([entry]) == 1

    def find(self, query: str, limit: int | None = None) -> list[int]:
        """``query``의 낱말이 모두 든 게시글의 번호. 새것(큰 번호)부터 ``limit``건입니다.

        찾을 낱말이 없는 물음은 `InvalidValue`입니다(`ddialab.blocks.search.terms.check_query`).
        """
        limit = None if limit is None else check_integer("limit", limit, 1)
        return self._find(check_query(query), limit)

    def text(self, id: int) -> str | None:
        """색인이 기억하는 게시글의 글. 넣지 않았거나 지웠으면 None."""
        entry = self._held(_check("id", id))
        return None if entry is None else entry.text

    def version(self, id: int) -> int | None:
        """그 번호로 마지막에 받아들인 버전. 지운 것도 기억합니다. 본 적 없으면 None."""
        entry = self._held(_check("id", id))
        return None if entry is None else entry.version

    def drop(self) -> None:
        """닫고, 색인이 만든 것까지 지웁니다."""
        self.clear()
        self.close()

    def close(self) -> None:
        """닫습니다. 두 번 불러도 됩니다."""

    def __enter__(self) -> SearchIndex:
        return self

    def __exit__(self, *error) -> None:
        self.close()


def _row(row: tuple) -> Entry:
    try:
        fields = list(row)
    except TypeError:
        fields = []
    if len(fields) in (2, 3):
        return _entry(*fields)
    raise InvalidValue(
        f"rows에 든 {row!r}: 게시글 하나가 아닙니다.",
        "(id, text)이거나 (id, text, version)이어야 합니다.",
        "튜플의 길이와 차례를 확인하세요.",
    )


def _entry(id: int, text: str, version: int = 0) -> Entry:
    return Entry(_check("id", id), _check("version", version), check_text("text", text))


def _check(name: str, value: int) -> int:
    return check_integer(name, value, 0, LARGEST)
