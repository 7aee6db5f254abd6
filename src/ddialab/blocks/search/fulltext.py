"""SQLite의 전문 검색(full-text search): 파일 하나에 담긴 검색 색인.

SQLite의 낱말 나누기는 한글의 낱말 속을 모르므로, 찾는 말로 나누는 일은 우리가 하고
(`ddialab.blocks.search.terms`) SQLite는 빈칸으로만 나눕니다. FTS5가 없는 SQLite(브라우저)에서는
FTS4를 사용합니다. 접두사를 적는 법만 다르고 답은 같습니다.
"""

from __future__ import annotations

from pathlib import Path

from ddialab.blocks.connection import storage_failure
from ddialab.blocks.search.index import Entry, SearchIndex
from ddialab.blocks.search.terms import Clause, clauses, terms
from ddialab.blocks.sqlite import SQLite
from ddialab.core.errors import InvalidValue, LabError, check_choice

MODULES = {"fts5": "fts5(terms, tokenize = 'ascii')", "fts4": "fts4(terms, tokenize=simple)"}
KEEP = (
    "INSERT INTO search_posts (id, version, text) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE "
    "SET version = excluded.version, text = excluded.text "
    "WHERE excluded.version >= search_posts.version"
)
FIND = "SELECT rowid FROM search_terms WHERE search_terms MATCH ? ORDER BY rowid DESC LIMIT ?"


class FullText(SearchIndex):
    """파일(``":memory:"``면 메모리)에 담긴 SQLite 검색 색인. `put`이 돌아왔으면 죽어도 남습니다.

    두 프로세스가 같은 파일을 함께 고쳐도 됩니다. ``module``을 적으면 그것만 사용합니다.
    파일을 열 수 없으면 `StorageFailure`.
    """

    def __init__(self, path: str | Path = ":memory:", module: str | None = None):
        if module is not None:
            check_choice("module", module, MODULES)
        self._connection = _File(path)
        try:
            with self._connection.transaction():
                self.module = self._open(module)
        except BaseException:
            self._connection.close()
            raise
        self.name = f"{self._connection.name} ({self.module.upper()})"

    def latest(self) -> int:
        """지운 것까지, 색인이 기억하는 가장 높은 버전. 아무것도 없으면 0."""
        return self._connection.run("SELECT max(version) FROM search_posts")[0][0][0] or 0

    def clear(self) -> None:
        """모두 지웁니다. 기억하던 버전도 잊습니다."""
        with self._connection.transaction():
            self._connection.run("DELETE FROM search_terms")
            self._connection.run("DELETE FROM search_posts")

    def close(self) -> None:
        """연결을 닫습니다. 두 번 불러도 됩니다."""
        self._connection.close()

    def drop(self) -> None:
        """닫고 파일까지 지웁니다."""
        self._connection.drop()

    def __len__(self) -> int:
        sql = "SELECT count(*) FROM search_posts WHERE text IS NOT NULL"
        return self._connection.run(sql)[0][0][0]

    def _open(self, module: str | None) -> str:
        """테이블을 만들고, 이미 있으면 무엇으로 만든 것인지 봅니다."""
        run = self._connection.run
        found = run("SELECT sql FROM sqlite_master WHERE name = 'search_terms'")[0]
        if found:
            made = "fts4" if "fts4" in found[0][0] else "fts5"
            if module not in (None, made) or not self._has(made):
                why = f"{made.upper()}로 만든 파일임"
                raise storage_failure(f"검색 색인 {self._connection.path}", why)
            return made
        module = module or ("fts5" if self._has("fts5") else "fts4")
        run("CREATE TABLE search_posts (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, text)")
        run("CREATE INDEX search_posts_by_version ON search_posts (version)")
        run(f"CREATE VIRTUAL TABLE search_terms USING {MODULES[module]}")
        return module

    def _has(self, module: str) -> bool:
        sql = "SELECT 1 FROM pragma_module_list WHERE name = ?"
        return bool(self._connection.run(sql, (module,))[0])

    def _write(self, entries: list[Entry]) -> int:
        with self._connection.transaction():
            if self._is_empty() and _all_new(entries):
                return self._fill(entries)
            return sum(self._apply(entry) for entry in entries)

    def _is_empty(self) -> bool:
        """기억하는 것이 하나도 없는지. 지운 글의 버전도 기억하는 것입니다."""
        return not self._connection.run("SELECT 1 FROM search_posts LIMIT 1")[0]

    def _fill(self, entries: list[Entry]) -> int:
        """빈 색인에 넣습니다. 먼저 든 것과 견줄 일이 없어 한꺼번에 적습니다."""
        rows = [(entry.id, " ".join(terms(entry.text))) for entry in entries]
        self._connection.run_many("INSERT INTO search_posts VALUES (?, ?, ?)", entries)
        self._connection.run_many("INSERT INTO search_terms (rowid, terms) VALUES (?, ?)", rows)
        return len(entries)

    def _apply(self, entry: Entry) -> bool:
        run = self._connection.run
        if run(KEEP, entry)[1] != 1:
            return False
        run("DELETE FROM search_terms WHERE rowid = ?", (entry.id,))
        if entry.text is not None:
            words = " ".join(terms(entry.text))
            run("INSERT INTO search_terms (rowid, terms) VALUES (?, ?)", (entry.id, words))
        return True

    def _find(self, query: str, limit: int | None) -> list[int]:
        asked = " ".join(self._phrase(clause) for clause in clauses(query))
        rows = self._connection.run(FIND, (asked, -1 if limit is None else limit))[0]
        return [id for (id,) in rows]

    def _phrase(self, clause: Clause) -> str:
        """따옴표로 묶은 것은 연산자가 아닙니다. 찾는 말에는 따옴표가 들어갈 수 없습니다."""
        words = " ".join(clause.terms)
        if clause.prefix:
            return f'"{words}"*' if self.module == "fts5" else f'"{words}*"'
        return f'"{words}"'

    def _held(self, id: int) -> Entry | None:
        sql = "SELECT id, version, text FROM search_posts WHERE id = ?"
        return next((Entry(*row) for row in self._connection.run(sql, (id,))[0]), None)


def _all_new(entries: list[Entry]) -> bool:
    """모두 다른 번호의 글이고 지우는 것이 없는지."""
    alive = [entry.id for entry in entries if entry.text is not None]
    return len(dict.fromkeys(alive)) == len(entries)


class _File(SQLite):
    """검색 색인의 파일."""

    what, reopen = "검색 색인", "FullText로 다시 여세요."

    def _explain(self, error: Exception) -> LabError:
        explained = super()._explain(error)
        if isinstance(explained, InvalidValue):  # 우리의 문장이 틀렸을 리는 없습니다
            return storage_failure(f"{self.what} {self.path}", str(error))
        return explained
