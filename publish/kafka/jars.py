"""Kafka의 jar: 받아서, 실습이 찾는 폴더 하나(`libs`)에 모읍니다."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ddialab.core.workspace import Workspace
from jvm.jars import Jars, gathered

JARS = Jars("Kafka", Path(__file__).parent, size=45)


def fetch(cache: Path) -> Path:
    """고정한 jar만 든 폴더. 다 있으면 네트워크도 Maven도 안 씁니다."""
    libs = cache / "libs"
    with gathered(JARS, cache) as paths:
        if not _holds(libs, paths):
            shutil.rmtree(libs, ignore_errors=True)
            with Workspace(cache) as workspace:
                draft = workspace.folder / "libs"
                draft.mkdir()
                for path in paths:
                    _place(path, draft / path.name)
                draft.rename(libs)  # 다 모은 것만 놓습니다
            for archive in cache.glob("classes-*.jsa"):  # 지난 jar의 것
                archive.unlink()
    return libs


def _holds(libs: Path, paths: list[Path]) -> bool:
    """``libs``에 든 것이 바로 그 jar들인가. 이음이 끊긴 것(복사한 폴더)은 다시 모읍니다."""
    there = {file.name: file.stat().st_size for file in libs.glob("*")}
    return there == {path.name: path.stat().st_size for path in paths}


def _place(source: Path, target: Path) -> None:
    """자리를 더 차지하지 않게 같은 파일을 잇고, 그럴 수 없는 파일 시스템이면 복사합니다."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
