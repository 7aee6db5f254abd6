"""남의 서버에 놓인 책: 보안 정책(Content-Security-Policy), 틀린 파일 형식, 꺼진 자바스크립트.

정책 아래에서는 아무것도 검게 칠해지거나 말없이 멈추지 않고, 스크립트가 없으면 글과 그림이 남습니다.
"""

import re
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect
from reader import BOOK, PAGES, Reader, source
from static_host import StaticHost

STRICT = {"Content-Security-Policy": "default-src 'self'"}
NO_SCRIPTS = {"Content-Security-Policy": "default-src 'self'; script-src 'none'"}
LAB, CHAPTER = "labs/07-hardware-faults.html", "chapters/glossary.html"
PHONE = {"width": 375, "height": 800}
# 정책이 막는 것. 슬라이더의 그림들은 JSON 안에 이스케이프되어 있습니다.
BLOCKED = {
    "style 속성": r"<[a-z][^<>]*\sstyle=",
    "style 요소": r"<style\b",
    "글자로 적은 동작": r"<[a-z][^<>]*\son[a-z]+=",
    "javascript: 주소": r"javascript:",
    "data: 그림": r"<[a-z][^<>]*\s(?:src|href)=\\?[\"']data:",
    "다른 곳의 것": r"<(?:script|img|iframe|link)\b[^<>]*\s(?:src|href)=[\"'](?:https?:)?//",
}
INLINE = re.compile(r"<script(?![^>]*(?:\bsrc=|application/json))[^>]*>(.*?)</script>", re.S)
# 막혀도 되는 것: 밝기(book.js가 대신합니다)와, 맨 위 폴더가 아닌 곳의 404.html
SPARE = ("ddialab-theme", "_static/book.css")


def blocked(html: str) -> list[str]:
    """``html``에서 `default-src 'self'`가 막을 것의 이름들."""
    html = html.replace("\\u003c", "<")
    found = [name for name, pattern in BLOCKED.items() if re.search(pattern, html)]
    strange = [code for code in INLINE.findall(html) if not any(mark in code for mark in SPARE)]
    return found + [f"페이지 안의 스크립트 {code[:60]}" for code in strange]


def test_no_page_has_what_a_strict_policy_blocks():
    assert {path: found for path in PAGES if (found := blocked(source(path)))} == {}
    assert "data:" not in (BOOK / "_static/book.css").read_text("utf-8")


@pytest.mark.parametrize(
    "html",
    ['<p style="color:red">', r"\u003cpath d=\"M0\" style=\"fill:red\"/>", "<style>p{}</style>",
     '<a onclick="x()">', '<a href="javascript:x()">', '<img src="data:image/png,x">',
     "<script>x()</script>", '<script src="https://cdn/x.js"></script>'],
)  # fmt: skip
def test_each_kind_of_what_is_blocked_is_seen(html):
    assert len(blocked(html)) == 1


@pytest.fixture
def visit(browser, book):
    """`with visit(host의 설정, **브라우저의 설정) as reader`."""

    @contextmanager
    def visited(headers=None, types=None, **options):
        with StaticHost(book, headers=headers, types=types) as host:
            reader = Reader(browser, host.url, **options)
            yield reader
            reader.context.close()

    return visited


PAINTS = """figure => [...figure.querySelectorAll("svg :is(path, use, text)")].map(part => {
  const style = getComputedStyle(part);
  return [style.fill, style.stroke, style.strokeWidth, style.opacity, style.fontSize].join();
})"""


def test_figures_look_the_same_under_a_strict_policy(visit, read):
    """슬라이더를 한 칸 옮긴 그림까지 칠이 같습니다."""
    looks = []
    free = read(LAB).page.locator(".ddialab-explore").first
    with visit(STRICT) as reader:
        reader.open(LAB)
        for figure in (free, reader.page.locator(".ddialab-explore").first):
            first = figure.evaluate(PAINTS)
            figure.locator("input[type=range]").first.press("ArrowRight")
            looks.append([first, figure.evaluate(PAINTS)])
        assert [error for error in reader.errors if "inline script" not in error] == []
    assert looks[0] == looks[1]
    assert len(set(looks[0][0])) > 3


def test_search_and_the_dark_page_work_under_a_strict_policy(visit):
    with visit(STRICT, color_scheme="dark") as reader:
        page = reader.open("search.html?q=복제본이")
        expect(page.get_by_role("status")).to_have_text(re.compile(r"페이지 \d+개를 찾았습니다\."))
        page.wait_for_selector("#search-results mark")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        expect(page.locator(".no-script").first).to_be_hidden()


NOSNIFF = {"X-Content-Type-Options": "nosniff"}
SCRIPTLESS = {
    "꺼짐": {"java_script_enabled": False},
    "정책": {"headers": NO_SCRIPTS},
    "파일 형식": {"headers": NOSNIFF, "types": {".js": "text/plain"}},
}


@pytest.mark.parametrize("options", SCRIPTLESS.values(), ids=SCRIPTLESS.keys())
def test_without_scripts_it_is_a_book_that_reads(visit, options):
    with visit(**options, viewport=PHONE) as reader:
        page = reader.page
        page.goto(f"{reader.address}/{LAB}")
        expect(page.locator(".no-script")).to_contain_text("스크립트가 실행되지 않습니다")
        dead = "button, input, select, .ddialab-wait, .play"
        assert page.locator(dead).locator("visible=true").count() == 0
        assert page.locator(".ddialab-answer").locator("visible=false").count() == 0
        assert page.locator(".ddialab-scroll svg").first.is_visible()
        page.get_by_role("link", name="차례로 가기").click()
        page.locator("#contents").get_by_role("link", name="용어집").click()
        page.wait_for_url(f"**/{CHAPTER}")
        page.goto(f"{reader.address}/search.html")
        assert page.locator(dead).locator("visible=true").count() == 0
        expect(page.get_by_text("찾기 대신")).to_be_visible()


def test_what_the_page_says_without_scripts_is_true_of_a_page():
    assert [path for path in PAGES if "이 셀을 실행하면" in source(path)] == []


def test_search_says_when_its_index_did_not_come(read):
    reader = read(CHAPTER)
    page = reader.page
    page.route("**/searchsections.js", lambda route: route.abort())
    page.goto(f"{reader.address}/search.html?q=캐시")
    expect(page.get_by_role("status")).to_contain_text("searchsections.js")
    page.unroute("**/searchsections.js")


def test_only_the_count_of_results_is_spoken(read):
    page = read("search.html?q=캐시").page
    page.wait_for_selector("#search-results mark")
    live = page.locator("main :is([aria-live], [role=status], [role=alert])")
    expect(live).to_have_text([re.compile(r"페이지 \d+개를 찾았습니다\.")])
