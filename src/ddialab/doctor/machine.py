"""Python, 가상 환경, 이 폴더가 놓인 디스크와 파일 시스템."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from ddialab.doctor.finding import Finding, bad, good, warn
from ddialab.doctor.outside import run

NEEDED = (3, 11)
TO_INSTALL = 1500  # MB. 의존성을 받고 설치할 때
TO_BUILD = 200  # MB. 설치한 뒤 책을 빌드할 때
WITHOUT_MODES = {
    "vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk", "drvfs", "cifs", "smb3", "smbfs",
    "9p", "vboxsf", "prl_fs",
}  # fmt: skip
WHERE = "import importlib.util as u; print(u.find_spec('ddialab').origin)"


def python(version: tuple[int, ...] = sys.version_info[:3]) -> Finding:
    name = "Python " + ".".join(map(str, version))
    if tuple(version[:2]) >= NEEDED:
        return good(name)
    return bad(
        f"{name}: 너무 낡았습니다. 3.11 이상이어야 합니다",
        "새 Python을 설치하고 치세요: make lab PYTHON=/경로/python3.12",
    )


def venv() -> Finding:
    missing = [name for name in ("venv", "ensurepip") if find_spec(name) is None]
    if not missing:
        return good("venv: 가상 환경을 만들 수 있습니다")
    command = "sudo apt install python{}.{}-venv".format(*sys.version_info[:2])
    return bad("venv의 모듈이 없습니다({})".format(", ".join(missing)), command)


def python_of(root: Path) -> Path:
    return root / (".venv/Scripts/python.exe" if os.name == "nt" else ".venv/bin/python")


def environment(root: Path) -> Finding:
    """`.venv`가 이 폴더의 코드를 들여오는가. 다음 make가 고칠 수 있으면 참고입니다."""
    folder = root / ".venv"
    if not folder.exists():
        return good(".venv: 아직 없습니다. make를 처음 칠 때 만듭니다")
    told = run(str(python_of(root)), "-IB", "-c", WHERE)  # PYTHONPATH에 속지 않게
    ours, found = root / "src/ddialab/__init__.py", told.out.strip()
    if told.code == 0 and os.path.exists(found) and os.path.samefile(ours, found):
        return good(".venv: 이 폴더의 코드를 사용합니다")
    if folder.is_symlink():
        return bad(".venv가 다른 환경을 가리키는 심볼릭 링크입니다", "rm .venv")
    if told.code == 0:
        return warn(".venv가 다른 폴더의 코드를 사용합니다(복사한 폴더)", "make ready")
    return warn(
        ".venv를 쓸 수 없습니다(폴더를 옮겼거나 Python이 바뀌었거나 설치가 끊김)", "make ready"
    )


def writable(root: Path) -> Finding:
    if os.access(str(root), os.W_OK) and not _flag(root, "ST_RDONLY"):
        return good("폴더: 파일을 쓸 수 있습니다")
    return bad(f"파일을 쓸 수 없는 폴더입니다: {root}", f'cp -r "{root}" ~/')


def disk(root: Path) -> Finding:
    free = shutil.disk_usage(str(root)).free >> 20
    need = TO_BUILD if (root / ".venv/.ready").exists() else TO_INSTALL
    if free >= need:
        return good(f"디스크: {free} MB가 비어 있습니다")
    return bad(f"디스크에 {free} MB만 남았습니다. {need} MB가 필요합니다", "공간을 비우세요")


def file_system(root: Path, mounts: str = "/proc/self/mountinfo") -> Finding:
    """이 폴더의 파일 시스템이 권한을 지키고 프로그램을 실행하게 하는가."""
    kind, options = mounted_at(root, mounts)
    name = "파일 시스템" + (f" {kind}" if kind else "")
    if "noexec" in options or _flag(root, "ST_NOEXEC"):
        return bad(f"{name}: 이 폴더의 프로그램은 실행할 수 없습니다(noexec)", "홈 폴더로 옮기세요")
    if kind in WITHOUT_MODES and "metadata" not in options:
        return warn(
            f"{name}: 파일 권한이 유지되지 않습니다. 실습은 되지만 느립니다",
            "채점과 테스트는 홈 폴더에서 하세요: cp -r . ~/ddialab",
        )
    if kind.startswith("nfs"):
        return warn(f"{name}: 파일 잠금이 안 될 수 있습니다", "채점은 홈 폴더에서 하세요")
    return good(f"{name}: 파일 권한이 유지됩니다")


def mounted_at(root: Path, mounts: str) -> tuple[str, str]:
    """``root``가 놓인 파일 시스템의 (종류, 옵션). 리눅스가 아니면 빈 문자열들입니다."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "", ""
    best, found, here = -1, ("", ""), str(root.resolve())
    for line in lines:
        left, _, right = line.partition(" - ")
        _, _, _, _, point, *options = left.split()
        point = point.replace("\\040", " ").rstrip("/")
        if (here + "/").startswith(point + "/") and len(point) >= best:
            kind, *source = right.split()
            best, found = len(point), (kind, ",".join([*options, *source[1:]]))
    return found


def path(root: Path) -> Finding:
    """가상 환경은 PATH에 넣을 수 없는 자리에 만들 수 없습니다."""
    if os.pathsep not in str(root):
        return good(f"경로: {root}")
    return bad(f"경로에 {os.pathsep!r}이 있습니다: {root}", "폴더의 이름을 바꾸세요")


def _flag(root: Path, name: str) -> bool:
    if not hasattr(os, "statvfs"):
        return False
    return bool(os.statvfs(str(root)).f_flag & getattr(os, name, 0))
