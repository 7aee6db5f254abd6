"""마이그레이션: 데이터베이스의 게시글을 확장-이전-축소로 옮깁니다. 명령으로도 돌립니다.

    python -m ddialab.ops.migration posts.db

판단은 `ddialab.ops.parallel_change`의 것이고, 진행과 명단은 같은 데이터베이스의 ``migration``과
``crew`` 테이블에 있습니다.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys

from ddialab.blocks.database import Database
from ddialab.core.errors import LabError
from ddialab.core.workspace import require_kill
from ddialab.ops.columns import SQLColumns
from ddialab.ops.parallel_change import STEPS, WAITING, CrewMember, ParallelChange


class Migration(ParallelChange):
    """``database``의 게시글을 옮깁니다. 같은 데이터베이스로 다시 만들면 하던 곳에서 이어집니다."""

    def __init__(self, database: Database, batch: int = 50):
        super().__init__(SQLColumns(database), batch)


class Replica(CrewMember):
    """``database``에 쓰고 읽는 게시글 서비스의 복제본 하나."""

    def __init__(self, name: str, database: Database):
        super().__init__(name, SQLColumns(database))


def main(argv: list[str] | None = None) -> int:
    """명령으로 돌립니다: ``python -m ddialab.ops.migration posts.db``."""
    parser = argparse.ArgumentParser(
        description="게시글의 태그를 따로 떼어 냅니다. @파일을 넘기면 인자를 그 파일에서 읽습니다.",
        fromfile_prefix_chars="@",
    )
    parser.add_argument("database", help="SQLite 파일이나 postgresql:// 주소")
    parser.add_argument("--schema", default="ddialab", help="PostgreSQL의 스키마")
    parser.add_argument("--target", type=int, default=len(STEPS), help="마칠 단계의 수")
    parser.add_argument("--batch", type=int, default=50, help="한 번에 옮기는 게시글의 수")
    parser.add_argument("--die-after", type=int, help="일을 이만큼 하고 SIGKILL로 죽습니다(실험용)")
    options = parser.parse_args(argv)
    try:
        if options.die_after is not None:
            require_kill()
        with Database.open(options.database, schema=options.schema) as database:
            migration = Migration(database, options.batch)
            migration.aim(options.target)
            _run_until_dead(migration, options.die_after)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run_until_dead(migration: Migration, die_after: int | None) -> None:
    from time import sleep

    units, told = 0, ""
    if die_after == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    for unit in migration.work():
        if unit == WAITING:
            late = ", ".join(migration.waiting_for(migration.state.mode))
            if late not in ("", told):
                print("waiting for", told := late, flush=True)
            sleep(0.005)
            continue
        print(unit, flush=True)
        units += 1
        if units == die_after:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
