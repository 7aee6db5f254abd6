"""노드 하나인 OpenSearch를 띄우고, 답할 때까지 기다리고, 끕니다."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

from ddialab.core.errors import BackendUnavailable, StorageFailure
from ddialab.core.workspace import LOOPBACK, Process, Workspace
from opensearch.jars import check_room, classpath, opened, tell
from opensearch.java import find_java, settle

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache/opensearch"
JVM = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
       "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8")  # fmt: skip
MEMORY = 400 << 20  # 바이트. 뜨는 데 드는 메모리
ROOM = 100 << 20  # 바이트. 색인할 것을 둘 최소한의 공간
HTTP_PORTS, TRANSPORT_PORTS = "9200-9299", "9300-9399"
PATIENCE = 180.0  # 초. 뜨기를 기다리는 시간. 바쁜 컴퓨터에서도 넉넉하게
CLOSING = 20.0  # 초. 스스로 끝나기를 기다려 주는 시간
RUNNING = "이 폴더의 OpenSearch가 이미 실행 중입니다"
CAUSES = (  # (기록에 남은 말, 까닭, 할 일)
    (r"failed to obtain node lock|LockObtainFailed", RUNNING, "실행 중인 것을 먼저 끄세요."),
    (r"BindTransportException|BindHttpException|BindException|Address already in use",
     "포트를 다른 프로그램이 쓰고 있습니다", "PORT=9250처럼 다른 번호를 적거나 PORT를 빼세요."),
    (r"insufficient memory|Could not reserve|OutOfMemoryError|Cannot allocate memory",
     "메모리가 모자랍니다", "다른 프로그램을 끄고 다시 치세요."),
    (r"No space left", "디스크가 가득 찼습니다", "공간을 비우세요."),
    (r"AccessDenied|Permission denied|Read-only file system",
     "데이터를 둘 폴더에 쓸 수 없습니다", "폴더의 권한을 확인하세요."),
    (r"UnsupportedClassVersion", "Java가 너무 낡았습니다", "Java 17 이상을 JAVA_HOME에 적으세요."),
    (r"cannot downgrade|IndexFormatToo|CorruptIndex|CorruptState|EOFException|fail.*metadata",
     "저장한 데이터를 읽지 못합니다(깨졌거나 다른 버전이 적음)",
     "색인을 다시 만들어도 되면 그 폴더를 지우세요."),
)  # fmt: skip


class Server:
    """실행 중인 OpenSearch. ``url``로 접속합니다. ``with`` 문으로 쓰거나 `close`로 끕니다."""

    def __init__(self, process: Process, workspace: Workspace, url: str):
        self.process, self.url = process, url
        self._workspace = workspace

    def close(self) -> None:
        """끄고 임시 폴더를 지웁니다. 돌아왔을 때는 프로세스도 포트도 없습니다."""
        try:
            self.process.send_signal(signal.SIGTERM)
            until = time.monotonic() + CLOSING
            while self.process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
        finally:  # 기다리다 Ctrl-C를 또 받아도
            self._workspace.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_) -> None:
        self.close()


class Equipment(NamedTuple):
    """띄우는 데 드는 것: Java의 폴더와 클래스패스."""

    java: Path
    classpath: str


def equip() -> Equipment:
    """Java와 jar와 메모리를 갖춥니다. 이 컴퓨터에 없는 것이 있으면 그것을 말하는 `LabError`."""
    home = find_java()
    settle(home)
    found = Equipment(home, classpath(CACHE, home))
    check_memory()
    return found


@contextlib.contextmanager
def running(
    equipment: Equipment, data: Path = CACHE / "data", port: int | None = None
) -> Iterator[Server]:
    """색인을 ``data``에 두는 OpenSearch. ``port``가 없으면 9200부터 빈 포트를 찾습니다.

    뜨지 못하면 까닭을 담은 `LabError`입니다.
    """
    with opened(data, "running") as note:
        if os.name == "posix":  # Windows에서는 OpenSearch가 스스로 알아채 거절합니다
            _lock(note)
            _wait_for_a_dying_one(data)
        note.truncate(0)
        check_room(data, ROOM)
        try:
            with _start(equipment, data, port) as server:
                note.write(server.url)
                note.flush()
                yield server
        finally:
            note.truncate(0)


def _lock(note: TextIO) -> None:
    import fcntl

    try:
        fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        note.seek(0)
        where = note.read().strip()
        problem = f"{RUNNING}{f'({where})' if where else '(아직 뜨는 중)'}."
        raise BackendUnavailable(problem, "", "그 주소를 쓰거나, 그것을 먼저 끄세요.") from None


def _wait_for_a_dying_one(data: Path) -> None:
    """강제로 죽은 지난번의 서버를 감시 프로세스가 끝내는 동안 기다립니다."""
    import fcntl

    until = time.monotonic() + CLOSING
    for held in data.glob("nodes/*/node.lock"):
        with held.open("r+") as file:
            while time.monotonic() < until:
                with contextlib.suppress(BlockingIOError, PermissionError):
                    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                time.sleep(0.05)


def check_memory(proc: Path = Path("/proc/meminfo")) -> None:
    """메모리가 모자라면 띄우기 전에 말합니다. 리눅스가 아니면 띄워 보고 압니다."""
    try:
        found = re.search(r"MemAvailable:\s*(\d+) kB", proc.read_text())
    except OSError:
        return
    if found and int(found[1]) << 10 < MEMORY:
        raise BackendUnavailable(
            f"메모리가 {int(found[1]) >> 10} MB만 남았습니다.",
            f"{MEMORY >> 20} MB가 있어야 합니다.",
            "다른 프로그램을 끄고 다시 치세요.",
        )


def _start(equipment: Equipment, data: Path, port: int | None) -> Server:
    settings = {
        "cluster.name": "ddialab",
        "node.name": "ddialab",
        "network.host": LOOPBACK,
        "http.port": port or HTTP_PORTS,
        "transport.port": TRANSPORT_PORTS,
        "discovery.type": "single-node",  # 같은 네트워크의 클러스터에 끼지 않습니다
        "path.data": data.resolve(),
        # 디스크가 거의 찬 컴퓨터에서도 인덱스를 만들게. 다 차면 쓰기가 오류로 답합니다
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    tell("OpenSearch를 띄웁니다(5~10초쯤).")
    workspace = Workspace()
    java = [equipment.java / "bin/java", *JVM, f"-Djava.io.tmpdir={workspace.folder}"]
    try:
        told = [f"{name}={value}" for name, value in settings.items()]
        process = workspace.run(
            [*java, "-cp", equipment.classpath, "Nori", *told], log="opensearch.log"
        )
        url = f"http://{LOOPBACK}:{_port(process)}"
        _healthy(url)
        return Server(process, workspace, url)
    except BaseException:
        workspace.close()
        raise


def _port(process: Process) -> int:
    """노드가 잡은 포트. 뜨지 않고 끝나면 까닭을 담은 `BackendUnavailable`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        code = process.poll()
        said = process.log.read_text(errors="replace")
        if found := re.search(r"http\.port=(\d+)$", said, re.MULTILINE):
            return int(found[1])
        if code is not None:
            raise _failed(said, code)
        time.sleep(0.05)
    raise _failed(f"{PATIENCE:g}초 안에 뜨지 않음", 0)


def _failed(said: str, code: int) -> BackendUnavailable:
    """기록에 남은 말에서 뜨지 못한 까닭을 찾습니다."""
    if code == -9:
        said = "OutOfMemoryError"  # 아무 말 없이 죽였다면 운영체제가 메모리를 되찾은 것입니다
    for sign, why, todo in CAUSES:
        if re.search(sign, said):
            return BackendUnavailable(f"OpenSearch가 뜨지 않았습니다. {why}.", "", todo)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    named = [line for line in lines if "Caused by:" in line or "Exception" in line] or lines
    last = (named or [f"종료 코드 {code}"])[-1][:300]
    return BackendUnavailable(
        f"OpenSearch가 뜨지 않았습니다({last}).", "", "까닭을 고치고 다시 치세요."
    )


def _healthy(url: str) -> None:
    """인덱스를 모두 읽을 수 있을 때까지(yellow) 기다립니다."""
    path = "/_cluster/health?wait_for_status=yellow&timeout=60s"
    link = http.client.HTTPConnection(url.partition("://")[2], timeout=90)
    with contextlib.closing(link):
        try:
            link.request("GET", path)
            status = json.load(link.getresponse()).get("status")
        except (OSError, http.client.HTTPException, ValueError):
            status = "답하지 않음"
    if status not in ("green", "yellow"):
        raise StorageFailure(
            f"저장한 인덱스 가운데 읽지 못하는 것이 있습니다(클러스터의 상태: {status}).",
            "",
            f"색인을 다시 만들어도 되면 지우세요: rm -r {CACHE / 'data'}",
        )
