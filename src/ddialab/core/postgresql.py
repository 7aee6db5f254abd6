"""이 커널이 띄우는 PostgreSQL: 실행 파일을 찾고, 빈 포트에 띄우고, 받을 때까지 기다립니다.

독자의 서버(``DATABASE_URL``)는 보지 않습니다. 역할을 만들고 망가뜨려 볼 서버라서 새로 띄웁니다.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from ddialab.core.errors import BackendUnavailable, MissingCapability
from ddialab.core.valkey import PORT_ATTEMPTS
from ddialab.core.workspace import (
    LOOPBACK,
    OUTSIDE,
    Process,
    Workspace,
    free_port,
    require_processes,
)

OWNER = "owner"  # 처음 만드는 관리자
# root는 PostgreSQL을 띄울 수 없습니다. 그럴 때는 아무 권한도 없는 이 사용자로 띄웁니다
NOBODY = "nobody" if hasattr(os, "geteuid") and os.geteuid() == 0 else None
# 폴더를 채우고(initdb) 그 프로세스가 그대로 서버가 됩니다. 도중에 죽어도 치울 것은 하나입니다
START = """initdb=$1 postgres=$2; shift 2
"$initdb" -D data -U "$1" -A "$2" --pwfile=password -N -E UTF8 --locale=C && rm password || exit
shift 2; exec "$postgres" -D data "$@"
"""
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # 소켓 파일을 폴더 밖에 두지 않게
    "dynamic_shared_memory_type": "mmap",  # 공유 메모리도 폴더 안에
    "fsync": "off",  # 정전을 견딜 서버가 아닙니다
    "shared_buffers": "16MB",
}


def is_installed() -> bool:
    """이 컴퓨터에서 띄울 수 있는지."""
    try:
        return bool(_tool("initdb") and _tool("postgres"))
    except MissingCapability:
        return False


def open_home() -> Workspace:
    """서버를 둘 작업 공간. root이면 서버를 띄울 사용자의 것으로 합니다."""
    require_processes()
    if NOBODY is None:
        return Workspace()
    home = Workspace("/tmp")  # 그 사용자도 지나갈 수 있는 곳이어야 합니다
    shutil.chown(home.folder, NOBODY)
    return home


def start(
    home: Workspace, password: str, settings: Mapping[str, str] = {}, auth: str = "scram-sha-256"
) -> tuple[Process, int]:
    """``home``(`open_home`)에 서버를 띄우고 (프로세스, 포트)를 돌려줍니다.

    관리자 `OWNER`의 비밀번호가 ``password``입니다. 설치되어 있지 않으면 `MissingCapability`, 뜨지
    않으면 `BackendUnavailable`.
    """
    tools = [_tool(name) for name in ("initdb", "postgres")]
    for attempt in range(PORT_ATTEMPTS):
        _write_password(home.folder / "password", password)
        shutil.rmtree(home.folder / "data", ignore_errors=True)
        port, chosen = free_port(), SETTINGS | dict(settings)
        options = [f"--{name}={value}" for name, value in {**chosen, "port": port}.items()]
        argv = ["sh", "-c", START, "sh", *tools, OWNER, auth, *options]
        process = home.run(argv, log=f"postgres-{attempt}.log", user=NOBODY)
        try:
            process.wait_until_ready(
                partial(_accepts, home.folder / "data" / "postmaster.pid", process.pid),
                f"{tools[1]}: 서버가",
                "이 컴퓨터에서 실행되는 PostgreSQL이어야 합니다.",
                "실습을 다시 실행하고, 그래도 안 되면 PostgreSQL을 다시 설치하세요.",
            )
            return process, port
        except BackendUnavailable as error:
            if "could not bind" not in process.log.read_text(errors="replace"):
                raise
            refused = error
    raise refused


def url_of(port: int, user: str, password: str, database: str = "postgres") -> str:
    """``user``로 연결하는 주소."""
    return f"postgresql://{user}:{password}@{LOOPBACK}:{port}/{database}"


def stop(process: Process) -> None:
    """연결이 남아 있어도 깨끗이 끕니다(fast shutdown)."""
    import signal

    process.send_signal(signal.SIGINT)
    process.stop()


def _accepts(pidfile: Path, pid: int) -> bool | None:
    """서버가 스스로 적은 것을 봅니다: 맨 앞은 프로세스의 번호, 여덟째 줄은 상태입니다."""
    try:
        lines = pidfile.read_text().split("\n")
    except OSError:
        return None
    return True if lines[0] == str(pid) and lines[7:8] == ["ready   "] else None


def _write_password(path: Path, password: str) -> None:
    path.write_text(password)
    path.chmod(0o600)
    if NOBODY is not None:
        shutil.chown(path, NOBODY)


def _tool(name: str) -> str:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    found = str(places[0]) if places else shutil.which(name)
    if found is None or os.name == "nt":
        raise MissingCapability(
            f"PostgreSQL의 {name}이(가) 없습니다.",
            "리눅스나 macOS에 설치한 PostgreSQL 서버가 있어야 합니다.",
            f"apt install postgresql(macOS는 brew install postgresql)로 설치하거나 {OUTSIDE}",
        )
    return found
