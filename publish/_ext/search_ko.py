"""한국어 찾기: 본문을 두 글자 조각으로 나누어 색인합니다.

「결함」을 찾는 사람은 「결함과」, 「결함이」가 든 페이지도 보고 싶어 합니다. 형태소 분석기 없이도
겹치는 두 글자 조각(결함, 함과)을 색인하고, 찾을 말에서 조사를 떼면 대부분 찾을 수 있습니다.
색인은 여기서 파이썬으로, 찾을 말은 독자의 브라우저에서 `search_ko.js`로 나눕니다.
"""

import json
import re
from pathlib import Path

from sphinx.search import SearchLanguage

from glossary import other_names, read_terms

# 긴 것부터 떼야 「에서는」이 「는」만 떨어진 「에서」로 남지 않습니다.
# fmt: off
PARTICLES = [
    "에서는", "으로는", "에게서", "으로써", "으로서", "이라고", "이라는", "까지도",
    "에서도", "에서의", "이라도", "에서", "으로", "에게", "까지", "부터", "처럼", "보다",
    "마다", "라고", "라는", "이나", "이며", "이고", "이란", "에는", "에도", "하고", "조차",
    "마저", "밖에", "대로", "은", "는", "이", "가", "을", "를", "의", "에", "로", "와", "과",
    "도", "만", "나", "란",
]
# fmt: on

TERMS = Path(__file__).resolve().parents[2] / "TERMS.md"
HANGUL_OR_OTHER = re.compile(r"[가-힣]+|[^\W가-힣]+")


def pieces(run: str) -> list[str]:
    """이어진 한 덩이를 색인할 조각으로 나눕니다. 한글이 아니면 통째로 둡니다."""
    if len(run) < 2 or not "가" <= run[0] <= "힣":
        return [run]
    return [run[i : i + 2] for i in range(len(run) - 1)]


def known_names() -> dict[str, str]:
    """{다른 이름: 이 책에서 쓰는 말}. 긴 이름이 먼저이고, 모두 소문자입니다.

    용어 자신도 들어 있습니다. 용어의 앞부분이 다른 이름과 같아도 용어로 읽게 하려는 것입니다.
    """
    text = TERMS.read_text("utf-8")
    names = {term.korean: term.korean for term in read_terms(text)} | other_names(text)
    return {name.lower(): names[name] for name in sorted(names, key=len, reverse=True)}


class Korean(SearchLanguage):
    """두 글자 조각으로 찾는 한국어."""

    lang = "ko"
    language_name = "Korean"
    js_splitter_code = (
        f"const KO_PARTICLES = {json.dumps(PARTICLES, ensure_ascii=False)};\n"
        f"const KO_NAMES = {json.dumps(known_names(), ensure_ascii=False)};\n"
        + Path(__file__).with_suffix(".js").read_text("utf-8")
    )

    def split(self, text: str) -> list[str]:
        return [piece for run in HANGUL_OR_OTHER.findall(text) for piece in pieces(run)]

    def stem(self, word: str) -> str:
        return word.lower()


def setup(app):
    app.add_search_language(Korean)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
