"""한국어 찾기: 조사를 붙여 물어도 그 낱말이 든 페이지를 찾는가.

빌드한 색인을 브라우저에서 그대로 씁니다. 대조군은 같은 글을 Sphinx의 기본 언어로 나눈 색인입니다.
"""

import json
import re

import pytest
from reader import PAGES, source
from sphinx.search import SearchLanguage

from glossary import other_names, read_terms
from search_ko import TERMS

# 낱말과, 사람들이 칠 법한 꼴.
FORMS = {
    "결함": "결함과 결함이 결함을 결함에 결함은",
    "장애": "장애로 장애가 장애를 장애의 장애까지",
    "캐시": "캐시를 캐시에서 캐시는 캐시보다 캐시와 캐시에는",
    "데이터베이스": "데이터베이스에서 데이터베이스가 데이터베이스로 데이터베이스의",
    "적중률": "적중률이 적중률은 적중률을",
    "만료": "만료가 만료까지",
    "복제본": "복제본이 복제본을 복제본마다",
    "신뢰성": "신뢰성은 신뢰성이란 신뢰성을",
    "디스크": "디스크가 디스크는 디스크에",
    "로그": "로그를 로그에 로그부터",
    "재시도": "재시도가 재시도는",
    "사람": "사람이 사람에게 사람의",
    "실수": "실수를 실수가",
    "서버": "서버에 서버처럼",
    "요청": "요청이 요청을 요청마다",
    "중복": "중복을 중복은",
    "메시지": "메시지를 메시지가",
    "가용성": "가용성이 가용성을",
    "하드웨어": "하드웨어는 하드웨어의",
    "설정": "설정을 설정이",
    "복구": "복구는",
    "스냅샷": "스냅샷에서",
    "내결함성": "내결함성이란",
    "Redis": "redis를",
}
QUERIES = [(word, query) for word, forms in FORMS.items() for query in forms.split()]
RUN = """queries => queries.map(query => {
  const [text, terms, excluded, marked, objects] = Search._parseQuery(query);
  return [...new Set(Search._performSearch(text, terms, excluded, marked, objects).map(r => r[0]))];
})"""
USE_STOCK = """terms => {
  Search._index.terms = terms; Search._index.titleterms = {};
  splitQuery = query => query.split(/[^\\p{Letter}\\p{Number}_]+/gu).filter(term => term);
}"""


def prose(path: str) -> str:
    body = re.search(r"<article>(.*?)</article>", source(path), re.S)[1]
    body = re.sub(r'<p class="eyebrow">.*?</p>', "", body)  # 이 페이지의 글이 아닌 길잡이
    body = re.sub(r"<(style|script|template|svg|math)\b.*?</\1>", " ", body, flags=re.S)
    return re.sub(r"<[^>]+>", "", body)


@pytest.fixture(scope="module")
def texts(book) -> dict[str, str]:
    names = [path for path in PAGES if path.startswith("chapters/")]
    return {path.removesuffix(".html"): prose(path).lower() for path in names}


@pytest.fixture
def search_page(read):
    page = read("search.html").page
    page.wait_for_function("Search._index !== null")
    return page


def recall(page, texts) -> tuple[float, list[str]]:
    """낱말이 든 페이지 가운데 찾아낸 비율의 평균과, 놓친 것이 있는 물음들."""
    shares, missed = [], []
    for (word, query), found in zip(
        QUERIES, page.evaluate(RUN, [q for _, q in QUERIES]), strict=True
    ):
        wanted = {name for name, text in texts.items() if word.lower() in text}
        assert wanted, f"{word!r}이(가) 책에 없습니다. 물음을 바꾸세요."
        shares.append(len(wanted & set(found)) / len(wanted))
        missed += [query] * (shares[-1] < 1)
    return sum(shares) / len(shares), missed


def stock_terms(texts, docnames) -> dict[str, list[int]]:
    """같은 글을 Sphinx의 기본 방식(띄어쓰기로 나누기)으로 색인한 것."""
    split = SearchLanguage({}).split
    terms = {}
    for name, text in texts.items():
        for word in set(split(text)):
            terms.setdefault(word, []).append(docnames.index(name))
    return terms


def test_particles_do_not_hide_pages(search_page, texts):
    share, missed = recall(search_page, texts)
    assert len(QUERIES) >= 50
    assert share >= 0.95, missed


def test_stock_search_finds_clearly_less(search_page, texts):
    docnames = search_page.evaluate("Search._index.docnames")
    search_page.evaluate(USE_STOCK, stock_terms(texts, docnames))
    share, _ = recall(search_page, texts)
    assert share <= 0.8


def test_every_other_name_finds_the_pages_of_its_term(search_page):
    """손에 익은 이름으로 물어도 됩니다: 「썬더링 허드」는 「캐시 스탬피드」와 같습니다."""
    tables = TERMS.read_text("utf-8")
    glossary = {term.korean for term in read_terms(tables)}
    names = other_names(tables)
    assert len(names) > 100
    asked = search_page.evaluate(RUN, list(names))
    wanted = search_page.evaluate(RUN, list(names.values()))
    for (name, word), found, same in zip(names.items(), asked, wanted, strict=True):
        assert set(found) == set(same) != set(), (name, word)
        assert word not in glossary or "chapters/glossary" in found, (name, word)


def test_a_part_of_another_name_finds_the_glossary(search_page):
    """다른 뜻으로도 쓰여 용어로 바꾸지는 않는 말. 용어집에는 적혀 있습니다."""
    parts = ["순차", "순회식", "과반", "배치", "수직", "개방", "미리 채우기"]
    for part, found in zip(parts, search_page.evaluate(RUN, parts), strict=True):
        assert "chapters/glossary" in found, part


def test_another_name_says_what_the_book_calls_it(read):
    page = read("search.html?q=썬더링 허드를").page
    assert page.inner_text("#search-names") == "「썬더링 허드」: 이 책에서는 「캐시 스탬피드」"


def test_nonsense_finds_nothing(search_page):
    assert search_page.evaluate(RUN, ["쿼크글루온", "zzzz", "휘뚜루마뚜루"]) == [[], [], []]


def test_results_are_korean_and_marked(read):
    page = read("search.html?q=캐시를").page
    # 한 줄 요약은 결과 하나하나의 발췌보다 늦게 나올 수 있으므로 요약을 기다립니다.
    page.wait_for_selector("text=/페이지 [0-9]+개를 찾았습니다/")
    page.wait_for_selector("#search-results mark")
    assert set(page.locator("#search-results mark").all_inner_texts()) == {"캐시"}
    assert not re.search(r"[A-Za-z]{4,}", page.inner_text("#search-results h2"))


def test_header_search_leads_to_results(read):
    page = read("chapters/glossary.html").page
    page.fill("header input[name=q]", "복제본이")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    assert page.input_value("main input[name=q]") == "복제본이"


def test_index_is_small_enough_for_a_phone(book):
    """찾기 페이지에서만 받지만, 책이 자라며 모르는 새 커지지 않게 합니다."""
    text = (book / "searchindex.js").read_text("utf-8")
    index = json.loads(text[text.index("{") : text.rindex("}") + 1])
    assert len(index["docnames"]) == len([p for p in PAGES if p.startswith(("chapters", "labs"))])
    assert len(text.encode()) < 1_500_000
