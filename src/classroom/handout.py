"""나눠 주기: 배포본의 맨 앞에, 패키지가 없으면 무엇을 설치할지 알려 주는 셀을 넣습니다.

학생은 배포본을 VS Code나 Colab처럼 이 패키지가 없는 곳에서도 엽니다. 어디에서 받을지는 나눠 줄 때
정해지므로 이 셀은 과제의 것이 아닙니다. 낸 노트북에 있어도 없는 것으로 보고 채점합니다.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from importlib.metadata import version

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from ddialab.core.errors import InvalidValue

DOWNLOADS = "download"  # 책의 주소 아래, 휠을 두는 폴더
ADDRESS = re.compile(r"https?://[^\s/?#]+(/[^\s?#]*)?")
BEFORE, AFTER = (
    """\
# 준비: ddialab 패키지가 있는지 봅니다. 없으면 무엇을 설치할지 알려 줍니다.
try:
    import ddialab
except ImportError:

    class NotInstalled(Exception):
        def _render_traceback_(self):
            return [str(self)]

    raise NotInstalled(""",
    ") from None",
)


def wheel_name() -> str:
    """학생이 설치할 휠의 파일 이름.

    코드를 고쳐도 그대로입니다. 이미 나눠 준 배포본에 적힌 주소가 끊기지 않아야 하기 때문입니다.
    """
    return f"ddialab-{version('ddialab')}-py3-none-any.whl"


def how_to_install(site: str = "") -> str:
    """패키지가 없을 때 할 일 한 줄. ``site``는 책의 주소이고, 비었으면 강사가 준 휠을 말합니다.

    주소의 꼴이 아니면 `InvalidValue`.
    """
    if site and not ADDRESS.fullmatch(site):
        raise InvalidValue(
            f"SITE_URL={site!r}: 책의 주소가 아닙니다.",
            "http:// 나 https:// 로 시작해야 합니다.",
            "예: make release SITE_URL=https://example.org/book (없으면 SITE_URL을 지우세요)",
        )
    wheel, before = wheel_name(), ""
    if site:
        wheel = f"{site.rstrip('/')}/{DOWNLOADS}/{wheel}"
    else:
        before = f"강사가 나눠 준 {wheel} 파일을 이 노트북과 같은 폴더에 두고, "
    return (
        f"ddialab 패키지가 없습니다. {before}새 셀에 다음 줄을 넣어 실행한 뒤 이 셀부터 다시 "
        f"실행하세요: %pip install {wheel}"
    )


def with_setup(released: NotebookNode, site: str = "") -> NotebookNode:
    """맨 앞에 준비 셀을 넣은 배포본. ``site``는 `how_to_install`과 같습니다."""
    handed = deepcopy(released)
    source = BEFORE + json.dumps(how_to_install(site), ensure_ascii=False) + AFTER
    handed.cells.insert(0, new_code_cell(source, id="setup"))
    return handed


def is_setup(source: str) -> bool:
    """준비 셀인가. 표식이 지워졌어도 알아보게 내용을 봅니다."""
    return source.startswith(BEFORE) and source.rstrip().endswith(AFTER)
