"""셀의 차례: 앞의 셀을 건너뛰면, 스택 트레이스 대신 먼저 실행할 셀을 알려 줍니다.

노트북의 파일은 JupyterLab이 커널에 알려 준 자리(``JPY_SESSION_NAME``)에 있습니다. 없거나 읽을 수
없으면, 또는 어느 셀도 만들지 않는 이름이면 여느 NameError입니다.
"""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Iterator
from pathlib import Path

from ddialab.core.errors import LabError


class NotYet(LabError, NameError):
    """앞의 셀이 만드는 이름을, 그 셀을 실행하기 전에 사용했습니다."""


def guide(shell) -> None:
    """``shell``(IPython)이 모르는 이름을 만나면 그것을 만드는 셀을 알려 주게 합니다."""
    shell.set_custom_exc((NameError,), _answer)


def maker(name: str, cells: list[str]) -> NotYet | None:
    """코드 셀들의 소스 ``cells`` 가운데 ``name``을 만드는 첫 셀을 말하는 오류."""
    for number, source in enumerate(cells, 1):
        if name in set(_made(source)):
            first = next(line for line in source.splitlines() if line.strip())
            return NotYet(
                f"{name}: 아직 만들지 않은 이름입니다.",
                f"코드 셀 {number}번이 만듭니다. 그 셀의 첫 줄: {first.strip()}",
                "맨 위의 셀부터 차례로 실행한 다음 이 셀을 다시 실행하세요.",
            )
    return None


def _answer(shell, kind, error, traceback, tb_offset=None) -> list[str]:
    told = maker(error.name, _cells()) if kind is NameError and error.name else None
    lines = (
        told._render_traceback_()
        if told
        else shell.InteractiveTB.structured_traceback(kind, error, traceback, tb_offset=tb_offset)
    )
    shell._showtraceback(kind, error, lines)
    return lines


def _cells() -> list[str]:
    try:
        found = json.loads(Path(os.environ["JPY_SESSION_NAME"]).read_text("utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in found if cell["cell_type"] == "code"]
    except (KeyError, OSError, ValueError, TypeError):
        return []


def _made(source: str) -> Iterator[str]:
    """셀이 맨 바깥에 남기는 이름들."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
            continue
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id
            if isinstance(part, ast.alias):
                yield (part.asname or part.name).partition(".")[0]
