"""주장: 실습의 `assert`는 저장된 설정에서 늘 성립합니다. 독자가 설정을 바꾸면 아닐 수 있습니다.

사람이 앞에 앉은 Jupyter에서는 `assert`가 성립하지 않아도 멈추지 않습니다. 성립하지 않는다고 한
문장으로 말하고 다음으로 갑니다. 테스트와 `make labs`에서는 여느 `assert`와 같이 오류입니다.
"""

from __future__ import annotations

import ast

TELL = ast.parse("__import__('ddialab.show.claims', fromlist=['tell']).tell").body[0].value


class Claims(ast.NodeTransformer):
    """``assert 조건, 까닭``을 ``if not 조건: tell(까닭)``으로. 까닭이 없으면 조건을 보여 줍니다."""

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        claim = node.msg or ast.Constant(ast.unparse(node.test))
        told = ast.Expr(ast.Call(TELL, [claim], []))
        found = ast.If(ast.UnaryOp(ast.Not(), node.test), [told], [])
        return ast.fix_missing_locations(ast.copy_location(found, node))


def tell(claim: object) -> None:
    """성립하지 않은 주장을 한 문장으로 말합니다."""
    print(f"지금 설정에서는 성립하지 않습니다: {claim}")


def soften(shell) -> None:
    """``shell``(IPython)이 앞으로 실행할 셀의 주장을 누그러뜨립니다. 여러 번 불러도 됩니다."""
    if not any(isinstance(one, Claims) for one in shell.ast_transformers):
        shell.ast_transformers.append(Claims())
