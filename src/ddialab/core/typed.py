"""독자가 페이지에 친 코드를, 실행하기 전에 봅니다.

페이지의 파이썬은 책을 읽는 사람의 브라우저에서만 돕니다. 그래도 정책이 할 일은 받은 값을 보고
고르는 것뿐이므로, 다른 모듈이나 모델의 속에 손대는 코드는 까닭을 말하고 실행하지 않습니다.
"""

from __future__ import annotations

from collections.abc import Iterator

from ddialab.core.trial import PolicyFailed

MOST = 4000  # 글자. 정책은 몇 줄이면 됩니다
QUOTES = ("'", '"')
DIGITS = "0123456789"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

MODULES = "정책은 받은 값만 보고 고릅니다. 모듈은 가져올 수 없습니다."
CODE = "문자열을 코드로 실행할 수 없습니다. 코드는 그대로 적으세요."
OUTSIDE = "정책은 값 하나를 돌려주기만 합니다. 파일과 화면과 실행을 건드릴 수 없습니다."
INSIDE = "객체의 속은 볼 수 없습니다. 받은 튜플의 칸만 읽으세요."
ORDER = "실행하는 곳마다 답이 다를 수 있습니다."
NAMES = {
    "import": MODULES,
    "from": MODULES,
    **dict.fromkeys(("eval", "exec", "execfile", "compile"), CODE),
    **dict.fromkeys(("open", "print", "input", "help"), OUTSIDE),
    **dict.fromkeys(("SystemExit", "KeyboardInterrupt", "BaseException"), OUTSIDE),
    **dict.fromkeys(("getattr", "setattr", "delattr", "hasattr", "dir", "globals"), INSIDE),
    **dict.fromkeys(("locals", "vars", "type", "object", "super", "property"), INSIDE),
    **dict.fromkeys(("classmethod", "staticmethod", "memoryview", "bytearray", "bytes"), INSIDE),
    **dict.fromkeys(("hash", "id"), ORDER),
    **dict.fromkeys(("set", "frozenset"), f"{ORDER} 리스트나 dict로 적으세요."),
    "round": f"{ORDER} int(x + 0.5)로 적으세요.",
}
METHODS = {"sort": "같은 것들의 순서가 실행하는 곳마다 다를 수 있습니다. sorted(…)로 적으세요."}
TODO = "그 줄을 고치고 다시 실행하세요."


def check_typed(text: object, form: str) -> str:
    """``text``가 ``form``(``함수(인자)``) 꼴의 함수를 정의하는, 실행해도 되는 코드이면 돌려줍니다.

    아니면 `PolicyFailed`.
    """
    accepted = f"def {form}:으로 시작하는 함수여야 합니다."
    if not isinstance(text, str) or not text.strip():
        raise PolicyFailed("비어 있습니다.", accepted, "「처음 코드로」를 눌러 다시 시작하세요.")
    if len(text) > MOST:
        raise PolicyFailed(f"코드가 {len(text)}자입니다.", f"{MOST}자까지 됩니다.", "줄이세요.")
    if "\t" in text:
        line = text[: text.index("\t")].count("\n") + 1
        accepted = "들여쓰기는 빈칸으로만 합니다."
        raise PolicyFailed(f"{line}번째 줄에 탭이 있습니다.", accepted, TODO, line)
    before, function = "", form.partition("(")[0]
    defined = False
    for line, word in words(text):
        if why := refused(word):
            name = word[1:] if word.startswith(".") else word
            raise PolicyFailed(f"{line}번째 줄의 {name}: 쓸 수 없습니다.", why, TODO, line)
        defined = defined or (before == "def" and word == function)
        before = word
    if not defined:
        raise PolicyFailed(
            f"이름이 {function}인 함수가 없습니다.", accepted, "함수의 이름을 보세요."
        )
    return text


def refused(word: str) -> str:
    """``word``를 쓸 수 없는 까닭. 쓸 수 있으면 빈 문자열입니다."""
    if word.startswith("."):
        return INSIDE if word.startswith("._") else METHODS.get(word[1:], "")
    if "__" in word:
        return INSIDE
    if word[-1] in QUOTES:
        return "따옴표 앞의 f는 쓸 수 없습니다. 정책은 문자열을 만들 일이 없습니다."
    return NAMES.get(word, "")


def words(text: str) -> Iterator[tuple[int, str]]:
    """(줄, 낱말)들. 점 뒤의 이름은 ``.이름``, 앞에 f가 붙은 문자열은 ``f"``로 나옵니다.

    주석과 보통의 문자열 속은 보지 않습니다.
    """
    letters, at, line, dot = [*text, "\n"], 0, 1, ""
    while at < len(letters):
        here = letters[at]
        if here == "#":
            at = letters.index("\n", at)
        elif here in QUOTES:
            end = past_string(letters, at)
            line += sum(int(one == "\n") for one in letters[at:end])
            at, dot = end, ""
        elif here in LETTERS or here > "~":
            end = past_word(letters, at)
            word = "".join(letters[at:end])
            yield line, dot + word
            if letters[end] in QUOTES and ("f" in word or "F" in word):
                yield line, word + letters[end]
            at, dot = end, ""
        else:
            line += int(here == "\n")
            dot = "." if here == "." else dot if here in (" ", "\\", "\n") else ""
            at += 1


def past_word(letters: list[str], at: int) -> int:
    while letters[at] in LETTERS or letters[at] in DIGITS or letters[at] > "~":
        at += 1
    return at


def past_string(letters: list[str], at: int) -> int:
    """``at``에서 시작한 문자열이 끝난 다음 자리. 닫지 않았으면 글의 끝입니다."""
    quote, size = letters[at], 1
    if letters[at : at + 3] == [quote, quote, quote]:
        size = 3
    at += size
    while at < len(letters):
        if letters[at] == "\\":
            at += 2
        elif letters[at : at + size] == [quote] * size:
            return at + size
        else:
            at += 1
    return len(letters)
