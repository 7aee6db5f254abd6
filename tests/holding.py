"""테스트들이 함께 쓰는 서버 하나를 붙드는 프로세스: 한 번만 띄우고, 마지막 사람이 떠나면 끕니다.

메모리를 많이 쓰는 서버(OpenSearch, Kafka)는 워커마다 띄우지 않습니다. 처음 찾은 워커가 서버의
스크립트를 따로 실행하고, 쓰는 워커마다 이름 있는 관(FIFO)을 쓰려고 열어 둡니다. 마지막 워커가
(어떻게든) 사라지면 관이 닫히고 서버도 끝납니다.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]
MISSING, FAILED = "missing", "failed"
DOWNLOAD = 1800.0  # 초. 처음에는 jar까지 받습니다. 그 프로세스가 죽으면 곧바로 그만 기다립니다


def common(tmp_path_factory) -> Path:
    """이 테스트 실행의 모든 워커가 아는 임시 폴더."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


@contextlib.contextmanager
def shared(folder: Path, name: str, script: str) -> Iterator[str]:
    """``folder``를 아는 모두가 함께 쓰는 서버의 주소. 띄우는 데 드는 것이 없으면 건너뜁니다.

    ``script``는 `hold`를 부르는 파일입니다.
    """
    folder.mkdir(exist_ok=True)
    held = join(folder, name, script)
    try:
        wait_until(lambda: said(folder) or not alive(folder), f"{name}가 뜸", DOWNLOAD)
        kind, text = said(folder) or (FAILED, (folder / "log").read_text(errors="replace"))
        if kind == MISSING:
            pytest.skip(f"{name}를 띄울 수 없습니다: {text}")
        assert kind == "url", text
        yield text
    finally:
        os.close(held)


def join(folder: Path, name: str, script: str) -> int:
    """서버를 붙드는 관을 엽니다. 붙든 프로세스가 없으면 띄웁니다. 닫으면 놓아 줍니다."""
    with alone(folder):
        held = grasp(folder)
        if held is None:
            for name in ("url", MISSING, FAILED, "pipe"):
                (folder / name).unlink(missing_ok=True)
            os.mkfifo(folder / "pipe")
            with (folder / "log").open("w") as log:
                argv = [sys.executable, script, str(folder)]
                subprocess.Popen(argv, env=paths(), stdout=log, stderr=log, start_new_session=True)
            held = wait_until(lambda: grasp(folder), f"{name}를 붙들 프로세스가 뜸")
    return held


def grasp(folder: Path) -> int | None:
    """읽는 쪽이 있으면 관을 쓰려고 연 번호, 없으면 None."""
    with contextlib.suppress(OSError):
        return os.open(folder / "pipe", os.O_WRONLY | os.O_NONBLOCK)
    return None


def alive(folder: Path) -> bool:
    """관을 읽는 프로세스가 있는가."""
    held = grasp(folder)
    if held is not None:
        os.close(held)
    return held is not None


def said(folder: Path) -> tuple[str, str] | None:
    """붙든 프로세스가 남긴 말: (url·missing·failed, 내용). 아직이면 None."""
    for kind in ("url", MISSING, FAILED):
        with contextlib.suppress(OSError):
            return kind, (folder / kind).read_text(encoding="utf-8")
    return None


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def paths() -> dict[str, str]:
    """`publish`와 이 폴더의 `ddialab`을 들여올 환경."""
    ours = [str(ROOT / "publish"), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, ours))}


# ── 붙드는 프로세스 ────────────────────────────────────────────────────────────


def hold(
    folder: Path,
    equip: Callable[[], Any],
    running: Callable[[Any, Path], AbstractContextManager[str]],
) -> None:
    """아무도 관을 열어 두지 않을 때까지 서버를 켜 둡니다.

    ``equip``은 띄우는 데 드는 것을 갖추고(없으면 `LabError`), ``running``은 그것으로 데이터를 둘
    폴더에 서버를 띄워 주소를 줍니다.
    """
    from ddialab.core.errors import LabError
    from ddialab.core.workspace import Workspace

    pipe = os.open(folder / "pipe", os.O_RDONLY)  # 처음 워커가 열 때까지 기다립니다
    try:
        equipment = equip()
    except LabError as error:
        return leave(folder, MISSING, str(error))
    try:
        with Workspace() as workspace, running(equipment, workspace.folder / "data") as url:
            leave(folder, "url", url)
            wait_until_left(folder, pipe)
    except Exception:
        leave(folder, FAILED, traceback.format_exc())


def leave(folder: Path, kind: str, text: str) -> None:
    """다 적은 뒤에 보이게 합니다."""
    (folder / "draft").write_text(text, encoding="utf-8")
    (folder / "draft").rename(folder / kind)


def wait_until_left(folder: Path, pipe: int) -> None:
    """관을 연 워커가 하나도 없으면 돌아옵니다. 그 뒤에 온 워커는 새로 띄웁니다."""
    while True:
        while os.read(pipe, 1):
            pass
        with alone(folder):
            if closed(pipe):  # 그사이에 온 워커가 없습니다
                os.close(pipe)
                return


def closed(pipe: int) -> bool:
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    return bool(poll.poll(0))
