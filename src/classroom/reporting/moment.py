"""글에 붙인 「이 순간의 링크」: 학생이 장면에서 본 것을 채점하는 사람이 누르면 엽니다.

학생이 쓴 글이므로 책이 만드는 링크의 꼴과 한 글자까지 맞는 것만 링크로 바꾸고, 나머지는 글로
둡니다. 꼴은 책의 재생기(`show/assets/scene/link.js`)와 슬라이더(`ddialab.js`)가 읽는 것과 같습니다.
"""

import re

from markupsafe import Markup, escape

MOST = 2000  # 글자. 재생기가 받는 링크의 한계
HERE = "http://127.0.0.1:8000/"  # `make book`의 주소
PAGE = r"(?:(?:labs|chapters(?:/[\w-]+)?)/)?[\w-]+\.html"
SCENE = r"scene=[a-z][a-z0-9-]{0,39}&seed=\d{1,9}&at=[\d,]{0,64}&a=[\w.,-]*&t=\d{1,7}&m=[0-9a-f]{8}"
FIGURE = r"figure=\d{1,3}&at=[\d,]{1,24}&m=[0-9a-f]{8}"
LINK = re.compile(
    rf"(?P<place>https?://[\w.-]+(?::\d+)?/|file:///)(?P<folders>[\w%.~/-]*?)"
    rf"(?P<moment>{PAGE}#(?:{SCENE}|{FIGURE}))(?![\w&=])",
    re.ASCII,
)


def linked(text: str) -> Markup:
    """``text``를 HTML로. 장면과 그림의 링크만 누를 수 있고, 그 밖의 글자는 그대로 보입니다.

    제 컴퓨터의 파일로 연 책에서 복사한 링크는 채점하는 사람에게 없는 곳을 가리킵니다. 그래서
    이 컴퓨터의 책(`make book`)에서 같은 순간을 엽니다.
    """
    made, end = Markup(), 0
    for found in LINK.finditer(text):
        if len(found[0]) > MOST:
            continue
        here = found["place"] == "file:///"
        address = HERE + found["moment"] if here else found[0]
        made += escape(text[end : found.start()])
        made += Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, found[0])
        end = found.end()
    return made + escape(text[end:])
