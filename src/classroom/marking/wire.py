"""채점기와 학생 프로세스가 주고받는 말. 한 줄이 메시지 하나이고, JSON 객체입니다.

건너오는 것은 늘 그냥 데이터입니다. JSON에 없는 것(튜플, 집합, 바이트열, 문자열이 아닌 키)은
꼬리표 하나짜리 객체로 나타냅니다. 데이터가 아닌 것(함수, 클래스, 인스턴스)은 양쪽이 `other`로
정합니다. 그래서 학생이 무엇을 돌려주든, 채점기가 얻는 것에는 학생의 코드가 없습니다.
"""

from __future__ import annotations

import builtins
import json
import sys
import types
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import Callable, Iterator, KeysView, ValuesView
from itertools import islice

from ddialab.core import errors

MESSAGE = 10_000_000  # 메시지 하나의 바이트
DEPTH = 100  # 겹친 리스트와 딕셔너리의 깊이
DRAWN = 100_000  # 제너레이터에서 꺼내는 값의 수. 끝나지 않는 제너레이터도 있습니다

SCALARS = frozenset({type(None), bool, int, float, str})
LISTS = (list, deque, range, KeysView, ValuesView, type({}.items()))

# 양쪽이 다 아는 예외. BaseException은 채점기를 끝낼 수 있으므로 건네지 않습니다.
EXCEPTIONS = {
    name: kind
    for module in (builtins, errors)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
}

Other = Callable[[object], object]


class NotPlain(Exception):
    """데이터가 아니어서 건넬 수 없습니다."""


class Garbled(Exception):
    """메시지가 약속한 모양이 아닙니다."""


class TooLarge(Exception):
    """메시지가 너무 크거나 너무 깊습니다."""


def refuse(value: object) -> object:
    """`encode`의 기본: 데이터가 아니면 `NotPlain`."""
    raise NotPlain(type(value).__name__)


def encode(value: object, other: Other = refuse, depth: int = 0) -> object:
    """JSON으로 나타낼 수 있는 값. 데이터가 아닌 것은 ``other``에 맡깁니다.

    너무 깊으면 `TooLarge`(자기를 담은 리스트도 그렇습니다).
    """
    if type(value) in SCALARS:
        return value
    if depth > DEPTH:
        raise TooLarge("depth")

    def inside(part):
        return encode(part, other, depth + 1)

    if isinstance(value, LISTS):
        return _flat(value) or [inside(part) for part in value]
    if isinstance(value, dict):
        return _encode_dict(value, inside)
    if isinstance(value, tuple):
        return {"tuple": _flat(value) or [inside(part) for part in value]}
    if isinstance(value, (set, frozenset)):
        tag = "set" if isinstance(value, set) else "frozenset"
        return {tag: [inside(part) for part in value]}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": b64encode(value).decode()}
    if _is_drawable(value):
        return {"iterator": [inside(part) for part in islice(value, DRAWN)]}
    return _encode_number(value, other, inside)


def decode(value: object, other: Callable[[str, object], object], depth: int = 0) -> object:
    """`encode`의 반대. 모르는 꼬리표는 ``other(꼬리표, 내용)``에 맡깁니다.

    약속과 다르면 `Garbled`, 너무 깊으면 `TooLarge`.
    """
    if type(value) in SCALARS:
        return value
    if depth > DEPTH:
        raise TooLarge("depth")
    if type(value) is list:
        return _flat(value) or [decode(part, other, depth + 1) for part in value]
    if type(value) is not dict or len(value) != 1:
        raise Garbled("tag")
    [(tag, content)] = value.items()
    try:
        if build := BUILDERS.get(tag):
            return build(content, lambda part: decode(part, other, depth + 1))
        return other(tag, content)
    except (TypeError, ValueError, AttributeError):
        raise Garbled(tag) from None


def known(kind: type) -> str:
    """상대가 아는 가장 가까운 예외의 이름. 없으면 ``BaseException``."""
    names = (each.__name__ for each in kind.__mro__ if EXCEPTIONS.get(each.__name__) is each)
    return next(names, "BaseException")


def pack(message: dict) -> bytes:
    """메시지 한 줄. 너무 크면 `TooLarge`(파이썬이 문자열로 못 바꾸는 수천 자리 정수도)."""
    try:
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    except ValueError:
        raise TooLarge("number") from None
    if len(line) > MESSAGE:
        raise TooLarge("message")
    return line


def unpack(line: bytes) -> dict:
    """메시지 한 줄을 읽습니다. 약속과 다르면 `Garbled`."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        raise Garbled("json") from None
    if type(message) is not dict:
        raise Garbled("message")
    return message


def _flat(values) -> list | None:
    """낱값만 든 리스트면 그대로. 긴 자료는 거의 이렇고, 하나씩 볼 까닭이 없습니다."""
    return list(values) if set(map(type, values)) <= SCALARS else None


def _encode_dict(value: dict, inside) -> dict:
    if all(type(key) is str for key in value):
        return {"dict": {key: inside(part) for key, part in value.items()}}
    return {"items": [[inside(key), inside(part)] for key, part in value.items()]}


def _is_drawable(value: object) -> bool:
    """제너레이터와 표준 반복자인가. 학생이 만든 반복자 클래스는 메서드가 더 있을 수 있어 뺍니다."""
    built_in = type(value).__module__ in ("builtins", "itertools")
    return isinstance(value, types.GeneratorType) or (built_in and isinstance(value, Iterator))


def _encode_number(value: object, other: Other, inside) -> object:
    """수의 하위 클래스와 numpy의 값은 그냥 수로 바꿉니다. 남은 것은 ``other``의 몫입니다."""
    numpy = sys.modules.get("numpy")  # 아무도 사용하지 않았으면 여기서 import할 까닭이 없습니다
    if numpy and isinstance(value, numpy.generic):
        return inside(value.item())
    if numpy and isinstance(value, numpy.ndarray):
        return inside(value.tolist())
    for kind, plain in ((int, int.__int__), (float, float.__float__), (str, str.__str__)):
        if isinstance(value, kind):
            return plain(value)
    return other(value)


def _build_set(content, inside) -> set:
    return {inside(part) for part in content}


BUILDERS = {
    "tuple": lambda content, inside: tuple(_flat(content) or map(inside, content)),
    "set": _build_set,
    "frozenset": lambda content, inside: frozenset(_build_set(content, inside)),
    "dict": lambda content, inside: {key: inside(part) for key, part in content.items()},
    "items": lambda content, inside: {inside(key): inside(part) for key, part in content},
    "bytes": lambda content, inside: b64decode(content, validate=True),
    "iterator": lambda content, inside: iter([inside(part) for part in content]),
}
