"""노드 하나인 OpenSearch를 띄우고, 답할 때까지 기다리고, 끕니다."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ddialab.core.errors import StorageFailure
from ddialab.core.java import find_java
from ddialab.core.workspace import LOOPBACK, Process, Workspace
from jvm.folder import check_room, owned
from jvm.java import settle
from jvm.memory import check_memory
from jvm.ports import check_free, free
from jvm.progress import tell
from opensearch.failure import failed
from opensearch.jars import classpath

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache/opensearch"
JVM = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
       "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8")  # fmt: skip
MEMORY = 400 << 20  # 바이트. 뜨는 데 드는 메모리
ROOM = 100 << 20  # 바이트. 색인할 것을 둘 최소한의 공간
LOCKS = "nodes/*/node.lock"  # 노드가 실행되는 동안 잠가 둡니다
PORTS = range(9200, 9300)  # 포트를 정하지 않았을 때
PATIENCE = 180.0  # 초. 뜨기를 기다리는 시간. 바쁜 컴퓨터에서도 넉넉하게
CLOSING = 20.0  # 초. 스스로 끝나기를 기다려 주는 시간


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
    check_memory(MEMORY)
    return found


@contextlib.contextmanager
def running(
    equipment: Equipment, data: Path = CACHE / "data", port: int | None = None
) -> Iterator[Server]:
    """색인을 ``data``에 두는 OpenSearch. ``port``가 없으면 9200부터 빈 포트를 찾습니다.

    뜨지 못하면 까닭을 담은 `LabError`입니다.
    """
    with owned(data, "OpenSearch", LOCKS) as note:
        check_room(data, ROOM)
        with _start(equipment, data, _ports(port)) as server:
            note.write(server.url)
            note.flush()
            yield server


def _ports(chosen: int | None) -> str:
    """OpenSearch에게 열어 보라고 할 포트들. 먼저 답하는 남의 서버가 있는 번호는 뺍니다."""
    if chosen is not None:
        return str(check_free(chosen))
    return f"{next(iter(free(PORTS)), PORTS[0])}-{PORTS[-1]}"


def _start(equipment: Equipment, data: Path, ports: str) -> Server:
    settings = {
        "cluster.name": "ddialab",
        "node.name": "ddialab",
        "network.host": LOOPBACK,
        "http.port": ports,
        "transport.port": "9300-9399",
        "discovery.type": "single-node",  # 같은 네트워크의 클러스터에 끼지 않습니다
        "path.data": data.resolve(),
        # 디스크가 거의 찬 컴퓨터에서도 색인을 만들게. 다 차면 쓰기가 오류로 답합니다
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    tell("OpenSearch를 띄웁니다(5~10초쯤).")
    workspace = Workspace()
    java = [equipment.java / "bin/java", *JVM, f"-Djava.io.tmpdir={workspace.folder}"]
    told = ["Nori", *(f"{name}={value}" for name, value in settings.items())]
    try:
        process = workspace.run([*java, "-cp", equipment.classpath, *told], "opensearch.log")
        url = f"http://{LOOPBACK}:{_port(process)}"
        _check_health(url, data)
        return Server(process, workspace, url)
    except BaseException:
        workspace.close()
        raise


def _port(process: Process) -> int:
    """노드가 잡은 포트. 뜨지 않고 끝나면 까닭을 담은 `BackendUnavailable`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        code = process.poll()  # 끝난 다음에 읽어야 마지막 말까지 읽습니다
        said = process.log.read_text(errors="replace")
        if found := re.search(r"http\.port=(\d+)$", said, re.MULTILINE):
            return int(found[1])
        if code is not None:
            raise failed(said, code)
        time.sleep(0.05)
    raise failed(f"{PATIENCE:g}초 안에 뜨지 않음", None)


def _check_health(url: str, data: Path) -> None:
    """저장한 색인을 모두 읽을 때까지 기다립니다. 읽지 못하는 것이 있으면 `StorageFailure`."""
    link = http.client.HTTPConnection(url.partition("://")[2], timeout=90)
    with contextlib.closing(link):
        try:
            link.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=60s")
            status = json.load(link.getresponse()).get("status")
        except (OSError, http.client.HTTPException, ValueError):
            status = "답하지 않음"
    if status not in ("green", "yellow"):
        raise StorageFailure(
            f"저장한 색인 가운데 읽지 못하는 것이 있습니다(클러스터의 상태: {status}).",
            "",
            f'다시 색인해도 되면 지우세요: rm -r "{data}"',
        )
