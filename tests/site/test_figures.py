"""움직이는 그림: 커널도 서버도 없이 슬라이더가 그림을 바꾸고, 링크가 그대로 되살립니다."""

import re

import pytest
from playwright.sync_api import expect
from reader import BOOK, PAGES

FRAME = ".ddialab-scroll"


def pages_with(mark: str) -> list[str]:
    return [path for path in PAGES if mark in (BOOK / path).read_text("utf-8")]


# 그림은 수십 KB입니다. 바뀌었는지는 페이지 안에서 보고, 글만 가져옵니다
SEEN = """figure => {
  const markup = figure.querySelector(".ddialab-scroll").innerHTML, last = figure.seen;
  figure.first ??= markup;
  figure.seen = markup;
  return {
    changed: markup !== last,
    first: markup === figure.first,
    words: [...figure.querySelectorAll("output")].map(output => output.innerText),
    spoken: [...figure.querySelectorAll("input[type=range]")]
      .map(knob => knob.getAttribute("aria-valuetext")),
  };
}"""


@pytest.mark.parametrize("path", pages_with("ddialab-explore"))
def test_every_knob_step_by_keyboard_changes_the_picture(read, path):
    page = read(path).page
    for figure in page.locator(".ddialab-explore").all():
        for i, knob in enumerate(figure.locator("input[type=range]").all()):
            knob.press("Home")
            figure.evaluate("figure => { figure.first = undefined; }")
            before = figure.evaluate(SEEN)
            for _ in range(int(knob.get_attribute("max"))):
                page.keyboard.press("ArrowRight")
                now = figure.evaluate(SEEN)
                assert now["changed"], (knob.get_attribute("aria-label"), before["words"][i])
                assert now["words"][i] != before["words"][i]
                assert now["spoken"][i] == now["words"][i]
                before = now
            page.keyboard.press("Home")
            assert figure.evaluate(SEEN)["first"]


WIDE_TABLE = "labs/09-software-errors.html"
SHADED = """() => [...document.querySelectorAll("main :is(.ddialab-scroll, .table-wrap)")]
  .filter(box => box.scrollWidth > box.clientWidth + 1)
  .map(box => [box.className, getComputedStyle(box).backgroundImage !== "none"])"""


def test_what_goes_on_to_the_side_has_a_shade_there(read):
    """휴대전화에는 표의 앞쪽만 보입니다. 그늘이 없으면 나머지 칸이 있는 줄 모릅니다."""
    boxes = read(WIDE_TABLE, viewport={"width": 375, "height": 667}).page.evaluate(SHADED)
    assert {name for name, _ in boxes} == {"ddialab-scroll", "table-wrap"}
    assert all(shaded for _, shaded in boxes)


LINKED = "labs/02-cache-miss.html"
ADDRESS = r"https?://\S+#figure=\d+&at=[\d,]+&m=[0-9a-f]{8}"


def linked(page) -> str:
    """둘째 그림의 슬라이더를 한 칸 옮기고 만든 링크. 시험용 브라우저는 복사를 막습니다."""
    figure = page.locator(".ddialab-explore").nth(1)
    figure.locator("input[type=range]").first.press("ArrowRight")
    figure.get_by_role("button", name="이 그림의 링크 복사").click()
    return re.search(ADDRESS, figure.locator(".ddialab-note").inner_text())[0]


def test_a_link_opens_the_figure_with_the_sliders_as_they_were(read):
    page = read(LINKED).page
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }")
    url = linked(page)
    figure = page.locator(".ddialab-explore").nth(1)
    picture, words = figure.locator(FRAME).inner_html(), figure.locator("output").first.inner_text()
    fresh = read(LINKED).page
    fresh.goto(url)
    fresh.reload()
    figure = fresh.locator(".ddialab-explore").nth(1)
    assert figure.locator("output").first.inner_text() == words
    assert figure.locator(FRAME).inner_html() == picture
    assert fresh.locator("[role=status]", has_text="바뀌었습니다").count() == 0
    fresh.evaluate("hash => { location.hash = hash; }", url.partition("#")[2][:-8] + "00000000")
    fresh.locator("[role=status]", has_text="그림이 바뀌었습니다").wait_for()


NOWHERE = [
    "figure=999&at=0&m=00000000",
    "figure=1&at=99&m=00000000",
    "figure=1&at=0,0,0,0,0&m=00000000",
    "figure=1&at=-1&m=00000000",
    "figure=1&at=0&m=<img src=x onerror=alert(1)>",
    "figure=1&at=" + "0," * 50_000 + "0&m=00000000",
]


def test_a_link_to_nothing_says_so_and_moves_nothing(read):
    reader = read(LINKED)
    page = reader.page
    before = page.locator(".ddialab-explore output").all_inner_texts()
    said = page.locator("[role=status]", has_text="이 페이지에 없습니다")
    for times, nowhere in enumerate(NOWHERE, 1):
        page.evaluate("hash => { location.hash = hash; }", nowhere)
        expect(said).to_have_count(times)
    assert page.locator(".ddialab-explore output").all_inner_texts() == before
    assert page.locator("main img[src=x]").count() == 0
    assert reader.errors == []


@pytest.mark.parametrize("path", pages_with("ddialab-check"))
def test_self_check_answers_right_and_wrong(read, path):
    page = read(path).page
    for form in page.locator(".ddialab-check").all():
        replies = []
        for choice in form.locator("input[type=radio]").all():
            choice.check()
            form.get_by_role("button", name="확인").click()
            replies.append(form.locator("[role=status]").inner_text())
        assert sum(reply.startswith("맞습니다") for reply in replies) == 1
        assert all(len(reply) > 5 for reply in replies)
