"""폴더와 zip을 안전하게 읽기. 학생이 낸 것이므로 무엇이 들어 있을지 모릅니다.

바로 가기(symlink)는 따라가지 않고, 디스크에 풀지 않으며, 크기와 개수와 겹에 한도가 있습니다.
읽지 못한 것도 까닭(``note``)과 함께 남습니다. 그래야 아무 말 없는 0점이 생기지 않습니다.
"""

from __future__ import annotations

import io
import os
import re
import stat
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile, ZipInfo

MB = 1_000_000
FILE_LIMIT = 20 * MB  # 파일 하나
BRANCH_LIMIT = 64 * MB  # 맨 위의 두 이름이 같은 것들(대개 학생 한 명)
SOURCE_LIMIT = 1000 * MB  # 내려받은 묶음 하나
ENTRY_LIMIT = 20_000  # 묶음 하나의 파일 수
DEPTH_LIMIT = 2  # 묶음 안의 zip, 그 안의 zip까지
FOLDER_LIMIT = 12  # 폴더의 겹

NOTEBOOK, ZIP = ".ipynb", ".zip"
CONTROL = re.compile(
    r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
)  # 줄바꿈, 글의 방향을 뒤집는 글자
EMPTY = "(비어 있음)"  # 빈 폴더도 낸 사람이 있습니다
JUNK = {"__macosx", "thumbs.db", "desktop.ini", "__pycache__"}


@dataclass(frozen=True)
class Item:
    """파일 하나. ``parts``는 NFC로 맞춘 경로, ``date``는 (연, 월, 일, 시, 분, 초)입니다.

    연 zip은 폴더처럼 보입니다. 읽지 못한 것은 ``data``가 비고 ``note``에
    까닭이 있습니다. 노트북이 아닌 파일은 이름만 알립니다(``data``도 ``note``도 비어 있음).
    """

    parts: tuple[str, ...]
    data: bytes = b""
    date: tuple[int, ...] = ()
    note: str = ""

    @property
    def name(self) -> str:
        return self.parts[-1]

    @property
    def is_notebook(self) -> bool:
        return self.name.lower().endswith(NOTEBOOK)

    @property
    def is_zip(self) -> bool:
        """열지 못한 zip인가. 연 zip은 폴더가 됩니다."""
        return self.name.lower().endswith(ZIP)


class Budget:
    """묶음 하나에서 더 읽어도 되는 양."""

    def __init__(self):
        self.entries, self.total, self.branches = 0, 0, Counter()

    def enter(self) -> bool:
        self.entries += 1
        return self.entries <= ENTRY_LIMIT

    def room(self, parts: tuple[str, ...]) -> int:
        """이 자리에서 읽을 수 있는 바이트 수."""
        left = min(BRANCH_LIMIT - self.branches[parts[:2]], SOURCE_LIMIT - self.total)
        return max(0, min(FILE_LIMIT, left))

    def spend(self, parts: tuple[str, ...], size: int) -> None:
        self.total += size
        self.branches[parts[:2]] += size


def read(path: Path) -> list[Item]:
    """폴더나 zip이나 파일 하나에 든 것 모두. 첫 ``parts``는 그 이름입니다.

    무엇이 들어 있든 예외를 내지 않습니다.
    """
    name = clean_name(os.fsencode(path.name), path.name)
    return list(_on_disk(path, (name,), Budget()))


def is_junk(name: str) -> bool:
    """운영체제나 Jupyter가 만든, 학생의 것이 아닌 파일인가."""
    return name.lower() in JUNK or (name.startswith(".") and name.lower() != NOTEBOOK)


def clean_name(raw: bytes, otherwise: str) -> str:
    """파일 이름의 바이트를 문자열로. UTF-8이 아니면 한국어 윈도우의 cp949로 읽습니다."""
    for encoding in ("utf-8", "cp949"):
        try:
            otherwise = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    readable = otherwise.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFC", CONTROL.sub("_", readable))


def _on_disk(path: Path, parts: tuple[str, ...], budget: Budget) -> Iterator[Item]:
    try:
        info = path.lstat()
        if stat.S_ISDIR(info.st_mode):
            yield from _folder(path, parts, budget)
        elif not stat.S_ISREG(info.st_mode):
            yield Item(parts, note=_refused(parts, "보통 파일이 아니어서(바로 가기, 장치)"))
        elif parts[-1].lower().endswith(ZIP) and len(parts) == 1:
            yield from _zip(path, parts, _date(info), budget, DEPTH_LIMIT)
        else:
            yield from _file(path, parts, info, budget)
    except OSError as error:
        yield Item(parts, note=_refused(parts, f"읽는 중에 오류가 나서({type(error).__name__})"))


def _folder(path: Path, parts: tuple[str, ...], budget: Budget) -> Iterator[Item]:
    if len(parts) > FOLDER_LIMIT:
        yield Item(parts, note=_refused(parts, "폴더가 너무 깊어"))
        return
    names = {name: clean_name(os.fsencode(name), name) for name in sorted(os.listdir(path))}
    names = {name: cleaned for name, cleaned in names.items() if not is_junk(cleaned)}
    if not names:
        yield Item((*parts, EMPTY))
    for name, cleaned in names.items():
        if not budget.enter():
            yield Item(parts, note=_refused(parts, f"파일이 {ENTRY_LIMIT:,}개를 넘어 나머지를"))
            return
        yield from _on_disk(path / name, (*parts, cleaned), budget)


def _file(path: Path, parts, info: os.stat_result, budget: Budget) -> Iterator[Item]:
    if not _wanted(parts):
        yield Item(parts, date=_date(info))
        return
    # 살펴본 뒤에 바로 가기나 파이프로 바꿔치기한 것도 열리지 않게 합니다.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, os.O_RDONLY | flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            yield Item(parts, note=_refused(parts, "보통 파일이 아니어서(바로 가기, 장치)"))
            return
        yield from _content(file, parts, _date(info), budget, DEPTH_LIMIT)


def _zip(source, parts, date, budget: Budget, depth: int) -> Iterator[Item]:
    """zip 하나에 든 것들. 깨졌거나 암호가 걸렸으면 그 zip이 읽지 못한 것으로 남습니다."""
    try:
        with ZipFile(source) as opened:
            for entry in opened.infolist():
                if not budget.enter():
                    why = f"파일이 {ENTRY_LIMIT:,}개를 넘어 나머지를"
                    yield Item(parts, date=date, note=_refused(parts, why))
                    return
                yield from _entry(opened, entry, parts, budget, depth)
            if not opened.infolist():
                yield Item((*parts, EMPTY), date=date)
    except Exception as error:  # 깨진 zip이 내는 예외는 종류를 다 셀 수 없습니다
        why = f"zip이 깨져 있어({type(error).__name__})"
        yield Item(parts, date=date, note=_refused(parts, why))


def _entry(opened: ZipFile, entry: ZipInfo, inside, budget: Budget, depth: int) -> Iterator[Item]:
    path = _entry_path(entry)
    steps = [step for step in path.split("/") if step not in ("", ".")]
    if entry.is_dir() or not steps or any(map(is_junk, steps if ".." not in steps else ())):
        return
    parts, date = (*inside, *steps), entry.date_time
    if path.startswith("/") or ".." in steps or ":" in steps[0]:
        parts = (*inside, steps[-1].strip(".") or "이름 없음")
        yield Item(parts, date=date, note=_refused(parts, "zip 밖을 가리키는 경로여서"))
    elif stat.S_ISLNK(entry.external_attr >> 16):
        yield Item(parts, date=date, note=_refused(parts, "바로 가기여서"))
    elif not _wanted(parts):
        yield Item(parts, date=date)
    elif entry.flag_bits & 0x1:
        yield Item(parts, date=date, note=_refused(parts, "암호가 걸려 있어"))
    else:
        yield from _opened(opened, entry, parts, budget, depth)


def _opened(opened: ZipFile, entry: ZipInfo, parts, budget: Budget, depth: int) -> Iterator[Item]:
    try:
        with opened.open(entry) as file:
            yield from _content(file, parts, entry.date_time, budget, depth)
    except Exception as error:  # 파일 하나가 깨져도 나머지는 읽습니다
        why = f"zip 안에서 깨져 있어({type(error).__name__})"
        yield Item(parts, date=entry.date_time, note=_refused(parts, why))


def _content(file, parts, date, budget: Budget, depth: int) -> Iterator[Item]:
    """열린 파일 하나. 적힌 크기는 믿지 않고 한도보다 한 바이트 더 읽어 봅니다."""
    room = budget.room(parts)
    data = file.read(room + 1)
    budget.spend(parts, min(len(data), room))
    if len(data) > room:
        why = f"{FILE_LIMIT // MB} MB를 넘어" if room == FILE_LIMIT else "풀어 낸 크기가 너무 커서"
        yield Item(parts, date=date, note=_refused(parts, why))
    elif not parts[-1].lower().endswith(ZIP):
        yield Item(parts, data, date)
    elif depth == 0:
        yield Item(parts, date=date, note=_refused(parts, "zip이 너무 여러 겹이어서"))
    else:
        yield from _zip(io.BytesIO(data), parts, date, budget, depth - 1)


def _entry_path(entry: ZipInfo) -> str:
    """zip에 적힌 경로. UTF-8 표시가 없으면 cp437로 읽힌 바이트를 되돌려 다시 읽습니다."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        name = clean_name(name.encode("cp437", "replace"), name)
    else:
        name = clean_name(name.encode("utf-8", "replace"), name)
    return name.replace("\\", "/")


def _wanted(parts: tuple[str, ...]) -> bool:
    return parts[-1].lower().endswith((NOTEBOOK, ZIP))


def _date(info: os.stat_result) -> tuple[int, ...]:
    return tuple(time.localtime(info.st_mtime)[:6])


def _refused(parts: tuple[str, ...], why: str) -> str:
    return f"{parts[-1]}: {why} 읽지 않았습니다."
