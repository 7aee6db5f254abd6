"""브라우저 실습실(JupyterLite)에 앉은 독자: 실습을 열고, 끝까지 실행하고, 나온 것을 읽습니다."""

import re
from typing import NamedTuple

import nbformat

from execute import clean_outputs

CDN = "https://cdn.jsdelivr.net/pyodide/"  # 그림 꾸러미가 있는지 물어보는, 바깥에 있는 유일한 주소
READY = ".boot[data-step=ready]"
FAILED = ".boot[data-step=failed]"
RUN_ALL = "처음부터 모두 실행"
BOOT_SECONDS, LAB_SECONDS = 120, 600  # 바쁜 컴퓨터에서도 기다려 줄 시간
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter((cell) => cell.model.type === "code")
  .map((cell) => ({ count: cell.model.executionCount, state: cell.model.executionState,
                    outputs: cell.model.outputs.toJSON() }))"""
# 실행하는 내내 깜박이는 커서와 도는 바퀴를 1초에 예순 번씩 그리는 데에도 CPU가 듭니다
STILL = "*, ::before, ::after { animation: none !important; }"
REPLAY = """() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel
  .requestExecute({ code: "import os; os.environ['DDIALAB_REPLAY'] = '1'",
                    silent: true, store_history: false }).done.then(() => true)"""


class Cell(NamedTuple):
    """실행한 셀 하나: 실행 번호와 출력들."""

    count: int | None
    outputs: list


class Seat:
    """`host`(StaticHost)의 책을 펼친 새 창. 바깥 요청을 적어 둡니다. 브라우저에는 바깥이 없습니다.

    요청을 여기서 끊으면(`route`) 모든 요청이 파이썬을 거치고 브라우저의 캐시도 꺼집니다.
    """

    def __init__(self, browser, host, **options):
        self.host = host
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.outside: list[str] = []
        self.page.on("request", self._note)

    def _note(self, request) -> None:
        if not request.url.startswith((self.host.origin, "data:", "blob:")):
            self.outside.append(request.url)

    def open_from_its_page(self, lab: str) -> None:
        """책의 페이지에서 키보드로 「브라우저에서 실행」까지 가서 엽니다."""
        self.page.goto(f"{self.host.url}/labs/{lab}.html")
        self.page.evaluate("document.querySelector('main').focus()")
        for _ in range(60):  # 버튼은 장면 다음에 있습니다
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.textContent") == "브라우저에서 실행":
                break
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/lite/notebooks/**")

    def wait_ready(self) -> None:
        self.page.wait_for_selector(f"{READY}, {FAILED}", timeout=BOOT_SECONDS * 1000)
        assert self.page.query_selector(READY), self.page.inner_text(".boot")

    def run_all(self) -> list[Cell]:
        """막대의 버튼으로 끝까지 실행하고 코드 셀들을 읽습니다. 잰 것은 저장한 결과와 견줍니다."""
        self.page.evaluate(REPLAY)
        self.page.add_style_tag(content=STILL)
        button = self.page.get_by_role("button", name=RUN_ALL)
        button.press("Enter")
        self.page.wait_for_selector(f"button:disabled:has-text('{RUN_ALL}')")
        self.page.wait_for_selector(
            f"button:enabled:has-text('{RUN_ALL}')", timeout=LAB_SECONDS * 1000
        )
        return [Cell(cell["count"], cell["outputs"]) for cell in self.page.evaluate(CELLS)]


def texts(outputs: list) -> list[tuple[str, str]]:
    """출력들의 글: 스트림과 오류와 text/plain. 글이 없는 출력은 빈 문자열입니다."""
    return [_text(output) for output in clean_outputs(nbformat.from_dict(outputs))]


def _text(output) -> tuple[str, str]:
    if output.output_type == "stream":
        return output.name, output.text
    if output.output_type == "error":
        # 브라우저의 커널은 오류의 이름을 <class 'ddialab.core.errors.InvalidValue'>로 적습니다
        name = re.sub(r"^<class '(?:[\w.]*\.)?(\w+)'>$", r"\1", output.ename)
        return "error", f"{name}: {output.evalue}"
    return "data", output.data.get("text/plain", "")


def figures(outputs: list) -> list[str]:
    """출력들 가운데 그림의 HTML."""
    htmls = ["".join(output.get("data", {}).get("text/html", "")) for output in outputs]
    return [html for html in htmls if "<figure" in html and "ddialab-source" not in html]
