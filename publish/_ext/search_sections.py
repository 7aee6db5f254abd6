"""찾기의 색인: 조각마다 그것이 든 절들. 책 옆에 `searchsections.js`로 둡니다.

Sphinx의 색인은 어느 페이지에 든 낱말인지만 압니다. 긴 페이지에는 흔한 낱말이 다 들어 있어,
그것만으로는 어느 페이지가 물은 것을 이야기하는지 가릴 수 없습니다. 물은 낱말들이 한 절에
모여 있는지 보려고 절마다 색인합니다. 줄을 세우는 것은 브라우저의 `search_rank.js`입니다.
"""

import json
from collections import defaultdict
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.search import WordCollector, js_index

from search_ko import Korean

NAME = "searchsections.js"


def pieces_in(section: nodes.section) -> set[str]:
    """``section``에 든 조각들. 안에 든 다른 절의 것은 뺍니다."""
    words = WordCollector(section.document, Korean({}))
    for child in section.children:
        if not isinstance(child, nodes.section):
            child.walk(words)
    return {words.lang.stem(word) for word in words.found_words}


def sections_in(doctree: nodes.document) -> list[tuple[str, str, set[str]]]:
    """절마다 (주소의 끝, 제목, 조각들). 첫 절은 페이지의 머리이고 그 주소는 페이지입니다."""
    found = doctree.findall(nodes.section)
    return [
        ("#" + section["ids"][0] if at else "", escape(section[0].astext()), pieces_in(section))
        for at, section in enumerate(found)
    ]


def pages_with(index: dict) -> dict[str, set[int]]:
    """조각마다 그것이 든 페이지의 번호들. Sphinx는 제목에 든 조각을 본문의 것과 따로 적습니다."""
    pages = defaultdict(set)
    for table in (index["terms"], index["titleterms"]):
        for piece, found in table.items():
            pages[piece].update([found] if isinstance(found, int) else found)
    return pages


def section_index(index: dict, doctree_of) -> dict:
    """Sphinx의 색인 ``index``에서 만든 절의 색인. ``doctree_of``는 페이지의 문서 트리를 줍니다.

    sections는 절마다 [페이지의 번호, 주소의 끝, 제목], sizes는 절마다 조각의 수,
    terms는 조각마다 절의 번호들입니다. 문서 트리에는 페이지에 보이지 않는 출력도 있어,
    ``index``에 있는 것만 남깁니다.
    """
    pages = pages_with(index)
    sections, sizes, terms = [], [], defaultdict(list)
    for page, name in enumerate(index["docnames"]):
        for anchor, title, pieces in sections_in(doctree_of(name)):
            shown = [piece for piece in pieces if page in pages[piece]]
            for piece in shown:
                terms[piece].append(len(sections))
            sections.append([page, anchor, title])
            sizes.append(len(shown))
    kept = {name: index[name] for name in ("docnames", "filenames", "titles")}
    return kept | {"sections": sections, "sizes": sizes, "terms": dict(sorted(terms.items()))}


def write_sections(app, exception):
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir)
    index = js_index.loads((folder / "searchindex.js").read_text("utf-8"))
    text = json.dumps(
        section_index(index, app.env.get_doctree), ensure_ascii=False, separators=(",", ":")
    )
    (folder / NAME).write_text(js_index.PREFIX + text + js_index.SUFFIX, "utf-8")


def setup(app):
    app.connect("build-finished", write_sections)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
