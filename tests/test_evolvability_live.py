"""진짜 스레드가 쓰고 읽는 동안 진짜 마이그레이션 프로세스를 경계마다 죽입니다."""

import os
import threading

import pytest

from ddialab.blocks.database import Database
from ddialab.core.errors import InvalidValue, MissingCapability
from ddialab.core.workspace import Process, Workspace
from ddialab.experiments.evolvability.live import migrate_killing
from ddialab.ops.parallel_change import STEPS
from postgres_server import postgres_url  # noqa: F401
from suite.effort import trials

CLIENTS = 3
pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")


@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(10)))
@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_nothing_is_lost_however_often_it_is_killed(kind, nth, request, tmp_path, tally):
    """스레드들이 쓰는 동안 마이그레이션을 일 하나마다 죽입니다"""
    target = str(tmp_path / "posts.db")
    if kind == "postgres":
        target = request.getfixturevalue("postgres_url")
    with Workspace() as workspace:
        run = migrate_killing(target, workspace, posts=60, clients=CLIENTS, schema="live_test")
    with Database.open(target, schema="live_test") as database:
        done = database.connection.run("SELECT done FROM migration")[0][0][0]
        database.drop()
    tally.tried += run.kills
    assert done == len(STEPS)
    assert run.kills > len(STEPS)
    assert run.requests >= 2 * CLIENTS * run.kills, "죽은 자리마다 모두가 요청을 마칩니다"
    assert (run.failed, run.lost, run.stale, run.extra) == (0, 0, 0, 0)


def test_a_database_with_posts_is_left_alone(tmp_path):
    target = str(tmp_path / "posts.db")
    with Database.open(target) as database:
        database.insert_post("소라", "남의 글")
    with Workspace() as workspace, pytest.raises(InvalidValue, match="빈 데이터베이스"):
        migrate_killing(target, workspace)


@pytest.mark.parametrize("turn", [1, 40])
def test_an_interrupt_leaves_no_process_and_no_thread(turn, monkeypatch, tmp_path):
    """기다리다 중단해도 마이그레이션과 클라이언트가 남지 않습니다"""
    threads, asked = threading.active_count(), []

    def poll(process):
        asked.append(process)
        if len(asked) == turn:
            raise KeyboardInterrupt
        return true_poll(process)

    true_poll = Process.poll
    monkeypatch.setattr(Process, "poll", poll)
    with Workspace() as workspace:
        with pytest.raises(KeyboardInterrupt):
            migrate_killing(str(tmp_path / "posts.db"), workspace, posts=60, clients=CLIENTS)
        assert true_poll(asked[-1]) is not None
    assert threading.active_count() == threads


def test_in_the_browser_it_is_refused_before_a_thread_starts(monkeypatch, tmp_path):
    monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
    monkeypatch.setattr(threading.Thread, "start", lambda self: pytest.fail("스레드를 띄웁니다"))
    with Workspace() as workspace, pytest.raises(MissingCapability, match="브라우저 안에서는"):
        migrate_killing(str(tmp_path / "posts.db"), workspace)
