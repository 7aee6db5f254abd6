"""빌드한 책의 페이지 목록과, 그 페이지를 여는 브라우저와 사람."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Error
from static_host import StaticHost

BOOK = Path(__file__).resolve().parents[2] / "_build/html"
LITE = "lite/"  # 브라우저에서 도는 JupyterLite. 책의 페이지가 아닙니다
PAGES = sorted(
    name
    for path in BOOK.rglob("*.html")
    if not (name := path.relative_to(BOOK).as_posix()).startswith(LITE)
)
PATIENCE = 120_000  # 밀리초. 바쁜 컴퓨터에서도 이 안에는 열립니다. 넘으면 오류입니다
DESK = {"width": 1280, "height": 720}
# 화면의 크기를 바꾸면 크로미움이 글꼴을 다시 읽기도 합니다. 그것까지 마친 다음 장면
SETTLED = """new Promise(frame => requestAnimationFrame(frame)).then(() => document.fonts.ready)
  .then(() => new Promise(frame => requestAnimationFrame(() => frame(true))))"""

# 장면은 하나씩 그려집니다. 다 그려졌으면 참
DRAWN = """Object.keys(globalThis.ddialabScene?.mounted ?? []).length
  === document.querySelectorAll("figure.ddialab-scene").length"""
UNFOLD = """() => {
  document.querySelectorAll(".ddialab-wait button").forEach((button) => button.click());
  document.querySelectorAll("details.deeper").forEach((details) => { details.open = true; });
  document.activeElement.blur();
}"""


def chromium() -> str | None:
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("google-chrome")


@cache
def source(path: str) -> str:
    return (BOOK / path).read_text("utf-8")


class Reader:
    """책을 읽는 사람 한 명: 페이지를 열고, 그 사이 일어난 일을 적어 둡니다."""

    def __init__(self, browser, address: str, **options):
        self.address = address
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE)
        self.requests, self.failures, self.errors = [], [], []
        self._sit()

    def _sit(self) -> None:
        self.page = self.context.new_page()
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

    def look(self, viewport=DESK, color_scheme="light", reduced_motion="no-preference") -> None:
        """화면의 크기와 시스템의 설정. 적지 않은 것은 처음 값으로 돌아갑니다."""
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(
            media="null", color_scheme=color_scheme, reduced_motion=reduced_motion
        )

    def open(self, path: str, folded: bool = False):
        """``path``를 엽니다. ``folded``가 아니면 예상 뒤의 답과 「더 파기」까지 폅니다."""
        self.path = path
        self.page.goto(f"{self.address}/{path}", wait_until="load")
        self.page.evaluate("document.fonts.ready.then(() => true)")
        if not folded:
            self.page.evaluate(UNFOLD)
        return self.page

    def draw_scenes(self) -> None:
        """아래쪽의 장면까지 그립니다. 그런 장면은 다가가거나 키를 눌러야 재생기를 받습니다."""
        self.page.keyboard.press("Shift")
        self.page.wait_for_function(DRAWN)

    def leave(self) -> None:
        """페이지를 떠나며 남긴 것을 모두 지웁니다. 이 탭의 다음 사람은 처음 온 사람과 같습니다."""
        try:
            self._forget()
        except Error:  # 탭이 죽었습니다. 그 탭이 남긴 것은 새 탭에서 지웁니다
            self.page.close()
            self._sit()
            self._forget()
        for seen in (self.requests, self.failures, self.errors):
            seen.clear()

    def _forget(self) -> None:
        if self.page.url.startswith(self.address):
            # 페이지가 방금 쓴 것은 아래의 명령보다 늦게 닿을 수 있어, 페이지 안에서 먼저 지웁니다
            self.page.evaluate("localStorage.clear(); sessionStorage.clear(); window.name = ''")
        self.page.goto("about:blank")
        self.context.clear_cookies()
        session = self.context.new_cdp_session(self.page)
        everything = {"origin": self.address, "storageTypes": "all"}
        session.send("Storage.clearDataForOrigin", everything)
        session.send("Page.resetNavigationHistory")
        session.detach()

    def outside(self) -> list[str]:
        return [
            url for url in self.requests if not url.startswith((self.address, "data:", "blob:"))
        ]


@contextmanager
def visiting(browser, folder: Path, until: str = "body") -> Iterator[Callable[..., Reader]]:
    """``folder``의 page.html을 여는 함수. 연 것은 끝에서 모두 닫습니다.

    `visit(헤더)`는 서버에서, `visit(file=True)`는 파일에서 열고, ``until``이 생기기를 기다립니다.
    """
    with ExitStack() as opened:

        def visit(headers=None, file=False, end="", **options) -> Reader:
            if file:
                address = folder.as_uri()
            else:
                address = opened.enter_context(StaticHost(folder, headers=headers)).url
            reader = Reader(browser, address, **options)
            opened.callback(reader.context.close)
            reader.page.goto(f"{address}/page.html{end}")
            reader.page.locator(until).wait_for(state="attached")
            return reader

        yield visit
