"""스키마: 버전(version)이 다른 프로그램들이 같은 기록을 JSON이나 Avro로 읽고 씁니다.

읽는 쪽은 쓴 쪽(writer)의 스키마를 읽는 쪽(reader)의 스키마에 맞춥니다. 규칙은 Avro 명세의
「Schema Resolution」입니다. 모르는 필드를 어떻게 할지는 `ddialab.ops.fields`가 정합니다.
"""

from __future__ import annotations

import copy
import io
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from fastavro import parse_schema, schemaless_reader, schemaless_writer, validate
from fastavro.read import SchemaResolutionError

from ddialab.core.errors import InvalidValue, check_choice, check_integer
from ddialab.ops.fields import (
    POST_VERSIONS,
    Decoded,
    Fields,
    JSONCodec,
    UnresolvedSchema,
    broken,
)

FORMATS = ("json", "avro")
HEADER = struct.Struct(">bI")  # Avro 앞에 붙이는 헤더: 0 다음에 버전 번호(Confluent의 방식)


class Registry(Fields):
    """스키마 레지스트리: 버전 번호마다 Avro 스키마 하나.

    ``versions``는 {버전 번호: Avro 필드의 리스트}입니다. 필드는
    ``{"name": "tags", "type": {"type": "array", "items": "string"}, "default": []}``처럼 씁니다.
    """

    def __init__(self, name: str, versions: Mapping[int, Iterable[dict]]):
        self._schemas = {
            check_integer("버전", number, 0): _parse(name, number, list(fields))
            for number, fields in versions.items()
        }
        super().__init__(name, {number: one["fields"] for number, one in self._schemas.items()})

    def schema(self, version: int) -> dict:
        """``version``버전의 Avro 스키마. 등록되지 않은 버전이면 `InvalidValue`."""
        self.fields(version)
        return self._schemas[version]

    def fits(self, value: Any, kind: Any) -> bool:
        """``value``가 타입 ``kind``에 맞는지."""
        return bool(validate(value, kind, raise_errors=False))


class Codec(JSONCodec):
    """한 버전의 프로그램이 기록을 읽고 쓰는 방법.

    ``version``은 이 프로그램의 버전, ``format``은 `FORMATS` 가운데 하나입니다.
    ``unknown``은 고쳐 쓸 때 모르는 필드를 어떻게 할지입니다(`UNKNOWN`).
    """

    def __init__(
        self, registry: Registry, version: int, format: str = "json", unknown: str = "preserve"
    ):
        super().__init__(registry, version, unknown)
        self.format = check_choice("format", format, FORMATS)

    def decode(self, data: bytes) -> Decoded:
        """`JSONCodec.decode`와 같은 일을 ``format``으로 합니다."""
        return super().decode(data) if self.format == "json" else self._read_avro(data)

    def full(self, data: bytes, record: Decoded) -> dict[str, Any]:
        """쓴 쪽이 쓴 그대로의 필드들."""
        if self.format == "json":
            return super().full(data, record)
        return _avro_read(data, self.registry.schema(record.written), None)

    def write(self, values: dict[str, Any], version: int) -> bytes:
        """``version``버전이 쓴 것으로 씁니다."""
        if self.format == "json":
            return super().write(values, version)
        out = io.BytesIO()
        out.write(HEADER.pack(0, version))
        checked = self.registry.check(values, version)
        schemaless_writer(out, self.registry.schema(version), checked)
        return out.getvalue()

    def _read_avro(self, data: bytes) -> Decoded:
        mark, written = HEADER.unpack(data[:5]) if len(data) >= HEADER.size else (1, 0)
        if mark != 0:
            raise broken(data, "Avro")
        writer, reader = self.registry.schema(written), self.registry.schema(self.version)
        values = _avro_read(data, writer, reader)
        taken = {name for field in reader["fields"] for name in names_of(field)}
        rest = [field["name"] for field in writer["fields"] if field["name"] not in taken]
        full = _avro_read(data, writer, None) if rest else {}
        return Decoded(values, written, {name: full[name] for name in rest})


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
        raise broken(data, "Avro") from None
    if body.read(1):
        raise broken(data, "Avro")
    return copy.deepcopy(values)  # 기본값은 스키마 안의 것이라 고치면 스키마가 바뀝니다


POSTS = Registry("post", POST_VERSIONS)  # 게시글 서비스
