"""쪽은 조용히 열리고 가볍습니다. 바깥 주소를 부르지 않고, 글꼴까지 다 해도 작습니다."""

import gzip

import pytest
from reader import BOOK, PAGES

KB = 1000
READY_PACKED = (".woff2", ".png", ".jpg")
EVERY = pytest.mark.parametrize("path", PAGES)
MONOSPACE = {"DejaVu Sans Mono", "Noto Sans Mono", "Liberation Mono"}
PROSE = (
    ":is(main, .top, .contents) :is(h1, h2, h3, p, li, a, th, td, strong, summary, legend, label), "
    "main svg text"
)


def packed_size(path: str) -> int:
    """서버가 gzip으로 보낼 때의 바이트. 이미 압축된 것은 그대로 셉니다."""
    body = (BOOK / path).read_bytes()
    return len(body) if path.endswith(READY_PACKED) else len(gzip.compress(body, 6))


def weigh(reader) -> dict[str, int]:
    """브라우저가 이 쪽을 열며 가져간 파일마다의 바이트."""
    local = {url.split("?")[0] for url in reader.requests if url.startswith(reader.address)}
    paths = {url.removeprefix(reader.address + "/") for url in local}
    return {path: packed_size(path) for path in paths}


@EVERY
def test_loads_quietly_and_lightly(read, path):
    """바깥 요청, 실패한 요청, 콘솔 오류가 없고, 글 쪽은 300 KB, 손잡이가 있으면 400 KB까지."""
    reader = read(path)
    assert reader.outside() == []
    assert reader.failures == []
    assert reader.errors == []
    knobs = reader.page.locator(".ddialab-explore, .ddialab-player").count()
    sizes = weigh(reader)
    assert sum(sizes.values()) <= (400 if knobs else 300) * KB, sizes


@EVERY
def test_shows_only_the_book_font(read, path):
    """추린 글꼴에 빠진 글자가 있으면 브라우저가 다른 글꼴로 메웁니다. 그런 곳이 없어야 합니다."""
    reader = read(path)
    session = reader.context.new_cdp_session(reader.page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
    nodes = session.send("DOM.querySelectorAll", {"nodeId": root, "selector": PROSE})["nodeIds"]
    strange = {}
    for node in nodes:
        for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            if not font["isCustomFont"] and font["familyName"] not in MONOSPACE:
                html = session.send("DOM.getOuterHTML", {"nodeId": node})["outerHTML"]
                strange[font["familyName"]] = html[:150]
    assert strange == {}


def test_pages_work_from_a_file(browser, book):
    """서버 없이 파일로 열어도(USB에 담은 책) 오류가 없고 그림이 움직일 스크립트가 돕니다."""
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    for path in ("index.html", "search.html?q=캐시를"):
        page.goto(f"{book.as_uri()}/{path}")
    page.wait_for_selector("#search-results li")
    page.close()
    assert errors == []
