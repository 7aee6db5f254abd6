"""탭 하나를 차례로 쓰는 독자들: 앞사람이 무엇을 했든 다음 사람은 처음 온 사람과 같습니다."""

import pytest
from playwright.sync_api import Error
from reader import PAGES, Reader

PAGE = "chapters/glossary.html"
PHONE = {"width": 360, "height": 740}
LIVE_IN = """async () => {
  localStorage.setItem("a", "1");
  sessionStorage.setItem("a", "1");
  document.cookie = "a=1";
  await (await caches.open("a")).put("/a", new Response("1"));
  await new Promise(done => { indexedDB.open("a").onsuccess = done; });
  window.name = window.a = "1";
  history.pushState(null, "", "#a");
  document.documentElement.scrollTop = 500;
  console.error("1");
  await fetch("/nowhere");
}"""
STATE = """async () => [
  localStorage.length, sessionStorage.length, document.cookie, (await caches.keys()).length,
  (await indexedDB.databases()).length, window.name, window.a ?? null, history.length, scrollY,
  document.documentElement.dataset.theme, innerWidth, innerHeight,
  ...["print", "(prefers-color-scheme: dark)", "(prefers-reduced-motion: reduce)"]
    .map(query => matchMedia(query).matches)]"""


@pytest.fixture
def newcomer(browser, address):
    reader = Reader(browser, address)
    yield reader
    reader.context.close()


def asked(reader) -> list[str]:
    return sorted(url for url in reader.requests if "favicon" not in url)


def test_nothing_leaks_into_the_next_visit(read, newcomer):
    reader = read("index.html", viewport=PHONE, color_scheme="dark", reduced_motion="reduce")
    reader.page.emulate_media(media="print")
    reader.page.evaluate(LIVE_IN)
    changed = reader.page.evaluate(STATE)
    found = read(PAGE).page.evaluate(STATE)
    newcomer.open(PAGE)
    clean = newcomer.page.evaluate(STATE)
    assert found == clean
    assert [a != b for a, b in zip(changed, clean, strict=True)] == [True] * len(clean)
    assert (reader.failures, reader.errors) == ([], [])


@pytest.mark.parametrize("path", [PAGES[0], PAGE])
def test_the_second_visit_asks_for_what_the_first_asks(read, newcomer, path):
    """무게는 요청으로 셉니다. 브라우저가 간직한 파일도 요청으로 보여야 합니다.

    아이콘만은 탭마다 한 번 받으므로 무게를 달 때 따로 더합니다.
    """
    newcomer.open(path)
    read(path)
    assert asked(read(path)) == asked(newcomer)


def test_a_crashed_tab_is_replaced_and_leaves_nothing(read, newcomer):
    page = read("index.html").page
    page.evaluate(LIVE_IN)
    with pytest.raises(Error):
        page.goto("chrome://crash")
    newcomer.open(PAGE)
    assert read(PAGE).page.evaluate(STATE) == newcomer.page.evaluate(STATE)
