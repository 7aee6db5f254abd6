"""검색 색인: 낱말로 게시글을 찾는 블록. 엔진이 무엇이든 같은 약속을 지킵니다."""

from __future__ import annotations

from pathlib import Path

from ddialab.blocks.search.index import SearchIndex


def open_search(path: str | Path | None = None, url: str | None = None) -> SearchIndex:
    """``url``(없으면 독자의 ``OPENSEARCH_URL``)의 OpenSearch, 그것도 없으면 SQLite의 색인을 엽니다.

    ``path``는 SQLite의 파일이고, 없으면 메모리에 둡니다. OpenSearch에서는 새 색인을 만들어
    사용하고 닫을 때 지웁니다.
    """
    from ddialab.core.backend import search_url

    if found := url or search_url():
        from ddialab.blocks.search.opensearch import OpenSearch

        return OpenSearch(found)
    from ddialab.blocks.search.fulltext import FullText

    return FullText(":memory:" if path is None else path)
