"""코드를 종이에 찍을 때. 화면의 코드는 페이지를 여는 김에 test_pages.py가 봅니다."""

from checks.listings import SKIPPED
from reader import PAGES

LAB = next(path for path in PAGES if path.startswith("labs/"))


def test_everything_is_drawn_on_paper(read):
    page = read(LAB).page
    page.emulate_media(media="print")
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    page.wait_for_function(f"!{SKIPPED}.includes(true)")
