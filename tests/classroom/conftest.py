"""작은 과제 하나와 그 제출을 만드는 도구."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from tests.classroom.tiny import ANSWERS, ASSIGNMENTS, NAME, put_source, tiny_notebook

from classroom.assignment import Assignment
from classroom.course import Course
from classroom.marking import fingerprint


@pytest.fixture
def course(tmp_path) -> Course:
    """작은 과제 하나가 든 강좌."""
    folder = tmp_path / "assignments"
    put_source(folder, tiny_notebook())
    shutil.copy(ASSIGNMENTS / "nbgrader_config.py", folder)
    return Course(folder, tmp_path / "_build")


@pytest.fixture
def edit(tmp_path, monkeypatch):
    """``edit(파일 이름들)``이 베껴 둔 두 패키지의 코드를 고칩니다. 지문은 그것에서 나옵니다."""
    home = tmp_path / "src"
    for path in fingerprint.HOME.rglob("*.py"):
        copy = home / path.relative_to(fingerprint.HOME)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    monkeypatch.setattr(fingerprint, "HOME", home)

    def edit(pattern: str) -> None:
        paths = list(home.glob(pattern))
        assert paths, pattern
        for path in paths:
            path.write_text(path.read_text("utf-8") + "\n# 고쳤습니다\n", "utf-8")

    return edit


@pytest.fixture
def submit(course, tmp_path):
    """``submit(학번, {답 셀: 코드})``가 제출을 놓고 제출 폴더를 돌려줍니다. 빠진 답은 모범 답안."""

    def put(student: str, cells: dict[str, str] | None = None) -> Path:
        assignment = Assignment.load(course.folder, NAME)
        path = tmp_path / "submissions" / student / NAME / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(assignment.answered(ANSWERS | (cells or {})), path)
        return tmp_path / "submissions"

    return put
