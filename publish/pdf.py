"""책 전체를 PDF 하나로 찍습니다: `python publish/pdf.py`.

한 문서로 묶은 책을 크로미움의 인쇄로 찍습니다. 크로미움이 여는 주소에는 여기서 바로 답하므로
서버도, 임시 HTML 파일도, 바깥으로 나가는 요청도 없습니다. 차례에 넣을 페이지 번호는 찍어 봐야 알 수
있습니다. 그래서 태그 없이 빠르게 한 번 찍어 번호를 읽고, 채운 다음 제대로 찍습니다.
"""

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import serve
from binding import TEMPLATES, bind
from truetype import truetype
from whole import whole_file

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build/html"
PDF = ROOT / "_build/dist/ddialab.pdf"
ADDRESS = "http://book.invalid"  # 어디에도 없는 이름. 모든 요청에 여기서 답합니다
PATIENCE = 300_000  # 밀리초. 바쁜 컴퓨터에서도 이 안에는 열립니다
FONT = "font/ttf"
DEEP = 36  # 바이트. 이 폴더 안의 폴더 안에 만드는 유닉스 소켓의 경로는 108바이트를 넘을 수 없습니다
# fmt: off
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]
# fmt: on
FILL_NUMBERS = """numbers => {
  for (const link of document.querySelectorAll(".toc a, .where"))
    link.querySelector(".number").textContent = numbers[link.hash.slice(1)];
}"""


def find_chromium() -> str:
    named = os.environ.get("CHROMIUM")
    for name in [named] if named else ["chromium", "google-chrome"]:
        if found := shutil.which(name):
            return found
    sys.exit(
        f"{f'CHROMIUM={named}: 그런 프로그램이 없습니다' if named else '크로미움이 없습니다'}. "
        "PDF는 크로미움이 찍습니다.\npublish/system.sh가 설치합니다. "
        "다른 크롬 계열 브라우저를 사용하려면 그 경로를 환경 변수 CHROMIUM에 주세요."
    )


@contextlib.contextmanager
def browser_home():
    """크로미움이 사용할 임시 폴더. 깊은 곳이면 소켓을 못 만들므로 /tmp에 둡니다."""
    usual = tempfile.gettempdir()
    deep = os.name == "posix" and len(os.fsencode(usual)) > DEEP
    with tempfile.TemporaryDirectory(prefix="ddialab-pdf-", dir="/tmp" if deep else usual) as home:
        yield {**os.environ, "HOME": home, "TMPDIR": home}


def answer(book: str, html: Path, missing: list[str]):
    """크로미움의 요청에 답하는 함수. 책의 파일이 아니면 막고 `missing`에 넣습니다."""

    def handle(route):
        url = route.request.url
        path = unquote(urlsplit(url).path).lstrip("/")
        file = (TEMPLATES if path == "print.css" else html) / path
        if url == f"{ADDRESS}/":
            route.fulfill(body=book, content_type=serve.TYPES[".html"])
        elif not url.startswith(f"{ADDRESS}/") or not file.is_file():
            missing.append(url.removeprefix(ADDRESS))
            route.abort()
        elif file.suffix == ".woff2":
            route.fulfill(body=truetype(file), content_type=FONT)
        else:
            route.fulfill(path=file, content_type=serve.TYPES.get(file.suffix))

    return handle


@contextlib.contextmanager
def opened(program: str, book: str, html: Path):
    """묶은 책을 연 크로미움의 탭. 그림이나 글꼴이 빠졌거나 크로미움이 죽으면 SystemExit입니다."""
    from playwright.sync_api import Error, sync_playwright

    missing = []
    try:
        with (
            browser_home() as env,
            sync_playwright() as driver,
            driver.chromium.launch(executable_path=program, args=FLAGS, env=env) as browser,
        ):
            page = browser.new_page(color_scheme="light")
            page.route("**/*", answer(book, html, missing))
            page.goto(f"{ADDRESS}/", wait_until="load", timeout=PATIENCE)
            page.evaluate("document.fonts.ready.then(() => true)")
            if missing:
                sys.exit(f"책에 없는 파일: {', '.join(missing)}. `make html`로 다시 빌드하세요.")
            yield page
    except Error as error:
        why = error.message.splitlines()[0]
        sys.exit(f"{program}이 책을 찍지 못했습니다: {why}\n남은 메모리와 공간을 확인하세요.")


def page_numbers(pdf: bytes) -> dict[str, int]:
    """링크가 가리키는 id마다, 그것이 찍힌 페이지의 번호."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(pdf))
    places = reader.named_destinations.items()
    return {name.lstrip("/"): reader.get_destination_page_number(to) + 1 for name, to in places}


def print_book(html: Path, toc: Path) -> bytes:
    """빌드한 책 `html`을 차례 `toc`의 순서로 찍은 PDF."""
    program = find_chromium()
    with opened(program, bind(html, toc), html) as page:
        draft = page.pdf(prefer_css_page_size=True, print_background=True, tagged=False)
        page.evaluate(FILL_NUMBERS, page_numbers(draft))
        return page.pdf(prefer_css_page_size=True, print_background=True, tagged=True, outline=True)


def make(html: Path = HTML, out: Path = PDF) -> None:
    started = time.monotonic()
    serve.book_folder(html)
    print("PDF를 찍습니다. 1분쯤 걸릴 수 있습니다.", flush=True)
    content = print_book(html, ROOT / "_toc.yml")
    with whole_file(out) as part:
        part.write_bytes(content)
    size, seconds = len(content) / 1e6, time.monotonic() - started
    print(f"PDF: {out} ({size:.1f} MB, {seconds:.0f}초)", flush=True)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=PDF, help="PDF를 둘 곳")
    make(out=parser.parse_args(argv).out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
