"""팔로우: 누가 누구를. 두 번 해도 한 번입니다."""

import pytest

from composing import database, postgres_url  # noqa: F401
from ddialab.service.follows import follows_of


@pytest.fixture
def follows(database):  # noqa: F811
    return follows_of(database.connection)


def test_both_sides_are_listed_by_name(follows):
    for follower, followee in [("나", "가"), ("다", "가"), ("나", "다"), ("나", "나")]:
        follows.add(follower, followee)
    assert follows.followers("가") == ["나", "다"]
    assert follows.followees("나") == ["가", "나", "다"]
    assert follows.everyone() == ["나", "다"]


def test_following_twice_is_following_once(follows):
    for _ in range(2):
        follows.add("나", "가")
    assert follows.followers("가") == ["나"]
    assert follows.followees("나") == ["가"]


def test_nobody_is_followed_at_first(follows):
    assert follows.followers("가") == follows.followees("가") == follows.everyone() == []


def test_a_follow_falls_with_its_transaction(database, follows):  # noqa: F811
    def fail():
        with database.transaction():
            follows.add("나", "가")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert follows.everyone() == []


@pytest.mark.parametrize("name", ["'; DROP TABLE follows; --", "a:b", "한 칸", "😀", "%_"])
def test_any_name_is_only_a_name(follows, name):
    follows.add(name, "가")
    follows.add("나", name)
    assert follows.followees(name) == ["가"]
    assert follows.followers(name) == ["나"]
