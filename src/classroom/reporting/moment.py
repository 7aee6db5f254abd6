"""글에 붙인 「이 순간의 링크」: 채점하는 사람이 누르면 학생이 장면에서 본 것을 새 탭에 엽니다.

학생이 쓴 글이므로 책이 만드는 링크의 꼴과 한 글자까지 맞는 것만 링크로 바꾸고, 나머지는 글로
둡니다. 꼴은 책의 재생기(`show/assets/scene/link.js`)와 슬라이더(`ddialab.js`)가 읽는 것과 같습니다.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

MOST = 2000  # 글자. 재생기가 받는 링크의 한계
HERE = "http://127.0.0.1:8000/"  # `make book`의 주소
PAGE = r"(?:(?:labs|chapters(?:/[\w-]{1,60})?)/)?[\w-]{1,60}\.html"
SCENE = (
    r"scene=[a-z][a-z0-9-]{0,39}&seed=\d{1,9}&at=[\d,]{0,64}&a=[\w.,-]*"
    r"&t=\d{1,7}(?:\.\d{1,3})?&m=(?:[0-9a-f]{8}|book)"
)
FIGURE = r"figure=\d{1,3}&at=[\d,]{1,24}&m=[0-9a-f]{8}"
WEB = r"https?://[\w.-]+(?::\d+)?/[\w%.~/-]{0,1000}?"
# 학생의 컴퓨터에 있는 책. 윈도에서는 드라이브(C:)가 앞에 오고, 두 번 푼 폴더에는 (1)이 붙습니다
OWN = r"file:///(?:[A-Za-z]:/)?[\w%.~/()+,&@=-]{0,1000}?|http://(?:127\.0\.0\.1|localhost):\d+/"
LINK = re.compile(
    rf"(?P<link>(?:(?P<own>{OWN})|{WEB})(?P<moment>{PAGE}#(?:{SCENE}|{FIGURE})))(?![\w&=])",
    re.ASCII,
)
# 마크다운의 글에서는 [글](주소)와 <주소>도 링크 하나입니다. 속성과 코드 안의 것은 그대로 둡니다
WORDS = r"\[(?P<words>[^\[\]<>`\n]{1,200})\]\("
IN_MARKDOWN = re.compile(
    rf"(?<![\"'=`\w])(?:{WORDS}|(?P<angle><))?{LINK.pattern}(?(words)\))(?(angle)>)", re.ASCII
)


def linked(text: str) -> Markup:
    """``text``를 HTML로. 장면과 그림의 링크만 누를 수 있고, 그 밖의 글자는 그대로 보입니다."""
    made, end = Markup(), 0
    for found in LINK.finditer(text):
        made += escape(text[end : found.start()]) + _anchor(found)
        end = found.end()
    return made + escape(text[end:])


def open_apart(notebook, resources):
    """formgrader가 그릴 노트북(nbconvert의 전처리기): 글의 링크를 `linked`처럼 새 탭에 엽니다.

    스크립트를 지운 다음이 아니라 앞에 불러야 합니다. 여기서 만드는 것도 함께 살펴보게 합니다.
    """
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = IN_MARKDOWN.sub(_in_markdown, cell.source)
    return notebook, resources


def _in_markdown(found: re.Match) -> str:
    return str(_anchor(found, found["words"]))


def _anchor(found: re.Match, words: str | None = None) -> Markup:
    """링크 하나. 너무 길면 글자 그대로.

    제 컴퓨터에서 연 책의 링크는 채점하는 사람에게 없는 곳을 가리킵니다. 그래서 이 컴퓨터의
    책(`make book`)에서 같은 순간을 엽니다.
    """
    link = found["link"]
    if len(link) > MOST:
        return escape(found[0])
    address = HERE + found["moment"] if found["own"] else link
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(
        address, words or link
    )
