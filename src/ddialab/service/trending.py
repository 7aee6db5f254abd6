"""인기 태그: 지금 있는 글에 어떤 태그가 몇 번 달렸는지."""

from __future__ import annotations

from ddialab.service.stored import Stored
from ddialab.service.tags import tags_of

KEY = "trending"


class Trending:
    """태그마다 그 태그가 달린 게시글의 번호들을 ``backend``의 키 하나에 둡니다.

    수가 아니라 번호를 두므로, 같은 글을 두 번 세지 않습니다.
    """

    def __init__(self, backend):
        self._stored = Stored(backend)

    def top(self, limit: int | None = None) -> list[tuple[str, int]]:
        """(태그, 글의 수)를 많은 것부터. 수가 같으면 태그의 가나다순입니다."""
        counts = [(tag, len(ids)) for tag, ids in self._stored.get(KEY, {}).items()]
        return sorted(counts, key=lambda one: (-one[1], one[0]))[:limit]

    def put(self, id: int, text: str, offset: int | None = None) -> None:
        """게시글의 글이 ``text``가 되었습니다. 지웠으면 빈 문자열입니다."""
        self._stored.change(KEY, {}, lambda old: _moved(old, id, tags_of(text)), offset)

    def clear(self) -> None:
        """모두 지웁니다."""
        self._stored.backend.delete(KEY)


def _moved(old: dict[str, list[int]], id: int, tags: list[str]) -> dict[str, list[int]]:
    """글 하나의 태그만 ``tags``로 바꾼 것."""
    kept = {tag: [one for one in ids if one != id] for tag, ids in old.items()}
    for tag in tags:
        kept[tag] = sorted([*kept.get(tag, []), id])
    return {tag: ids for tag, ids in kept.items() if ids}
