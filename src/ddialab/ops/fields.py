"""필드: 버전마다 어떤 필드가 있고, 다른 버전이 쓴 기록을 고쳐 쓸 때 어느 필드를 남기는지.

기록 하나는 JSON이고, 쓴 쪽의 버전 번호를 담습니다. 필드는 이름으로 찾고, 없으면 기본값으로 채우고,
모르는 필드는 건너뜁니다. 건너뛴 필드가 문제입니다. 옛 버전이 읽어서 고치고 다시 쓰면 사라집니다.
`JSONCodec.rewrite`는 그때 어떻게 할지(`UNKNOWN`)를 고르게 합니다.

이 코드는 책의 페이지 안에서도 돕니다. Avro와 값의 타입은 `ddialab.ops.schema`가 압니다.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ddialab.core.errors import InvalidValue, LabError, check_choice, check_integer

UNKNOWN = ("drop", "preserve", "refuse")  # 모르는 필드를 버림, 지킴, 버리게 되면 거절함
REQUIRED = object()  # 기본값이 없다는 표시
VERSION_KEY = "version"  # 버전 번호를 담는 이름


class UnresolvedSchema(InvalidValue):
    """쓴 쪽의 스키마를 읽는 쪽의 스키마에 맞출 수 없습니다."""


class LossyDowngrade(InvalidValue):
    """더 낮은 버전으로 쓰면 데이터를 잃습니다."""


@dataclass(frozen=True)
class Decoded:
    """읽은 기록. ``written``은 쓴 쪽의 버전, ``unknown``은 읽는 쪽 스키마에 없는 필드들입니다."""

    values: dict[str, Any]
    written: int
    unknown: dict[str, Any] = field(default_factory=dict)


class Fields:
    """버전 번호마다 필드들: {버전 번호: 정의의 리스트}. 모든 버전의 프로그램이 함께 봅니다."""

    def __init__(self, name: str, versions: Mapping[int, Iterable[dict]]):
        self.name = name
        self._fields = {
            number: {one["name"]: one for one in definitions}
            for number, definitions in versions.items()
        }

    @property
    def versions(self) -> tuple[int, ...]:
        return tuple(sorted(self._fields))

    def fields(self, version: int) -> dict[str, dict]:
        """``version``버전의 필드들: {이름: 정의}. 등록되지 않은 버전이면 `InvalidValue`."""
        if isinstance(version, bool) or version not in self._fields:
            known = ", ".join([str(number) for number in self.versions])
            raise InvalidValue(
                f"버전 {version!r}: {self.name}의 레지스트리에 없는 버전입니다.",
                f"아는 버전: {known}.",
                "더 새로운 버전이 쓴 기록이라면 그 버전의 스키마를 먼저 등록하세요.",
            )
        return self._fields[version]

    def check(self, values: Mapping[str, Any], version: int) -> dict[str, Any]:
        """``values``를 ``version``버전의 필드 순서로 돌려줍니다. 빠진 필드는 기본값으로 채웁니다.

        없는 필드, 빠진 필드, 틀린 종류의 값(숫자 자리의 문자열 따위)이면 `InvalidValue`.
        """
        fields = self.fields(version)
        if extra := [name for name in values if name not in fields]:
            raise InvalidValue(
                f"{', '.join(extra)}: 버전 {version}의 {self.name}에 없는 필드입니다.",
                f"버전 {version}의 필드: {', '.join(fields)}.",
            )
        return {name: self._value(version, field, values) for name, field in fields.items()}

    def downgrade(self, values: Mapping[str, Any], old: int, new: int) -> dict[str, Any]:
        """``old``버전의 값들을 더 낮은 ``new``버전으로 바꿉니다. 잃는 것이 있으면 `LossyDowngrade`.

        없어질 필드라도 값이 기본값 그대로면 잃는 것이 아닙니다. 다시 올릴 때 되살아나기 때문입니다.
        """
        before, after = self.fields(old), self.fields(new)
        full = self.check(values, old)
        lost = {
            name: full[name]
            for name, field in before.items()
            if name not in after and full[name] != field.get("default", REQUIRED)
        }
        if lost:
            said = ", ".join(f"{name}={value!r}" for name, value in lost.items())
            raise LossyDowngrade(
                f"버전 {old}의 기록을 버전 {new}로 쓰면 {said}을(를) 잃습니다.",
                f"버전 {new}의 필드: {', '.join(after)}.",
                "모르는 필드를 지키거나(preserve), 먼저 새 버전으로 올린 뒤에 쓰세요.",
            )
        return self.check({name: full[name] for name in full if name in after}, new)

    def _value(self, version: int, field: dict, values: Mapping[str, Any]) -> Any:
        name = field["name"]
        value = values.get(name, REQUIRED)
        if value is REQUIRED:
            return self._default(version, field)
        if not self.fits(value, field["type"]):
            raise InvalidValue(
                f"{name}={value!r}: 버전 {version}의 {self.name}에 쓸 수 없는 값입니다.",
                f"{name}의 타입은 {type_name(field['type'])}입니다.",
                "숫자라면 따옴표를 빼고, 텍스트라면 문자열로 쓰세요.",
            )
        return value

    def _default(self, version: int, field: dict) -> Any:
        if "default" in field:
            return json.loads(json.dumps(field["default"]))  # 고쳐도 스키마는 그대로입니다
        raise UnresolvedSchema(
            f"{field['name']}: 값이 없고, 버전 {version}에 기본값도 없습니다.",
            "쓴 쪽에 있는 필드이거나 기본값이 있는 필드여야 합니다.",
            '스키마의 필드에 "default"를 넣으세요.',
        )

    def fits(self, value: Any, kind: Any) -> bool:
        """``value``가 타입 ``kind``에 맞는지. 타입을 모르는 이 클래스는 무엇이든 받습니다."""
        return True


class JSONCodec:
    """한 버전의 프로그램이 기록을 JSON으로 읽고 쓰는 방법.

    ``version``은 이 프로그램의 버전, ``unknown``은 고쳐 쓸 때 모르는 필드를 어떻게 할지입니다.
    """

    def __init__(self, registry: Fields, version: int, unknown: str = "preserve"):
        registry.fields(version)
        self.registry, self.version = registry, version
        self.unknown = check_choice("unknown", unknown, UNKNOWN)

    def encode(self, values: Mapping[str, Any]) -> bytes:
        """새 기록을 이 버전으로 씁니다. 스키마에 맞지 않으면 `InvalidValue`."""
        return self.write(self.registry.check(values, self.version), self.version)

    def decode(self, data: bytes) -> Decoded:
        """어느 버전이 쓴 기록이든 이 버전으로 읽습니다.

        버전을 맞출 수 없으면 `UnresolvedSchema`, 깨졌거나 모르는 버전이면 `InvalidValue`.
        """
        try:
            found = json.loads(data)
            written = found.pop(VERSION_KEY)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise broken(data, "JSON") from None
        # JSON은 필드 이름이 기록에 있어서, 쓴 쪽의 스키마를 몰라도 읽을 수 있습니다
        check_integer("버전", written, 0)
        known = self.registry.fields(self.version)
        values = {name: value for name, value in found.items() if name in known}
        unknown = {name: value for name, value in found.items() if name not in known}
        try:
            return Decoded(self.registry.check(values, self.version), written, unknown)
        except LabError as error:
            raise _unresolved(written, self.version, error.problem) from None

    def rewrite(self, data: bytes, changes: Mapping[str, Any] = {}) -> bytes:
        """읽어서 ``changes``대로 고치고 다시 씁니다. 모르는 필드는 ``unknown``대로 다룹니다."""
        record = self.decode(data)
        values = self.registry.check({**record.values, **changes}, self.version)
        if self.unknown == "drop" or record.written <= self.version:
            return self.write(values, self.version)
        full = {**self.full(data, record), **changes}
        if self.unknown == "refuse":
            values = self.registry.downgrade(full, record.written, self.version)
            return self.write(values, self.version)
        # 모르는 필드까지 도로 쓰려면 버전 번호도 쓴 쪽의 것이어야 다음 사람이 알아봅니다
        return self.write(full, record.written)

    def full(self, data: bytes, record: Decoded) -> dict[str, Any]:
        """쓴 쪽이 쓴 그대로의 필드들."""
        return {**record.values, **record.unknown}

    def write(self, values: dict[str, Any], version: int) -> bytes:
        """``version``버전이 쓴 것으로 씁니다."""
        return json.dumps({VERSION_KEY: version, **values}, ensure_ascii=False).encode()


def type_name(kind: Any) -> str:
    """스키마의 타입을 한 줄로 나타낸 문자열."""
    if isinstance(kind, dict) and kind["type"] == "array":
        return f"{type_name(kind['items'])}의 배열"
    if isinstance(kind, dict) and kind["type"] == "enum":
        return f"{', '.join(kind['symbols'])} 가운데 하나"
    return str(kind)


def _unresolved(written: int, version: int, problem: str) -> UnresolvedSchema:
    return UnresolvedSchema(
        f"버전 {written}이 쓴 기록을 버전 {version}로 읽을 수 없습니다: {problem}",
        "없는 필드에는 기본값이 있어야 하고, 타입은 그대로여야 합니다.",
        "스키마를 고치거나, 두 버전이 모두 읽을 수 있는 버전을 사이에 두세요.",
    )


def broken(data: bytes, kind: str) -> InvalidValue:
    return InvalidValue(
        f"{bytes(data[:20])!r}: {kind} 기록이 아니거나 깨졌습니다.",
        "Codec.encode가 만든 바이트여야 합니다.",
        "다른 형식으로 쓴 것은 아닌지 보세요.",
    )


TAGS = {"name": "tags", "type": {"type": "array", "items": "string"}, "default": []}
_POST = [
    {"name": "id", "type": "long"},
    {"name": "author", "type": "string"},
    {"name": "text", "type": "string"},
]
POST_VERSIONS = {1: _POST, 2: [*_POST, TAGS]}  # 게시글 서비스. 버전 2에 태그가 생깁니다
