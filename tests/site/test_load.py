"""서버 없이 파일로 연 책. 페이지마다의 무게와 글꼴은 test_pages.py가 봅니다."""


def test_pages_work_from_a_file(browser, book):
    """서버 없이 파일로 열어도(USB에 담은 책) 오류가 없고 그림이 움직일 스크립트가 돕니다."""
    page = browser.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: message.type == "error" and errors.append(message.text))
    for path in ("index.html", "search.html?q=캐시를"):
        page.goto(f"{book.as_uri()}/{path}")
    page.wait_for_selector("#search-results li")
    page.close()
    assert errors == []
