"""스키마: 버전(version)이 다른 프로그램들이 같은 기록을 읽고 씁니다.

기록 하나는 JSON이나 Avro로 쓰고, 앞에 쓴 쪽의 버전 번호를 붙입니다. 읽는 쪽은 쓴 쪽(writer)의
스키마를 읽는 쪽(reader)의 스키마에 맞춥니다. 규칙은 Avro 명세의 「Schema Resolution」입니다: 필드는
이름으로 찾고, 없으면 기본값으로 채우고, 모르는 필드는 건너뜁니다.

건너뛴 필드가 문제입니다. 옛 버전이 읽어서 고치고 다시 쓰면 사라집니다. `Codec.rewrite`는 그때
어떻게 할지(`UNKNOWN`)를 고르게 합니다.
"""

from __future__ import annotations

import copy
import io
import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer, validate
from fastavro.read import SchemaResolutionError

from ddialab.core.errors import InvalidValue, LabError, check_choice, check_integer

FORMATS = ("json", "avro")
UNKNOWN = ("drop", "preserve", "refuse")  # 모르는 필드를 버림, 지킴, 버리게 되면 거절함
HEADER = struct.Struct(">bI")  # Avro 앞에 붙이는 헤더: 0 다음에 버전 번호(Confluent의 방식)
REQUIRED = object()  # 기본값이 없다는 표시
VERSION_KEY = "version"  # JSON에서 버전 번호를 담는 이름


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


class Registry:
    """스키마 레지스트리: 버전 번호마다 스키마 하나. 모든 버전의 프로그램이 함께 봅니다.

    ``versions``는 {버전 번호: Avro 필드의 리스트}입니다. 필드는
    ``{"name": "tags", "type": {"type": "array", "items": "string"}, "default": []}``처럼 씁니다.
    """

    def __init__(self, name: str, versions: Mapping[int, Iterable[dict]]):
        self.name = name
        self._schemas = {
            check_integer("버전", number, 0): _parse(name, number, list(fields))
            for number, fields in versions.items()
        }

    @property
    def versions(self) -> tuple[int, ...]:
        return tuple(sorted(self._schemas))

    def schema(self, version: int) -> dict:
        """``version``버전의 Avro 스키마. 등록되지 않은 버전이면 `InvalidValue`."""
        if isinstance(version, bool) or version not in self._schemas:
            known = ", ".join(map(str, self.versions))
            raise InvalidValue(
                f"버전 {version!r}: {self.name}의 레지스트리에 없는 버전입니다.",
                f"아는 버전: {known}.",
                "더 새로운 버전이 쓴 기록이라면 그 버전의 스키마를 먼저 등록하세요.",
            )
        return self._schemas[version]

    def fields(self, version: int) -> dict[str, dict]:
        """``version``버전의 필드들: {이름: 정의}."""
        return {field["name"]: field for field in self.schema(version)["fields"]}

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
        if not _fits(value, field["type"]):
            raise InvalidValue(
                f"{name}={value!r}: 버전 {version}의 {self.name}에 쓸 수 없는 값입니다.",
                f"{name}의 타입은 {type_name(field['type'])}입니다.",
                "숫자라면 따옴표를 빼고, 텍스트라면 문자열로 쓰세요.",
            )
        return value

    def _default(self, version: int, field: dict) -> Any:
        if "default" in field:
            return copy.deepcopy(field["default"])
        raise UnresolvedSchema(
            f"{field['name']}: 값이 없고, 버전 {version}에 기본값도 없습니다.",
            "쓴 쪽에 있는 필드이거나 기본값이 있는 필드여야 합니다.",
            '스키마의 필드에 "default"를 넣으세요.',
        )


class Codec:
    """한 버전의 프로그램이 기록을 읽고 쓰는 방법.

    ``version``은 이 프로그램의 버전, ``format``은 `FORMATS` 가운데 하나입니다.
    ``unknown``은 고쳐 쓸 때 모르는 필드를 어떻게 할지입니다(`UNKNOWN`).
    """

    def __init__(
        self, registry: Registry, version: int, format: str = "json", unknown: str = "preserve"
    ):
        registry.schema(version)
        self.registry, self.version = registry, version
        self.format = check_choice("format", format, FORMATS)
        self.unknown = check_choice("unknown", unknown, UNKNOWN)

    def encode(self, values: Mapping[str, Any]) -> bytes:
        """새 기록을 이 버전으로 씁니다. 스키마에 맞지 않으면 `InvalidValue`."""
        return self._write(self.registry.check(values, self.version), self.version)

    def decode(self, data: bytes) -> Decoded:
        """어느 버전이 쓴 기록이든 이 버전으로 읽습니다.

        버전을 맞출 수 없으면 `UnresolvedSchema`, 깨졌거나 모르는 버전이면 `InvalidValue`.
        """
        return self._read_json(data) if self.format == "json" else self._read_avro(data)

    def rewrite(self, data: bytes, **changes: Any) -> bytes:
        """읽어서 ``changes``대로 고치고 다시 씁니다. 모르는 필드는 ``unknown``대로 다룹니다."""
        record = self.decode(data)
        values = self.registry.check(record.values | changes, self.version)
        if self.unknown == "drop" or record.written <= self.version:
            return self._write(values, self.version)
        full = self._full(data, record) | changes
        if self.unknown == "refuse":
            values = self.registry.downgrade(full, record.written, self.version)
            return self._write(values, self.version)
        # 모르는 필드까지 도로 쓰려면 버전 번호도 쓴 쪽의 것이어야 다음 사람이 알아봅니다
        if self.format == "avro":
            full = self.registry.check(full, record.written)
        return self._write(full, record.written)

    def _full(self, data: bytes, record: Decoded) -> dict[str, Any]:
        """쓴 쪽이 쓴 그대로의 필드들."""
        if self.format == "json":
            return record.values | record.unknown
        return _avro_read(data, self.registry.schema(record.written), None)

    def _write(self, values: dict[str, Any], version: int) -> bytes:
        if self.format == "json":
            return json.dumps({VERSION_KEY: version} | values, ensure_ascii=False).encode()
        out = io.BytesIO()
        out.write(HEADER.pack(0, version))
        schemaless_writer(out, self.registry.schema(version), values)
        return out.getvalue()

    def _read_json(self, data: bytes) -> Decoded:
        try:
            found = json.loads(data)
            written = found.pop(VERSION_KEY)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise _broken(data, "JSON") from None
        # JSON은 필드 이름이 기록에 있어서, 쓴 쪽의 스키마를 몰라도 읽을 수 있습니다
        check_integer("버전", written, 0)
        known = self.registry.fields(self.version)
        values = {name: value for name, value in found.items() if name in known}
        unknown = {name: value for name, value in found.items() if name not in known}
        try:
            return Decoded(self.registry.check(values, self.version), written, unknown)
        except LabError as error:
            raise _unresolved(written, self.version, error.problem) from None

    def _read_avro(self, data: bytes) -> Decoded:
        mark, written = HEADER.unpack(data[:5]) if len(data) >= HEADER.size else (1, 0)
        if mark != 0:
            raise _broken(data, "Avro")
        writer, reader = self.registry.schema(written), self.registry.schema(self.version)
        values = _avro_read(data, writer, reader)
        taken = {name for field in reader["fields"] for name in names_of(field)}
        rest = [field["name"] for field in writer["fields"] if field["name"] not in taken]
        full = _avro_read(data, writer, None) if rest else {}
        return Decoded(values, written, {name: full[name] for name in rest})


def type_name(kind: Any) -> str:
    """스키마의 타입을 한 줄로 나타낸 문자열."""
    if isinstance(kind, dict) and kind["type"] == "array":
        return f"{type_name(kind['items'])}의 배열"
    if isinstance(kind, dict) and kind["type"] == "enum":
        return f"{', '.join(kind['symbols'])} 가운데 하나"
    return str(kind)


def names_of(field: dict) -> set[str]:
    """필드의 이름과, 전에 사용하던 이름(별명)들."""
    return {field["name"], *field.get("aliases", [])}


def _parse(name: str, number: int, fields: list[dict]) -> dict:
    names = [field.get("name") for field in fields]
    if doubled := sorted({str(one) for one in names if names.count(one) > 1}):
        raise InvalidValue(
            f"{name}의 버전 {number}: {', '.join(doubled)} 필드가 둘 이상입니다.",
            "필드의 이름은 모두 달라야 합니다.",
        )
    try:
        return parse_schema({"type": "record", "name": name, "fields": fields})
    except Exception as error:  # fastavro는 잘못마다 다른 오류를 냅니다
        raise InvalidValue(
            f"{name}의 버전 {number}: Avro 스키마가 아닙니다({error}).",
            "필드마다 이름(name)과 타입(type)이 있어야 하고 기본값은 타입에 맞아야 합니다.",
        ) from None


def _fits(value: Any, kind: Any) -> bool:
    return bool(validate(value, kind, raise_errors=False))


def _avro_read(data: bytes, writer: dict, reader: dict | None) -> dict[str, Any]:
    body = io.BytesIO(data[HEADER.size :])
    try:
        values = schemaless_reader(body, writer, reader)
    except SchemaResolutionError as error:
        raise UnresolvedSchema(
            f"쓴 쪽의 스키마를 읽는 쪽의 스키마에 맞출 수 없습니다({error}).",
            "없는 필드에는 기본값이 있어야 하고, 타입은 넓어지기만 해야 합니다(int에서 long으로).",
            "스키마를 고치거나, 두 버전이 모두 읽을 수 있는 버전을 사이에 두세요.",
        ) from None
    except Exception:  # 깨진 바이트를 만난 곳에 따라 다른 오류가 납니다
        raise _broken(data, "Avro") from None
    if body.read(1):
        raise _broken(data, "Avro")
    return copy.deepcopy(values)  # 기본값은 스키마 안의 것이라 고치면 스키마가 바뀝니다


def _unresolved(written: int, version: int, problem: str) -> UnresolvedSchema:
    return UnresolvedSchema(
        f"버전 {written}이 쓴 기록을 버전 {version}로 읽을 수 없습니다: {problem}",
        "없는 필드에는 기본값이 있어야 하고, 타입은 그대로여야 합니다.",
        "스키마를 고치거나, 두 버전이 모두 읽을 수 있는 버전을 사이에 두세요.",
    )


def _broken(data: bytes, kind: str) -> InvalidValue:
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
POSTS = Registry("post", {1: _POST, 2: [*_POST, TAGS]})  # 게시글 서비스. 버전 2에 태그가 생깁니다
