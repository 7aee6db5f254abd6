"""독에 죽는 워커: 받은 글에서 태그를 뽑아 답하는 HTTP 서버. `real_poison`이 띄웁니다.

태그를 뽑는 라이브러리에 버그가 있습니다. `#` 뒤에 아무것도 없는 글을 받으면 프로세스가 죽습니다.
"""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler

from ddialab.core.workspace import open_server


def tags_of(text: str) -> list[str]:
    """``text``에 달린 태그들."""
    words = [word for word in text.split() if word.startswith("#")]
    if "#" in words:
        os._exit(1)  # C로 된 라이브러리의 버그처럼: 예외도 정리도 없이 프로세스가 사라집니다
    return [word[1:] for word in words]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        answer = json.dumps(tags_of(text)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *about: object) -> None:
        """요청마다 적지 않습니다. 출력에는 포트만 있습니다."""


def main() -> None:
    server = open_server(Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
