"""모든 실습이 CONTRIBUTING.md의 차례를 따르는지 봅니다: 빠뜨린 토막과 긴 셀을 찾습니다."""

from __future__ import annotations

import re

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import execute

LABS = sorted((execute.ROOT / "labs").glob("*.ipynb"))
CELL_LINES = 25  # 빈 줄을 빼고. 가려 둔(hide-input) 그리기 셀은 세지 않습니다
TIMED_CELLS = {"02-cache-miss": 1, "10-human-errors": 2}  # nbval-ignore-output을 단 셀의 수
CLOCK = re.compile(r"\b(?:monotonic|perf_counter|process_time)\(")
HEAD = ["할 수 있", "걸리는 시간", "읽"]  # 읽고 나면 할 수 있는 일, 걸리는 시간, 먼저 읽을 페이지
IN_PROSE = ["바꿔 보기", "모델이 거짓말하는 곳"]
IN_CODE = {
    "예상(predict)": r"\bpredict\(",
    "예상과 견주기(.compare)": r"\.compare\(",
    "정의 보이기(source)": r"\bsource\(",
    "그림(figure)": r"\bfigure\(",
    "슬라이더나 재생기(explore, player)": r"\b(?:explore|player)\(",
    "이름 붙은 수(result)": r"\bresult\(",
    "스스로 확인(check)": r"\bcheck\(",
    "주장(assert)": r"^\s*assert\b",
}


def missing(nb) -> list[str]:
    """실습에 빠진 토막들과 너무 긴 셀들."""
    prose = "\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    code = "\n".join(cell.source for cell in execute.code_cells(nb))
    found = [f"글에 「{words}」가 없습니다" for words in IN_PROSE if words not in prose]
    found += [
        f"{what}가 없습니다" for what, form in IN_CODE.items() if not re.search(form, code, re.M)
    ]
    head = nb.cells[0].source
    found += [f"머리 셀에 「{words}」가 없습니다" for words in HEAD if words not in head]
    return found + [
        f"{number}번째 셀이 {CELL_LINES}줄을 넘습니다"
        for number, cell in enumerate(nb.cells, 1)
        if cell.cell_type == "code" and _shown_lines(cell) > CELL_LINES
    ]


def _shown_lines(cell) -> int:
    hidden = "hide-input" in cell.metadata.get("tags", [])
    return 0 if hidden else sum(bool(line.strip()) for line in cell.source.splitlines())


def test_a_lab_has_every_part():
    found = {path.stem: missing(execute.read(path)) for path in LABS}
    assert {lab: parts for lab, parts in found.items() if parts} == {}


def timed(nb) -> list[str]:
    """출력을 견주지 않기로 한 셀들의 코드."""
    cells = execute.code_cells(nb)
    return [c.source for c in cells if "nbval-ignore-output" in c.metadata.get("tags", [])]


def test_only_cells_that_read_a_clock_may_differ_and_no_more_of_them_than_before():
    """재는 단계를 `recorded`로 돌리면 저장된 값과 글자까지 견줄 수 있습니다."""
    found = {path.stem: timed(execute.read(path)) for path in LABS}
    assert {lab: len(cells) for lab, cells in found.items() if cells} == TIMED_CELLS
    assert [cell for cells in found.values() for cell in cells if not CLOCK.search(cell)] == []


def test_what_is_missing_is_named():
    nb = new_notebook(cells=[new_markdown_cell("# 실습"), new_code_cell("x = 1\n" * 26)])
    assert len(missing(nb)) == len(IN_PROSE) + len(IN_CODE) + len(HEAD) + 1
    head = (
        "# 실습\n\n할 수 있는 일, 걸리는 시간, 먼저 읽을 쪽\n\n## 바꿔 보기\n\n모델이 거짓말하는 곳"
    )
    calls = (
        "predict(a)\np.compare(b)\nsource(c)\nfigure(d)\nplayer(e)\nresult(f)\ncheck(g)\nassert h"
    )
    assert missing(new_notebook(cells=[new_markdown_cell(head), new_code_cell(calls)])) == []
