"""한국어로 묻기: 조사, 두 글자 낱말, 낱말의 가운데, 한 글자. 엔진마다 무엇을 찾고 무엇을 놓치나.

바이그램을 잇따라 맞추는 SQLite와 Tantivy는 적힌 그대로인 것을 하나도 놓치지 않습니다. 낱말의 뜻은
모르므로 「표」로 「발표」까지 찾고, 「나누는」으로 「나눈」은 찾지 못합니다.

**nori가 큐, 표, 나누는을 찾고 cjk가 못 찾는 까닭.** cjk는 이어진 한글을 두 글자씩 자르고, 한 글자는
홀로 섰을 때만 적습니다. 「큐를」은 「큐를」 하나가 되어 색인에 「큐」가 없습니다. 「표를」도.
「나누는」의 바이그램 「나누」와 「누는」은 「나눈」에 없습니다. nori는 사전으로 형태소를 나눕니다.
「큐를」에서 조사를 버려 「큐」를, 「나누는」과 「나눈」에서 어미를 떼어 똑같이 「나누」를 적습니다.
그 대신 사전이 나누지 않는 자리(「데이터베이스」의 「이터」)와 조사만으로는 찾지 못합니다.
"""

import json
from typing import NamedTuple

import pytest

from ddialab.blocks.search.fulltext import FullText
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.search.opensearch import OpenSearch
from ddialab.blocks.search.tantivy import Tantivy
from ddialab.core.errors import MissingCapability
from ddialab.core.recorded import PACKAGE
from ddialab.experiments.building_blocks.korean import QUERIES, ask, everywhere, scanned
from opensearch_server import opensearch_url  # noqa: F401


class Found(NamedTuple):
    """물음 하나에 찾은 것: 적힌 그대로인 것(``exact``), 두 분석기가 찾은 것."""

    exact: list[int]
    cjk: list[int]
    nori: list[int]


TABLE = {
    "캐시를": Found([1], [1], [8, 1]),  # 조사까지 물은 것. nori만 조사를 버립니다
    "캐시": Found([8, 1], [8, 1], [8, 1]),
    "복구하는": Found([2], [2], [9, 2]),
    "복구": Found([9, 2], [9, 2], [9, 2]),
    "데이터베이스": Found([3], [3], [3]),
    "베이스": Found([3], [3], [3]),
    "이터": Found([3], [3], []),
    "큐": Found([10, 4], [], [10, 4]),
    "큐를": Found([4], [4], [10, 4]),
    "표": Found([7, 5], [], [5]),
    "나누는": Found([6], [6], [6, 5]),
    "를": Found([9, 7, 6, 5, 4, 3, 1], [], []),
}
EXACT = {"memory": MemoryIndex, "fts5": FullText, "fts4": lambda: FullText(module="fts4"),
         "tantivy": Tantivy}  # fmt: skip


@pytest.fixture(scope="module", params=["cjk", "nori"])
def served(request, opensearch_url):  # noqa: F811
    with OpenSearch(opensearch_url, analyzer=request.param) as index:
        yield index, ask(index)


def test_every_query_is_in_the_table():
    assert list(TABLE) == list(QUERIES)


@pytest.mark.parametrize("name", EXACT)
def test_bigrams_miss_nothing_that_is_written(name):
    with EXACT[name]() as index:
        found = ask(index)
    assert found == {query: row.exact for query, row in TABLE.items()}
    assert found == scanned(), "재현율 100 %"


def test_what_an_analyzer_finds_and_misses(served):
    index, found = served
    assert found == {query: getattr(row, index.analyzer) for query, row in TABLE.items()}


def test_the_lab_shows_what_the_server_finds(served):
    index, found = served
    saved = json.loads((PACKAGE / "recorded/01-korean.json").read_text("utf-8"))
    assert saved[index.analyzer] == found
    assert saved["sqlite"] == saved["tantivy"] == scanned()


def test_without_a_server_the_lab_says_what_to_start(monkeypatch):
    monkeypatch.delenv("OPENSEARCH_URL", raising=False)
    with pytest.raises(MissingCapability, match="make opensearch"):
        everywhere()


def missed(analyzer: str) -> list[str]:
    """적혀 있는데도 ``analyzer``가 다 찾지는 못하는 물음들."""
    return [q for q, row in TABLE.items() if not set(row.exact) <= set(getattr(row, analyzer))]


def test_the_table_says_where_they_part():
    assert missed("cjk") == ["큐", "표", "를"]
    assert missed("nori") == ["이터", "표", "를"], "「발표」의 「표」는 nori에게 다른 낱말입니다"
    assert 5 in TABLE["나누는"].nori
    assert 5 not in TABLE["나누는"].cjk + TABLE["나누는"].exact


CUT = {  # 분석기가 색인에 적는 것. 위의 설명은 이것에서 나옵니다
    "큐를": {"cjk": ["큐를"], "nori": ["큐"]},
    "큐": {"cjk": ["큐"], "nori": ["큐"]},
    "표를": {"cjk": ["표를"], "nori": ["표"]},
    "나누는": {"cjk": ["나누", "누는"], "nori": ["나누"]},
    "나눈": {"cjk": ["나눈"], "nori": ["나누"]},
    "데이터베이스": {"cjk": ["데이", "이터", "터베", "베이", "이스"], "nori": ["데이터", "베이스"]},
}


def test_why_nori_finds_what_cjk_does_not(served):
    index, _ = served
    assert {text: index.analyze(text) for text in CUT} == {
        text: cut[index.analyzer] for text, cut in CUT.items()
    }
