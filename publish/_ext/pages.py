"""페이지마다 필요한 것만 싣습니다: 설명, 스크립트, 첫 페이지, 한 장짜리 스타일시트."""

import posixpath
import re
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

from docutils import nodes
from pygments.formatters import HtmlFormatter
from sphinx.util.osutil import copyfile

from ddialab.show import player
from ddialab.show.face import asset

PUBLISH = Path(__file__).parents[1]
ASSETS = PUBLISH.parent / "src/ddialab/show/assets"
LIGHT, DARK = "a11y-high-contrast-light", "github-dark-high-contrast"
DESCRIPTION_LENGTH = 150
LISTING = re.compile(r'<div class="highlight"(?=><pre\b[^>]*>(.*?)</pre>)', re.S)
# 페이지에 이 글자들이 있을 때에만 싣는 스타일시트와 스크립트
SCENE, SCENE_STYLE = "ddialab-scene", "_static/scene.css"
SCRIPTS = {'class="ddialab': "_static/ddialab.js", SCENE: "_static/scene.js"}


def describe(doctree) -> str:
    """페이지의 첫 문장들. 찾기 결과와 공유 카드에 나옵니다.

    굵은 글씨뿐인 줄(실습의 「마치면 할 수 있는 일」)은 제목이므로 그 아래의 목록을 사용합니다.
    """
    texts = [
        paragraph.astext()
        for paragraph in (doctree.findall(nodes.paragraph) if doctree else ())
        if isinstance(paragraph.parent, (nodes.section, nodes.document, nodes.list_item))
        and paragraph.astext() != "".join(bold.astext() for bold in paragraph.findall(nodes.strong))
    ]
    return textwrap.shorten(texts[0], DESCRIPTION_LENGTH, placeholder=" …") if texts else ""


def count_lines(body: str) -> str:
    """코드마다 줄 수를 넣습니다. 화면에서 먼 코드는 그리지 않고 그만큼 자리만 잡습니다."""

    def count(found):
        code = re.sub("<[^>]*>", "", found[1]).removesuffix("\n")
        return f'{found[0]} style="--lines:{code.count(chr(10)) + 1}"'

    return LISTING.sub(count, body)


def fill_context(app, pagename, templatename, context, doctree):
    source = context.get("sourcename", "")
    context["description"] = describe(doctree)
    context["notebook"] = Path(source).name if source.endswith(".ipynb") else ""
    context["body"] = body = count_lines(context.get("body", ""))
    context["page_styles"] = [SCENE_STYLE] if SCENE in body else []
    context["page_scripts"] = [name for mark, name in SCRIPTS.items() if mark in body]


def highlight_css() -> str:
    """코드 색 두 벌. 바탕색은 책의 것을 사용하고, 어두운 것은 화면에서만 사용합니다."""

    def rules(style: str, prefix: str) -> str:
        formatter = HtmlFormatter(style=style, nobackground=True)
        return "\n".join(formatter.get_token_style_defs(prefix))

    dark = rules(DARK, '[data-theme="dark"] .highlight')
    return f"{rules(LIGHT, '.highlight')}\n@media screen {{\n{dark}\n}}"


def stylesheet() -> str:
    own = sorted((PUBLISH / "theme/css").glob("*.css"))
    parts = [path.read_text("utf-8") for path in [*own, ASSETS / "ddialab.css"]]
    return without_remarks("\n".join([*parts, highlight_css()]))


def without_remarks(style: str) -> str:
    return re.sub(r"/\*.*?\*/\s*", "", style, flags=re.S)


def without_comments(script: str) -> str:
    """``script``에서 한 줄을 다 쓰는 주석을 뺍니다. 독자가 받는 것을 줄입니다."""
    return re.sub(r"^\s*//.*\n", "", script, flags=re.M)


def rebase(html: str, folder: str) -> str:
    """`folder` 안의 페이지를 맨 위로 옮길 때 상대 주소를 고칩니다."""

    def fix(match):
        url = match[2]
        if urlsplit(url).scheme or url.startswith(("#", "/")):
            return match[0]
        path = posixpath.normpath(posixpath.join(folder, url))
        return f'{match[1]}="{path}"'

    html = html.replace('data-content_root="../"', 'data-content_root="./"')
    return re.sub(r'\b(href|src|action)="([^"]*)"', fix, html)


def finish(app, exception):
    if exception or app.builder.format != "html":
        return
    out = Path(app.outdir)
    (out / "_static/book.css").write_text(stylesheet(), "utf-8")
    for name in ("scene.css", "trial.css"):
        (out / "_static" / name).write_text(without_remarks(asset(name)), "utf-8")
    (out / "_static/ddialab.js").write_text(asset("guess.js") + asset("ddialab.js"), "utf-8")
    (out / "_static/scene.js").write_text(player.script(), "utf-8")
    (out / "_static/trial.js").write_text(without_comments(asset("trial.js")), "utf-8")
    # Sphinx는 본문이 그대로면 테마의 파일이 바뀌어도 옮기지 않습니다.
    for part in (PUBLISH / "theme/static").iterdir():
        copyfile(part, out / "_static" / part.name)
    for part in (PUBLISH / "theme/static").glob("*.js"):
        (out / "_static" / part.name).write_text(without_comments(part.read_text("utf-8")), "utf-8")
    root = Path(app.config.root_doc)
    front = (out / root).with_suffix(".html").read_text("utf-8")
    (out / "index.html").write_text(rebase(front, root.parent.as_posix()), "utf-8")


def setup(app):
    app.add_config_value("comments_config", {}, "")  # Jupyter Book이 늘 넘기지만 사용하지 않는 값
    app.connect("html-page-context", fill_context)
    app.connect("build-finished", finish)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
