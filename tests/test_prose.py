"""책의 페이지마다: 본문의 수가 실행 결과와 같고, 손으로 쓴 수가 없습니다(실습은 문지기 몫)."""

from __future__ import annotations

import execute
from gate import prose

PAGES = execute.pages(execute.ROOT)


def test_numbers_on_the_pages_come_from_runs_or_sources():
    known = execute.all_results(execute.ROOT / "labs")
    found = {
        str(page.relative_to(execute.ROOT)): prose.page_problems(page.read_text("utf-8"), known)
        for page in PAGES
    }
    assert {page: problems for page, problems in found.items() if problems} == {}


def test_a_page_that_contradicts_its_run_is_found():
    known = {"02-cache-miss#p99": "45 ms"}
    right = '<span data-run="02-cache-miss#p99">45 ms</span>입니다.'
    assert prose.page_problems(right, known) == []
    assert prose.page_problems(right.replace("45", "44"), known)
    assert prose.page_problems(right.replace("p99", "p98"), known)
