"""가상 환경 `.venv`를 만들고, 폴더를 옮기거나 복사했으면 고칩니다.

    python publish/environment.py            쓸 수 있는지 보고, 아니면 고칩니다
    python publish/environment.py --install  새로 설치합니다

`make`가 일하기 전에 부릅니다. 아무것도 설치하지 않은 Python으로 실행되므로 표준 라이브러리만
사용합니다.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENOUGH = 1500 * 1024 * 1024  # 바이트. 내려받은 것과 설치한 것이 함께 들어갈 크기
WHERE = "import importlib.util as u; print(u.find_spec('ddialab').origin)"
ACTIVATES = re.compile(r"""VIRTUAL_ENV[ =](["']?)(/.*)\1$""", re.M)
LAUNCHER = re.compile(rb"\A#!(?:[^\n]*python[^\n]*\n|/bin/sh\n'''exec' [^\n]*\n' '''\n)")
NO_LINKS = "vfat, exFAT, SMB처럼 심볼릭 링크도 권한도 없는 파일 시스템일 수 있습니다."


def python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def imported(venv: Path) -> str | None:
    """이 가상 환경이 들여오는 `ddialab`의 자리. Python이 뜨지 않으면 None, 없으면 빈 문자열."""
    asked = [python_of(venv), "-P", "-c", WHERE]
    try:
        done = subprocess.run(asked, capture_output=True, encoding="utf-8")
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 or "AttributeError" in done.stderr else None


def ready(root: Path) -> bool:
    """가상 환경이 이 폴더의 코드를 들여오면 참."""
    ours, found = root / "src/ddialab/__init__.py", imported(root / ".venv")
    return bool(found) and os.path.exists(found) and os.path.samefile(ours, found)


def repair(root: Path) -> None:
    """옮긴 가상 환경에 남은 옛 자리를 지금 자리로 바꿉니다: 명령들과 `ddialab`의 자리."""
    venv = root / ".venv"
    for command in filter(Path.is_file, sorted(python_of(venv).parent.iterdir())):
        if command.name.startswith("activate"):
            activate_at(command, venv)
        elif not command.is_symlink():
            point_at(command, python_of(venv))
    for link in venv.glob("lib*/python*/site-packages/*ddialab.pth"):
        link.write_text(str(root / "src"), encoding="utf-8")  # 이 줄이 마지막: 끊겨도 다시 고칩니다


def activate_at(script: Path, venv: Path) -> None:
    """`source .venv/bin/activate`가 옮기기 전의 환경을 켜지 않게 합니다."""
    text = script.read_text(encoding="utf-8")
    if old := ACTIVATES.search(text):
        here = shlex.quote(str(venv))
        text = re.sub(rf"""(["']?){re.escape(old[2])}\1""", lambda _: here, text)
        script.write_text(text, encoding="utf-8")


def point_at(command: Path, python: Path) -> None:
    """pip이 만든 명령이면 ``python``으로 실행되게 합니다. 경로에 빈칸이 있어도 됩니다."""
    text = command.read_bytes()
    quoted = re.sub(r'([$`"\\])', r"\\\1", str(python))
    head = f"#!/bin/sh\n'''exec' \"{quoted}\" \"$0\" \"$@\"\n' '''\n".encode()
    if LAUNCHER.match(text):
        command.write_bytes(LAUNCHER.sub(lambda _: head, text, count=1))


def check(root: Path) -> str | None:
    """쓸 수 있게 되었으면 None, 아니면 까닭. 고치거나 다시 만들었으면 한 줄로 알립니다."""
    if ready(root):
        return None
    if os.name != "nt" and not linked(root) and imported(root / ".venv") is not None:
        repair(root)
        if ready(root):
            print("폴더를 옮겼거나 복사했습니다. .venv를 이 자리에 맞게 고쳤습니다.", flush=True)
            return None
    if not linked(root):
        print(".venv를 쓸 수 없어(Python이 바뀌었거나 설치가 끊김) 새로 만듭니다.", flush=True)
    return install(root)


def linked(root: Path) -> str | None:
    """`.venv`가 다른 곳을 가리키는 심볼릭 링크이면 그 말. 남의 환경일 수 있어 고치지 않습니다."""
    if not (root / ".venv").is_symlink():
        return None
    return (
        f".venv는 다른 곳({os.readlink(root / '.venv')})을 가리키는 심볼릭 링크입니다. "
        "이 폴더의 코드를 쓰지 않거나 의존성이 낡았는데, 남의 환경일 수 있어 고치지 않습니다.\n"
        "링크를 지우고(rm .venv) 다시 실행하세요."
    )


def install(root: Path) -> str | None:
    """처음부터 만들고 설치합니다. 다 되었으면 None, 아니면 까닭.

    표시(`.ready`)를 먼저 지우고 끝에 다시 둡니다. 끊긴 설치 위에 덧설치하면 반쯤 든 패키지가
    남을 수 있어, 표시가 없으면 비우고 시작합니다. 받은 것은 `.cache/pip`에 있습니다.
    """
    if problem := linked(root):
        return problem
    venv, mark = root / ".venv", root / ".venv/.ready"
    fresh = not mark.exists() or not ready(root)
    mark.unlink(missing_ok=True)
    print(f"[1/2] 가상 환경 .venv 만들기 (Python {platform.python_version()})", flush=True)
    if problem := make_venv(venv, clear=fresh):
        return problem
    print("[2/2] 버전을 고정한 의존성 설치 (처음에는 몇 분 걸립니다)", flush=True)
    pip = [python_of(venv), "-m", "pip", "install", "--progress-bar", "on"]
    if subprocess.run([*pip, "-r", "requirements.txt"], cwd=root).returncode:
        return no_space(root) or (
            "의존성을 설치하지 못했습니다. 위의 오류를 보세요.\n"
            "네트워크와 프록시와 pip의 설정은 `make doctor`로 확인하세요."
        )
    if not ready(root):
        return "설치는 끝났지만 .venv가 이 폴더의 코드를 들여오지 않습니다. `make doctor`를 치세요."
    mark.touch()
    return None


def make_venv(venv: Path, clear: bool) -> str | None:
    """빈 가상 환경을 만듭니다. 만들었으면 None, 아니면 까닭."""
    if clear:
        shutil.rmtree(venv, ignore_errors=True)
    if not can_link(venv):
        (venv / "lib64").mkdir(exist_ok=True)  # venv는 이것을 언제나 심볼릭 링크로 만들려 합니다
    argv = [sys.executable, "-m", "venv", venv]
    made = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    if made.returncode == 0:
        return None
    return f"가상 환경을 만들지 못했습니다. {why_no_venv(venv)}\n{made.stdout.strip()[-500:]}"


def can_link(venv: Path) -> bool:
    """이 자리에 심볼릭 링크를 만들 수 있는가. 폴더는 만들어 둡니다."""
    probe = venv / ".link"
    try:
        venv.mkdir(exist_ok=True)
        os.symlink(".", probe)
        probe.unlink()
    except OSError:
        return False
    return True


def why_no_venv(venv: Path) -> str:
    """가상 환경이 만들어지지 않은 까닭과 할 일."""
    major, minor = sys.version_info[:2]
    if find_spec("ensurepip") is None:
        return f"venv의 모듈이 없습니다. Debian과 Ubuntu: apt install python{major}.{minor}-venv"
    if problem := no_space(venv.parent):
        return problem
    if not os.access(venv.parent, os.W_OK):
        return f"파일을 쓸 수 없는 폴더입니다: {venv.parent}. 쓸 수 있는 곳에 다시 받으세요."
    if python_of(venv).exists() and not os.access(python_of(venv), os.X_OK):
        return "이 폴더의 프로그램은 실행할 수 없습니다(noexec). 홈 폴더처럼 다른 곳으로 옮기세요."
    return f"{NO_LINKS} 홈 폴더로 옮기세요." if not can_link(venv) else "아래의 오류를 고치세요."


def no_space(folder: Path) -> str | None:
    """자리가 모자라면 그 말, 넉넉하면 None."""
    free, need = shutil.disk_usage(folder).free >> 20, ENOUGH >> 20
    if free >= need:
        return None
    return f"디스크에 {free} MB만 남았습니다. 설치에는 {need} MB쯤 필요합니다. 공간을 비우세요."


def main(argv: list[str]) -> int:
    problem = install(ROOT) if "--install" in argv else check(ROOT)
    if problem:
        print(problem, file=sys.stderr)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
