"""대리(proxy): 학생의 함수, 클래스, 인스턴스를 채점기 쪽에서 대신하는 것."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from classroom.marking import wire


class StudentError(Exception):
    """채점기가 모르는 종류의 오류가 학생의 코드에서 났습니다."""


class ValueTooLarge(StudentError):
    """학생의 코드가 너무 큰 값을 돌려주었습니다."""


@dataclass(frozen=True, eq=False)
class Reference:
    """대리가 가리키는 것: 어느 노트북의, 어느 프로세스의, 몇 번."""

    apply: Callable  # 그 노트북에 시키는 법
    life: object
    id: int
    kind: str
    name: str
    methods: dict[str, object] = field(default_factory=dict)

    def number(self, life: object) -> int:
        """지금 프로세스에서의 번호. 끝난 프로세스의 것이면 `StudentError`."""
        if life is not self.life:
            raise StudentError("끝난 프로세스의 값입니다.")
        return self.id


class Remote:
    """학생의 함수나 인스턴스의 대리. 부르기, 속성, 색인, 반복, ``with``를 건네줍니다.

    비교는 건네주지 않습니다. 학생의 ``__eq__``가 무엇이라고 하든 테스트는 데이터만 믿습니다.
    """

    def __init__(self, reference: Reference):
        object.__setattr__(self, "_Remote__reference", reference)

    def __repr__(self) -> str:
        return f"<학생의 {reference(self).name}>"

    def __call__(self, *args, **kwargs):
        return _apply("call", self, *args, **kwargs)

    def __getattr__(self, name: str):
        if name.startswith("__"):  # copy나 pickle이 묻는 것은 학생에게 묻지 않습니다
            raise AttributeError(name)
        methods = reference(self).methods
        if name in methods:
            return methods[name]
        value = _apply("get", self, name)
        if isinstance(value, Remote) and reference(value).kind == "method":
            methods[name] = value  # 메서드는 바뀌지 않습니다. 왕복 한 번을 아낍니다
        return value

    def __setattr__(self, name: str, value: object) -> None:
        _apply("set", self, name, value)

    def __len__(self) -> int:
        return _apply("len", self)

    def __bool__(self) -> bool:
        return _apply("bool", self)

    def __iter__(self) -> Iterator:
        return _apply("iter", self)

    def __next__(self):
        return _apply("next", self)

    def __contains__(self, key: object) -> bool:
        return _apply("in", self, key)

    def __getitem__(self, key: object):
        return _apply("item", self, key)

    def __setitem__(self, key: object, value: object) -> None:
        _apply("put", self, key, value)

    def __delitem__(self, key: object) -> None:
        _apply("drop", self, key)

    def __enter__(self):
        return _apply("enter", self)

    def __exit__(self, *_) -> None:
        _apply("exit", self)


class RemoteClass(Remote):
    """학생의 클래스의 대리. 부르면 안에서 인스턴스를 만듭니다."""

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, Remote) and _apply("isinstance", value, self) is True


def reference(remote: Remote) -> Reference:
    return object.__getattribute__(remote, "_Remote__reference")


def _apply(action: str, remote: Remote, *args, **kwargs):
    return reference(remote).apply(action, remote, *args, **kwargs)


def proxy(whose: Reference, base: object) -> object:
    """학생의 예외 클래스는 ``except``에 사용할 수 있게 진짜 클래스로 만듭니다."""
    if whose.kind == "exception":
        known = wire.EXCEPTIONS[base]
        try:
            return type(whose.name, (StudentError, known), {})
        except TypeError:  # 함께 물려받을 수 없는 종류
            return type(whose.name, (StudentError,), {})
    return RemoteClass(whose) if whose.kind == "class" else Remote(whose)
