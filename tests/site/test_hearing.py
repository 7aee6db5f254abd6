"""화면을 듣고 키보드로 다니는 독자: 슬라이더의 이름과 바뀐 그림, 탭이 멈추는 곳, 좁은 화면."""

import re

import pytest
from playwright.sync_api import expect
from reader import PAGES, SETTLED, source

LAB = "labs/13-percentiles.html"
COUNT_SAID = """region => { window.said = 0;
  new MutationObserver(() => { window.said += 1; }).observe(region, { childList: true }); }"""
MOVE_TWICE = """knob => [1, 2].forEach(at => {
  knob.value = at;
  knob.dispatchEvent(new Event("input"));
})"""
# 탭 키를 누른 그때, 멈출 상자와 넘치는 상자가 다른 곳
WRONG_STOPS = """() => {
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Tab", bubbles: true }));
  return [...document.querySelectorAll("main pre")].filter(box => box.checkVisibility())
  .filter(box => (box.tabIndex === 0) !== (box.scrollWidth > box.clientWidth + 1))
  .filter(box => box !== document.activeElement).map(box => box.outerHTML.slice(0, 120));
}"""
# 슬라이더마다, 화면 밖으로 나갔거나 잘린 값. 값이 가장 긴 자리까지 옮겨 봅니다
CUT_VALUES = """() => [...document.querySelectorAll(".ddialab-explore input")].flatMap(input => {
  const texts = JSON.parse(input.dataset.texts), output = input.nextElementSibling;
  output.value = texts.reduce((a, b) => b.length > a.length ? b : a);
  const { left, right } = output.getBoundingClientRect();
  return left >= 0 && right <= innerWidth ? [] : [[output.value, left, right]];
})"""
SMALL_WORDS = """() => [...document.querySelectorAll("article figure:not(.ddialab) > svg")]
  .flatMap(svg => [...svg.querySelectorAll("text")].map(text =>
    parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width
      / svg.viewBox.baseVal.width))
  .filter(size => size < 9)"""
STUCK = """all => all.filter((box) => box.scrollWidth > box.clientWidth && box.tabIndex !== 0)
  .map((box) => box.outerHTML.slice(0, 120))"""
DRAWN = [path for path in PAGES if "<figure>\n<svg" in source(path)]


def test_a_moved_knob_says_the_new_picture_once(read):
    page = read(LAB).page
    figure = page.locator(".ddialab-explore").first
    region, knob = figure.locator(".ddialab-said"), figure.locator("input").first
    region.evaluate(COUNT_SAID)
    before = figure.locator("svg").first.get_attribute("aria-label")
    knob.evaluate(MOVE_TWICE)
    after = figure.locator("svg").first.get_attribute("aria-label")
    assert after != before
    expect(region).to_have_text(after)
    expect(region).to_have_attribute("role", "status")
    assert page.evaluate("said") == 1


def test_the_name_of_a_knob_does_not_hold_its_value(read):
    page = read(LAB).page
    for knob in page.locator(".ddialab-knob").all():
        name = knob.locator("span").first.inner_text()
        expect(knob.get_by_role("slider", name=name, exact=True)).to_have_count(1)


def test_a_heading_is_named_by_its_words_alone(read):
    """제목 주소는 마우스의 것입니다: 제목마다 이름이 길어지고 탭이 멈추지 않아야 합니다."""
    page = read(LAB).page
    links = page.locator("article .headerlink")
    heard = page.locator("article").aria_snapshot()
    names = re.findall(r'heading "(.*)" \[level', heard)
    assert len(names) > 5
    assert [name for name in names if name.endswith(("#", "이 자리의 주소"))] == []
    assert links.evaluate_all("all => all.filter(one => one.tabIndex >= 0).length") == 0


@pytest.mark.parametrize("path", [path for path in PAGES if path.startswith("labs/")])
def test_tab_stops_only_at_code_that_overflows(read, path):
    page = read(path).page
    assert page.evaluate(WRONG_STOPS) == []


@pytest.mark.parametrize(
    ("path", "width", "scale"),
    [(LAB, 360, 1), ("labs/02-cache-miss.html", 320, 1), ("labs/07-hardware-faults.html", 375, 2)],
)
def test_the_value_of_a_knob_is_whole_on_a_narrow_screen(read, path, width, scale):
    page = read(path, viewport={"width": width, "height": 800}).page
    page.evaluate(f"document.documentElement.style.fontSize = '{100 * scale}%'")
    page.evaluate(SETTLED)
    assert page.evaluate(CUT_VALUES) == []


@pytest.mark.parametrize("path", DRAWN)
def test_words_in_drawings_are_not_shrunk_on_a_phone(read, path):
    page = read(path, viewport={"width": 375, "height": 800}).page
    assert page.evaluate(SMALL_WORDS) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 375
    stuck = page.locator("article figure:not(.ddialab):has(> svg)").evaluate_all(STUCK)
    assert stuck == [], "밀 수 있는 그림은 키보드로도 밉니다"
