import json
import os
import sqlite3
import subprocess
import threading

import pytest

from ddialab.blocks.database import Database, Post
from ddialab.blocks.log import Log
from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.postgres import Postgres
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError, StorageFailure
from postgres_server import postgres_url  # noqa: F401
from suite.effort import some


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def database(request, tmp_path):
    """어디에 담든 똑같이 굴어야 합니다."""
    with Log(tmp_path / "posts.log", fsync="none") as log:
        database = opened(request, tmp_path, log)
        yield database
        database.drop()


@pytest.fixture(params=["sqlite", "postgres"])
def sql_database(request, tmp_path):
    """SQL 문장이 있어야 하는 테스트에서."""
    with Log(tmp_path / "posts.log", fsync="none") as log:
        database = opened(request, tmp_path, log)
        yield database
        database.drop()


def opened(request, tmp_path, log):
    if request.param == "memory":
        return MemoryPosts(log=log)
    target = tmp_path / "posts.db"
    if request.param == "postgres":
        target = request.getfixturevalue("postgres_url")
    return Database.open(target, log=log)


def changes(database):
    return [change for record in database.log.read() for change in json.loads(record.payload)]


def test_a_post_is_read_back_as_written(database):
    post = database.insert_post("김", "100% '안녕'? :id")
    assert database.post(post.id) == post == Post(post.id, "김", "100% '안녕'? :id")
    assert database.post(post.id + 1) is None


def test_posts_filter_order_and_limit(database):
    a, b, c = database.insert_posts([("김", "가"), ("이", "나"), ("김", "다")])
    assert database.posts() == [a, b, c]
    assert database.posts("김", limit=1, newest_first=True) == [c]
    assert database.posts("박") == []
    assert database.posts(limit=0) == []


def test_update_and_delete_touch_one_post(database):
    a, b = database.insert_posts([("김", "가"), ("이", "나")])
    assert database.update(a.id, "고침") == Post(a.id, "김", "고침")
    assert database.delete(b.id) is True
    assert database.delete(b.id) is False
    assert database.update(b.id, "없음") is None
    assert database.count() == 1


def test_hidden_posts_are_invisible_and_come_back(database):
    a, b, _ = database.insert_posts([("김", "가"), ("김", "나"), ("이", "다")])
    assert database.mark_deleted(True, "author = ?", ["김"]) == [a.id, b.id]
    assert database.post(a.id) is None
    assert database.update(a.id, "가려진 글") is None
    assert database.count() == 1
    assert len(database.posts(include_deleted=True)) == 3
    assert database.mark_deleted(False, "id = ?", [a.id]) == [a.id]
    assert database.post(a.id) == a


def test_deleted_ids_are_never_used_again(database):
    """번호를 다시 쓰면 복구할 때 뒤의 글이 앞의 글을 덮어씁니다."""
    last = database.insert_posts([("김", "가")] * 3)[-1]
    assert database.execute("DELETE FROM posts") == 3
    assert database.insert_post("김", "나").id > last.id


def test_load_keeps_ids_and_later_inserts_do_not_collide(database):
    database.load([Post(7, "김", "가"), Post(7, "김", "고침", True)])
    assert database.posts(include_deleted=True) == [Post(7, "김", "고침", True)]
    assert database.insert_post("김", "나").id == 8


def test_snapshot_is_a_moment_and_loads_into_a_sibling(database, tmp_path):
    before = database.insert_posts([("김", "탭\t줄\n\\N"), ("이", "나")])
    snapshot = database.snapshot(tmp_path / "snap")
    database.insert_post("김", "스냅샷 뒤")
    assert snapshot.offset == 1
    copy = database.sibling("copy")
    copy.insert_post("아무", "덮어쓰일 글")
    copy.load_snapshot(snapshot)
    assert copy.posts() == before
    assert copy.insert_post("김", "새 글").id == 3
    assert database.count() == 3
    copy.drop()


def test_siblings_never_overwrite_each_other(database):
    """두 번째 복구가 첫 번째 복구로 살려 낸 데이터베이스를 지우면 안 됩니다."""
    first = database.sibling("restored")
    kept = first.insert_post("김", "살려 낸 글")
    second, third = database.sibling("restored"), first.sibling("restored")
    assert first.posts() == [kept]
    assert second.posts() == third.posts() == []
    for copy in (third, second, first):
        copy.drop()


def test_the_log_gets_every_change_and_only_changes(database):
    post = database.insert_post("김", "가")
    database.update(post.id, "나")
    database.update(99, "없는 글")
    database.mark_deleted(True, "TRUE")
    database.delete(post.id)
    database.delete(post.id)
    database.execute("DELETE FROM posts")
    database.posts()
    assert [change["op"] for change in changes(database)] == ["put", "put", "put", "delete", "sql"]
    assert changes(database)[0]["post"] == [post.id, "김", "가", False]
    assert changes(database)[4]["sql"] == "DELETE FROM posts"


def test_a_write_whose_log_record_fails_did_not_happen(database, monkeypatch):
    def full(payload):
        raise StorageFailure("가득 참")

    kept = database.insert_post("김", "가")
    monkeypatch.setattr(database.log, "append", full)
    with pytest.raises(StorageFailure):
        database.insert_post("김", "나")
    with pytest.raises(StorageFailure):
        database.execute("DELETE FROM posts")
    monkeypatch.undo()
    assert database.posts() == [kept]
    assert len(changes(database)) == 1


def test_a_write_whose_commit_fails_leaves_no_log_record(sql_database, monkeypatch):
    connection = sql_database.connection
    send = connection._send

    def broken(sql, parameters=()):
        if sql == "COMMIT":
            raise connection._driver_error("commit failed")
        return send(sql, parameters)

    monkeypatch.setattr(connection, "_send", broken)
    with pytest.raises(LabError):
        sql_database.insert_posts([("김", "가"), ("김", "나")])
    monkeypatch.undo()
    assert sql_database.count() == 0
    assert changes(sql_database) == []


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE posts SET text = text || random()", "난수"),
        ("UPDATE posts SET text = CURRENT_TIMESTAMP", "지금 시각"),
        ("UPDATE posts SET text = datetime('now')", "지금 시각"),
        ("DELETE FROM posts WHERE id IN (SELECT id FROM posts LIMIT 2)", "차례 없는 LIMIT"),
    ],
)
def test_a_statement_that_replays_differently_is_refused(sql_database, sql, why):
    """재생해서 다른 값이 나오면 복구한 것이 원본과 다릅니다. 로그가 없으면 막지 않습니다."""
    sql_database.insert_posts([("김", "하나"), ("이", "둘"), ("박", "셋")])
    before = sql_database.posts()
    with pytest.raises(InvalidValue, match=why):
        sql_database.execute(sql)
    assert (sql_database.posts(), sql_database.log.end) == (before, 1)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM posts WHERE text LIKE '%random() limit now()%'",
        "DELETE FROM posts WHERE id IN (SELECT id FROM posts ORDER BY id LIMIT 2)",
    ],
)
def test_a_steady_statement_is_logged(sql_database, sql):
    sql_database.insert_posts([("김", "하나"), ("이", "둘"), ("박", "셋")])
    sql_database.execute(sql)
    assert sql_database.log.end == 2


def test_a_batch_is_all_or_nothing(database):
    with pytest.raises(InvalidValue):
        database.insert_posts([("김", "가"), ("김", "")])
    assert database.count() == 0


def test_a_batch_is_one_record_so_a_torn_log_cannot_split_it(database):
    database.insert_posts([("김", "가")] * 3)
    assert database.log.end == 1
    assert len(changes(database)) == 3


def test_queries_count_statements_that_reach_the_database(database):
    database.insert_posts([("김", "가")] * 3)
    assert database.queries == 3
    database.post(1)
    database.posts()
    assert database.queries == 5


def test_threads_share_one_database(sql_database):
    threads = [
        threading.Thread(target=lambda: [sql_database.insert_post("김", "가") for _ in range(20)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sql_database.count() == sql_database.queries - 1 == len(changes(sql_database)) == 80


@pytest.mark.parametrize(
    "sql", ["DELETE FROM nope", "DELETE", "", "DELETE FROM posts; DROP TABLE posts", 7]
)
def test_bad_sql_is_explained_and_changes_nothing(database, sql):
    database.insert_post("김", "가")
    with pytest.raises(InvalidValue, match=r"SQL|sql"):
        database.execute(sql)
    assert database.count() == 1
    assert len(changes(database)) == 1


@pytest.mark.parametrize("text", ["", None, 3, "가" * 10_001, "NUL\0"])
def test_bad_text_is_refused(database, text):
    with pytest.raises(InvalidValue, match="문자열"):
        database.insert_post("김", text)
    assert database.count() == 0


@pytest.mark.parametrize("id", ["1", None, 1.0, True])
def test_an_id_must_be_an_integer(database, id):
    with pytest.raises(InvalidValue, match="정수"):
        database.post(id)


def test_a_closed_database_says_so(database):
    database.close()
    database.close()
    for use in (database.count, lambda: database.insert_post("김", "가")):
        with pytest.raises(BackendUnavailable):
            use()
    if isinstance(database.connection, Postgres):  # 스키마를 지우려면 연결이 있어야 합니다
        database.connection = Postgres(database.connection._url)


def test_a_full_disk_loses_nothing_that_was_acknowledged(tmp_path):
    with Database.open(tmp_path / "posts.db", log=Log(tmp_path / "log")) as database:
        database.connection._send(
            "PRAGMA max_page_count = 10"
        )  # SQLite가 가득 찬 디스크처럼 굽니다
        acknowledged = []
        with pytest.raises(StorageFailure, match="가득 참"):
            acknowledged.extend(database.insert_post("김", "가" * 1000) for _ in range(100))
        assert database.posts() == acknowledged
        assert database.log.end == len(acknowledged) > 0
        database.delete(1)
        database.log.close()


def test_a_failed_snapshot_leaves_the_old_one(tmp_path, monkeypatch):
    with Database.open(tmp_path / "posts.db") as database:
        database.insert_post("김", "가")
        old = database.snapshot(tmp_path / "snap").path.read_bytes()
        with pytest.raises(StorageFailure):
            database.snapshot(tmp_path / "no" / "snap")

        def fail(path, *_):
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(database.connection, "copy_out", fail)
        with pytest.raises(StorageFailure):
            database.snapshot(tmp_path / "snap")
        assert (tmp_path / "snap").read_bytes() == old
        assert not (tmp_path / "snap.partial").exists()


def test_a_missing_snapshot_is_explained(sql_database, tmp_path):
    snapshot = sql_database.snapshot(tmp_path / "snap")
    snapshot.path.unlink()
    with pytest.raises(StorageFailure, match="snap"):
        sql_database.load_snapshot(snapshot)


@pytest.mark.proof
@pytest.mark.parametrize("written", some(range(1, 61, 2)))
def test_sqlite_survives_kill_9(tmp_path, written):
    """답한 쓰기는 프로세스가 죽어도 남습니다."""
    script = (
        "import os, sys; from ddialab.blocks.database import Database\n"
        "database = Database.open(sys.argv[1])\n"
        "for n in range(int(sys.argv[2])): database.insert_post('김', str(n))\n"
        "print(n + 1, flush=True); os.kill(os.getpid(), 9)"
    )
    done = run_python(script, tmp_path / "posts.db", written)
    assert done.stdout.strip() == str(written)
    with Database.open(tmp_path / "posts.db") as database:
        assert database.count() == written


def run_python(script, *arguments):
    import sys

    argv = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, check=False)


def test_a_temporary_schema_leaves_nothing_behind(postgres_url, tmp_path):  # noqa: F811
    with Database.open(postgres_url, schema="temporary") as database:
        database.insert_post("김", "가")
        copy = database.sibling("copy")
        copy.load_snapshot(database.snapshot(tmp_path / "snap"))
        assert copy.count() == 1
        copy.drop()
    with Database.open(postgres_url, schema="temporary") as database:
        assert database.count() == 0


def test_memory_database_copies_without_files(tmp_path):
    os.chdir(tmp_path)
    with Database.open(":memory:") as database:
        database.insert_post("김", "가")
        with database.sibling("copy") as copy:
            copy.load_snapshot(database.snapshot(tmp_path / "snap"))
            assert copy.count() == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["snap"]
    assert sqlite3.connect(tmp_path / "snap").execute("SELECT count(*) FROM posts").fetchone()[0]
