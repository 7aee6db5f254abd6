"""실습의 출력에서 노트북만 사용하는 것을 떼어 내고, 노트북에서만 맞는 말을 책의 말로 바꿉니다.

JupyterLab이 믿지 않는 노트북에서 보일 그림의 사본(show/face.py의 `still`)과 노트북의 모양은 책에서
사용하지 않으면서 페이지를 무겁게 합니다.
"""

import re

from pages import ASSETS

COPY = re.compile(r"<img class=\"ddialab-copy\" alt=\"[^\"]*\" src='data:image/svg\+xml,[^']*'>")
HIDDEN = re.compile(r'(<div class="ddialab-scroll"[^>]*?) hidden="hidden"')

# 책에는 실행할 셀이 없습니다. 스크립트가 돌면 ddialab.js가 이 문장을 지웁니다.
RUN_THIS = "이 셀을 실행하면 슬라이더가 나타납니다."
TURN_ON = "스크립트를 켜면 슬라이더가 나타납니다."


def notebook_styles() -> list[str]:
    """출력마다 되풀이되는 `<style>` 가운데 노트북의 것. 책의 것은 스타일시트 한 장에 있습니다."""
    names = ("notebook.css", "source.css")
    return [f"<style>{(ASSETS / name).read_text('utf-8').strip()}</style>" for name in names]


def for_the_book(body: str) -> str:
    """노트북의 출력이 든 본문 ``body``를 책에 맞춥니다. 숨겨 둔 그림을 사본 대신 보입니다."""
    for style in notebook_styles():
        body = body.replace(style, "")
    return HIDDEN.sub(r"\1", COPY.sub("", body)).replace(RUN_THIS, TURN_ON)


def lighten(app, pagename, templatename, context, doctree):
    if "body" in context:
        context["body"] = for_the_book(context["body"])


def setup(app):
    app.connect("html-page-context", lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
