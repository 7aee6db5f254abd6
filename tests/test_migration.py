import os
import shutil
import signal
import subprocess
import sys

import pytest

from ddialab.blocks.database import Database
from ddialab.core.errors import LabError
from ddialab.ops.migration import Migration, Replica, main
from ddialab.ops.parallel_change import STEPS
from migrating import TEXTS, drive, meant, seen
from postgres_server import postgres_url  # noqa: F401
from suite.effort import some
from waiting import BOUND


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    target = tmp_path / "posts.db"
    if request.param == "postgres":
        target = request.getfixturevalue("postgres_url")
    database = Database.open(target, schema="migration_test")
    yield database
    database.drop()


def filled(database):
    """글을 넣은 데이터베이스와, 글마다 적은 글자."""
    posts = database.insert_posts([("소라", text) for text in TEXTS])
    return {post.id: post.text for post in posts}


def test_rolled_back_to_the_start_the_table_is_as_it_was(database):
    filled(database)
    migration, replica = Migration(database), Replica("n1", database)
    drive(migration, replica, target=5)
    drive(migration, replica, target=0)
    with pytest.raises(LabError):  # 새 열이 남아 있지 않습니다
        database.execute("UPDATE posts SET body = ''")
    with pytest.raises(LabError):  # NOT NULL도 돌아왔습니다
        database.execute("UPDATE posts SET text = NULL")


def test_after_contracting_the_old_program_cannot_run(database):
    filled(database)
    drive(Migration(database))
    with pytest.raises(LabError):
        database.posts()


def test_ids_of_deleted_posts_are_not_used_again(database):
    last = max(filled(database))
    database.delete(last)
    migration, replica = Migration(database), Replica("n1", database)
    drive(migration, replica, target=1)
    assert replica.publish("소라", "새 글") == last + 1
    drive(migration, replica)
    assert replica.publish("소라", "또 새 글") == last + 2


def test_hidden_posts_move_too(database):
    typed = filled(database)
    hidden = database.mark_deleted(True, "id = ?", [min(typed)])
    migration, replica = Migration(database), Replica("n1", database)
    drive(migration, replica, target=5)
    assert migration.unequal() == []
    assert replica.read(hidden[0]) is None
    drive(migration, replica, target=0)
    assert database.posts(include_deleted=True)[0].deleted is True


# ── 죽기 ──


def units_of(tmp_path, target):
    with Database.open(tmp_path / "dry.db") as database:
        filled(database)
        migration = Migration(database, batch=2)
        if target == 0:
            drive(migration, target=5)
        return len(drive(migration, target=target))


def command(path):
    return [sys.executable, "-m", "ddialab.ops.migration", str(path), "--batch", "2"]


def run_child(path, target, die_after=None):
    argv = [*command(path), "--target", str(target)]
    argv += [] if die_after is None else ["--die-after", str(die_after)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=BOUND)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
@pytest.mark.proof
@pytest.mark.parametrize("target", [len(STEPS), 0])
def test_killed_at_any_boundary_it_resumes_or_rolls_back(tmp_path, target, tally):
    """앞으로 가다가, 또 롤백하다가, 경계마다 진짜로 죽습니다. 그 자리에서 두 길을 모두 갑니다."""
    for units in some(range(units_of(tmp_path, target) + 1)):
        tally.tried += 1
        path = tmp_path / f"{units}.db"
        with Database.open(path) as database:
            typed = filled(database)
            if target == 0:
                drive(Migration(database), target=5)
        assert run_child(path, target, die_after=units).returncode == -signal.SIGKILL
        shutil.copy(path, tmp_path / "copy.db")
        for suffix in ("-wal", "-shm"):
            if (log := tmp_path / f"{units}.db{suffix}").exists():
                shutil.copy(log, tmp_path / f"copy.db{suffix}")
        check_both_ways(path, typed, len(STEPS))
        check_both_ways(tmp_path / "copy.db", typed, 0)
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"copy.db{suffix}").unlink(missing_ok=True)


def check_both_ways(path, typed, target):
    """죽은 뒤에도 서비스는 이어지고, ``target``까지 가도 잃거나 겹치는 글이 없습니다."""
    typed = dict(typed)
    with Database.open(path) as database:
        migration, replica = Migration(database, batch=2), Replica("n1", database)
        typed[replica.publish("소라", "죽은 뒤 #새글")] = "죽은 뒤 #새글"
        replica.edit(1, "죽은 뒤 고침 #y")
        typed[1] = "죽은 뒤 고침 #y"
        if migration.state.done == len(STEPS) and target == 0:
            return
        drive(migration, replica, target=target)
        assert migration.state.done == target
        assert seen(replica, typed) == meant(typed)
        assert database.connection.run("SELECT count(*) FROM posts")[0] == [(len(typed),)]


def test_the_command_finishes_and_twice_does_nothing_more(tmp_path):
    path = tmp_path / "posts.db"
    with Database.open(path) as database:
        filled(database)
    assert run_child(path, len(STEPS)).stdout.split("\n")[0] == "expand"
    again = run_child(path, len(STEPS))
    assert (again.returncode, again.stdout) == (0, "")


def test_the_command_says_whom_it_waits_for(tmp_path):
    path = tmp_path / "posts.db"
    with Database.open(path) as database:
        Migration(database)
        ghost = Replica("유령", database)
        child = subprocess.Popen(command(path), stdout=subprocess.PIPE, text=True)
        said = [child.stdout.readline().strip() for _ in range(3)]
        ghost.leave()
        rest, _ = child.communicate(timeout=BOUND)
    assert said == ["expand", "mode dual", "waiting for 유령"]
    assert rest.split()[-1] == "contract"


def test_the_command_explains_itself(tmp_path, capsys):
    assert main([str(tmp_path / "none" / "posts.db")]) == 1
    assert "폴더가 없거나" in capsys.readouterr().err
