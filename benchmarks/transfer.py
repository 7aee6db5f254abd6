"""독자가 받는 바이트: 같은 글을 기본 모양의 Jupyter Book으로 빌드한 페이지와 견줍니다.

같은 브라우저, 같은 호스트, 빈 캐시에서 페이지 하나를 열고 호스트가 보낸 바이트를 셉니다. 기본 책이
바깥 주소(CDN)를 부르면 막고 세지 않습니다. 그만큼 견주기는 우리에게 불리합니다.
우리 페이지의 무게만은 `make test`도 늘 셉니다(`tests/site/test_weight.py`).
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from static_host import StaticHost

from benchmarks import browser
from benchmarks.promise import Promise

ROOT = Path(__file__).resolve().parents[1]
PAGE = "chapters/1-data-systems/cache-miss.html"
MOST = 0.35
# 우리의 규칙과 모양(_ext, theme)을 뺀 설정. {terms}처럼 모르는 지시어는 빠진 채 빌드됩니다.
STOCK = """
title: 데이터 중심 애플리케이션, 고장 내며 배우기
execute:
  execute_notebooks: "off"
bibtex_bibfiles: [chapters/references.bib]
"""


def promises() -> Iterator[Promise]:
    book = browser.built("index.html", "make html")
    with browser.opened() as running, TemporaryDirectory() as place:
        ours, theirs = weigh(running, book), weigh(running, build_stock(Path(place)))
    yield Promise(
        "페이지 하나에 받는 바이트, 기본 Jupyter Book 대비",
        f"{ours / 1000:.0f} KB, 기본은 {theirs / 1000:.0f} KB, {ours / theirs:.2f}배",
        f"{MOST}배 이하",
        ours <= MOST * theirs,
    )


def build_stock(folder: Path) -> Path:
    """같은 글을 기본 모양으로 ``folder``에 빌드하고 그 자리를 돌려줍니다."""
    for name in ("chapters", "labs"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "_toc.yml", folder)
    (folder / "_config.yml").write_text(STOCK, "utf-8")
    start = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", start, "build", str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(" ".join(run.stderr[-1000:].split()))
    return folder / "_build/html"


def weigh(running, folder: Path) -> int:
    """처음 온 독자가 페이지를 다 열 때까지 호스트가 보낸 바이트."""
    with StaticHost(folder) as host:
        context = running.new_context()
        context.route(lambda url: not url.startswith(host.url), lambda route: route.abort())
        context.new_page().goto(f"{host.url}/{PAGE}", wait_until="networkidle")
        context.close()
        if failed := [path for path, status, _ in host.sent if status != 200]:
            raise RuntimeError(f"받지 못한 것: {failed}")
        return host.transferred()
