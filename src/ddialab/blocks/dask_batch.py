"""나누어 훑기: Parquet 파일 여럿에 같은 것을 묻고 답을 더합니다.

``DASK_SCHEDULER``가 있으면 파일마다의 물음을 Dask의 워커들이 나누어 맡고, 없으면 이 프로세스가
차례로 합니다. 더해도 되는 것은 한 사건이 파일 하나에만 있을 때입니다. 번호가 같은 것들이 다른
파일에 흩어져 있으면, 파일마다 하나씩 세어 두 번이 됩니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ddialab.blocks.batch import Batch, Reading, duckdb
from ddialab.core.dask import dask_client, dask_scheduler
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError

Row = dict[str, Any]


class Files:
    """``paths``의 Parquet 파일들. ``scheduler``는 Dask의 주소이고, 없으면 이 프로세스가 묻습니다.

    DuckDB가 없는 곳이면 `MissingCapability`, 스케줄러에 닿지 않거나 워커가 없으면
    `BackendUnavailable`.
    """

    def __init__(self, paths: Iterable[str | Path], scheduler: str | None = None):
        self.paths = sorted(Path(path).absolute() for path in paths)
        if not self.paths:
            raise InvalidValue("paths: 파일이 없습니다.", "Parquet 파일이 하나 이상이어야 합니다.")
        self.scheduler = scheduler
        self._client = _client(scheduler) if scheduler else None
        self.name = f"DuckDB {duckdb().__version__}"
        if self._client is not None:
            self.name = f"Dask의 워커 {len(self._workers())}개, 저마다 {self.name}"

    def add_up(self, sql: str, parameters: Sequence = ()) -> list[tuple]:
        """파일마다 ``posts``에 물어, 마지막 컬럼의 수를 나머지 컬럼이 같은 것끼리 더합니다.

        행들은 나머지 컬럼의 차례로 돌려줍니다.
        """
        total: dict[tuple, int] = {}
        for rows in self._ask_all(sql, tuple(parameters)):
            for *keys, number in rows:
                total[tuple(keys)] = total.get(tuple(keys), 0) + number
        return [(*keys, number) for keys, number in sorted(total.items())]

    def reading(self, sql: str, parameters: Sequence = ()) -> Reading:
        """그렇게 묻느라 파일들에서 읽은 것의 합. 이 프로세스에서 한 번 더 물어 셉니다."""
        return Reading(*map(sum, zip(*self._readings(sql, parameters), strict=True)))

    def close(self) -> None:
        """Dask와의 연결을 닫습니다. 스케줄러와 파일은 그대로입니다. 두 번 불러도 됩니다."""
        if self._client is not None:
            self._client.close(timeout=2)

    def __enter__(self) -> Files:
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def _ask_all(self, sql: str, parameters: tuple) -> list[list[tuple]]:
        if self._client is None:
            return [ask_file(path, sql, parameters) for path in self.paths]
        futures = [
            self._client.submit(ask_file, path, sql, parameters, pure=False) for path in self.paths
        ]
        try:
            return self._client.gather(futures)
        except LabError:
            raise
        except Exception as error:  # 워커의 컴퓨터에 없는 것마다 오류의 종류가 다릅니다
            raise _worker_failed(self.scheduler, error) from error

    def _workers(self) -> list[str]:
        return list(self._client.scheduler_info(n_workers=-1)["workers"])

    def _readings(self, sql: str, parameters: Sequence) -> list[Reading]:
        found = []
        for path in self.paths:
            with Batch(path) as opened:
                found.append(opened.reading(sql, parameters))
        return found


def open_files(paths: Iterable[str | Path]) -> Files:
    """독자가 ``DASK_SCHEDULER``를 적었으면 Dask로, 아니면 이 프로세스에서 묻는 `Files`."""
    return Files(paths, dask_scheduler())


def write_files(folder: str | Path, rows: Iterable[Row], part: Callable[[Row], Any]) -> list[Path]:
    """행들을 ``part(행)``이 같은 것끼리 ``folder``의 Parquet 파일 하나에 쓰고, 그 경로들을 줍니다.

    같은 행이면 언제 다시 써도 같은 이름의 파일이 되므로, 두 번 돌려도 파일이 늘지 않습니다.
    """
    parts: dict[Any, list[Row]] = {}
    for row in rows:
        parts.setdefault(part(row), []).append(row)
    paths = []
    for name, held in sorted(parts.items()):
        path = Path(folder) / f"part-{name}.parquet"
        Batch.write(path, held).close()
        paths.append(path)
    return paths


def ask_file(path: Path, sql: str, parameters: tuple) -> list[tuple]:
    """파일 하나에 묻습니다. Dask의 워커가 부르는 것도 이것입니다."""
    with Batch(path) as opened:
        return opened.ask(sql, parameters)


def _client(scheduler: str) -> Any:
    client = dask_client("DASK_SCHEDULER", scheduler)
    if client.scheduler_info(n_workers=-1)["workers"]:
        return client
    with suppress(Exception):
        client.close(timeout=2)
    raise BackendUnavailable(
        f"DASK_SCHEDULER={scheduler}: 연결된 워커가 없습니다.",
        "워커가 하나는 있어야 합니다.",
        f"이 저장소에서 실행하세요: .venv/bin/dask worker {scheduler}",
    )


def _worker_failed(scheduler: str, error: Exception) -> BackendUnavailable:
    reason = str(error).splitlines()[0] if str(error) else ""
    return BackendUnavailable(
        f"DASK_SCHEDULER={scheduler}: 워커가 묻지 못했습니다({type(error).__name__}: {reason}).",
        "워커마다 이 저장소의 같은 버전과 DuckDB가 있고, 같은 경로의 파일을 볼 수 있어야 합니다.",
        f"이 컴퓨터의 저장소에서 실행하세요: .venv/bin/dask worker {scheduler}",
    )
