"""이름 붙은 수의 줄은 페이지에서 걷히고, 끝의 접힌 표에 하나도 빠짐없이 모입니다."""

from docutils import nodes
from docutils.utils import new_document

from ddialab.show.face import badge
from results import gather


def output(html: str) -> nodes.container:
    return nodes.container("", nodes.raw("", html, format="html"), classes=["output"])


def line(kind: str, name: str, text: str) -> str:
    """`ddialab.show.result`가 내는 줄."""
    return (
        f'<p class="ddialab-result">{badge(kind)} <code>{name}</code> = <strong>{text}</strong></p>'
    )


def test_lines_leave_their_cells_and_meet_in_one_table():
    numbers = nodes.container(
        "", output(line("측정", "a", "3 ms")), output(line("인용", "b", "5%"))
    )
    mixed = nodes.container("", output("<svg></svg>"), output(line("측정", "c", "&lt;7")))
    section = nodes.section("", nodes.title("", "실습"), numbers, nodes.section("", mixed))
    document = new_document("")
    document += section
    gather(document)
    assert [type(child) for child in section] == [nodes.title, nodes.section, nodes.raw]
    assert [child.astext() for child in mixed] == ["<svg></svg>"]
    table = section[-1].astext()
    assert "이 실습에서 나온 수 3개" in table
    assert "<td><code>c</code></td><td>&lt;7</td><td>측정</td>" in table


def test_a_page_without_numbers_gets_no_table():
    document = new_document("")
    document += nodes.section("", nodes.title("", "글"), nodes.paragraph("", "본문"))
    gather(document)
    assert len(document[0]) == 2
