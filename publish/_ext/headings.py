"""레이블 없는 제목에도 오래가는 주소를 줍니다.

한국어 제목은 아스키로 옮길 수 없어 `id1`, `id2` 같은 차례 번호가 주소가 됩니다. 제목을 하나 더하면
뒤의 주소가 모두 밀립니다. 노트북에는 레이블 `(label)=`을 쓰지 않으므로(JupyterLab에 글자로
보입니다) 제목의 텍스트에서 주소를 만듭니다. 제목이 그대로면 주소도 그대로입니다.
"""

import hashlib
import re

from docutils import nodes

NUMBERED = re.compile(r"id\d+")


def lasting_id(title: str, taken: set[str]) -> str:
    """제목의 텍스트로 만든 주소. 한 페이지에 같은 제목이 또 있으면 뒤에 번호를 붙입니다."""
    base = "s-" + hashlib.sha256(title.encode()).hexdigest()[:6]
    names = [base, *(f"{base}-{n}" for n in range(2, 100))]
    return next(name for name in names if name not in taken)


def rename(doctree) -> dict[str, str]:
    """번호 주소를 레이블이나 제목의 텍스트로 바꾸고 {옛 주소: 새 주소}를 돌려줍니다."""
    renamed, taken = {}, set()
    for section in doctree.findall(nodes.section):
        old = [name for name in section["ids"] if NUMBERED.fullmatch(name)]
        kept = [name for name in reversed(section["ids"]) if name not in old]  # 레이블이 맨 앞
        section["ids"] = kept or [lasting_id(section.next_node(nodes.title).astext(), taken)]
        taken.update(section["ids"])
        renamed |= dict.fromkeys(old, section["ids"][0])
    return renamed


def on_doctree_read(app, doctree):
    renamed = rename(doctree)
    slugs = app.env.metadata[app.env.docname].get("myst_slugs", {})
    for slug, (line, name, title) in slugs.items():
        slugs[slug] = (line, renamed.get(name, name), title)


def setup(app):
    # 차례를 모으는 일(우선순위 500)보다 먼저여야 차례도 새 주소를 사용합니다.
    app.connect("doctree-read", on_doctree_read, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
