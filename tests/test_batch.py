"""일괄 처리: Parquet에 쓰고, 묻고, 무엇을 읽었는지 셉니다."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks import batch
from ddialab.blocks.batch import Batch
from ddialab.blocks.groups import grouped, overlapping
from ddialab.core.errors import InvalidValue, MissingCapability, StorageFailure

ROWS = [{"id": n, "day": n // 100, "text": f"글 {n}: 'ㄱ' \n\u2028 😀"} for n in range(10_000)]
DAYS = "SELECT count(*), min(id), max(id) FROM posts WHERE day BETWEEN ? AND ?"


@pytest.fixture
def opened(tmp_path):
    with Batch.write(tmp_path / "it's.parquet", ROWS, group=2_048) as written:
        yield written


def test_what_was_written_is_read_back(opened, tmp_path):
    assert opened.ask("SELECT * FROM posts ORDER BY id") == [tuple(row.values()) for row in ROWS]
    assert opened.ask(DAYS, (3, 4)) == [(200, 300, 499)]
    assert [path.name for path in tmp_path.iterdir()] == ["it's.parquet"]


def test_only_the_groups_that_may_hold_the_range_are_opened(opened):
    """DuckDB가 연 행 그룹의 수는 우리의 판단(`overlapping`)과 같습니다."""
    groups = opened.groups("day")
    assert groups == grouped([row["day"] for row in ROWS], 2_048)
    for low, high in ((0, 98), (3, 4), (20, 20), (19, 41), (99, 99)):
        reading = opened.reading(DAYS, (low, high))
        assert (reading.opened, reading.groups) == (len(overlapping(groups, low, high)), 5)


def test_only_the_asked_columns_are_read(opened):
    columns = opened.columns()
    assert list(columns) == ["id", "day", "text"]
    assert sum(columns.values()) < opened.size
    ids = opened.reading("SELECT sum(id) FROM posts").bytes
    texts = opened.reading("SELECT sum(length(text)) FROM posts").bytes
    assert columns["id"] <= ids < columns["id"] + columns["text"] / 2
    assert columns["text"] <= texts < opened.size


def test_what_the_footer_tells_needs_no_row(opened):
    assert opened.ask("SELECT count(*) FROM posts") == [(10_000,)]
    assert opened.reading("SELECT count(*) FROM posts") == (0, 0, 0)


def test_a_file_is_replaced_whole_or_not_at_all(opened, tmp_path):
    def breaking():
        yield {"id": 1}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Batch.write(opened.path, breaking())
    with pytest.raises(InvalidValue, match="행이 없습니다"):
        Batch.write(opened.path, [])
    with Batch(opened.path) as again:
        assert again.ask("SELECT count(*) FROM posts") == [(10_000,)]
    with Batch.write(opened.path, ROWS[:3]) as fewer:
        assert fewer.ask("SELECT count(*) FROM posts") == [(3,)]
    assert [path.name for path in tmp_path.iterdir()] == ["it's.parquet"]


def test_bad_input_gets_an_answer(opened, tmp_path):
    (tmp_path / "text.parquet").write_text("Parquet이 아닙니다")
    for path in (tmp_path / "none.parquet", tmp_path / "text.parquet", tmp_path):
        with pytest.raises(StorageFailure, match=r"Batch\.write"):
            Batch(path)
    with pytest.raises(StorageFailure, match="쓰거나 읽지 못했습니다"):
        Batch.write(tmp_path / "none" / "x.parquet", ROWS[:1])
    for sql in ("SELEC", "SELECT * FROM nothing", "SELECT 1 FROM posts WHERE x = 1"):
        with pytest.raises(InvalidValue, match="SQL을 실행하지 못했습니다"):
            opened.ask(sql)
    with pytest.raises(InvalidValue, match="group"):
        Batch.write(tmp_path / "y.parquet", ROWS, group=100)
    with pytest.raises(InvalidValue, match="column"):
        opened.groups("nothing")
    opened.close()
    opened.close()
    with pytest.raises(StorageFailure, match="이미 닫았습니다"):
        opened.ask("SELECT 1")


def test_where_there_is_no_duckdb_the_capability_is_missing(monkeypatch, tmp_path):
    monkeypatch.setattr(batch, "IN_BROWSER", True)
    with pytest.raises(MissingCapability, match="DuckDB가 없습니다"):
        Batch(tmp_path / "x.parquet")


@given(st.lists(st.integers(-5, 5), min_size=1), st.integers(1, 4), st.integers(), st.integers())
def test_a_skipped_group_never_holds_what_is_sought(values, size, low, high):
    groups = grouped(values, size)
    assert sum(group.rows for group in groups) == len(values)
    opened = overlapping(groups, low, high)
    inside = [i // size for i, value in enumerate(values) if low <= value <= high]
    assert all(groups[place] in opened for place in inside)
