"""커널의 연결 파일을 두는 폴더. 그 안의 키를 남이 읽지 못하게, 권한이 유지되는 곳에 둡니다."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir


@contextlib.contextmanager
def private_runtime() -> Iterator[Path]:
    """``JUPYTER_RUNTIME_DIR``를 권한이 유지되는 곳으로 합니다. 다른 곳을 빌렸으면 끝날 때 지웁니다.

    WSL의 `/mnt/c`, exFAT, SMB는 파일을 나만 읽게 만들 수 없어 Jupyter가 뜨지 않습니다. 빌릴 곳도
    그러면 까닭을 말하는 SystemExit입니다.
    """
    usual = Path(jupyter_runtime_dir())
    if keeps_modes(usual):
        yield usual
        return
    with tempfile.TemporaryDirectory(prefix="ddialab-jupyter-", dir=_elsewhere(usual)) as folder:
        print(f"이 폴더에서는 파일 권한이 유지되지 않아 커널의 연결 파일을 {folder}에 둡니다.")
        sys.stdout.flush()
        before = os.environ.get("JUPYTER_RUNTIME_DIR")
        os.environ["JUPYTER_RUNTIME_DIR"] = folder
        try:
            yield Path(folder)
        finally:
            _restore(before)


def keeps_modes(folder: Path) -> bool:
    """이 폴더의 파일을 나만 읽게 만들 수 있는가. Windows에서는 Jupyter가 다른 방법을 씁니다."""
    if os.name == "nt":
        return True
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as probe:  # 0600으로 만듭니다
            return os.fstat(probe.fileno()).st_mode & 0o777 == 0o600
    return False


def places() -> Iterable[Path]:
    """빌릴 만한 자리들. 컴퓨터가 꺼지면 저절로 비는 것이 먼저입니다."""
    own = os.environ.get("XDG_RUNTIME_DIR")
    return [*([Path(own)] if own else []), Path("/tmp"), Path("/var/tmp"), Path.home()]


def _elsewhere(usual: Path) -> Path:
    for place in places():
        if place.is_dir() and keeps_modes(place):
            return place
    tried = ", ".join(map(str, places()))
    sys.exit(
        f"{usual}: 파일을 나만 읽게 만들 수 없는 파일 시스템입니다.\n"
        f"파일 권한이 유지되는 폴더가 하나는 있어야 합니다(찾아본 곳: {tried}).\n"
        "저장소를 홈 폴더처럼 리눅스의 파일 시스템으로 옮기세요."
    )


def _restore(before: str | None) -> None:
    if before is None:
        os.environ.pop("JUPYTER_RUNTIME_DIR", None)
    else:
        os.environ["JUPYTER_RUNTIME_DIR"] = before
