"""재생: 로그의 어디까지를, 무엇을 빼고, 어떻게 묶어 다시 할지. 로그도 데이터베이스도 모릅니다."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence

from ddialab.blocks.posts import Post
from ddialab.core.errors import InvalidValue, check_integer

ACTIONS = {"put": "load", "delete": "delete", "sql": "execute"}  # 바뀐 것마다 다시 할 일


def last_offset(snapshot: int, end: int, until: int | None, skip: Collection[int]) -> int:
    """재생을 어디 앞에서 멈출지. ``snapshot``은 스냅샷의 ``offset``, ``end``는 로그의 끝입니다.

    스냅샷보다 앞선 시점이나 이미 스냅샷에 든 실수를 달라고 하면 `InvalidValue`.
    """
    until = end if until is None else check_integer("until", until, snapshot, end)
    inside = [offset for offset in skip if offset < snapshot]
    if inside:
        raise InvalidValue(
            f"skip={inside}: 건너뛸 기록이 이미 스냅샷(offset={snapshot})에 들어 있습니다.",
            "실수보다 먼저 뜬 스냅샷이어야 합니다.",
            "더 오래된 스냅샷으로 복구하세요.",
        )
    return until


def decoded(payload: bytes) -> list[dict] | None:
    """로그의 기록 하나에 든 바뀐 것들. 알아볼 수 없으면 None."""
    try:
        changes = json.loads(payload)
        return changes if all(change["op"] in ACTIONS for change in changes) else None
    except (ValueError, KeyError, TypeError):
        return None


def actions(changes: Iterable[dict]) -> Iterator[tuple[str, object]]:
    """다시 할 일들을 차례로: (`ACTIONS`의 하나, 게시글들이나 번호나 문장).

    이어지는 게시글 넣기는 하나로 묶습니다.
    """
    waiting: list[Post] = []
    for change in changes:
        action = ACTIONS[change["op"]]
        if action == "load":
            waiting.append(Post(*change["post"]))
            continue
        if waiting:
            yield "load", waiting
            waiting = []
        yield action, change["id"] if action == "delete" else change["sql"]
    if waiting:
        yield "load", waiting


def batches(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """번호들을 차례로 ``size``개씩."""
    return (ids[first : first + size] for first in range(0, len(ids), size))


def missing(acknowledged: Iterable[Post], kept: Iterable[Post]) -> list[Post]:
    """성공했다고 답한 게시글 가운데 그대로 남아 있지 않은 것."""
    kept = dict.fromkeys(kept)
    return [post for post in acknowledged if post not in kept]
