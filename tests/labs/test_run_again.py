"""셀은 다시 실행할 수 있습니다: 도중에 중단한 뒤에도, 끝까지 실행한 뒤에도."""

from __future__ import annotations

import ast

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

import execute
import hands

LABS = sorted((execute.ROOT / "labs").glob("*.ipynb"))
DEEP = 20  # 가운데 문장부터 함수를 몇 번 부른 자리에서 중단할지

# 부른 수로 자리를 정합니다. 시계로 정하면 컴퓨터가 바쁠 때 다른 자리에서 중단합니다.
# 남의 모듈 안에서는 세지 않습니다. import하다 만 남의 모듈은 커널을 다시 시작해야 낫습니다.
# find_spec은 책의 것이어도 남의 모듈을 import하는 도중에 불립니다(typeface, editable 설치)
INTERRUPT = """
import sys

def interrupt_after(calls):
    def see(frame, event, arg):
        nonlocal calls
        name = frame.f_code.co_filename
        ours = "ddialab" in name or "ipykernel_" in name
        calls -= ours and frame.f_code.co_name != "find_spec"
        if calls == 0:
            sys.settrace(None)
            raise KeyboardInterrupt
    sys.settrace(see)
"""


def halfway(cell: NotebookNode) -> NotebookNode:
    """``cell``을 가운데 문장 언저리에서 중단합니다. 부르는 함수가 모자라면 끝까지 갑니다."""
    body, lines = ast.parse(cell.source).body, cell.source.splitlines()
    middle = body[len(body) // 2]
    first = min(node.lineno for node in [middle, *getattr(middle, "decorator_list", [])])
    lines.insert(first - 1, f"interrupt_after({DEEP})")
    changed = new_code_cell("\n".join([*lines, "sys.settrace(None)"]))
    changed.metadata["tags"] = ["raises-exception"]
    return changed


def interrupted(cell: NotebookNode) -> bool:
    return any(o.get("ename") == "KeyboardInterrupt" for o in cell.outputs)


@pytest.mark.proof(only=True)
@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_every_cell_can_be_run_again(path, tally):
    """실습의 모든 셀을 도중에 중단한 다음, 잇달아 두 번 실행합니다"""
    with hands.opened(path, live=False) as reader:
        reader.run(INTERRUPT)
        stopped = 0
        for cell in reader.code:
            broken_off = halfway(cell)
            reader.execute([broken_off, cell, cell])
            stopped += interrupted(broken_off)
            tally.tried += 1
    assert stopped > 0.4 * len(reader.code), "많은 셀이 정말로 중단되었습니다"
