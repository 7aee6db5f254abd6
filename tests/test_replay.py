"""재생할 것을 고르는 판단: 로그도 데이터베이스도 없이."""

import json

import pytest

from ddialab.blocks.posts import Post
from ddialab.core.errors import InvalidValue
from ddialab.ops.replay import actions, batches, decoded, last_offset, missing


def put(id, text="글"):
    return {"op": "put", "post": [id, "김", text, False]}


def test_neighbouring_puts_become_one_load_and_the_order_stays():
    wipe = {"op": "sql", "sql": "DELETE FROM posts"}
    changes = [put(1), put(2), {"op": "delete", "id": 1}, wipe, put(3), put(3, "고침")]
    assert list(actions(changes)) == [
        ("load", [Post(1, "김", "글"), Post(2, "김", "글")]),
        ("delete", 1),
        ("execute", "DELETE FROM posts"),
        ("load", [Post(3, "김", "글"), Post(3, "김", "고침")]),
    ]
    assert list(actions([])) == []


def test_a_record_that_is_not_ours_is_not_guessed_at():
    assert decoded(json.dumps([put(1)]).encode()) == [put(1)]
    for payload in (b"not json", b"[{}]", b"[1]", b"7", b'[{"op": "drop"}]', b"\xff"):
        assert decoded(payload) is None


def test_where_the_replay_ends():
    assert last_offset(3, 9, None, {5}) == 9
    assert last_offset(3, 9, 3, ()) == 3
    for until in (2, 10, "5"):
        with pytest.raises(InvalidValue):
            last_offset(3, 9, until, ())
    with pytest.raises(InvalidValue, match=r"skip=\[2\].*더 오래된 스냅샷"):
        last_offset(3, 9, None, [2, 3])


def test_batches_hold_every_number_once():
    assert [list(batch) for batch in batches(range(5), 2)] == [[0, 1], [2, 3], [4]]
    assert list(batches([], 2)) == []


def test_what_is_missing_keeps_the_order_of_the_answers():
    a, b, c = (Post(n, "김", "글") for n in (3, 1, 2))
    assert missing([a, b, c], [b, Post(2, "김", "다른 글")]) == [a, c]
