"""찾는 말: 글을 무엇으로 나누어 색인에 적고, 물은 낱말을 어떻게 찾는지. 서버도 파일도 모릅니다.

한국어는 낱말 끝에 조사와 어미가 붙습니다. 빈칸으로만 나누면 「캐시」를 물어 「캐시를」을 찾지
못합니다. 그래서 이어진 한글은 두 글자씩 겹쳐 자르고(바이그램, bigram) 끝 글자를 하나 더 적습니다.

    캐시를 복구 → 캐시, 시를, 를, 복구, 구

물은 낱말이 두 글자 이상이면 그 바이그램들이 잇따르는 글을, 한 글자면 그 글자로 시작하는 것이 있는
글을 찾습니다. 그래서 한글은 낱말의 앞이든 가운데든 한 글자든 빠짐없이 찾습니다. 조사를 아는
분석기(nori)와 달리 「표」를 물으면 「발표」까지 찾습니다.

한글이 아닌 글자가 이어진 것(redis, 2026, 京都)은 통째로 한 낱말이고 대소문자를 가리지 않습니다.
한글과 붙어 있으면 나눕니다(DB는 → db, 는). 그 밖의 문장 부호와 그림 문자는 낱말을 나눌 뿐입니다.

macOS의 파일 이름에서 온 한글은 자모로 풀려 있습니다(NFD). 보이는 것이 같으면 같은 글로 봅니다.
"""

from __future__ import annotations

from typing import NamedTuple

from ddialab.blocks.posts import has_surrogate
from ddialab.core.errors import InvalidValue

MAX_QUERY = 200  # 글자. 검색창에 적는 말의 한도
MAX_WORD = 255  # 글자. 한글이 아닌 낱말은 이 길이에서 끊습니다. Lucene의 기본값과 같습니다
GAP, HANGUL, OTHER = 0, 1, 2  # 글자의 종류: 낱말을 나누는 것, 한글, 그 밖의 글자
GAPS = (  # ASCII 밖에서 낱말을 나누는 글자들: 문장 부호, 기호, 그림 문자
    (0x80, 0xBF), (0xD7, 0xD7), (0xF7, 0xF7), (0x2000, 0x2BFF), (0x2E00, 0x2E7F),
    (0x3000, 0x303F), (0x3164, 0x3164), (0xE000, 0xF8FF), (0xFE00, 0xFE6F), (0xFEFF, 0xFF0F),
    (0xFF1A, 0xFF20), (0xFF3B, 0xFF40), (0xFF5B, 0xFF65), (0xFFE0, 0xFFFF), (0x1F000, 0x1FAFF),
    (0xE0000, 0x10FFFF),
)  # fmt: skip
# 유니코드의 한글: 첫소리, 가운뎃소리, 끝소리(비어 있으면 0번째)의 처음 글자와, 그 수
LEADS, VOWELS, TAILS = (0x1100, 19), (0x1161, 21), (0x11A7, 28)
SYLLABLES = 0xAC00  # 가


class Clause(NamedTuple):
    """물은 낱말 하나: ``terms``가 잇따라야 합니다. ``prefix``면 그렇게 시작하는 것도 됩니다."""

    terms: list[str]
    prefix: bool


def composed(text: str) -> str:
    """자모로 풀린 한글(NFD)을 한 글자씩 모은 글. 나머지는 그대로입니다."""
    if not any("\u1161" <= letter <= "\u11ff" for letter in text):
        return text  # 모을 가운뎃소리도 끝소리도 없습니다
    made: list[str] = []
    for letter in text:
        joined = _joined(ord(made[-1]), ord(letter)) if made else 0
        if joined:
            made[-1] = chr(joined)
        else:
            made.append(letter)
    return "".join(made)


def _joined(first: int, second: int) -> int:
    """``first``에 이어지는 자모 ``second``를 합한 글자. 합할 수 없으면 0."""
    lead, vowel, tail = first - LEADS[0], second - VOWELS[0], second - TAILS[0]
    if 0 <= lead < LEADS[1] and 0 <= vowel < VOWELS[1]:
        return SYLLABLES + (lead * VOWELS[1] + vowel) * TAILS[1]
    open_syllable = "가" <= chr(first) <= "힣" and (first - SYLLABLES) % TAILS[1] == 0
    return first + tail if open_syllable and 0 < tail < TAILS[1] else 0


def words(text: str) -> list[str]:
    """``text``의 낱말들. 한글은 이어진 것끼리, 나머지는 나머지끼리입니다."""
    return [word for _, word in _runs(text)]


def terms(text: str) -> list[str]:
    """색인에 적을 것들을 글의 차례대로."""
    found = []
    for kind, word in _runs(text):
        if kind == HANGUL:
            found.extend(_bigrams(word))
            found.append(word[-1])
        else:
            found.append(word)
    return found


def clauses(query: str) -> list[Clause]:
    """물은 낱말마다 무엇을 찾을지. 모두 있는 글을 찾습니다. 물은 것이 없으면 `InvalidValue`."""
    return [_clause(kind, word) for kind, word in _runs(check_query(query))]


def check_query(query: object) -> str:
    """찾을 낱말이 있는 물음이면 자모를 모아 돌려주고, 아니면 `InvalidValue`.

    AND, OR, NEAR와 따옴표, ``*``, ``-``는 연산자가 아니라 보통의 글자입니다.
    """
    query = composed(query) if isinstance(query, str) else query
    if not isinstance(query, str) or len(query) > MAX_QUERY or has_surrogate(query):
        shown = query if not isinstance(query, str) or len(query) < 40 else query[:40] + "…"
        raise InvalidValue(
            f"query={shown!r}: 찾을 수 없는 말입니다.",
            f"{MAX_QUERY}자 이하의 문자열이어야 하고 UTF-8로 적을 수 없는 글자는 쓸 수 없습니다.",
            "찾을 낱말 몇 개만 빈칸으로 나누어 적으세요.",
        )
    if not _runs(query):
        raise InvalidValue(
            f"query={query!r}: 찾을 낱말이 없습니다.",
            "한글이나 영문자나 숫자가 있어야 합니다. 문장 부호와 그림 문자는 찾지 않습니다.",
            "찾을 낱말을 적으세요. 모두 보려면 검색 색인이 아니라 데이터베이스에 물으세요.",
        )
    return query


def _runs(text: str) -> list[tuple[int, str]]:
    """종류가 같은 글자가 이어진 것들: (종류, 소문자로 바꾼 글). 나누는 글자는 뺍니다."""
    text, found, start, kind = composed(text), [], 0, GAP
    for i, letter in enumerate(text + " "):
        now = HANGUL if "가" <= letter <= "힣" else _kind(ord(letter))
        if now == kind and (kind != OTHER or i - start < MAX_WORD):
            continue
        if kind != GAP:
            found.append((kind, text[start:i] if kind == HANGUL else _folded(text[start:i])))
        start, kind = i, now
    return found


def _kind(code: int) -> int:
    if code < 0x80:
        digit, upper, lower = 48 <= code <= 57, 65 <= code <= 90, 97 <= code <= 122
        return OTHER if digit or upper or lower else GAP
    if 0xAC00 <= code <= 0xD7A3 or 0x3131 <= code <= 0x3163:  # 가-힣, ㄱ-ㅣ
        return HANGUL
    return GAP if any(first <= code <= last for first, last in GAPS) else OTHER


def _folded(word: str) -> str:
    """ASCII의 대문자만 소문자로. 그 밖의 글자는 언어마다 규칙이 달라 그대로 둡니다."""
    return "".join([chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in word])


def _bigrams(word: str) -> list[str]:
    return [word[i : i + 2] for i in range(len(word) - 1)]


def _clause(kind: int, word: str) -> Clause:
    single = kind == HANGUL and len(word) == 1
    return Clause([word] if single or kind == OTHER else _bigrams(word), single)
