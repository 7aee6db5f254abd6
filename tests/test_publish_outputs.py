"""실습의 출력에서 떼어 낸 것과 남긴 것."""

import re
from pathlib import Path

import nbformat
import pytest

import outputs
from ddialab.show.face import still, wrap

LABS = sorted((Path(__file__).parents[1] / "labs").glob("*.ipynb"))
SVG = '<svg viewBox="0 0 4 2" aria-label="점 하나" style="width:100%"><path d="M0 0"/></svg>'


def shown(path: Path) -> str:
    """실습의 출력에 든 HTML 모두."""
    cells = nbformat.read(path, as_version=4).cells
    data = [out.get("data", {}) for cell in cells for out in cell.get("outputs", [])]
    return "".join(bundle.get("text/html", "") for bundle in data)


def test_a_figure_loses_its_copy_and_shows_itself():
    html = outputs.for_the_book(wrap(still(SVG), "측정", "점 하나"))
    assert html.count("<svg") == html.count("점 하나</figcaption>") == 1
    assert re.findall("<img|<style|hidden", html) == []


def test_what_the_reader_opens_later_stays_hidden():
    body = '<div class="ddialab-controls" hidden="hidden"></div><style>.mine{}</style>'
    assert outputs.for_the_book(body) == body


def test_a_table_keeps_its_style():
    assert outputs.for_the_book(still("<table></table>")) == still("<table></table>")


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_committed_outputs_are_those_that_are_recognised(path):
    """적힌 모양이 조금이라도 다르면 떼이지 않으므로, 실습에 든 그대로를 봅니다."""
    html = shown(path)
    light = outputs.for_the_book(html)
    assert "ddialab-copy" in html
    assert not re.findall("ddialab-copy|data-jp-theme", light)
    assert light.count("<svg") == html.count("<svg") - html.count('<img class="ddialab-copy"')
