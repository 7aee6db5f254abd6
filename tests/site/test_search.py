"""한국어 찾기: 조사를 붙여 물어도 그 낱말이 든 페이지를 찾는가.

빌드한 색인을 브라우저에서 그대로 씁니다. 대조군은 같은 글을 Sphinx의 기본 방식으로 나눈 색인입니다.
"""

import json
import re

import pytest
from reader import PAGES, source
from sphinx.search import SearchLanguage

from glossary import other_names, read_terms
from search_ko import ENDING, TERMS

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
# 한 글자 말: 홀로 또는 조사나 어미가 붙은 낱말로 나오는 페이지를 모두 찾아야 합니다.
ONES = [*"큐키표값줄글앱랙수때", "큐를", "키가", "표에서", "값이", "줄에는", "글은", "앱과"]
# 동사와 형용사: 물음과, 그 말이 든 페이지를 알아보는 정규식.
VERBS = {
    "복구하는 복구했습니다 복구할 복구하려면": "복구",
    "되살렸다 되살린 되살리면": "되살[리린릴립렸려]",
    "늘어나면 늘어난다 늘어납니다 늘어난": "늘어[나난날납났]",
    "죽었을 죽으면 죽은 죽는다": r"(?<![가-힣])죽(?:[은는을어었고거게지]|습니|으[면니])",
    "떨어졌을 떨어지면 떨어진": "떨어[지진질집졌져]",
    "바꿨다 바꾸면 바꿔서": "(?<![가-힣])바[꾸꾼꿀꿉꿨꿔]",
    "멈췄다 멈추면 멈춘": "(?<![가-힣])멈[추춘출춥췄춰]",
    "버텼다 버티는": "(?<![가-힣])버[티틴틸팁텼텨]",
    "견뎌야 견디는": "(?<![가-힣])견[디딘딜딥뎠뎌]",
    "실패했을 실패하는 실패한": "실패",
    "중복되면 중복된": "중복",
    "사라졌다 사라진": "사라[지진질집졌져]",
    "느려지면 느려진다": "느려[지진질집졌져]",
}
# 1장을 한 줄씩 요약한 사람이 그 줄을 찾으며 칠 말: 그 페이지가 앞의 셋 안에 있어야 합니다.
OUTLINE = {
    "1-data-systems/index": "데이터 시스템에 대한 생각",
    "1-data-systems/building-blocks": """
        계산 중심, data-intensive, 데이터의 양과 복잡도와 변화 속도, 표준 구성 요소,
        공통으로 필요한 기능, 캐시에 값비싼 결과를 기억, 키워드 검색과 필터링,
        stream processing 비동기, 일괄 처리 주기적, 큐와 캐시의 접근 패턴,
        포괄적인 용어 데이터 시스템, 전통적인 분류와 사용 사례, use case, 레디스 메시지 큐,
        데이터스토어 레디스, 아파치 카프카, 지속성(durability) 보장, 형태소 분석기, 바이그램,
        역인덱스, OLTP와 OLAP, 운영 시스템과 분석 시스템, system of record,
        원본과 파생 데이터, 컬럼 지향""",
    "1-data-systems/queue-and-log": """
        많아야 한 번, 독이 든 메시지, 데드 레터 큐, XAUTOCLAIM, 오프셋 되감기, 소비자 그룹 파티션,
        appendfsync, 뒤처지지 않은 복제본, min.insync.replicas, 페이지 캐시 fsync, 펍섭""",
    "1-data-systems/composite-systems": """
        단일 도구로 저장과 처리, Memcached 캐시 계층, 검색 서버 Elasticsearch Solr,
        캐시 동기화, 애플리케이션 코드의 책임, composite data system, 쓰기에서 캐시 무효화,
        일관된 결과 보장, 데이터 시스템 설계 책임, 데이터 시스템 아키텍처,
        신뢰성 확장성 유지보수성, 아웃박스, outbox pattern, dual write, 이중 쓰기, CDC,
        낡은 값, 임차권, read-your-writes, 최종 일관성, 경쟁 조건""",
    "1-data-systems/cache-miss": "cache miss, CPU가 원하는 데이터가 캐시에 없음",
    "2-reliability/index": "신뢰성, reliability",
    "2-reliability/fault-and-failure": """
        올바르게 동작함, 사용자가 기대한 기능, 예상치 못한 사용법과 실수,
        필수적인 사용 사례, 허가되지 않은 접근과 오남용, 무언가 잘못되더라도, 결함(fault),
        결함과 장애(failure)의 차이, fault-tolerant, resilient, 탄력성,
        사양에서 벗어난 구성 요소, 결함 확률을 0으로, 내결함성 구조, Netflix 원숭이,
        카오스 몽키, 고의로 결함 유도, 기능 요구사항과 비기능 요구사항""",
    "labs/06-fault-and-failure": """
        직렬과 병렬의 가용성, idempotency key,
        9의 개수와 한 해의 분""",
    "2-reliability/hardware-faults": """
        MTTF 디스크, RAID 패리티, 가용 영역, availability zone, 무정전 전원 장치,
        틀린 계산을 하는 코어, 공통 원인 고장, common cause failure,
        하드웨어 결함, 대규모 애플리케이션 장비, 클라우드 유연성, 단일 장비 신뢰성, redundancy,
        중복된 구성 요소 교체, 장비를 순차적으로 재부팅, 하드웨어 결함은 독립적""",
    "2-reliability/chaos-engineering": """
        카오스 엔지니어링, chaos engineering, Chaos Monkey, 카오스 몽키, 게임 데이, 페일오버""",
    "2-reliability/software-errors": """
        소프트웨어 오류, systematic error, 노드 간 상관관계, 잘못된 입력에 죽는 서버,
        소프트웨어 버그, 네트워크 대역폭 공유 자원, 신속한 해결책, 가정과 상호작용,
        빈틈없는 테스트, process isolation, 죽은 프로세스 재시작, 시스템 동작 측정, 모니터링,
        윤초, 독이 든 입력, cascading failure""",
    "2-reliability/human-errors": """
        인적 오류, human error, 사람은 미덥지 않다, 접근 방식을 결합, 오류 가능성 최소화,
        인적 오류 복구 방법, 성능 지표와 오류율""",
    "2-reliability/postmortems": """
        포스트모템, blameless postmortem, 장애 보고서, 장애 회고, 사후 확신 편향, 근본 원인,
        기여 요인, 재발 방지 대책, 액션 아이템, 사고 타임라인, just culture""",
    "2-reliability/abuse": "허가받지 않은 접근과 오남용, unauthorized access, least privilege",
    "2-reliability/importance": """
        신뢰성은 얼마나 중요한가, Horizon 우체국, 카카오 데이터센터 화재, G드라이브 백업,
        국가정보자원관리원, 알고 덜어 내기""",
    "3-scalability/index": "확장성, scalability, 트래픽 증가, 데이터 양과 복잡도 증가",
    "4-maintainability/index": "유지보수성, maintainability, 여러 사람이 생산적으로 작업",
}
QUERIES = [(word, query) for word, forms in FORMS.items() for query in forms.split()]
RUN = """queries => queries.map(query => {
  const [text, terms, excluded, marked, objects] = Search._parseQuery(query);
  const found = Search._performSearch(text, terms, excluded, marked, objects).reverse();
  return [...new Set(found.map(result => result[0]))];
})"""
USE_STOCK = """terms => {
  const first = page => Search._index.sections.findIndex(section => section[0] === page);
  for (const word in terms) terms[word] = terms[word].map(first);
  Search._index.terms = terms;
  queryWords = query => query.split(/[^\\p{Letter}\\p{Number}_]+/gu).filter(term => term);
  koPieces = word => [word];
}"""


def prose(path: str) -> str:
    body = re.search(r"<article>(.*?)</article>", source(path), re.S)[1]
    body = re.sub(r'<p class="eyebrow">.*?</p>', "", body)  # 이 페이지의 글이 아닌 길잡이
    body = re.sub(r"<(style|script|template|svg|math)\b.*?</\1>", " ", body, flags=re.S)
    return re.sub(r"<[^>]+>", "", body)


@pytest.fixture(scope="module")
def texts(book) -> dict[str, str]:
    # 진도의 표에는 다른 페이지의 제목과 물음이 모여 있습니다. 찾을 것은 그 페이지들입니다
    names = [path for path in PAGES if path.startswith("chapters/") and "progress" not in path]
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


def test_a_word_of_one_syllable_is_found_wherever_it_is_a_word(search_page, texts):
    for query, found in zip(ONES, search_page.evaluate(RUN, ONES), strict=True):
        word = re.compile(f"(?<![가-힣]){query[0]}(?:{ENDING})(?![가-힣])")
        wanted = {name for name, text in texts.items() if word.search(text)}
        assert wanted, query
        assert wanted <= set(found), (query, wanted - set(found))


def test_any_form_of_a_verb_finds_the_pages_of_the_others(search_page, texts):
    asked = [(query, form) for forms, form in VERBS.items() for query in forms.split()]
    answers = search_page.evaluate(RUN, [query for query, _ in asked])
    shares = {}
    for (query, form), found in zip(asked, answers, strict=True):
        wanted = {name for name, text in texts.items() if re.search(form, text)}
        assert wanted, query
        shares[query] = len(wanted & set(found)) / len(wanted)
    assert sum(shares.values()) / len(shares) >= 0.97, shares
    assert min(shares.values()) >= 0.8, shares


def test_a_noun_is_not_taken_for_a_verb(search_page, texts):
    """「사고」는 「사다」가 아니고 「서로」는 「서」가 아닙니다: 그 말이 든 페이지만 나옵니다."""
    nouns = ["사고", "서로", "메시지를", "복제본", "데이터베이스는", "시간이"]
    for query, found in zip(nouns, search_page.evaluate(RUN, nouns), strict=True):
        has = {name for name, text in texts.items() if query[:2] in text}
        extra = (set(found) & texts.keys()) - has
        assert not extra, (query, extra)


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


def test_the_words_of_an_outline_find_the_page_that_tells_it(search_page):
    asked = [
        (page if page.startswith("labs/") else f"chapters/{page}", query.strip())
        for page, queries in OUTLINE.items()
        for query in queries.split(",")
    ]
    answers = search_page.evaluate(RUN, [query for _, query in asked])
    late = {
        query: found[:3]
        for (page, query), found in zip(asked, answers, strict=True)
        if page not in found[:3]
    }
    assert not late


def test_a_word_that_the_book_lacks_does_not_hide_the_others(read):
    page = read("search.html?q=복제본 쿼크글루온").page
    page.wait_for_selector("#search-results mark")
    assert page.inner_text("#search-names") == "책에 없어 빼고 찾은 말: 「쿼크글루온」"


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


@pytest.fixture(scope="module")
def index_text(book) -> str:
    return (book / "searchsections.js").read_text("utf-8")


@pytest.fixture(scope="module")
def index(index_text) -> dict:
    return json.loads(index_text[index_text.index("{") : index_text.rindex("}") + 1])


def test_every_section_of_the_index_is_on_its_page(index):
    places = [(index["docnames"][page] + ".html", at[1:]) for page, at, _ in index["sections"]]
    assert len(places) > len(index["docnames"])
    lost = [(page, at) for page, at in places if at and f'id="{at}"' not in source(page)]
    assert not lost


def test_index_is_small_enough_for_a_phone(index, index_text):
    """찾기 페이지에서만 받지만, 책이 자라며 모르는 새 커지지 않게 합니다."""
    assert len(index["docnames"]) == len([p for p in PAGES if p.startswith(("chapters", "labs"))])
    assert len(index_text.encode()) < 1_500_000
