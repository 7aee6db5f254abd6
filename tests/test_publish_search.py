"""찾기의 조각 나누기. 브라우저 쪽의 짝은 tests/site/test_search.py가 봅니다."""

from docutils.core import publish_doctree

from search_ko import (
    PARTICLES,
    Korean,
    one_syllable_words,
    pieces,
    short_word,
    unshrunk,
    verb_pair,
)
from search_sections import section_index

PAGE = """
장애
====

앞말

결함 & 오류
-----------

결함과 숨은말

다른 절
-------

앞말
"""


def test_korean_becomes_overlapping_pairs():
    assert pieces("결함과") == ["결함", "함과"]
    assert pieces("큐") == ["큐"]


def test_other_scripts_stay_whole():
    assert Korean({}).split("Redis를 8대, p99로") == ["Redis", "를", "8", "대", "p99", "로"]


def test_longer_particles_come_off_first():
    """「는」이 「에서는」보다 앞서면 「에서」가 남습니다."""
    for i, particle in enumerate(PARTICLES):
        assert not any(later.endswith(particle) for later in PARTICLES[i + 1 :]), particle


def test_browser_gets_the_same_particles():
    assert all(f'"{particle}"' in Korean.js_splitter_code for particle in PARTICLES)


def test_a_word_of_one_syllable_is_indexed_without_what_is_attached():
    for run in ("큐에서", "큐를", "큐입니다", "큐들의", "큐라면"):
        assert short_word(run) == ["큐"], run
    assert short_word("죽었을") == short_word("죽으면") == ["죽"]
    for run in ("큐", "표준편차", "줄어듭니다", "p99", "값싼"):
        assert short_word(run) == [], run


def test_one_syllable_words_are_those_with_many_endings():
    texts = ["큐를 비우고 큐에 넣고", "큐가 참. 결과 효과 서로"]
    assert one_syllable_words(texts) == "큐"


def test_a_verb_of_two_syllables_is_indexed_by_its_stem():
    for run in ("멈췄다", "멈춥니다", "멈춰", "멈춘", "멈출지"):
        assert verb_pair(run) == ["멈추"], run
    assert [unshrunk(letter) for letter in "텼와난장"] == ["티", "오", "나", "장"]
    assert verb_pair("멈추면") == verb_pair("장애가") == verb_pair("큐") == verb_pair("redis") == []


def test_sections_are_indexed_with_what_their_page_shows():
    index = {
        "docnames": ["가", "나"],
        "filenames": ["가.md", "나.md"],
        "titles": ["장애", "딴 페이지"],
        "terms": {"결함": 0, "함과": 0, "앞말": [0, 1], "숨은": 1},
        "titleterms": {"장애": 0},
    }
    trees = {"가": publish_doctree(PAGE, settings_overrides={"doctitle_xform": False})}
    trees["나"] = publish_doctree("")
    found = section_index(index, trees.get)
    assert [title for _, _, title in found["sections"]] == ["장애", "결함 &amp; 오류", "다른 절"]
    assert [page for page, _, _ in found["sections"]] == [0, 0, 0]
    assert [bool(anchor) for _, anchor, _ in found["sections"]] == [False, True, True]
    assert found["terms"] == {"결함": [1], "앞말": [0, 2], "장애": [0], "함과": [1]}
    assert found["sizes"] == [2, 2, 1]
