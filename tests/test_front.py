"""앞문: 두 번 보내도 하나, 남의 비공개 글은 없는 것과 같게, 한 번에 정해 둔 만큼만."""

from __future__ import annotations

import threading

import pytest

from ddialab.blocks.database import Database
from ddialab.core.errors import InvalidValue
from ddialab.service import front
from ddialab.service.front import MOST, Front
from postgres_server import postgres_url  # noqa: F401


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request, tmp_path):
    if request.param == "sqlite":
        target, how = tmp_path / "posts.db", {}
    else:
        target, how = request.getfixturevalue("postgres_url"), {"schema": "temporary"}
    with Database.open(target, **how) as database:
        yield Front(database)


def test_the_same_key_is_the_same_post(desk):
    first = desk.submit("소라", "k1", "안녕")
    assert desk.submit("소라", "k1", "안녕") == first
    assert desk.submit("나래", "k1", "안녕") != first, "남의 번호와 겹쳐도 됩니다"
    assert desk.submit("소라", "k2", "안녕") != first, "같은 글을 일부러 또 올릴 수 있습니다"
    assert desk.database.count() == 3


@pytest.mark.parametrize("deleted", [False, True])
def test_a_key_of_another_post_is_refused(desk, deleted):
    post = desk.submit("소라", "k1", "안녕")
    if deleted:
        desk.database.delete(post.id)
    with pytest.raises(InvalidValue, match="k1"):
        desk.submit("소라", "k1", "안녕" if deleted else "잘 가")
    assert desk.database.count() == (0 if deleted else 1)


def test_post_and_key_are_kept_together_or_not_at_all(desk, monkeypatch):
    """글을 쓰고 번호를 적기 전에 실패하면 글도 없던 것이 됩니다."""
    run = desk.database.connection.run

    def breaks(sql, parameters=()):
        if f"INSERT INTO {desk._seen}" in sql:
            raise InvalidValue("끊겼습니다.")
        return run(sql, parameters)

    monkeypatch.setattr(desk.database.connection, "run", breaks)
    with pytest.raises(InvalidValue, match="끊겼"):
        desk.submit("소라", "k1", "안녕")
    monkeypatch.undo()
    assert desk.database.count() == 0
    assert desk.submit("소라", "k1", "안녕").id


def test_eight_at_once_make_one_post(tmp_path):
    with Database.open(tmp_path / "posts.db") as database:
        desk, made, start = Front(database), [], threading.Barrier(8)

        def press():
            start.wait()
            made.append(desk.submit("소라", "k1", "안녕").id)

        threads = [threading.Thread(target=press) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 8
        assert len(set(made)) == database.count() == 1


def test_a_private_post_of_another_is_as_if_it_were_not(desk):
    secret = desk.submit("소라", "k1", "비밀", private=True)
    shown = desk.submit("소라", "k2", "모두에게")
    assert desk.read("나래", secret.id) is None is desk.read("나래", 999)
    assert desk.read("소라", secret.id) == secret
    assert desk.page("나래", "소라") == [shown]
    assert desk.page("소라", "소라") == [shown, secret]


def test_a_page_has_a_bound_and_the_next_one_follows(desk):
    desk.database.insert_posts([("소라", f"글 {n}") for n in range(MOST + 5)])
    first = desk.page("나래", "소라")
    second = desk.page("나래", "소라", before=first[-1].id)
    assert [len(first), len(second)] == [MOST, 5]
    ids = [post.id for post in first + second]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == MOST + 5


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)  # 실행 계획의 꼴은 서버마다 다릅니다
def test_a_page_is_found_by_the_index(desk):
    plans, run = [], desk.database.connection.run

    def explained(sql, parameters=()):
        plans.extend(run(f"EXPLAIN QUERY PLAN {sql}", parameters)[0])
        return run(sql, parameters)

    desk.database.connection.run = explained
    desk.page("나래", "소라")
    said = " ".join(plan[-1] for plan in plans)
    assert "posts_by_author" in said
    assert "SCAN" not in said
    assert "TEMP B-TREE" not in said


@pytest.mark.parametrize("name", ["오'하라", "아무도' OR '1'='1", "%", "_"])
def test_a_name_is_only_a_name(desk, name):
    desk.submit("소라", "k1", "비밀", private=True)
    assert desk.page("나래", name) == []
    mine = desk.submit(name, "k1", "내 글")
    assert desk.page("나래", name) == [mine]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda desk: desk.submit("소라", "", "안녕"),
        lambda desk: desk.submit("소라", "k" * (front.KEY + 1), "안녕"),
        lambda desk: desk.submit("", "k1", "안녕"),
        lambda desk: desk.submit("소라", "k1", "\0"),
        lambda desk: desk.page("나래", None),
        lambda desk: desk.page("나래", "소라", before=-1),
        lambda desk: desk.read("나래", "1"),
    ],
)
def test_bad_input_is_refused_and_nothing_is_kept(desk, wrong):
    with pytest.raises(InvalidValue):
        wrong(desk)
    assert desk.database.count() == 0
