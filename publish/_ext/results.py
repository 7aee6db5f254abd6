"""이름 붙은 수(`result`)를 페이지의 끝에 접힌 표 하나로 모읍니다.

그 수는 본문이 제자리에서 이미 말하므로, 셀마다 되풀이되는 줄은 페이지에서 걷어 냅니다.
"""

import re

from docutils import nodes

LINE = re.compile(
    r'<p class="ddialab-result"><span [^>]*>([^<]*)</span> <code>([^<]*)</code> = '
    r"<strong>([^<]*)</strong></p>"
)
TABLE = (
    '<details class="results"><summary>이 실습에서 나온 수 {count}개</summary>'
    '<div class="table-wrap"><table><thead><tr><th scope="col">이름</th><th scope="col">값</th>'
    '<th scope="col">종류</th></tr></thead><tbody>{rows}</tbody></table></div></details>'
)
ROW = "<tr><td><code>{name}</code></td><td>{text}</td><td>{kind}</td></tr>"


def prune(node: nodes.Node) -> None:
    """``node``를 떼고, 그래서 비게 된 셀 출력의 상자도 뗍니다."""
    parent = node.parent
    parent.remove(node)
    if not parent.children and isinstance(parent, nodes.container):
        prune(parent)


def gather(doctree: nodes.document) -> None:
    """줄을 모두 떼어 문서의 끝에 표로 답니다."""
    rows = []
    for raw in list(doctree.findall(nodes.raw)):
        if line := LINE.fullmatch(raw.astext().strip()):
            kind, name, text = line.groups()
            rows.append(ROW.format(kind=kind, name=name, text=text))
            prune(raw)
    if rows:
        table = TABLE.format(count=len(rows), rows="".join(rows))
        next(doctree.findall(nodes.section)).append(nodes.raw("", table, format="html"))


def setup(app):
    app.connect("doctree-resolved", lambda app, doctree, docname: gather(doctree))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
