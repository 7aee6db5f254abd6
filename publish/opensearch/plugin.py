"""nori 플러그인(`Nori.java`)을 한 번만 컴파일합니다."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from ddialab.core.errors import BackendUnavailable
from ddialab.core.workspace import Workspace
from jvm.java import find_javac
from jvm.progress import tell, wait_for

SOURCE = Path(__file__).with_name("Nori.java")
OPTIONS = ("-encoding", "UTF-8", "--release", "17", "-d", "classes")


def compiled(cache: Path, home: Path, jars: list[str]) -> str:
    """컴파일한 것이 든 폴더. 소스와 jar가 그대로면 다시 컴파일하지 않습니다."""
    mark = hashlib.sha256("\n".join([SOURCE.read_text("utf-8"), *map(_name, jars)]).encode())
    folder = cache / "plugin" / mark.hexdigest()[:12]
    if not folder.is_dir():
        shutil.rmtree(folder.parent, ignore_errors=True)
        folder.parent.mkdir(parents=True)
        _compile(folder, home, jars)
    return str(folder)


def _name(jar: str) -> str:
    return Path(jar).name


def _compile(folder: Path, home: Path, jars: list[str]) -> None:
    javac = find_javac(home)
    tell("nori 플러그인을 컴파일합니다.")
    with Workspace(folder.parent) as workspace:
        process = workspace.run([javac, *OPTIONS, "-cp", os.pathsep.join(jars), SOURCE])
        if wait_for(process):
            said = process.log.read_text(errors="replace").strip()
            raise BackendUnavailable(f"플러그인을 컴파일하지 못했습니다({said[:300]}).")
        (workspace.folder / "classes").rename(folder)  # 다 된 것만 놓습니다
