"""용어: TERMS.md가 바르고, 쓰지 않기로 한 말이 글과 코드의 한국어에 나오지 않는지 봅니다."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
CODE = (".py", ".js", ".css", ".html")


class Term(NamedTuple):
    """TERMS.md의 한 줄."""

    korean: str
    english: str
    meaning: str
    avoid: tuple[str, ...]


def read_terms(text: str) -> list[Term]:
    """TERMS.md의 표를 읽습니다. 칸이 넷이 아닌 줄이 있으면 ValueError."""
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    found = []
    for row in rows:
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        if len(cells) != 4:
            raise ValueError(f"칸이 넷이어야 합니다: {row}")
        avoid = tuple(word.strip() for word in cells[3].split(",") if word.strip())
        found.append(Term(*cells[:3], avoid))
    return found


def problems(terms: list[Term]) -> list[str]:
    """용어 표의 잘못들."""
    names = Counter(term.korean for term in terms)
    avoided = Counter(word for term in terms for word in term.avoid)
    found = [f"{name}: 두 번 나옵니다" for name, count in (names + avoided).items() if count > 1]
    for term in terms:
        if not re.fullmatch(r"[A-Za-z][\w ,()/.'-]*", term.english):
            found.append(f"{term.korean}: 영어가 없거나 영어가 아닙니다({term.english})")
        if not term.meaning or term.meaning.endswith("."):
            found.append(f"{term.korean}: 뜻이 없거나 마침표로 끝납니다")
    text = "\n".join(f"{term.korean}\n{term.meaning}" for term in terms)
    return found + [f"표 안에 쓰지 않는 말: {word}" for word in avoided_words(text, terms)]


def avoided_words(text: str, terms: list[Term]) -> list[str]:
    """``text``에 나온 쓰지 않는 말들. 낱말의 첫머리만 봅니다(「디폴트」는 「폴트」가 아닙니다)."""
    text = _any_of([term.korean for term in terms]).sub(" ", text)
    avoided = _any_of([word for term in terms for word in term.avoid])
    return [
        f"{found[0]} ({number}번째 줄)"
        for number, line in enumerate(text.splitlines(), 1)
        for found in avoided.finditer(line)
    ]


def _any_of(words: list[str]) -> re.Pattern:
    """낱말의 첫머리에 오는 ``words`` 가운데 하나. 긴 것부터 봅니다."""
    patterns = [_pattern(word) for word in sorted(words, key=len, reverse=True)]
    return re.compile(rf"(?<![가-힣])(?:{'|'.join(patterns) or '(?!)'})")


def _pattern(word: str) -> str:
    return r"[ \t]?".join(re.escape(part) for part in word.split())


def texts() -> dict[str, str]:
    """한국어가 있는 모든 글: {어디: 글}. TERMS.md 자신과 시험은 뺍니다."""
    pages = [*(ROOT / "chapters").rglob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    folders = [ROOT / "src", ROOT / "publish", ROOT / "assignments"]
    code = [path for folder in folders for path in folder.rglob("*") if path.suffix in CODE]
    found = {str(p.relative_to(ROOT)): p.read_text(encoding="utf-8") for p in [*pages, *code]}
    for path in [*(ROOT / "labs").glob("*.ipynb"), *(ROOT / "assignments").rglob("*.ipynb")]:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        found[str(path.relative_to(ROOT))] = "\n".join("".join(cell["source"]) for cell in cells)
    return found


TERMS = read_terms((ROOT / "TERMS.md").read_text(encoding="utf-8"))


def test_the_table_of_terms_is_sound():
    assert problems(TERMS) == []


def test_no_avoided_word_is_used():
    used = {where: avoided_words(text, TERMS) for where, text in sorted(texts().items())}
    assert len(used) > 100
    assert {where: words for where, words in used.items() if words} == {}


SAMPLE = [
    Term("결함", "fault", "어긋난 것", ("폴트",)),
    Term("캐시 미스", "cache miss", "없는 것", ("캐쉬 미스", "캐시 부적중")),
    Term("결함 감시", "fault watch", "지켜보는 것", ()),
    Term("복구", "recovery", "되살리는 것", ("결함 감",)),
]


@pytest.mark.parametrize("text", ["폴트가 납니다", "캐쉬 미스는", "캐쉬미스는", "```\n# 폴트\n```"])
def test_an_avoided_word_is_found(text):
    assert len(avoided_words(text, SAMPLE)) == 1


@pytest.mark.parametrize("text", ["결함이 납니다", "디폴트 값", "캐시 미스", "결함 감시를 합니다"])
def test_other_words_pass(text):
    assert avoided_words(text, SAMPLE) == []


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
    head = "| 용어 | 영어 | 뜻 | 쓰지 않는 말 |\n| --- | --- | --- | --- |\n"
    terms = read_terms(f"{head}| 결함 | fault | 어긋난 것 | 폴트 |\n{row}")
    assert problems(terms)


def test_a_row_with_a_missing_cell_is_refused():
    with pytest.raises(ValueError, match="칸이 넷"):
        read_terms("| 가 | 나 | 다 | 라 |\n| --- | --- | --- | --- |\n| 결함 | fault | 뜻 |")
