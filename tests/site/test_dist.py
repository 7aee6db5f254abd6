"""들고 다니는 묶음을 풀어, 인터넷 없이 파일로도 서버로도 열어 봅니다."""

import re
import subprocess
import sys
import zipfile
from contextlib import contextmanager
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
from reader import Reader
from seat import LAB_SECONDS, Seat

import dist

FRAME = ".ddialab-scroll"
LAB = "labs/07-hardware-faults.html"  # 슬라이더와 장면이 함께 있는 페이지
LINKS = re.compile(r'<(?:a|link|script|img|form)\b[^>]*?\b(?:href|src|action)="([^"]+)"')
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
FIRST_CELL_RAN = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .find((cell) => cell.model.type === "code").model.executionCount === 1"""
SERVERS = [["serve.py"], ["-m", "http.server", "0", "--bind", "127.0.0.1"]]


@pytest.fixture(scope="module")
def unpacked(book, tmp_path_factory):
    """푼 묶음. PDF는 test_pdf.py가 보므로 여기서는 이름만 있는 것을 담습니다."""
    folder = tmp_path_factory.mktemp("dist")
    paper = folder / "ddialab.pdf"
    paper.write_bytes(b"%PDF")
    dist.pack(book, paper, folder / "book.zip")
    with zipfile.ZipFile(folder / "book.zip") as archive:
        archive.extractall(folder)
    return folder / dist.TOP


@pytest.fixture
def offline(browser, unpacked):
    """네트워크가 끊긴 브라우저로 파일을 여는 독자."""
    reader = Reader(browser, unpacked.as_uri(), offline=True, reduced_motion="reduce")
    yield reader
    reader.context.close()
    assert [url for url in reader.outside() if not url.startswith("file://")] == []
    assert reader.errors == []


def test_front_page_leads_to_a_chapter(offline):
    page = offline.open("index.html")
    title = page.locator("h1").inner_text()
    page.locator("main a.internal", has_text="1부").first.click()
    page.wait_for_url("**/chapters/1-data-systems/index.html")
    assert page.locator("h1").inner_text() not in ("", title)
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith('"DDIALab Sans"')


def test_search_finds_korean(offline):
    page = offline.open("chapters/glossary.html")
    page.fill("header input[name=q]", "복제본이")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    assert page.locator("#search-results li a").count() > 1


def test_knob_moves_the_picture(offline):
    page = offline.open(LAB)
    figure = page.locator(".ddialab-explore").first
    words, picture = figure.locator("output").first, figure.locator(FRAME)
    before = words.inner_text(), picture.inner_html()
    figure.locator("input[type=range]").first.press("ArrowRight")
    assert words.inner_text() != before[0]
    assert picture.inner_html() != before[1]


def test_a_scene_plays_on_and_answers_from_a_file(offline):
    """첫 페이지는 두 깊이에 있습니다. 어느 깊이에서든 나머지와 모델을 제자리에서 찾습니다."""
    page = offline.open("index.html")
    figure = page.locator("figure.ddialab-scene").first
    figure.locator("input[type=range]").first.press("End")
    page.wait_for_function("ddialabScene.mounted[0].time > 0")
    figure.locator(".dds-acts").get_by_role("button", name="고치기").click()
    page.wait_for_function("ddialabScene.mounted[0].branch.saved === false")
    assert offline.errors == []


def test_links_lead_to_files_in_the_bundle(unpacked):
    """담지 않기로 한 파일을 페이지가 찾으면 여기서 걸립니다. 404.html은 주소가 /로 시작합니다."""
    pages = [path for path in unpacked.rglob("*.html") if "lite" not in path.parts]
    assert len(pages) > 20
    missing = []
    for path in pages:
        for link in LINKS.findall(path.read_text("utf-8")):
            url = urlsplit(link)
            if url.scheme or not url.path:
                continue
            folder = unpacked if url.path.startswith("/") else path.parent
            target = folder / unquote(url.path).lstrip("/")
            missing += [] if target.exists() else [(path.name, link)]
    assert missing == []


def test_a_lab_opened_as_a_file_tells_how_to_run_it(offline):
    page = offline.open(LAB)
    assert page.locator("a.play").count() == 0
    assert "python serve.py" in page.locator(".run").inner_text()


@contextmanager
def served(folder, command):
    """묶음의 폴더에서 ``command``를 치고, 알려 준 주소를 돌려줍니다.

    가상 환경 밖의 파이썬처럼 우리 패키지 없이(-I) 돕니다.
    """
    arguments = [sys.executable, "-I", "-u", *command]
    with subprocess.Popen(arguments, cwd=folder, stdout=-1, stderr=-1, text=True) as server:
        try:  # 포트가 찼다는 말이 먼저일 수도 있습니다
            said = (ADDRESS.search(line) for line in server.stdout)
            yield next(found[0] for found in said if found)
        finally:
            server.terminate()


@pytest.mark.parametrize("command", SERVERS, ids=lambda command: command[-3:][0])
def test_serves_with_python_alone(browser, unpacked, command):
    """읽는 법에 적은 두 가지 명령."""
    with served(unpacked, command) as address:
        reader = Reader(browser, address)
        page = reader.open(LAB)
        assert page.locator("h1").inner_text().startswith("실습 07")
        assert (reader.outside(), reader.failures, reader.errors) == ([], [], [])
        reader.context.close()


def test_the_playground_in_the_bundle_is_that_of_the_site(unpacked, book):
    """그래서 실습이 끝까지 도는지는 사이트의 실습실에서만 봅니다."""
    files = [path.relative_to(book) for path in (book / "lite").rglob("*") if path.is_file()]
    assert len(files) > 50
    assert [f for f in files if (unpacked / f).read_bytes() != (book / f).read_bytes()] == []


@pytest.mark.playground
def test_a_lab_starts_from_the_bundle(browser, unpacked):
    """USB의 묶음을 `python -m http.server`로 펼쳐도 파이썬이 뜨고 첫 셀이 돕니다."""
    if not (unpacked / "lite").is_dir():
        pytest.skip("브라우저 실습실이 없습니다. 먼저 make lite")
    with served(unpacked, SERVERS[1]) as address:
        seat = Seat(browser, SimpleNamespace(url=address, origin=address))
        seat.open_from_its_page("07-hardware-faults")
        seat.wait_ready()
        seat.page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
        seat.page.wait_for_function(FIRST_CELL_RAN, timeout=LAB_SECONDS * 1000)
        seat.context.close()
