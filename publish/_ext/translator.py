"""문서 나무를 HTML로 옮기는 규칙 가운데 이 책에 맞춘 것."""

from html import escape

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode
from sphinx.writers.html5 import HTML5Translator

CALLOUTS = {"예상해 보기": "predict", "바꿔 보기": "try", "모델이 거짓말하는 곳": "limits"}


class BookTranslator(HTML5Translator):
    """좁은 화면에서 미는 표, 제목의 이름이 되지 않는 제목 주소, 빈칸이 제목이 되지 않는 표."""

    def add_permalink_ref(self, node, title):
        """마우스로 누르는 주소. 듣는 사람은 제목마다 듣게 되고, 키보드는 제목마다 멈추게 됩니다."""
        if node["ids"] and self.config.html_permalinks:
            self.body.append(
                f'<a class="headerlink" href="#{node["ids"][0]}" title="이 자리의 주소"'
                ' aria-hidden="true" tabindex="-1">#</a>'
            )

    def visit_table(self, node):
        self.body.append('<div class="table-wrap">')
        super().visit_table(node)

    def depart_table(self, node):
        super().depart_table(node)
        self.body.append("</div>\n")

    def visit_entry(self, node):
        empty_heading = isinstance(node.parent.parent, nodes.thead) and not node.astext().strip()
        if empty_heading:
            self.body.append("<td>")
            self.context.append("</td>\n")
        else:
            super().visit_entry(node)

    def visit_citation(self, node):
        """참고문헌 한 줄. docutils가 붙이는 doc-biblioentry 역할은 폐기되었습니다."""
        self.body.append(self.starttag(node, "div", CLASS="citation"))

    def depart_citation(self, node):
        self.body.append("</div>\n")


def open_fold(translator, node):
    """감춘 코드: 키보드로 여닫는 브라우저의 접기. 열려도 이름은 그대로입니다."""
    summary = escape(node["prompt_show"])
    translator.body.append(f'<details class="hide"><summary>{summary}</summary>\n')


def close_fold(translator, node):
    translator.body.append("</details>\n")


def name_callouts(app, doctree):
    """제목으로 알아볼 수 있는 알림 상자에 저마다의 모양을 줍니다."""
    for box in doctree.findall(nodes.admonition):
        kind = CALLOUTS.get(box.next_node(nodes.title).astext())
        if kind:
            box["classes"].append(kind)


def setup(app):
    app.set_translator("html", BookTranslator)
    app.add_node(HideCodeCellNode, override=True, html=(open_fold, close_fold))
    app.connect("doctree-read", name_callouts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
