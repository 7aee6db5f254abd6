"""저장된 노트북이 위에서 아래로 한 번에 실행한 기록인지, 커널 없이 봅니다."""

from __future__ import annotations

from collections.abc import Iterator

from nbformat import NotebookNode
from nbval.plugin import find_comment_markers

from execute import Failure, results


def problems(nb: NotebookNode, where: str) -> list[str]:
    """노트북을 돌려보낼 까닭들. 없으면 빈 목록."""
    found = []
    expected = 1
    for number, cell in enumerate(nb.cells, 1):
        if cell.cell_type == "code" and cell.source.strip():
            found += [f"{number}번째 셀: {reason}" for reason in _cell_problems(cell, expected)]
            expected += 1
    try:
        results(nb, where)
    except Failure as failure:
        found.append(str(failure))
    return found


def _cell_problems(cell: NotebookNode, expected: int) -> Iterator[str]:
    tags = cell.metadata.get("tags", [])
    if cell.execution_count is None:
        yield "실행하지 않은 채 저장했습니다. make labs로 다시 실행하세요."
    elif cell.execution_count != expected:
        yield (
            f"실행 번호가 {cell.execution_count}인데 차례대로면 {expected}입니다."
            " make labs로 위에서 아래로 다시 실행하세요."
        )
    if "nbval-skip" in tags:
        yield "nbval-skip은 쓸 수 없습니다. 출력만 달라지는 셀이면 nbval-ignore-output을 쓰세요."
    if any(find_comment_markers(cell.source)):
        yield "테스트를 바꾸는 표시는 주석이 아니라 셀의 태그로 답니다."
    if "execution" in cell.metadata:
        yield "실행 시각이 남아 있습니다. make labs로 저장하세요."
    promised, failed = (
        "raises-exception" in tags,
        any(output.output_type == "error" for output in cell.outputs),
    )
    if promised and not failed:
        yield "raises-exception 태그가 있는데 저장된 오류 출력이 없습니다."
