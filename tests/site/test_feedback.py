"""피드백 쪽과 요약 쪽을 진짜 크로미움으로: 접근성, 휴대전화, 바깥 요청."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ddialab.classroom import feedback
from ddialab.classroom.record import CriterionResult, Record, Status, WrittenAnswer
from ddialab.classroom.similarity import Pair

RECORD = Record(
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
    (WrittenAnswer("w", 20, "첫째 줄\n" + "긴말" * 200),),
    ("셀 이름이 없어 자리로 찾았습니다: answer-lru",),
)
PAIR = Pair("a1-cache", "answer-lru", ("가", "나"), 0.9)


def a_class() -> list[Record]:
    return [replace(RECORD, student=f"2026-{n:04}", status=s) for n, s in enumerate(Status)]


PAGES = {
    "waiting": lambda: feedback.page(RECORD, {}),
    "graded": lambda: feedback.page(RECORD, {"w": 15.5}),
    "missing": lambda: feedback.page(replace(RECORD, results=(), written=(), notes=()), {}),
    "summary": lambda: feedback.summary_page(a_class(), [PAIR]),
}


@pytest.fixture(params=PAGES)
def file(request, tmp_path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGES[request.param](), "utf-8")
    return path


@pytest.fixture(scope="session")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python")
    return (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_read_it_on_a_phone_without_the_network(browser, axe, file, scheme):
    phone = {"width": 360, "height": 740}
    context = browser.new_context(viewport=phone, color_scheme=scheme, bypass_csp=True)
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert page.evaluate("document.scrollingElement.scrollWidth") <= phone["width"]
    page.evaluate(axe)
    found = page.evaluate("axe.run({resultTypes: ['violations']}).then(r => r.violations)")
    told = [(rule["id"], node["html"][:150]) for rule in found for node in rule["nodes"][:2]]
    outside = [url for url in asked if not url.startswith((file.as_uri(), "data:"))]
    context.close()
    assert (told, outside) == ([], [])
