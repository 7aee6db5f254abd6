"""빌드한 책을 진짜 크로미움으로 엽니다. 책은 `make html`이 먼저 빌드합니다."""

import os
import tempfile
import threading
from pathlib import Path

import pytest
from benchmarks.playground import CLOSED
from reader import BOOK, Reader, chromium
from scene_tab import pages, tab, visit  # noqa: F401  장면의 테스트들이 함께 씁니다
from seat import Seat
from static_host import StaticHost

import serve
from pdf import FLAGS


@pytest.fixture(scope="session")
def socket_folder():
    """크로미움이 유닉스 소켓을 두는 임시 폴더. 소켓의 길은 108바이트를 넘을 수 없습니다.

    저장소가 깊은 곳에 있으면 끝나고 지울 폴더를 /tmp에 따로 만듭니다.
    """
    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) <= 48:
        yield usual
    else:
        with tempfile.TemporaryDirectory(prefix="ddialab-browser-", dir="/tmp") as short:
            yield short


@pytest.fixture(scope="session")
def book() -> Path:
    if not (BOOK / "index.html").exists():
        pytest.skip("지은 책이 없습니다. 먼저 make html")
    return BOOK


@pytest.fixture(scope="session")
def address(book):
    """책을 읽는 이와 똑같이 publish/serve.py로 펼칩니다."""
    with serve.open_server(book, 8000) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{serve.HOST}:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def open_browser(tmp_path_factory, socket_folder):
    """`with open_browser() as browser`로 크로미움을 하나 띄웁니다. 이 컴퓨터 밖에는 못 닿습니다."""
    program = chromium()
    if not program:
        pytest.skip("크로미움이 없습니다. publish/system.sh가 설치합니다")
    playwright = pytest.importorskip("playwright.sync_api")
    home = tmp_path_factory.mktemp("home")  # 크로미움이 진짜 홈 폴더에 쓰지 않게 합니다
    env = {**os.environ, "HOME": str(home), "TMPDIR": socket_folder}
    with playwright.sync_playwright() as driver:
        yield lambda: driver.chromium.launch(
            executable_path=program, args=[*FLAGS, CLOSED], env=env
        )


@pytest.fixture(scope="session")
def browser(open_browser):
    with open_browser() as running:
        yield running


@pytest.fixture(scope="session")
def reader(browser, address):
    """탭 하나를 끝까지 씁니다. 탭을 새로 여는 비용이 페이지 하나를 읽는 비용의 몇 배입니다."""
    reader = Reader(browser, address)
    yield reader
    reader.context.close()


@pytest.fixture
def read(reader):
    """`read(path, **화면과 시스템의 설정)`은 앞사람의 자취를 지우고 페이지를 엽니다.

    ``folded=True``면 예상 뒤의 답과 「더 파기」를 접힌 채 둡니다.
    """

    def opened(path: str, folded: bool = False, **options) -> Reader:
        reader.leave()
        reader.look(**options)
        reader.open(path, folded)
        return reader

    return opened


@pytest.fixture(scope="module")
def host(book):
    """브라우저 실습실이 든 책을 펼친 정적 호스트."""
    if not (book / "lite").is_dir():
        pytest.skip("브라우저 실습실이 없습니다. 먼저 make lite")
    with StaticHost(book) as serving:
        yield serving


@pytest.fixture
def seat(browser, host):
    """실습실을 열 새 창."""
    taken = Seat(browser, host)
    yield taken
    taken.context.close()
