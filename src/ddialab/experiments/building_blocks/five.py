"""다섯 구성 요소를 가장 작게: 같은 게시글을 담고, 답할 때마다 건드린 것을 셉니다.

서버도 파일도 없는 파이썬이라 책의 페이지 안에서도 돕니다. 진짜 제품으로 같은 것을 묻는 일은
`ddialab.experiments.building_blocks.real`이 합니다.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from ddialab.blocks.cache import Cache, Lru
from ddialab.blocks.groups import grouped, overlapping
from ddialab.blocks.search.memory import MemoryIndex
from ddialab.blocks.stream import RunningCount
from ddialab.blocks.tape import Tape
from ddialab.core.errors import check_choice
from ddialab.core.memory import MemoryStore
from ddialab.service.tags import tags_of

ONE, WORD, NOW, YEAR = "one", "word", "now", "year"
QUESTIONS = (ONE, WORD, NOW, YEAR)  # 번호로 한 건, 낱말로 찾기, 지금 몇 건, 한 해의 태그
DATABASE, CACHE, INDEX, STREAM, BATCH = "db", "cache", "index", "stream", "batch"
BLOCKS = (DATABASE, CACHE, INDEX, STREAM, BATCH)
ROOM = 8  # 캐시의 칸
GROUP = 10  # 일괄 처리의 파일에서 한 행 그룹의 행


class Answer(NamedTuple):
    """답과, 답하며 건드린 것(행, 색인의 번호, 세어 둔 수)의 수. 못 하면 ``why``에 까닭."""

    value: Any
    touched: int
    why: str = ""


def cannot(why: str) -> Answer:
    """이 구성 요소에는 물을 수 없습니다."""
    return Answer(None, 0, why)


class Table:
    """데이터베이스: 번호에서 글로. 번호로 정렬되어 있어 한 건은 바로 찾습니다."""

    def __init__(self):
        self.texts: dict[int, str] = {}

    def put(self, id: int, text: str) -> None:
        self.texts[id] = text

    def one(self, id: int) -> Answer:
        return Answer(self.texts.get(id), 1)

    def word(self, word: str) -> Answer:
        return Answer([id for id, text in self.texts.items() if word in text], len(self.texts))

    def now(self, tag: str) -> Answer:
        return Answer(count_tags(self.texts.values()).get(tag, 0), len(self.texts))

    def year(self) -> Answer:
        return Answer(count_tags(self.texts.values()), len(self.texts))


class Shelf:
    """캐시: 키에서 값으로. 자리가 차면 오래 안 쓴 것을 내보냅니다."""

    def __init__(self, room: int):
        self.cache = Cache(MemoryStore(), kept=Lru(room))

    def put(self, id: int, text: str) -> None:
        self.cache.set(str(id), text)

    def one(self, id: int) -> Answer:
        return Answer(self.cache.get(str(id)), 1)

    def word(self, word: str) -> Answer:
        return cannot("캐시에는 키로만 물을 수 있습니다. 낱말은 키가 아닙니다.")

    def now(self, tag: str) -> Answer:
        return cannot("캐시에는 키로만 물을 수 있고, 센 값을 넣어 둔 적이 없습니다.")

    def year(self) -> Answer:
        return cannot("캐시에는 방금 읽은 글 몇 건뿐입니다. 한 해의 글이 없습니다.")


class Index:
    """검색 색인: 낱말에서 번호로."""

    def __init__(self):
        self.index = MemoryIndex()

    def put(self, id: int, text: str) -> None:
        self.index.put(id, text)

    def one(self, id: int) -> Answer:
        return Answer(self.index.text(id), 1)

    def word(self, word: str) -> Answer:
        return Answer(list(reversed(self.index.find(word))), self.index.touched)

    def now(self, tag: str) -> Answer:
        return Answer(len(self.index.find(tag)), self.index.touched)

    def year(self) -> Answer:
        return cannot(
            "색인에는 찾을 낱말을 말해야 합니다. 어떤 태그들이 있는지는 물을 수 없습니다."
        )


class Counts:
    """스트림 처리: 글이 올라올 때마다 미리 걸어 둔 물음(태그마다 몇 건)의 답을 고칩니다."""

    def __init__(self):
        self.tape = Tape()
        self.count = RunningCount(self.tape, tags_in, MemoryStore())

    def put(self, id: int, text: str) -> None:
        self.tape.append(text.encode())

    def one(self, id: int) -> Answer:
        return cannot("스트림 처리에는 센 수만 있습니다. 글은 지나갔습니다.")

    def word(self, word: str) -> Answer:
        return cannot(
            "스트림 처리는 미리 걸어 둔 물음에만 답합니다. 이 낱말은 세어 두지 않았습니다."
        )

    def now(self, tag: str) -> Answer:
        return Answer(self.count.count(tag), 1)

    def year(self) -> Answer:
        counts = self.count.counts
        return Answer(counts, len(counts))


class File:
    """일괄 처리: 어젯밤까지의 글을 모아 둔 파일. `write`로 새로 쓸 때까지 그대로입니다."""

    def __init__(self, group: int):
        self.group = group
        self.rows: list[tuple[int, str]] = []

    def write(self, rows: Iterable[tuple[int, str]]) -> None:
        self.rows = list(rows)

    def one(self, id: int) -> Answer:
        groups = grouped([row[0] for row in self.rows], self.group)
        touched = sum(int(group.rows) for group in overlapping(groups, id, id))
        found = [text for number, text in self.rows if number == id]
        return Answer(found[0] if found else None, touched)

    def word(self, word: str) -> Answer:
        return Answer([id for id, text in self.rows if word in text], len(self.rows))

    def now(self, tag: str) -> Answer:
        return Answer(self._counted().get(tag, 0), len(self.rows))

    def year(self) -> Answer:
        return Answer(self._counted(), len(self.rows))

    def _counted(self) -> dict[str, int]:
        return count_tags([text for _, text in self.rows])


class Five:
    """다섯에 함께 담습니다. ``cache``는 읽힌 것만, ``file``은 `night`에 담긴 것만 압니다."""

    def __init__(self, room: int = ROOM, group: int = GROUP):
        self.table, self.shelf, self.index = Table(), Shelf(room), Index()
        self.counts, self.file = Counts(), File(group)

    def publish(self, id: int, text: str) -> None:
        """새 글을 데이터베이스에 쓰고, 색인과 스트림 처리에도 알립니다."""
        self.fill([(id, text)])

    def fill(self, posts: Iterable[tuple[int, str]]) -> None:
        """글 여럿을 차례로 `publish`합니다."""
        for id, text in posts:
            self.table.put(id, text)
            self.index.put(id, text)
            self.counts.put(id, text)
        self.counts.count.catch_up()

    def night(self) -> None:
        """밤마다 하는 일: 지금까지의 글을 일괄 처리의 파일로 새로 씁니다."""
        self.file.write(self.table.texts.items())

    def ask(self, block: str, question: str, id: int, word: str, tag: str) -> Answer:
        """``block``에 ``question``을 묻습니다. 물을 것은 번호, 낱말, 태그 가운데 하나입니다."""
        check_choice("block", block, BLOCKS)
        asked = self._block(block)
        if check_choice("question", question, QUESTIONS) == ONE:
            return asked.one(id)
        if question == WORD:
            return asked.word(word)
        return asked.now(tag) if question == NOW else asked.year()

    def _block(self, name: str) -> Any:
        every = {
            DATABASE: self.table,
            CACHE: self.shelf,
            INDEX: self.index,
            STREAM: self.counts,
            BATCH: self.file,
        }
        return every[name]


def tags_in(payload: bytes) -> list[str]:
    """로그의 기록 하나에 든 태그들."""
    return tags_of(payload.decode())


def count_tags(texts: Iterable[str]) -> dict[str, int]:
    """글들을 모두 훑어 센, 태그마다 몇 건."""
    counts: dict[str, int] = {}
    for text in texts:
        for tag in tags_of(text):
            counts[tag] = counts.get(tag, 0) + 1
    return counts
