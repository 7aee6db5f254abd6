"""메모리의 검색 색인: 찾는 말마다 게시글의 번호를 늘어놓은 딕셔너리(역색인, inverted index).

엔진들이 파일에 하는 일이 그대로 보입니다. 장면이 사용하고, 다른 엔진의 답을 이것과 비교합니다.
"""

from __future__ import annotations

from ddialab.blocks.search.index import Entry, SearchIndex
from ddialab.blocks.search.terms import Clause, clauses, composed, terms


class MemoryIndex(SearchIndex):
    """딕셔너리에 담은 검색 색인. 스레드 하나에서 사용합니다.

    ``touched``는 마지막 `find`가 읽은 번호의 수입니다.
    """

    name = "메모리"

    def __init__(self):
        self.touched = 0
        self._entries: dict[int, Entry] = {}
        self._postings: dict[str, dict[int, bool]] = {}  # 찾는 말 → 그 말이 든 번호들
        self._live, self._latest = 0, 0

    def postings(self, term: str) -> list[int]:
        """찾는 말 ``term``이 든 게시글의 번호들. 작은 것부터입니다."""
        return sorted(self._postings.get(term, {}))

    def latest(self) -> int:
        """지운 것까지, 색인이 기억하는 가장 높은 버전. 아무것도 없으면 0."""
        return self._latest

    def clear(self) -> None:
        """모두 지웁니다. 기억하던 버전도 잊습니다."""
        self._entries, self._postings, self._live, self._latest = {}, {}, 0, 0

    def __len__(self) -> int:
        return self._live

    def _write(self, entries: list[Entry]) -> int:
        return sum(int(self._apply(entry)) for entry in entries)

    def _apply(self, entry: Entry) -> bool:
        old = self._entries.get(entry.id)
        if old is not None and old.version > entry.version:
            return False
        if old is not None and old.text is not None:
            self._forget(old)
        if entry.text is not None:
            self._live += 1
            for term in terms(entry.text):
                self._postings.setdefault(term, {})[entry.id] = True
        self._entries[entry.id] = entry
        self._latest = max(self._latest, entry.version)
        return True

    def _forget(self, entry: Entry) -> None:
        self._live -= 1
        for term in dict.fromkeys(terms(entry.text)):
            self._postings[term].pop(entry.id)
            if not self._postings[term]:
                self._postings.pop(term)

    def _find(self, query: str, limit: int | None) -> list[int]:
        self.touched = 0
        found = None
        for clause in clauses(query):
            ids = self._ids(clause)
            found = ids if found is None else [id for id in found if id in ids]
        return sorted(found, reverse=True)[:limit]

    def _ids(self, clause: Clause) -> dict[int, bool]:
        """낱말 하나가 든 번호들. 바이그램이 모두 든 것 가운데, 정말로 잇따르는 것만."""
        if clause.prefix:
            starting = [term for term in self._postings if term.startswith(clause.terms[0])]
            return _joined([self._read(term) for term in starting])
        lists = sorted([self._read(term) for term in clause.terms], key=len)
        word = clause.terms[0] + "".join([term[-1] for term in clause.terms[1:]])
        return {
            id: True
            for id in lists[0]
            if all(id in ids for ids in lists[1:])
            and (len(lists) == 1 or word in composed(self._entries[id].text))
        }

    def _read(self, term: str) -> dict[int, bool]:
        ids = self._postings.get(term, {})
        self.touched += len(ids)
        return ids

    def _held(self, id: int) -> Entry | None:
        return self._entries.get(id)


def _joined(lists: list[dict[int, bool]]) -> dict[int, bool]:
    found = {}
    for ids in lists:
        for id in ids:
            found[id] = True
    return found
