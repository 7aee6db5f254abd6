"""학번: 학번 셀에 적힌 것을 읽고, 어느 학번의 데이터로 채점할지 정합니다.

데이터는 학번에서 만들어지므로, 학생이 본 것과 글자 하나라도 다른 학번으로 채점하면 손으로 적은 답이
모두 틀립니다.
"""

from __future__ import annotations

import re
import unicodedata

# 문자열을 어떻게 적었든(f, str(), 괄호, 굽은 따옴표) 학생이 본 데이터는 그 글자의 것입니다
WRITTEN = re.compile(
    r"""^[^\S\n]*student_id[^\S\n]*(?::[^\S\n]*\w+[^\S\n]*)?=(?:\\\n|[^\S\n]|\(|str\b)*"""
    r"""(?:[rRuUfF]?(?P<quote>\"{3}|'{3}|["'])(?P<text>[^"'\n]{0,100})(?P=quote)"""
    r"""|[“”‘’＂](?P<curly>[^“”‘’＂\n]{0,100})[“”‘’＂]|(?P<bare>[A-Za-z]{0,2}\d[\d-]{0,99}))""",
    re.M,
)
NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9A-Za-z]-)(\d{2,4}-\d{3,7}|[A-Za-z]{0,2}\d{5,12})(?!-?[0-9A-Za-z])"
)
PHONE = re.compile(r"01[016-9]\d{7,8}")


def squeeze(text: str) -> str:
    """띄어쓰기와 대소문자와 붙임표를 없앤 것. 견줄 때만 씁니다."""
    return re.sub(r"[\s,-]+", "", unicodedata.normalize("NFC", text)).casefold()


def numbers(text: str) -> list[str]:
    """``text``에서 학번의 모양인 것들. 「학번: 20260001」에서는 하나입니다."""
    found = NUMBER.findall(unicodedata.normalize("NFKC", text))
    return [one for one in dict.fromkeys(found) if not PHONE.fullmatch(squeeze(one))]


def plain(text: str) -> str:
    """``text``에 학번이 하나 있으면 그것만, 아니면 앞뒤의 빈칸만 뗀 것."""
    found = numbers(text)
    return found[0] if len(found) == 1 else unicodedata.normalize("NFKC", text).strip()


def same(one: str, other: str) -> bool:
    """같은 학번인가. 붙임표와, 엑셀이 지우는 앞의 0과, 곁에 적은 다른 말은 보지 않습니다."""
    pairs = ((one, other), (plain(one), plain(other)))
    return any(squeeze(a).lstrip("0") == squeeze(b).lstrip("0") for a, b in pairs)


def written(source: str) -> str | None:
    """학번 셀에 적힌 학번. 두 번 적었으면 나중 것, 읽을 수 없으면 ``None``."""
    found = list(WRITTEN.finditer(source))
    return (found[-1]["text"] or found[-1]["curly"] or found[-1]["bare"] or "") if found else None


def is_id(text: str) -> bool:
    """사람을 가릴 수 있는 학번인가. 「여러분의 학번」이나 아이디(hong99), 전화번호는 아닙니다."""
    whole = squeeze(unicodedata.normalize("NFKC", text))
    if PHONE.fullmatch(whole):
        return False
    shaped = re.fullmatch(r"\d{2,14}|[^\W\d_]{0,3}\d{4,14}[a-z]?", whole)
    return bool(shaped or numbers(text))


def seed(student: str, said: str | None, usual: str) -> tuple[str, str]:
    """데이터를 만들 학번과 알림. ``said``는 노트북에 적힌 것, ``usual``은 배포본의 것입니다.

    낸 사람의 학번이면 적힌 글자 그대로 씁니다. 낸 사람을 학번이 아니라 이름으로만 알 때에도
    학생이 본 데이터로 채점합니다.
    """
    if said is None:
        return student, f"학번 셀을 읽지 못해 {student}의 데이터로 채점합니다."
    theirs = any(same(one, student) for one in (said, *numbers(said)))
    if not said or (is_id(student) and not theirs):
        wrong = f"노트북에 적힌 학번({said[:40]})이 낸 사람과 다릅니다."
        if not said:
            wrong = "학번 셀이 비어 있습니다."
        elif same(said, usual):
            wrong = f"학번 셀({said[:40]})을 고치지 않았습니다."
        return student, (
            f"{wrong} {student}의 데이터로 채점하므로, 다른 데이터에서 얻어 손으로 적은 답은 "
            "틀린 것이 됩니다."
        )
    if same(said, usual) and not same(said, student):
        return said, f"학번 셀({said[:40]})을 고치지 않았습니다. 학생이 본 그 데이터로 채점합니다."
    return said, ""
