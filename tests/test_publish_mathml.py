"""수식이 브라우저가 읽는 MathML이 되는지 봅니다."""

from xml.etree import ElementTree

import pytest

from mathml import MathError, to_mathml

FORMULAS = [
    r"1-(1-p)^n",
    r"\text{가용성} = \frac{\text{MTTF}}{\text{MTTF}+\text{MTTR}}",
    r"\begin{aligned} a &= 1 \\ b &\approx 0.63 \end{aligned}",
    r"\sum_{k=0}^{n} \binom{n}{k} p^k (1-p)^{n-k}",
    r"P(X \ge 1) = 1 - e^{-\lambda t}",
]


@pytest.mark.parametrize("latex", FORMULAS)
def test_result_is_well_formed(latex):
    root = ElementTree.fromstring(to_mathml(latex, "block"))
    assert root.tag.endswith("math")
    assert root.get("display") == "block"


def test_korean_stays_text():
    assert "<mtext>가용성</mtext>" in to_mathml(r"\text{가용성}", "inline")


def test_aligned_lines_become_rows():
    assert to_mathml(FORMULAS[2], "block").count("<mtr>") == 2


@pytest.mark.parametrize("latex", [r"\frac{1", r"a &= b", r"\unknowncommand{x}"])
def test_unreadable_formula_is_named(latex):
    with pytest.raises(MathError, match="수식을 읽을 수 없습니다"):
        to_mathml(latex, "block")
