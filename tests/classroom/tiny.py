"""작은 과제: 기준 둘과 글 하나. 과제의 내용이 아니라 채점의 길을 테스트할 때 씁니다."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbformat import v4

ASSIGNMENTS = Path(__file__).resolve().parents[2] / "assignments"
NAME = "t1-tiny"

DOUBLE = """\
# 기준: 두 배로 만들기
assert double(2) == 4, "2를 넣으면 4여야 합니다"
### BEGIN HIDDEN TESTS
assert double(-3) == -6, "음수도 두 배로 만들어야 합니다"
### END HIDDEN TESTS
"""
ORDER = """\
# 기준: 원래 목록은 그대로 두기
given = [3, 1, 2]
assert ordered(given) == [1, 2, 3], "작은 것부터 늘어놓아야 합니다"
### BEGIN HIDDEN TESTS
assert given == [3, 1, 2], "받은 목록을 바꾸면 안 됩니다"
### END HIDDEN TESTS
"""
ANSWERS = {
    "answer-double": "def double(x):\n    return 2 * x\n",
    "answer-order": "def ordered(items):\n    return sorted(items)\n",
    "written-why": "부르는 쪽이 목록을 다시 쓸 수 있기 때문입니다.",
}


def locked(id: str, source: str, **nbgrader):
    cell = v4.new_code_cell(source, id=id)
    flags = {"grade": False, "solution": False, "locked": True, "schema_version": 3}
    cell.metadata["nbgrader"] = flags | {"grade_id": id, "cell_type": "code"} | nbgrader
    return cell


def answer(id: str, head: str, body: str):
    source = f"{head}\n    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION"
    return locked(id, source, solution=True, locked=False)


def tiny_notebook(points: float = 10) -> nbformat.NotebookNode:
    """기준 둘과 글 하나, 모두 스무 점과 다섯 점."""
    id_cell = v4.new_code_cell('student_id = "2026-0000"', id="student-id")
    id_cell.metadata["tags"] = ["student-id"]
    written = v4.new_markdown_cell(ANSWERS["written-why"], id="written-why")
    written.metadata["nbgrader"] = {
        "grade": True, "solution": True, "locked": False, "points": 5.0,
        "grade_id": "written-why", "cell_type": "markdown", "schema_version": 3,
    }  # fmt: skip
    cells = [
        v4.new_markdown_cell("# 작은 과제", id="title"),
        id_cell,
        locked("given-data", "import zlib\nseed = zlib.crc32(student_id.encode())"),
        answer("answer-double", "def double(x):", "return 2 * x"),
        locked("criterion-double", DOUBLE, grade=True, points=points),
        answer("answer-order", "def ordered(items):", "return sorted(items)"),
        locked("criterion-order", ORDER, grade=True, points=10.0),
        written,
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def put_source(folder: Path, notebook: nbformat.NotebookNode, name: str = NAME) -> None:
    path = folder / "source" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
