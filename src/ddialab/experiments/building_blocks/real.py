"""진짜 다섯: 같은 글을 SQLite, 캐시 서버, 전문 검색, 로그, Parquet에 담고 같은 것을 묻습니다."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ddialab.blocks.batch import Batch, duckdb
from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.posts import Post
from ddialab.blocks.search.fulltext import FullText
from ddialab.blocks.stream import RunningCount
from ddialab.core.backend import open_redis
from ddialab.core.workspace import Workspace
from ddialab.experiments.building_blocks.five import (
    BATCH,
    CACHE,
    DATABASE,
    INDEX,
    NOW,
    ONE,
    STREAM,
    WORD,
    YEAR,
    count_tags,
    tags_in,
)
from ddialab.service.dataset import DAYS, POSTS, Written, dataset
from ddialab.service.tags import tags_of

AGAIN, AGAIN_YEAR = "again", "again-year"  # 방금 읽은 글과, 방금 센 한 해의 태그를 한 번 더
TERM, TAG = "캐시", "점심"  # 물을 낱말과 태그
LIKE = "SELECT id FROM posts WHERE text LIKE ?"
TAGS = (
    "SELECT tag, count(*) FROM (SELECT unnest(string_split(tags, ' ')) AS tag FROM posts) "
    "WHERE tag <> '' GROUP BY tag"
)
TAGGED = "SELECT count(*) FROM posts WHERE list_contains(string_split(tags, ' '), ?)"
Ask = Callable[[], Any]


class Real:
    """게시글 ``count``건을 담은 다섯. 다 쓰면 `close`로 폴더와 서버까지 치웁니다.

    일괄 처리의 파일에는 마지막 날의 글이 없습니다(어젯밤에 쓴 것입니다). DuckDB가 없는 곳이면
    `MissingCapability`.
    """

    def __init__(self, count: int = POSTS, seed: int = 0):
        duckdb()  # 없는 곳이면 여기서 그만둡니다
        self.count, self.workspace = count, Workspace()
        self.folder = self.workspace.folder
        self.written = list(dataset(count, seed))
        self.id = asked_id(count)
        self.redis = open_redis()
        self.cache = Cache(self.redis)
        self.log = Log(self.folder / "log", fsync="none")
        self.seconds = {}  # 구성 요소마다 처음부터 만드는 데 걸린 시간(초)
        self._fill()
        self.database, self.index = self.open_database(), self.open_index()

    def _fill(self) -> None:
        """다섯에 담습니다. 다 담고 닫으므로, 물을 때는 파일에서 읽습니다."""
        with self._timed(DATABASE), self.open_database() as database:
            database.load(Post(one.id, one.author, one.text) for one in self.written)
        with self._timed(INDEX), self.open_index() as index:
            index.put_many((one.id, one.text) for one in self.written)
        for one in self.written:
            self.log.append(one.text.encode())
        with self._timed(STREAM):
            self.counter().catch_up()
        with self._timed(BATCH):
            self.batch = self.write_batch(one for one in self.written if one.day < DAYS - 1)
        self.cache.set(AGAIN, self.written[self.id - 1].text)
        self.cache.set(AGAIN_YEAR, count_tags(one.text for one in self.written))

    @contextmanager
    def _timed(self, block: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[block] = time.perf_counter() - start

    def reopen(self) -> None:
        """SQLite의 연결들을 새로 엽니다. 앞의 물음이 메모리에 남긴 페이지가 없습니다."""
        self.database.close()
        self.index.close()
        self.database, self.index = self.open_database(), self.open_index()

    def open_database(self) -> Database:
        return Database.open(self.folder / "posts.db")

    def open_index(self) -> FullText:
        return FullText(self.folder / "search.db")

    def counter(self) -> RunningCount:
        """센 수를 캐시 서버에 두는 스트림 처리. 만들 때마다 저장한 것을 다시 읽습니다."""
        return RunningCount(self.log, tags_in, self.redis)

    def write_batch(self, posts: Iterable[Written]) -> Batch:
        return Batch.write(self.folder / "posts.parquet", map(row_of, posts))

    def asks(self) -> dict[str, dict[str, Ask]]:
        """{물음: {구성 요소: 묻는 함수}}. 물을 수 없는 곳은 없습니다."""
        return {
            ONE: {
                DATABASE: lambda: self.database.post(self.id).text,
                INDEX: lambda: self.index.text(self.id),
                BATCH: lambda: self.batch.ask(*self.sql(ONE))[0][0],
            },
            AGAIN: {
                DATABASE: lambda: self.database.post(self.id).text,
                CACHE: lambda: self.cache.get(AGAIN),
            },
            WORD: {
                DATABASE: lambda: len(self.database.connection.run(LIKE, (f"%{TERM}%",))[0]),
                INDEX: lambda: len(self.index.find(TERM)),
                BATCH: lambda: len(self.batch.ask(*self.sql(WORD))),
            },
            NOW: {
                DATABASE: lambda: len(self.database.connection.run(LIKE, (f"%#{TAG}%",))[0]),
                INDEX: lambda: len(self.index.find(TAG)),
                STREAM: lambda: self.counter().count(TAG),
                BATCH: lambda: self.batch.ask(*self.sql(NOW))[0][0],
            },
            YEAR: {
                DATABASE: lambda: count_tags(post.text for post in self.database.posts()),
                STREAM: lambda: self.counter().counts,
                BATCH: lambda: dict(self.batch.ask(*self.sql(YEAR))),
            },
            AGAIN_YEAR: {CACHE: lambda: self.cache.get(AGAIN_YEAR)},
        }

    def sql(self, question: str) -> tuple[str, tuple]:
        """일괄 처리에 물을 문장과 매개변수."""
        return {
            ONE: ("SELECT text FROM posts WHERE id = ?", (self.id,)),
            WORD: (LIKE, (f"%{TERM}%",)),
            NOW: (TAGGED, (TAG,)),
            YEAR: (TAGS, ()),
        }[question]

    def close(self) -> None:
        """연결을 닫고 폴더와 서버를 치웁니다. 두 번 불러도 됩니다."""
        for one in (self.database, self.index, self.batch, self.log, self.redis, self.workspace):
            one.close()

    def __enter__(self) -> Real:
        return self

    def __exit__(self, *error) -> None:
        self.close()


def asked_id(count: int) -> int:
    """글이 ``count``건일 때 물을 번호. 어젯밤의 파일에도 있는, 앞도 끝도 아닌 것입니다."""
    return max(1, count * 7 // 9)


def row_of(one: Written) -> dict[str, Any]:
    """일괄 처리의 파일에 적을 행. 태그는 글에서 미리 꺼내 따로 적습니다."""
    return one._asdict() | {"tags": " ".join(tags_of(one.text))}
