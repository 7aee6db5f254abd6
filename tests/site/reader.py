"""지은 책의 쪽 목록과, 그 쪽을 여는 브라우저와 사람."""

import os
import shutil
from pathlib import Path

BOOK = Path(__file__).resolve().parents[2] / "_build/html"
LITE = "lite/"  # 브라우저에서 도는 JupyterLite. 책의 쪽이 아닙니다
PAGES = sorted(
    name
    for path in BOOK.rglob("*.html")
    if not (name := path.relative_to(BOOK).as_posix()).startswith(LITE)
)


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("google-chrome")


class Reader:
    """책을 읽는 사람 한 명: 쪽을 열고, 그 사이 일어난 일을 적어 둡니다."""

    def __init__(self, browser, address: str, **options):
        self.address = address
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests, self.failures, self.errors, self.sizes = [], [], [], {}
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("requestfailed", lambda request: self.failures.append(request.url))
        self.page.on("response", self._response)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)

    def _response(self, response) -> None:
        if response.status >= 400:
            self.failures.append(f"{response.status} {response.url}")

    def _console(self, message) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def open(self, path: str):
        self.page.goto(f"{self.address}/{path}", wait_until="load")
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page

    def outside(self) -> list[str]:
        return [
            url for url in self.requests if not url.startswith((self.address, "data:", "blob:"))
        ]
