"""이 커널이 띄우는 PostgreSQL: 독자의 것은 보지 않고, 어느 때 죽어도 남기지 않습니다."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from ddialab.core import postgresql
from ddialab.core.errors import BackendUnavailable, MissingCapability
from ddialab.core.postgresql import OWNER, open_home, start, stop, url_of
from ddialab.ops.access import GuardedPostgres
from suite.effort import some
from waiting import wait_until

KILLED = """
import sys, threading, time
from ddialab.core import workspace
from ddialab.ops.access import GuardedPostgres, GuardedValkey
run = workspace.Workspace.run
def told(self, *args, **more):
    print(self.folder, flush=True)
    return run(self, *args, **more)
workspace.Workspace.run = told
with {server}() as server:
    print("ready", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def home():
    with open_home() as opened:
        yield opened


@pytest.fixture
def installed():
    if not postgresql.is_installed():
        pytest.skip("PostgreSQL이 없습니다(apt install postgresql).")


def test_only_the_password_opens_it(home, installed):
    process, port = start(home, "s3cret")
    with psycopg.connect(url_of(port, OWNER, "s3cret")) as driver:
        assert driver.execute("SELECT current_user").fetchone() == (OWNER,)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url_of(port, OWNER, "wrong"))
    assert not (home.folder / "password").exists()
    assert b"s3cret" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    stop(process)
    assert process.poll() is not None


def test_the_reader_s_database_is_not_seen(monkeypatch, installed):
    """DATABASE_URL에 무엇이 있든 연결하지 않습니다."""
    told = []
    monkeypatch.setenv("DATABASE_URL", "postgresql://mine:s3cret@127.0.0.1:1/mine")
    connect = psycopg.connect
    monkeypatch.setattr(
        psycopg, "connect", lambda url, **how: told.append(url) or connect(url, **how)
    )
    with GuardedPostgres() as server:
        assert server.as_role("app").count() == 0
        assert all(f":{server.port}/postgres" in url for url in told)
    assert len(told) >= 2


def test_what_is_not_installed_is_told(monkeypatch):
    monkeypatch.setattr(postgresql.shutil, "which", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(MissingCapability, match=r"initdb.*apt install"):
        GuardedPostgres()


def test_a_server_that_cannot_start_says_why(home, installed):
    with pytest.raises(BackendUnavailable, match="shared_buffers"):
        start(home, "s3cret", {"shared_buffers": "많이"})


def test_a_taken_port_is_chosen_again(home, installed, monkeypatch):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1]])
        free = postgresql.free_port
        monkeypatch.setattr(postgresql, "free_port", lambda: next(ports, None) or free())
        process, port = start(home, "s3cret")
        assert port != taken.getsockname()[1]
        stop(process)


MOMENTS = [(server, when) for server in ("GuardedPostgres", "GuardedValkey") for when in range(5)]


@pytest.mark.proof
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
@pytest.mark.parametrize(("server", "when"), some(MOMENTS, least=4))
def test_killed_while_starting_leaves_nothing(server, when, installed):
    """프로세스를 SIGKILL로: 서버를 띄우자마자, 자식이 몇 생겼을 때, 다 떴을 때"""
    kernel = subprocess.Popen(
        [sys.executable, "-c", KILLED.format(server=server)], stdout=subprocess.PIPE, text=True
    )
    folder = Path(kernel.stdout.readline().strip())
    if when == 4:
        assert kernel.stdout.readline() == "ready\n"
    else:
        born = when if server == "GuardedPostgres" else min(when, 1)
        wait_until(lambda: len(inside(folder)) >= born, "프로세스가 생김")
    os.kill(kernel.pid, signal.SIGKILL)
    kernel.wait()
    wait_until(lambda: not inside(folder) and not folder.exists(), "남은 것이 없음")


def inside(folder: Path) -> list[psutil.Process]:
    """``folder``에서 도는 프로세스들."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(folder)):
                found.append(process)
        except psutil.Error:
            continue
    return found


STARTS = """
from ddialab.core import workspace
run = workspace.Workspace.run
def told(self, *args, **more):
    print(self.folder, flush=True)
    return run(self, *args, **more)
workspace.Workspace.run = told
from ddialab.experiments.abuse import real
real.{call}()
"""
CALLS = [("valkey", n) for n in (1, 2, 3)] + [("postgres", 1)] + [("flood", n) for n in (1, 2, 3)]


@pytest.mark.proof
@pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")
@pytest.mark.parametrize(("call", "number"), some(CALLS, least=3))
def test_an_experiment_killed_at_each_start_leaves_nothing(call, number, installed):
    """실습의 실험을, ``number``번째 프로세스를 띄우는 순간에 SIGKILL로"""
    kernel = subprocess.Popen(
        [sys.executable, "-c", STARTS.format(call=call)], stdout=subprocess.PIPE, text=True
    )
    folders = [Path(kernel.stdout.readline().strip()) for _ in range(number)]
    os.kill(kernel.pid, signal.SIGKILL)
    kernel.wait()
    for folder in folders:
        wait_until(lambda at=folder: not inside(at) and not at.exists(), "남은 것이 없음")
