"""밖에서 오는 요청을 받는 서버: 누구인지, 한도 안인지, 크기와 꼴이 맞는지 본 다음에 앞문으로.

값싼 것부터 봅니다. 토큰이 맞는지(401), 이 사람의 한도(429), 자리(503), 본문의 크기와 시간과
꼴(411, 413, 408, 400)의 차례이고, 거절한 요청의 본문은 읽지 않습니다. ``POST /posts``는 글을
올리고, ``GET /posts/번호``와 ``GET /authors/작가?before=번호``는 볼 수 있는 글을 줍니다.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
import re
import secrets
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from ddialab.blocks.posts import Post
from ddialab.core.errors import InvalidValue, check_integer
from ddialab.core.workspace import Process, Workspace, open_server
from ddialab.service.access_log import Allowed, pseudonym
from ddialab.service.bounds import (
    BODY,
    SECONDS,
    SHAPES,
    Punctual,
    Rejected,
    length_of,
    parsed,
    read,
)
from ddialab.service.front import Front

BODY_HEADERS = {"content-length", "transfer-encoding"}  # 본문이 있다고 알리는 헤더들
ROOM = 8  # 한꺼번에 처리할 수 있는 요청. 더 오면 줄을 세우지 않고 거절합니다


class Edge:
    """``front``의 앞에서 요청을 거르는 판단.

    ``sessions``는 {토큰의 SHA-256: 사람}, ``limiter``는 ``take(누구)``가 있는 요청 수 제한(없으면
    None), ``shared``면 모두가 버킷 하나를 나눠 씁니다.
    """

    def __init__(
        self,
        front: Front,
        sessions: Mapping[str, str],
        limiter: Any = None,
        shared: bool = False,
        room: int = ROOM,
        body: int = BODY,
        seconds: float = SECONDS,
    ):
        self.front, self.sessions = front, dict(sessions)
        self.limiter, self.shared = limiter, shared
        self.body, self.seconds = body, seconds
        self._room = threading.BoundedSemaphore(check_integer("room", room, 1))

    def who(self, headers: Mapping[str, str]) -> str:
        """토큰의 주인. 클라이언트가 적은 이름이나 주소는 바꿔 적을 수 있어 믿지 않습니다."""
        token = headers.get("Authorization", "").removeprefix("Bearer ")
        found = self.sessions.get(token_hash(token))
        if found is None:
            raise Rejected(401, "로그인하지 않았습니다.")
        return found

    def handle(self, who: str, target: str, headers: Mapping[str, str], stream: Any) -> Any:
        """``who``의 요청에 답합니다. ``stream``은 본문(GET이면 None)입니다."""
        if self.limiter is not None and not self.limiter.take("모두" if self.shared else who):
            raise Rejected(429, "요청이 너무 잦습니다.", todo="잠시 뒤에 다시 보내세요.")
        if not self._room.acquire(blocking=False):
            raise Rejected(503, "지금은 자리가 없습니다.", todo="잠시 뒤에 다시 보내세요.")
        try:
            asked = None if stream is None else self._read(target, headers, stream)
            found = self._find(who, target, asked)
        finally:
            self._room.release()
        if found is None:
            raise Rejected(404, "없는 것입니다.")
        return found

    def _read(self, target: str, headers: Mapping[str, str], stream: Any) -> dict[str, Any]:
        shape = SHAPES.get(target)
        if shape is None:
            raise Rejected(404, "없는 것입니다.")
        return parsed(read(stream, length_of(headers, self.body)), shape)

    def _find(self, who: str, target: str, asked: dict | None) -> Post | list[Post] | None:
        if asked is not None:
            return self.front.submit(who, **asked)
        parts = urlsplit(target)
        if found := re.fullmatch(r"/posts/([0-9]{1,19})", parts.path):
            return self.front.read(who, int(found[1]))
        if found := re.fullmatch(r"/authors/([^/]+)", parts.path):
            before = parse_qs(parts.query, max_num_fields=5).get("before", [""])[0]
            end = int(before) if re.fullmatch("[0-9]{1,19}", before) else None
            return self.front.page(who, unquote(found[1]), end)
        return None


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


class Handler(BaseHTTPRequestHandler):
    """요청 하나: 거르고, 답하고, 한 줄을 남깁니다."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self._arriving = Punctual(self.connection, self.server.edge.seconds)
        self.rfile = io.BufferedReader(self._arriving)

    def handle_one_request(self) -> None:
        self._arriving.start()
        super().handle_one_request()

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        self._serve(self.rfile)

    def _serve(self, stream: Any) -> None:
        who, error = "", ""
        sends_body = stream is not None or not BODY_HEADERS.isdisjoint(map(str.lower, self.headers))
        try:
            if stream is None and sends_body:
                raise Rejected(400, "GET에는 본문이 없어야 합니다.")
            who = self.server.edge.who(self.headers)
            found = self.server.edge.handle(who, self.path, self.headers, stream)
            status, body = 200, found if isinstance(found, list) else vars(found)
        except InvalidValue as refused:
            status, body = getattr(refused, "status", 409), {"error": str(refused)}
        except Exception as trouble:  # 안의 사정은 답에도 로그에도 싣지 않습니다
            status, body, error = 500, {"error": "서버의 오류입니다."}, type(trouble).__name__
        try:
            self._answer(status, body, close=status != 200 and sends_body)
        finally:  # 답을 받지 않고 끊어도 한 줄은 남습니다
            self._log(who, status, error)

    def _answer(self, status: int, found: Any, close: bool) -> None:
        body = json.dumps(found, ensure_ascii=False, default=vars).encode("utf-8", "replace")
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", str(self.server.edge.limiter.retry_after))
        if close:  # 읽지 않은 본문이 다음 요청으로 읽히지 않게
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _log(self, who: str, status: int, error: str) -> None:
        fields = {"at": time.time(), "method": self.command, "path": self.path, "status": status}
        if who:
            fields["who"] = pseudonym(self.server.key, who)
        if error:
            fields["error"] = error
        self.server.log.info("", extra=fields | {"received": self._arriving.received})

    def log_message(self, *_) -> None:
        """기본 로그는 경로를 그대로 적으므로 끕니다."""


def start(workspace: Workspace, log: str, open_edge: Any, **more: Any) -> Process:
    """``open_edge(**more)``가 여는 서버를 띄웁니다. 떴는지는 `service.http.port_of`로 압니다.

    접근 로그는 작업 공간의 ``log``에 ``.jsonl``을 붙인 파일에 쌓입니다.
    """
    made = f"{open_edge.__module__}:{open_edge.__qualname__}"
    settings = workspace.folder / f"{log}.json"  # 비밀번호가 있어 인자로 넘기지 않습니다
    settings.write_text(json.dumps({"open": made, "log": f"{log}.jsonl", "more": more}))
    return workspace.run([sys.executable, "-m", __name__, settings], log=log)


def main(settings: str) -> None:
    """서버를 빈 포트에 열고 알립니다."""
    about = json.loads(Path(settings).read_text())
    module, _, name = about["open"].partition(":")
    with open_server(Handler) as server:
        server.edge = getattr(import_module(module), name)(**about["more"])
        server.log, server.key = access_logger(about["log"]), secrets.token_bytes(32)
        print(f"port {server.server_port}", flush=True)
        server.serve_forever()


def access_logger(path: str) -> logging.Logger:
    """``path``에 허용한 필드만 적는 로거."""
    logger, handler = logging.Logger("access"), logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(Allowed())
    logger.addHandler(handler)
    return logger


if __name__ == "__main__":
    main(sys.argv[1])
