"""장면이나 겨루기가 있는 페이지에 시동기를 달고, 모델과 MicroPython을 `_static/live/`에 놓습니다.

시동기(`connect.js`)는 작습니다. 나머지는 독자가 장면에 처음 손댈 때 받습니다. 장면이 첫 절보다
뒤에 있으면 재생기와 시동기도 장면이 다가올 때 받습니다(`nearby.js`). 겨루기의 편집기는 시동기가
독자가 다가올 때 받습니다.
"""

import sys
from pathlib import Path

PUBLISH = Path(__file__).parents[1]
sys.path.insert(0, str(PUBLISH))

from live import files  # noqa: E402  publish는 Sphinx가 모르는 폴더입니다

SCENE, TRIAL, STARTER = "ddialab-scene", "ddialab-trial", "_static/live/connect.js"
PLAYER, NEARBY = "_static/scene.js", "_static/nearby.js"


def add_starter(app, pagename, templatename, context, doctree):
    body = context.get("body", "")
    scripts = context.get("page_scripts", [])
    if TRIAL not in body and "<h2" in body.partition(SCENE)[0] and PLAYER in scripts:
        scripts[scripts.index(PLAYER)] = NEARBY
    elif TRIAL in body or SCENE in body:
        scripts.insert(0, STARTER)


def write_files(app, exception):
    if not exception and app.builder.format == "html":
        files.write(Path(app.outdir, "_static/live"))


def setup(app):
    app.connect("html-page-context", add_starter, priority=600)  # pages가 목록을 만든 뒤에
    app.connect("build-finished", write_files)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
