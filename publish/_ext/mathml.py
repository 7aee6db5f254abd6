"""수식을 책을 빌드할 때 MathML로 바꿉니다. 독자의 페이지에는 수식용 스크립트가 없습니다."""

from xml.etree import ElementTree

from docutils.nodes import SkipNode
from latex2mathml.converter import convert
from sphinx.errors import SphinxError


class MathError(SphinxError):
    category = "수식 오류"


def to_mathml(latex: str, display: str) -> str:
    """LaTeX 식 하나를 `<math>` 요소로 바꿉니다. 읽을 수 없는 식이면 MathError를 냅니다."""
    latex = latex.replace("{aligned}", "{split}")  # 변환기가 아는 같은 환경의 이름
    try:
        math = convert(latex, display=display)
        left_over = [text for text in ElementTree.fromstring(math).itertext() if "\\" in text]
    except Exception as error:  # latex2mathml의 예외에는 공통 조상이 없습니다
        raise MathError(f"수식을 읽을 수 없습니다: {latex!r} ({error})") from error
    if left_over or unbalanced(latex):
        raise MathError(f"수식을 읽을 수 없습니다: {latex!r} {' '.join(left_over)}")
    return math


def unbalanced(latex: str) -> bool:
    """변환기는 짝이 안 맞는 중괄호를 말없이 넘깁니다."""
    braces = latex.replace(r"\{", "").replace(r"\}", "")
    return braces.count("{") != braces.count("}")


def visit_inline(translator, node):
    translator.body.append(to_mathml(node.astext(), "inline"))
    raise SkipNode


def visit_block(translator, node):
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    translator.body.append(to_mathml(node.astext(), "block"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({node["number"]})</span>')
    translator.body.append("</div>\n")
    raise SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
