"""수업에서 나눠 주는 것: 학생이 설치할 휠을 책 옆에 두고, 학생의 페이지에서 과제를 엽니다.

휠은 책을 빌드할 때마다 새로 만듭니다. 그래서 배포본의 첫 셀에 적힌 주소에는 언제나 이 책의 것이
있고, 브라우저 실습실의 것과 같은 코드입니다.
"""

import sys
from pathlib import Path

PUBLISH = Path(__file__).parents[1]
sys.path.insert(0, str(PUBLISH))

import package  # noqa: E402  publish는 Sphinx가 모르는 폴더입니다
from classroom.handout import DOWNLOADS, wheel_name  # noqa: E402
from lite.handouts import released  # noqa: E402
from playground import SITE  # noqa: E402

PAGE = "chapters/classroom/student"


def fill_context(app, pagename, templatename, context, doctree):
    if pagename == PAGE:
        context["wheel"] = f"{DOWNLOADS}/{wheel_name()}"
        context["assignments"] = released(SITE) if app.config.playground_mb else {}


def ship_wheel(app, exception):
    if not exception and app.builder.format == "html":
        package.make(Path(app.outdir, DOWNLOADS))


def setup(app):
    app.connect("html-page-context", fill_context)
    app.connect("build-finished", ship_wheel)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
