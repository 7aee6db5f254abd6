"""용어: TERMS.md가 바르고, 쓰지 않기로 한 말이 글과 코드의 한국어에 나오지 않는지 봅니다."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from glossary import Term, read_terms, read_words

ROOT = Path(__file__).resolve().parents[1]
CODE = (".py", ".js", ".css", ".html")


def problems(terms: list[Term]) -> list[str]:
    """용어 표의 잘못들."""
    names = Counter(term.korean for term in terms)
    others = Counter(word for term in terms for word in term.others)
    found = [f"{name}: 두 번 나옵니다" for name, count in (names + others).items() if count > 1]
    for term in terms:
        if not re.fullmatch(r"[A-Za-z][\w ,()/.'-]*", term.english):
            found.append(f"{term.korean}: 영어가 없거나 영어가 아닙니다({term.english})")
        if not term.meaning or term.meaning.endswith("."):
            found.append(f"{term.korean}: 뜻이 없거나 마침표로 끝납니다")
    text = "\n".join(f"{term.korean}\n{term.meaning}" for term in terms)
    return found + [f"표 안의 다른 이름: {word}" for word in misnamed(text, names_of(terms))]


def names_of(terms: list[Term]) -> dict[str, tuple[str, ...]]:
    """{용어: 다른 이름들}."""
    return {term.korean: term.others for term in terms}


def misnamed(text: str, names: dict[str, tuple[str, ...]]) -> list[str]:
    """``text``에 나온 다른 이름과 쓰지 않는 말들. 용어 바로 뒤의 괄호 안은 봐줍니다.

    낱말의 첫머리만 봅니다(「디폴트」는 「폴트」가 아닙니다).
    """
    text = re.sub(rf"{_any_of(names).pattern}(?:\*\*)?(?:\([^()]*\))?", " ", text)
    other = _any_of([word for others in names.values() for word in others])
    return [
        f"{found[0]} ({number}번째 줄)"
        for number, line in enumerate(text.splitlines(), 1)
        for found in other.finditer(line)
    ]


def _any_of(words: Iterable[str]) -> re.Pattern:
    """낱말의 첫머리에 오는 ``words`` 가운데 하나. 긴 것부터 봅니다."""
    patterns = [_pattern(word) for word in sorted(words, key=len, reverse=True)]
    return re.compile(rf"(?<![가-힣A-Za-z_])(?:{'|'.join(patterns) or '(?!)'})")


def _pattern(word: str) -> str:
    end = r"(?![A-Za-z0-9_])" if word[-1].isascii() else ""
    return r"[ \t]?".join(re.escape(part) for part in word.split()) + end


def texts() -> dict[str, str]:
    """한국어가 있는 모든 글: {어디: 글}. TERMS.md 자신과 테스트는 뺍니다."""
    pages = [*(ROOT / "chapters").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    folders = [ROOT / "src", ROOT / "publish", ROOT / "assignments"]
    code = [path for folder in folders for path in folder.rglob("*") if path.suffix in CODE]
    found = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in [*pages, *code]}
    for path in [*(ROOT / "labs").glob("*.ipynb"), *(ROOT / "assignments").rglob("*.ipynb")]:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[str(path.relative_to(ROOT))] = "\n".join("".join(cell["source"]) for cell in cells)
    return found


TABLES = (ROOT / "TERMS.md").read_text(encoding="utf-8")
TERMS = read_terms(TABLES)
NAMES = names_of(TERMS) | read_words(TABLES)


def test_the_table_of_terms_is_sound():
    assert problems(TERMS) == []


def test_only_the_names_of_the_book_are_used():
    used = {where: misnamed(text, NAMES) for where, text in sorted(texts().items())}
    assert len(used) > 100
    assert {where: words for where, words in used.items() if words} == {}


SAMPLE = [
    Term("결함", "fault", "어긋난 것", ("폴트",)),
    Term("캐시 미스", "cache miss", "없는 것", ("캐쉬 미스", "캐시 부적중")),
    Term("결함 감시", "fault watch", "지켜보는 것", ()),
    Term("복구", "recovery", "되살리는 것", ("결함 감",)),
]


@pytest.mark.parametrize("text", ["폴트가 납니다", "캐쉬 미스는", "캐쉬미스는", "```\n# 폴트\n```"])
def test_another_name_is_found(text):
    assert len(misnamed(text, names_of(SAMPLE))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "결함이 납니다",
        "디폴트 값",
        "캐시 미스",
        "결함 감시를 합니다",
        "**캐시 미스**(캐쉬 미스, cache miss)는",
    ],
)
def test_other_words_pass(text):
    assert misnamed(text, names_of(SAMPLE)) == []


@pytest.mark.parametrize(
    "row",
    [
        "| 결함 | fault | 또 나옴 | |",
        "| 장애 | | 영어 없음 | |",
        "| 장애 | 페일러 | 한국어 | |",
        "| 장애 | failure | | |",
        "| 장애 | failure | 마침표. | |",
        "| 장애 | failure | 폴트가 커진 것 | |",
        "| 장애 | failure | 멈춘 것 | 결함 |",
    ],
)
def test_a_bad_row_is_found(row):
    head = "| 용어 | 영어 | 뜻 | 다른 이름 |\n| --- | --- | --- | --- |\n"
    terms = read_terms(f"{head}| 결함 | fault | 어긋난 것 | 폴트 |\n{row}")
    assert problems(terms)


def test_a_row_with_a_missing_cell_is_refused():
    with pytest.raises(ValueError, match="칸이 4개"):
        read_terms(
            "| 용어 | 영어 | 뜻 | 다른 이름 |\n| --- | --- | --- | --- |\n| 결함 | fault | 뜻 |"
        )
