"""한국어로 묻기: 조사, 두 글자 낱말, 낱말의 가운데, 한 글자. 검색 엔진마다 무엇을 찾고 놓치나."""

from __future__ import annotations

from ddialab.blocks.search.fulltext import FullText
from ddialab.blocks.search.index import SearchIndex
from ddialab.blocks.search.opensearch import ANALYZERS, OpenSearch
from ddialab.blocks.search.tantivy import Tantivy
from ddialab.core.backend import search_url
from ddialab.core.errors import MissingCapability

TITLES = {
    1: "캐시를 비우는 순서",
    2: "로그로 복구하는 법",
    3: "데이터베이스를 고르는 법",
    4: "큐를 지켜보는 법",
    5: "표를 나눈 까닭",
    6: "사용자를 나누는 기준",
    7: "발표 자료를 올립니다",
    8: "캐시가 비었을 때",
    9: "복구를 연습합니다",
    10: "큐가 가득 찼습니다",
}
QUERIES = (
    "캐시를", "캐시", "복구하는", "복구", "데이터베이스", "베이스", "이터", "큐", "큐를", "표",
    "나누는", "를",
)  # fmt: skip

Found = dict[str, list[int]]  # 물음마다 찾은 제목의 번호들, 새것부터


def scanned() -> Found:
    """훑어서 찾은 것: 물은 말이 적힌 그대로 든 제목들."""
    newest = sorted(TITLES, reverse=True)
    return {query: [id for id in newest if query in TITLES[id]] for query in QUERIES}


def ask(index: SearchIndex) -> Found:
    """빈 ``index``에 제목들을 넣고 모두 물어봅니다."""
    index.put_many(TITLES.items())
    return {query: index.find(query) for query in QUERIES}


def everywhere() -> dict[str, Found]:
    """엔진마다 찾은 것. nori가 있는 OpenSearch(``OPENSEARCH_URL``)가 없으면 `MissingCapability`."""
    url = search_url()
    if url is None:
        raise MissingCapability(
            "검색 서버가 없어 엔진 넷을 견줄 수 없습니다.",
            "nori가 있는 OpenSearch의 주소가 OPENSEARCH_URL에 있어야 합니다.",
            "저장소의 폴더에서 make opensearch를 하고, 나온 주소를 환경 변수에 넣으세요.",
        )
    found = {"sqlite": ask(FullText()), "tantivy": ask(Tantivy())}
    for analyzer in reversed(ANALYZERS):
        with OpenSearch(url, analyzer=analyzer) as index:
            found[analyzer] = ask(index)
    return found
