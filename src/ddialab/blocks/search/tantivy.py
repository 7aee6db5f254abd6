"""Tantivy: 러스트로 쓴 검색 엔진. 휠에 든 것을 그대로 사용합니다.

Lucene처럼 색인을 고치지 않는 조각(세그먼트)으로 쌓고, 커밋한 것만 검색에 보입니다. 커밋은 비싸서
한 건씩 넣기보다 `put_many`로 모아 넣는 편이 훨씬 빠릅니다.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ddialab.blocks.connection import storage_failure
from ddialab.blocks.search.index import Entry, SearchIndex
from ddialab.blocks.search.terms import Clause, clauses, terms
from ddialab.core.errors import BackendUnavailable, LabError, MissingCapability
from ddialab.core.workspace import OUTSIDE

MANAGED, LOCKS = ".managed.json", (".tantivy-writer.lock", ".tantivy-meta.lock")
HEAP = 15_000_000  # 바이트. 쓰기에 잡아 둘 메모리: 이 엔진이 받는 가장 작은 값


class Tantivy(SearchIndex):
    """폴더(없으면 메모리)에 담긴 Tantivy 색인. 한 폴더는 한 프로세스만 고칩니다.

    ``folder``는 이미 있는 폴더여야 합니다. 열 수 없으면 `StorageFailure`.
    """

    def __init__(self, folder: str | Path | None = None):
        self._engine, self.folder = _engine(), folder
        self.name = f"Tantivy {_version(self._engine)}"
        self._schema = _schema(self._engine)
        with self._explained():
            path = None if folder is None else str(folder)
            self._index = self._engine.Index(self._schema, path)
            self._writer = self._index.writer(HEAP, 1)

    def latest(self) -> int:
        """지운 것까지, 색인이 기억하는 가장 높은 버전. 아무것도 없으면 0."""
        self._open()
        searcher, every = self._index.searcher(), self._engine.Query.all_query()
        found = self._addresses(searcher, every, 1, by="version")
        return next(iter(searcher.fast_field_values("version", found)), 0)

    def clear(self) -> None:
        """모두 지웁니다. 기억하던 버전도 잊습니다."""
        with self._explained():
            self._open().delete_all_documents()
            self._commit()

    def close(self) -> None:
        """쓰던 것을 마치고 닫습니다. 두 번 불러도 됩니다."""
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.wait_merging_threads()

    def drop(self) -> None:
        """닫고, 폴더에 만든 것까지 지웁니다. 폴더는 남습니다."""
        self.close()
        self._index = None
        if self.folder is not None:
            folder = Path(self.folder)
            made = json.loads((folder / MANAGED).read_text("utf-8"))  # 엔진이 만든 파일의 목록
            for name in (*made, MANAGED, *LOCKS):
                (folder / name).unlink(missing_ok=True)

    def __len__(self) -> int:
        self._open()
        asked = self._engine.Query.term_query(self._schema, "live", 1)
        return self._index.searcher().search(asked, 1, order_by_field="id").count

    def _write(self, entries: list[Entry]) -> int:
        self._open()
        versions = self._versions([entry.id for entry in entries])
        accepted, count = {}, 0
        for entry in entries:
            if versions.get(entry.id, 0) <= entry.version:
                versions[entry.id], accepted[entry.id] = entry.version, entry
                count += 1
        if accepted:
            with self._explained():
                self._replace(accepted)
        return count

    def _replace(self, entries: dict[int, Entry]) -> None:
        try:
            for entry in entries.values():
                self._writer.delete_documents_by_query(self._of(entry.id))
                self._writer.add_document(self._document(entry))
        except BaseException:  # 반쪽만 커밋되지 않게
            self._writer.rollback()
            raise
        self._commit()

    def _document(self, entry: Entry):
        document = self._engine.Document()
        document.add_unsigned("id", entry.id)
        document.add_unsigned("version", entry.version)
        document.add_unsigned("live", int(entry.text is not None))
        if entry.text is not None:
            document.add_bytes("text", entry.text.encode())
            document.add_text("terms", " ".join(terms(entry.text)))
        return document

    def _commit(self) -> None:
        self._writer.commit()
        self._index.reload()

    def _find(self, query: str, limit: int | None) -> list[int]:
        self._open()
        must = self._engine.Occur.Must
        asked = [(must, self._clause(clause)) for clause in clauses(query)]
        searcher, query = self._index.searcher(), self._engine.Query.boolean_query(asked)
        most = max(1, searcher.num_docs if limit is None else min(limit, searcher.num_docs))
        return searcher.fast_field_values("id", self._addresses(searcher, query, most))

    def _clause(self, clause: Clause):
        query, (first, *rest) = self._engine.Query, clause.terms
        if clause.prefix:
            return query.regex_query(self._schema, "terms", f"{first}.*")
        if rest:
            return query.phrase_query(self._schema, "terms", clause.terms)
        return query.term_query(self._schema, "terms", first)

    def _addresses(self, searcher, query, limit: int, by: str = "id") -> list:
        """``query``에 맞는 문서의 자리들. ``by``가 큰 것부터입니다."""
        with self._explained():
            found = searcher.search(query, limit, count=False, order_by_field=by)
        return [address for _, address in found.hits]

    def _held(self, id: int) -> Entry | None:
        self._open()
        searcher = self._index.searcher()
        for address in self._addresses(searcher, self._of(id), 1):
            document = searcher.doc(address)
            text = document.get_first("text")
            return Entry(id, document.get_first("version"), text and bytes(text).decode())
        return None

    def _of(self, id: int):
        return self._engine.Query.term_query(self._schema, "id", id)

    def _versions(self, ids: list[int]) -> dict[int, int]:
        """``ids`` 가운데 색인에 있는 것의 {번호: 버전}."""
        searcher = self._index.searcher()
        if not ids or not searcher.num_docs:
            return {}
        asked = self._engine.Query.term_set_query(self._schema, "id", ids)
        found = self._addresses(searcher, asked, len(ids))
        pairs = (searcher.fast_field_values(name, found) for name in ("id", "version"))
        return dict(zip(*pairs, strict=True))

    def _open(self):
        if self._writer is None:
            raise BackendUnavailable(
                "Tantivy 색인은 이미 닫혔습니다.", todo="Tantivy로 다시 여세요."
            )
        return self._writer

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except LabError:
            raise
        except (ValueError, OSError) as error:
            busy = "LockBusy" in str(error)
            why = "다른 곳에서 이미 열어 고치는 중임" if busy else str(error)
            raise storage_failure(f"검색 색인 {self.folder or '(메모리)'}", why) from None


def _engine():
    try:
        import tantivy
    except ImportError:
        raise MissingCapability(
            "이 파이썬에는 tantivy가 없습니다.",
            "tantivy의 휠을 설치한 파이썬이어야 합니다.",
            OUTSIDE,
        ) from None
    return tantivy


def _version(engine) -> str:
    return engine.__version__.split()[1].strip("v,")


def _schema(engine):
    builder = engine.SchemaBuilder()
    builder.add_unsigned_field("id", stored=True, indexed=True, fast=True)
    builder.add_unsigned_field("version", stored=True, fast=True)
    builder.add_unsigned_field("live", indexed=True)
    builder.add_bytes_field("text", stored=True)
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="position")
    return builder.build()
