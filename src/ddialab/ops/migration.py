"""마이그레이션: 게시글의 「#태그」를 본문에서 떼어 따로 둡니다. 서비스는 한순간도 멈추지 않습니다.

``posts`` 테이블의 ``text`` 컬럼(예: "점심 #맛집")을 ``body``("점심")와 ``tags``(["맛집"])로
옮깁니다. 한 번에 바꾸지 않고 확장(expand), 이전(migrate), 축소(contract)의 차례로 갑니다.
단계(`STEPS`)마다 이웃한 두 방식(`MODES`)의 복제본이 함께 돌아도 괜찮아야 합니다.

어디까지 했는지는 같은 데이터베이스의 ``migration`` 테이블에, 일과 **같은 트랜잭션**으로 기록합니다.
그래서 어디서 죽어도 다시 부르면 이어집니다. 복제본은 ``crew`` 테이블에 제 방식을 기록하고,
마이그레이션은 모두가 따라온 뒤에야 다음으로 갑니다.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from ddialab.blocks.database import Database, Postgres
from ddialab.core.errors import InvalidValue, LabError, check_choice, check_integer

MODES = ("old", "dual", "switched", "new")  # 복제본이 게시글을 다루는 네 가지 방식
MODE_NAMES = {
    "old": "옛 컬럼만",
    "dual": "함께 쓰고 옛 컬럼을 읽음",
    "switched": "함께 쓰고 새 컬럼을 읽음",
    "new": "새 컬럼만",
}
WAITING = "waiting"  # 복제본들이 따라오기를 기다리는 중
TAG = re.compile(r"#(\w+)")


class Irreversible(InvalidValue):
    """롤백할 수 없는 단계를 롤백하라고 했습니다."""


@dataclass(frozen=True)
class Step:
    """한 단계. ``mode``는 이 단계를 마쳤을 때 복제본들의 방식, ``undo``는 롤백하는 방법입니다."""

    name: str
    title: str
    mode: str
    undo: str


STEPS = (
    Step("expand", "확장", "old", "새 컬럼을 삭제합니다. 아직 아무도 사용하지 않는 컬럼입니다."),
    Step(
        "dual-write",
        "함께 쓰기",
        "dual",
        "옛 방식으로 돌립니다. 아무도 읽지 않는 새 컬럼은 NULL로 비워 둡니다.",
    ),
    Step("backfill", "백필", "dual", "할 일이 없습니다. 새 컬럼은 아무도 읽지 않습니다."),
    Step(
        "read-new", "새 컬럼 읽기", "switched", "읽는 곳만 롤백합니다. 옛 컬럼도 늘 최신이었습니다."
    ),
    Step(
        "write-new", "새 컬럼만 쓰기", "new", "다시 함께 쓰고, 낡은 옛 컬럼을 새 컬럼에서 채웁니다."
    ),
    Step("contract", "축소", "new", "롤백할 수 없습니다. 옛 컬럼의 텍스트가 사라졌습니다."),
)


@dataclass(frozen=True)
class State:
    """어디까지 했나: 마친 단계의 수, 목표, 복제본에게 시킨 방식, 백필이 지나간 게시글과 끝의 번호.

    ``position``이 -1이면 백필을 시작하지 않은 것입니다.
    """

    done: int
    target: int
    mode: str
    position: int
    last: int


@dataclass(frozen=True)
class TaggedPost:
    """새 모양의 게시글."""

    id: int
    author: str
    body: str
    tags: tuple[str, ...]


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """텍스트에서 태그를 뗍니다: ``"점심 #맛집 좋다"`` -> ``("점심 좋다", ("맛집",))``.

    태그가 있던 자리와 거듭 쓴 태그, 겹친 빈칸은 잊습니다. 그래서 거꾸로 가는 함수가 없습니다.
    """
    return " ".join(TAG.sub(" ", text).split()), tuple(dict.fromkeys(TAG.findall(text)))


def join(body: str, tags: tuple[str, ...]) -> str:
    """태그를 텍스트 끝에 붙입니다. ``split(join(*split(text))) == split(text)``이지만
    ``join(*split(text))``이 ``text``와 같다는 보장은 없습니다."""
    return " ".join(part for part in (body, *(f"#{tag}" for tag in tags)) if part)


class Migration:
    """이어서 할 수 있는 마이그레이션. 같은 데이터베이스로 다시 만들면 하던 곳에서 이어집니다."""

    def __init__(self, database: Database, batch: int = 50):
        self.database, self.batch = database, check_integer("batch", batch, 1)
        self.rewritten = 0  # 여태 옮긴 게시글의 수
        self._run = database._run
        self._run(
            "CREATE TABLE IF NOT EXISTS migration (id INTEGER PRIMARY KEY, done INTEGER NOT NULL, "
            "target INTEGER NOT NULL, mode TEXT NOT NULL, position BIGINT NOT NULL, "
            "last BIGINT NOT NULL)"
        )
        self._run("CREATE TABLE IF NOT EXISTS crew (name TEXT PRIMARY KEY, mode TEXT NOT NULL)")
        self._run(
            "INSERT INTO migration VALUES (1, 0, 0, 'old', -1, 0) ON CONFLICT (id) DO NOTHING"
        )

    @property
    def state(self) -> State:
        rows, _ = self._run("SELECT done, target, mode, position, last FROM migration")
        return State(*rows[0])

    def aim(self, target: int = len(STEPS)) -> None:
        """마칠 단계의 수를 정합니다. 지금보다 작으면 롤백합니다. 축소한 뒤에는 `Irreversible`."""
        check_integer("target", target, 0, len(STEPS))
        if target < self.state.done == len(STEPS):
            raise Irreversible(
                f"target={target}: 마지막 단계(축소)는 롤백할 수 없습니다.",
                "text 컬럼과 함께 태그가 있던 자리, 거듭 쓴 태그, 빈칸이 사라졌습니다.",
                "축소 전의 스냅샷에서 복구하거나, 앞으로 가며 고치세요.",
            )
        self._save(target=target)

    def work(self) -> Iterator[str]:
        """목표까지 갑니다. 한 번에 커밋되는 일 하나마다 그 이름을, 기다릴 때는 `WAITING`을 냅니다.

        어느 yield에서 죽어도 새 `Migration`의 ``work()``가 이어받습니다.
        """
        self._turn()
        while (state := self.state).done != state.target:
            forward = state.target > state.done
            step = STEPS[state.done if forward else state.done - 1]
            prefix = "_do_" if forward else "_undo_"
            yield from getattr(self, prefix + step.name.replace("-", "_"))()

    def waiting_for(self, mode: str) -> list[str]:
        """아직 ``mode``로 따라오지 않은 복제본의 이름들."""
        rows, _ = self._run("SELECT name FROM crew WHERE mode <> ? ORDER BY name", (mode,))
        return [name for (name,) in rows]

    def unequal(self) -> list[int]:
        """두 컬럼의 뜻이 다른 게시글의 번호들. 백필이 끝났는지는 이것이 비었는지로 압니다."""
        rows, _ = self._run("SELECT id, text, body, tags FROM posts ORDER BY id")
        return [id for id, text, body, tags in rows if _differ(text, body, tags)]

    # ── 앞으로 ──

    def _do_expand(self) -> Iterator[str]:
        with self.database._transaction():
            self._save(done=1)
            reshape(self.database, text="TEXT", body="TEXT", tags="TEXT")
        yield "expand"

    def _do_dual_write(self) -> Iterator[str]:
        yield from self._deploy("dual")
        self._save(done=2, position=-1)
        yield "dual-write"

    def _do_backfill(self) -> Iterator[str]:
        yield from self._fill(self._fill_new)
        self._check_equal()
        self._save(done=3)
        yield "backfill"

    def _do_read_new(self) -> Iterator[str]:
        yield from self._deploy("switched")
        self._save(done=4)
        yield "read-new"

    def _do_write_new(self) -> Iterator[str]:
        yield from self._deploy("new")
        self._save(done=5)
        yield "write-new"

    def _do_contract(self) -> Iterator[str]:
        with self.database._transaction():
            self._save(done=6)
            reshape(self.database, body="TEXT NOT NULL", tags="TEXT NOT NULL")
        yield "contract"

    # ── 뒤로 ──

    def _undo_write_new(self) -> Iterator[str]:
        yield from self._deploy("switched", position=-1)
        yield from self._fill(self._fill_old)
        self._check_equal()
        self._save(done=4)
        yield "undo write-new"

    def _undo_read_new(self) -> Iterator[str]:
        yield from self._deploy("dual")
        self._save(done=3)
        yield "undo read-new"

    def _undo_backfill(self) -> Iterator[str]:
        self._save(done=2, position=-1)
        yield "undo backfill"

    def _undo_dual_write(self) -> Iterator[str]:
        yield from self._deploy("old")
        with self.database._transaction():
            self._save(done=1)
            self._run("UPDATE posts SET body = NULL, tags = NULL")
        yield "undo dual-write"

    def _undo_expand(self) -> Iterator[str]:
        with self.database._transaction():
            self._save(done=0)
            reshape(self.database, text="TEXT NOT NULL")
        yield "undo expand"

    # ── 공통 ──

    def _turn(self) -> None:
        """하다 만 단계에서 방향을 바꾸면, 그 단계를 (가던 쪽으로) 마친 것으로 치고 되짚습니다.

        「새 컬럼만 쓰기」를 시키다 죽었다면 벌써 새 컬럼에만 쓴 게시글이 있습니다. 시작하지 않은
        것으로 치고 롤백하면 그 게시글들은 옛 컬럼에서 보이지 않습니다.
        """
        state = self.state
        settled = STEPS[state.done - 1].mode if state.done else "old"
        ahead = MODES.index(state.mode) - MODES.index(settled)
        if ahead > 0 and state.target <= state.done:
            self._save(done=state.done + 1)
        elif ahead < 0 and state.target >= state.done:
            self._save(done=state.done - 1)

    def _deploy(self, mode: str, **more: int) -> Iterator[str]:
        """복제본들에게 ``mode``를 시키고 모두 따라올 때까지 기다립니다.

        옛 방식이 하나라도 남은 채 다음으로 가면, 그 복제본이 쓴 게시글을 아무도 옮기지 않습니다.
        """
        if self.state.mode != mode:
            self._save(mode=mode, **more)
            yield f"mode {mode}"
        while self.waiting_for(mode):
            yield WAITING

    def _fill(self, write) -> Iterator[str]:
        """게시글을 번호 순으로 ``batch``건씩 읽고 채웁니다. 그 사이에 남이 고칠 수 있습니다."""
        if self.state.position < 0:
            # 끝을 기록해 두지 않으면, 죽었다 깨어날 때마다 늘어난 게시글을 영원히 쫓아갑니다.
            # 이 뒤에 생기는 게시글은 모두 두 컬럼에 쓰이므로 쫓을 까닭이 없습니다
            last = self._run("SELECT max(id) FROM posts")[0][0][0] or 0
            self._save(position=0, last=last)
        while rows := self._next_rows():
            yield "read batch"
            with self.database._transaction():
                self._save(position=rows[-1][0])
                self.rewritten += sum(write(*row) for row in rows if _differ(*row[1:]))
            yield "write batch"

    def _next_rows(self) -> list[tuple]:
        sql = "SELECT id, text, body, tags FROM posts WHERE id > ? AND id <= ? ORDER BY id LIMIT ?"
        return self._run(sql, (self.state.position, self.state.last, self.batch))[0]

    def _fill_new(self, id: int, text: str, body: str | None, tags: str | None) -> int:
        """text가 읽은 그대로일 때만 씁니다. 그사이 고쳐졌다면 고친 쪽이 두 컬럼을 다 썼습니다."""
        sql = "UPDATE posts SET body = ?, tags = ? WHERE id = ? AND text = ?"
        return self._run(sql, (*columns_of(text), id, text))[1]

    def _fill_old(self, id: int, text: str | None, body: str, tags: str) -> int:
        sql = "UPDATE posts SET text = ? WHERE id = ? AND body = ? AND tags = ?"
        return self._run(sql, (join(body, tuple(json.loads(tags))), id, body, tags))[1]

    def _check_equal(self) -> None:
        if wrong := self.unequal():
            self._save(position=-1)  # 다시 부르면 처음부터 채웁니다
            raise InvalidValue(
                f"게시글 {len(wrong)}건의 두 컬럼이 서로 다릅니다(번호 {wrong[:5]}).",
                "모든 게시글의 두 컬럼이 같은 뜻이어야 다음 단계로 갑니다.",
                "crew 테이블에 없는 옛 복제본이 실행 중인지 보고 다시 부르세요.",
            )

    def _save(self, **changes: int | str) -> None:
        columns = ", ".join(f"{name} = ?" for name in changes)
        self._run(f"UPDATE migration SET {columns}", tuple(changes.values()))


class Replica:
    """게시글 서비스의 복제본 하나: 시킨 방식(mode)대로 글을 쓰고 읽습니다. 명단에 오릅니다."""

    def __init__(self, name: str, database: Database):
        self.name, self.database, self._run = name, database, database._run
        with database._transaction():
            self._run("UPDATE migration SET mode = mode")  # 명단에 오르는 동안 방식을 붙들어 둡니다
            self._run("DELETE FROM crew WHERE name = ?", (name,))
            self._run("INSERT INTO crew SELECT ?, mode FROM migration", (name,))
        self.mode = self._run("SELECT mode FROM crew WHERE name = ?", (name,))[0][0][0]

    def refresh(self) -> None:
        """시킨 방식이 바뀌었으면 따르고, 따랐다고 명단에 기록합니다."""
        self.follow(self._run("SELECT mode FROM migration")[0][0][0])

    def follow(self, mode: str) -> None:
        if mode != self.mode:
            self.mode = check_choice("mode", mode, MODES)
            self._run("UPDATE crew SET mode = ? WHERE name = ?", (mode, self.name))

    def leave(self) -> None:
        """명단에서 빠집니다. 죽은 복제본을 빼지 않으면 마이그레이션이 끝없이 기다립니다."""
        self._run("DELETE FROM crew WHERE name = ?", (self.name,))

    def publish(self, author: str, text: str) -> int:
        """새 글을 쓰고 번호를 돌려줍니다. 옛 방식은 이 책의 `Database`를 그대로 사용합니다."""
        if self.mode == "old":
            return self.database.insert_post(author, text).id
        values = {"author": author} | self._new_columns(text)
        names, holes = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO posts ({names}) VALUES ({holes}) RETURNING id"
        return self._run(sql, tuple(values.values()))[0][0][0]

    def edit(self, id: int, text: str) -> bool:
        """게시글을 고칩니다. 고칠 게시글이 있었는지 돌려줍니다."""
        if self.mode == "old":
            return self.database.update(id, text) is not None
        values = self._new_columns(text)
        columns = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE posts SET {columns} WHERE id = ? AND NOT deleted"
        return self._run(sql, (*values.values(), id))[1] == 1

    def read(self, id: int) -> TaggedPost | None:
        """게시글을 새 모양으로 돌려줍니다. 없거나, 읽을 컬럼이 비었으면 None."""
        columns = "text" if self.mode in ("old", "dual") else "body, tags"
        sql = f"SELECT author, {columns} FROM posts WHERE id = ? AND NOT deleted"
        rows, _ = self._run(sql, (id,))
        if not rows or rows[0][1] is None:
            return None
        author, *rest = rows[0]
        body, tags = split(rest[0]) if len(rest) == 1 else (rest[0], tuple(json.loads(rest[1])))
        return TaggedPost(id, author, body, tags)

    def _new_columns(self, text: str) -> dict[str, str]:
        body, tags = columns_of(text)
        new = {"body": body, "tags": tags}
        return new if self.mode == "new" else {"text": text} | new


def columns_of(text: str) -> tuple[str, str]:
    """``text``에 맞는 (body, tags) 컬럼의 값. 태그는 JSON으로 담습니다."""
    body, tags = split(text)
    return body, json.dumps(tags, ensure_ascii=False)


def _differ(text: str | None, body: str | None, tags: str | None) -> bool:
    return text is None or columns_of(text) != (body, tags)


def reshape(database: Database, **columns: str) -> None:
    """``posts``의 내용 컬럼을 ``columns``(이름=타입)로 바꿉니다. 트랜잭션 안에서 부릅니다."""
    if isinstance(database, Postgres):
        for sql in _alterations(database, columns):
            database._run(sql)
        return
    # SQLite 3.53 전에는 NOT NULL을 떼지 못하므로 테이블을 새로 만들어 옮깁니다(SQLite 문서의 절차)
    shared = [
        "id",
        "author",
        "deleted",
        *(name for name in columns if name in content_of(database)),
    ]
    body = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    names = ", ".join(shared)
    for sql in (
        "CREATE TABLE posts_next (id INTEGER PRIMARY KEY AUTOINCREMENT, author TEXT NOT NULL, "
        f"deleted INTEGER NOT NULL DEFAULT FALSE, {body})",
        f"INSERT INTO posts_next ({names}) SELECT {names} FROM posts",
        # 지워진 게시글의 번호를 다시 사용하지 않도록 번호표도 옮깁니다
        "DELETE FROM sqlite_sequence WHERE name = 'posts_next'",
        "INSERT INTO sqlite_sequence SELECT 'posts_next', seq FROM sqlite_sequence "
        "WHERE name = 'posts'",
        "DROP TABLE posts",
        "ALTER TABLE posts_next RENAME TO posts",
        "CREATE INDEX posts_by_author ON posts (author, id)",
    ):
        database._run(sql)


def _alterations(database: Database, columns: dict[str, str]) -> Iterator[str]:
    """PostgreSQL에서 컬럼을 ``columns``로 만드는 문장들. 테이블을 다시 쓰지 않아 금방 끝납니다."""
    now = content_of(database)
    yield from (f"ALTER TABLE posts DROP COLUMN {name}" for name in now if name not in columns)
    for name, kind in columns.items():
        if name not in now:
            yield f"ALTER TABLE posts ADD COLUMN {name} {kind}"
        else:
            action = "SET" if "NOT NULL" in kind else "DROP"
            yield f"ALTER TABLE posts ALTER COLUMN {name} {action} NOT NULL"


def content_of(database: Database) -> list[str]:
    """``posts``의 컬럼 가운데 게시글의 내용을 담은 것."""
    if isinstance(database, Postgres):
        sql = (
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_schema = current_schema() AND table_name = 'posts'"
        )
    else:
        sql = "SELECT name FROM pragma_table_info('posts')"
    names = [name for (name,) in database._run(sql)[0]]
    return [name for name in ("text", "body", "tags") if name in names]


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
