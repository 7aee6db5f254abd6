"""일괄 처리: 쌓인 것 전부에 묻는 블록. Parquet 파일 하나를 DuckDB로 훑습니다.

Parquet은 컬럼마다 따로 모아 적습니다. 그래서 묻는 컬럼만 읽고, 찾는 범위와 겹치지 않는
행 그룹(`ddialab.blocks.groups`)은 건너뜁니다. 대신 한 건을 고치려면 파일을 새로 씁니다.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ddialab.blocks.groups import Group
from ddialab.core.errors import (
    InvalidValue,
    MissingCapability,
    StorageFailure,
    check_choice,
    check_integer,
)
from ddialab.core.workspace import IN_BROWSER, OUTSIDE, Workspace

GROUP_ROWS = 8_192  # 행 그룹 하나의 행. DuckDB는 2,048의 배수로 나눕니다
# 확장을 저절로 내려받지 않게 합니다. Parquet과 JSON은 휠에 들어 있습니다
SETTINGS = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


class Reading(NamedTuple):
    """물음 하나에 답하며 파일에서 읽은 바이트, 열어 본 행 그룹, 파일에 있는 행 그룹."""

    bytes: int
    opened: int
    groups: int


class Batch:
    """``path``의 Parquet 파일. 물을 때는 ``posts``라는 테이블로 보입니다.

    파일이 없거나 Parquet이 아니면 `StorageFailure`, DuckDB가 없는 곳(브라우저)이면
    `MissingCapability`.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self._driver = _connect()
        if self.path.exists() and not self.path.is_file():  # 폴더면 DuckDB가 그 안을 모두 읽습니다
            raise _no_file(self.path, "파일이 아님")
        self.name = f"DuckDB {duckdb().__version__}"
        self._run(f"CREATE TEMP VIEW posts AS SELECT * FROM read_parquet({_quoted(self.path)})")

    @staticmethod
    def write(path: str | Path, rows: Iterable[dict[str, Any]], group: int = GROUP_ROWS) -> Batch:
        """행들을 차례로 ``path``에 쓰고 엽니다. 다 쓴 뒤에야 그 이름이 생깁니다.

        ``group``은 행 그룹 하나의 행입니다. 있던 파일은 통째로 바뀝니다.
        """
        check_integer("group", group, 2_048)
        final = Path(path)
        partial = final.with_name(final.name + ".partial")
        with Workspace() as desk, closing(_connect()) as driver, _explained(final):
            lines = desk.folder / "rows.jsonl"
            if not _write_lines(lines, rows):
                raise InvalidValue("rows: 행이 없습니다.", "행이 하나 이상이어야 합니다.")
            source = f"read_json({_quoted(lines)}, format = 'newline_delimited')"
            options = f"FORMAT parquet, ROW_GROUP_SIZE {group}"
            try:
                driver.execute(f"COPY (SELECT * FROM {source}) TO {_quoted(partial)} ({options})")
                partial.replace(final)
            finally:
                with suppress(OSError):
                    partial.unlink()
        return Batch(final)

    def ask(self, sql: str, parameters: Iterable = ()) -> list[tuple]:
        """``posts``에 SQL 한 문장을 묻고 행들을 받습니다. 매개변수의 자리는 ``?``입니다."""
        return self._run(sql, tuple(parameters))

    def reading(self, sql: str, parameters: Iterable = ()) -> Reading:
        """그 물음에 답하려고 파일에서 얼마나 읽는지. 실제로 한 번 실행해서 DuckDB가 센 것입니다.

        행의 수처럼 파일의 꼬리말에 적혀 있는 것을 물으면 행을 읽지 않아 모두 0입니다.
        """
        rows = self._run(f"EXPLAIN (ANALYZE, FORMAT json) {sql}", tuple(parameters))
        told = json.loads(rows[0][1])
        if "query" not in told:
            return Reading(0, 0, 0)
        query = told["query"]
        opened, groups = query["total_row_groups_scanned"], query["total_row_groups_to_scan"]
        return Reading(told["io"]["total_bytes_read"], opened, groups)

    def columns(self) -> dict[str, int]:
        """컬럼마다 파일에서 차지하는 바이트."""
        sql = (
            "SELECT path_in_schema, sum(total_compressed_size) FROM "
            f"parquet_metadata({_quoted(self.path)}) GROUP BY ALL ORDER BY min(column_id)"
        )
        return {name: int(size) for name, size in self._run(sql)}

    def groups(self, column: str) -> list[Group]:
        """정수 컬럼 ``column``으로 본 행 그룹들."""
        check_choice("column", column, self.columns())
        sql = (
            "SELECT row_group_num_rows, stats_min_value::BIGINT, stats_max_value::BIGINT FROM "
            f"parquet_metadata({_quoted(self.path)}) WHERE path_in_schema = ? ORDER BY row_group_id"
        )
        return [Group(*row) for row in self._run(sql, (column,))]

    @property
    def size(self) -> int:
        """파일의 크기(바이트)."""
        return self.path.stat().st_size

    def close(self) -> None:
        """연결을 닫습니다. 파일은 남습니다. 두 번 불러도 됩니다."""
        self._driver.close()

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def _run(self, sql: str, parameters: tuple = ()) -> list[tuple]:
        with _explained(self.path):
            return self._driver.execute(sql, parameters).fetchall()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """DuckDB의 오류를 이 책의 오류로 바꿉니다."""
    errors = duckdb()
    try:
        yield
    except errors.ConnectionException:
        raise StorageFailure(
            f"{path}: 이미 닫았습니다.", todo="Batch(경로)로 다시 여세요."
        ) from None
    except (errors.IOException, errors.InvalidInputException, OSError) as error:
        raise _no_file(path, str(error)) from None
    except errors.Error as error:
        raise InvalidValue(
            f"SQL을 실행하지 못했습니다({str(error).splitlines()[0]}).",
            "posts에 묻는 SQL 한 문장이어야 합니다.",
            "문장과 컬럼의 이름을 확인하세요.",
        ) from None


def _no_file(path: Path, reason: str) -> StorageFailure:
    return StorageFailure(
        f"{path}: Parquet 파일을 쓰거나 읽지 못했습니다({reason.splitlines()[0]}).",
        "쓸 수 있는 폴더에 있는 Parquet 파일이어야 합니다.",
        "경로와 권한, 남은 공간을 확인하세요. 파일이 없으면 Batch.write로 만드세요.",
    )


def duckdb() -> Any:
    """DuckDB의 드라이버. 없는 곳이면 `MissingCapability`."""
    problem, accepted = "여기에는 DuckDB가 없습니다.", "컴퓨터에 설치한 DuckDB가 있어야 합니다."
    if IN_BROWSER:
        raise MissingCapability(problem, accepted, OUTSIDE)
    try:
        import duckdb as driver
    except ImportError:
        raise MissingCapability(
            problem, accepted, "`pip install duckdb`를 하고 커널을 다시 시작하세요."
        ) from None
    return driver


def _connect() -> Any:
    """이 프로세스의 DuckDB에 새 연결 하나. ``TEMP``로 만든 것은 그 연결에서만 보입니다."""
    return _engine(duckdb()).cursor()


@cache
def _engine(driver: Any) -> Any:
    """DuckDB를 켜는 데는 연결의 수천 배가 들어, 한 번만 켭니다."""
    return driver.connect(config=SETTINGS)


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """행마다 JSON 한 줄. 적은 행의 수를 돌려줍니다."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            count += 1
    return count


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
