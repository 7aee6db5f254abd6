"""코드: 화면에서 먼 것은 그리지 않되 자리는 정확히 잡고, 넘치는 것은 키보드로 밀 수 있습니다."""

import pytest
from reader import BOOK, PAGES

LABS = [path for path in PAGES if path.startswith("labs/")]
WITH_CODE = [path for path in PAGES if 'class="highlight"' in (BOOK / path).read_text("utf-8")]
SIZES = pytest.mark.parametrize("width", [360, 1440])
SKIPPED = """[...document.querySelectorAll("div.highlight")]
  .map(box => !box.firstElementChild.checkVisibility({ contentVisibilityAuto: true }))"""
# 그리지 않은 채 잡아 둔 높이와, 모두 그렸을 때의 높이 (px)
HEIGHTS = """() => {
  const boxes = [...document.querySelectorAll("div.highlight")];
  const heights = () => boxes.map(box => box.getBoundingClientRect().height);
  const reserved = heights();
  for (const box of boxes) box.style.contentVisibility = "visible";
  return [reserved, heights()];
}"""
BOXES = """[...document.querySelectorAll("main pre, .ddialab-scroll")]
  .filter(box => box.checkVisibility({ contentVisibilityAuto: true }))
  .map(box => [box.scrollWidth > box.clientWidth + 1, box.tabIndex === 0])"""
SETTLED = """document.fonts.ready.then(
  () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))))"""


@pytest.mark.parametrize("path", LABS)
def test_most_code_is_not_drawn_before_it_is_near(read, path):
    skipped = read(path).page.evaluate(SKIPPED)
    assert sum(skipped) > 0.8 * len(skipped) > 8


@SIZES
@pytest.mark.parametrize("path", WITH_CODE)
def test_the_place_kept_for_code_fits(read, path, width):
    page = read(path, viewport={"width": width, "height": 800}).page
    reserved, drawn = page.evaluate(HEIGHTS)
    assert reserved == pytest.approx(drawn, abs=1)


def test_everything_is_drawn_on_paper(read):
    page = read(LABS[0]).page
    page.emulate_media(media="print")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.wait_for_function(f"!{SKIPPED}.includes(true)")


@pytest.mark.parametrize("path", LABS)
def test_only_wide_boxes_are_tab_stops(read, path):
    """다 그린 다음에는 넘치는 상자에만, 넘치는 상자에는 빠짐없이 닿습니다."""
    page = read(path, viewport={"width": 360, "height": 800}).page
    page.add_style_tag(content="div.highlight { content-visibility: visible !important; }")
    page.evaluate(SETTLED)
    boxes = page.evaluate(BOXES)
    assert {wide for wide, _ in boxes} == {True, False}
    assert [wide for wide, _ in boxes] == [stop for _, stop in boxes]


def test_code_far_below_is_reached_before_it_is_drawn(read):
    page = read(LABS[0], viewport={"width": 360, "height": 800}).page
    assert page.evaluate("""[...document.querySelectorAll("div.highlight")].every(
      box => box.firstElementChild.checkVisibility({ contentVisibilityAuto: true })
        || box.firstElementChild.tabIndex === 0)""")


@pytest.mark.parametrize("path", LABS)
def test_last_section_is_where_its_link_leads(read, path):
    page = read(path, viewport={"width": 360, "height": 800}, reduced_motion="reduce").page
    last = page.locator("main section[id] > :is(h2, h3)").last
    page.goto(f"{page.url}#{last.locator('xpath=..').get_attribute('id')}")
    page.evaluate(SETTLED)
    top = last.bounding_box()["y"]
    bottom = page.evaluate("document.documentElement.scrollHeight - scrollY - innerHeight")
    assert 0 <= top < 120 or bottom < 2
