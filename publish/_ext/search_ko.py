"""한국어 찾기: 본문을 두 글자 조각으로 나누어 색인합니다.

「결함」을 찾는 사람은 「결함과」, 「결함이」가 든 페이지도 보고 싶어 합니다. 형태소 분석기 없이도
겹치는 두 글자 조각(결함, 함과)을 색인하고, 찾을 말에서 조사와 어미를 떼면 대부분 찾을 수 있습니다.
색인은 여기서 파이썬으로, 찾을 말은 독자의 브라우저에서 `search_ko.js`로 나눕니다.
"""

import json
import re
from collections import defaultdict
from functools import cache
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

# 한 글자 말에 붙는 것: 조사, 「입니다」, 동사와 형용사의 어미. 브라우저도 같은 정규식을 사용합니다.
COPULA = "입니.*|이다|이[라자므].*|이면.*|이어야.*|이었.*|인|인[지데].*|일|일[수까지].*|라[면서].*"
VERB = (
    "고|고서|지|지[만는도].*|면|면서|며|게|기.*|자|니|다|는|는[다지데].*|던|도록|거나|려[고면는].*|"
    "습니.*|을[지수까].*|으[며면니므려].*|[어아]|[어아][서도야져진지].*|[었았].*|음|음[을이은]"
)
ENDING = f"(?:(?:들|마다)?(?:{'|'.join(PARTICLES)})?(?:만|도|는|은|의)?|{COPULA}|{VERB})"
MANY = 3  # 서로 다른 것이 이만큼 붙는 한 글자는 낱말(큐, 값)이나 줄기(죽-)입니다

# 동사의 줄기를 끝내는 글자들. 받침과 줄어든 모음(져, 꿔, 와)을 풀면 이 가운데 하나가 됩니다.
STEMS = "나리지치기키히이우추두주가오내서쓰트뜨르느드티디꾸누니미끼루"
SHRUNK = {6: 20, 9: 8, 14: 13}  # 가운뎃소리의 번호: ㅕ는 ㅣ, ㅘ는 ㅗ, ㅝ는 ㅜ
ENDS = (0, 4, 8, 16, 17, 20)  # 받침의 번호: 없음, ㄴ, ㄹ, ㅁ, ㅂ, ㅆ

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TERMS = ROOT / "TERMS.md"
HANGUL_OR_OTHER = re.compile(r"[가-힣]+|[^\W가-힣]+")


def one_syllable_words(texts: list[str]) -> str:
    """``texts``에 낱말이나 줄기로 나오는 한 글자들."""
    endings = defaultdict(set)
    for text in texts:
        for run in re.findall("[가-힣]+", text):
            if re.fullmatch(ENDING, run[1:]):
                endings[run[0]].add(run[1:])
    return "".join(sorted(one for one, found in endings.items() if len(found) >= MANY))


@cache
def ones() -> str:
    """이 책의 한 글자 말. 페이지와 실습의 원본에서 모읍니다."""
    sources = [*(ROOT / "chapters").rglob("*.md"), *(ROOT / "labs").glob("*.ipynb")]
    return one_syllable_words([path.read_text("utf-8") for path in sources])


def short_word(run: str) -> list[str]:
    """「큐에서」의 「큐」. 두 글자 조각만으로는 한 글자 말을 찾을 수 없습니다."""
    korean = len(run) > 1 and "가" <= run[0] <= "힣"
    return [run[0]] if korean and re.fullmatch(ENDING, run[1:]) else []


def unshrunk(letter: str) -> str:
    """「춘」, 「춥」, 「췄」, 「춰」의 「추」. 그런 글자가 아니면 그대로입니다."""
    order, end = divmod(ord(letter) - 0xAC00, 28)
    lead, vowel = divmod(order, 21)
    base = chr(0xAC00 + (lead * 21 + SHRUNK.get(vowel, vowel)) * 28)
    return base if end in ENDS and base in STEMS else letter


def verb_pair(run: str) -> list[str]:
    """「멈췄다」의 「멈추」: 두 글자 동사를 어느 꼴로든 찾게 합니다."""
    if len(run) < 2 or not "가" <= run[0] <= "힣":
        return []
    pair = run[0] + unshrunk(run[1])
    return [pair] if pair != run[:2] else []


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


def english_names() -> dict[str, str]:
    """{용어의 영어 이름: 용어}. 긴 이름이 먼저이고, 모두 소문자입니다."""
    terms = read_terms(TERMS.read_text("utf-8"))
    names = {name.lower(): term.korean for term in terms for name in term.english.split(", ")}
    return {name: names[name] for name in sorted(names, key=len, reverse=True)}


class Korean(SearchLanguage):
    """두 글자 조각으로 찾는 한국어."""

    lang = "ko"
    language_name = "Korean"
    js_splitter_code = (
        f"const KO_PARTICLES = {json.dumps(PARTICLES, ensure_ascii=False)};\n"
        f"const KO_NAMES = {json.dumps(known_names(), ensure_ascii=False)};\n"
        f"const KO_ENGLISH = {json.dumps(english_names(), ensure_ascii=False)};\n"
        f"const KO_ONES = {json.dumps(ones(), ensure_ascii=False)};\n"
        f"const KO_ENDING = /^{ENDING}$/, KO_STEMS = {json.dumps(STEMS, ensure_ascii=False)};\n"
        f"const KO_SHRUNK = {json.dumps(SHRUNK)}, KO_ENDS = {json.dumps(ENDS)};\n"
        + "".join((HERE / name).read_text("utf-8") for name in ("search_ko.js", "search_rank.js"))
    )

    def split(self, text: str) -> list[str]:
        runs = HANGUL_OR_OTHER.findall(text)
        return [
            piece for run in runs for piece in [*pieces(run), *short_word(run), *verb_pair(run)]
        ]

    def stem(self, word: str) -> str:
        return word.lower()


def setup(app):
    app.add_search_language(Korean)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
