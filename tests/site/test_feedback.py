"""피드백 페이지와 요약 페이지를 진짜 크로미움으로: 접근성, 휴대전화, 바깥 요청."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from io import BytesIO

import pytest
from checks.axe import SOURCE
from PIL import Image

from classroom.marking.similarity import Pair
from classroom.record import CriterionResult, GradeRecord, Status, WrittenAnswer
from classroom.reporting import feedback


def picture(width: int) -> str:
    """휴대전화보다 넓은 그림의 주소."""
    file = BytesIO()
    Image.new("1", (width, 9)).save(file, "PNG")
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


RECORD = GradeRecord(
    "2026-0001",
    "a1-cache",
    Status.TIMEOUT,
    "지문",
    (
        CriterionResult("a", "적중률을 바르게 셉니다", 20, 20),
        CriterionResult(
            "b", "가득 차면 가장 오래 안 쓴 것을 내보냅니다", 30, 0, "읽기도 셉니다." * 9
        ),
        CriterionResult("c", "x" * 300, 30, 10, "y" * 900),
    ),
    (WrittenAnswer("w", 20, "첫째 줄\n" + "긴말" * 200, (("z" * 90, picture(2000)),)),),
    ("셀 이름이 없어 자리로 찾았습니다: answer-lru",),
)
PAIR = Pair("a1-cache", "answer-lru", ("가", "나"), 0.9)


def a_class() -> list[GradeRecord]:
    return [replace(RECORD, student=f"2026-{n:04}", status=s) for n, s in enumerate(Status)]


PAGES = {
    "waiting": lambda: feedback.page(RECORD, {}),
    "graded": lambda: feedback.page(RECORD, {"w": 15.5}),
    "missing": lambda: feedback.page(replace(RECORD, results=(), written=(), notes=()), {}),
    "summary": lambda: feedback.summary_page(a_class(), [PAIR]),
}


PHONE = {"width": 360, "height": 740}
WIDTH = "document.scrollingElement.scrollWidth"
BROKEN = """axe.run({resultTypes: ['violations']}).then(result => result.violations.flatMap(
  rule => rule.nodes.slice(0, 2).map(node => [rule.id, node.html.slice(0, 150)])))"""


@pytest.fixture(scope="module")
def phone(browser):
    context = browser.new_context(viewport=PHONE, bypass_csp=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_anyone_can_read_it_on_a_phone_without_the_network(phone, tmp_path, name):
    file, asked = tmp_path / "page.html", []
    file.write_text(PAGES[name](), "utf-8")
    phone.on("request", lambda request: asked.append(request.url))
    for scheme in ("light", "dark"):
        phone.emulate_media(color_scheme=scheme)
        phone.goto(file.as_uri())
        assert phone.evaluate(WIDTH) <= PHONE["width"]
        phone.evaluate(SOURCE)
        assert phone.evaluate(BROKEN) == [], scheme
    assert [url for url in asked if not url.startswith((file.as_uri(), "data:"))] == []
