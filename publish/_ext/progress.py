"""진도 페이지: 페이지마다 무엇을 묻는지 모아, 독자의 브라우저가 채울 표를 만듭니다.

표에는 차례에서 진도보다 앞에 있는 페이지만 있습니다. 「더 파기」에서 묻는 것은 건너뛰어도 되므로
따로 셉니다. 스크립트가 없거나 종이라면 빈 표가 남아, 연필로 표시할 수 있습니다. 채우는 일은
`theme/static/progress.js`가 합니다.
"""

import json
from html import escape
from itertools import starmap
from typing import NamedTuple

from bs4 import BeautifulSoup
from docutils import nodes

from ddialab.show.face import json_block
from deeper import TITLE as DEEPER

PAGE = "chapters/progress"
PLACE = '<div id="progress"></div>'  # chapters/progress.md에 적어 둔 자리
STYLE, SCRIPT = "_static/progress.css", "_static/progress.js"
PREDICT = "form.ddialab-predict"
HEADS = ("페이지", "읽기", "예상", "스스로 확인", "도전")
TABLE = (
    '<div class="table-wrap"><table><thead><tr>{heads}</tr></thead>'
    "<tbody>{rows}</tbody></table></div>"
)


class Asked(NamedTuple):
    """페이지 하나가 묻는 것: (키, 물음)들과 (키, 물음, 답)들, (장면, 목표)들."""

    guesses: list
    checks: list
    challenges: list


def asked_in(html: list[str]) -> Asked:
    """``html``들(페이지 하나의 출력들)에 든 물음."""
    asked = Asked([], [], [])
    for part in html:
        if 'class="ddialab' not in part:
            continue
        soup = BeautifulSoup(part, "html.parser")
        asked.guesses.extend((form["data-key"], question(form)) for form in soup.select(PREDICT))
        asked.checks.extend(checked(form) for form in soup.select("form.ddialab-check"))
        for told in soup.select("figure.ddialab-scene script"):
            add_scene(asked, json.loads(told.string))
    return asked


def is_deeper(node: nodes.Node) -> bool:
    """「더 파기」의 절에 든 것인가."""
    while node := node.parent:
        title = node.next_node(nodes.title) if isinstance(node, nodes.section) else None
        if title is not None and title.astext().startswith(DEEPER):
            return True
    return False


def asked_on(doctree: nodes.document) -> tuple[Asked, Asked]:
    """페이지 하나의 줄거리가 묻는 것과, 「더 파기」가 묻는 것."""
    raws = list(doctree.findall(nodes.raw))
    story = [raw.astext() for raw in raws if not is_deeper(raw)]
    return asked_in(story), asked_in([raw.astext() for raw in raws if is_deeper(raw)])


def question(form) -> str:
    return (form.select_one("fieldset > p") or form.select_one("label > span")).get_text()


def checked(form) -> tuple[str, str, str]:
    """키와 물음과 맞는 보기. 키는 ddialab.js가 남길 때와 같습니다."""
    right = form.select_one('input[data-reply^="맞습니다"]')
    return right["name"], form.legend.get_text(), right.parent.get_text().strip()


def add_scene(asked: Asked, told: dict) -> None:
    scene, challenge = told["scene"], told["challenge"]
    for ask in told["asks"]:
        asked.guesses.append((f"{scene}-{ask['id']}", ask["question"]))
    if challenge:
        asked.challenges.append((scene, challenge["goal"]))


def counted(env) -> list[str]:
    """차례에서 진도보다 앞에 있는 페이지들. 첫 페이지가 처음입니다."""

    def below(name: str):
        yield name
        for child in env.toctree_includes.get(name, ()):
            yield from below(child)

    names = list(below(env.config.root_doc))
    return names[: names.index(PAGE)] if PAGE in names else []


def row(name: str, title: str, link: str, asked: Asked, deeper: Asked) -> str:
    part = ' class="part"' if name.endswith("/index") else ""
    counts = "".join(starmap(cell, zip(asked, deeper, strict=True)))
    head = f'<th scope="row"><a href="{escape(link)}">{escape(title)}</a></th>'
    return f'<tr data-page="{name}"{part}>{head}<td></td>{counts}</tr>'


def cell(story: list, deeper: list) -> str:
    more = f"<small>{DEEPER} / {len(deeper)}</small>" if deeper else ""
    return f"<td>{f'/ {len(story)}' if story else ''}{more}</td>"


def sheet(app) -> str:
    """빈 표와, 물음들의 JSON."""
    rows, known = [], []
    for name in counted(app.env):
        (asked, deeper), title = asked_on(app.env.get_doctree(name)), app.env.titles[name].astext()
        rows.append(row(name, title, app.builder.get_relative_uri(PAGE, name), asked, deeper))
        every = Asked(*map(list.__add__, asked, deeper))._asdict()
        optional = [one[0] for more in deeper for one in more]
        known.append({"page": name, "title": title, **every, "deeper": optional})
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    return TABLE.format(heads=heads, rows="".join(rows)) + json_block(known)


def fill_context(app, pagename, templatename, context, doctree):
    context["counted"] = pagename in counted(app.env)
    if pagename == PAGE:
        context["body"] = context["body"].replace(PLACE, f'<div id="progress">{sheet(app)}</div>')
        context["page_styles"].append(STYLE)
        context["page_scripts"].append(SCRIPT)


def setup(app):
    app.connect("env-updated", lambda app, env: [PAGE])  # 어느 페이지의 물음이 바뀌었을 수 있습니다
    app.connect("html-page-context", fill_context, priority=600)  # pages가 목록을 만든 뒤에
    return {"parallel_read_safe": True, "parallel_write_safe": True}
