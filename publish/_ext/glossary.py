"""용어집: TERMS.md의 표를 `{terms}` 지시어 자리에 보여 줍니다. 표가 하나뿐인 출처입니다.

용어마다 주소(`#term-cache-miss`)가 있어 글에서 {term}`캐시 미스` 나
[캐시 미스](#term-cache-miss)로 가리킬 수 있습니다.
"""

import re
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Term(NamedTuple):
    korean: str
    english: str
    meaning: str

    @property
    def anchor(self) -> str:
        first = self.english.split(",")[0]
        return "term-" + re.sub(r"[^a-z0-9]+", "-", first.lower()).strip("-")


def read_terms(text: str) -> list[Term]:
    """TERMS.md의 글에서 용어를 가나다순으로 읽습니다."""
    rows = [line.strip("| \n").split("|") for line in text.splitlines() if line.startswith("| ")]
    body = [[cell.strip() for cell in row[:3]] for row in rows[1:] if "---" not in row[0]]
    return sorted(Term(*cells) for cells in body)


class TermsDirective(SphinxDirective):
    """`{terms}`: 모든 용어를 가나다순 정의 목록으로 보여 줍니다."""

    def run(self):
        path = Path(self.env.srcdir, "TERMS.md")
        self.env.note_dependency(str(path))
        items = [self.item(term) for term in read_terms(path.read_text("utf-8"))]
        return [nodes.definition_list("", *items, classes=["terms"])]

    def item(self, term: Term) -> nodes.definition_list_item:
        english = nodes.inline("", term.english, classes=["english"])
        name = nodes.term("", "", nodes.Text(term.korean + " "), english, ids=[term.anchor])
        self.register(term, name)
        meaning = nodes.definition("", nodes.paragraph("", term.meaning))
        return nodes.definition_list_item("", name, meaning)

    def register(self, term: Term, node: nodes.term) -> None:
        std = self.env.get_domain("std")
        std.note_object("term", term.korean, term.anchor, location=node)
        std.note_hyperlink_target(term.anchor, self.env.docname, term.anchor, term.korean)


def setup(app):
    app.add_directive("terms", TermsDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
