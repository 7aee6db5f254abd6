"""axe가 세 너비와 두 밝기에서 아무것도 찾지 않는가.

모든 규칙은 너비마다 한 번 돌립니다. 밝기를 바꾼 다음에는 색의 규칙(axe의 표식 `cat.color`)만
돌리고, 색 말고는 바뀐 것이 없는지를 모든 요소의 자리와 속성으로 따로 봅니다. 그래서 나머지 규칙의
답은 두 밝기에서 같습니다.

명암비는 axe에서 가장 비싼 규칙입니다. 가장 좁은 화면의 첫 밝기에서만 모든 글을 재고, 그 뒤로는 한
상자(절, 표, 목록) 안에서 글자와 바탕의 칠이 같은 글은 하나만 잽니다. 칠은 그 너비와 밝기에서
브라우저가 계산한 값이므로, 어디 한 곳만 흐려져도 다른 칠이 되어 재게 됩니다.
"""

from pathlib import Path

import axe_playwright_python
from reader import SETTLED

from checks.access import SCHEME, SWITCH
from checks.listings import draw_all

WIDTHS = (360, 768, 1440)
SOURCE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
# 코드의 토막은 클래스로만 칠합니다. 한 상자에서 클래스가 같은 토막은 하나만 두고 글로 되돌립니다.
FOLD_TOKENS = """document.querySelectorAll("pre").forEach(box => {
  const seen = new Set();
  for (const token of box.querySelectorAll("span:not(:has(*))")) {
    let ink = "";
    for (let e = token; e !== box; e = e.parentElement) ink += e.cloneNode().outerHTML;
    if (seen.has(ink)) token.replaceWith(token.textContent);
    seen.add(ink);
  }
  box.normalize();
})"""
RUN = """async ([colours, everyText]) => {
  const grounds = new Map(), paints = new Map(), seen = new Set();
  const numbered = paint => paints.get(paint) ?? paints.set(paint, paints.size).get(paint);
  const ground = e => {
    if (!e) return 0;
    if (grounds.has(e)) return grounds.get(e);
    const { backgroundColor, backgroundImage, opacity, filter, mixBlendMode, position } =
      getComputedStyle(e);
    const box = e.matches("section, table, ul, ol, dl, nav, header, footer") && grounds.size;
    const paint = numbered([ground(e.parentElement), backgroundColor, backgroundImage, opacity,
      filter, mixBlendMode, position, box].join());
    grounds.set(e, paint);
    return paint;
  };
  for (const e of document.body.querySelectorAll(":not(svg, svg *)")) {
    if (![...e.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(e);
    const paint = [ground(e), color, fontSize, fontWeight, textShadow].join();
    e.toggleAttribute("data-measured", everyText || !seen.has(paint));
    seen.add(paint);
  }
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-measured]" }] });
  const usual = axe.getRules(["cat.color"]).filter(rule => !rule.tags.includes("wcag2aaa"));
  const only = colours ? { runOnly: usual.map(rule => rule.ruleId) } : {};
  // 색의 규칙은 그림 속을 보지 않으면서 자리는 다 잽니다. 잠시 비웠다가 되돌립니다.
  const drawings = [...document.querySelectorAll(colours ? "svg" : "none")]
    .map(svg => [svg, [...svg.childNodes]]);
  drawings.forEach(([svg]) => svg.replaceChildren());
  const { violations } = await axe.run({ resultTypes: ["violations"], ...only });
  drawings.forEach(([svg, parts]) => svg.replaceChildren(...parts));
  document.querySelectorAll("[data-measured]").forEach(e => e.removeAttribute("data-measured"));
  return violations.flatMap(
    rule => rule.nodes.slice(0, 2).map(node => [rule.id, node.html.slice(0, 150)]));
}"""
# 밝기를 바꾸는 버튼의 이름은 바뀌는 것이 옳습니다.
# 그림 속은 자리 대신 글꼴을 봅니다. 크로미움은 SVG의 글자를 언제 배치했는지에 따라 너비를 천분의
# 몇까지 다르게 답합니다. 그 자리는 속성과 글꼴이 정하므로, 둘이 같으면 옮겨진 것이 아닙니다.
# 접어 둔 것 속처럼 보이지 않는 것은 배치하지 않은 자리를 답하므로, 보이지 않는다는 것만 봅니다.
LAYOUT = """() => [...document.body.querySelectorAll(":not(button.theme)")].map(e => {
  const { x, y, width, height } = e.getBoundingClientRect();
  const seen = e.checkVisibility({ visibilityProperty: true });
  const box = seen && [x, y + scrollY, width, height];
  const place = e.ownerSVGElement ? getComputedStyle(e).font : box;
  return [e.cloneNode().outerHTML, place, seen].join();
})"""
KEEP_LAYOUT = f"() => {{ window.layout = ({LAYOUT})(); }}"
MOVED = f"({LAYOUT})().filter((place, i) => place !== window.layout[i]).slice(0, 3)"


def findings(page, every_text: bool) -> dict[str, list]:
    """이 너비에서 밝기마다 찾은 것. 밝기를 두 번 바꾸므로 처음 밝기로 돌아옵니다."""
    page.evaluate(SETTLED)
    page.evaluate(KEEP_LAYOUT)
    found = {page.evaluate(SCHEME): page.evaluate(RUN, [False, every_text])}
    page.evaluate(SWITCH)
    found[page.evaluate(SCHEME)] = page.evaluate(RUN, [True, False]) + [
        ["색 말고도 바뀌었습니다", place[:200]] for place in page.evaluate(MOVED)
    ]
    page.evaluate(SWITCH)
    return found


def axe_finds_nothing_at_any_width_in_either_scheme(reader) -> dict[tuple[int, str], list]:
    page = reader.page
    reader.draw_scenes()
    draw_all(page)
    page.evaluate(FOLD_TOKENS)
    page.evaluate(SOURCE)
    broken = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme, found in findings(page, every_text=width == min(WIDTHS)).items():
            if found:
                broken[width, scheme] = found
    return broken
