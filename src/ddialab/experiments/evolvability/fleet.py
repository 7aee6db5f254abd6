"""진짜 롤링 업그레이드: 게시글 서비스의 복제본이 각각 프로세스이고, 요청은 루프백의 HTTP로 옵니다.

    python -m ddialab.experiments.evolvability.fleet posts.db --version 1 --way drop

로드 밸런서는 이 프로세스 안에 있습니다. 복제본을 하나씩 라우팅 대상에서 빼고, 하던 일이 끝나면
끄고, 새 버전을 띄워 다시 넣습니다.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from random import Random

from ddialab.blocks.database import Database
from ddialab.core.errors import BackendUnavailable, LabError, check_choice, check_integer
from ddialab.core.workspace import LOOPBACK, Process, Workspace, open_server
from ddialab.experiments.evolvability.rolling_upgrade import NEW, OLD, WAYS, Documents, Node
from ddialab.ops.schema import POSTS, Codec

START_TIMEOUT = 60.0  # 초. 복제본이 뜨기를 기다리는 시간
ANSWER_TIMEOUT = 5.0  # 초. 요청 하나의 답을 기다리는 시간
PAUSE = 0.003  # 초. 클라이언트마다 요청 사이에 쉬는 시간
SOAK = 100  # 복제본 하나를 바꾸고 다음을 바꾸기 전에, 두 버전이 섞인 채로 받을 요청의 수


# ── 복제본 ─────────────────────────────────────────────────────────────────────


class Handler(BaseHTTPRequestHandler):
    """``POST /publish``, ``POST /edit``, ``POST /read``: 본문과 답은 JSON입니다."""

    node: Node
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        act = {"/publish": self.node.publish, "/edit": self.node.edit, "/read": self.node.read}
        try:
            self._answer(200, act[self.path](**asked))
        except LabError as error:
            self._answer(409, str(error))

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        """요청마다 한 줄씩 남기지 않습니다."""


def serve(target: str, version: int, way: str) -> None:
    """복제본 하나를 빈 포트에서 돌립니다. SIGTERM을 받으면 하던 요청을 마치고 끝납니다."""
    with Database.open(target) as database:
        Handler.node = Node(Documents(database), version, way)
        with open_server(Handler) as server:
            server.daemon_threads = False
            stop = threading.Thread(target=server.shutdown)
            signal.signal(signal.SIGTERM, lambda *_: stop.start())
            print(f"port {server.server_address[1]}", flush=True)
            server.serve_forever()


# ── 클러스터 ───────────────────────────────────────────────────────────────────


@dataclass
class Member:
    """떠 있는 복제본 하나. ``busy``는 지금 맡은 요청의 수입니다."""

    process: Process
    port: int
    version: int
    busy: int = 0


class Fleet:
    """복제본 프로세스들과, 요청을 차례로 나눠 주는 로드 밸런서."""

    def __init__(self, workspace: Workspace, target: str, way: str, size: int = 3, soak: int = 0):
        self.workspace, self.target, self.way = workspace, target, check_choice("way", way, WAYS)
        self.soak = soak
        self._changed, self._turn, self._logs = threading.Condition(), 0, 0
        started = [self._launch(OLD) for _ in range(check_integer("size", size, 2, 8))]
        self.rotation = [self._wait_for_port(*one) for one in started]

    def upgrade(self) -> None:
        """복제본을 하나씩 새 버전으로 바꿉니다. 그동안 나머지가 라우팅 대상으로 남아 있습니다."""
        for member in list(self.rotation):
            with self._changed:
                self.rotation.remove(member)
                self._changed.wait_for(lambda: member.busy == 0)  # noqa: B023
            member.process.stop()
            fresh = self._wait_for_port(*self._launch(NEW))
            with self._changed:
                self.rotation.append(fresh)

    def ask(self, path: str, **body: object) -> tuple[int, object]:
        """요청 하나를 복제본 하나에 보내고 (상태, 답)을 받습니다. 답이 없으면 상태가 0입니다."""
        with self._changed:
            self._turn += 1
            member = self.rotation[self._turn % len(self.rotation)]
            member.busy += 1
        try:
            return _post(member.port, path, body)
        except (OSError, http.client.HTTPException) as error:
            return 0, str(error)
        finally:
            with self._changed:
                member.busy -= 1
                self._changed.notify_all()

    def _launch(self, version: int) -> tuple[Process, int]:
        if version == NEW:
            self._serve(self.soak)
        self._logs += 1
        module = [sys.executable, "-m", "ddialab.experiments.evolvability.fleet", self.target]
        argv = [*module, "--version", str(version), "--way", self.way]
        log = f"{self.way}-{self._logs}.log"
        (self.workspace.folder / log).unlink(missing_ok=True)  # 지난 실행의 포트를 읽지 않게
        return self.workspace.run(argv, log=log), version

    def _serve(self, requests: int) -> None:
        """요청을 이만큼 더 받습니다. 빠른 컴퓨터에서도 두 버전이 섞여 지내야 합니다."""
        with self._changed:
            enough = self._turn + requests
            self._changed.wait_for(lambda: self._turn >= enough, START_TIMEOUT)

    def _wait_for_port(self, process: Process, version: int) -> Member:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and process.poll() is None:
            said = process.log.read_text(errors="replace") if process.log.exists() else ""
            if said.startswith("port ") and said.endswith("\n"):
                return Member(process, int(said.split()[1]), version)
            time.sleep(0.01)
        raise BackendUnavailable(
            f"버전 {version}의 복제본이 뜨지 않았습니다: {process.log.read_text()[-300:]}",
            todo="커널을 다시 시작하고 이 절의 처음부터 다시 실행하세요.",
        )


def _post(port: int, path: str, body: dict) -> tuple[int, object]:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=ANSWER_TIMEOUT)
    try:
        connection.request("POST", path, json.dumps(body).encode())
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


# ── 클라이언트 ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class FleetRun:
    """진짜 롤링 업그레이드의 결과: 모두 센 수이고, ``seconds``만 시간입니다."""

    requests: int
    failed: int
    published: int
    tagged: int
    lost: int
    seconds: float


def upgrade_fleet(target: str, workspace: Workspace, way: str, *, clients: int = 3) -> FleetRun:
    """복제본 셋을 띄우고, 클라이언트들이 쓰고 고치고 읽는 동안 하나씩 새 버전으로 바꿉니다."""
    fleet = Fleet(workspace, target, way, soak=SOAK)
    crowd = [_Client(fleet, number) for number in range(clients)]
    started = time.monotonic()
    try:
        fleet.upgrade()
        seconds = time.monotonic() - started
    finally:
        for client in crowd:
            client.stop()
        for member in fleet.rotation:
            member.process.stop()
    tagged = [id for client in crowd for id in client.tagged]
    asked, failed, wrote = (sum(getattr(c, n) for c in crowd) for n in ("asked", "failed", "wrote"))
    return FleetRun(asked, failed, wrote, len(tagged), _count_lost(target, tagged), seconds)


def _count_lost(target: str, tagged: list[int]) -> int:
    """태그를 달았다고 답한 게시글 가운데 지금 태그가 없는 것의 수."""
    judge = Codec(POSTS, NEW)
    with Database.open(target) as database:
        documents = Documents(database)
        return sum(not judge.decode(documents.get(id)).values["tags"] for id in tagged)


class _Client:
    """요청을 잇달아 보내는 클라이언트: 스레드 하나."""

    def __init__(self, fleet: Fleet, number: int):
        self.fleet, self.number = fleet, number
        self.asked = self.failed = self.wrote = 0
        self.mine, self.tagged = [], []
        self._random, self._stopping = Random(number), threading.Event()
        self._thread = threading.Thread(target=self._loop, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._stopping.wait(PAUSE):
            self.asked += 1
            status = self._request()
            self.failed += status != 200

    def _request(self) -> int:
        point = self._random.random()
        if point < 0.3 or not self.mine:
            return self._publish(self.asked * 100 + self.number)
        id = self._random.choice(self.mine[-10:])
        if point < 0.6:
            return self.fleet.ask("/edit", id=id, text=f"고친 글 {self.asked}")[0]
        return self.fleet.ask("/read", id=id)[0]

    def _publish(self, id: int) -> int:
        post = {"id": id, "author": "소라", "text": f"글 {id}", "tags": ["맛집"]}
        status, tagged = self.fleet.ask("/publish", **post)
        if status == 200:
            self.wrote += 1
            self.mine.append(id)
            if tagged:
                self.tagged.append(id)
        return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="게시글 서비스의 복제본 하나를 돌립니다.")
    parser.add_argument("database", help="SQLite 파일")
    parser.add_argument("--version", type=int, required=True, help="프로그램의 버전(1이나 2)")
    parser.add_argument("--way", default="drop", choices=WAYS, help="모르는 필드를 어떻게 할지")
    options = parser.parse_args()
    serve(options.database, options.version, options.way)
