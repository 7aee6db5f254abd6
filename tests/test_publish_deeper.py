"""「더 파기」 절만 접고, 제목은 밖에 둡니다."""

from docutils import nodes
from docutils.utils import new_document

from deeper import fold


def section(title: str, *children) -> nodes.section:
    return nodes.section("", nodes.title("", title), *children)


def test_only_the_deeper_sections_are_folded():
    deep = section("더 파기: 유도", nodes.paragraph("", "식"), section("작은 절"))
    document = new_document("")
    document += section("실습", section("물음", nodes.paragraph("", "글")), deep)
    fold(document)
    assert [type(child) for child in deep] == [
        nodes.title, nodes.raw, nodes.paragraph, nodes.section, nodes.raw,
    ]  # fmt: skip
    assert document.astext().count("<details") == document.astext().count("</details>") == 1
