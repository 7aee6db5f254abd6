"""테스트용 PostgreSQL: 임시 폴더에 띄우고 끝나면 지웁니다. 실행 파일이 없으면 건너뜁니다."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest


def _tool(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(places[0]) if places else shutil.which(name)


def _run(*argv: str, **user) -> None:
    done = subprocess.run(argv, capture_output=True, text=True, cwd="/", **user)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def postgres_url():
    initdb, control = _tool("initdb"), _tool("pg_ctl")
    if not (initdb and control):
        pytest.skip("PostgreSQL의 initdb가 없습니다(apt install postgresql).")
    user = {"user": "nobody"} if os.name == "posix" and os.geteuid() == 0 else {}
    # 기본 임시 폴더의 경로가 길면 유닉스 소켓 이름의 한도(107바이트)를 넘습니다
    folder = tempfile.mkdtemp(prefix="ddia-pg-", dir="/tmp")
    data = f"{folder}/data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        if user:
            shutil.chown(folder, "nobody")
        _run(initdb, "-D", data, "-A", "trust", "-U", "tester", "-N", "-E", "UTF8", **user)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        _run(control, "-D", data, "-o", options, "-l", f"{folder}/log", "-w", "start", **user)
        yield f"postgresql://tester:s3cret@127.0.0.1:{port}/postgres"
        _run(control, "-D", data, "-m", "immediate", "-w", "stop", **user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
