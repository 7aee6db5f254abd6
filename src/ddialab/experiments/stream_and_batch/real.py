"""진짜 로그와 진짜 파일: 로그 하나에서 스트림의 표와 Parquet의 표를 만들고, 드는 것을 셉니다."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

from ddialab.blocks.batch import duckdb
from ddialab.blocks.dask_batch import Files, open_files, write_files
from ddialab.blocks.log import Log
from ddialab.blocks.sql import connect
from ddialab.blocks.stream import WindowedCount
from ddialab.blocks.windows import Windows
from ddialab.core.backend import Backend
from ddialab.core.stopwatch import quickest
from ddialab.core.workspace import Workspace
from ddialab.experiments.stream_and_batch.posts import LONGEST, arrivals, event, payload
from ddialab.experiments.stream_and_batch.tables import WAIT, WINDOW, Table, cells

DAY = 86_400  # 초
HOUR = 3_600  # 초. 파일 하나에 담는 시간
# DuckDB도 SQLite도 그대로 알아듣는 문장
SQL = (
    "SELECT time - time % ? AS start, tag, count(DISTINCT id) FROM posts "
    "GROUP BY 1, 2 ORDER BY 1, 2"
)
ONE = "SELECT tag, count(DISTINCT id) FROM posts WHERE time - time % ? = ? GROUP BY 1 ORDER BY 1"
Row = dict[str, Any]


class Lake:
    """하루의 글을 담은 로그와, 거기서 시간마다 하나씩 쓴 Parquet 파일들. 다 쓰면 `close`.

    ``store``는 스트림의 상태와 표를 둘 곳입니다.
    """

    def __init__(self, store: Backend, seed: int = 0, seconds: int = DAY):
        self.store, self.workspace = store, Workspace()
        self.log = Log(self.workspace.folder / "log", fsync="none")
        for post in arrivals(seed, seconds):
            self.log.append(payload(post))

    def stream(self) -> WindowedCount:
        """로그를 따라 세는 스트림 처리. 만들 때마다 저장한 것에서 이어집니다."""
        windows = Windows(WINDOW, WAIT, LONGEST)
        return WindowedCount(self.log, event, self.store, windows)

    def rows(self) -> Iterator[Row]:
        """로그의 기록을 행으로: 글에 달린 태그마다 하나. 두 번 온 것은 두 번 있습니다."""
        for record in self.log.read():
            id, time, tags = event(record.payload)
            yield from ({"id": id, "time": time, "tag": tag} for tag in tags)

    def files(self) -> Files:
        """로그를 쓴 시각의 시간마다 파일 하나로 내보내고 엽니다.

        DuckDB가 없는 곳이면 `MissingCapability`.
        """
        duckdb()  # 없는 곳이면 여기서 그만둡니다
        paths = write_files(self.workspace.folder, self.rows(), by_hour)
        return open_files(paths)

    def close(self) -> None:
        """로그를 닫고 폴더를 치웁니다. 두 번 불러도 됩니다."""
        self.log.close()
        self.workspace.close()


def by_hour(row: Row) -> str:
    """그 글을 쓴 시간. 두 번 온 글도 쓴 시각은 하나라, 한 파일에 모입니다."""
    return f"{row['time'] // HOUR:02}"


def table_of(rows: Iterable[tuple]) -> Table:
    """(윈도, 태그, 수)의 행들로 만든 표."""
    table: Table = {}
    for start, tag, count in rows:
        table.setdefault(start, {})[tag] = count
    return table


def fingerprint(table: Table) -> str:
    """표의 지문. 칸과 수가 모두 같을 때만 같고, 적힌 차례에는 기대지 않습니다."""
    told = json.dumps(sorted(cells(table).items()), ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def by_sqlite(rows: Iterable[Row], sql: str = SQL, parameters: tuple = (WINDOW,)) -> list[tuple]:
    """같은 행들을 SQLite에 담고 같은 문장을 묻습니다."""
    with closing(connect(":memory:")) as database:
        database.define("CREATE TABLE posts (id INTEGER, time INTEGER, tag TEXT)")
        held = [(row["id"], row["time"], row["tag"]) for row in rows]
        database.run_many("INSERT INTO posts VALUES (?, ?, ?)", held)
        return [tuple(row) for row in database.run(sql, parameters)[0]]


def streamed(counter: WindowedCount, starts: Iterable[int]) -> Table:
    """스트림이 내놓은 표 가운데 ``starts``의 윈도들."""
    return {start: table for start in starts for table in [counter.table(start)] if table}


def asked(lake: Lake, start: int) -> dict[str, Any]:
    """파일들에 물은 하루의 표의 지문과, 시각 ``start``의 윈도 하나를 물을 때 저마다 드는 것.

    ``one``은 그 윈도가 든 시간의 파일만, ``all``은 파일을 모두 읽습니다. 시간은 스트림의 표를 읽는
    데 걸린 것의 몇 배인지입니다.
    """
    counter = lake.stream()
    with lake.files() as every, Files([every.paths[start // HOUR]]) as one:
        question = ONE, (WINDOW, start)
        ways = {"one": one, "all": every}
        stream = quickest(lambda: counter.table(start))
        table = table_of(every.add_up(SQL, (WINDOW,)))
        return {
            "name": every.name,
            "cells": len(cells(table)),
            "fingerprint": fingerprint(table),
            "bytes": {way: files.reading(*question).bytes for way, files in ways.items()},
            "times": {
                way: quickest(lambda files=files: files.add_up(*question)) / stream
                for way, files in ways.items()
            },
        }
