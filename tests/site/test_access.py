"""누구나 쓸 수 있는가: 밝기의 선택, 키보드. 페이지마다의 접근성 검사는 test_pages.py가 합니다."""

PHONE = {"width": 360, "height": 740}
FOCUSED = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"


def test_dark_system_gets_a_dark_page(read):
    page = read("index.html", color_scheme="dark").page
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_theme_choice_is_remembered(read):
    reader = read("index.html", color_scheme="light")
    reader.page.get_by_role("button", name="어두운 화면으로 바꾸기").click()
    reader.page.reload()
    assert reader.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert reader.page.get_by_role("button", name="밝은 화면으로 바꾸기").count() == 1


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
