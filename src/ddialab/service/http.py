"""게시글 서비스를 진짜 HTTP 서버로: 다른 프로세스에서 실행되고, 이 컴퓨터 안에서만 접속됩니다.

``GET /authors/작가``와 ``GET /posts/번호``는 페이지를, ``POST /publish``, ``/edit``, ``/read``,
``/delete``는 JSON으로 받은 인자로 서비스의 그 메서드를 부른 답을 줍니다. 서버는 답마다
``Server-Timing`` 헤더(W3C)에 줄에서 기다린 시간과 처리한 시간을 담습니다.
클라이언트가 잰 응답 시간에서 이 둘을 빼면 네트워크와 클라이언트의 몫이 남습니다.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import BaseHTTPRequestHandler
from importlib import import_module
from pathlib import Path
from typing import Any

from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.core.backend import Backend, open_redis
from ddialab.core.errors import InvalidValue, check_integer
from ddialab.core.workspace import LOOPBACK, Process, Workspace, open_server, require_processes
from ddialab.service.posts import PostService

ACTIONS = ("publish", "edit", "read", "delete")


def start(
    workspace: Workspace, log: str, open_service: Callable[..., PostService], workers: int, **more
) -> Process:
    """``open_service(**more)``가 여는 서비스의 서버를 띄웁니다. 떴는지는 `port_of`로 압니다.

    ``open_service``는 모듈의 함수여야 합니다. ``workers``는 동시에 처리하는 요청의 수입니다.
    """
    made = f"{open_service.__module__}:{open_service.__qualname__}"
    settings = workspace.folder / f"{log}.json"  # 비밀번호가 있을 수 있어 인자로 넘기지 않습니다
    settings.write_text(json.dumps({"open": made, "workers": workers, "more": more}))
    (workspace.folder / log).unlink(missing_ok=True)  # 지난 실행의 포트를 읽지 않게
    return workspace.run([sys.executable, "-m", __name__, settings], log=log)


def port_of(process: Process) -> int | None:
    """`start`한 서버가 알린 포트. 아직 뜨지 않았으면 None."""
    told = re.search(r"^port (\d+)\n", process.log.read_text(errors="replace"), re.MULTILINE)
    return int(told[1]) if told else None


class PostServer:
    """게시글 서비스의 서버 하나. ``with`` 문으로 쓰거나 `close`로 닫습니다.

    ``fill(database)``이 채운 SQLite로 시작하고, ``workers``는 동시에 처리하는 요청의 수입니다.
    나머지 요청은 온 순서대로 줄에서 기다립니다. Redis 자리의 서버는 `open_redis`가 정합니다.
    ``url``은 접속할 주소, ``name``은 사용하는 서버의 이름입니다. 뜨지 않으면 `BackendUnavailable`.
    """

    def __init__(self, fill: Callable[[Database], object], *, workers: int = 1):
        require_processes()
        check_integer("workers", workers, 1, 64)
        self._redis = open_redis()
        self._workspace = Workspace()
        self.name = self._redis.name
        try:
            with Database.open(self._workspace.folder / "posts.db") as database:
                fill(database)
            self.url = f"http://{LOOPBACK}:{self._start(workers)}"
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """서버를 끄고 흔적을 지웁니다. 두 번 불러도 됩니다."""
        self._workspace.close()
        self._redis.close()

    def __enter__(self) -> PostServer:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def _start(self, workers: int) -> int:
        more = {"redis": _address(self._redis), "prefix": self._redis.prefix}
        process = start(self._workspace, "http.log", open_posts, workers, **more)
        return process.wait_until_ready(
            partial(port_of, process),
            "게시글 서버가",
            todo="커널을 다시 시작하고, 그래도 안 되면 DDIALAB_BACKEND=embedded로 바꿔 보세요.",
        )


def open_posts(redis: dict[str, str], prefix: str) -> PostService:
    """작업 공간의 데이터베이스와, 환경 변수 ``redis``가 가리키는 Redis로 서비스를 엽니다."""
    os.environ.update(redis)
    return PostService(Database.open("posts.db"), Cache(open_redis(prefix=prefix)))


class Desk:
    """요청에 답하는 일. 연결마다 스레드가 하나지만, 처리는 ``workers``개까지만 함께 합니다."""

    def __init__(self, service: PostService, workers: int):
        self.service = service
        self.workers = ThreadPoolExecutor(workers)  # 줄: 온 순서대로 빈 워커에게 갑니다

    def page(self, author: str) -> dict | None:
        """작가의 게시글 모두. 본문은 쿼리 하나로, 「좋아요」 수는 게시글마다 하나씩 가져옵니다."""
        posts, redis = self.service.database.posts(author), self.service.cache.backend
        likes = [int(redis.get(f"likes:{post.id}") or 0) for post in posts]
        rows = [
            {"id": post.id, "text": post.text, "likes": n}
            for post, n in zip(posts, likes, strict=True)
        ]
        return {"author": author, "posts": rows} if rows else None

    def find(self, path: str, asked: dict | None) -> Any | None:
        """``path``의 답. 없는 것이면 None. ``asked``는 POST의 인자입니다(GET이면 None)."""
        if asked is not None:
            known = path.removeprefix("/") in ACTIONS
            return getattr(self.service, path.removeprefix("/"))(**asked) if known else None
        if found := re.fullmatch(r"/posts/(\d+)", path):
            return self.service.read(int(found[1]))
        found = re.fullmatch(r"/authors/(\w+)", path)
        return self.page(found[1]) if found else None

    def answer(self, path: str, asked: dict | None) -> tuple[int, Any]:
        """(상태, 답). 서비스가 거절하면 409이고, 서버는 요청 하나 때문에 죽지 않습니다."""
        try:
            found = self.find(path, asked)
        except InvalidValue as error:
            return 409, {"error": str(error)}
        except Exception as error:
            return 500, {"error": str(error)}
        return (404, {"error": "없는 것입니다."}) if found is None else (200, found)


class _Handler(BaseHTTPRequestHandler):
    """요청 하나: 줄을 서고, 처리하고, 두 시간을 담아 답합니다."""

    protocol_version = "HTTP/1.1"  # 연결을 끊지 않고 이어서 사용합니다
    disable_nagle_algorithm = True  # 헤더와 본문 사이에서 수십 ms를 쉬지 않게 합니다

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, asked: dict | None) -> None:
        arrived = time.perf_counter()
        work = self.server.desk.workers.submit(self._work, asked)
        started, status, body, done = work.result()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        waited, worked = (started - arrived) * 1e3, (done - started) * 1e3
        self.send_header("Server-Timing", f"queue;dur={waited:.3f}, service;dur={worked:.3f}")
        self.end_headers()
        self.wfile.write(body)

    def _work(self, asked: dict | None) -> tuple[float, int, bytes, float]:
        started = time.perf_counter()
        status, found = self.server.desk.answer(self.path, asked)
        body = json.dumps(found, ensure_ascii=False, default=vars).encode()
        return started, status, body, time.perf_counter()

    def log_message(self, *_) -> None:
        """요청마다 한 줄씩 남기는 기본 로그를 끕니다."""


def _address(redis: Backend) -> dict[str, str]:
    """서버 프로세스가 같은 Redis를 사용하게 할 환경 변수들."""
    if redis.kind == "embedded":
        return {"DDIALAB_BACKEND": "embedded"}
    local = redis.kind == "local"
    url = f"redis://{LOOPBACK}:{redis.port}/0" if local else os.environ["REDIS_URL"]
    return {"DDIALAB_BACKEND": "remote", "REDIS_URL": url}


def main(settings: str) -> None:
    """서버를 빈 포트에 열고 알립니다. SIGTERM을 받으면 하던 요청을 마치고 끝납니다."""
    about = json.loads(Path(settings).read_text())
    module, _, name = about["open"].partition(":")
    service = getattr(import_module(module), name)(**about["more"])
    with open_server(_Handler) as server:
        server.daemon_threads = False
        server.desk = Desk(service, about["workers"])
        stop = threading.Thread(target=server.shutdown)
        signal.signal(signal.SIGTERM, lambda *_: stop.start())
        print(f"port {server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
