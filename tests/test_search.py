"""검색 색인의 약속: 어느 엔진이든 같은 것을 받고 거절하고 돌려줍니다."""

import random
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.posts import MAX_TEXT
from ddialab.blocks.search.fulltext import FullText
from ddialab.blocks.search.index import LARGEST
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.search.opensearch import ANALYZERS, OpenSearch
from ddialab.blocks.search.tantivy import Tantivy
from ddialab.blocks.search.terms import MAX_QUERY, MAX_WORD, clauses, composed, terms, words
from ddialab.core.errors import InvalidValue
from opensearch_server import opensearch_url  # noqa: F401
from suite.effort import fuzz

EXACT = {  # 우리의 규칙으로 낱말을 나누는 것들. 답이 서로 같아야 합니다
    "memory": MemoryIndex,
    "fts5": lambda: FullText(module="fts5"),
    "fts4": lambda: FullText(module="fts4"),
    "tantivy": Tantivy,
}
TITLES = {1: "캐시를 복구하는 법", 2: "Redis 7로 캐시 만들기", 3: "데이터베이스 이야기"}


@pytest.fixture(scope="module")
def served(opensearch_url):  # noqa: F811
    """진짜 서버의 검색 색인: 분석기마다 하나."""
    indexes = {name: OpenSearch(opensearch_url, analyzer=name) for name in ANALYZERS}
    yield indexes
    for index in indexes.values():
        index.drop()


@pytest.fixture(params=[*EXACT, *ANALYZERS])
def engine(request):
    """엔진마다 빈 검색 색인 하나."""
    if request.param in EXACT:
        with EXACT[request.param]() as index:
            yield index
    else:
        index = request.getfixturevalue("served")[request.param]
        yield index
        if index.latest() or len(index):  # 새로 만드는 것은 비쌉니다
            index.clear()


@pytest.fixture
def engines():
    """답을 서로 비교할 엔진들."""
    made = [make() for make in EXACT.values()]
    yield made
    for index in made:
        index.close()


def fill(engine, titles=TITLES, version=0):
    assert engine.put_many([(id, text, version) for id, text in titles.items()]) == len(titles)


# ── 무엇을 찾나 ────────────────────────────────────────────────────────────────


def test_what_was_put_is_found_newest_first(engine):
    fill(engine)
    assert engine.find("캐시") == [2, 1]
    assert engine.find("캐시", limit=1) == [2]
    assert engine.find("복구") == [1]
    assert engine.find("베이스") == [3], "낱말의 가운데"
    assert engine.find("REDIS") == [2], "ASCII는 대소문자를 가리지 않습니다"
    assert engine.find("캐시 redis") == [2], "모두 있어야 합니다"
    assert engine.find("캐시 데이터베이스") == []
    assert len(engine) == 3


def test_hangul_taken_apart_is_the_same_hangul(engine):
    """macOS의 파일 이름에서 온 글(NFD)과 물음."""
    apart = normalize("NFD", "갔던 길과 캐시를 복구하는 법")
    fill(engine, {**TITLES, 4: apart})
    for query in ("복구", "캐시 복구", "갔던"):
        assert engine.find(query) == engine.find(normalize("NFD", query)), query
        assert 4 in engine.find(query), query
    assert engine.text(4) == apart, "적은 그대로 돌려줍니다"


def test_a_changed_text_is_found_by_its_new_words_only(engine):
    fill(engine)
    assert engine.put(1, "로그를 다시 읽기")
    assert engine.find("캐시") == [2]
    assert engine.find("로그") == [1]
    assert engine.text(1) == "로그를 다시 읽기"
    assert len(engine) == 3


def test_one_version_wins_whatever_the_order(engine):
    assert engine.put(1, "새 제목", 5)
    assert not engine.put(1, "옛 제목", 4)
    assert not engine.delete(1, 4)
    assert engine.put(1, "새 제목", 5), "같은 버전은 다시 받습니다"
    assert (engine.text(1), engine.version(1), len(engine)) == ("새 제목", 5, 1)
    assert engine.find("제목") == [1]
    assert engine.find("옛") == []


def test_a_deleted_post_does_not_come_back_with_an_older_put(engine):
    assert engine.put(1, "캐시를 지웁니다", 3)
    assert engine.delete(1, 4)
    assert (engine.find("캐시"), engine.text(1), engine.version(1), len(engine)) == ([], None, 4, 0)
    assert not engine.put(1, "캐시를 지웁니다", 3)
    assert engine.find("캐시") == []
    assert engine.delete(1, 4), "다시 지워도 됩니다"
    assert engine.put(1, "캐시를 다시 씁니다", 5)
    assert engine.find("캐시") == [1]


def test_a_delete_may_arrive_before_the_put(engine):
    assert engine.delete(7, 2)
    assert not engine.put(7, "늦게 온 게시글", 1)
    assert (engine.version(7), engine.version(8), len(engine)) == (2, None, 0)


def test_a_delete_that_arrived_first_does_not_stop_a_batch(engine):
    engine.delete(5)
    assert engine.put_many([(4, "넷"), (5, "다섯")]) == 2
    assert engine.find("다섯") == [5]


def test_the_latest_version_counts_tombstones(engine):
    assert engine.latest() == 0
    engine.put(1, "하나", 3)
    engine.delete(2, 9)
    engine.put(3, "셋", 4)
    assert not engine.put(2, "둘", 8)
    assert engine.latest() == 9
    engine.clear()
    assert engine.latest() == 0


def test_a_batch_is_taken_in_its_order(engine):
    rows = [(1, "하나", 2), (1, "둘", 1), (2, "셋"), (1, "넷", 2), (2, "다섯", 0)]
    assert engine.put_many(rows) == 4
    assert [engine.text(1), engine.text(2)] == ["넷", "다섯"]
    assert engine.put_many([]) == 0
    assert len(engine) == 2


def test_clearing_forgets_the_versions_too(engine):
    fill(engine, version=9)
    engine.delete(1, 10)
    engine.clear()
    assert (len(engine), engine.version(1), engine.find("캐시")) == (0, None, [])
    assert engine.put(1, "캐시", 1)
    assert engine.find("캐시") == [1]


def test_more_hits_than_one_page(engine):
    count = 10_050  # OpenSearch가 한 번에 주는 것보다 많이
    assert engine.put_many([(id, "같은 제목") for id in range(count)]) == count
    assert engine.find("제목") == list(reversed(range(count)))
    assert engine.find("제목", 10_020) == list(reversed(range(count)))[:10_020]


def test_the_largest_numbers_fit(engine):
    assert engine.put(LARGEST, "큰 번호의 게시글", LARGEST - 1)
    assert engine.find("게시글") == [LARGEST]
    assert engine.version(LARGEST) == engine.latest() == LARGEST - 1


@pytest.mark.parametrize("text", ["가", "큐" * MAX_TEXT, "\ud55c\u0301 \x01\x7f\u2028", "𠀀" * 300])
def test_every_allowed_text_comes_back_as_it_was(engine, text):
    assert engine.put(1, text)
    assert engine.text(1) == text


# ── 받지 않는 것 ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((1, ""), "text=''"),
        ((1, "가" * (MAX_TEXT + 1)), "10,000자"),
        ((1, "가\0"), "NUL"),
        ((1, "깨진 \udcec"), "UTF-8"),
        ((1, b"bytes"), "문자열"),
        (("1", "글"), "id='1'"),
        ((True, "글"), "id=True"),
        ((-1, "글"), "id=-1"),
        ((1, "글", 1.5), "version=1.5"),
        ((1, "글", LARGEST + 1), "version="),
    ],
)
def test_a_bad_post_is_refused_and_nothing_is_put(engine, arguments, said):
    with pytest.raises(InvalidValue, match=said):
        engine.put(*arguments)
    with pytest.raises(InvalidValue, match=said):
        engine.put_many([(5, "좋은 게시글"), arguments])
    assert len(engine) == 0


@pytest.mark.parametrize("row", [3, (1,), (1, "글", 0, 0), "글"])
def test_a_row_of_another_shape_is_refused(engine, row):
    with pytest.raises(InvalidValue):
        engine.put_many([row])


OPERATORS = ["", " ", '"', '""', "*", "-", "( )", "^ : ~", '"*" -', "🎉🎉", "…「」", "\0", "\ufeff"]


@pytest.mark.parametrize("query", OPERATORS)
def test_a_query_without_words_is_refused_by_every_engine(engine, query):
    with pytest.raises(InvalidValue, match="찾을 낱말이 없습니다") as told:
        engine.find(query)
    assert all((told.value.problem, told.value.accepted, told.value.todo))


@pytest.mark.parametrize("query", ["가" * (MAX_QUERY + 1), "깨진 \ud800", 3, None, b"x", ["가"]])
def test_a_query_that_is_no_text_is_refused_by_every_engine(engine, query):
    with pytest.raises(InvalidValue, match="찾을 수 없는 말입니다"):
        engine.find(query)


@pytest.mark.parametrize("limit", [0, -1, 1.5, "3", True])
def test_a_bad_limit_is_refused(engine, limit):
    with pytest.raises(InvalidValue, match="limit"):
        engine.find("캐시", limit)


PLAIN = [
    "AND", "or", "NEAR", "NOT 캐시", '"캐시 만들기', "캐시*", "-캐시", "캐시 OR 없는말",
    "terms:캐시", "text:캐시", "NEAR(캐시 복구)", "캐시^2", "(캐시", "캐시~1", "캐시 + 복구",
    "{캐시}", "캐시'; --", "캐시 \\", "/캐시.*/", "[가 TO 힣]", "캐시 && 복구", "!캐시", "_id:1",
]  # fmt: skip


@pytest.mark.parametrize("query", PLAIN)
def test_operators_in_a_query_are_plain_text(engines, query):
    titles = {**TITLES, 4: "NEAR AND OR NOT terms text 캐시"}
    for engine in engines:
        fill(engine, titles)
        assert engine.find(query) == oracle(titles, query), engine.name


# ── 낱말 ───────────────────────────────────────────────────────────────────────


def oracle(titles: dict[int, str], query: str) -> list[int]:
    """한글은 부분 문자열로, 나머지는 낱말로, 모두 든 것. 색인 없이 처음부터 훑습니다."""
    asked = words(query)
    found = [id for id, text in titles.items() if all(holds(text, word) for word in asked)]
    return sorted(found, reverse=True)


def holds(text: str, word: str) -> bool:
    hangul = "가" <= word[0] <= "힣" or "ㄱ" <= word[0] <= "ㅣ"
    return word in normalize("NFC", text) if hangul else word in words(text)


few = st.text("가나다a ", min_size=1, max_size=8)  # 같은 바이그램이 자주 나오게
letters = st.sampled_from("가나다각ㅋㅠabAB09_-*\"'():. \t\n京都é\u0301🎉𠀀…ＡΣİ")
texts = st.text(letters, min_size=1, max_size=12)
anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@fuzz(1000)
@given(st.dictionaries(st.integers(0, 9), texts | few, max_size=6), texts | few)
def test_every_engine_answers_like_a_scan_of_the_texts(titles, query):
    agree(titles, query)


@fuzz(300)
@given(st.dictionaries(st.integers(0, 9), anything, max_size=4), anything)
def test_any_unicode_is_found_alike(titles, query):
    agree(titles, query[:MAX_QUERY])


def agree(titles, query):
    for make in EXACT.values():
        with make() as index:
            fill(index, titles)
            if words(query):
                assert index.find(query) == oracle(titles, query), index.name


def test_bigrams_must_follow_each_other(engines):
    for engine in engines:
        fill(engine, {1: "가나 나다", 2: "나다가나", 3: "가나다", 4: "다가나다라", 5: "가나a나다"})
        assert engine.find("가나다") == [4, 3], engine.name
        assert engine.find("다가나") == [4, 2], engine.name
        assert engine.find("가나다 나다") == [4, 3], engine.name


def test_a_text_is_found_by_each_of_its_parts(engines):
    """한글은 어느 토막으로 물어도 찾습니다: 재현율 100 %."""
    rng = random.Random(7)
    pieces = [
        "캐시",
        "를",
        "데이터베이스",
        "는",
        "복구",
        "하는",
        "큐",
        "표",
        " ",
        "redis",
        " 2026 ",
    ]
    titles = {n: "".join(rng.choices(pieces, k=6)) for n in range(60)}
    for engine in engines:
        fill(engine, titles)
    runs = [(id, word) for id, text in titles.items() for word in words(text)]
    for id, word in rng.choices(runs, k=60):
        start = rng.randrange(len(word)) if word[0] >= "가" else 0
        part = word[start : start + rng.randint(1, 4)] if word[0] >= "가" else word
        for engine in engines:
            assert id in engine.find(part), (engine.name, titles[id], part)


def test_the_terms_of_a_text():
    assert terms("캐시를 복구") == ["캐시", "시를", "를", "복구", "구"]
    assert terms("DB는 Redis_7·京都 ㅋㅋ!") == ["db", "는", "redis", "7", "京都", "ㅋㅋ", "ㅋ"]
    assert terms("🎉…") == []


@fuzz(300)
@given(
    st.text(
        st.sampled_from(
            "가각힣ㄱㅏb 1\u1100\u1112\u1161\u1175\u11a7\u11a8\u11c2\u1113\u11c3\u0301"
        ),
        max_size=9,
    )
)
def test_hangul_is_put_together_as_unicode_says(text):
    assert composed(text) == normalize("NFC", text)
    assert composed(normalize("NFD", composed(text))) == composed(text)


def test_a_query_is_measured_as_it_is_seen():
    query = normalize("NFD", "각" * MAX_QUERY)
    assert len(query) == 3 * MAX_QUERY
    assert clauses(query) == clauses("각" * MAX_QUERY)


def test_what_a_query_asks_for():
    assert clauses("캐시를 큐 Redis") == [
        (["캐시", "시를"], False),
        (["큐"], True),
        (["redis"], False),
    ]


def test_a_long_foreign_word_is_cut():
    word = "a" * MAX_WORD
    assert terms(word + "bc") == [word, "bc"]
