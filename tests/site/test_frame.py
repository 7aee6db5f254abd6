"""틀의 움직임: 첫 페이지로 가는 길, 종이와 같은 색, 아이콘, 없는 주소.

페이지마다의 틀은 test_pages.py가 봅니다.
"""

import re

import pytest
from playwright.sync_api import expect
from reader import BOOK, source
from static_host import StaticHost

# 틀은 모양마다 하나의 템플릿에서 나옵니다. 모양마다 한 페이지이면 됩니다.
KINDS = ["404.html", "search.html", "chapters/glossary.html", "labs/02-cache-miss.html"]
PHONE = {"width": 360, "height": 740}
PAPER = "getComputedStyle(document.body).backgroundColor"
# 브라우저가 골라 쓸 주소 칸의 색
TINT = """(() => {
  const chosen = [...document.querySelectorAll("meta[name=theme-color]")]
    .find(meta => matchMedia(meta.media).matches);
  const probe = document.createElement("p");
  probe.style.color = chosen.content;
  return probe.style.color;
})()"""


@pytest.fixture
def tab(reader):
    """책의 주소가 아닌 곳을 여는 사람의 휴대전화."""
    reader.leave()
    reader.look(viewport=PHONE)
    return reader.page


@pytest.mark.parametrize("path", KINDS)
def test_title_leads_to_the_front_page(read, path):
    page = read(path).page
    page.locator("header a.home").click()
    page.wait_for_url("**/index.html")
    expect(page.locator("body.front h1")).to_have_count(1)


def test_pages_with_knobs_do_have_sliders(read):
    assert read("labs/02-cache-miss.html").page.get_by_role("slider").count() >= 2


@pytest.mark.parametrize("system", ["light", "dark"])
def test_browser_bar_has_the_colour_of_the_paper(read, system):
    reader = read("index.html", color_scheme=system)
    for _ in range(2):
        assert reader.page.evaluate(TINT) == reader.page.evaluate(PAPER)
        reader.page.click("button.theme")
    reader.page.click("button.theme")  # 시스템과 다른 밝기를 고른 채 다시 엽니다
    reader.page.reload()
    assert reader.page.evaluate(TINT) == reader.page.evaluate(PAPER)


def test_icons_are_there_and_small():
    links = re.findall(r'<link rel="(?:icon|apple-touch-icon)"[^>]*>', source("index.html"))
    names = [re.search('href="([^"]+)"', link)[1] for link in links]
    assert {name.rsplit(".")[-1] for name in names} == {"ico", "svg", "png"}
    assert all((BOOK / name).stat().st_size < 4000 for name in names)


@pytest.mark.parametrize("base", ["", "/book"])
@pytest.mark.parametrize("missing", ["nowhere", "labs/gone.html", "a/b/c/deep.html"])
def test_missing_page_works_from_any_depth(tab, book, base, missing):
    """책이 어느 폴더에 놓였는지 모르고 지었어도 모양이 갖춰지고 링크가 통합니다."""
    with StaticHost(book, base) as host:
        assert tab.goto(f"{host.url}/{missing}").status == 404
        assert tab.inner_text("h1") == "찾는 페이지가 없습니다"
        expect(tab.locator("#contents")).to_be_hidden()  # 모양이 없으면 보입니다
        tab.locator("button.menu").click()
        tab.locator("#contents").get_by_role("link", name="신뢰성").click()
        assert tab.url.startswith(f"{host.url}/chapters/")
        tab.go_back()
        tab.fill("main input[name=q]", "복제본")
        tab.keyboard.press("Enter")
        tab.wait_for_selector("#search-results li a")
        assert tab.url.startswith(f"{host.url}/search.html")


SEARCH = ("main input[name=q]", "search.html?q=%EB%B3%B5%EC%A0%9C%EB%B3%B8")
LINK = ("main p a", "index.html")


@pytest.mark.parametrize(("control", "leads_to"), [SEARCH, LINK], ids=["search", "link"])
def test_a_reader_quicker_than_the_missing_page_gets_there_too(tab, book, control, leads_to):
    """책이 놓인 폴더를 찾는 사이에 누르거나 입력한 것도, 찾고 나면 그 책으로 갑니다."""
    with StaticHost(book, "/book") as host:
        asked = []

        def hold(route, request):
            asked.append(route) if request.resource_type == "fetch" else route.continue_()

        tab.route("**/book/_static/book.css", hold)
        with tab.expect_request("**/book/_static/book.css"):
            tab.goto(f"{host.url}/nowhere")
        if control == SEARCH[0]:
            tab.fill(control, "복제본")
        tab.press(control, "Enter")
        assert tab.evaluate("location.href") == f"{host.url}/nowhere"
        asked[0].continue_()
        tab.wait_for_url(f"{host.url}/{leads_to}")
        tab.unroute_all()


def test_a_failure_that_comes_late_does_not_take_the_look_away(tab, book):
    """맨 위에서 찾지 못한 스크립트의 실패가, 제자리에서 찾은 것보다 늦게 올 수 있습니다."""
    with StaticHost(book, "/book") as host:
        late = []
        tab.route(
            f"{host.url.removesuffix('/book')}/_static/book.js", lambda route: late.append(route)
        )
        with tab.expect_response("**/book/_static/book.js"):
            tab.goto(f"{host.url}/nowhere", wait_until="commit")
        arrived = "performance.getEntriesByName(location.origin + '/book/_static/book.js').length"
        tab.wait_for_function(arrived)
        late[0].fulfill(status=404)
        tab.wait_for_load_state("load")
        expect(tab.locator("#contents")).to_be_hidden()
        tab.unroute_all()


def test_missing_page_stays_out_of_search_sites_and_works_without_scripts(browser, book):
    with StaticHost(book) as host:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"{host.url}/deep/in/nowhere")
        assert page.get_attribute("meta[name=robots]", "content") == "noindex"
        page.get_by_role("link", name="책의 첫 페이지").click()
        expect(page.locator("body.front")).to_have_count(1)
        page.context.close()
