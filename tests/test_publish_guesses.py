"""접는 자리: 묻는 셀 다음부터 답의 설명까지. 다음 제목과 다음 물음은 접지 않습니다.

물음 다음에는 종이에서 장을 넘기라는 줄(↷)이 있습니다.
"""

import pytest
from docutils import nodes
from docutils.utils import new_document

from ddialab.show.predict import Prediction
from guesses import TURN, fold


def html(text: str) -> nodes.container:
    return nodes.container("", nodes.raw("", text, format="html"))


def ask(key: str) -> nodes.container:
    return html(Prediction(key, "몇 배?")._form())


def tell(key: str) -> nodes.container:
    return html(Prediction(key, "몇 배?")._compared(3, "3배"))


def text(words: str) -> nodes.paragraph:
    return nodes.paragraph("", words)


def section(name: str, *children) -> nodes.section:
    return nodes.section("", nodes.title("", name), *children)


def outline(node) -> list[str]:
    """접은 자리가 [ ]로 보이는 차례."""
    shown = []
    for child in node:
        words = child.astext()
        if isinstance(child, nodes.section):
            shown += outline(child)
        elif "ddialab-answer" in words and "compare" not in words:
            shown.append("[")
        elif words == "</div>":
            shown.append("]")
        elif words == TURN:
            shown.append("↷")
        elif words.startswith('<span id="ask-'):
            shown.append("@")
        elif "ddialab-predict" in words:
            shown.append("물음")
        elif "ddialab-compare" in words:
            shown.append("답")
        else:
            shown.append(words)
    return shown


@pytest.mark.parametrize(
    ("page", "folded"),
    [
        (
            section("실습", ask("a"), text("그림"), tell("a"), text("설명"), section("다음")),
            "실습 @ 물음 ↷ [ 그림 답 설명 ] 다음",
        ),
        (
            section("실습", ask("a"), tell("a"), text("설명"), ask("b"), tell("b")),
            "실습 @ 물음 ↷ [ 답 설명 ] @ 물음 ↷ [ 답 ]",
        ),
        (
            section("실습", ask("a"), section("뒤", text("그림"), tell("a")), text("끝")),
            "실습 @ 물음 ↷ 뒤 [ 그림 답 ] 끝",
        ),
    ],
)  # fmt: skip
def test_what_is_folded(page, folded):
    document = new_document("")
    document += page
    fold(document)
    assert outline(page) == folded.split()
