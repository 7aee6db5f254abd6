"""브라우저 실습실의 과제: 학생의 페이지에서 열어, 설치하지 않고 처음부터 끝까지 풉니다."""

import pytest
from reader import BOOK
from seat import CDN, Seat, texts
from static_host import StaticHost

from classroom.assignment import Assignment

pytestmark = pytest.mark.playground
NAME = "a1-cache"  # 과제들 가운데 패키지와 NumPy를 모두 사용하는 것
STUDENT = "chapters/classroom/student.html"
FILL = """(answers) => {
  for (const { model } of window.jupyterapp.shell.currentWidget.content.widgets) {
    const id = model.getMetadata("nbgrader")?.grade_id;
    if (answers[id]) model.sharedModel.setSource(answers[id]);
  }
}"""


@pytest.fixture
def seat(browser, book):
    if not (book / "lite").is_dir():
        pytest.skip("브라우저 실습실이 없습니다. 먼저 make lite")
    with StaticHost(book) as host:
        taken = Seat(browser, host)
        yield taken
        taken.context.close()


def test_an_assignment_is_solved_in_the_browser(seat):
    assignment = Assignment.load(BOOK.parents[1] / "assignments", NAME)
    seat.page.goto(f"{seat.host.url}/{STUDENT}")
    seat.page.locator(".run a.play", has_text="과제 1").press("Enter")
    seat.page.wait_for_url(f"**/lite/notebooks/**path={NAME}.ipynb")
    seat.wait_ready()
    link = seat.page.locator(".jp-RenderedMarkdown a[target=_blank]").first
    link.focus()
    assert link.evaluate("a => a.href") == f"{seat.host.url}/labs/02-cache-miss.html"
    back = seat.page.get_by_role("link", name="책으로 돌아가기")
    assert back.evaluate("a => a.href") == f"{seat.host.url}/{STUDENT}"
    seat.page.evaluate(FILL, assignment.answers)
    cells = seat.run_all()
    errors = [text for cell in cells for kind, text in texts(cell.outputs) if kind == "error"]
    assert errors == []
    codes = [cell for cell in assignment.release.cells if cell.cell_type == "code"]
    assert [cell.count for cell in cells] == list(range(1, len(codes) + 2))  # 준비 셀까지
    assert [url for url in seat.outside if not url.startswith(CDN)] == []
