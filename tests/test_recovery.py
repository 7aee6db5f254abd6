import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.database import Database, Post, Snapshot
from ddialab.blocks.log import Log
from ddialab.blocks.memory import MemoryPosts
from ddialab.core.errors import InvalidValue, StorageFailure
from ddialab.ops.recovery import (
    Statement,
    execute_within,
    lost_writes,
    offset_at,
    rehearse,
    restore,
    statements,
    undelete,
)
from postgres_server import postgres_url  # noqa: F401
from suite.effort import fuzz

MISTAKE = "DELETE FROM posts"
TEXTS = [("김", f"글 {n}") for n in range(5)]


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def database(request, tmp_path):
    """복구는 어디에 담든 똑같아야 합니다."""
    ticks = iter(range(10_000))
    with Log(tmp_path / "log", fsync="none", clock=lambda: float(next(ticks))) as log:
        if request.param == "memory":
            database = MemoryPosts(log=log)
        else:
            target = tmp_path / "posts.db"
            if request.param == "postgres":
                target = request.getfixturevalue("postgres_url")
            database = Database.open(target, log=log)
        yield database
        database.drop()


@pytest.fixture
def accident(database, tmp_path):
    """글 다섯 → 스냅샷 → 글 다섯 → 전부 삭제 → 글 다섯. 답한 글 열다섯을 돌려줍니다."""
    posts = [database.insert_post(*text) for text in TEXTS]
    snapshot = database.snapshot(tmp_path / "snap")
    posts += [database.insert_post(*text) for text in TEXTS]
    database.execute(MISTAKE)
    posts += [database.insert_post(*text) for text in TEXTS]
    return database, snapshot, posts


def test_without_any_backup_the_control_loses_everything_before_the_mistake(accident):
    database, _, posts = accident
    assert lost_writes(posts, database) == posts[:10]


def test_a_snapshot_alone_loses_what_came_after_it(accident):
    database, snapshot, posts = accident
    restored = restore(database, snapshot)
    assert lost_writes(posts, restored) == posts[5:]
    restored.drop()


def test_replay_up_to_the_mistake_loses_what_came_after_the_mistake(accident):
    database, snapshot, posts = accident
    [mistake] = statements(database.log)
    restored = restore(database, snapshot, database.log, until=mistake.offset)
    assert lost_writes(posts, restored) == posts[10:]
    restored.drop()


def test_replay_without_the_mistake_loses_nothing(accident):
    database, snapshot, posts = accident
    [mistake] = statements(database.log)
    restored = restore(database, snapshot, database.log, skip={mistake.offset})
    assert restored.posts() == posts
    assert restored.insert_post("이", "복구 뒤").id == posts[-1].id + 1
    restored.drop()


def test_replay_of_everything_repeats_the_mistake(accident):
    """건너뛰지 않으면 실수까지 되살아납니다. 복제본이 도움이 안 되는 까닭입니다."""
    database, snapshot, posts = accident
    restored = restore(database, snapshot, database.log)
    assert restored.posts() == posts[10:]
    restored.drop()


def test_recovery_never_touches_the_damaged_original(accident):
    database, snapshot, posts = accident
    restore(database, snapshot, database.log, skip={10}).drop()
    assert database.posts() == posts[10:]
    assert database.log.end == 16


def test_a_second_accident_after_the_first_recovery(accident, tmp_path):
    """서비스를 복구본으로 옮긴 뒤 또 실수해도 그 복구본 옆에 되살립니다."""
    database, snapshot, posts = accident
    first = restore(database, snapshot, database.log, skip={10})
    first.log = database.log
    again = first.snapshot(tmp_path / "again")
    posts.append(first.insert_post("이", "새 글"))
    first.execute(MISTAKE)
    second = restore(first, again, first.log, skip={statements(first.log)[-1].offset})
    assert second.posts() == posts
    assert first.posts() == []
    second.drop()
    first.drop()


def test_statements_find_the_mistake_with_its_time(accident):
    database, _, _ = accident
    assert statements(database.log) == [Statement(10, 10.0, MISTAKE)]
    assert statements(database.log, 11) == []


def test_a_moment_turns_into_an_offset(accident):
    database, snapshot, posts = accident
    assert offset_at(database.log, 9.0) == offset_at(database.log, 9.9) == 10
    assert offset_at(database.log, -1) == 0
    assert offset_at(database.log, 1e9) == database.log.end
    restored = restore(database, snapshot, database.log, until=offset_at(database.log, 7.5))
    assert restored.posts() == posts[:8]
    restored.drop()


def test_a_snapshot_taken_after_the_mistake_cannot_undo_it(accident, tmp_path):
    database, _, _ = accident
    late = database.snapshot(tmp_path / "late")
    with pytest.raises(InvalidValue, match="더 오래된 스냅샷"):
        restore(database, late, database.log, skip={10})
    with pytest.raises(InvalidValue):
        restore(database, late, database.log, until=3)


def test_a_foreign_log_is_refused(database, tmp_path):
    snapshot = database.snapshot(tmp_path / "snap")
    with Log(tmp_path / "other") as other:
        other.append(b"not a change")
        with pytest.raises(StorageFailure, match="알아볼 수 없습니다"):
            restore(database, snapshot, other)


def test_a_lost_snapshot_is_explained(database, tmp_path):
    with pytest.raises(StorageFailure, match="gone"):
        restore(database, Snapshot(tmp_path / "gone", 0))


writes = st.one_of(
    st.tuples(st.just("insert"), st.text("가나다'\\%", min_size=1, max_size=3)),
    st.tuples(st.just("update"), st.integers(1, 8), st.text("라마", min_size=1, max_size=3)),
    st.tuples(st.just("delete"), st.integers(1, 8)),
    st.tuples(st.just("hide"), st.integers(1, 8)),
    st.tuples(st.just("sql"), st.integers(1, 8)),
)


def apply(database, step):
    """진짜 데이터베이스에 쓰기 하나."""
    kind, *rest = step
    if kind == "insert":
        database.insert_post("김", rest[0])
    elif kind == "update":
        database.update(*rest)
    elif kind == "delete":
        database.delete(rest[0])
    elif kind == "hide":
        database.mark_deleted(True, "id = ?", rest)
    else:
        database.execute(f"UPDATE posts SET author = 'x' WHERE id > {rest[0]}")


@fuzz(600)
@given(st.lists(writes, max_size=8), st.lists(writes, max_size=8), st.lists(writes, max_size=8))
def test_skipping_a_mistake_equals_never_having_made_it(before, between, after):
    """실수 뒤의 쓰기가 실수 없는 세계와 같은 새 글일 때, 복구본은 실수가 없던 세계와 같습니다."""
    after = [
        step for step in after if step[0] == "insert"
    ]  # 나머지는 지워진 글을 건드리지 못합니다
    with tempfile.TemporaryDirectory() as folder:
        worlds = []
        for name, mistake in (("real", True), ("ideal", False)):
            log = Log(Path(folder) / f"{name}.log", fsync="none")
            with log, Database.open(":memory:", log=log) as database:
                for step in before:
                    apply(database, step)
                snapshot = database.snapshot(Path(folder) / name)
                for step in between:
                    apply(database, step)
                offset = log.end
                if mistake:
                    database.execute(MISTAKE)
                for step in after:
                    apply(database, step)
                if mistake:
                    with restore(database, snapshot, log, skip={offset}) as restored:
                        worlds.append(restored.posts(include_deleted=True))
                else:
                    worlds.append(database.posts(include_deleted=True))
        assert worlds[0] == worlds[1]


@fuzz(400)
@given(st.lists(writes, max_size=14), st.data())
def test_any_prefix_of_the_log_gives_back_that_moment(steps, data):
    at = data.draw(st.integers(0, len(steps)))
    with tempfile.TemporaryDirectory() as folder:
        log = Log(Path(folder) / "log", fsync="none")
        with log, Database.open(":memory:", log=log) as database:
            snapshot = database.snapshot(Path(folder) / "snap")
            moments = [(0, [])]
            for step in steps:
                apply(database, step)
                moments.append((log.end, database.posts(include_deleted=True)))
            until, expected = moments[at]
            with restore(database, snapshot, log, until=until) as restored:
                assert restored.posts(include_deleted=True) == expected


def test_undelete_brings_back_exactly_the_mistake(database):
    """사용자가 스스로 지운 글까지 되살리면 또 하나의 사고입니다."""
    posts = database.insert_posts(TEXTS)
    database.mark_deleted(True, "id = ?", [posts[0].id])
    hidden = database.mark_deleted(True, "TRUE")
    assert database.count() == 0
    later = database.insert_post("이", "실수 뒤의 글")
    assert undelete(database, hidden) == 4
    assert database.posts() == [*posts[1:], later]
    assert undelete(database, hidden) == 0


def test_undelete_of_more_posts_than_fit_in_one_statement(database):
    database.insert_posts(TEXTS * 250)
    assert undelete(database, database.mark_deleted(True, "TRUE")) == 1250


def test_a_rehearsal_counts_on_a_copy_and_leaves_no_trace(database, tmp_path):
    posts = database.insert_posts(TEXTS)
    trial = rehearse(database, MISTAKE, tmp_path)
    assert (trial.affected, trial.before, trial.after) == (5, 5, 0)
    assert database.posts() == posts
    assert not list(tmp_path.glob("*sandbox*")) + list(tmp_path.glob("*snapshot*"))


def test_a_rehearsal_counts_hidden_posts_too(database, tmp_path):
    """보이는 글만 세면 「다섯 건 가운데 여섯 건」 같은 말이 나옵니다."""
    database.insert_posts(TEXTS)
    database.mark_deleted(True, "id = ?", [1])
    trial = rehearse(database, MISTAKE, tmp_path)
    assert (trial.affected, trial.before, trial.after) == (5, 5, 0)


def test_a_statement_that_hits_too_much_is_refused(database, tmp_path):
    posts = database.insert_posts(TEXTS)
    with pytest.raises(InvalidValue, match="5건 가운데 5건"):
        execute_within(database, MISTAKE, 1, tmp_path)
    assert database.posts() == posts
    assert statements(database.log) == []
    assert execute_within(database, f"{MISTAKE} WHERE id = {posts[0].id}", 1, tmp_path) == 1
    assert database.posts() == posts[1:]


def test_a_broken_statement_is_caught_in_the_rehearsal(database, tmp_path):
    database.insert_posts(TEXTS)
    with pytest.raises(InvalidValue, match="SQL"):
        execute_within(database, "DELETE FROM post", 1, tmp_path)
    assert not list(tmp_path.glob("*sandbox*"))


def test_lost_writes_counts_changed_and_hidden_posts_too(database):
    a, b, c = database.insert_posts(TEXTS[:3])
    database.update(a.id, "다른 글")
    database.mark_deleted(True, "id = ?", [b.id])
    assert lost_writes([a, b, c], database) == [a, b]
    assert lost_writes([Post(99, "김", "없는 글")], database) == [Post(99, "김", "없는 글")]
