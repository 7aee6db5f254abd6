"""용어집: TERMS.md의 표를 `{terms}` 지시어 자리에 보여 줍니다. 표가 하나뿐인 출처입니다.

용어마다 주소(`#term-cache-miss`)가 있어 본문에서 {term}`캐시 미스` 나
[캐시 미스](#term-cache-miss)로, 노트북에서는
[캐시 미스](../chapters/glossary.md#term-cache-miss)로 가리킬 수 있습니다.
"""

import re
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Term(NamedTuple):
    """TERMS.md의 한 줄."""

    korean: str
    english: str
    meaning: str
    others: tuple[str, ...] = ()

    @property
    def anchor(self) -> str:
        first = self.english.split(",")[0]
        return "term-" + re.sub(r"[^a-z0-9]+", "-", first.lower()).strip("-")


def read_terms(text: str) -> list[Term]:
    """TERMS.md의 용어를 가나다순으로 읽습니다. 칸이 넷이 아닌 줄이 있으면 ValueError."""
    return sorted(Term(*cells[:3], names(cells[3])) for cells in _rows(text, "용어", 4))


def read_words(text: str) -> dict[str, tuple[str, ...]]:
    """용어는 아니지만 한 가지로 쓰는 말: {쓰는 말: 쓰지 않는 말들}."""
    return {word: names(others) for word, others in _rows(text, "쓰는 말", 2)}


def other_names(text: str) -> dict[str, str]:
    """TERMS.md의 {다른 이름: 이 책에서 쓰는 말}."""
    pairs = [(term.korean, term.others) for term in read_terms(text)]
    return {name: word for word, others in [*pairs, *read_words(text).items()] for name in others}


def names(cell: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in cell.split(",") if name.strip())


def _rows(text: str, first: str, width: int) -> list[list[str]]:
    """머리의 첫 칸이 ``first``인 표의 줄들."""
    found, reading = [], False
    for line in text.splitlines():
        cells = [
            cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")
        ]
        if not line.startswith("|"):
            reading = False
        elif cells[0] == first:
            reading = True
        elif reading and set(cells[0]) != {"-"}:
            if len(cells) != width:
                raise ValueError(f"칸이 {width}개여야 합니다: {line}")
            found.append(cells)
    return found


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
        if term.others:
            others = f"다른 이름: {', '.join(term.others)}"
            meaning += nodes.paragraph("", others, classes=["other-names"])
        return nodes.definition_list_item("", name, meaning)

    def register(self, term: Term, node: nodes.term) -> None:
        std = self.env.get_domain("std")
        std.note_object("term", term.korean, term.anchor, location=node)
        std.note_hyperlink_target(term.anchor, self.env.docname, term.anchor, term.korean)


def register(app, env):
    """MyST는 파일을 가리키는 링크에서 제목의 주소만 알므로, 용어의 주소도 알려 줍니다."""
    for (kind, name), (docname, anchor) in env.get_domain("std").objects.items():
        if kind == "term":
            env.metadata[docname].setdefault("myst_slugs", {})[anchor] = (0, anchor, name)


def setup(app):
    app.add_directive("terms", TermsDirective)
    app.connect("env-updated", register, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
