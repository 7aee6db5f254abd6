"""가짜 정적 호스트: GitHub Pages처럼 압축해서 보내고, 보낸 바이트를 요청마다 적습니다.

with StaticHost(folder) as host:
    browser.open(f"{host.url}/index.html")
    host.sent            # [("/index.html", 200, 5120), ...]: 길, 상태, 머리말까지 센 바이트
    host.transferred()   # 모두 더한 바이트

`headers`는 모든 답에 더할 머리말(보안 정책), `types`는 확장자마다 다르게 말할 형식입니다.
"""

import gzip
import mimetypes
import threading
from functools import lru_cache
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import serve

TYPES = serve.TYPES | {
    ".whl": "application/zip", ".map": "application/json", ".bib": "text/plain",
    ".xml": "application/xml", ".webmanifest": "application/manifest+json",
}  # fmt: skip
COMPRESSED = ("text/", "application/json", "application/wasm", "application/xml",
              "application/javascript", "application/manifest+json", "image/svg+xml")  # fmt: skip


@lru_cache(maxsize=512)
def packed(path: Path, changed: int) -> bytes:
    """압축한 내용. 파일이 바뀌면(`changed`) 다시 압축합니다."""
    return gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)


class Counted:
    """보낸 바이트를 세는 소켓 파일."""

    def __init__(self, file):
        self.file, self.bytes = file, 0

    def write(self, data) -> int:
        self.bytes += len(data)
        return self.file.write(data)

    def __getattr__(self, name):
        return getattr(self.file, name)


class Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # 연결 하나로 여러 요청을 받습니다
    wbufsize = 1 << 16  # 머리말과 내용을 한 번에 보냅니다
    disable_nagle_algorithm = True
    extensions_map = mimetypes.types_map | {"": "application/octet-stream"} | TYPES

    def setup(self):
        super().setup()
        self.wfile = Counted(self.wfile)

    def do_GET(self):
        self.wfile.bytes = 0
        status = self.answer()
        self.server.sent.append((urlsplit(self.path).path, int(status), self.wfile.bytes))

    do_HEAD = do_GET

    def answer(self) -> HTTPStatus:
        where, base = urlsplit(self.path).path, self.server.base
        if where == base and base:
            return self.redirect(f"{base}/")
        path = Path(self.translate_path(where.removeprefix(base)))
        if path.is_dir() and not where.endswith("/"):
            return self.redirect(f"{where}/")
        path = path / "index.html" if path.is_dir() else path
        if where.startswith(f"{base}/") and path.is_file():
            return self.send_file(HTTPStatus.OK, path)
        return self.send_file(HTTPStatus.NOT_FOUND, Path(self.directory, "404.html"))

    def end_headers(self):
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        super().end_headers()

    def guess_type(self, path):
        return self.server.types.get(Path(path).suffix) or super().guess_type(path)

    def redirect(self, where: str) -> HTTPStatus:
        self.send_response(HTTPStatus.MOVED_PERMANENTLY)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return HTTPStatus.MOVED_PERMANENTLY

    def send_file(self, status: HTTPStatus, path: Path) -> HTTPStatus:
        kind, found = self.guess_type(path.name), path.is_file()
        zipped = kind.startswith(COMPRESSED) and "gzip" in self.headers.get("Accept-Encoding", "")
        content = b""
        if found:
            content = packed(path, path.stat().st_mtime_ns) if zipped else path.read_bytes()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "max-age=600")
        if zipped and found:
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Vary", "Accept-Encoding")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        return status

    def log_message(self, *args):
        """요청은 `sent`에 적습니다."""


class StaticHost:
    """`folder`를 빈 포트에서 보여 줍니다. `base`는 저장소 이름처럼 주소 앞에 붙는 길입니다."""

    def __init__(self, folder: Path, base: str = "", headers=None, types=None):
        self.folder, self.base = Path(folder), base.rstrip("/")
        self.headers, self.types = headers or {}, types or {}
        self.sent: list[tuple[str, int, int]] = []

    def __enter__(self) -> "StaticHost":
        def handler(*args):
            return Handler(*args, directory=str(self.folder))

        self.server = serve.Server((serve.HOST, 0), handler)
        self.server.sent, self.server.base = self.sent, self.base
        self.server.headers, self.server.types = self.headers, self.types
        self.origin = f"http://{serve.HOST}:{self.server.server_port}"
        self.url = self.origin + self.base
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error) -> None:
        self.server.shutdown()
        self.server.server_close()

    def transferred(self) -> int:
        return sum(size for _, _, size in self.sent)
