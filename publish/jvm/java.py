"""서버를 갖추는 데 쓰는 Java의 도구들: 컴파일러와 Maven. Java를 찾는 것은 `core.java`입니다."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from ddialab.core.errors import MissingCapability
from ddialab.core.java import INSTALL, OLDEST


def tool(home: Path, name: str) -> str | None:
    """Java의 폴더에 함께 든 명령(javac). 없으면 PATH의 것, 그것도 없으면 None."""
    beside = home / "bin" / (f"{name}.exe" if os.name == "nt" else name)
    return str(beside) if beside.is_file() else shutil.which(name)


def find_javac(home: Path) -> str:
    """자바 컴파일러. 실행만 하는 Java(JRE)에는 없습니다."""
    if found := tool(home, "javac"):
        return found
    problem = f"{home}: 컴파일러(javac)가 없는 Java입니다."
    raise MissingCapability(problem, f"Java {OLDEST} 이상의 JDK가 있어야 합니다.", INSTALL)


def find_maven(name: str) -> str:
    """``name``의 jar를 받을 Maven."""
    if found := shutil.which("mvn"):
        return found
    raise MissingCapability(
        f"{name}의 jar를 받을 Maven(mvn)이 없습니다.", "PATH에 mvn이 있어야 합니다.", INSTALL
    )


def settle(home: Path) -> None:
    """뒤에 띄울 프로세스들이 물려받을 환경: 같은 Java를 쓰고, 한글이 든 경로를 읽게."""
    os.environ["JAVA_HOME"] = str(home)
    if sys.platform.startswith("linux"):  # 로캘이 C이면 Java는 한글이 든 경로를 열지 못합니다
        os.environ["LC_ALL"] = "C.UTF-8"
