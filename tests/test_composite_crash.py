"""쓰는 프로세스를 모든 단계에서 SIGKILL로 죽입니다: 다시 켜면 무엇을 잃고 무엇이 어긋나는지."""

import os
from pathlib import Path

import psycopg
import pytest

from ddialab.core.backend import open_redis
from ddialab.core.errors import BackendUnavailable, MissingCapability
from ddialab.core.workspace import Process, Workspace
from ddialab.experiments.composite_system import writer
from ddialab.experiments.composite_system.crash import (
    BEFORE,
    PLAN,
    Stores,
    crash,
    diverging,
    lost,
    steps_of,
    texts_after,
)
from ddialab.service.views import CACHE, INDEX, TIMELINE, TRENDING
from ddialab.service.writes import ANSWER, DATABASE
from opensearch_server import opensearch_url  # noqa: F401
from postgres_server import postgres_url  # noqa: F401
from suite.effort import some

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
OURS = ("DATABASE_URL", "OPENSEARCH_URL", "REDIS_URL", "DDIALAB_BACKEND")


@pytest.fixture
def stores(request, monkeypatch):
    """embedded는 파일과 fakeredis, valkey는 파일과 Valkey, real은 모두 진짜 서버입니다."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    if request.param == "real":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
        monkeypatch.setenv("OPENSEARCH_URL", request.getfixturevalue("opensearch_url"))
    else:
        kind = {"valkey": "local"}.get(request.param, request.param)
        monkeypatch.setenv("DDIALAB_BACKEND", kind)
    with Stores() as opened:
        yield opened


@pytest.mark.proof
@pytest.mark.parametrize(
    ("stores", "waits"),
    [("embedded", False), ("valkey", False), ("valkey", True), ("real", False)],
    indirect=["stores"],
)
def test_with_the_outbox_nothing_is_lost_and_everything_agrees(stores, waits, tally):
    """쓰는 프로세스를 단계마다 죽여도 답한 쓰기를 잃지 않고 사본이 모두 맞습니다"""
    steps, failed = stores.steps("outbox", waits=waits), {}
    for die in some(range(1, len(steps) + 1)):
        found = crash(stores, "outbox", die, waits=waits)
        assert found.step == steps[die - 1]
        tally.tried += 1
        if found.lost or found.drifts:
            failed[die] = found
    assert failed == {}


@pytest.mark.proof
@pytest.mark.parametrize("stores", ["valkey", "real"], indirect=True)
def test_the_control_diverges_at_these_steps(stores, tally):
    """대조군: 이중 쓰기는 데이터베이스를 고친 다음의 단계에서 죽으면 어긋납니다"""
    table = diverging(stores, ["dual"])
    tally.tried += len(table["dual"])
    assert table == {
        "dual": [
            (DATABASE, []),
            (CACHE, [CACHE, INDEX, TRENDING]),
            (INDEX, [INDEX, TRENDING]),
            (TIMELINE, [TRENDING]),
            (TRENDING, [TRENDING]),
            (ANSWER, []),
        ]
    }


@pytest.mark.proof
@pytest.mark.parametrize("stores", ["valkey"], indirect=True)
@pytest.mark.parametrize("way", ["dual", "invalidate", "lease"])
def test_without_one_log_some_step_leaves_every_view_wrong(way, stores, tally):
    """대조군: 로그 없이 사본을 고치는 길은 어디선가 죽으면 어긋난 채로 남습니다"""
    steps, wrong = stores.steps(way), set()
    for die in some([n for n, step in enumerate(steps, 1) if step in (CACHE, INDEX, TIMELINE)], 4):
        found = crash(stores, way, die)
        tally.tried += 1
        assert found.lost == [], "답한 쓰기는 데이터베이스에 있습니다"
        wrong |= {one.view for one in found.drifts}
    assert wrong >= {INDEX, TIMELINE, TRENDING}


@pytest.mark.parametrize("stores", ["valkey"], indirect=True)
def test_a_process_that_is_not_killed_does_it_all(stores):
    steps = stores.steps("outbox")
    assert len(steps) > 70
    found = crash(stores, "outbox", len(steps) + 1)
    assert found == (None, len(PLAN), [], [])


@pytest.mark.parametrize("stores", ["embedded"], indirect=True)
def test_a_writer_that_cannot_work_is_explained(stores):
    with pytest.raises(BackendUnavailable, match="AttributeError") as caught:
        crash(stores, "outbox", 1, [("없는 일",)])
    assert caught.value.accepted
    assert caught.value.todo


def test_where_a_process_cannot_be_killed_it_says_so(monkeypatch):
    monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
    with pytest.raises(MissingCapability):
        Stores()


def test_a_lost_write_would_be_found():
    """잃은 것을 세는 쪽이 셀 줄 아는지: 답한 쓰기는 꼭, 답하지 못한 마지막 쓰기는 있어도 됩니다."""
    assert texts_after([*BEFORE, *PLAN]) == {1: "또 고친 글 #커피", 2: None, 3: "셋째 글 #저녁"}
    old, new = "첫 글 #점심", "고친 글 #저녁"
    assert lost({1: old}, PLAN, 0) == lost({1: new}, PLAN, 0) == []
    assert lost({1: new}, PLAN, 1) == []
    assert lost({1: old}, PLAN, 1) == [(1, new, old)]
    assert lost({}, PLAN, 0) == [(1, old, None)]
    done = {1: "또 고친 글 #커피", 3: "셋째 글 #저녁"}
    assert lost(done, PLAN, len(PLAN)) == []
    assert lost({**done, 2: "되살아난 글"}, PLAN, len(PLAN)) == [(2, None, "되살아난 글")]
    assert lost({**done, 4: "없던 글"}, PLAN, len(PLAN)) == [(4, None, "없던 글")]


def test_a_cache_that_dies_with_the_process_means_more_steps():
    """내장 캐시 서버는 프로세스마다 비어 있어, 시작할 때 사본을 처음부터 다시 만듭니다."""
    assert len(steps_of("outbox", kept=False)) > len(steps_of("outbox"))
    assert len(steps_of("dual", kept=False)) == len(steps_of("dual"))


def test_nothing_is_left_on_the_servers_of_somebody(monkeypatch, postgres_url, opensearch_url):  # noqa: F811
    from opensearchpy import OpenSearch

    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    started, run = [], Workspace.run

    def remember(*arguments, **options):
        started.append(run(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(Workspace, "run", remember)
    with open_redis() as server, psycopg.connect(postgres_url) as driver:
        server.client.set("k", "소중함")
        monkeypatch.delenv("DDIALAB_BACKEND")
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{server.port}/0")
        monkeypatch.setenv("DATABASE_URL", postgres_url)
        monkeypatch.setenv("OPENSEARCH_URL", opensearch_url)
        with Stores() as opened:
            found = crash(opened, "outbox", 60)
            folder, index, schema = opened.workspace.folder, opened._index.index, opened.place
            assert folder.exists()
        assert found.step is not None
        assert (found.lost, found.drifts) == ([], [])
        assert server.client.keys() == ["k"]
        names = driver.execute("SELECT nspname FROM pg_namespace").fetchall()
        assert schema["schema"] not in {name for (name,) in names}
        with OpenSearch([opensearch_url]) as search:
            assert not search.indices.exists(index=index)
    assert not folder.exists()
    assert len(started) == 2, "캐시 서버와 쓰는 프로세스"
    assert all(gone(process) for process in started)


def gone(process: Process) -> bool:
    return not Path(f"/proc/{process.pid}").exists()


def test_the_killer_counts_steps_before_they_are_done(monkeypatch, capsys):
    killed = []
    monkeypatch.setattr(writer.os, "kill", lambda pid, number: killed.append((pid, number)))
    at = writer._killer(2)
    for step in (DATABASE, CACHE, ANSWER):
        at(step)
    assert killed == [(os.getpid(), writer.signal.SIGKILL)]
    assert capsys.readouterr().out == f"dying {CACHE}\n"
