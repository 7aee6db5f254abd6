"""글: 실수를 CPython과 같은 글자로 적습니다.

여기의 이름은 옮긴 텍스트에서 `live_`로 시작합니다. MicroPython에 없는 문법은 사용하지 않습니다.
"""

import math

LEAST = 2.2250738585072014e-308  # 정밀도가 온전한 가장 작은 실수
ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def text(value):
    """`str(value)`, f-string의 `{value}`."""
    if isinstance(value, (bool, int, str)) or value is None:
        return str(value)
    if isinstance(value, KeyError) and len(value.args) == 1:
        return represent(value.args[0])
    return str(value) if isinstance(value, Exception) else represent(value)


def represent(value):
    """`repr(value)`: 실수, 글, 튜플, 리스트, 사전까지 CPython과 같습니다."""
    if isinstance(value, float):
        return shortest(value)
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, tuple):
        inside = [represent(item) for item in value]
        return "(" + ", ".join(inside) + ("," if len(inside) == 1 else "") + ")"
    if isinstance(value, list):
        return "[" + ", ".join([represent(item) for item in value]) + "]"
    if isinstance(value, dict):
        pairs = [represent(key) + ": " + represent(value[key]) for key in value]
        return "{" + ", ".join(pairs) + "}"
    return repr(value)


def quoted(value):
    """글의 `repr`. 한글은 그대로 둡니다."""
    quote = '"' if "'" in value and '"' not in value else "'"
    written = [ESCAPES.get(letter, letter) for letter in value]
    return quote + "".join(["\\" + c if c == quote else c for c in written]) + quote


def fixed(value, digits, comma=False):
    """`f"{value:.2f}"`, `f"{value:,.2f}"`: 딱 중간이면 짝수 쪽으로 반올림합니다."""
    if not math.isfinite(value):
        return represent(value)
    numerator, denominator = ratio(abs(value))
    whole = half_even(numerator * 10**digits, denominator)
    figures = "0" * (digits + 1 - len(str(whole))) + str(whole)
    integer, rest = figures[: len(figures) - digits], figures[len(figures) - digits :]
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    return sign + (grouped(int(integer)) if comma else integer) + ("." + rest if digits else "")


def general(value):
    """`f"{value:g}"`: 유효숫자 여섯 자리, 끝의 0은 뺍니다."""
    if not math.isfinite(value) or not value:
        return represent(value) if value else ("-0" if math.copysign(1.0, value) < 0 else "0")
    top, bottom = ratio(abs(value))
    place = _place(top, bottom)
    up, down = _power(6 - place)
    figures = str(half_even(top * up, bottom * down))
    written = _laid_out(figures[:6].rstrip("0"), place + len(figures) - 6, 6)
    written = written[:-2] if written.endswith(".0") else written
    return ("-" if value < 0 else "") + written


def grouped(number):
    """`f"{number:,}"`: 정수를 세 자리마다 끊습니다."""
    figures, parts = str(abs(number)), []
    while len(figures) > 3:
        parts.insert(0, figures[-3:])
        figures = figures[:-3]
    return ("-" if number < 0 else "") + ",".join([figures] + parts)  # noqa: RUF005  MicroPython에 없는 문법


def ratio(value):
    """0 이상의 유한한 수를 정수의 비로. 남는 것 없이 정확합니다."""
    mantissa, exponent = math.frexp(value)
    numerator, exponent = int(math.ldexp(mantissa, 53)), exponent - 53
    return (numerator << exponent, 1) if exponent >= 0 else (numerator, 1 << -exponent)


def half_even(numerator, denominator):
    """나눈 몫을 반올림합니다. 딱 중간이면 짝수로."""
    quotient, rest = numerator // denominator, numerator % denominator
    up = 2 * rest > denominator or (2 * rest == denominator and quotient & 1)
    return quotient + 1 if up else quotient


def shortest(value):
    """실수의 `repr`: 다시 읽으면 같은 값이 되는 가장 짧은 십진수."""
    if value != value:
        return "nan"
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value in (math.inf, -math.inf):
        return sign + "inf"
    return sign + (_laid_out(*_figures(abs(value))) if value else "0.0")


def _figures(value):
    """``(숫자들, 소수점의 자리)``: 0.숫자들 × 10^자리. 그 값만을 가리키는 가장 짧은 것."""
    top, bottom = ratio(value)
    place = _place(top, bottom)
    for length in range(1, 18):
        up, down = _power(length - place)
        nearest = half_even(top * up, bottom * down)
        for whole in (nearest, nearest + 1):
            if _means(value, whole * down, up):
                figures = str(whole)
                return figures.rstrip("0"), place + len(figures) - length
    raise ValueError("no shortest digits")


def _means(value, numerator, denominator):
    """분수 ``numerator / denominator``에 가장 가까운 실수가 ``value``인가."""
    top, bottom = ratio(value)
    half, scale = _half_step(value)
    gap = (numerator * bottom - top * denominator) * scale
    if gap < 0 and math.frexp(value)[0] == 0.5 and value > LEAST:
        gap *= 2  # 2의 거듭제곱의 아래쪽 이웃은 두 배 가깝습니다
    reach = half * bottom * denominator
    return abs(gap) < reach or (abs(gap) == reach and _even(value))


def _half_step(value):
    """이웃한 실수까지의 거리의 절반, 정수의 비로."""
    _, exponent = math.frexp(value)
    top, bottom = ratio(math.ldexp(1.0, max(exponent - 53, -1074)))
    return top, 2 * bottom


def _power(exponent):
    """10^exponent를 정수의 비로."""
    return (10**exponent, 1) if exponent >= 0 else (1, 10**-exponent)


def _even(value):
    mantissa, _ = math.frexp(value)
    return int(math.ldexp(mantissa, 53)) & 1 == 0


def _place(top, bottom):
    """10^(place-1) <= top/bottom < 10^place인 정수 place."""
    place = len(str(top)) - len(str(bottom))
    up, down = _power(place)
    return place + 1 if top * down >= bottom * up else place


def _laid_out(figures, place, most=16):
    """0.숫자들 × 10^자리를 적습니다. ``most``자리보다 크거나 아주 작으면 지수로."""
    if -4 < place <= most:
        if place <= 0:
            return "0." + "0" * -place + figures
        figures += "0" * (place - len(figures))
        return figures[:place] + "." + (figures[place:] or "0")
    power = place - 1
    tail = "." + figures[1:] if len(figures) > 1 else ""
    sign, size = ("-" if power < 0 else "+"), str(abs(power))
    return figures[0] + tail + "e" + sign + ("0" + size if len(size) < 2 else size)
