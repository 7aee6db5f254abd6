"""이 컴퓨터의 Java를 찾고, 그것으로 띄운 서버가 왜 끝났는지 기록에서 알아냅니다."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from ddialab.core.errors import BackendUnavailable, MissingCapability
from ddialab.core.workspace import output_of

OLDEST = 17
INSTALL = (
    "sudo publish/system.sh로 설치하세요(macOS: brew install openjdk maven). "
    "이미 설치했으면 JAVA_HOME에 그 폴더를 적으세요."
)
ABOUT = ("-XshowSettings:properties", "-version")  # Java 8도 아는 말
INSTALLED = ("/usr/lib/jvm", "/opt/homebrew/opt", "/usr/local/opt")  # PATH에 없어도 있을 만한 곳
PATIENCE = 30  # 초. java가 제 버전을 말하기를 기다리는 시간

PORT_TAKEN = "포트를 다른 프로그램이 쓰고 있습니다"
KILLED = -9  # 신호 SIGKILL로 끝난 종료 코드
Cause = tuple[str, str, str]  # (기록에 남은 말, 까닭, 할 일)
CAUSES: tuple[Cause, ...] = (
    (r"insufficient memory|Could not reserve|OutOfMemoryError|Cannot allocate memory",
     "메모리가 모자랍니다", "다른 프로그램을 끄고 다시 하세요."),
    (r"No space left", "디스크가 가득 찼습니다", "공간을 비우세요."),
    (r"BindException: Permission denied|SocketException: Permission denied",
     "관리자만 여는 번호의 포트입니다", "PORT=9250처럼 1024보다 큰 번호를 적으세요."),
    (r"Bind\w*Exception|Address already in use",
     PORT_TAKEN, "PORT=9250처럼 다른 번호를 적거나 PORT를 빼세요."),
    (r"AccessDenied|Permission denied|Read-only file system",
     "데이터를 둘 폴더에 쓸 수 없습니다", "폴더의 권한을 확인하세요."),
    (r"UnsupportedClassVersion", "Java가 너무 낡았습니다", "Java 17 이상을 JAVA_HOME에 적으세요."),
)  # fmt: skip


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
    said = output_of([command, *ABOUT], PATIENCE, errors=True) or ""
    version = re.search(r"java\.specification\.version = (?:1\.)?(\d+)", said)
    home = re.search(r"java\.home = (.+)", said)
    return (int(version[1]), Path(home[1].strip())) if version and home else (0, Path())


def failed(name: str, said: str, code: int | None, causes: Sequence[Cause]) -> BackendUnavailable:
    """기록 ``said``를 남기고 ``code``로 끝난 ``name``이 뜨지 못한 까닭: 한 문장, 그리고 할 일.

    ``causes``는 견줄 까닭들입니다: `CAUSES`에 그 제품만의 것을 더한 것.
    """
    why, todo = why_ended(said, code, causes)
    return BackendUnavailable(f"{name}가 뜨지 않았습니다. {why}.", "", todo)


def why_ended(said: str, code: int | None, causes: Sequence[Cause]) -> tuple[str, str]:
    """(끝난 까닭, 할 일)."""
    if code == KILLED:  # 그 전에 남긴 말은 까닭이 아닙니다
        why = "누가 강제로 끝냈습니다(메모리가 모자라면 운영체제가 그럽니다)"
        return why, "다른 프로그램을 끄고 다시 하세요."
    for sign, why, todo in causes:
        if re.search(sign, said):
            return why, todo
    return f"마지막 말: {last_words(said) or f'종료 코드 {code}'}", "까닭을 고치고 다시 하세요."


def last_words(said: str) -> str:
    """마지막 예외의 줄. 없으면 호출 스택이 아닌 마지막 줄."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith("at ")]  # 호출 스택
    named = [line for line in lines if "Caused by:" in line or "Exception" in line]
    return (named or lines or [""])[-1][:300]
