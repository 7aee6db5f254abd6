"""누구나 읽을 수 있는가: 접근성 검사, 좁은 화면, 키보드."""

from pathlib import Path

import pytest
from reader import BOOK, PAGES

EVERY = pytest.mark.parametrize("path", PAGES)
PHONE = {"width": 360, "height": 740}
WIDTHS = (360, 768, 1440)
# 화면의 크기를 바꾸면 크로미움이 글꼴을 다시 읽기도 합니다. 그것까지 마친 다음 장면
SETTLED = """new Promise(frame => requestAnimationFrame(frame)).then(() => document.fonts.ready)
  .then(() => new Promise(frame => requestAnimationFrame(() => frame(true))))"""
AXE = """axe.run({resultTypes: ['violations']}).then(result => result.violations.flatMap(
  rule => rule.nodes.slice(0, 2).map(node => [rule.id, node.html.slice(0, 150)])))"""
TOO_WIDE = """[...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > 361)
  .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
FOCUSED = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"

# 뒤에 칠해진 것들(막대, 상자, 종이)과의 명암비가 4.5에 못 미치는 그림 속 글자.
# axe는 SVG를 보지 않습니다.
FAINT_WORDS = """() => {
  const parts = color => (color.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const paint = e => {
    const style = getComputedStyle(e), svg = e instanceof SVGElement;
    if (svg && (e instanceof SVGSVGElement || style.fill === "none")) return [0, 0, 0, 0];
    const [r, g, b, a = 1] = parts(svg ? style.fill : style.backgroundColor);
    return [r, g, b, svg ? a * style.fillOpacity * style.opacity : a];
  };
  const behind = (text, x, y) => {
    const below = document.elementsFromPoint(x, y), ground = [0, 0, 0];
    let left = 1;
    for (const e of below.slice(below.indexOf(text) + 1)) {
      if (e instanceof SVGTextElement) continue;
      const [r, g, b, a] = paint(e);
      [r, g, b].forEach((value, i) => { ground[i] += left * a * value; });
      left *= 1 - a;
    }
    return ground;
  };
  const light = color => color.map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const faint = [];
  let seen = 0;
  for (const svg of document.querySelectorAll("main svg")) {
    svg.scrollIntoView({ block: "center", behavior: "instant" });
    for (const text of svg.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      const x = box.x + box.width / 2, y = box.y + box.height / 2;
      if (!document.elementsFromPoint(x, y).includes(text)) continue;
      const ground = behind(text, x, y), ink = parts(getComputedStyle(text).fill).slice(0, 3);
      const [dark, bright] = [light(ink), light(ground)].sort((one, other) => one - other);
      const ratio = (bright + .05) / (dark + .05);
      seen += 1;
      if (ratio < 4.5) faint.push([text.textContent, ratio.toFixed(2), ink, ground]);
    }
  }
  return [seen, faint];
}"""


@pytest.fixture(scope="session")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python")
    return (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")


@EVERY
def test_axe_finds_nothing_at_any_width_in_either_scheme(read, axe, path):
    page = read(path, viewport=PHONE, color_scheme="light", reduced_motion="reduce").page
    page.evaluate(axe)
    found = {}
    for scheme in ("light", "dark"):
        assert page.evaluate("document.documentElement.dataset.theme") == scheme
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate(SETTLED)
            broken = page.evaluate(AXE)
            if broken:
                found[scheme, width] = broken
        page.click("button.theme")
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", [p for p in PAGES if "</text>" in (BOOK / p).read_text("utf-8")])
def test_words_in_figures_stand_out(read, path, scheme):
    tall = {"width": 1440, "height": 2400}  # 그림 하나가 다 보이는 높이
    page = read(path, viewport=tall, color_scheme=scheme).page
    seen, faint = page.evaluate(FAINT_WORDS)
    assert seen
    assert faint == []


def test_dark_system_gets_a_dark_page(read):
    page = read("index.html", color_scheme="dark").page
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_theme_choice_is_remembered(read):
    reader = read("index.html", color_scheme="light")
    reader.page.get_by_role("button", name="어두운 화면으로 바꾸기").click()
    reader.page.reload()
    assert reader.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert reader.page.get_by_role("button", name="밝은 화면으로 바꾸기").count() == 1


@EVERY
def test_fits_a_phone(read, path):
    page = read(path, viewport=PHONE).page
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 360, page.evaluate(TOO_WIDE)


def test_menu_opens_and_closes_by_keyboard_on_a_phone(read):
    page = read("chapters/glossary.html", viewport=PHONE).page
    contents, button = page.locator("#contents"), page.locator("button.menu")
    assert not contents.is_visible()
    button.press("Enter")
    assert contents.is_visible()
    assert page.evaluate("document.activeElement.closest('#contents') !== null")
    page.keyboard.press("Escape")
    assert not contents.is_visible()
    assert page.evaluate("document.activeElement.className") == "icon menu"


def test_keyboard_reaches_the_text_at_once(read):
    """건너뛰기가 첫째이고, 본문 앞에는 제목, 찾기, 밝기 말고는 멈출 곳이 없어야 합니다."""
    page = read("chapters/1-data-systems/cache-miss.html").page
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "본문으로 건너뛰기"
    stops = 0
    while not page.evaluate("document.activeElement.closest('main')"):
        page.keyboard.press("Tab")
        stops += 1
        assert stops <= 4
    page.evaluate("document.activeElement.blur()")
    page.locator(".skip").press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
