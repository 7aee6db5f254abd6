"""SQL 연결: 어디에 연결하는지, 트랜잭션, 두 서버에서 다른 일, 오류의 설명."""

import json
import re
import threading
from contextlib import closing, suppress
from functools import partial

import psycopg
import pytest

from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.namespace import LOCK
from ddialab.blocks.sql import connect
from ddialab.core.address import hide_password
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError, StorageFailure
from ddialab.doctor import postgres_address
from ddialab.doctor.finding import GOOD
from postgres_server import postgres_url  # noqa: F401
from waiting import BOUND, wait_until


@pytest.fixture(params=["sqlite", "postgres"])
def connection(request, tmp_path):
    target = tmp_path / "posts.db"
    if request.param == "postgres":
        target = request.getfixturevalue("postgres_url")
    with Log(tmp_path / "posts.log", fsync="none") as log:
        connection = connect(target, log=log, schema="sql_test")
        connection.define("CREATE TABLE tags (name TEXT PRIMARY KEY, posts INTEGER NOT NULL)")
        yield connection
        connection.drop()


def tags(connection):
    return connection.run("SELECT name, posts FROM tags ORDER BY name")[0]


def add(connection, name):
    connection.run("INSERT INTO tags VALUES (?, 1)", (name,))


def in_one(transaction, *writes):
    """쓰기 여럿을 한 트랜잭션에서."""
    with transaction():
        for write in writes:
            write()


def changes(log):
    return [[change["op"] for change in json.loads(record.payload)] for record in log.read()]


# ── 트랜잭션 ──


def test_a_transaction_over_two_tables_commits_both_with_one_record(connection):
    database = Database(connection)
    with database.transaction():
        first = database.insert_post("김", "점심 #맛집")
        add(connection, "맛집")
        database.update(first.id, "저녁 #맛집")
    assert (database.count(), tags(connection)) == (1, [("맛집", 1)])
    assert changes(connection.log) == [["put", "put"]]


@pytest.mark.parametrize("opened_by", ["posts", "connection"])
def test_a_failure_in_the_middle_undoes_both_and_leaves_no_record(connection, opened_by):
    database = Database(connection)
    kept = database.insert_post("김", "먼저 쓴 글")
    transaction = (database if opened_by == "posts" else connection).transaction
    tag = partial(add, connection, "맛집")
    with pytest.raises(LabError):  # PRIMARY KEY가 두 번째 태그를 거절합니다
        in_one(transaction, partial(database.insert_post, "김", "점심 #맛집"), tag, tag)
    assert (database.posts(), tags(connection)) == ([kept], [])
    assert changes(connection.log) == [["put"]]
    database.insert_post("김", "다시 쓴 글")  # 롤백한 뒤의 연결도 멀쩡합니다
    assert changes(connection.log) == [["put"], ["put"]]


def test_a_failed_inner_transaction_undoes_only_itself(connection):
    """바깥이 오류를 삼켜도, 안쪽의 「모두 아니면 하나도」는 지켜집니다."""
    database = Database(connection)
    with database.transaction():
        outer = partial(add, connection, "바깥")
        outer()
        with pytest.raises(LabError):
            in_one(database.transaction, partial(database.insert_post, "김", "가"), outer)
        database.insert_post("김", "다")
    assert [post.text for post in database.posts()] == ["다"]
    assert tags(connection) == [("바깥", 1)]
    assert changes(connection.log) == [["put"]]


def test_an_interrupt_right_after_the_beginning_leaves_nothing_open(connection, monkeypatch):
    """Ctrl-C가 트랜잭션을 연 직후에 와도, 다음 것이 열리고 스냅샷도 뜹니다."""
    begin = type(connection)._begin

    def interrupted(self, depth):
        begin(self, depth)
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(type(connection), "_begin", interrupted)
    with pytest.raises(KeyboardInterrupt), connection.transaction():
        raise AssertionError("열지 못한 트랜잭션의 안은 실행하지 않습니다")
    in_one(connection.transaction, partial(add, connection, "맛집"))
    assert tags(connection) == [("맛집", 1)]


def test_a_log_that_cannot_be_written_undoes_both_tables(connection, monkeypatch):
    def full(payload):
        raise StorageFailure("가득 참")

    database = Database(connection)
    monkeypatch.setattr(connection.log, "append", full)
    with pytest.raises(StorageFailure):
        in_one(
            database.transaction,
            partial(database.insert_post, "김", "가"),
            partial(add, connection, "맛집"),
        )
    assert (database.count(), tags(connection)) == (0, [])


def test_after_sqlite_rolled_back_by_itself_nothing_more_is_written(tmp_path):
    """디스크가 가득 차면 SQLite는 스스로 롤백하기도 합니다. 오류를 삼켜도 반쪽이 남지 않습니다."""
    with Log(tmp_path / "log") as log, Database.open(tmp_path / "posts.db", log=log) as database:
        connection = database.connection
        connection.define("CREATE TABLE notes (text TEXT)", "PRAGMA max_page_count = 10")
        note = partial(connection.run, "INSERT INTO notes VALUES (?)", ("가" * 1000,))
        small = partial(database.insert_post, "김", "나")
        with pytest.raises(StorageFailure, match="이미 롤백"):
            in_one(database.transaction, small, *[partial(swallow, note)] * 20, small)
        assert (database.count(), log.end) == (0, 0)
        assert small().id == 1


def swallow(write):
    with suppress(LabError):
        write()


def test_a_table_without_a_journal_leaves_no_record(connection):
    with connection.transaction():
        add(connection, "맛집")
    assert changes(connection.log) == []


# ── 두 서버에서 문법이 다른 일 ──


def test_altering_keeps_rows_numbers_and_indexes(connection):
    database = Database(connection)
    first, last = database.insert_posts([("김", "가"), ("이", "나")])
    database.delete(last.id)
    with connection.transaction():
        connection.alter("posts", {"text": "TEXT", "body": "TEXT"})
    assert sorted(connection.columns("posts")) == ["author", "body", "deleted", "id", "text"]
    assert connection.run("SELECT id, author, text, body FROM posts")[0] == [(1, "김", "가", None)]
    with connection.transaction():
        connection.run("UPDATE posts SET body = text")
        connection.alter("posts", {"text": None, "body": "TEXT NOT NULL"})
    assert "text" not in connection.columns("posts")
    with pytest.raises(LabError):
        connection.run("UPDATE posts SET body = NULL")
    with connection.transaction():
        connection.alter("posts", {"body": None, "text": "TEXT"})
    assert database.insert_post("박", "다").id == last.id + 1
    assert first.deleted is database.posts()[-1].deleted is False
    with pytest.raises(LabError, match="already exists"):  # 색인도 따라왔습니다
        connection.define("CREATE INDEX posts_by_author ON posts (author, id)")


def test_an_alteration_that_fails_changes_nothing(connection):
    database = Database(connection)
    database.insert_post("김", "가")
    alter = partial(connection.alter, "posts")
    with pytest.raises(LabError):
        in_one(
            connection.transaction,
            partial(alter, {"body": "TEXT"}),
            partial(alter, {"body": "TEXT NOT NULL"}),
        )
    assert "body" not in connection.columns("posts")
    assert database.count() == 1


def test_definitions_are_not_counted_as_queries(connection):
    assert connection.queries == 0
    add(connection, "맛집")
    assert connection.queries == 1


def test_a_snapshot_inside_a_transaction_is_refused(connection, tmp_path):
    """아직 롤백될 수 있는 쓰기까지 담으면, 로그의 어디까지인지 말할 수 없습니다."""
    database = Database(connection)
    snapshot = database.snapshot(tmp_path / "snap")
    with database.transaction():
        for call in (
            lambda: database.snapshot(tmp_path / "other"),
            lambda: database.load_snapshot(snapshot),
        ):
            with pytest.raises(InvalidValue, match="트랜잭션이 끝나지"):
                call()
    assert not (tmp_path / "other").exists()


# ── 연결과 오류 ──


@pytest.mark.parametrize("target", ["", 3, None, "mysql://a:pw@b/c"])
def test_an_unknown_target_is_refused(target):
    with pytest.raises(InvalidValue) as caught:
        Database.open(target)
    assert "pw" not in str(caught.value)


def test_a_missing_folder_and_a_wrong_file_are_explained(tmp_path):
    with pytest.raises(StorageFailure, match="폴더가 없거나"):
        Database.open(tmp_path / "no" / "posts.db")
    (tmp_path / "text.db").write_text("나는 데이터베이스가 아닙니다. " * 100)
    with pytest.raises(StorageFailure, match="SQLite 파일이 아님"):
        Database.open(tmp_path / "text.db")


def test_a_read_only_file_is_explained(tmp_path):
    with Database.open(tmp_path / "posts.db") as database:
        database.connection.define("PRAGMA query_only = ON")
        with pytest.raises(StorageFailure, match="읽기 전용"):
            database.insert_post("김", "가")


def test_connection_refused_names_the_address_but_not_the_password():
    with pytest.raises(BackendUnavailable) as caught:
        Database.open("postgresql://kim:s3cret@127.0.0.1:1/posts")
    assert "127.0.0.1:1" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://kim:p@ss:w0rd@127.0.0.1:1/x",
        "postgresql://kim:pa/ss%@127.0.0.1:1/x",
        "postgresql://127.0.0.1:1/x?user=kim&password=p%40ssw0rd",
        "postgresql://kim:p%20ss@127.0.0.1:port/x",
    ],
)
def test_no_spelling_of_a_password_is_printed(url):
    with pytest.raises(LabError) as caught:
        Database.open(url)
    assert not re.search(r"p@ss|ss:w0|pa/ss|p%40|p%20|p ss", str(caught.value))


def test_hide_password_in_any_text():
    url = "postgresql://kim:s3cret@host/x"
    assert hide_password(url) == "postgresql://kim:***@host/x"
    assert hide_password("s3cret was wrong", url) == "*** was wrong"
    assert hide_password("postgresql://kim@host/x") == "postgresql://kim@host/x"


def test_a_dead_postgres_is_explained(postgres_url):  # noqa: F811
    database = Database.open(postgres_url, schema="temporary")
    killer = Database.open(postgres_url, schema="temporary")
    pid = database.connection._driver.info.backend_pid
    killer.connection.define(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(BackendUnavailable, match=r"127\.0\.0\.1"):
        database.count()
    killer.close()


@pytest.fixture(params=["SQL_ASCII", "EUC_KR", "LATIN1"])
def encoded(request, postgres_url):  # noqa: F811
    """(인코딩이 UTF8이 아닌 데이터베이스의 주소, 그 인코딩)."""
    with closing(psycopg.connect(postgres_url, autocommit=True)) as driver:
        driver.execute(
            f"CREATE DATABASE encoded ENCODING '{request.param}' LOCALE 'C' TEMPLATE template0"
        )
        yield postgres_url.replace("/postgres", "/encoded"), request.param
        driver.execute("DROP DATABASE encoded")


def test_letters_stay_letters_in_any_encoding(encoded):
    """LANG=C로 만든 서버의 데이터베이스는 SQL_ASCII입니다. 담지 못하는 것은 그렇게 말합니다."""
    url, encoding = encoded
    with closing(Database.open(url, schema="temporary")) as database:
        if encoding == "LATIN1":
            with pytest.raises(BackendUnavailable, match="LATIN1에 없는 글자"):
                database.insert_post("홍길동", "안녕")
        else:
            database.insert_post("홍길동", "안녕")
            assert [post.text for post in database.posts()] == ["안녕"]
    found = postgres_address.check(url)
    assert (found.level == GOOD) == (encoding != "LATIN1"), found


def test_a_schema_name_cannot_smuggle_sql(postgres_url):  # noqa: F811
    with pytest.raises(InvalidValue):
        Database.open(postgres_url, schema="x; DROP SCHEMA public")


def test_two_that_make_the_same_table_at_once_both_succeed(postgres_url):  # noqa: F811
    """PostgreSQL은 IF NOT EXISTS를 함께 실행하면 한쪽을 거절합니다. 그래서 하나씩 만듭니다."""
    made = "CREATE TABLE IF NOT EXISTS {} (id BIGINT)"
    with (
        closing(connect(postgres_url, schema="temporary")) as one,
        closing(connect(postgres_url, schema=one.schema)) as other,
    ):
        racing = threading.Thread(target=other.define, args=(made.format(other.table("ours")),))
        with one.transaction():
            one.define(f"SELECT pg_advisory_xact_lock({LOCK})", made.format(one.table("ours")))
            racing.start()
            wait_until(lambda: waits(postgres_url), "다른 쪽이 차례를 기다림")
        racing.join(BOUND)
        assert other.run(f"SELECT count(*) FROM {other.table('ours')}")[0] == [(0,)]


def waits(url):
    with psycopg.connect(url) as driver:
        sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
        return driver.execute(sql).fetchone()[0]
