"""독자가 읽을 수 있는 오류.

오류는 세 가지를 말합니다: 무엇이 잘못됐는지(값 포함), 무엇이면 되는지, 이제 무엇을 하면 되는지.
Jupyter에서는 긴 트레이스백(traceback) 대신 이 세 문장만 보입니다.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real


class LabError(Exception):
    """이 책의 모든 오류의 뿌리.

    ``problem``은 잘못된 값을 담은 문장, ``accepted``는 되는 값, ``todo``는 다음에 할 일입니다.
    """

    def __init__(self, problem: str, accepted: str = "", todo: str = ""):
        self.problem, self.accepted, self.todo = problem, accepted, todo
        super().__init__(" ".join(part for part in (problem, accepted, todo) if part))

    def _render_traceback_(self) -> list[str]:
        """IPython이 트레이스백 대신 보여 줄 줄들."""
        return [f"{type(self).__name__}: {self.problem}", *filter(None, (self.accepted, self.todo))]


class InvalidValue(LabError, ValueError):
    """받은 값이 허용 범위 밖입니다."""


class MissingCapability(LabError, RuntimeError):
    """지금 사용하는 서버가 할 수 없는 일을 실습이 요구했습니다."""


class BackendUnavailable(LabError, ConnectionError):
    """서버를 띄우지 못했거나 연결이 끊겼습니다."""


class StorageFailure(LabError, OSError):
    """디스크에 쓰거나 읽지 못했습니다(가득 참, 읽기 전용, 깨진 파일)."""


def check_integer(
    name: str, value: object, minimum: int | None = None, maximum: int | None = None
) -> int:
    """``value``가 범위 안의 정수이면 돌려주고, 아니면 `InvalidValue`를 냅니다."""
    is_plain = type(value) is int  # 거의 모두 여기입니다. 추상 클래스에 물으면 열 배쯤 느립니다
    if not is_plain and (isinstance(value, bool) or not isinstance(value, Integral)):
        raise InvalidValue(f"{name}={value!r}: 정수가 아닙니다.", _range("정수", minimum, maximum))
    return int(_check_range(name, value, "정수", minimum, maximum))


def check_number(
    name: str, value: object, minimum: float | None = None, maximum: float | None = None
) -> float:
    """``value``가 범위 안의 유한한 수이면 돌려주고, 아니면 `InvalidValue`를 냅니다."""
    accepted = _range("수", minimum, maximum)
    return float(_check_range(name, _finite(name, value, accepted), "수", minimum, maximum))


def check_positive(name: str, value: object, below: float | None = None) -> float:
    """``value``가 0보다 큰(``below``가 있으면 그보다 작은) 유한한 수이면 돌려줍니다."""
    accepted = "0보다 큰 수여야 합니다."
    if below is not None:
        accepted = f"0보다 크고 {below}보다 작은 수여야 합니다."
    number = _finite(name, value, accepted)
    if number <= 0 or (below is not None and number >= below):
        raise InvalidValue(f"{name}={value!r}: 범위를 벗어났습니다.", accepted)
    return float(number)


def check_choice(name: str, value: object, choices: Iterable[str]) -> str:
    """``value``가 ``choices``에 있으면 돌려주고, 아니면 `InvalidValue`를 냅니다."""
    allowed = list(choices)
    if value not in allowed:
        raise InvalidValue(
            f"{name}={value!r}: 모르는 값입니다.", f"쓸 수 있는 값: {', '.join(allowed)}."
        )
    return str(value)


def check_type(name: str, value: object, kind: type) -> object:
    """``value``가 ``kind``이면 돌려주고, 아니면 `InvalidValue`를 냅니다."""
    if not isinstance(value, kind):
        raise InvalidValue(
            f"{name}={str(value)[:40]!r}: {type(value).__name__}입니다.",
            f"{kind.__name__}이어야 합니다.",
        )
    return value


def check_all(name: str, values: object, kind: type) -> list:
    """``values``가 ``kind``만 든 시퀀스이면 리스트로 돌려주고, 아니면 `InvalidValue`를 냅니다."""
    try:
        held = list(values)
    except TypeError:
        raise InvalidValue(
            f"{name}={str(values)[:40]!r}: 시퀀스가 아닙니다.",
            f"{kind.__name__}의 시퀀스여야 합니다.",
        ) from None
    for one in held:
        check_type(f"{name}에 든 것", one, kind)
    return held


def _finite(name: str, value: object, accepted: str):
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InvalidValue(f"{name}={value!r}: 수가 아닙니다.", accepted)
    try:
        finite = math.isfinite(value)
    except OverflowError:  # 컴퓨터의 소수로 옮길 수 없을 만큼 큰 정수. 적으면 화면을 덮습니다
        raise InvalidValue(f"{name}: 수가 너무 큽니다.", accepted) from None
    if not finite:
        raise InvalidValue(f"{name}={value!r}: 유한한 수가 아닙니다.", accepted)
    return value


def _check_range(name, value, kind, minimum, maximum):
    below = minimum is not None and value < minimum
    above = maximum is not None and value > maximum
    if below or above:
        raise InvalidValue(
            f"{name}={value!r}: 범위를 벗어났습니다.", _range(kind, minimum, maximum)
        )
    return value


def _range(kind: str, minimum, maximum) -> str:
    if minimum is not None and maximum is not None:
        return f"{minimum} 이상 {maximum} 이하의 {kind}여야 합니다."
    if minimum is not None:
        return f"{minimum} 이상의 {kind}여야 합니다."
    if maximum is not None:
        return f"{maximum} 이하의 {kind}여야 합니다."
    return f"{kind}여야 합니다."
