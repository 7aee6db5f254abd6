"""사람이 적은 예상을 수로 읽습니다. 페이지의 guess.js도 같은 글을 읽고 같은 말을 합니다."""

from __future__ import annotations

import math
import re
import unicodedata

DIGITS = r"(?:(?:\d{1,3}(?:,\d{3})+|\d+)\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?"
SCALES = {"십": 10, "백": 100, "천": 1000, "만": 10_000, "억": 100_000_000}
AMOUNT = rf"(?:{DIGITS}|(?=[십백천만억]))(?:\s*[십백천만억]+\s*{DIGITS})*(?:\s*[십백천만억]+)?"
GUESS = re.compile(
    rf"(?:약|대략|한|거의|~|≈|≒)?\s*([+-]?)({AMOUNT})(?:\s*/\s*({DIGITS}))?\s*(\D*?)"
    r"\s*(?:쯤|정도|가량)?",
    re.IGNORECASE | re.ASCII,
)
PART = re.compile(rf"({DIGITS})?\s*([십백천만억]*)", re.IGNORECASE | re.ASCII)
VULGAR = re.compile("([0-9０-９])([¼-¾⅐-⅟↉])")
# 2만5는 2만 5천일 수도 20005일 수도 있어 읽지 않습니다
UNCLEAR = re.compile(r"[십백천만억]\s*\d$")
SAME = ({"배", "x", "×"}, {"%", "퍼센트", "프로"}, {"ms", "밀리초"}, {"번", "회", "건", "개"})


def parse_number(text: str, unit: str = "") -> float | None:
    """독자가 적은 예상을 수로 읽습니다. 수가 아니거나 ``unit``이 아닌 단위가 붙었으면 None입니다.

    사람이 적는 대로 읽습니다: ``10배``, ``50 %``, ``1,000``, ``약 50``, ``1/2``, ``2만 5천``.
    단위가 %인 물음에 단위 없이 적은 분수는 비율로 봅니다: ``1/2``은 50입니다.
    """
    found = GUESS.fullmatch(_plain(text))
    if not found or UNCLEAR.search(found[2]) or not _fits(found[4].lower(), unit):
        return None
    number = _amount(found[2]) * (-1 if found[1] == "-" else 1)
    if found[3] is not None:
        below, whole = _amount(found[3]), 100 if unit == "%" and not found[4] else 1
        number = number / below * whole if below else math.inf
    return number if math.isfinite(number) else None


def refusal(text: str, unit: str = "", least: float = 0, most: float | None = None) -> str:
    """독자가 적은 예상을 받을 수 없는 까닭. 받으면 빈 문자열입니다."""
    number = parse_number(text, unit)
    bounds = f"{with_unit(least, unit)} 이상"
    bounds += f" {with_unit(most, unit)} 이하" if most is not None else ""
    if number is None:
        return (
            f"{text.strip()}: 읽을 수 없습니다. {bounds}인 수로 적어 주세요. 예: 12, 0.5, 1/2, 3만"
        )
    if number < least or (most is not None and number > most):
        return f"{with_unit(number, unit)}: {bounds}인 수로 적어 주세요."
    return ""


def with_unit(number: float, unit: str) -> str:
    """``12.3 ms``, ``3개``처럼 수에 단위를 붙인 텍스트. 한글과 %는 붙이고 다른 기호는 띄웁니다."""
    gap = "" if not unit or unit[0] == "%" or "가" <= unit[0] <= "힣" else " "
    return f"{float(f'{number:.6g}'):.15g}{gap}{unit}"


def _plain(text: str) -> str:
    """전각 숫자와 ½, 긴 빼기표를 자판에 있는 글자로. 3½은 31/2가 되지 않게 띄웁니다."""
    text = VULGAR.sub(r"\1 \2", text)
    return unicodedata.normalize("NFKC", text).translate({0x2212: "-", 0x2044: "/"}).strip()


def _fits(said: str, unit: str) -> bool:
    return said in ("", unit.lower(), unit or "%") or any({said, unit} <= same for same in SAME)


def _amount(text: str) -> float:
    """``2만 5천``은 25000."""
    parts = [found for found in PART.finditer(text) if found[0].strip()]
    return sum(
        float((found[1] or "1").replace(",", "")) * math.prod(SCALES[s] for s in found[2])
        for found in parts
    )
