import os
import shutil
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.database import Database
from ddialab.core.errors import InvalidValue, LabError
from ddialab.ops.migration import (
    MODES,
    STEPS,
    WAITING,
    Irreversible,
    Migration,
    Replica,
    TaggedPost,
    join,
    main,
    split,
)
from postgres_server import postgres_url  # noqa: F401
from suite.effort import fuzz, some
from waiting import BOUND

TEXTS = ["점심 #맛집", "#밥 #밥 저녁", "그냥 글", "#", "끝 #a#b", "  겹친   빈칸 #c "]


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


END = len(STEPS)


def drive(migration, *replicas, target=END):
    """목표까지 갑니다. 복제본들은 기다릴 때에야 따라옵니다. 한 일들을 돌려줍니다."""
    migration.aim(target)
    units = []
    for unit in migration.work():
        if unit == WAITING:
            for replica in replicas:
                replica.refresh()
        else:
            units.append(unit)
    return units


def seen(replica, typed):
    return {id: replica.read(id) for id in typed}


def meant(typed):
    return {id: TaggedPost(id, "소라", *split(text)) for id, text in typed.items()}


# ── 글을 떼고 붙이기 ──


@fuzz(1000)
@given(st.text() | st.text(alphabet="가#a _1 \t"))
def test_splitting_again_changes_nothing(text):
    assert split(join(*split(text))) == split(text)


def test_splitting_forgets_where_the_tag_was():
    """그래서 축소는 롤백할 수 없습니다: 서로 다른 두 글이 같은 것이 됩니다."""
    assert split("#맛집 점심") == split("점심  #맛집 #맛집") == ("점심", ("맛집",))


# ── 앞으로, 뒤로 ──


def test_the_meaning_of_every_post_survives_every_step(database):
    typed = filled(database)
    migration = Migration(database, batch=2)
    replica = Replica("n1", database)
    for done in range(1, len(STEPS) + 1):
        drive(migration, replica, target=done)
        assert seen(replica, typed) == meant(typed)
        new = replica.publish("소라", f"단계 {done} #새글")
        replica.edit(new - 1, f"고침 {done} #x")
        typed |= {new: f"단계 {done} #새글", new - 1: f"고침 {done} #x"}
        assert replica.mode == STEPS[done - 1].mode
    assert seen(replica, typed) == meant(typed)


@pytest.mark.parametrize("done", range(1, len(STEPS)))
def test_every_step_but_the_last_can_be_undone(database, done):
    typed = filled(database)
    migration, replica = Migration(database, batch=2), Replica("n1", database)
    drive(migration, replica, target=done)
    typed[replica.publish("소라", "#새글 하나")] = "#새글 하나"
    drive(migration, replica, target=0)
    assert [split(post.text) for post in database.posts()] == [split(t) for t in typed.values()]
    if done < 5:  # 옛 열에 계속 적었으므로 글자까지 그대로입니다
        assert [post.text for post in database.posts()] == list(typed.values())
    with pytest.raises(LabError):  # 새 열이 남아 있지 않습니다
        database.execute("UPDATE posts SET body = ''")
    with pytest.raises(LabError):  # NOT NULL도 돌아왔습니다
        database.execute("UPDATE posts SET text = NULL")


def test_contracting_cannot_be_undone_and_says_why(database):
    filled(database)
    migration = Migration(database)
    drive(migration)
    with pytest.raises(Irreversible, match="빈칸"):
        migration.aim(0)
    assert migration.state.target == len(STEPS)
    with pytest.raises(LabError):  # 옛 프로그램은 더 돌 수 없습니다
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


# ── 기다리기와 어긋남 ──


def test_it_waits_until_every_replica_follows(database):
    filled(database)
    migration, slow = Migration(database), Replica("느린이", database)
    migration.aim()
    work = migration.work()
    assert [next(work) for _ in range(5)][-2:] == [WAITING, WAITING]
    assert migration.waiting_for("dual") == ["느린이"]
    slow.leave()
    assert WAITING not in list(work)


def test_a_replica_that_joins_late_starts_in_the_ordered_mode(database):
    filled(database)
    migration = Migration(database)
    drive(migration, target=2)
    assert Replica("새내기", database).mode == "dual"


def test_a_writer_outside_the_crew_is_noticed_before_anybody_reads(database):
    """명단에 없는 옛 프로그램이 백필 뒤에 쓴 게시글은 새 컬럼이 비어 있습니다."""
    filled(database)
    migration = Migration(database, batch=2)
    migration.aim()
    for unit in migration.work():
        if unit == "write batch" and migration.state.position == migration.state.last:
            break
    stranger = database.insert_post("누구", "몰래 쓴 글")
    with pytest.raises(InvalidValue, match=f"{stranger.id}"):
        list(migration.work())
    assert migration.state.done == 2
    drive(migration)  # 다시 부르면 처음부터 채웁니다
    assert migration.state.done == len(STEPS)


def test_an_edit_between_reading_and_writing_a_batch_wins(database):
    typed = filled(database)
    migration, replica = Migration(database), Replica("n1", database)
    drive(migration, replica, target=2)
    migration.aim(3)
    work = migration.work()
    assert next(work) == "read batch"
    first = min(typed)
    replica.edit(first, "고친 글 #방금")
    list(work)
    drive(migration, replica, target=4)
    assert replica.read(first).body == "고친 글"


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
        assert database._run("SELECT count(*) FROM posts")[0] == [(len(typed),)]


def test_turning_around_in_the_middle_of_a_step(database):
    """「새 컬럼만 쓰기」를 시키다 말고 롤백해도, 새 컬럼에만 쓴 게시글이 보여야 합니다."""
    typed = filled(database)
    migration, quick, slow = Migration(database), *(Replica(n, database) for n in ("a", "b"))
    drive(migration, quick, slow, target=4)
    migration.aim(5)
    assert next(migration.work()) == "mode new"
    quick.refresh()
    typed[quick.publish("소라", "새 열에만 #있음")] = "새 열에만 #있음"
    drive(migration, quick, slow, target=0)
    assert seen(slow, typed) == meant(typed)
    drive(migration, quick, slow)
    assert seen(slow, typed) == meant(typed)


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


@pytest.mark.parametrize(
    "call",
    [
        lambda database: Migration(database, batch=0),
        lambda database: Migration(database).aim(7),
        lambda database: Migration(database).aim("끝까지"),
        lambda database: Replica("n1", database).follow("newest"),
    ],
)
def test_bad_input_is_refused(tmp_path, call):
    with Database.open(tmp_path / "posts.db") as database:
        Migration(database)
        with pytest.raises(InvalidValue):
            call(database)


def test_every_step_moves_at_most_one_mode():
    modes = ["old", *(step.mode for step in STEPS)]
    assert all(MODES.index(b) - MODES.index(a) in (0, 1) for a, b in zip(modes, modes[1:]))  # noqa: B905, RUF007
