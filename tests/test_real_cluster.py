"""진짜로 복제된 저장소: 죽이고 멈추고 끊어도 약속대로이고, 어떻게 끝나도 아무것도 남지 않습니다."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest
import redis

from ddialab.cluster.promise import ASYNC, MIN_REPLICAS, NO_ANSWER, TIMEOUT, WAIT, kind
from ddialab.cluster.real.cluster import RealCluster
from ddialab.core.backend import open_redis
from ddialab.core.errors import BackendUnavailable, InvalidValue, MissingCapability
from ddialab.core.workspace import Workspace
from ddialab.stress.client import EndlessClient
from monitoring import monitored
from suite.effort import some, trials

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
WRITES = 100
SLOW = 0.02  # 초. 복제가 늦는 시간


@pytest.fixture(scope="module")
def shared():
    with RealCluster() as cluster:
        yield cluster


@pytest.fixture
def cluster(shared):
    """아무 결함도 없고 텅 빈, 셋이 모두 살아 있는 저장소."""
    for name in shared.names:
        shared.release(name)
        shared.heal(name)
        shared.resume(name)
        shared.delay(name, 0)
        shared.restart(name)
    shared.promise, shared.need = ASYNC, 2
    shared.settle()
    shared.reset()
    shared.settle()
    return shared


def replicas(cluster):
    return [name for name in cluster.names if name != cluster.primary]


def write(cluster, count):
    return [cluster.write(f"k{len(cluster.outcomes) + n}") for n in range(count)]


def fail_over(cluster):
    """프라이머리를 죽이고 새 프라이머리를 기다립니다. 죽인 것의 이름."""
    old = cluster.primary
    cluster.kill(old)
    cluster.settle()
    assert cluster.primary != old
    return old


# --- 죽여도 ---


@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(100)))
def test_what_was_acknowledged_after_wait_2_survives_a_kill(cluster, nth):
    """복제가 늦는데 WAIT 2로 쓰는 동안 프라이머리를 kill -9로 죽입니다"""
    cluster.promise = WAIT
    for name in cluster.names:
        cluster.delay(name, SLOW)
    client = EndlessClient(lambda: write(cluster, 1), 0.001)
    try:
        cluster.wait_until(lambda: len(cluster.acknowledged) >= 5 + nth % 5, "쓰기")
        old = cluster.primary
        cluster.kill(old)
        cluster.wait_until(lambda: cluster.primary not in (None, old), "페일오버")
    finally:
        client.stop()
    assert cluster.acknowledged
    assert cluster.missing() == []


@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(100)))
def test_the_control_loses_everything_it_acknowledged(cluster, nth):
    """대조군: 복제를 붙잡고 비동기로 쓴 다음 kill -9로 죽이면 답한 것을 모두 잃습니다"""
    for name in replicas(cluster):
        cluster.hold(name)
    assert write(cluster, WRITES) == [True] * WRITES
    fail_over(cluster)
    assert cluster.missing() == cluster.acknowledged
    assert len(cluster.acknowledged) == WRITES


def test_wait_acknowledges_nothing_while_the_replication_is_held(cluster):
    cluster.promise = WAIT
    for name in replicas(cluster):
        cluster.hold(name)
    assert write(cluster, 2) == [False, False]
    assert cluster.outcomes == [f"{TIMEOUT}: 0/2"] * 2
    fail_over(cluster)
    assert cluster.missing() == cluster.extra() == []


def test_min_replicas_refuses_once_the_silence_is_noticed(cluster):
    cluster.promise = MIN_REPLICAS
    cluster.settle()
    assert write(cluster, 1) == [True]
    for name in replicas(cluster):
        cluster.hold(name)
    cluster.wait_until(lambda: write(cluster, 1) == [False], "거절")
    assert cluster.outcomes[-1] == "refused: NOREPLICAS"
    assert cluster.extra() == [], "거절한 것을 적었습니다"


def test_a_paused_primary_is_replaced_and_comes_back_as_a_replica(cluster):
    old = cluster.primary
    write(cluster, 3)
    cluster.pause(old)
    assert cluster.alive(old)
    assert cluster.primary is None
    assert write(cluster, 1) == [False]
    assert kind(cluster.outcomes[-1]) == NO_ANSWER
    cluster.settle()
    assert cluster.primary != old
    cluster.resume(old)
    cluster.settle()
    assert write(cluster, 3) == [True] * 3
    assert cluster.missing() == []


def test_a_cut_off_primary_is_replaced_and_discards_what_only_it_has(cluster):
    old, names = cluster.primary, replicas(cluster)
    for name in names:
        cluster.hold(name)
    write(cluster, WRITES)
    cluster.cut(old)
    for name in names:
        cluster.release(name)
    assert write(cluster, 1) == [False]
    cluster.settle()
    assert cluster.primary != old
    assert cluster.missing() == cluster.acknowledged
    cluster.heal(old)
    cluster.settle()
    cluster.cut(cluster.primary)  # 남은 둘 가운데 누가 이어받아도 되살아나지 않습니다
    cluster.settle()
    assert cluster.missing() == cluster.acknowledged


def test_a_delay_is_paid_by_wait_only(cluster):
    for name in cluster.names:
        cluster.delay(name, 0.1)
    cluster.need, cluster.promise = 1, WAIT
    began = time.monotonic()
    assert write(cluster, 1) == [True]
    assert cluster.times[-1] - began >= 0.2, "가는 데와 오는 데 저마다 늦어야 합니다"


def test_a_primary_without_disk_that_returns_at_once_empties_its_replicas(cluster):
    cluster.down_after = 20_000
    try:
        cluster.promise = WAIT
        assert all(write(cluster, 10))
        old = cluster.primary
        cluster.kill(old)
        assert not cluster.alive(old)
        cluster.restart(old)
        cluster.settle()
        assert cluster.primary == old
        assert cluster.missing() == cluster.acknowledged
    finally:
        cluster.down_after = 1000


def test_with_a_disk_it_comes_back_with_everything():
    with RealCluster(WAIT, 20_000, disk=True) as cluster:
        assert all(write(cluster, 10))
        cluster.kill("n1")
        cluster.restart("n1")
        cluster.settle()
        assert cluster.primary == "n1"
        assert cluster.missing() == []


# --- 옮기기 ---


@pytest.mark.parametrize(("coordinated", "lost"), [(False, WRITES), (True, 0)])
def test_a_move_while_the_replication_is_held(cluster, coordinated, lost):
    """그냥 옮기면 못 받은 것을 잃고, 함께 옮기면 다 받지 못해 그만둡니다."""
    cluster.down_after = 20_000
    try:
        for name in replicas(cluster):
            cluster.hold(name)
        write(cluster, WRITES)
        assert cluster.planned_failover(coordinated) is not coordinated
        assert len(cluster.missing()) == lost
    finally:
        cluster.down_after = 1000


def test_a_server_that_cannot_coordinate_says_so(cluster, monkeypatch):
    monkeypatch.setattr(cluster, "_coordinates", False)
    with pytest.raises(MissingCapability, match="COORDINATED"):
        cluster.planned_failover(True)


# --- 나쁜 입력 ---


@pytest.mark.parametrize(
    "wrong",
    [
        lambda c: c.kill("n4"),
        lambda c: c.hold(""),
        lambda c: c.delay("n1", -1),
        lambda c: c.delay("n1", 1e9),
        lambda c: c.rest(-1),
        lambda c: c.prefer("n2", -1),
        lambda c: setattr(c, "promise", "언젠가"),
        lambda c: setattr(c, "down_after", 0),
        lambda c: RealCluster("언젠가"),
        lambda c: RealCluster(need=3),
        lambda c: RealCluster(down_after=1.5),
    ],
)
def test_bad_input_gets_an_answer(shared, wrong):
    with pytest.raises(InvalidValue):
        wrong(shared)


def test_a_promise_made_while_a_node_is_held_or_paused_reaches_it(cluster):
    first, second = replicas(cluster)
    cluster.hold(first)
    cluster.pause(second)
    cluster.promise = MIN_REPLICAS
    cluster.resume(second)
    told = [node.client.config_get("min-replicas-to-write") for node in cluster.nodes]
    assert told == [{"min-replicas-to-write": "1"}] * 3


def test_an_interrupted_write_drops_the_connection(cluster, monkeypatch):
    """듣지 못한 답이 다음 쓰기의 답이 되면, 저장하지 않은 것을 저장했다고 합니다."""
    write(cluster, 1)
    cluster.pause(cluster.primary)

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("redis.sentinel.SentinelManagedConnection.read_response", interrupt)
        with pytest.raises(KeyboardInterrupt):
            cluster.write("k0")
    pool = cluster._client._primary.connection_pool
    assert [one._sock for one in pool._available_connections] == [None]


def test_a_question_cut_off_by_a_sentinel_is_asked_again(cluster, monkeypatch):
    """센티널은 자리를 바꾼 노드의 연결을 끊습니다. 답을 읽던 관리자의 연결도 그렇습니다."""
    read, cut = redis.connection.Connection.read_response, []

    def cut_once(connection, *arguments, **options):
        if cut:
            return read(connection, *arguments, **options)
        cut.append(connection)
        connection.disconnect()
        raise redis.ConnectionError("Connection reset by peer")

    monkeypatch.setattr(redis.connection.Connection, "read_response", cut_once)
    assert cluster.nodes[0].info()["role"] in ("master", "slave")
    assert len(cut) == 1


def test_what_has_no_fault_is_left_alone(cluster):
    before = [node.process.pid for node in cluster.nodes]
    for name in cluster.names:
        for undo in (cluster.release, cluster.heal, cluster.resume, cluster.restart):
            undo(name)
    assert [node.process.pid for node in cluster.nodes] == before
    dead = replicas(cluster)[0]
    for again in (cluster.kill, cluster.kill, cluster.pause, cluster.resume):
        again(dead)
    assert not cluster.alive(dead)


def test_a_wait_that_cannot_end_says_what_stands_where(cluster, monkeypatch):
    monkeypatch.setattr("ddialab.cluster.real.cluster.START_TIMEOUT", 0.0)
    with pytest.raises(BackendUnavailable, match=r"n1 \w+, n2 \w+, n3 \w+"):
        cluster.wait_until(lambda: False, "오지 않을 일")


@pytest.mark.parametrize("where", ["browser", "windows", "no server"])
def test_where_it_cannot_run_it_says_so(monkeypatch, where):
    if where == "browser":
        monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
    elif where == "windows":
        monkeypatch.delattr(signal, "SIGKILL")
    else:
        monkeypatch.setattr("ddialab.cluster.real.cluster.find_binaries", list)
    with pytest.raises(MissingCapability):
        RealCluster()


# --- 남의 것은 건드리지 않고, 남기지 않습니다 ---


def test_the_servers_of_the_reader_are_not_touched(monkeypatch):
    """독자가 적은 서버에는 연결도 하지 않습니다."""
    monkeypatch.setenv("DDIALAB_BACKEND", "local")
    with open_redis() as theirs:
        theirs.client.set("k0", "남의 글")
        monkeypatch.setenv("DDIALAB_BACKEND", "remote")
        monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{theirs.port}/0")
        monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")
        with monitored(theirs.client) as commands, RealCluster() as cluster:
            write(cluster, 3)
            fail_over(cluster)
            cluster.reset()
        assert commands == []
        assert theirs.client.get("k0") == "남의 글"
        assert theirs.process.poll() is None


STARTS = 7  # 프록시, 노드 셋, 센티널 셋


@pytest.mark.proof
@pytest.mark.parametrize("nth", some(range(STARTS), least=3))
@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupted_start_leaves_nothing(monkeypatch, nth, when):
    """서버를 하나씩 띄울 때마다 Ctrl-C를 누릅니다"""
    started, run = [], Workspace.run

    def interrupted(workspace, *arguments, **options):
        if len(started) == nth and when == "before":
            raise KeyboardInterrupt
        started.append((run(workspace, *arguments, **options), workspace.folder))
        if len(started) > nth:
            raise KeyboardInterrupt
        return started[-1][0]

    monkeypatch.setattr(Workspace, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        RealCluster()
    assert [one.pid for one, _ in started if psutil.pid_exists(one.pid)] == []
    assert [str(folder) for _, folder in started if Path(folder).exists()] == []


def test_close_leaves_nothing_and_may_be_called_twice():
    cluster = RealCluster()
    folder = cluster.nodes[0].process.log.parent
    ports = [node.door.port for node in cluster.nodes]
    cluster.pause("n2")
    cluster.kill("n3")
    processes = [one for one in psutil.process_iter() if _runs_in(one, folder)]
    assert len(processes) == STARTS - 1
    cluster.close()
    cluster.close()
    assert not any(one.is_running() for one in processes)
    assert not folder.exists()
    listening = {one.laddr.port for one in psutil.net_connections("tcp") if one.status == "LISTEN"}
    assert listening.isdisjoint(ports)


def _runs_in(process, folder):
    try:
        return process.cwd() == str(folder)
    except psutil.Error:
        return False
