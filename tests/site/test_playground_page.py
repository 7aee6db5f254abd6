"""브라우저 실습실의 화면: 뜨지 못한 까닭, 독자가 저장한 노트북, 막힌 저장소. 커널 없이 봅니다."""

import json

import pytest
from playwright.sync_api import expect
from seat import Seat
from static_host import StaticHost

pytestmark = pytest.mark.playground
LAB = "13-percentiles.ipynb"
KEPT = "ddialab-kept:/lite/notebooks/index.html:" + LAB  # 저장하기 전에 닫은 것의 자리
FAILED_ALERT = ".boot[data-step=failed] [role=alert]"
OPENED = "() => window.jupyterapp?.shell.currentWidget?.context?.isReady"
EDIT = """(text) => window.jupyterapp.shell.currentWidget.content.widgets[1]
  .model.sharedModel.setSource(text)"""
READ = """() => window.jupyterapp.shell.currentWidget.content.widgets[1]
  .model.sharedModel.getSource()"""
SAVE = "() => window.jupyterapp.shell.currentWidget.context.save()"
# 준비되었다는 소식을 보낸 뒤에 오류를 내는 워커. 오류까지 지나간 다음에 끝납니다
READY_THEN_ERROR = """() => new Promise((done) => {
  const code = "postMessage({ ddialabLite: { step: 'ready' } }); throw new Error('NoGilError');";
  const worker = new Worker(URL.createObjectURL(new Blob([code])));
  worker.addEventListener("error", () => setTimeout(done));
})"""
REFUSES_ALL = """for (const name of ["indexedDB", "localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, { configurable: true,
    get() { throw new DOMException("refused", "SecurityError"); } });
}"""


@pytest.fixture
def quiet(seat):
    """파이썬을 받는 데서 멈춰 있는 자리."""
    seat.context.route("**/lite/pyodide/**", lambda route: None)
    return seat


def visit(seat, path: str = LAB) -> None:
    seat.page.goto(f"{seat.host.url}/lite/notebooks/index.html?path={path}")


def opened(seat) -> None:
    seat.page.wait_for_function(OPENED, timeout=120_000)


def told(seat, about: str):
    return seat.page.locator(f".boot [data-about={about}]")


def test_edit_is_kept_and_the_original_comes_back(quiet):
    """고치고 곧바로 새로 열어도 남고, 책의 것이 새로 나왔으면 알리고, 내려받은 뒤에 되돌립니다."""
    page = quiet.page
    visit(quiet)
    opened(quiet)
    original = page.evaluate(READ)
    page.evaluate(EDIT, "고친 글")
    page.reload()
    opened(quiet)
    expect(told(quiet, "newer")).to_have_count(0)
    page.wait_for_function(f"() => ({READ})() === '고친 글'")
    # 되살린 것의 저장이 끝난 다음에 저장합니다. 겹치면 JupyterLab이 어느 것을 남길지 묻습니다
    page.wait_for_function("(key) => localStorage.getItem(key) === null", arg=KEPT)
    page.evaluate(SAVE)

    quiet.context.route("**/lite/releases.json", lambda route: route.fulfill(json={LAB: "새 도장"}))
    page.reload()
    expect(told(quiet, "newer")).to_contain_text("책의 노트북이 새로 나왔습니다", timeout=120_000)
    assert page.evaluate(READ) == "고친 글", "독자가 고를 때까지 그대로입니다"
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.rename('내 실습.ipynb')")
    with page.expect_download() as saved:
        told(quiet, "newer").get_by_role("button", name="내려받기").click()
    assert saved.value.suggested_filename == "내 실습.ipynb"
    assert "고친 글" in saved.value.path().read_text("utf-8")
    told(quiet, "newer").get_by_role("button", name="원래 노트북으로").click()
    told(quiet, "original").get_by_role("button", name="책의 것으로 바꾸기").click()
    expect(told(quiet, "original")).to_contain_text("책의 노트북으로 바꿨습니다")
    assert page.evaluate(READ) == original
    expect(told(quiet, "newer")).to_have_count(0)


def test_copy_saved_by_a_closed_tab_never_overwrites_a_newer_one(quiet):
    page = quiet.page
    visit(quiet)
    opened(quiet)
    left = {"base": "1999-01-01", "notebook": {"cells": [], "metadata": {}, "nbformat": 4}}
    page.evaluate("([key, left]) => localStorage.setItem(key, left)", [KEPT, json.dumps(left)])
    before = page.evaluate(READ)
    page.reload()
    expect(told(quiet, "kept")).to_contain_text("덮어쓰지 않았습니다", timeout=120_000)
    assert page.evaluate(READ) == before
    with page.expect_download():
        told(quiet, "kept").get_by_role("button", name="내려받기").click()
    assert page.evaluate("(key) => localStorage.getItem(key)", KEPT) is None


def test_browser_that_stores_nothing_still_opens_and_says_so(quiet):
    quiet.context.add_init_script(REFUSES_ALL)
    visit(quiet)
    expect(told(quiet, "storage")).to_contain_text("고친 것이 남지 않으니", timeout=120_000)
    assert quiet.page.evaluate(READ)


def test_slow_start_and_errors_after_it_leave_no_alarm(quiet):
    """오래 걸린다는 말은 준비되면 사라지고, 그 뒤의 오류와 끊긴 인터넷은 실패가 아닙니다."""
    page = quiet.page
    page.clock.install()
    visit(quiet)
    page.wait_for_selector(".boot")
    page.clock.fast_forward(31_000)
    expect(told(quiet, "slow")).to_contain_text("오래 걸리고 있습니다")
    page.evaluate(READY_THEN_ERROR)
    expect(told(quiet, "slow")).to_have_count(0)
    expect(page.get_by_role("button", name="다시 시도")).to_have_count(0)
    page.evaluate("() => { Promise.reject(new Error('Loading chunk 33 failed')); }")
    expect(told(quiet, "part")).to_contain_text("나머지는 그대로 사용할 수 있습니다")
    quiet.context.set_offline(True)
    expect(told(quiet, "offline")).to_contain_text("이미 받은 것으로")
    quiet.context.set_offline(False)
    expect(told(quiet, "offline")).to_have_count(0)
    page.get_by_role("button", name="이 막대 닫기").click()
    expect(told(quiet, "part")).to_have_count(1)  # 알린 것은 막대를 닫아도 남습니다
    expect(page.get_by_role("button", name="처음부터 모두 실행")).to_have_count(0)
    assert page.locator(".boot").get_attribute("data-step") == "ready"


def with_header(name: str, value: str):
    def answer(route):
        response = route.fetch()
        route.fulfill(response=response, headers={**response.headers, name: value})

    return answer


BLOCKED = [
    ("**/lite/**", "content-security-policy", "default-src 'self'", "보안 정책"),
    ("**/*.js*", "content-type", "text/plain", "text/plain 형식으로"),
]


@pytest.mark.parametrize(("where", "name", "value", "said"), BLOCKED, ids=["정책", "형식"])
def test_what_blocks_the_start_is_named(seat, where, name, value, said):
    seat.context.route(where, with_header(name, value))
    visit(seat)
    alert = seat.page.locator(FAILED_ALERT)
    expect(alert).to_contain_text(said, timeout=60_000)
    expect(alert).not_to_contain_text("네트워크를 확인")
    seat.context.unroute_all(behavior="ignoreErrors")  # 아직 오는 중인 답이 있습니다


def test_scripts_that_never_run_leave_a_sentence(seat):
    """nosniff에서는 막대를 그리는 스크립트도 실행되지 않습니다."""
    seat.context.route("**/boot.js", lambda route: route.abort())
    seat.context.route("**/config-utils.js*", lambda route: route.abort())
    visit(seat)
    still = seat.page.locator(".boot-still")
    still.evaluate("(still) => still.getAnimations().forEach((one) => one.finish())")
    expect(still).to_contain_text("실습실을 열지 못하고 있습니다")
    expect(still).to_be_visible()


def test_unknown_notebook_is_named(quiet):
    visit(quiet, "없는-실습.ipynb")
    expect(quiet.page.locator(FAILED_ALERT)).to_contain_text("없는-실습.ipynb", timeout=120_000)


def test_under_a_path_and_on_a_phone_the_words_and_links_hold(browser, book):
    """저장소 이름 아래의 사이트에서, 서비스 워커가 없는 휴대전화로 엽니다."""
    with StaticHost(book, "/ddialab") as under:
        phone = {"viewport": {"width": 375, "height": 700}, "has_touch": True, "is_mobile": True}
        seat = Seat(browser, under, **phone)
        seat.context.route("**/lite/pyodide/**", lambda route: None)
        seat.context.add_init_script("delete Navigator.prototype.serviceWorker")
        visit(seat)
        opened(seat)
        seat.page.evaluate(READY_THEN_ERROR)
        expect(seat.page.locator(".boot [role=status]")).to_contain_text("위의 ▶를 누르면")
        expect(told(seat, "files")).to_contain_text("서비스 워커를 사용할 수 없어서")
        back = seat.page.get_by_role("link", name="책으로 돌아가기")
        assert back.evaluate("a => a.href") == f"{under.url}/labs/13-percentiles.html"
        expect(told(seat, "newer")).to_have_count(0)
        seat.context.close()
