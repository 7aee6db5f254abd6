"""옮기는 컬럼들을 담는 곳: 게시글, 마이그레이션의 진행, 복제본의 명단.

SQL(SQLite, PostgreSQL)이거나 메모리입니다. `ddialab.ops.parallel_change`는 어느 쪽인지 모릅니다.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager

from ddialab.blocks.memory import Memory
from ddialab.core.errors import InvalidValue

CONTENT = ("text", "body", "tags")  # 게시글의 내용을 담는 컬럼
STATE = ("done", "target", "mode", "position", "last")
ALL = 2**63 - 1  # 가장 큰 번호
START = (0, 0, "old", -1, 0)  # 아직 아무것도 하지 않은 `STATE`


class SQLColumns:
    """데이터베이스(`ddialab.blocks.database.Database`)의 posts, migration, crew 테이블."""

    def __init__(self, database):
        self.database, connection = database, database.connection
        self._names = {name: connection.table(name) for name in ("posts", "migration", "crew")}

    def prepare(self) -> None:
        """진행과 명단을 담을 테이블을 만듭니다. 이미 있으면 그대로입니다."""
        tables = (
            "CREATE TABLE IF NOT EXISTS migration (id INTEGER PRIMARY KEY, done INTEGER NOT NULL, "
            "target INTEGER NOT NULL, mode TEXT NOT NULL, position BIGINT NOT NULL, "
            "last BIGINT NOT NULL)",
            "CREATE TABLE IF NOT EXISTS crew (name TEXT PRIMARY KEY, mode TEXT NOT NULL)",
        )
        self.database.connection.define(*map(self._named, tables))
        holes = ", ".join("?" * len(START))
        sql = f"INSERT INTO migration VALUES (1, {holes}) ON CONFLICT (id) DO NOTHING"
        self._run(sql, START)

    def transaction(self) -> AbstractContextManager[None]:
        """``with`` 안의 쓰기는 모두 남거나 하나도 남지 않습니다."""
        return self.database.transaction()

    def close(self) -> None:
        """연결을 닫습니다."""
        self.database.close()

    def _run(self, sql: str, parameters: tuple = ()) -> tuple[list[tuple], int]:
        return self.database.connection.run(self._named(sql), parameters)

    def _named(self, sql: str) -> str:
        """여기 적힌 문장의 테이블 이름 앞에 스키마를 붙입니다. 독자의 값은 문장에 없습니다."""
        return re.sub(rf"\b({'|'.join(self._names)})\b", lambda name: self._names[name[0]], sql)

    # ── 진행 ──

    def state(self) -> tuple:
        """`STATE`의 값들."""
        return self._run(f"SELECT {', '.join(STATE)} FROM migration")[0][0]

    def save(self, **changes: int | str) -> None:
        """`STATE`의 값들 가운데 ``changes``를 바꿉니다."""
        columns = ", ".join(f"{name} = ?" for name in changes)
        self._run(f"UPDATE migration SET {columns}", tuple(changes.values()))

    # ── 명단 ──

    def enlist(self, name: str) -> str:
        """지금 시킨 방식으로 명단에 올리고 그 방식을 돌려줍니다."""
        with self.transaction():
            self._run("UPDATE migration SET mode = mode")  # 명단에 오르는 동안 방식을 붙들어 둡니다
            self._run("DELETE FROM crew WHERE name = ?", (name,))
            self._run("INSERT INTO crew SELECT ?, mode FROM migration", (name,))
        return self._run("SELECT mode FROM crew WHERE name = ?", (name,))[0][0][0]

    def report(self, name: str, mode: str) -> None:
        """``name``이 ``mode``로 따라왔다고 기록합니다."""
        self._run("UPDATE crew SET mode = ? WHERE name = ?", (mode, name))

    def dismiss(self, name: str) -> None:
        """명단에서 뺍니다."""
        self._run("DELETE FROM crew WHERE name = ?", (name,))

    def crew(self) -> list[tuple[str, str]]:
        """복제본마다 (이름, 방식)."""
        return self._run("SELECT name, mode FROM crew")[0]

    # ── 게시글 ──

    def alter(self, **columns: str | None) -> None:
        """컬럼을 이 타입으로 만듭니다. None이면 없앱니다. 트랜잭션 안에서 부릅니다."""
        self.database.connection.alter("posts", columns)

    def last_id(self) -> int:
        """가장 큰 번호. 게시글이 없으면 0."""
        return self._run("SELECT max(id) FROM posts")[0][0][0] or 0

    def ids(self) -> list[int]:
        """모든 게시글의 번호. 가려진 것까지입니다."""
        return [id for (id,) in self._run("SELECT id FROM posts ORDER BY id")[0]]

    def rows(self, after: int = -ALL, last: int = ALL, limit: int = ALL) -> list[tuple]:
        """``after``번 뒤, ``last``번까지의 게시글 가운데 앞의 ``limit``건: (번호, `CONTENT`)."""
        names, where = ", ".join(CONTENT), "id > ? AND id <= ?"
        sql = f"SELECT id, {names} FROM posts WHERE {where} ORDER BY id LIMIT ?"
        return self._run(sql, (after, last, limit))[0]

    def insert(self, author: str, values: dict[str, str]) -> int:
        """새 게시글을 쓰고 번호를 돌려줍니다. 옛 방식은 이 책의 `Database`를 그대로 사용합니다."""
        if list(values) == ["text"]:
            return self.database.insert_post(author, values["text"]).id
        names, holes = ", ".join(values), ", ".join("?" * len(values))
        sql = f"INSERT INTO posts (author, {names}) VALUES (?, {holes}) RETURNING id"
        return self._run(sql, (author, *values.values()))[0][0][0]

    def edit(self, id: int, values: dict[str, str]) -> bool:
        """보이는 게시글의 컬럼을 바꿉니다. 바꿀 게시글이 있었는지 돌려줍니다."""
        if list(values) == ["text"]:
            return self.database.update(id, values["text"]) is not None
        columns = ", ".join(f"{name} = ?" for name in values)
        sql = f"UPDATE posts SET {columns} WHERE id = ? AND NOT deleted"
        return self._run(sql, (*values.values(), id))[1] == 1

    def get(self, id: int, columns: tuple[str, ...]) -> tuple | None:
        """보이는 게시글의 (작가, 컬럼들). 없으면 None."""
        sql = f"SELECT author, {', '.join(columns)} FROM posts WHERE id = ? AND NOT deleted"
        return next(iter(self._run(sql, (id,))[0]), None)

    def fill_new(self, id: int, text: str, body: str, tags: str) -> int:
        """text가 읽은 그대로일 때만 씁니다. 그사이 고쳐졌다면 고친 쪽이 두 컬럼을 다 썼습니다."""
        sql = "UPDATE posts SET body = ?, tags = ? WHERE id = ? AND text = ?"
        return self._run(sql, (body, tags, id, text))[1]

    def fill_old(self, id: int, text: str, body: str, tags: str) -> int:
        """새 컬럼이 읽은 그대로일 때만 씁니다."""
        sql = "UPDATE posts SET text = ? WHERE id = ? AND body = ? AND tags = ?"
        return self._run(sql, (text, id, body, tags))[1]

    def empty_new(self) -> None:
        """새 컬럼을 모두 비웁니다."""
        self._run("UPDATE posts SET body = NULL, tags = NULL")


class MemoryColumns:
    """같은 일을 메모리(`ddialab.blocks.memory.Memory`)에. 게시글은 {컬럼: 값}입니다.

    `SQLColumns`와 같은 메서드가 있고 같은 답을 합니다. 가려진 게시글은 없습니다.
    """

    def __init__(self, memory: Memory | None = None):
        self.memory = memory or Memory()

    def prepare(self) -> None:
        if not self.memory.table("columns"):
            with self.transaction():
                self.memory.put("columns", "text", "TEXT NOT NULL")
                self.save(**dict(zip(STATE, START, strict=True)))

    def transaction(self) -> AbstractContextManager[None]:
        return self.memory.transaction()

    def close(self) -> None:
        self.memory.close()

    def state(self) -> tuple:
        found = self.memory.table("migration")
        return tuple(found[name] for name in STATE)

    def save(self, **changes: int | str) -> None:
        self._write("migration", changes)

    def enlist(self, name: str) -> str:
        mode = self.memory.table("migration")["mode"]
        self.report(name, mode)
        return mode

    def report(self, name: str, mode: str) -> None:
        self._write("crew", {name: mode})

    def dismiss(self, name: str) -> None:
        self._write("crew", {name: None})

    def crew(self) -> list[tuple[str, str]]:
        return list(self.memory.table("crew").items())

    def alter(self, **columns: str | None) -> None:
        for name, kind in columns.items():
            self.memory.put("columns", name, kind)
        kinds = self.memory.table("columns")
        rows = self._posts()
        for id in sorted(rows):
            kept = {name: rows[id][name] for name in rows[id] if name in kinds or name == "author"}
            self.memory.put("posts", id, self._checked(kept))

    def last_id(self) -> int:
        return max(self._posts(), default=0)

    def ids(self) -> list[int]:
        return sorted(self._posts())

    def rows(self, after: int = -ALL, last: int = ALL, limit: int = ALL) -> list[tuple]:
        ids = [id for id in self.ids() if after < id <= last][:limit]
        return [(id, *self._pick(id, CONTENT)) for id in ids]

    def insert(self, author: str, values: dict[str, str]) -> int:
        with self.transaction():
            id = self.memory.next_id("posts")
            self.memory.put("posts", id, self._checked({"author": author} | values))
        return id

    def edit(self, id: int, values: dict[str, str]) -> bool:
        return self._change(id, values) == 1

    def get(self, id: int, columns: tuple[str, ...]) -> tuple | None:
        return self._pick(id, ("author", *columns)) if id in self._posts() else None

    def fill_new(self, id: int, text: str, body: str, tags: str) -> int:
        return self._change(id, {"body": body, "tags": tags}, {"text": text})

    def fill_old(self, id: int, text: str, body: str, tags: str) -> int:
        return self._change(id, {"text": text}, {"body": body, "tags": tags})

    def empty_new(self) -> None:
        for id in self.ids():
            self._change(id, {"body": None, "tags": None})

    def _posts(self) -> dict[int, dict]:
        return self.memory.table("posts")

    def _change(self, id: int, values: dict, seen: dict | None = None) -> int:
        """``seen``이 읽은 그대로일 때만 ``values``로 바꿉니다. 바꾼 게시글의 수를 돌려줍니다."""
        found = self._posts().get(id)
        if found is None or any(found.get(name) != value for name, value in (seen or {}).items()):
            return 0
        self._write("posts", {id: self._checked(found | values)})
        return 1

    def _write(self, table: str, values: dict) -> None:
        with self.transaction():
            for key, value in values.items():
                self.memory.put(table, key, value)

    def _pick(self, id: int, names: tuple[str, ...]) -> tuple:
        self._know(names)
        return tuple(self._posts()[id].get(name) for name in names)

    def _checked(self, row: dict) -> dict:
        """테이블에 넣을 수 있는 행인지 봅니다."""
        self._know(row)
        for name, kind in sorted(self.memory.table("columns").items()):
            if kind.endswith("NOT NULL") and row.get(name) is None:
                raise InvalidValue(
                    f"{name}=None: 비워 둘 수 없는 컬럼입니다.",
                    f"{name}의 타입은 {kind}입니다.",
                    "먼저 모든 게시글의 이 컬럼을 채우세요.",
                )
        return row

    def _know(self, names) -> None:
        known = self.memory.table("columns")
        if missing := [name for name in names if name not in known and name != "author"]:
            raise InvalidValue(
                f"{', '.join(missing)}: 게시글에 없는 컬럼입니다.",
                f"있는 컬럼: {', '.join(sorted(known))}.",
                "복제본이 시킨 방식을 따르고 있는지 보세요.",
            )
