"""예상보다 답을 먼저 보지 않게, 묻는 셀 다음부터 답의 설명까지를 접어 둡니다.

답은 `predict`와 같은 키를 가진 `compare`의 출력입니다. 둘이 한 절에 있으면 그 사이부터, 답이 다른
절에 있으면 그 절의 처음부터, 다음 제목이나 다음 물음 앞까지 접습니다. 펴는 일은 ddialab.js가
합니다. 스크립트가 없거나 종이라면 펼쳐져 있고, 종이에서는 다음 장에서 시작합니다.
"""

import re

from docutils import nodes

FORM = re.compile(r'class="ddialab ddialab-predict" data-key="([\w-]+)"')
ANSWER = re.compile(r'class="ddialab-compare" data-about="{&quot;key&quot;: &quot;([\w-]+)&quot;')
OPEN = (
    '<div class="ddialab ddialab-wait">'
    '<p><a href="#ask-{key}">물음</a>에 예상을 남기면 여기에 결과가 열립니다.</p>'
    '<button type="button">그냥 보기</button></div>'
    '<div class="ddialab-answer" data-key="{key}" tabindex="-1">'
)
TURN = '<p class="paper-only">예상을 적은 다음에 넘기세요. 결과는 다음 장부터 나옵니다.</p>'


def found(pattern: re.Pattern, root: nodes.Node) -> dict[str, nodes.raw]:
    """``root`` 안의 {키: 그 키가 든 출력}."""
    raws = root.findall(nodes.raw)
    return {key: raw for raw in raws for key in pattern.findall(raw.astext())}


def section_of(node: nodes.Node) -> nodes.section:
    while not isinstance(node, nodes.section):
        node = node.parent
    return node


def place_in(section: nodes.section, node: nodes.Node) -> int:
    """``section``의 몇 번째 자식 안에 ``node``가 있는지."""
    while node.parent is not section:
        node = node.parent
    return section.index(node)


def html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def end_of(section: nodes.section, place: int) -> int:
    """``place``의 설명이 끝나는 곳: 다음 제목이나 다음 물음 앞."""
    for end in range(place + 1, len(section)):
        if isinstance(section[end], nodes.section) or found(FORM, section[end]):
            return end
    return len(section)


def fold(doctree: nodes.document) -> None:
    """묻고 답하는 곳마다 접을 자리를 감쌉니다."""
    forms = found(FORM, doctree)
    for key, answer in found(ANSWER, doctree).items():
        section, asked = section_of(answer), section_of(forms[key])
        start = place_in(section, forms[key]) + 1 if asked is section else 1
        section.insert(end_of(section, place_in(section, answer)), html("</div>"))
        section.insert(start, html(OPEN.format(key=key)))
        asked.insert(place_in(asked, forms[key]), html(f'<span id="ask-{key}"></span>'))
        asked.insert(place_in(asked, forms[key]) + 1, html(TURN))


def setup(app):
    app.connect("doctree-resolved", lambda app, doctree, docname: fold(doctree))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
