"""이 컴퓨터의 Java와 Maven을 찾습니다."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from ddialab.core.errors import MissingCapability

OLDEST = 17
INSTALL = (
    "sudo publish/system.sh로 설치하세요(macOS: brew install openjdk maven). "
    "이미 설치했으면 JAVA_HOME에 그 폴더를 적으세요."
)
ABOUT = ("-XshowSettings:properties", "-version")  # Java 8도 아는 말
INSTALLED = ("/usr/lib/jvm", "/opt/homebrew/opt", "/usr/local/opt")  # PATH에 없어도 있을 만한 곳
PATIENCE = 30  # 초. java가 제 버전을 말하기를 기다리는 시간


def find_java() -> Path:
    """쓸 수 있는 Java의 폴더(그 안의 bin/java). 없거나 낡았으면 `MissingCapability`."""
    seen = []
    for command in candidates():
        version, home = about(command)
        if version and version >= OLDEST:
            return home
        seen += [f"{command}(Java {version})"] if version else []
    problem = f"Java가 너무 낡았습니다: {', '.join(seen)}." if seen else "Java가 없습니다."
    raise MissingCapability(problem, f"Java {OLDEST} 이상이 있어야 합니다.", INSTALL)


def candidates() -> Iterator[str]:
    """있을 만한 java 명령들, 독자가 고른 것부터."""
    if home := os.environ.get("JAVA_HOME"):
        yield str(Path(home, "bin/java"))
    yield from filter(None, [shutil.which("java")])
    for place in INSTALLED:
        yield from map(str, sorted(Path(place).glob("*/bin/java"), reverse=True))


def about(command: str) -> tuple[int, Path]:
    """``command``의 (버전의 앞자리, 폴더). 실행되지 않으면 0입니다(macOS의 빈 java)."""
    try:
        done = subprocess.run(
            [command, *ABOUT], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=PATIENCE, encoding="utf-8", errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return 0, Path()
    version = re.search(r"java\.specification\.version = (?:1\.)?(\d+)", done.stdout)
    home = re.search(r"java\.home = (.+)", done.stdout)
    return (int(version[1]), Path(home[1].strip())) if version and home else (0, Path())


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


def find_maven() -> str:
    if found := shutil.which("mvn"):
        return found
    raise MissingCapability(
        "OpenSearch의 jar를 받을 Maven(mvn)이 없습니다.", "PATH에 mvn이 있어야 합니다.", INSTALL
    )


def settle(home: Path) -> None:
    """뒤에 띄울 프로세스들이 물려받을 환경: 같은 Java를 쓰고, 한글이 든 경로를 읽게."""
    os.environ["JAVA_HOME"] = str(home)
    if sys.platform.startswith("linux"):  # 로캘이 C이면 Java는 한글이 든 경로를 열지 못합니다
        os.environ["LC_ALL"] = "C.UTF-8"
