"""빌드한 책을 이 컴퓨터에서만 보여 줍니다: `python publish/serve.py --port 8000 _build/html`."""

import argparse
import errno
import functools
import mimetypes
import os
import re
import sys
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOST = "127.0.0.1"
TRIES = 20
# 운영체제의 설정(Windows 레지스트리 따위)이 어떻든 브라우저가 알아듣는 형식으로 보냅니다.
# fmt: off
TYPES = {
    ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript",
    ".mjs": "text/javascript", ".json": "application/json", ".ipynb": "application/json",
    ".svg": "image/svg+xml", ".woff2": "font/woff2", ".wasm": "application/wasm",
}
# fmt: on


class Handler(SimpleHTTPRequestHandler):
    extensions_map = mimetypes.types_map | {"": "application/octet-stream"} | TYPES

    def end_headers(self):
        self.send_header("Cache-Control", "no-cache")  # 다시 빌드하면 새 책이 보이게
        super().end_headers()

    def send_error(self, code, message=None, explain=None):
        """없는 주소에는 책의 404.html로 답합니다. 정적 호스트가 하는 것과 같습니다."""
        page = Path(self.directory, "404.html")
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            return super().send_error(code, message, explain)
        self.send_response(code)
        self.send_header("Content-Type", TYPES[".html"])
        self.send_header("Content-Length", str(page.stat().st_size))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(page.read_bytes())
        return None

    def log_message(self, *args):
        """요청마다 한 줄씩 찍지 않습니다."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = os.name == "posix"  # Windows에서는 이 값이 남의 포트를 빼앗습니다

    def handle_error(self, request, address):
        """읽다 만 브라우저가 연결을 끊는 일은 오류가 아닙니다."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, address)


def port_number(text: str) -> int:
    if re.fullmatch("[0-9]{1,5}", text) and 1 <= int(text) <= 65535:
        return int(text)
    sys.exit(f"포트 {text!r}: 1부터 65535까지의 정수여야 합니다. 예: PORT=9000")


def book_folder(path: Path) -> Path:
    if (path / "index.html").is_file():
        return path
    sys.exit(f"{path}에 index.html이 없습니다. 먼저 `make html`로 책을 빌드하세요.")


def open_server(folder: Path, port: int) -> Server:
    """`port`부터 차례로 빈 포트를 찾아 엽니다. 없으면 SystemExit입니다."""
    handler = functools.partial(Handler, directory=str(folder))
    for candidate in range(port, min(port + TRIES, 65536)):
        try:
            return Server((HOST, candidate), handler)
        except OSError as error:
            if error.errno == errno.EACCES:
                print(f"{candidate}번 포트는 관리자만 열 수 있습니다. 다음 번호를 봅니다.")
            elif error.errno == errno.EADDRINUSE:
                print(f"{candidate}번 포트는 다른 프로그램이 사용 중입니다. 다음 번호를 봅니다.")
            else:
                raise
    sys.exit(f"{port}번부터 빈 포트가 없습니다. 다른 번호를 주세요. 예: PORT=9000")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    here = Path(__file__).parent  # 들고 다니는 묶음에서는 책과 한 폴더에 있습니다
    parser.add_argument("folder", type=Path, nargs="?", default=here, help="보여 줄 폴더")
    parser.add_argument("--port", default="8000", help="포트 번호 (기본 8000)")
    chosen = parser.parse_args(argv)
    port, folder = port_number(chosen.port), book_folder(chosen.folder)
    with open_server(folder, port) as server:
        address = f"http://{HOST}:{server.server_port}"
        try:
            print(f"책을 펼쳤습니다: {address}  (그만두려면 Ctrl-C)", flush=True)
            server.serve_forever()
        except KeyboardInterrupt:
            print("\n책을 덮었습니다.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
