"""풀러(pgbouncer, 트랜잭션 방식)를 거쳐도 독자의 테이블은 읽히지도 고쳐지지도 않습니다."""

import os
import re
import subprocess
import sys
from contextlib import suppress

import psycopg
import pytest

from answering import answering
from ddialab.blocks.database import Database
from ddialab.blocks.log import Log
from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.posts import Post
from ddialab.core.errors import BackendUnavailable, InvalidValue, LabError
from postgres_server import bouncer, pooled, postgres_url  # noqa: F401
from statement_names import strangers
from suite.effort import trials
from waiting import BOUND, wait_until

ROUNDS = trials(100)


@pytest.fixture
def database(pooled, tmp_path):  # noqa: F811
    with (
        Log(tmp_path / "log", fsync="none") as log,
        Database.open(pooled.url, log=log, schema="temporary") as database,
    ):
        yield database


def every_operation(posts, folder):
    """저장소의 일 하나씩을, 앞의 답에 이어서."""
    first = posts.insert_post("김", "100% '안녕'? :id")
    yield first
    yield posts.insert_posts([("이", "나"), ("김", "탭\t줄\n\\N")])
    yield posts.post(first.id), posts.posts("김", 3, newest_first=True), posts.count()
    yield posts.update(first.id, "고침"), posts.delete(first.id + 1)
    yield posts.mark_deleted(True, "id = ?", [first.id]), posts.count(include_deleted=True)
    snapshot = posts.snapshot(folder / "snap")
    posts.load([Post(first.id + 2, "박", "옮긴 글")])
    with posts.transaction():
        posts.insert_post("최", "함께")
        yield posts.count()
    copy = posts.sibling("copy")
    copy.load_snapshot(snapshot)
    yield copy.posts(include_deleted=True), copy.insert_post("김", "복사본의 글")
    copy.drop()
    yield posts.execute("DELETE FROM posts"), posts.posts(include_deleted=True)


@pytest.mark.proof(tried=ROUNDS)
def test_every_operation_stays_in_our_schema(pooled, database, tmp_path):  # noqa: F811
    """데워 둔 연결들로 저장소의 모든 일을 되풀이합니다"""
    before, memory = len(pooled.statements()), MemoryPosts()
    folders = [tmp_path / "sql", tmp_path / "memory"]
    for folder in folders:
        folder.mkdir()
    for _ in range(ROUNDS):
        real, model = every_operation(database, folders[0]), every_operation(memory, folders[1])
        for seen, expected in zip(real, model, strict=True):
            assert seen == expected
    backends = {database.connection.run("SELECT pg_backend_pid()")[0][0][0] for _ in range(8)}
    assert len(backends) > 1, "연결 하나만 쓴 것은 풀러를 거친 것이 아닙니다"
    sent = pooled.statements()[before:]
    assert strangers(sent) == {"DELETE FROM posts"}, "스키마 없이 보낸 것은 독자가 친 문장뿐입니다"
    assert pooled.touched() == 0


def test_the_table_of_the_reader_tells_when_it_is_touched(pooled):  # noqa: F811
    """대조군: 예전처럼 세션의 search_path를 믿으면 독자의 테이블을 읽습니다."""
    with psycopg.connect(pooled.direct, autocommit=True) as driver:
        seen = pooled.touched()
        assert driver.execute("SELECT count(*) FROM posts").fetchone()[0] == 1000
    assert pooled.touched() > seen
    assert strangers(["SELECT 1 FROM posts", "SELECT 1 FROM ddialab_a.posts"]) == {
        "SELECT 1 FROM posts"
    }


def test_a_name_that_only_a_stranger_has_is_refused(database):
    """풀러가 준 연결에 남의 임시 테이블이 있어도 그리로 새지 않습니다."""
    for _ in range(8):
        with pytest.raises(InvalidValue, match=r"strangers"):
            database.execute("DELETE FROM strangers")


@pytest.mark.parametrize(
    "sql",
    [
        "COMMIT",
        "SET search_path TO public",
        " rollback",
        "DISCARD ALL",
        "CREATE TEMP TABLE a (b int)",
    ],
)
def test_a_statement_that_would_stay_on_the_connection_is_refused(database, sql):
    with database.transaction():
        database.insert_post("김", "가")
        with pytest.raises(InvalidValue, match="연결의 상태"):
            database.connection.run(sql)
    assert database.count() == 1


def test_a_commit_in_disguise_ends_the_work_not_the_borders(database):
    with suppress(LabError), database.transaction():
        database.connection.run("/* 몰래 */ COMMIT")
        with pytest.raises(BackendUnavailable, match="도중에 끝나"):
            database.execute("DELETE FROM posts")


def test_a_schema_that_vanished_is_not_looked_for_elsewhere(pooled, database):  # noqa: F811
    with psycopg.connect(pooled.direct, autocommit=True) as driver:
        driver.execute(f"DROP SCHEMA {database.connection.schema} CASCADE")
    seen = pooled.touched()
    with pytest.raises(BackendUnavailable, match="없어졌습니다"):
        database.execute("DELETE FROM posts")
    with pytest.raises(BackendUnavailable, match="없어졌습니다"):
        database.count()
    assert pooled.touched() == seen


def test_a_schema_of_somebody_else_is_refused(pooled):  # noqa: F811
    with psycopg.connect(pooled.direct, autocommit=True) as driver:
        driver.execute("CREATE SCHEMA mine")
        with pytest.raises(InvalidValue, match=r"mine.*만든 것이 아닙니다"):
            Database.open(pooled.url, schema="mine")
        tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'mine'"
        assert driver.execute(tables).fetchone() == (0,)
        driver.execute("DROP SCHEMA mine")


def test_two_at_once_do_not_see_each_other(pooled):  # noqa: F811
    """같은 실습을 한 서버에서 둘이 함께 실행해도 저마다의 글만 봅니다."""
    open_one = lambda: Database.open(pooled.url, schema="temporary")  # noqa: E731
    with open_one() as first, open_one() as second:
        first.insert_post("김", "가")
        assert second.execute("DELETE FROM posts") == 0
        assert first.count() == 1
        left = {first.connection.schema, second.connection.schema}
        assert left <= pooled.schemas()
    assert not left & pooled.schemas()


HOLD = (
    "import sys; from ddialab.blocks.database import Database\n"
    "database = Database.open(sys.stdin.readline().strip(), schema='temporary')\n"
    "print(database.connection.schema, flush=True)\n"
    "sys.stdin.readline()\n"
)


def holder(url):
    """임시 스키마를 붙들고 있는 다른 프로세스와 그 스키마."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    process.stdin.write(url + "\n")
    process.stdin.flush()
    return process, process.stdout.readline().strip()


def test_what_a_killed_kernel_left_goes_and_what_is_in_use_stays(pooled):  # noqa: F811
    (killed, left), (alive, used) = holder(pooled.url), holder(pooled.url)
    killed.kill()
    killed.wait()
    assert {left, used} <= pooled.schemas()
    with Database.open(pooled.url, schema="temporary"):
        assert left not in pooled.schemas()
        assert used in pooled.schemas(), "아직 쓰는 것은 지우지 않습니다"
    alive.communicate("끝\n", timeout=BOUND)
    wait_until(lambda: used not in pooled.schemas(), "끝난 프로세스의 스키마가 사라짐")


def test_a_forked_child_does_not_drop_what_its_parent_uses(pooled):  # noqa: F811
    with Database.open(pooled.url, schema="temporary") as database:
        child = os.fork()
        if child == 0:
            database.connection._discard()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert database.connection.schema in pooled.schemas()


def test_the_table_of_the_reader_is_as_it_was(pooled):  # noqa: F811
    assert pooled.rows()[0] == 1000
    assert re.fullmatch(r"[0-9a-f]{32}", pooled.rows()[1])


# ── 거절마다 까닭 하나 ──


def refused(url):
    with pytest.raises(BackendUnavailable) as caught:
        Database.open(url, schema="temporary")
    assert "s3cret" not in str(caught.value)
    return caught.value


def test_a_role_that_may_not_create_a_schema_is_told_how(pooled, postgres_url):  # noqa: F811
    with psycopg.connect(postgres_url, autocommit=True) as driver:
        driver.execute(f"CREATE ROLE guest_{pooled.name} LOGIN")
    error = refused(pooled.direct.replace("//reader", "//guest_reader", 1))
    assert "권한이 없습니다" in error.problem
    assert "GRANT CREATE ON DATABASE" in error.todo


def test_a_read_only_server_is_not_a_full_disk(pooled):  # noqa: F811
    error = refused(pooled.direct + "?options=-cdefault_transaction_read_only%3Don")
    assert "읽기만 받는" in error.problem


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("/reader", "/nobody"), "데이터베이스가 없습니다"),
        (("//reader", "//nobody"), "사용자가 없습니다"),
        (("127.0.0.1", "no-such-host.invalid"), "호스트를 찾지"),
    ],
)
def test_what_the_server_says_before_connecting(pooled, change, why):  # noqa: F811
    old, new = change
    head, _, tail = (
        pooled.direct.rpartition(old) if old == "/reader" else pooled.direct.partition(old)
    )
    assert why in refused(head + new + tail).problem


def test_an_option_that_the_pooler_refuses_is_named(pooled):  # noqa: F811
    assert "옵션" in refused(pooled.url + "?options=-csearch_path%3Dpublic").problem


def test_a_port_of_another_server(pooled):  # noqa: F811
    with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (port, _):
        error = refused(f"postgresql://u:s3cret@127.0.0.1:{port}/d")
    assert "PostgreSQL이 아닌" in error.problem


def test_a_pooler_that_changes_connections_within_a_transaction_is_refused(pooled, postgres_url):  # noqa: F811
    with bouncer(pooled.name, postgres_url.port, mode="statement") as port:
        error = refused(f"postgresql://{pooled.name}:s3cret@127.0.0.1:{port}/{pooled.name}")
    assert "pool_mode=statement" in error.problem
    assert pooled.schemas() == set()
