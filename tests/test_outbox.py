"""아웃박스: 쓰기와 함께 남거나 함께 사라지고, 쓴 차례대로 나옵니다. 바뀐 것(`Change`)의 왕복도."""

import sqlite3
import threading
from contextlib import closing
from functools import partial

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from composing import database, postgres_url, service  # noqa: F401
from ddialab.blocks.database import Database
from ddialab.blocks.posts import Post
from ddialab.service.change import DELETE, EDIT, FOLLOW, PUBLISH, Change, change_of, decode
from ddialab.service.outbox import outbox_of
from suite.effort import fuzz
from waiting import BOUND, wait_until


@fuzz(500)
@given(st.sampled_from([PUBLISH, EDIT, DELETE, FOLLOW]), st.integers(0), st.text(), st.text())
def test_a_change_comes_back_as_it_was(kind, id, author, text):
    change = Change(kind, id, author, text)
    assert decode(change.encode()) == change


def test_a_deleted_post_leaves_no_text():
    post = Post(3, "김", "지운 글 #태그")
    assert change_of(DELETE, post) == Change(DELETE, 3, "김", "")
    assert change_of(EDIT, post).post == post


def test_events_come_out_in_the_order_they_were_written(database):  # noqa: F811
    outbox = outbox_of(database.connection)
    assert outbox.first() is None
    with database.transaction():
        for change in "가나다":
            outbox.add(change)
    seen = []
    while (found := outbox.first()) is not None:
        assert outbox.first() == found, "지우기 전에는 그대로 있습니다"
        seen.append(found[1])
        outbox.remove(found[0])
    assert seen == ["가", "나", "다"]
    assert len(outbox) == 0


def test_numbers_are_not_used_again(database):  # noqa: F811
    """번호를 다시 쓰면, 옮기고 지우려던 사건 대신 새 사건을 지웁니다."""
    outbox, numbers = outbox_of(database.connection), []
    for change in "가나":
        with database.transaction():
            outbox.add(change)
        numbers.append(outbox.first()[0])
        outbox.remove(numbers[-1])
    assert numbers[0] < numbers[1]


def test_the_event_and_the_write_stand_or_fall_together(database):  # noqa: F811
    outbox = outbox_of(database.connection)

    def fail():
        with database.transaction():
            database.insert_post("김", "글")
            outbox.add("글을 씀")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert len(outbox) == 0
    assert database.count() == 0
    with database.transaction():
        database.insert_post("김", "글")
        outbox.add("글을 씀")
    assert len(outbox) == database.count() == 1


@pytest.fixture(params=["sqlite", "postgres"])
def connect(request, tmp_path):
    """같은 데이터베이스에 연결 하나를 더 여는 함수."""
    if request.param == "sqlite":
        yield partial(Database.open, tmp_path / "posts.db")
        return
    with Database.open(request.getfixturevalue("postgres_url"), schema="temporary") as first:
        yield partial(Database.open, first.connection._url, schema=first.connection.schema)


def test_two_connections_write_and_a_third_reads(connect):
    with connect() as one, connect() as other, connect() as third:
        for database, change in ((one, "가"), (other, "나"), (one, "다")):
            with database.transaction():
                outbox_of(database.connection).add(change)
        outbox, seen = outbox_of(third.connection), []
        while (found := outbox.first()) is not None:
            seen.append(found[1])
            outbox.remove(found[0])
    assert seen == ["가", "나", "다"]


@pytest.fixture
def two(postgres_url):  # noqa: F811
    """PostgreSQL의 같은 스키마에 연 연결 둘."""
    with (
        Database.open(postgres_url, schema="temporary") as one,
        Database.open(postgres_url, schema=one.connection.schema) as other,
    ):
        yield one, other


def test_a_number_that_commits_late_is_not_skipped(two):
    """PostgreSQL의 번호는 커밋하기 전에 정해집니다. 뒤의 것을 먼저 옮겼어도 앞의 것이 나옵니다."""
    early, late = (outbox_of(each.connection) for each in two)
    with two[0].transaction():
        early.add("번호가 앞")
        late.add("먼저 커밋")
        id, change = late.first()
        assert change == "먼저 커밋"
        late.remove(id)
    assert late.first()[1] == "번호가 앞"


def test_edits_of_one_post_are_numbered_in_the_order_of_their_commits(two, postgres_url):  # noqa: F811
    """같은 글을 고치는 트랜잭션은 서로를 기다리므로, 아웃박스의 번호도 커밋한 차례입니다."""
    one, other = two
    post, outbox = one.insert_post("김", "처음"), outbox_of(one.connection)
    racing = threading.Thread(target=service("outbox", other).edit, args=(post.id, "나중"))
    with one.transaction():
        one.update(post.id, "먼저")
        racing.start()
        wait_until(lambda: waiting_for_a_lock(postgres_url), "다른 트랜잭션이 기다림")
        outbox.add(Change(EDIT, post.id, "김", "먼저").encode())
    racing.join(BOUND)
    seen = []
    while (found := outbox.first()) is not None:
        seen.append(decode(found[1]).text)
        outbox.remove(found[0])
    assert seen == ["먼저", "나중"]
    assert one.post(post.id).text == "나중"


def waiting_for_a_lock(url):
    with psycopg.connect(url) as driver:
        return driver.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]


def test_a_transaction_that_reads_first_has_its_turn_to_write(tmp_path):
    """SQLite에서 읽고 나서 쓰려는 트랜잭션은, 그사이 남이 썼으면 기다리지도 못하고 실패합니다."""
    path = tmp_path / "posts.db"
    with Database.open(path) as database:  # noqa: F811
        post = database.insert_post("김", "처음")
        with database.transaction(), closing(sqlite3.connect(path, timeout=0)) as other:
            assert database.post(post.id).text == "처음"
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("UPDATE posts SET text = '남의 것'")
            database.update(post.id, "내 것")
        assert database.post(post.id).text == "내 것"
