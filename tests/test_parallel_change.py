import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.blocks.database import Database
from ddialab.core.errors import InvalidValue, LabError
from ddialab.ops.columns import MemoryColumns, SQLColumns
from ddialab.ops.parallel_change import (
    MODES,
    STEPS,
    WAITING,
    CrewMember,
    Irreversible,
    ParallelChange,
    columns_read,
    join,
    meaning,
    split,
    written,
)
from migrating import drive, filled, meant, seen
from postgres_server import postgres_url  # noqa: F401
from suite.effort import fuzz


@pytest.fixture(params=["sqlite", "postgres", "memory"])
def columns(request, tmp_path):
    """어디에 담든 똑같이 옮겨야 합니다."""
    if request.param == "memory":
        yield MemoryColumns()
        return
    target = tmp_path / "posts.db"
    if request.param == "postgres":
        target = request.getfixturevalue("postgres_url")
    database = Database.open(target, schema="parallel_test")
    yield SQLColumns(database)
    database.drop()


# ── 글을 떼고 붙이기 ──


@fuzz(1000)
@given(st.text() | st.text(alphabet="가#a _1 \t"))
def test_splitting_again_changes_nothing(text):
    assert split(join(*split(text))) == split(text)


def test_splitting_forgets_where_the_tag_was():
    """그래서 축소는 롤백할 수 없습니다: 서로 다른 두 글이 같은 것이 됩니다."""
    assert split("#맛집 점심") == split("점심  #맛집 #맛집") == ("점심", ("맛집",))


# ── 앞으로, 뒤로 ──


def test_the_meaning_of_every_post_survives_every_step(columns):
    typed = filled(columns)
    migration = ParallelChange(columns, batch=2)
    replica = CrewMember("n1", columns)
    for done in range(1, len(STEPS) + 1):
        drive(migration, replica, target=done)
        assert seen(replica, typed) == meant(typed)
        new = replica.publish("소라", f"단계 {done} #새글")
        replica.edit(new - 1, f"고침 {done} #x")
        typed |= {new: f"단계 {done} #새글", new - 1: f"고침 {done} #x"}
        assert replica.mode == STEPS[done - 1].mode
    assert seen(replica, typed) == meant(typed)


@pytest.mark.parametrize("done", range(1, len(STEPS)))
def test_every_step_but_the_last_can_be_undone(columns, done):
    typed = filled(columns)
    migration, replica = ParallelChange(columns, batch=2), CrewMember("n1", columns)
    drive(migration, replica, target=done)
    typed[replica.publish("소라", "#새글 하나")] = "#새글 하나"
    drive(migration, replica, target=0)
    texts = {id: columns.get(id, ("text",))[1] for id in columns.ids()}
    assert {id: split(text) for id, text in texts.items()} == {
        i: split(t) for i, t in typed.items()
    }
    if done < 5:  # 옛 열에 계속 적었으므로 글자까지 그대로입니다
        assert texts == typed
    with pytest.raises(LabError):  # 새 열이 남아 있지 않습니다
        columns.get(1, ("body",))


def test_contracting_cannot_be_undone_and_says_why(columns):
    filled(columns)
    migration = ParallelChange(columns)
    drive(migration)
    with pytest.raises(Irreversible, match="빈칸"):
        migration.aim(0)
    assert migration.state.target == len(STEPS)
    with pytest.raises(LabError):  # 옛 프로그램은 더 돌 수 없습니다
        columns.get(1, ("text",))


# ── 기다리기와 어긋남 ──


def test_it_waits_until_every_replica_follows(columns):
    filled(columns)
    migration, slow = ParallelChange(columns), CrewMember("느린이", columns)
    migration.aim()
    work = migration.work()
    assert [next(work) for _ in range(5)][-2:] == [WAITING, WAITING]
    assert migration.waiting_for("dual") == ["느린이"]
    slow.leave()
    assert WAITING not in list(work)


def test_a_replica_that_joins_late_starts_in_the_ordered_mode(columns):
    filled(columns)
    migration = ParallelChange(columns)
    drive(migration, target=2)
    assert CrewMember("새내기", columns).mode == "dual"


def test_a_writer_outside_the_crew_is_noticed_before_anybody_reads(columns):
    """명단에 없는 옛 프로그램이 백필 뒤에 쓴 게시글은 새 컬럼이 비어 있습니다."""
    filled(columns)
    migration = ParallelChange(columns, batch=2)
    migration.aim()
    for unit in migration.work():
        if unit == "write batch" and migration.state.position == migration.state.last:
            break
    stranger = columns.insert("누구", {"text": "몰래 쓴 글"})
    with pytest.raises(InvalidValue, match=f"{stranger}"):
        list(migration.work())
    assert migration.state.done == 2
    drive(migration)  # 다시 부르면 처음부터 채웁니다
    assert migration.state.done == len(STEPS)


def test_an_edit_between_reading_and_writing_a_batch_wins(columns):
    typed = filled(columns)
    migration, replica = ParallelChange(columns), CrewMember("n1", columns)
    drive(migration, replica, target=2)
    migration.aim(3)
    work = migration.work()
    assert next(work) == "read batch"
    first = min(typed)
    replica.edit(first, "고친 글 #방금")
    list(work)
    drive(migration, replica, target=4)
    assert replica.read(first).body == "고친 글"


def test_turning_around_in_the_middle_of_a_step(columns):
    """「새 컬럼만 쓰기」를 시키다 말고 롤백해도, 새 컬럼에만 쓴 게시글이 보여야 합니다."""
    typed = filled(columns)
    migration = ParallelChange(columns)
    quick, slow = CrewMember("a", columns), CrewMember("b", columns)
    drive(migration, quick, slow, target=4)
    migration.aim(5)
    assert next(migration.work()) == "mode new"
    quick.refresh()
    typed[quick.publish("소라", "새 열에만 #있음")] = "새 열에만 #있음"
    drive(migration, quick, slow, target=0)
    assert seen(slow, typed) == meant(typed)
    drive(migration, quick, slow)
    assert seen(slow, typed) == meant(typed)


@pytest.mark.parametrize(
    "call",
    [
        lambda columns: ParallelChange(columns, batch=0),
        lambda columns: ParallelChange(columns).aim(7),
        lambda columns: ParallelChange(columns).aim("끝까지"),
        lambda columns: CrewMember("n1", columns).follow("newest"),
    ],
)
def test_bad_input_is_refused(columns, call):
    columns.prepare()
    with pytest.raises(InvalidValue):
        call(columns)


def test_every_step_moves_at_most_one_mode():
    modes = ["old", *(step.mode for step in STEPS)]
    assert all(MODES.index(b) - MODES.index(a) in (0, 1) for a, b in zip(modes, modes[1:]))  # noqa: B905, RUF007


@pytest.mark.parametrize(
    ("mode", "writes", "reads"),
    [
        ("old", {"text"}, ("text",)),
        ("dual", {"text", "body", "tags"}, ("text",)),
        ("switched", {"text", "body", "tags"}, ("body", "tags")),
        ("new", {"body", "tags"}, ("body", "tags")),
    ],
)
def test_each_mode_reads_what_its_neighbours_write(mode, writes, reads):
    values = written(mode, "점심 #맛집")
    assert (set(values), columns_read(mode)) == (writes, reads)
    for neighbour in MODES[max(MODES.index(mode) - 1, 0) : MODES.index(mode) + 2]:
        assert set(columns_read(mode)) <= set(written(neighbour, "점심"))
    assert meaning(tuple(values[name] for name in reads)) == ("점심", ("맛집",))
