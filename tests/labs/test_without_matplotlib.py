"""matplotlib이 없는 커널: 실습은 마지막 셀까지 가고, 그림마다 같은 수의 표가 섭니다."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import execute

LABS = sorted(path.stem for path in (execute.ROOT / "labs").glob("*.ipynb"))
REASON = "matplotlib이 없어 그림 대신 같은 수를 표로 보입니다."
CAUSE = "그림 묶음을 내려받는 주소에 닿지 못했습니다"
HIDE = """
import sys

class Hidden:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden)
"""


@pytest.fixture(scope="session")
def run_hidden(run_lab, tmp_path_factory):
    """``run_hidden("02-cache-miss")``: matplotlib을 못 찾는 커널에서 통째로 실행한 실습."""
    folder = tmp_path_factory.mktemp("hidden")
    (folder / "sitecustomize.py").write_text(HIDE, encoding="utf-8")
    settings = {"PYTHONPATH": str(folder), "DDIALAB_NO_FIGURES": CAUSE}
    return lambda name: run_lab(name, backend="embedded", **settings)


def figures(name: str, run) -> Iterator[tuple]:
    """저장된 실습에서 그림인 출력마다 (셀, 저장된 출력, 새 출력)."""
    stored = execute.read(execute.ROOT / "labs" / f"{name}.ipynb")
    for before, after in zip(stored.cells, run.notebook.cells, strict=True):
        for old, new in zip(before.get("outputs", []), after.get("outputs", []), strict=False):
            if "<svg" in old.get("data", {}).get("text/html", ""):
                yield after, old.data, new.data


@pytest.mark.parametrize("name", LABS)
def test_the_lab_reaches_its_last_cell(run_hidden, name):
    cells = execute.code_cells(run_hidden(name).notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@pytest.mark.parametrize("name", LABS)
def test_every_figure_is_a_table_with_numbers_and_one_reason(run_hidden, name):
    found = list(figures(name, run_hidden(name)))
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


@pytest.mark.parametrize("name", LABS)
def test_the_plain_text_is_the_committed_one(run_hidden, name):
    for cell, old, new in figures(name, run_hidden(name)):
        if "nbval-ignore-output" not in cell.metadata.get("tags", []):
            assert new["text/plain"] == old["text/plain"]


@pytest.mark.parametrize(
    ("name", "result", "where"),
    [
        ("02-cache-miss", "queries_before", "<td>{}건</td>"),
        ("02-cache-miss", "queries_after", "<td>{}건</td>"),
        ("07-hardware-faults", "control-failures", r"\({}개, 중앙값"),
        ("10-human-errors", "mean-lost", "평균 {}건"),
        ("13-percentiles", "left", r"{}\.\d+%"),
        ("19-evolvability", "lost", "<td>{}</td>"),
    ],
)
def test_the_named_numbers_stand_in_the_tables(run_hidden, name, result, where):
    run = run_hidden(name)
    value = re.match(r"-?[\d,]+", run.results[result])[0]
    html = "".join(new["text/html"] for _, _, new in figures(name, run))
    assert re.search(where.format(value), html)
