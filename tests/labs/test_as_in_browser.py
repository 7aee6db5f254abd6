"""브라우저처럼: 프로세스도 스레드도 matplotlib도 없는 커널에서 실습이 끝까지 같은 말을 합니다.

그림마다 같은 수의 표가 서고, 이름 붙은 수는 모두 저장된 것과 같고, 여기서 못 하는 단계는 저장한
결과라고 밝힙니다. 진짜 크로미움에서는 `tests/site/test_playground.py`가 봅니다.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

import execute
from ddialab.core.recorded import NOTICE

LABS = sorted(path.stem for path in (execute.ROOT / "labs").glob("*.ipynb"))
EVERY = pytest.mark.parametrize("name", LABS)
REASON = "matplotlib이 없어 그림 대신 같은 수를 표로 보여 줍니다."
CAUSE = "그림 묶음을 내려받는 주소에 닿지 못했습니다"
AS_IN_BROWSER = """
import sys

class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden)

import ddialab.core.workspace
ddialab.core.workspace.IN_BROWSER = True
"""
# 무엇이 서 있는지 말하는 셀. 서버가 다르니 글도 다릅니다
TELLS_WHERE = re.compile(r"\bbackend_summary\(|\brecorded\(")
RECORDED = {  # 브라우저가 못 하는 단계의 수. 여기에 없는 실습은 모두 할 수 있습니다
    "01-building-blocks": 4,
    "02-cache-miss": 2,
    "03-composite-system": 1,
    "04-queue-and-log": 4,
    "05-stream-and-batch": 1,
    "08-chaos-monkey": 6,
    "09-software-errors": 3,
    "10-human-errors": 2,
    "11-abuse": 3,
    "13-percentiles": 2,
    "19-evolvability": 2,
}


@pytest.fixture(scope="session")
def run(run_lab, tmp_path_factory):
    """``run("02-cache-miss")``: 브라우저를 흉내 낸 커널에서 통째로 실행한 실습."""
    folder = tmp_path_factory.mktemp("browser")
    (folder / "sitecustomize.py").write_text(AS_IN_BROWSER, encoding="utf-8")
    path = os.pathsep.join(
        [str(folder), str(execute.ROOT / "src")]
    )  # 설치한 것이 아니라 이 저장소를
    settings = {"PYTHONPATH": path, "DDIALAB_NO_FIGURES": CAUSE}
    return lambda name: run_lab(name, DDIALAB_BACKEND="embedded", **settings)


def timed(cell) -> bool:
    return "nbval-ignore-output" in cell.metadata.get("tags", [])


def pairs(saved, run) -> Iterator[tuple]:
    """코드 셀마다 (저장된 것, 새것)."""
    return zip(execute.code_cells(saved), execute.code_cells(run.notebook), strict=True)


def figures(saved, run) -> Iterator[tuple]:
    """저장된 실습에서 그림인 출력마다 (셀, 저장된 출력, 새 출력).

    장면은 뺍니다. 처음과 마지막 그림은 matplotlib 없이도 그립니다.
    """
    for before, after in pairs(saved, run):
        for old, new in zip(before.outputs, after.outputs, strict=False):
            html = old.get("data", {}).get("text/html", "")
            if "<svg" in html and "ddialab-scene" not in html:
                yield after, old.data, new.data


def said(cell) -> list[str]:
    """셀이 말한 글들."""
    cleaned = execute.clean_outputs(cell.outputs)
    return [
        o.get("text") or o.get("evalue") or o.get("data", {}).get("text/plain") for o in cleaned
    ]


@EVERY
def test_the_lab_reaches_its_last_cell(run, name):
    cells = execute.code_cells(run(name).notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@EVERY
def test_it_says_what_the_committed_lab_says(run, committed, name):
    for before, after in pairs(committed(name)[0], run(name)):
        if not timed(before) and not TELLS_WHERE.search(before.source):
            assert said(after) == said(before), before.source


@EVERY
def test_every_named_number_is_the_committed_one(run, committed, name):
    saved, known = committed(name)
    measured = {key for cell in saved.cells if timed(cell) for key in _named(cell)}
    found = run(name).results
    assert found.keys() == known.keys()
    assert {k: v for k, v in found.items() if k not in measured} == {
        k: v for k, v in known.items() if k not in measured
    }


def _named(cell) -> set[str]:
    about = [output.get("metadata", {}).get("ddialab", {}) for output in cell.get("outputs", [])]
    return {one["name"] for one in about if one}


@EVERY
def test_steps_that_cannot_run_here_say_that_they_are_recorded(run, name):
    found = run(name)
    assert found.text.count(NOTICE) == RECORDED.get(name, 0)
    captions = [html for html in _htmls(found.notebook) if "figcaption" in html and NOTICE in html]
    assert bool(captions) == (name in ("02-cache-miss", "04-queue-and-log", "13-percentiles"))


def _htmls(nb) -> Iterator[str]:
    for cell in execute.code_cells(nb):
        yield from (output.get("data", {}).get("text/html", "") for output in cell.outputs)


@EVERY
def test_every_figure_is_a_table_with_numbers_and_one_reason(run, committed, name):
    found = list(figures(committed(name)[0], run(name)))
    assert found
    for _, _, new in found:
        html = new["text/html"]
        assert "<svg" not in html
        assert html.count(f"{REASON} {CAUSE}.") == html.count(REASON) == 1
        assert "표로 옮길 수가 없습니다" not in html
        assert "표로 옮기지 못한 것" not in html
        table = re.search(r'<table class="ddialab-table">.*?</table>', html)[0]
        assert '<th scope="col">' in table
        assert re.search(r'<th scope="row">[^<]+</th><td>[^<]+', table)


@pytest.mark.parametrize(
    ("name", "result", "where"),
    [
        ("01-building-blocks", "searches", r"{}번"),
        ("02-cache-miss", "queries_before", "<td>{}건</td>"),
        ("02-cache-miss", "queries_after", "<td>{}건</td>"),
        ("07-hardware-faults", "control-failures", r"\({}개, 중앙값"),
        ("10-human-errors", "mean-lost", "평균 {}건"),
        ("13-percentiles", "left", r"{}\.\d+%"),
        ("19-evolvability", "lost", "<td>{}</td>"),
    ],
)
def test_the_named_numbers_stand_in_the_tables(run, committed, name, result, where):
    value = re.match(r"-?[\d,]+", run(name).results[result])[0]
    html = "".join(new["text/html"] for _, _, new in figures(committed(name)[0], run(name)))
    assert re.search(where.format(value), html)
