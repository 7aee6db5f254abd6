"""브라우저 실습실: 네트워크가 닫혀도 모든 실습이 끝까지 돌고, 저장된 것과 같은 글을 냅니다."""

import re

import nbformat
import pytest
from playwright.sync_api import expect
from reader import BOOK
from seat import BOOT_SECONDS, CDN, FAILED, RUN_ALL, figures, texts

pytestmark = pytest.mark.playground
LABS = sorted(path.stem for path in (BOOK.parents[1] / "labs").glob("*.ipynb"))
WITH_PLAYER, QUICKEST = "07-hardware-faults", "13-percentiles"
REASON = "matplotlib이 없어 그림 대신 같은 수를 표로 보여 줍니다."

# 무엇이 서 있는지 말하는 셀. 서버가 다르니 글도 다릅니다
TELLS_WHERE = re.compile(r"\bbackend_summary\(|\brecorded\(")

KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
# Shift+Enter를 누르고, 그때의 단계와 실습실이 그것을 들었는지를 돌려줍니다
PRESS_RUN = """() => {
  let heard = false;
  document.addEventListener("keydown", () => { heard = true; }, { once: true });
  document.body.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", shiftKey: true, bubbles: true }));
  return [document.querySelector(".boot").dataset.step, heard];
}"""


def committed(lab: str, kind: str = "code") -> list:
    notebook = nbformat.read(BOOK.parents[1] / f"labs/{lab}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if cell.cell_type == kind]


@pytest.mark.parametrize("lab", LABS)
def test_lab_runs_to_its_last_cell_without_a_network(seat, lab):
    """띄우는 비용이 비싸므로 한 번 띄운 실습에서 다 봅니다: 시작, 링크, 끝까지 실행, 위젯, 멈춤."""
    said = listened(seat)
    seat.open_from_its_page(lab)
    start_tells_what_it_does_and_how_much(seat, said)
    what_goes_deeper_unfolds(seat, lab)
    links_lead_to_the_book(seat, lab)
    cells, saved = seat.run_all(), committed(lab)
    assert [cell.count for cell in cells] == list(range(1, len(saved) + 1))
    for number, (cell, old) in enumerate(zip(cells, saved, strict=True), 1):
        tags = old.metadata.get("tags", [])
        failed = [text for kind, text in texts(cell.outputs) if kind == "error"]
        assert bool(failed) == ("raises-exception" in tags), f"{number}번째 코드 셀: {failed}"
        if "nbval-ignore-output" not in tags and not TELLS_WHERE.search(old.source):
            assert texts(cell.outputs) == texts(old.outputs), f"{number}번째 코드 셀"
        drawn, before = figures(cell.outputs), figures(old.outputs)
        assert len(drawn) == len(before), f"{number}번째 코드 셀의 그림"
        for html in drawn:
            assert "<table" in html, number
            # 겨루기의 결과는 어디서나 표입니다
            assert html.count(REASON) == int("ddialab-trial" not in html), number
    if lab == WITH_PLAYER:
        knob_moves_and_scene_is_drawn(seat)
    assert [url for url in seat.outside if not url.startswith(CDN)] == []
    assert len(seat.outside) <= 1, "그림 꾸러미의 주소는 한 번만 물어봅니다"
    if lab == QUICKEST:
        long_cell_says_how_to_stop(seat)
        python_that_died_says_so(seat)


def listened(seat) -> list[str]:
    """시작하는 동안 막대가 하는 말이 쌓일 곳."""
    said = []
    seat.page.expose_function("heard", lambda text: said.append(text))
    seat.page.add_init_script(
        "let last = ''; addEventListener('DOMContentLoaded', () => new MutationObserver(() => {"
        "const told = document.querySelector('.boot [role=status]')?.textContent ?? last;"
        "if (told !== last) heard(last = told); })"
        ".observe(document.body, { subtree: true, childList: true, characterData: true }))"
    )
    return said


def start_tells_what_it_does_and_how_much(seat, said):
    """막대가 단계와 MB를 한국어로 말하고, 준비되면 키보드로 닿는 버튼이 있습니다.

    그전의 실행은 받지 않습니다. 받으면 JupyterLite는 커널을 고를 때까지 셀을 멈춰 둡니다.
    """
    seat.page.wait_for_selector(".boot")
    assert seat.page.evaluate(PRESS_RUN) == ["app", False]
    seat.wait_ready()
    heard = " ".join(said)
    for words in (
        "화면을 여는 중",
        "파이썬을 받는 중",
        " MB",
        "파이썬을 켜는 중",
        "준비되었습니다",
    ):
        assert words in heard
    button = seat.page.get_by_role("button", name="처음부터 모두 실행")
    button.focus()
    assert seat.page.evaluate("document.activeElement.textContent") == "처음부터 모두 실행"
    assert seat.page.evaluate("document.documentElement.lang").startswith("ko")
    assert seat.page.get_by_text("파일", exact=True).count() >= 1, "한국어 메뉴"


def what_goes_deeper_unfolds(seat, lab):
    """접어 둔 「더 파기」를 독자처럼 모두 펴 봅니다."""
    folded = seat.page.locator(".jp-showHiddenCellsButton")
    texts = committed(lab, "markdown")
    expect(folded).to_have_count(
        sum("jp-MarkdownHeadingCollapsed" in cell.metadata for cell in texts), timeout=60_000
    )
    while folded.count():
        folded.first.click()


def links_lead_to_the_book(seat, lab):
    """실습실에는 장의 파일이 없습니다. 장이든 다른 실습이든 책의 페이지, 그 안의 자리로 갑니다."""
    source = (BOOK.parents[1] / f"labs/{lab}.ipynb").read_text("utf-8")
    wanted = [
        f"{seat.host.url}/{chapter or f'labs/{lab}'}.html{anchor}"
        for chapter, lab, anchor in re.findall(
            r"\]\((?:\.\./(chapters/[^)]*)\.md|([\w-]*)\.ipynb)([^)]*)\)", source
        )
    ]
    links = seat.page.locator(".jp-RenderedMarkdown a[target=_blank]")
    expect(links).to_have_count(len(wanted), timeout=60_000)
    focused = links.evaluate_all("all => all.map((a) => { a.focus(); return a.href; })")
    assert focused == wanted
    logo = seat.page.locator("#jp-NotebookLogo")
    logo.hover()
    assert logo.evaluate("a => a.href") == f"{seat.host.url}/labs/{lab}.html"
    with seat.page.expect_popup() as opened:
        links.first.press("Enter")
    assert opened.value.url == wanted[0]
    expect(opened.value.locator("main h1")).to_have_count(1)
    opened.value.close()


def knob_moves_and_scene_is_drawn(seat):
    """살아 있는 위젯: 슬라이더를 움직이면 표가 바뀌고, 장면에서 끈 서버가 꺼집니다."""
    page = seat.page
    scene = page.locator(".jp-OutputArea .dds").first
    scene.locator(".dds-acts button", has_text="끄기").first.press("Enter")
    expect(scene.locator(".dds-stage")).to_contain_text("꺼짐")
    slider = page.locator(".ddialab:has(.ddialab-knob):has(table):visible").first
    before = slider.locator("table").first.inner_text()
    slider.locator("input").first.press("ArrowRight")
    page.wait_for_function(
        "([box, before]) => box.querySelector('table').innerText !== before",
        arg=[slider.element_handle(), before],
    )


def long_cell_says_how_to_stop(seat):
    """끝나지 않는 셀은 멈추지 못한다고 말하고, 다시 시작하면 그다음 셀은 실행되지 않습니다."""
    page = seat.page
    page.evaluate("""() => {
      const [first, second] = window.jupyterapp.shell.currentWidget.content.widgets
        .filter((cell) => cell.model.type === "code");
      first.model.sharedModel.setSource("while True: pass");
      second.model.sharedModel.setSource("print('다음 셀')");
    }""")
    page.get_by_role("button", name=RUN_ALL).press("Enter")
    page.wait_for_function(f"() => {KERNEL}.status === 'busy'")
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:interrupt-kernel')")
    expect(page.locator("[data-about=stop]")).to_contain_text("도중에 멈추지 못합니다")
    page.get_by_role("button", name="커널 다시 시작").press("Enter")
    again = page.locator("[data-about=kernel]")
    expect(again).to_contain_text("파이썬을 다시 켰습니다", timeout=BOOT_SECONDS * 1000)
    page.wait_for_selector(f".boot-main button:enabled:has-text('{RUN_ALL}')")
    assert "다음 셀" not in page.locator(".jp-CodeCell .jp-OutputArea").all_inner_texts()
    again.get_by_role("button", name="닫기").press("Enter")


def python_that_died_says_so(seat):
    assert seat.page.evaluate(PRESS_RUN) == ["ready", True]
    seat.page.evaluate("""() => {
      const cell = window.jupyterapp.shell.currentWidget.content.widgets
        .find((cell) => cell.model.type === "code");
      cell.model.sharedModel.setSource("import ctypes\\nctypes.memset(0xfffff000, 0, 65536)");
    }""")
    seat.page.get_by_role("button", name="처음부터 모두 실행").press("Enter")
    seat.page.wait_for_selector(FAILED, timeout=120_000)
    assert "파이썬이 멈췄습니다" in seat.page.inner_text(".boot [role=alert]")


RETRIED = "kernel.zip"  # 다시 시도는 페이지를 새로 여는 것이라 하나로 충분합니다


@pytest.mark.parametrize("lost", [RETRIED, "pyodide.asm.wasm", "pyodide.js"])
def test_failed_start_says_so_and_offers_a_way_out(seat, lost):
    seat.context.route(f"**/lite/pyodide/{lost}*", lambda route: route.abort())
    seat.page.goto(f"{seat.host.url}/lite/notebooks/index.html?path={LABS[0]}.ipynb")
    seat.page.wait_for_selector(FAILED, timeout=120_000)
    alert = seat.page.inner_text(".boot [role=alert]")
    assert "띄우지 못했습니다" in alert
    assert "내려받아" in alert
    assert seat.page.evaluate("document.activeElement.textContent") == "다시 시도"
    if lost == RETRIED:
        seat.context.unroute(f"**/lite/pyodide/{lost}*")
        seat.page.keyboard.press("Enter")
        seat.wait_ready()
