"""글에 붙인 장면의 링크: 책이 만든 꼴만 누를 수 있고, 학생의 글은 아무것도 실행하지 않습니다."""

import re

import pytest
from markupsafe import escape
from nbconvert.filters import markdown2html
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from classroom.reporting.moment import HERE, linked, open_apart

PAGE = "labs/07-hardware-faults.html"
MOMENT = f"{PAGE}#scene=by-hand&seed=7&at=2,0&a=8000.kill.n1&t=9500&m=0a1b2c3d"
FIGURE = "labs/02-cache-miss.html#figure=3&at=4,0&m=0a1b2c3d"
WEB = "https://example.org/ddia/" + MOMENT
FROM_FILE = "file:///home/%ED%99%8D/My%20Books/_build/html/" + MOMENT
WINDOWS = "file:///C:/Users/%ED%99%8D%EA%B8%B8%EB%8F%99/Desktop/ddia%20(1)/" + MOMENT


def addresses(html):
    return re.findall(r'href="([^"]*)"', html)


@pytest.mark.parametrize(
    ("pasted", "opened"),
    [
        (WEB, WEB),
        (f"http://127.0.0.1:8000/{MOMENT}", f"http://127.0.0.1:8000/{MOMENT}"),
        (f"http://localhost:8123/{MOMENT}", HERE + MOMENT),
        (FROM_FILE, HERE + MOMENT),
        (WINDOWS, HERE + MOMENT),
        (f"file:///D:/{MOMENT}", HERE + MOMENT),
        (f"https://example.org/{FIGURE}", f"https://example.org/{FIGURE}"),
        (WEB.replace(PAGE, "index.html"), WEB.replace(PAGE, "index.html")),
    ],
)  # fmt: skip
def test_a_link_of_the_book_opens_the_same_moment(pasted, opened):
    html = linked(f"9.5초를 보면({pasted}) n1이 죽었습니다.")
    assert addresses(html) == [opened.replace("&", "&amp;")]
    assert html.striptags().replace("&amp;", "&") == f"9.5초를 보면({pasted}) n1이 죽었습니다."


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)//" + MOMENT,
        "https://example.org/x.html#scene=by-hand",
        WEB.replace("n1", "<script>"),
        WEB.replace("seed=7", "seed=12345678901"),
        WEB.replace("0a1b2c3d", "0a1b2c3d9"),
        WEB.replace("8000.kill.n1", ",".join(["8000.kill.n1"] * 200)),
        "data:text/html," + MOMENT,
        "file://server/share/" + MOMENT,
        "file://C:/book/" + MOMENT,
        "file:///CD:/book/" + MOMENT,
        "file:///C:\\book\\" + MOMENT,
        "\\\\server\\share\\" + MOMENT,
        "<script>alert(1)</script> <img src=x onerror=alert(1)>",
    ],
)
def test_anything_else_stays_text(text):
    html = linked(text)
    assert addresses(html) == []
    assert html == escape(text)


def test_what_follows_a_link_is_not_part_of_it():
    html = linked(WEB + '" onmouseover="alert(1)')
    assert addresses(html) == [WEB.replace("&", "&amp;")]
    assert 'onmouseover="' not in html


def test_two_links_and_the_lines_between_them():
    text = f"처음 <b>{WEB}\n그다음 {FROM_FILE}."
    assert len(addresses(linked(text))) == 2
    assert "<b>" not in linked(text)
    assert "\n그다음 " in linked(text)


def in_formgrader(text: str) -> str:
    """글로 쓴 답을 읽는 화면은 nbconvert가 그립니다."""
    notebook, _ = open_apart(new_notebook(cells=[new_markdown_cell(text)]), {})
    return markdown2html(notebook.cells[0].source)


@pytest.mark.parametrize("pasted", [WEB, FROM_FILE, WINDOWS])
def test_formgrader_opens_the_same_moment(pasted):
    assert addresses(in_formgrader(f"9.5초({pasted})를 보면")) == addresses(linked(pasted))


@pytest.mark.parametrize("show", [linked, in_formgrader])
def test_a_moment_opens_beside_the_page_being_read(show):
    """같은 탭에 열리면 채점하던 화면이 사라집니다."""
    html = show(f"보세요: {WEB}")
    assert html.count("<a ") == html.count('target="_blank" rel="noopener noreferrer"') == 1


@pytest.mark.parametrize("text", [f"[장면]({WINDOWS})을 보면", f"<{WINDOWS}>을 보면", WINDOWS])
def test_however_a_link_is_written_it_is_one_link_in_formgrader(text):
    html = in_formgrader(f"({text})")
    assert addresses(html) == addresses(linked(WINDOWS))
    assert html.count("_blank") == 1
    assert "장면" not in text or ">장면</a>" in html


@pytest.mark.parametrize("text", [f'<a href="{WEB}">장면</a>', f"[<b>장면</b>]({WEB}"])
def test_other_markup_is_left_to_formgrader(text):
    assert in_formgrader(text).count("<a ") == 1


def test_code_is_not_text():
    code = new_code_cell(f"page = '{WEB}'")
    assert open_apart(new_notebook(cells=[code]), {})[0].cells[0].source == code.source
    assert addresses(in_formgrader(f"`{WEB}`")) == []


def test_a_path_longer_than_that_of_any_book_stays_text():
    """자리마다 끝까지 다시 읽지 않게 길의 길이에 한도가 있습니다. 긴 글 하나에 채점이 멈춥니다."""
    assert addresses(linked(f"https://example.org/{'a/' * 400}{MOMENT}")) != []
    assert addresses(linked(f"https://example.org/{'a/' * 501}{MOMENT}")) == []
