"""복구: 사람이 데이터를 지웠을 때 되돌아오는 길들.

시점 복구는 스냅샷을 새 데이터베이스에 풀고, 그 뒤의 로그를 재생합니다. 이때 실수 하나만
건너뛰면 실수 뒤에 들어온 쓰기까지 살아남습니다. 복구는 언제나 새 곳에 합니다. 복구마저 잘못되어도
망가진 원본으로 다시 시작할 수 있어야 하기 때문입니다.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from ddialab.blocks.log import Log
from ddialab.blocks.posts import Post, Posts, Snapshot
from ddialab.blocks.tape import Record
from ddialab.core.errors import InvalidValue, StorageFailure, check_integer, check_number
from ddialab.ops.replay import actions, batches, decoded, last_offset, missing

UNDELETE_BATCH = 500  # 문장 하나에 담는 번호의 수


@dataclass(frozen=True)
class Statement:
    """사람이 손으로 친 SQL 한 문장과, 로그에서 그 문장의 번호와 시각(초)."""

    offset: int
    time: float
    sql: str


@dataclass(frozen=True)
class Rehearsal:
    """연습용 복사본에서 돌려 본 결과: 영향을 받은 행, 그 전과 후의 게시글 수(가려진 것까지)."""

    sql: str
    affected: int
    before: int
    after: int


def statements(log: Log, start: int = 0) -> list[Statement]:
    """로그에서 손으로 친 문장만 골라냅니다. 실수의 번호를 찾을 때 씁니다."""
    found = []
    for record in log.read(start):
        for change in _decode(record):
            if change["op"] == "sql":
                found.append(Statement(record.offset, record.time, change["sql"]))
    return found


def offset_at(log: Log, moment: float) -> int:
    """시각 ``moment``(초)까지 적힌 기록의 수. `restore`의 ``until``에 넘깁니다."""
    check_number("moment", moment)
    return sum(record.time <= moment for record in log.read())


def restore(
    database: Posts,
    snapshot: Snapshot,
    log: Log | None = None,
    *,
    until: int | None = None,
    skip: Collection[int] = (),
    name: str = "restored",
) -> Posts:
    """``database`` 옆에 ``name``이라는 새 데이터베이스를 만들어 되살리고 돌려줍니다.

    스냅샷을 풀고, ``log``가 있으면 그 뒤의 기록을 ``until``번 앞까지 재생하되 ``skip``의 번호는
    건너뜁니다. 스냅샷보다 앞선 시점이나 이미 스냅샷에 든 실수를 달라고 하면 `InvalidValue`.
    서비스를 이리로 옮긴 다음에는 스냅샷을 새로 뜨세요. 옛 스냅샷에서는 실수를 또 건너뛰어야 합니다.
    """
    if log is not None:
        until = last_offset(snapshot.offset, log.end, until, skip)
    restored = database.sibling(name)
    try:
        restored.load_snapshot(snapshot)
        if log is not None:
            replay(restored, (r for r in log.read(snapshot.offset, until) if r.offset not in skip))
    except BaseException:
        restored.close()
        raise
    return restored


def replay(database: Posts, records: Iterable[Record]) -> None:
    """로그의 기록을 차례로 다시 실행합니다. 이어지는 게시글 넣기는 한 트랜잭션으로 묶습니다.

    손으로 친 SQL은 문장 그대로 다시 실행합니다. 난수나 지금 시각처럼 그때마다 달라지는 문장은
    `Database.execute`가 로그에 받지 않습니다.
    """
    changes = (change for record in records for change in _decode(record))
    do = {"load": database.load, "delete": database.delete, "execute": database.execute}
    for action, what in actions(changes):
        do[action](what)


def undelete(database: Posts, ids: Iterable[int]) -> int:
    """소프트 삭제로 가려진 게시글을 다시 보이고, 그 수를 돌려줍니다.

    번호를 받는 까닭은, 사용자가 일부러 지운 것까지 되살리지 않으려는 것입니다.
    """
    wanted = [check_integer("ids", id) for id in ids]
    shown = 0
    for batch in batches(wanted, UNDELETE_BATCH):
        holes = ", ".join("?" * len(batch))
        shown += len(database.mark_deleted(False, f"id IN ({holes})", batch))
    return shown


def rehearse(database: Posts, sql: str, folder: str | Path) -> Rehearsal:
    """진짜 데이터의 복사본을 떠서 거기서 ``sql``을 먼저 돌려 봅니다. 원본은 그대로입니다."""
    snapshot = database.snapshot(Path(folder) / "rehearsal.snapshot")
    copy = restore(database, snapshot, name="sandbox")
    snapshot.path.unlink(missing_ok=True)  # 메모리의 스냅샷은 파일이 아닙니다
    try:
        before = copy.count(include_deleted=True)
        return Rehearsal(sql, copy.execute(sql), before, copy.count(include_deleted=True))
    finally:
        copy.drop()


def execute_within(database: Posts, sql: str, limit: int, folder: str | Path) -> int:
    """복사본에서 먼저 세어 보고, 영향을 받는 행이 ``limit``을 넘으면 원본에 실행하지 않습니다."""
    check_integer("limit", limit, 0)
    trial = rehearse(database, sql, folder)
    if trial.affected > limit:
        raise InvalidValue(
            f"{sql!r}: 게시글 {trial.before}건 가운데 {trial.affected}건에 영향을 줍니다.",
            f"이 문장에 허락한 것은 {limit}건까지입니다. 원본에는 실행하지 않았습니다.",
            "WHERE 조건을 확인하세요. 정말 맞다면 limit을 늘리세요.",
        )
    return database.execute(sql)


def lost_writes(acknowledged: Iterable[Post], database: Posts) -> list[Post]:
    """성공했다고 답한 게시글 가운데 데이터베이스에 그대로 남아 있지 않은 것.

    그 수는 실제로 잃은 양입니다. RPO는 사고 전에 정해 둔 목표라서 이 수와 견주어 봅니다.
    """
    return missing(acknowledged, database.posts())


def _decode(record: Record) -> list[dict]:
    if (changes := decoded(record.payload)) is not None:
        return changes
    raise StorageFailure(
        f"로그의 {record.offset}번 기록을 알아볼 수 없습니다: {record.payload[:40]!r}.",
        "데이터베이스가 적은 기록이어야 합니다.",
        "Database.open(..., log=로그)로 쓰던 로그인지 확인하세요.",
    )
