"""누구나 읽을 수 있는가: 좁은 화면, 그림 속의 글자."""

from reader import SETTLED, source

TOO_WIDE = """[...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > 361)
  .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
SWITCH = "document.querySelector('button.theme').click()"
SCHEME = "document.documentElement.dataset.theme"

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


def fits_a_phone(reader) -> list[str]:
    wide = reader.page.evaluate("document.scrollingElement.scrollWidth")
    return [f"너비 {wide}px", *reader.page.evaluate(TOO_WIDE)] if wide > 360 else []


def words_in_figures_stand_out(reader) -> dict[str, list]:
    """두 밝기에서 봅니다. 그림 하나가 다 보이는 높이여야 뒤에 칠해진 것을 압니다."""
    if "</text>" not in source(reader.path):
        return {}
    page, usual = reader.page, reader.page.viewport_size
    reader.draw_scenes()
    page.set_viewport_size({**usual, "height": 2400})
    faint = {}
    for _ in range(2):
        page.evaluate(SETTLED)
        seen, found = page.evaluate(FAINT_WORDS)
        scheme = page.evaluate(SCHEME)
        if found or not seen:
            faint[scheme] = found or ["글자가 하나도 보이지 않습니다"]
        page.evaluate(SWITCH)
    page.set_viewport_size(usual)
    return faint
