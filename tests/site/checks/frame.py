"""모든 페이지의 틀: 첫 페이지로 가는 길, 하나뿐인 찾기, 이름 있는 슬라이더."""

import re

HANGUL = re.compile("[가-힣]")
SILENT = """sliders => sliders.filter(slider => !slider.getAttribute("aria-valuetext"))
  .map(slider => slider.outerHTML.slice(0, 120))"""

# 눌렀을 때 닿는 것이 링크이면 그 주소, 아니면 가린 것
REACHED = """link => {
  const { x, y, width, height } = link.getBoundingClientRect();
  const top = document.elementFromPoint(x + width / 2, y + height / 2);
  return link.contains(top) ? link.href : `가린 것: ${top.outerHTML.slice(0, 120)}`;
}"""


def title_leads_to_the_front_page(reader) -> list[str]:
    """가리지 않아 누를 수 있고, 첫 페이지를 가리킵니다. 정말 누르는 일은 test_frame.py가 합니다."""
    where = reader.page.locator("header a.home").evaluate(REACHED)
    return [] if where == f"{reader.address}/index.html" else [where]


def there_is_one_way_to_search(reader) -> list[str]:
    """넓은 화면에는 칸 하나, 좁은 화면에는 칸이나 돋보기 하나. 찾기 페이지도 그렇습니다."""
    boxes = reader.page.get_by_role("searchbox").count()
    glass = reader.page.locator("header").get_by_role("link", name="이 책에서 찾기").count()
    narrow = reader.page.viewport_size["width"] < 800
    return [] if boxes + (glass if narrow else 0) == 1 else [f"칸 {boxes}개, 돋보기 {glass}개"]


def every_slider_has_a_name_and_a_spoken_value(reader) -> list[str]:
    sliders = reader.page.locator("input[type=range]:visible")
    silent = sliders.evaluate_all(SILENT)
    named = reader.page.get_by_role("slider", name=HANGUL).count()
    every = sliders.count()
    return silent if named == every else [*silent, f"슬라이더 {every}개, 이름은 {named}개"]
