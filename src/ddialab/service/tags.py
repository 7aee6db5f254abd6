"""태그: 글 안에 #로 적은 말."""

from __future__ import annotations

LONGEST = 30  # 글자. 이보다 길면 태그가 아니라 그냥 글입니다


def tags_of(text: str) -> list[str]:
    """``text``에 적힌 태그들. 나온 차례대로, 같은 것은 한 번만.

    태그는 # 바로 뒤에 이어진 한글, 영문자, 숫자, 밑줄입니다. 다른 글자(쉼표, 다른 #)에서 끝납니다.
    영문 대문자와 소문자는 같은 태그입니다.
    """
    found = {}
    for part in text.split("#")[1:]:
        tag = _start(part)
        if tag and len(tag) <= LONGEST:
            found[tag] = None
    return list(found)


def _start(part: str) -> str:
    """맨 앞에 이어진, 태그에 쓸 수 있는 글자들. 영문은 소문자로 바꿉니다."""
    letters = []
    for letter in part:
        if "A" <= letter <= "Z":
            letter = chr(ord(letter) + 32)  # lower()는 실행하는 곳마다 다릅니다
        if not _fits(letter):
            break
        letters.append(letter)
    return "".join(letters)


def _fits(letter: str) -> bool:
    return "가" <= letter <= "힣" or "a" <= letter <= "z" or "0" <= letter <= "9" or letter == "_"
