"""진짜 다섯에서 재는 것: 걸린 시간, 파일에서 읽은 바이트, 트리에서 읽은 페이지.

읽은 바이트는 운영체제가 셉니다(리눅스의 /proc/self/io). SQLite는 연결을 새로 열어, 앞의 물음이
메모리에 남긴 페이지를 사용하지 않게 합니다. DuckDB가 읽은 바이트는 DuckDB가 셉니다.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ddialab.blocks.database import Database
from ddialab.blocks.groups import overlapping
from ddialab.blocks.posts import Post
from ddialab.core.errors import MissingCapability
from ddialab.core.stopwatch import quickest
from ddialab.core.workspace import IN_BROWSER, OUTSIDE, Workspace
from ddialab.experiments.building_blocks.five import BATCH, CACHE, INDEX, ONE, STREAM, YEAR
from ddialab.experiments.building_blocks.growth import PAGE
from ddialab.experiments.building_blocks.real import AGAIN, LIKE, TERM, Real, asked_id
from ddialab.service.dataset import dataset

COUNTS = (100, 1_000, 10_000, 100_000)  # 트리를 재는 글의 수
COUNTED_BY = Path("/proc/self/io")


def times(real: Real) -> dict[str, dict[str, float]]:
    """{물음: {구성 요소: 걸린 시간(ms)}}. 되풀이해 가장 빨랐던 값입니다."""
    return {
        question: {block: 1_000 * quickest(ask) for block, ask in asks.items()}
        for question, asks in real.asks().items()
    }


def reads(real: Real) -> dict[str, dict[str, list[int]]]:
    """{물음: {구성 요소: [건드린 것, 읽은 바이트]}}. 건드린 것은 행이나 번호나 세어 둔 수입니다."""
    require_counting()
    return {
        question: {block: read_by(real, question, block) for block in asks}
        for question, asks in real.asks().items()
    }


def read_by(real: Real, question: str, block: str) -> list[int]:
    """물음 하나에 ``block``이 건드린 것과 읽은 바이트."""
    if block in (CACHE, STREAM):
        stored = real.redis.get(question if block == CACHE else "counts")
        many = block == STREAM and question == YEAR
        return [len(json.loads(stored)[1]) if many else 1, len(stored.encode())]
    if block == BATCH:
        groups = real.batch.groups("id")
        opened = overlapping(groups, real.id, real.id) if question == ONE else groups
        read = real.batch.reading(*real.sql(question)).bytes
        return [sum(group.rows for group in opened), read]
    answer, read = from_files(real, question, block)
    single = question in (ONE, AGAIN)
    return [1 if single else answer if block == INDEX else real.count, read]


def from_files(real: Real, question: str, block: str) -> tuple[Any, int]:
    """연결을 새로 열고 물은 답과, 그동안 파일에서 읽은 바이트."""
    real.reopen()
    ask = real.asks()[question][block]
    before = bytes_read()
    answer = ask()
    return answer, PAGE * pages_since(before)


def pages(counts: Sequence[int] = COUNTS) -> dict[str, list[int]]:
    """글의 수마다 SQLite가 한 건을 찾을 때와 훑을 때 읽은 페이지의 수."""
    require_counting()
    posts = [Post(one.id, one.author, one.text) for one in dataset(max(counts))]
    found = {"point": [], "scan": []}
    with Workspace() as desk:
        for count in counts:
            path = desk.folder / f"{count}.db"
            with Database.open(path) as database:
                database.load(posts[:count])
            found["point"].append(pages_for(path, lambda one, n=count: one.post(asked_id(n))))
            found["scan"].append(pages_for(path, scan))
    return found


def scan(database: Database) -> None:
    database.connection.run(LIKE, (f"%{TERM}%",))


def pages_for(path: Path, ask: Callable[[Database], Any]) -> int:
    """새 연결로 물었을 때 읽은 페이지."""
    with closing(Database.open(path)) as database:
        before = bytes_read()
        ask(database)
        return pages_since(before)


def pages_since(before: int) -> int:
    """`bytes_read`가 ``before``이던 때부터 읽은 페이지.

    페이지보다 작은 읽기(파일의 머리말, 다른 스레드의 신호)는 세지 않습니다.
    """
    return (bytes_read() - before) // PAGE


def bytes_read() -> int:
    """이 프로세스가 여태 읽기 시스템 호출로 읽은 바이트."""
    return int(COUNTED_BY.read_text().split()[1])


def require_counting() -> None:
    """읽은 바이트를 셀 수 없는 곳이면 `MissingCapability`."""
    if IN_BROWSER or not COUNTED_BY.exists():
        raise MissingCapability(
            "여기서는 프로세스가 읽은 바이트를 셀 수 없습니다.",
            "읽은 바이트를 /proc/self/io에 적어 주는 리눅스여야 합니다.",
            OUTSIDE if IN_BROWSER else "리눅스나 WSL에서 `make lab`으로 여세요.",
        )
