"""페이지 꾸미기: 첫 페이지의 주소 고치기와 한 장짜리 스타일시트."""

import re

from docutils import nodes

import pages
from ddialab.show.palette import css_variables


def test_front_page_links_are_moved_up():
    html = (
        '<html data-content_root="../"><a href="1/index.html#x"></a><a href="#here"></a>'
        '<link href="../_static/book.css"><a href="https://example.org/a"></a><img src="data:x">'
    )
    moved = pages.rebase(html, "chapters")
    wanted = "./ chapters/1/index.html#x #here _static/book.css https://example.org/a data:x"
    assert re.findall(r'(?:href|src|data-content_root)="([^"]*)"', moved) == wanted.split()


def test_lines_of_a_listing_are_counted_with_or_without_the_last_newline():
    def lines(code):
        body = f'<div class="highlight"><pre><span></span>{code}</pre></div>'
        return re.findall(
            r'<div class="highlight" style="--lines:(\d+)"><pre>', pages.count_lines(body)
        )

    assert lines("a") == lines("a\n") == lines("<span>a\n</span>") == ["1"]
    assert lines("a\n\nb") == ["3"]
    assert pages.count_lines("<pre>a</pre>") == "<pre>a</pre>"


def test_stylesheet_is_one_and_stays_inside():
    css = pages.stylesheet()
    assert "@import" not in css
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s'\")]+", css) == []


def test_stylesheet_has_the_colors_of_the_figures():
    css = re.sub(r"\s", "", pages.stylesheet())
    for dark in (False, True):
        for rule in css_variables(dark).split(";"):
            assert rule in css


def paragraph(*parts) -> nodes.paragraph:
    return nodes.paragraph("", "", *parts)


def test_description_is_the_first_prose_and_ends_between_words():
    bold = paragraph(nodes.Text(""), nodes.strong("", "마치면 할 수 있는 일"))
    item = nodes.list_item("", paragraph(nodes.Text("캐시 미스를 " * 40)))
    section = nodes.section("", bold, nodes.bullet_list("", item))
    text = pages.describe(section)
    assert text.startswith("캐시 미스를 캐시")
    assert text.endswith("미스를 …")
    assert len(text) <= pages.DESCRIPTION_LENGTH


def test_page_without_prose_has_no_description():
    assert pages.describe(nodes.section()) == pages.describe(None) == ""
