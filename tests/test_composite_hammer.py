"""진짜 프로세스들이 같은 글을 두드립니다: 보이기로 한 뒤에 시작한 읽기는 그보다 낡지 않습니다."""

import json
import os
import sys

import pytest

import hammering
from ddialab.blocks.database import Database
from ddialab.core.backend import open_redis
from ddialab.core.workspace import Workspace
from ddialab.experiments.composite_system.writer import address_of
from hammering import READ, SETTLED, Did, stale, told
from postgres_server import postgres_url  # noqa: F401
from suite.effort import trials
from waiting import wait_until

pytestmark = pytest.mark.skipif(os.name == "nt", reason="서버를 띄우지 못하는 운영체제입니다")
READERS = 2
IDS = [1, 2]


class Arena:
    """데이터베이스 하나와 캐시 서버 하나를 함께 쓰는 프로세스들."""

    def __init__(self, target: str, schema: str, redis, workspace: Workspace):
        self.workspace, self.folder = workspace, workspace.folder
        self.place = {
            "database": target,
            "schema": schema,
            "redis": address_of(redis),
            "folder": str(workspace.folder),
        }

    def start(self, name: str, role: str, **about):
        settings = self.folder / f"{name}.json"
        settings.write_text(json.dumps({**self.place, "name": name, "role": role, **about}))
        argv = ["env", f"PYTHONPATH={os.pathsep.join(sys.path)}", sys.executable]
        return self.workspace.run([*argv, hammering.__file__, settings], log=f"{name}.txt")


@pytest.fixture(params=["sqlite", "postgres"])
def arena(request, monkeypatch):
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with Workspace() as workspace, open_redis() as redis:
        target, schema = str(workspace.folder / "posts.db"), "ddialab"
        if request.param == "postgres":
            target, schema = request.getfixturevalue("postgres_url"), "temporary"
        with Database.open(target, schema=schema) as database:
            for _ in IDS:
                database.insert_post("소라", "글 0")
            yield Arena(target, database.connection.schema, redis, workspace)


def finished(process) -> list[Did]:
    wait_until(lambda: process.poll() is not None, "프로세스가 끝남")
    said = process.log.read_text()
    assert process.poll() == 0, said
    return told(said)


def hammer(arena, way: str, waits: bool, rounds: int) -> list[Did]:
    """한 프로세스가 고치고 `READERS`개가 읽는 동안 한 일을 모두."""
    about = {"way": way, "waits": waits, "ids": IDS, "rounds": rounds, "readers": READERS}
    readers = [arena.start(f"reader-{n}", "read", **about) for n in range(READERS)]
    writer = arena.start("writer", "write", **about)
    return [did for process in (writer, *readers) for did in finished(process)]


@pytest.mark.proof
@pytest.mark.parametrize(("way", "waits"), [("lease", False), ("outbox", False), ("outbox", True)])
def test_no_reader_sees_what_is_older_than_promised(arena, way, waits, tally):
    """두 프로세스가 읽는 동안 고쳐도, 보이기로 한 버전보다 낡은 글을 본 읽기가 없습니다"""
    done = hammer(arena, way, waits, trials(200))
    reads = [did for did in done if did.kind == READ]
    tally.tried += len(reads)
    assert stale(done) == []
    assert {did.version for did in reads[-len(IDS) :]} == {trials(200)}, "끝에는 마지막 것을 봅니다"


def lingering(arena, way: str) -> list[Did]:
    """읽는 프로세스가 채우기 직전에 멈춘 사이에, 고치는 프로세스가 고치고 답합니다."""
    about = {"way": way, "waits": False, "ids": IDS[:1], "rounds": 1, "readers": 1}
    reader = arena.start("reader", "linger", **about)
    writer = arena.start("writer", "write", **about)
    return finished(writer) + finished(reader)


@pytest.mark.parametrize(("way", "found"), [("invalidate", 1), ("lease", 0), ("outbox", 0)])
def test_without_the_lease_a_reader_sees_the_old_text(arena, way, found):
    """대조군: 임차권이 없으면, 답한 뒤에 시작한 읽기가 옛 글을 봅니다."""
    done = lingering(arena, way)
    assert [did.kind for did in done] == [SETTLED, READ, READ]
    assert done[1].version == 0, "멈춰 있던 읽기는 고치기 전에 시작했습니다"
    assert len(stale(done)) == found


def test_stale_is_what_began_after_it_was_settled():
    settled = Did(SETTLED, 1, 5, 1.0, 2.0)
    early, late = Did(READ, 1, 4, 1.9, 9.0), Did(READ, 1, 4, 2.1, 2.2)
    other, fresh = Did(READ, 2, 0, 3.0, 3.1), Did(READ, 1, 5, 3.0, 3.1)
    assert stale([early, other, fresh, settled]) == []
    assert stale([late, settled]) == [(late, 5)]
    assert told("경고\n" + json.dumps(late) + "\n") == [late]
