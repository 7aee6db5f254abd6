"""장면을 페이지에 놓습니다: 실습에서는 코드보다 먼저, 노트북이 아닌 페이지에는 `scene` 지시어로.

    ```{scene} hardware_faults.scenes:INCIDENT
    :title: 서버 하나가 죽습니다
    :alt: 대체 텍스트
    :caption: 설명
    :script: 4000 kill n1; 12000 repair n1
    ```

이름은 `ddialab.experiments`의 모듈과, 거기에 든 `Scene`입니다. 같은 페이지에 놓인 장면의 한
순간(초)으로 가는 링크는 이렇게 놓습니다.

    ```{moment} hardware_faults.scenes:INCIDENT 8.5
    링크의 글
    ```

저장된 장면은 첫 그림에 필요한 것만 페이지에 남기고, 나머지는 독자가 손댈 때 받을 파일로 옮깁니다.
"""

import importlib
import json
import re
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective

from ddialab.show.moment import static_link
from ddialab.show.scene import static_face


def _line(text: str) -> tuple[int, str, str]:
    """대본의 한 줄: 밀리초, 행동, 대상."""
    ms, name, target = text.split()
    return int(ms), name, target


def _named(text: str):
    """`모듈:이름`이 가리키는 장면."""
    module, name = text.split(":")
    return getattr(importlib.import_module(f"ddialab.experiments.{module}"), name)


class Scene(SphinxDirective):
    required_arguments = 1
    option_spec = {  # noqa: RUF012  Sphinx가 읽는 이름입니다
        "title": directives.unchanged_required,
        "alt": directives.unchanged_required,
        "caption": directives.unchanged,
        "script": lambda text: list(map(_line, text.split(";"))),
    }

    def run(self) -> list[nodes.Node]:
        face = static_face(_named(self.arguments[0]), **self.options)
        return [nodes.raw("", face, format="html")]


class Moment(SphinxDirective):
    required_arguments = 2
    has_content = True

    def run(self) -> list[nodes.Node]:
        name, seconds = self.arguments
        link = static_link(_named(name), " ".join(self.content), float(seconds))
        return [nodes.raw("", link, format="html")]


def holds_scene(raw: nodes.raw) -> bool:
    return "ddialab-scene" in raw.astext()


def play_first(app, doctree, docname) -> None:
    """장면을 낸 셀에서는 접어 둔 코드를 장면의 뒤로 보냅니다. 만지는 것이 먼저입니다."""
    for cell in doctree.findall(nodes.container):
        if "cell" in cell["classes"] and any(map(holds_scene, cell.findall(nodes.raw))):
            cell.children.sort(key=lambda part: "cell_output" not in part["classes"])


STORED = re.compile(
    r'(<figure class="ddialab ddialab-scene">.*?<script type="application/json">)(.*?)(</script>)',
    re.S,
)
SAVED = "scenes/{scene}-{digest}.js"  # _static 아래


def put_aside(told: dict) -> str:
    """``told``에서 첫 그림 뒤의 변화들을 빼고, 그것을 내놓을 스크립트를 돌려줍니다."""
    changes = told["saved"].pop("changes")
    told["saved"]["changes"] = [change for change in changes if change[0] == 0]
    rest = [change for change in changes if change[0] > 0]
    name = f"{told['scene']}-{told['digest']}"
    packed = json.dumps(rest, ensure_ascii=False, separators=(",", ":"))
    return f'(globalThis.ddialabSaved ??= {{}})["{name}"] = {packed};\n'


def lighten(app, pagename, templatename, context, doctree) -> None:
    """페이지에 든 장면마다 나머지를 파일로 옮기고, 어느 파일인지 적어 둡니다."""

    def move(found: re.Match) -> str:
        told = json.loads(found[2])
        told["saved"]["rest"] = SAVED.format(**told)
        path = Path(app.outdir, "_static", told["saved"]["rest"])
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(put_aside(told), "utf-8")
        packed = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        return found[1] + packed.replace("<", "\\u003c") + found[3]

    if "body" in context:
        context["body"] = STORED.sub(move, context["body"])


def setup(app):
    app.add_directive("scene", Scene)
    app.add_directive("moment", Moment)
    app.connect("html-page-context", lighten)
    app.connect("doctree-resolved", play_first)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
