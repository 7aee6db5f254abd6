"""호환성: 스키마를 바꾸면 어느 쪽이 무엇을 읽을 수 있게 되는지, 실제로 쓰고 읽어서 봅니다."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ddialab.core.errors import LabError, check_choice
from ddialab.ops.fields import TAGS
from ddialab.ops.schema import FORMATS, Codec, Registry, names_of

SAME, FILLED, SKIPPED, CHANGED, FAILED = "그대로", "기본값", "건너뜀", "달라짐", "못 읽음"
KEPT, LOST = "남음", "사라짐"
GOOD = {SAME, FILLED, SKIPPED, KEPT}  # 나머지는 값이 달라지거나 읽지 못하거나 사라진 것입니다


@dataclass(frozen=True)
class Change:
    """스키마 변경 하나: 앞뒤의 필드들과, 앞뒤의 버전이 쓰는 보기 기록."""

    name: str
    old: tuple[dict, ...]
    new: tuple[dict, ...]
    old_values: dict[str, Any]
    new_values: dict[str, Any]


@dataclass(frozen=True)
class Compatibility:
    """변경 하나를 한 형식으로 돌려 본 결과.

    ``backward``는 새 버전이 옛 기록을 읽은 결과(하위 호환), ``forward``는 옛 버전이 새 기록을 읽은
    결과(상위 호환), ``write_back``은 옛 버전이 새 기록을 읽어 그대로 다시 썼을 때(모르는 필드는
    버리며) 새 버전이 잃은 것이 있는지입니다.
    """

    backward: str
    forward: str
    write_back: str


def judge(change: Change, format: str) -> Compatibility:
    """``change``를 ``format``(`FORMATS`)으로 쓰고 읽어 봅니다. 규칙표를 옮긴 것이 아닙니다."""
    check_choice("format", format, FORMATS)
    registry = Registry("sample", {1: change.old, 2: change.new})
    old, new = (Codec(registry, number, format, unknown="drop") for number in (1, 2))
    old_data, new_data = old.encode(change.old_values), new.encode(change.new_values)
    return Compatibility(
        _outcome(new, old_data, change.old_values),
        _outcome(old, new_data, change.new_values),
        _write_back(old, new, new_data),
    )


def _outcome(reader: Codec, data: bytes, written: dict[str, Any]) -> str:
    try:
        record = reader.decode(data)
    except LabError:
        return FAILED
    shared = [name for name in record.values if name in written]
    if any(record.values[name] != written[name] for name in shared):
        return CHANGED
    if record.unknown:
        return SKIPPED
    fields = reader.registry.fields(reader.version).values()
    return SAME if all(written.keys() & names_of(field) for field in fields) else FILLED


def _write_back(old: Codec, new: Codec, data: bytes) -> str:
    try:
        again = new.decode(old.rewrite(data))
    except LabError:
        return FAILED
    return KEPT if again.values == new.decode(data).values else LOST


def _field(name: str, kind: Any, **more: Any) -> dict:
    return {"name": name, "type": kind, **more}


def _mood(*symbols: str, **more: Any) -> dict:
    return _field("mood", {"type": "enum", "name": "Mood", "symbols": list(symbols), **more})


_ID, _TEXT = _field("id", "long"), _field("text", "string")
_LANGUAGE = _field("language", "string")
_OLD = {"id": 1, "text": "점심"}

CHANGES = (
    Change(
        "필드 더하기(기본값 있음)", (_ID, _TEXT), (_ID, _TEXT, TAGS), _OLD, _OLD | {"tags": ["밥"]}
    ),
    Change(
        "필드 더하기(기본값 없음)",
        (_ID, _TEXT),
        (_ID, _TEXT, _LANGUAGE),
        _OLD,
        _OLD | {"language": "ko"},
    ),
    Change(
        "필드 빼기(기본값 있던 것)", (_ID, _TEXT, TAGS), (_ID, _TEXT), _OLD | {"tags": ["밥"]}, _OLD
    ),
    Change(
        "필드 빼기(기본값 없던 것)",
        (_ID, _TEXT, _LANGUAGE),
        (_ID, _TEXT),
        _OLD | {"language": "ko"},
        _OLD,
    ),
    Change(
        "이름 바꾸기",
        (_ID, _TEXT),
        (_ID, _field("body", "string")),
        _OLD,
        {"id": 1, "body": "점심"},
    ),
    Change(
        "이름 바꾸기(별명 남김)",
        (_ID, _TEXT),
        (_ID, _field("body", "string", aliases=["text"])),
        _OLD,
        {"id": 1, "body": "점심"},
    ),
    Change(
        "int → long, 작은 값",
        (_field("likes", "int"),),
        (_field("likes", "long"),),
        {"likes": 7},
        {"likes": 7},
    ),
    Change(
        "int → long, 큰 값",
        (_field("likes", "int"),),
        (_field("likes", "long"),),
        {"likes": 7},
        {"likes": 2**40},
    ),
    Change(
        "int → string",
        (_field("likes", "int"),),
        (_field("likes", "string"),),
        {"likes": 7},
        {"likes": "7"},
    ),
    Change(
        "enum 값 추가",
        (_mood("good", "bad"),),
        (_mood("good", "bad", "wow"),),
        {"mood": "bad"},
        {"mood": "wow"},
    ),
    Change(
        "enum 값 추가(기본값 있음)",
        (_mood("good", "bad", default="good"),),
        (_mood("good", "bad", "wow", default="good"),),
        {"mood": "bad"},
        {"mood": "wow"},
    ),
)
