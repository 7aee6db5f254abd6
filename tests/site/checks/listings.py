"""코드: 화면에서 먼 것은 그리지 않되 자리는 정확히 잡고, 넘치는 것은 키보드로 밀 수 있습니다."""

from reader import SETTLED

SKIPPED = """[...document.querySelectorAll("div.highlight")]
  .map(box => !box.firstElementChild.checkVisibility({ contentVisibilityAuto: true }))"""
# 그리지 않은 채 잡아 둔 높이와, 모두 그렸을 때의 높이 (px). 한 번에 되돌려 자취를 남기지 않습니다.
HEIGHTS = """() => {
  const boxes = [...document.querySelectorAll("div.highlight")];
  const heights = () => boxes.map(box => box.getBoundingClientRect().height);
  const show = how => boxes.forEach(box => { box.style.contentVisibility = how; });
  const reserved = heights();
  show("visible");
  const drawn = heights();
  show("");
  return reserved.map((height, i) => [height, drawn[i]]);
}"""
UNREACHED = """[...document.querySelectorAll("div.highlight")].filter(
  box => !box.firstElementChild.checkVisibility({ contentVisibilityAuto: true })
    && box.firstElementChild.tabIndex !== 0).map(box => box.outerHTML.slice(0, 120))"""
BOXES = """[...document.querySelectorAll("main pre, .ddialab-scroll")]
  .filter(box => box.checkVisibility({ contentVisibilityAuto: true }))
  .map(box => [box.scrollWidth > box.clientWidth + 1, box.tabIndex === 0,
    box.outerHTML.slice(0, 120)])"""
DRAWN = "div.highlight { content-visibility: visible !important; }"


def in_a_lab(reader) -> bool:
    return reader.path.startswith("labs/")


def draw_all(page) -> None:
    page.add_style_tag(content=DRAWN)
    page.evaluate(SETTLED)


def most_code_is_not_drawn_before_it_is_near(reader) -> list[str]:
    reader.page.evaluate(SETTLED)  # 무엇을 건너뛸지는 다음 화면을 그릴 때 정합니다
    skipped = reader.page.evaluate(SKIPPED)
    if not in_a_lab(reader) or sum(skipped) > 0.8 * len(skipped) > 8:
        return []
    return [f"상자 {len(skipped)}개 가운데 {sum(skipped)}개만 그리지 않았습니다"]


def the_place_kept_for_code_fits(reader) -> list[list[float]]:
    """크로미움은 줄의 높이를 64분의 1 px로 맞추므로, 백 줄이 넘으면 1 px쯤 어긋납니다."""
    heights = reader.page.evaluate(HEIGHTS)
    return [[kept, drawn] for kept, drawn in heights if abs(kept - drawn) > max(1, drawn / 1000)]


def code_far_below_is_reached_before_it_is_drawn(reader) -> list[str]:
    return reader.page.evaluate(UNREACHED)


def only_wide_boxes_are_tab_stops(reader) -> list[str]:
    """다 그린 다음에는 넘치는 상자에만, 넘치는 상자에는 빠짐없이 닿습니다."""
    if not in_a_lab(reader):
        return []
    draw_all(reader.page)
    boxes = reader.page.evaluate(BOXES)
    if not any(wide for wide, _, _ in boxes):  # 좁은 화면에서는 모두 넘치기도 합니다
        return ["넘치는 상자가 있어야 견줄 수 있습니다"]
    return [html for wide, stop, html in boxes if wide != stop]


def last_section_is_where_its_link_leads(reader) -> list[str]:
    if not in_a_lab(reader):
        return []
    page = reader.page
    last = page.locator("main section[id] > :is(h2, h3)").last
    page.goto(f"{page.url}#{last.locator('xpath=..').get_attribute('id')}")
    page.evaluate(SETTLED)
    top = last.bounding_box()["y"]
    bottom = page.evaluate("document.documentElement.scrollHeight - scrollY - innerHeight")
    return [] if 0 <= top < 120 or bottom < 2 else [f"제목은 {top}px, 바닥까지 {bottom}px"]
