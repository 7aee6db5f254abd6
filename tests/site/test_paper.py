"""페이지를 종이에 찍을 때. 잘리거나 흐려지는 것은 페이지를 여는 김에 test_pages.py가 봅니다."""

import io
import re

from checks.listings import SKIPPED
from pypdf import PdfReader
from reader import PAGES

LAB = next(path for path in PAGES if path.startswith("labs/"))
WITH_SCENE = "labs/07-hardware-faults.html"
OPEN = "all => all.map(one => one.open)"


def test_everything_is_drawn_on_paper(read):
    page = read(LAB).page
    page.emulate_media(media="print")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.wait_for_function(f"!{SKIPPED}.includes(true)")


def test_what_is_folded_is_open_only_while_printing(browser, address):
    page = browser.new_page()
    page.goto(f"{address}/{WITH_SCENE}")
    folds = page.locator("main details:not(.hide)")
    before = folds.evaluate_all(OPEN)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(folds.evaluate_all(OPEN)) > all(before)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folds.evaluate_all(OPEN) == before
    page.close()


def test_a_scene_is_printed_as_a_still_that_says_what_happened(read):
    page = read(WITH_SCENE).page
    scene = page.locator(".ddialab-scene").first
    still = scene.locator(".ddialab-still")
    assert not still.is_visible()
    page.emulate_media(media="print")
    assert re.findall(r"(\d+)초, 성공 \d+", still.inner_text()) == ["0", "30"], "처음과 마지막"
    assert still.locator("svg").first.is_visible()
    assert not scene.locator(".dds").is_visible()


def test_paper_keeps_the_font_of_the_book(browser, address):
    """화면에서 종이로 바꾸는 동안에도 글꼴이 남습니다. 웹 글꼴은 크로미움이 Type 3으로 넣습니다."""
    page = browser.new_page()
    page.goto(f"{address}/404.html", wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    sheet = PdfReader(io.BytesIO(page.pdf(format="A4"))).pages[0]
    page.close()
    fonts = sheet["/Resources"]["/Font"].values()
    assert {font.get_object()["/Subtype"] for font in fonts} == {"/Type3"}
