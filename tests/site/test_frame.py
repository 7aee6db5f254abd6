"""모든 쪽의 틀: 첫 쪽으로 가는 길, 하나뿐인 찾기, 이름 있는 손잡이, 종이와 같은 색, 없는 주소."""

import re

import pytest
from playwright.sync_api import expect
from reader import BOOK, PAGES
from static_host import StaticHost

EVERY = pytest.mark.parametrize("path", PAGES)
HANGUL = re.compile("[가-힣]")
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
PAPER = "getComputedStyle(document.body).backgroundColor"
# 브라우저가 골라 쓸 주소 칸의 색
TINT = """(() => {
  const chosen = [...document.querySelectorAll("meta[name=theme-color]")]
    .find(meta => matchMedia(meta.media).matches);
  const probe = document.createElement("p");
  probe.style.color = chosen.content;
  return probe.style.color;
})()"""


@EVERY
def test_title_leads_to_the_front_page(read, path):
    page = read(path).page
    page.locator("header a.home").click()
    page.wait_for_url("**/index.html")
    expect(page.locator("body.front h1")).to_have_count(1)


@EVERY
def test_there_is_one_way_to_search(read, path):
    """넓은 화면에는 칸 하나, 좁은 화면에는 칸이나 돋보기 하나. 찾기 쪽도 그렇습니다."""
    page = read(path, viewport=WIDE).page
    assert page.get_by_role("searchbox").count() == 1
    page.set_viewport_size(PHONE)
    header = page.locator("header").get_by_role("link", name="이 책에서 찾기")
    assert page.get_by_role("searchbox").count() + header.count() == 1


@EVERY
def test_every_slider_has_a_name_and_a_spoken_value(read, path):
    page = read(path).page
    sliders = page.locator("input[type=range]:visible")
    assert page.get_by_role("slider", name=HANGUL).count() == sliders.count()
    for slider in sliders.all():
        assert slider.get_attribute("aria-valuetext")


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


def test_icons_are_there_and_small(read):
    page = read("index.html").page
    links = page.locator("link[rel=icon], link[rel=apple-touch-icon]")
    names = [link.get_attribute("href") for link in links.all()]
    assert {name.rsplit(".")[-1] for name in names} == {"ico", "svg", "png"}
    assert all((BOOK / name).stat().st_size < 4000 for name in names)


@pytest.mark.parametrize("base", ["", "/book"])
@pytest.mark.parametrize("missing", ["nowhere", "labs/gone.html", "a/b/c/deep.html"])
def test_missing_page_works_from_any_depth(browser, book, base, missing):
    """책이 어느 폴더에 놓였는지 모르고 지었어도 모양이 갖춰지고 링크가 통합니다."""
    with StaticHost(book, base) as host:
        page = browser.new_page(viewport=PHONE)
        answer = page.goto(f"{host.url}/{missing}", wait_until="networkidle")
        assert answer.status == 404
        assert page.inner_text("h1") == "찾는 쪽이 없습니다"
        assert not page.locator("#contents").is_visible()  # 모양이 없으면 보입니다
        page.locator("button.menu").click()
        page.locator("#contents").get_by_role("link", name="신뢰성").click()
        assert page.url.startswith(f"{host.url}/chapters/")
        page.go_back(wait_until="networkidle")
        page.fill("main input[name=q]", "복제본")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results li a")
        assert page.url.startswith(f"{host.url}/search.html")
        page.close()


def test_missing_page_stays_out_of_search_sites_and_works_without_scripts(browser, book):
    with StaticHost(book) as host:
        page = browser.new_context(java_script_enabled=False).new_page()
        page.goto(f"{host.url}/deep/in/nowhere")
        assert page.get_attribute("meta[name=robots]", "content") == "noindex"
        page.get_by_role("link", name="책의 첫 쪽").click()
        expect(page.locator("body.front")).to_have_count(1)
        page.context.close()
