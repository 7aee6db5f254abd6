"""독자가 받는 바이트: 같은 글을 기본 모양의 Jupyter Book으로 지은 쪽과 견줍니다.

같은 브라우저, 같은 호스트, 빈 캐시에서 쪽 하나를 열고 호스트가 보낸 바이트를 셉니다. 기본 책이
바깥 주소(CDN)를 부르면 막고 세지 않습니다. 그만큼 견주기는 우리에게 불리합니다.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from static_host import StaticHost

ROOT = Path(__file__).resolve().parents[2]
PAGE = "chapters/1-data-systems/cache-miss.html"
MOST = 0.35
# 우리의 규칙과 모양(_ext, theme)을 뺀 설정. {terms}처럼 모르는 지시어는 빠진 채 지어집니다.
STOCK = """
title: 데이터 중심 애플리케이션, 고장 내며 배우기
execute:
  execute_notebooks: "off"
bibtex_bibfiles: [chapters/references.bib]
"""


@pytest.fixture(scope="session")
def stock(tmp_path_factory) -> Path:
    """같은 글로 지은 기본 모양의 책."""
    folder = tmp_path_factory.mktemp("stock")
    for name in ("chapters", "labs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "_toc.yml", folder)
    (folder / "_config.yml").write_text(STOCK, "utf-8")
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr[-3000:]
    return folder / "_build/html"


def weigh(browser, folder: Path) -> tuple[int, list[str]]:
    """처음 온 독자가 쪽을 다 열 때까지 호스트가 보낸 바이트와, 부르려 한 바깥 주소들."""
    outside = []
    with StaticHost(folder) as host:
        context = browser.new_context()
        context.route(
            lambda url: not url.startswith(host.url),
            lambda route: (outside.append(route.request.url), route.abort()),
        )
        page = context.new_page()
        page.goto(f"{host.url}/{PAGE}", wait_until="networkidle")
        assert page.locator("h1").first.inner_text().startswith("캐시 미스")
        context.close()
        assert {status for _, status, _ in host.sent} == {200}, host.sent
        return host.transferred(), outside


def test_a_chapter_is_a_third_of_the_stock_book(browser, book, stock, capsys):
    ours, outside = weigh(browser, book)
    theirs, left_out = weigh(browser, stock)
    with capsys.disabled():
        print(
            f"\n{PAGE}: 이 책 {ours / 1000:.0f} KB, 기본 Jupyter Book {theirs / 1000:.0f} KB"
            f" (+ 막은 바깥 주소 {len(left_out)}개), 비율 {ours / theirs:.2f}"
        )
    assert outside == []
    assert ours <= MOST * theirs
