"""Windows에 없는 것을 지운 파이썬: 모듈이 모두 읽히고, 못 하는 단계는 저장한 결과를 보여 줍니다."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
# 자식 프로세스마다 지웁니다. 감시 프로세스와 마이그레이션도 같은 처지여야 합니다
MISSING = '''\
import os, signal, socket, sys
for module, names in {
    signal: "SIGKILL SIGSTOP SIGCONT SIGALRM SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGCHLD alarm "
            "setitimer pthread_sigmask pthread_kill sigwait",
    os: "fork forkpty killpg getpgid getuid geteuid getgid setsid chown mkfifo sysconf uname wait "
        "register_at_fork statvfs sched_getaffinity sched_setaffinity nice getloadavg",
    socket: "AF_UNIX socketpair",
}.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
for name in ("fcntl", "resource", "pwd", "grp", "termios", "pty", "syslog"):
    sys.modules[name] = None
'''  # fmt: skip


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    """``windows(코드)``: POSIX에만 있는 것을 지운 파이썬에서 실행한 출력."""
    folder = tmp_path_factory.mktemp("windows")
    (folder / "no_posix.py").write_text(MISSING)

    def run(code: str, **given: str) -> str:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT / "src")]),
               "DDIALAB_BACKEND": "embedded", **given}  # fmt: skip
        for name in ("REDIS_URL", "DATABASE_URL", "OPENSEARCH_URL", "KAFKA_BOOTSTRAP"):
            env.pop(name, None)
        argv = [sys.executable, "-c", code]
        done = subprocess.run(argv, cwd=ROOT / "labs", env=env, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


EVERY = """\
import tempfile, subprocess, threading, logging, concurrent.futures, ssl, asyncio, multiprocessing
import IPython, matplotlib.pyplot, numpy, redis, fakeredis, psycopg, sqlite3, nbformat
import no_posix, pkgutil, importlib, ddialab, classroom
for package in (ddialab, classroom):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
            print(module.name)
"""


def test_every_module_can_be_imported(windows):
    names = windows(EVERY).split()
    assert {"ddialab.core.guard", "ddialab.ops.migration", "classroom.marking.sandbox"} <= set(
        names
    )


KILLING = """\
import tempfile, subprocess, threading, redis, fakeredis, sqlite3
import no_posix
from ddialab.core.recorded import PACKAGE, recorded
from ddialab.core.workspace import Workspace
from ddialab.experiments.evolvability.live import migrate_killing
from ddialab.experiments.human_errors.flushall import flush_then_rewrite, flushall_story
def migrate():
    with Workspace() as home:
        return migrate_killing(str(home.folder / "live.db"), home)
import json
steps = {"19-live": migrate, "10-flushall": flushall_story, "10-rewrite": flush_then_rewrite}
for name, step in steps.items():
    value, notice = recorded(f"recorded/{name}.json", step)
    saved = json.loads((PACKAGE / f"recorded/{name}.json").read_text("utf-8"))
    print("saved", name, json.dumps(value) == json.dumps(saved))
    assert notice
"""


def test_what_cannot_be_killed_shows_the_recorded_result(windows):
    said = windows(KILLING)
    assert [line for line in said.splitlines() if line.startswith("saved")] == [
        "saved 19-live True", "saved 10-flushall True", "saved 10-rewrite True",
    ]  # fmt: skip
    assert "SIGKILL" in said
    assert "WSL" in said


def test_a_server_that_can_be_started_still_cannot_be_killed(windows):
    """Windows에 따로 설치한 Redis가 PATH에 있을 때: 껐다 켜는 단계만 저장한 결과입니다."""
    code = KILLING.replace(
        "import no_posix", "import ddialab.core.valkey, signal; del signal.SIGKILL"
    )
    said = windows(code, DDIALAB_BACKEND="local")
    assert said.count("SIGKILL") == 3
    assert said.count("True") == 3


def test_processes_are_started_and_ended_without_groups(windows):
    code = """\
import subprocess, tempfile, threading
import no_posix
from ddialab.core import guard
import json, sys
where = guard.make(None)["folder"]
pid = guard.run(where, [sys.executable, "-c", "import time; time.sleep(600)"], "log")["pid"]
assert guard.poll(pid)["code"] is None
print(json.dumps(guard.stop(pid)["code"]))
guard.discard(where)
import os
print(json.dumps(os.path.exists(where)))
"""
    code, left = map(json.loads, windows(code).split())
    assert code != 0
    assert left is False


def test_the_command_that_dies_on_purpose_says_why_it_cannot(windows):
    code = """\
import sqlite3, tempfile, subprocess, threading, sys
import no_posix
from ddialab.ops import migration
sys.stderr = sys.stdout
print(migration.main(["nowhere.db", "--die-after", "1"]))
"""
    said = windows(code)
    assert "SIGKILL" in said
    assert said.split()[-1] == "1"
    assert not (ROOT / "labs/nowhere.db").exists()
