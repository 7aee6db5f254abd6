"""게시글 서비스를 진짜 HTTP 서버로: 다른 프로세스에서 실행되고, 이 컴퓨터 안에서만 접속됩니다.

서버는 답마다 ``Server-Timing`` 헤더(W3C)에 줄에서 기다린 시간과 처리한 시간을 담습니다.
클라이언트가 잰 응답 시간에서 이 둘을 빼면 네트워크와 클라이언트의 몫이 남습니다.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from ddialab.blocks.cache import Cache
from ddialab.blocks.database import Database
from ddialab.core.backend import Backend, open_redis
from ddialab.core.errors import BackendUnavailable, check_integer
from ddialab.core.workspace import LOOPBACK, Workspace, open_server, require_processes
from ddialab.service.posts import PostService

START_TIMEOUT = 60.0  # 초. 서버가 뜨기를 기다리는 시간


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
        """프로세스를 띄우고, 운영체제가 골라 준 포트를 파일로 알려 올 때까지 기다립니다."""
        folder = self._workspace.folder
        about = {"workers": workers, "redis": _address(self._redis)}
        (folder / "settings.json").write_text(json.dumps(about))
        process = self._workspace.run([sys.executable, "-m", __name__], log="http.log")
        deadline = time.monotonic() + START_TIMEOUT
        while process.poll() is None and time.monotonic() < deadline:
            if (folder / "port").exists():
                return int((folder / "port").read_text())
            time.sleep(0.01)
        said = process.log.read_text(errors="replace").strip().splitlines()
        raise BackendUnavailable(
            f"게시글 서버가 뜨지 않았습니다({said[-1] if said else '출력 없음'}).",
            todo="커널을 다시 시작하고, 그래도 안 되면 DDIALAB_BACKEND=embedded로 바꿔 보세요.",
        )


class _Pages:
    """요청에 답하는 일. 연결마다 스레드가 하나지만, 처리는 ``workers``개까지만 함께 합니다."""

    def __init__(self, service: PostService, redis: Backend, workers: int):
        self.service, self.redis = service, redis
        self.workers = ThreadPoolExecutor(workers)  # 줄: 온 순서대로 빈 워커에게 갑니다

    def page(self, author: str) -> dict | None:
        """작가의 게시글 모두. 본문은 쿼리 하나로, 「좋아요」 수는 게시글마다 하나씩 가져옵니다."""
        posts = self.service.database.posts(author)
        likes = [int(self.redis.client.get(f"likes:{post.id}") or 0) for post in posts]
        rows = [
            {"id": post.id, "text": post.text, "likes": n}
            for post, n in zip(posts, likes, strict=True)
        ]
        return {"author": author, "posts": rows} if rows else None

    def post(self, id: str) -> dict | None:
        """게시글 하나. 캐시를 먼저 봅니다."""
        found = self.service.read(int(id))
        return vars(found) if found else None

    def answer(self, path: str) -> dict | None:
        """``path``의 답. 없는 것이면 None."""
        for pattern, find in ((r"/authors/(\w+)", self.page), (r"/posts/(\d+)", self.post)):
            if found := re.fullmatch(pattern, path):
                return find(found[1])
        return None


class _Handler(BaseHTTPRequestHandler):
    """요청 하나: 줄을 서고, 처리하고, 두 시간을 담아 답합니다."""

    protocol_version = "HTTP/1.1"  # 연결을 끊지 않고 이어서 사용합니다
    disable_nagle_algorithm = True  # 헤더와 본문 사이에서 수십 ms를 쉬지 않게 합니다

    def do_GET(self) -> None:
        arrived = time.perf_counter()
        started, status, body, done = self.server.pages.workers.submit(self._work).result()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        waited, worked = (started - arrived) * 1e3, (done - started) * 1e3
        self.send_header("Server-Timing", f"queue;dur={waited:.3f}, service;dur={worked:.3f}")
        self.end_headers()
        self.wfile.write(body)

    def _work(self) -> tuple[float, int, bytes, float]:
        started = time.perf_counter()
        try:
            found = self.server.pages.answer(self.path)
            status, found = (200, found) if found else (404, {"error": "없는 것입니다."})
        except Exception as error:  # 서버는 요청 하나 때문에 죽지 않습니다
            status, found = 500, {"error": f"{error}"}
        return started, status, json.dumps(found, ensure_ascii=False).encode(), time.perf_counter()

    def log_message(self, *_) -> None:
        """요청마다 한 줄씩 남기는 기본 로그를 끕니다."""


def _address(redis: Backend) -> dict[str, str]:
    """서버 프로세스가 같은 Redis를 사용하게 할 환경 변수들."""
    if redis.kind == "embedded":
        return {"DDIALAB_BACKEND": "embedded"}
    local = redis.kind == "local"
    url = f"redis://{LOOPBACK}:{redis.port}/0" if local else os.environ["REDIS_URL"]
    return {"DDIALAB_BACKEND": "remote", "REDIS_URL": url}


def _main() -> None:
    """작업 공간의 폴더에서 실행됩니다. 포트는 다 쓴 파일의 이름을 바꿔 알립니다."""
    about = json.loads(Path("settings.json").read_text())
    os.environ.update(about["redis"])
    redis, database = open_redis(), Database.open("posts.db")
    with open_server(_Handler) as server:
        server.pages = _Pages(PostService(database, Cache(redis)), redis, about["workers"])
        Path("port.new").write_text(str(server.server_port))
        Path("port.new").rename("port")
        server.serve_forever()


if __name__ == "__main__":
    _main()
