"""서버와 받은 것을 두는 폴더: 만들고, 자리가 있는지 보고, 한 번에 하나만 쓰게 합니다."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ddialab.core.errors import BackendUnavailable, StorageFailure

RUNNING = "이 폴더의 {}가 이미 실행 중입니다"
USE_IT = "그 주소를 쓰거나, 그것을 먼저 끄세요."
DYING = 20.0  # 초. 강제로 죽은 서버가 다 끝나기를 기다리는 시간
LOCKS = os.name == "posix"  # Windows에서는 잠그지 않습니다. 서버가 스스로 알아채 거절합니다


def opened(folder: Path, name: str) -> TextIO:
    """``folder``를 만들고 그 안의 파일을 엽니다. 쓸 수 없는 폴더이면 `StorageFailure`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return (folder / name).open("a+")
    except OSError as error:
        raise StorageFailure(
            f"{folder}: 쓸 수 없는 폴더입니다({error.strerror}).",
            "쓰기 권한과 빈 공간이 있는 폴더여야 합니다.",
            "공간을 비우거나, 쓸 수 있는 곳에 저장소를 다시 받으세요.",
        ) from None


def check_room(folder: Path, needed: int) -> None:
    """``needed``바이트가 비어 있지 않으면 `StorageFailure`."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageFailure(
            f"디스크에 {free >> 20} MB만 남았습니다({folder}).",
            f"{needed >> 20} MB가 있어야 합니다.",
            "공간을 비우세요.",
        )


@contextlib.contextmanager
def waiting_turn(folder: Path) -> Iterator[None]:
    """앞사람이 끝나기를 기다려 혼자 일합니다. 프로세스가 죽으면 저절로 풀립니다."""
    with opened(folder, "jars.lock") as file:
        lock(file, wait=True)
        yield


@contextlib.contextmanager
def owned(data: Path, name: str, locks: str) -> Iterator[TextIO]:
    """``data``를 ``name`` 하나가 혼자 씁니다. 돌려준 파일에 적은 것은 다음에 온 사람이 듣습니다.

    ``locks``는 서버가 실행되는 동안 잠가 두는 파일들(``data``에서 찾는 꼴)입니다.
    남이 쓰고 있으면 그가 적은 것을 담은 `BackendUnavailable`입니다.
    """
    with opened(data, "running") as note:
        if not lock(note, wait=False):
            note.seek(0)
            where = note.read().strip() or "아직 뜨는 중"
            raise BackendUnavailable(f"{RUNNING.format(name)}({where}).", "", USE_IT)
        wait_for_the_dying(data, locks)
        note.truncate(0)
        try:
            yield note
        finally:
            note.truncate(0)


def lock(file: TextIO, wait: bool) -> bool:
    """잠갔으면 참. 잠금이 없는 파일 시스템이면 잠근 것으로 칩니다."""
    if LOCKS:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError:
            return True
    return True


def wait_for_the_dying(data: Path, locks: str) -> None:
    """지난번의 Java가 아직 끝나는 중이면 기다립니다: 띄운 쪽이 강제로 죽은 다음의 한순간입니다."""
    until = time.monotonic() + DYING
    while any(map(held, data.glob(locks))) and time.monotonic() < until:
        time.sleep(0.05)


def held(lock_file: Path) -> bool:
    """Java가 이 파일을 잠그고 있는가. 잠겨 있지 않으면 우리 것도 바로 풉니다."""
    if not LOCKS:
        return False
    import fcntl

    with lock_file.open("r+") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False
