"""모든 실습이 CONTRIBUTING.md의 차례를 따르는지 봅니다: 빠뜨린 토막과 긴 셀을 찾습니다."""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import pairwise

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import execute

LABS = sorted((execute.ROOT / "labs").glob("*.ipynb"))
CELL_LINES, HIDDEN_LINES = 25, 30  # 빈 줄을 뺀 셀의 줄 수. 뒤의 것은 가려 둔(hide-input) 셀
STORY_CELLS, MINUTES = 30, 35  # 줄거리는 「더 파기」의 밖입니다. 이만해야 지친 독자도 끝냅니다
TIMED_CELLS = {"02-cache-miss": 1, "10-human-errors": 2}  # nbval-ignore-output을 단 셀의 수
CLOCK = re.compile(r"\b(?:monotonic|perf_counter|process_time)\(")
HEAD = ["할 수 있", "걸리는 시간", "읽"]  # 읽고 나면 할 수 있는 일, 걸리는 시간, 먼저 읽을 페이지
IN_PROSE = ["바꿔 보기", "모델이 거짓말하는 곳"]
IN_CODE = {
    "예상(predict)": r"\bpredict\(",
    "예상과 견주기(.compare)": r"\.compare\(",
    "정의 보이기(source)": r"\bsource\(",
    "그림(figure)": r"\bfigure\(",
    "슬라이더나 장면(explore, scene)": r"\b(?:explore|scene)\(",
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
    head = head_of(nb)
    found += [f"머리 셀에 「{words}」가 없습니다" for words in HEAD if words not in head]
    return found + [
        f"{number}번째 셀이 {_limit(cell)}줄을 넘습니다"
        for number, cell in enumerate(nb.cells, 1)
        if cell.cell_type == "code" and _lines(cell) > _limit(cell)
    ]


def head_of(nb) -> str:
    """머리: 제목, 그리고 손에 쥔 장면이 먼저 오면 그 뒤의 글까지."""
    return "\n".join([cell.source for cell in nb.cells if cell.cell_type == "markdown"][:2])


def _lines(cell) -> int:
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def _limit(cell) -> int:
    return HIDDEN_LINES if "hide-input" in cell.metadata.get("tags", []) else CELL_LINES


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


def test_what_the_page_folds_is_folded_in_jupyterlab_too():
    """페이지는 hide-input을, JupyterLab은 source_hidden을 봅니다. 접힌 제목도 그렇습니다."""
    for path in LABS:
        cells = execute.read(path).cells
        for cell, following in pairwise(cells):
            hidden = "hide-input" in cell.metadata.get("tags", [])
            folded = bool(cell.metadata.get("jupyter", {}).get("source_hidden"))
            assert folded == hidden, f"{cell.id}: hide-input과 source_hidden은 함께 답니다"
            deeper = re.match(r"#+ 더 파기", cell.source) is not None
            assert bool(cell.metadata.get("jp-MarkdownHeadingCollapsed")) == deeper, cell.id
            assert deeper or not re.search(r"^#+ 더 파기", cell.source, re.M), cell.id
            nothing = following.cell_type == "markdown" and following.source.startswith("#")
            assert not (deeper and nothing), f"{cell.id}: 접을 셀이 없습니다"


def story(nb) -> list:
    """「더 파기」 절 밖의 코드 셀들."""
    kept, deep = [], 7
    for cell in nb.cells:
        if cell.cell_type == "code":
            kept += [cell] * (deep == 7)
            continue
        for mark, title in re.findall(r"^(#+) (.*)", cell.source, re.M):
            if title.startswith("더 파기"):
                deep = len(mark)
            elif len(mark) <= deep:
                deep = 7
    return kept


def pages_of(path):
    cells = execute.code_cells(execute.read(path))
    return [o.get("data", {}).get("text/html", "") for cell in cells for o in cell.outputs]


def explored(page: str) -> tuple[list[str], list[str]]:
    """슬라이더가 있는 그림의 (슬라이더 값의 텍스트들, 값마다의 대체 텍스트)."""
    frames = json.loads(re.search(r'<script type="application/json">(.*?)</', page)[1])
    texts = re.findall(r'data-texts="([^"]*)"', page)
    return (
        [text for one in texts for text in json.loads(unescape(one))],
        [re.search(r'aria-label="([^"]*)"', frame)[1] for frame in frames],
    )


def test_alternative_texts_tell_the_picture_and_not_only_the_setting():
    """슬라이더의 값을 지우고도 서로 다르고 수가 있어야, 그림이 말하는 바를 말한 것입니다."""
    poor = []
    for lab, page in ((path.stem, page) for path in LABS for page in pages_of(path)):
        if "ddialab-explore" not in page:
            continue
        texts, alts = explored(page)
        known = "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
        results = [re.sub(known, "", alt) for alt in alts]
        if len(set(results)) < 2 or not all(re.search(r"\d|음", said) for said in results):
            poor.append((lab, alts[0]))
    assert poor == []


def test_the_story_is_short_enough_to_finish():
    found = {path.stem: len(story(execute.read(path))) for path in LABS}
    assert {lab: cells for lab, cells in found.items() if cells > STORY_CELLS} == {}
    minutes = {path.stem: minutes_in(head_of(execute.read(path))) for path in LABS}
    assert {lab: most for lab, most in minutes.items() if most > MINUTES} == {}


def minutes_in(head: str) -> int:
    """머리 셀이 말하는, 읽고 푸는 시간."""
    return int(re.search(r"걸리는 시간\D*(\d+)분", head)[1])


def test_what_goes_deeper_is_not_the_story():
    headings = ["## 가", "### 더 파기: 나", "#### 다", "### 라", "## 더 파기: 마", "## 바"]
    cells = [c for h in headings for c in (new_markdown_cell(h), new_code_cell(f"'{h[-1]}'"))]
    assert [cell.source for cell in story(new_notebook(cells=cells))] == ["'가'", "'라'", "'바'"]


def test_what_is_missing_is_named():
    hidden = {"tags": ["hide-input"]}
    cells = [new_code_cell("x = 1\n" * 26), new_code_cell("x = 1\n\n" * 30, metadata=hidden)]
    cells += [new_code_cell("x = 1\n" * 25), new_code_cell("x = 1\n" * 31, metadata=hidden)]
    found = missing(new_notebook(cells=[new_markdown_cell("# 실습"), *cells]))
    assert found[-2:] == ["2번째 셀이 25줄을 넘습니다", "5번째 셀이 30줄을 넘습니다"]
    assert len(found) == len(IN_PROSE) + len(IN_CODE) + len(HEAD) + 2
    head = (
        "# 실습\n\n할 수 있는 일, 걸리는 시간, 먼저 읽을 쪽\n\n## 바꿔 보기\n\n모델이 거짓말하는 곳"
    )
    calls = (
        "predict(a)\np.compare(b)\nsource(c)\nfigure(d)\nscene(e)\nresult(f)\ncheck(g)\nassert h"
    )
    assert missing(new_notebook(cells=[new_markdown_cell(head), new_code_cell(calls)])) == []


@pytest.mark.parametrize("place", ["_toc.yml", "README.md"])
def test_every_lab_can_be_found(place):
    text = (execute.ROOT / place).read_text(encoding="utf-8")
    assert [path.stem for path in LABS if f"labs/{path.stem}" not in text] == []
