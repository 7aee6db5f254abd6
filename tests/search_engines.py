"""같은 약속을 지키는 검색 엔진들. 테스트는 이 이름들을 매개변수로 받습니다."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from ddialab.blocks.search.fulltext import FullText
from ddialab.blocks.search.index import SearchIndex
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.search.opensearch import OpenSearch
from ddialab.blocks.search.tantivy import Tantivy

EXACT = {  # 우리의 규칙으로 낱말을 나누는 것들. 답이 서로 같아야 합니다
    "memory": MemoryIndex,
    "fts5": lambda: FullText(module="fts5"),
    "fts4": lambda: FullText(module="fts4"),
    "tantivy": Tantivy,
}
SERVED = ("nori", "cjk")  # 서버의 분석기로 나누는 것들


@pytest.fixture(params=[*EXACT, *SERVED])
def engine(request) -> SearchIndex:
    """엔진마다 빈 검색 색인 하나. 끝나면 지웁니다."""
    if request.param in EXACT:
        index = EXACT[request.param]()
    else:
        url = request.getfixturevalue("opensearch_url")
        index = OpenSearch(url, analyzer=request.param)
    yield index
    index.drop()


@pytest.fixture
def engines() -> dict[str, SearchIndex]:
    """서로 비교할 엔진들: {이름: 빈 검색 색인}."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(make()) for name, make in EXACT.items()}
