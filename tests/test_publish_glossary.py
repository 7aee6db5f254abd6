"""용어집이 TERMS.md를 그대로 따르는지 봅니다."""

import re
from pathlib import Path

from glossary import Term, other_names, read_terms

ROOT = Path(__file__).resolve().parents[1]
TABLE = """# 용어
| 용어 | 영어 | 뜻 | 다른 이름 |
| --- | --- | --- | --- |
| 캐시 미스 | cache miss | 없는 것 | 캐쉬 미스 |
| 가용성 | availability, uptime | 답을 받은 비율 | |

| 쓰는 말 | 쓰지 않는 말 |
| --- | --- |
| 버튼 | 단추, 누름쇠 |
"""


def test_rows_are_read_in_korean_order():
    assert read_terms(TABLE) == [
        Term("가용성", "availability, uptime", "답을 받은 비율"),
        Term("캐시 미스", "cache miss", "없는 것", ("캐쉬 미스",)),
    ]


def test_every_other_name_leads_to_its_word():
    assert other_names(TABLE) == {"캐쉬 미스": "캐시 미스", "단추": "버튼", "누름쇠": "버튼"}


def test_address_comes_from_the_first_english_name():
    assert Term("가용성", "availability, uptime", "").anchor == "term-availability"
    assert Term("시점 복구", "point-in-time recovery", "").anchor == "term-point-in-time-recovery"


def test_every_term_has_its_own_lasting_address():
    terms = read_terms((ROOT / "TERMS.md").read_text("utf-8"))
    anchors = [term.anchor for term in terms]
    assert len(terms) > 40
    assert len(set(anchors)) == len(anchors)
    assert all(re.fullmatch(r"term-[a-z0-9-]+", anchor) for anchor in anchors)
    assert all(term.meaning for term in terms)
