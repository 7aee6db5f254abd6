"""셀은 다시 실행할 수 있습니다: 모든 셀을 잇달아 두 번씩 실행해도 끝까지 가고 주장이 성립합니다."""

import copy
from pathlib import Path

import nbformat
import pytest

import execute

LABS = sorted((execute.ROOT / "labs").glob("*.ipynb"))


def doubled(path: Path) -> nbformat.NotebookNode:
    """코드 셀마다 같은 셀을 바로 뒤에 하나 더 둔 실습."""
    notebook = execute.read(path)
    cells = []
    for cell in notebook.cells:
        again = copy.deepcopy(cell)
        again.id = f"{cell.id}-again"
        cells += [cell, again] if cell.cell_type == "code" else [cell]
    notebook.cells = cells
    return notebook


@pytest.mark.proof(only=True)
@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_every_cell_can_be_run_twice(path, tmp_path, tally):
    """실습의 모든 셀을 두 번씩 실행합니다"""
    lab = tmp_path / path.name
    (tmp_path / "recorded").symlink_to(path.parent / "recorded")
    nbformat.write(doubled(path), lab)
    done = execute.execute(lab, execute.kernel_env(DDIALAB_REPLAY="1"))
    tally.tried += len(execute.code_cells(done))
