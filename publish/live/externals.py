"""모델이 `ddialab` 밖에서 쓸 수 있는 것: 표준 라이브러리와 내장 함수 가운데 옮길 수 있는 것."""

from live.source import PRELUDE, Target

# 실수의 계산이 어디서나 비트까지 같은 것(IEEE 754가 정한 것)만 그대로 씁니다
MATH = (
    "ceil", "copysign", "e", "fabs", "floor", "fmod", "frexp", "inf", "isfinite", "isinf",
    "isnan", "ldexp", "nan", "pi", "sqrt", "tau", "trunc",
)  # fmt: skip
ROUNDED_MATH = ("exp", "log", "pow")  # 마지막 자리가 다릅니다. core.engine.rounded 안에서만
STAND_INS = {
    ("collections", "Counter"): "Counter",
    ("collections", "deque"): "Deque",
    ("dataclasses", "replace"): "replace",
    ("itertools", "count"): "Count",
    ("json", "dumps"): "dumps",
    ("json", "loads"): "loads",
    ("numbers", "Integral"): "Integral",
    ("numbers", "Real"): "Real",
    ("random", "Random"): "Random",
}
NATIVE = {
    *(("math", name) for name in (*MATH, *ROUNDED_MATH)),
    *(("heapq", name) for name in ("heapify", "heappop", "heappush")),
    ("hashlib", "sha256"),
    ("itertools", "chain"),
}
# 옮기면서 사라지는 것: 형, 클래스를 적는 방법
VANISHING = {
    "__future__": None,
    "abc": None,
    "collections.abc": None,
    "dataclasses": ("dataclass", "field", "KW_ONLY"),
    "typing": None,
}
_BUILTINS = """
    abs all any bool bytes bytearray callable chr classmethod delattr divmod enumerate filter float
    getattr hasattr int isinstance issubclass iter len list map max min next object ord property
    range reversed setattr slice staticmethod str super tuple type zip dict sorted sum repr
    NotImplemented Ellipsis
    ArithmeticError AssertionError AttributeError BaseException Exception IndexError KeyError
    LookupError MemoryError NotImplementedError OSError OverflowError RuntimeError
    StopIteration SyntaxError TypeError ValueError ZeroDivisionError
"""
BUILTINS = frozenset(_BUILTINS.split())
PARENTS = ("ConnectionError",)  # 물려받기만 하는 것. MicroPython에 없어 잡을 수는 없습니다


def stand_in(module: str, name: str) -> Target | None:
    """``module.name``을 대신할 것. 옮길 수 없으면 None."""
    if (module, name) in STAND_INS:
        return PRELUDE, STAND_INS[module, name]
    return (module, name) if (module, name) in NATIVE else None


def vanishes(module: str, name: str) -> bool:
    if module not in VANISHING:
        return False
    return VANISHING[module] is None or name in VANISHING[module]
