"""메모리에 담은 게시글: SQLite와 같은 로그를 남기고, SQL이 없다는 것을 말합니다."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.database import Database
from ddialab.blocks.memory import MemoryPosts
from ddialab.blocks.posts import Snapshot
from ddialab.blocks.tape import Tape
from ddialab.core.errors import InvalidValue, StorageFailure
from suite.effort import fuzz

ids = st.integers(1, 6)
words = st.text("가나'\\%", min_size=1, max_size=3)
steps = st.one_of(
    st.tuples(st.just("insert_post"), words, words),
    st.tuples(st.just("insert_posts"), st.lists(st.tuples(words, words), max_size=3)),
    st.tuples(st.just("update"), ids, words),
    st.tuples(st.just("delete"), ids),
    st.tuples(st.just("mark_deleted"), st.booleans(), st.just("TRUE")),
    st.tuples(st.just("mark_deleted"), st.booleans(), st.just("author = ?"), st.tuples(words)),
    st.tuples(st.just("mark_deleted"), st.booleans(), st.just("id IN (?, ?)"), st.tuples(ids, ids)),
    st.tuples(st.just("execute"), st.just("DELETE FROM posts")),
    st.tuples(st.just("execute"), ids.map("DELETE FROM posts WHERE id = {}".format)),
)
plans = st.lists(st.tuples(st.booleans(), st.lists(steps, max_size=4)), max_size=5)


class Stopped(Exception):
    pass


def follow(posts, plan):
    """묶음마다 한 트랜잭션으로. 참인 묶음은 끝에서 실패해 모두 물립니다. 답들을 돌려줍니다."""
    answers = []
    for fails, batch in plan:
        try:
            with posts.transaction():
                answers += [getattr(posts, name)(*arguments) for name, *arguments in batch]
                if fails:
                    raise Stopped
        except Stopped:
            pass
    return answers, posts.posts(include_deleted=True), posts.queries, posts.log.records


@fuzz(600)
@given(plans)
def test_the_answers_and_the_log_are_those_of_sqlite_byte_for_byte(plan):
    with Database.open(":memory:", log=Tape()) as database, MemoryPosts(log=Tape()) as memory:
        assert follow(memory, plan) == follow(database, plan)


def test_a_failed_inner_transaction_undoes_only_itself():
    posts = MemoryPosts(log=Tape())
    with posts.transaction():
        first = posts.insert_post("김", "가")
        with pytest.raises(InvalidValue), posts.transaction():
            posts.insert_post("", "나")
        posts.update(first.id, "다")
    assert [post.text for post in posts.posts()] == ["다"]
    assert posts.log.end == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda posts: posts.execute("UPDATE posts SET text = 'x'"),
        lambda posts: posts.execute("DELETE FROM posts WHERE id = x"),
        lambda posts: posts.execute("DELETE FROM posts WHERE author = '1'"),
        lambda posts: posts.mark_deleted(True, "id = 1"),
        lambda posts: posts.mark_deleted(True, "id < ?", [3]),
        lambda posts: posts.mark_deleted(True, "1 = ?", [1]),
    ],
)
def test_a_statement_it_does_not_know_is_refused_with_another_way(call):
    posts = MemoryPosts(log=Tape())
    post = posts.insert_post("김", "가")
    with pytest.raises(InvalidValue, match="SQL이 없어") as caught:
        call(posts)
    assert "Database.open" in caught.value.todo
    assert (posts.posts(), posts.log.end) == ([post], 1)


def test_a_snapshot_in_a_file_is_refused(tmp_path):
    with Database.open(":memory:") as database:
        snapshot = database.snapshot(tmp_path / "snap")
    for other in (snapshot, Snapshot(tmp_path / "gone", 0)):
        with pytest.raises(StorageFailure, match=r"snap|gone"):
            MemoryPosts().load_snapshot(other)


def test_a_snapshot_inside_a_transaction_is_refused():
    posts = MemoryPosts()
    with posts.transaction(), pytest.raises(InvalidValue, match="트랜잭션이 끝나지"):
        posts.snapshot("snap")
