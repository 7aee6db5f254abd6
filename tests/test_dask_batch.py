"""나누어 훑기: 이 프로세스에서 묻든 Dask의 워커들이 나누어 묻든 같은 표입니다."""

from collections import Counter
from contextlib import closing

import pytest

from ddialab.blocks.dask_batch import Files, open_files, write_files
from ddialab.core.dask import dask_client, dask_scheduler
from ddialab.core.dask_address import read_dask_scheduler
from ddialab.core.errors import BackendUnavailable, InvalidValue, StorageFailure
from ddialab.core.memory import MemoryStore
from ddialab.experiments.stream_and_batch import real
from ddialab.experiments.stream_and_batch.posts import arrivals
from ddialab.experiments.stream_and_batch.tables import WINDOW, batch

ROWS = [{"id": n % 700, "time": n % 700 * 3, "tag": "ㄱㄴㄷ"[n % 7 % 3]} for n in range(1_000)]
BY_TAG = "SELECT tag, count(DISTINCT id) FROM posts GROUP BY tag"


def whole():
    """행을 모두 메모리에 놓고 센 것."""
    once = dict.fromkeys((row["tag"], row["id"]) for row in ROWS)
    return sorted(Counter(tag for tag, _ in once).items())


@pytest.fixture
def paths(tmp_path):
    return write_files(tmp_path, ROWS, lambda row: row["time"] // 500)


@pytest.fixture(scope="module")
def scheduler():
    """이 프로세스의 스레드들로 된 스케줄러와 워커 둘. 이야기는 진짜 TCP로 합니다."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=":0"
    ) as running:
        yield running.scheduler_address


def test_the_files_add_up_to_the_whole(paths):
    assert len(paths) == 5
    with Files(paths) as files:
        assert files.add_up(BY_TAG) == whole()
        assert files.reading(BY_TAG).groups == 5


def test_counting_apart_what_came_twice_counts_it_twice(tmp_path):
    """대조군: 온 차례로 나누면, 두 번 온 것이 다른 파일에 있습니다."""
    numbered = [row | {"n": n} for n, row in enumerate(ROWS)]
    with Files(write_files(tmp_path, numbered, lambda row: row["n"] // 250)) as files:
        assert files.add_up(BY_TAG) != whole()


def test_dask_gives_the_same_table(paths, scheduler, monkeypatch):
    monkeypatch.delenv("DDIALAB_BACKEND", raising=False)
    monkeypatch.setenv("DASK_SCHEDULER", f" {scheduler} ")
    with open_files(paths) as files:
        assert files.name.startswith("Dask의 워커 2개")
        assert files.add_up(BY_TAG) == whole()
    monkeypatch.setenv("DDIALAB_BACKEND", "embedded")
    with open_files(paths) as files:
        assert files.name.startswith("DuckDB")


def test_the_day_of_the_lab_is_one_table_for_all_three(scheduler, monkeypatch):
    """실습 05의 하루: DuckDB, SQLite, Dask가 같은 표를 냅니다."""
    monkeypatch.delenv("DASK_SCHEDULER", raising=False)
    with closing(real.Lake(MemoryStore())) as lake, lake.files() as here:
        assert len(here.paths) == real.DAY // real.HOUR
        rows = here.add_up(real.SQL, (WINDOW,))
        assert rows == real.by_sqlite(lake.rows())
        with Files(here.paths, scheduler) as shared:
            assert shared.name.startswith("Dask의 워커 2개")
            assert shared.add_up(real.SQL, (WINDOW,)) == rows
    assert real.table_of(rows) == batch(arrivals(0, real.DAY))


def test_what_a_worker_could_not_do_is_told(paths, scheduler):
    with Files(paths, scheduler) as files:
        with pytest.raises(InvalidValue, match="SQL을 실행하지 못했습니다"):
            files.add_up("SELECT nothing FROM posts")
        paths[2].unlink()
        with pytest.raises(StorageFailure, match="Parquet"):
            files.add_up(BY_TAG)


def test_an_error_of_another_kind_names_the_scheduler(paths, scheduler, monkeypatch):
    def broken(*_):
        raise ModuleNotFoundError("No module named 'duckdb'")

    with Files(paths, scheduler) as files:
        monkeypatch.setattr("ddialab.blocks.dask_batch.ask_file", broken)
        with pytest.raises(BackendUnavailable, match=f"{scheduler}: 워커가.*duckdb.*dask worker"):
            files.add_up(BY_TAG)


def test_a_scheduler_without_workers_says_how_to_add_one(paths):
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=0, processes=False, protocol="tcp", host="127.0.0.1",
                     dashboard_address=":0") as empty,
        pytest.raises(BackendUnavailable, match=r"워커가 없습니다.*dask worker tcp://"),
    ):  # fmt: skip
        Files(paths, empty.scheduler_address)


@pytest.mark.parametrize(
    "address", ["nowhere", "tcp://", "127.0.0.1:8786", "http://127.0.0.1:8787", "tcp://a:99999"]
)
def test_an_address_that_cannot_be_read_is_answered(address, monkeypatch):
    monkeypatch.setenv("DASK_SCHEDULER", address)
    monkeypatch.delenv("DDIALAB_BACKEND", raising=False)
    with pytest.raises(BackendUnavailable) as told:
        dask_scheduler()
    assert address in told.value.problem
    assert told.value.accepted
    assert told.value.todo


def test_a_scheduler_out_of_reach_is_answered():
    with pytest.raises(
        BackendUnavailable, match=r"DASK_SCHEDULER=tcp://127\.0\.0\.1:9: .*연결할 수"
    ):
        dask_client("DASK_SCHEDULER", read_dask_scheduler("tcp://127.0.0.1:9"), "1s")


def test_no_address_is_no_scheduler(monkeypatch):
    monkeypatch.delenv("DASK_SCHEDULER", raising=False)
    assert dask_scheduler() is None
    with pytest.raises(InvalidValue, match="파일이 없습니다"):
        open_files([])


def test_writing_again_replaces_the_same_files(paths, tmp_path):
    before = sorted(tmp_path.iterdir())
    write_files(tmp_path, ROWS, lambda row: row["time"] // 500)
    assert sorted(tmp_path.iterdir()) == before
    with closing(Files(paths)) as files:
        assert files.add_up(BY_TAG) == whole()
