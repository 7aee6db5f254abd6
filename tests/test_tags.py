"""태그: 글의 어디부터 어디까지가 태그인지."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.service.tags import LONGEST, tags_of
from suite.effort import fuzz

RESERVED = " \t\n.,!?/\\:;'\"()[]{}<>@&%$^*+=-~`|·…「」\0\u200b\ufeff"


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("오늘 #점심 은", ["점심"]),
        ("#점심#저녁", ["점심", "저녁"]),
        ("#점심, #점심!", ["점심"]),
        ("#Redis와 #redis", ["redis와", "redis"]),
        ("#A_1", ["a_1"]),
        ("# 점심", []),
        ("##점심", ["점심"]),
        ("#", []),
        ("점심#", []),
        ("점심", []),
        ("", []),
        ("#ㅋㅋ", []),  # 낱자는 한글 음절이 아닙니다
        ("#점심ㅋㅋ", ["점심"]),
        ("#café", ["caf"]),
        ("#日本", []),
        ("a#b", ["b"]),
        ("#" + "가" * LONGEST, ["가" * LONGEST]),
        ("#" + "가" * (LONGEST + 1), []),
    ],
)
def test_what_a_tag_is(text, tags):
    assert tags_of(text) == tags


@pytest.mark.parametrize("letter", RESERVED)
def test_a_reserved_character_ends_the_tag(letter):
    assert tags_of(f"#점심{letter}저녁") == ["점심"]
    assert tags_of(f"#{letter}점심") == []


@fuzz(1000)
@given(st.text("#가a A_1,\0\ud800ㅋé", max_size=40))
def test_any_text_has_only_fitting_tags_each_once(text):
    found = tags_of(text)
    assert len(found) == len(set(found))
    for tag in found:
        assert 0 < len(tag) <= LONGEST
        assert f"#{tag}" in text.lower()
        assert tags_of(f"#{tag}") == [tag], "뽑은 태그를 다시 달면 같은 태그입니다"
