"""페이지를 종이에 찍을 때. 잘리거나 흐려지는 것은 페이지를 여는 김에 test_pages.py가 봅니다."""

import io
import re

from checks.listings import SKIPPED
from pypdf import PdfReader
from reader import PAGES

LAB = next(path for path in PAGES if path.startswith("labs/"))
WITH_SCENE = "labs/07-hardware-faults.html"
CHAPTER = "chapters/1-data-systems/cache-miss.html"
TURN = "결과는다음장부터나옵니다."
OPEN = "all => all.map(one => one.open)"


def test_everything_is_drawn_on_paper(read):
    page = read(LAB).page
    page.emulate_media(media="print")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.wait_for_function(f"!{SKIPPED}.includes(true)")


def test_what_is_folded_is_open_only_while_printing(browser, address):
    page = browser.new_page()
    page.goto(f"{address}/{WITH_SCENE}")
    folds = page.locator("main details:not(.hide, .sd-dropdown)")
    before = folds.evaluate_all(OPEN)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert all(folds.evaluate_all(OPEN)) > all(before)
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert folds.evaluate_all(OPEN) == before
    page.close()


def sheets(page) -> list[str]:
    """찍은 종이마다, 빈칸을 뺀 글."""
    printed = PdfReader(io.BytesIO(page.pdf(format="A4", tagged=False))).pages
    return ["".join(sheet.extract_text().split()) for sheet in printed]


def test_a_guess_and_its_answer_are_on_different_sheets(read):
    """물음까지만 나누어 줄 수 있습니다. 아직 예상하지 않은 독자의 종이입니다."""
    reader = read(LAB)
    reader.leave()
    page = reader.open(LAB, folded=True)
    page.emulate_media(media="print")
    breaks = page.locator(".ddialab-answer").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).breakBefore)"
    )
    assert set(breaks) == {"page"}
    asked = [sheet for sheet in sheets(page) if TURN in sheet]
    assert len(asked) == len(breaks) > 1, "물음마다 다른 종이에 있습니다"
    assert all("예상해보세요" in sheet for sheet in asked)


def test_folded_answers_of_a_chapter_are_printed_only_if_opened(read):
    page = read(CHAPTER).page
    answers = page.locator("details.sd-dropdown")
    answers.evaluate_all("all => all.forEach((one) => { one.open = false; })")
    whole = "".join(sheets(page))
    assert "답보기(책의이자리에서펴볼수있습니다)" in whole
    assert "두배입니다.5%가10%가" not in whole
    answers.last.locator("summary").click()
    assert "두배입니다.5%가10%가" in "".join(sheets(page))


def test_the_answer_of_a_self_check_is_not_beside_it(read):
    page = read(LAB).page
    check = page.locator(".ddialab-check").first
    right = check.locator('input[data-reply^="맞습니다"]').get_attribute("data-reply")
    whole = "".join(sheets(page))
    assert "답은책의이물음에서고르면나옵니다." in whole
    assert "".join(right.split())[:20] not in whole


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
