"""글에 붙인 장면의 링크: 책이 만든 꼴만 누를 수 있고, 학생의 글은 아무것도 실행하지 않습니다."""

import re

import pytest
from markupsafe import escape
from nbconvert.filters import markdown2html

from classroom.reporting.moment import HERE, linked

PAGE = "labs/07-hardware-faults.html"
MOMENT = f"{PAGE}#scene=by-hand&seed=7&at=2,0&a=8000.kill.n1&t=9500&m=0a1b2c3d"
FIGURE = "labs/02-cache-miss.html#figure=3&at=4,0&m=0a1b2c3d"
WEB = "https://example.org/ddia/" + MOMENT
FROM_FILE = "file:///home/%ED%99%8D/My%20Books/_build/html/" + MOMENT


def addresses(html):
    return re.findall(r'href="([^"]*)"', html)


@pytest.mark.parametrize(
    ("pasted", "opened"),
    [
        (WEB, WEB),
        (f"http://127.0.0.1:8000/{MOMENT}", f"http://127.0.0.1:8000/{MOMENT}"),
        (FROM_FILE, HERE + MOMENT),
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


def test_formgrader_makes_the_link_clickable_too():
    """글로 쓴 답을 읽는 화면은 nbconvert가 그립니다."""
    (address,) = addresses(markdown2html(f"9.5초: {WEB}"))
    assert address.replace("&amp;", "&") == WEB
