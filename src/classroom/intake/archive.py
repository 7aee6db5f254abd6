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
from functools import cached_property
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from classroom.intake import document, mail

MB = 1_000_000
FILE_LIMIT = 20 * MB  # 파일 하나
BIG_LIMIT = 200 * MB  # 출력이 커서 줄여 읽을 노트북 하나. 이만큼이 잠깐 메모리에 있습니다
BIG_TOTAL = 4000 * MB  # 묶음 하나에서 줄여 읽을 것을 모두 더해
BRANCH_LIMIT = 64 * MB  # 맨 위의 두 이름이 같은 것들(대개 학생 한 명)
SOURCE_LIMIT = 1000 * MB  # 내려받은 묶음 하나
ENTRY_LIMIT = 20_000  # 묶음 하나의 파일 수
DEPTH_LIMIT = 2  # 묶음 안의 zip, 그 안의 zip까지
FOLDER_LIMIT = 12  # 폴더의 겹

NOTEBOOK, ZIP = ".ipynb", ".zip"
HEAD = 512  # 무슨 파일인지 알아보려고 먼저 읽는 바이트
ZIPPED = (b"PK\x03\x04", b"PK\x05\x06")
SUFFIX = re.compile(r"\.[A-Za-z][0-9A-Za-z]{1,5}$")
PACKED = {
    b"7z\xbc\xaf": "7z", b"Rar!": "rar", b"\x1f\x8b": "gz", b"BZh": "bz2",
    b"\xfd7zXZ": "xz", b"EGGA": "egg", b"ALZ\x01": "alz",
}  # fmt: skip
CONTROL = re.compile(
    r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
)  # 줄바꿈, 글의 방향을 뒤집는 글자
UTF16 = (b"\xff\xfe", b"\xfe\xff", b"{\0", b"\0{")
EMPTY = "(비어 있음)"  # 빈 폴더도 낸 사람이 있습니다
JUNK = {"__macosx", "thumbs.db", "desktop.ini", "__pycache__", "system volume information",
        "$recycle.bin", "lost+found"}  # fmt: skip


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

    @cached_property
    def is_notebook(self) -> bool:
        """내용이 노트북이거나, 이름이 노트북이라고 하는가(``a1.ipynb의 사본``)."""
        return claims_notebook(self.name) or holds_notebook(self.data)

    @property
    def is_zip(self) -> bool:
        """열지 못한 zip인가. 연 zip은 폴더가 됩니다."""
        return self.name.lower().endswith(ZIP)

    @property
    def path(self) -> str:
        """노트북이면 확장자를 바로잡은 경로."""
        *folders, name = self.parts
        if self.is_notebook and not name.lower().endswith(NOTEBOOK):
            name = re.split(r"\.ipynb|\.json$|\.txt$|\.zip$", name, flags=re.I)[0] + NOTEBOOK
        return "/".join((*folders, name))


class Budget:
    """묶음 하나에서 더 읽어도 되는 양."""

    def __init__(self):
        self.entries, self.total, self.branches = 0, 0, Counter()
        self.big = BIG_TOTAL

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

    def big_room(self) -> int:
        """줄여 읽을 수 있는 바이트 수."""
        return min(BIG_LIMIT, self.big)


def read(path: Path) -> list[Item]:
    """폴더나 zip이나 파일 하나에 든 것 모두. 첫 ``parts``는 그 이름입니다.

    무엇이 들어 있든 예외를 내지 않습니다.
    """
    name = clean_name(os.fsencode(path.name), path.name)
    return list(_on_disk(path, (name,), Budget()))


def is_junk(name: str) -> bool:
    """운영체제나 Jupyter가 만든, 학생의 것이 아닌 파일인가."""
    if name.lower() == NOTEBOOK or re.fullmatch(r"\.[^._].*\.icloud", name, re.I):
        return False  # 뒤의 것은 아이클라우드에서 아직 내려받지 않은 파일의 자리입니다
    return name.lower() in JUNK or name.startswith(".")


def claims_notebook(name: str) -> bool:
    """이름이 노트북이라고 하는가. 뒤에 다른 것이 붙었어도 됩니다."""
    return NOTEBOOK in name.lower() and not is_junk(name)


def holds_notebook(data: bytes) -> bool:
    """내용이 노트북(JSON)으로 보이는가. 인코딩은 보지 않습니다."""
    plain = data.replace(b"\0", b"") if data[:2] in UTF16 else data
    kind = b'"nbformat"' in plain or b'"cell_type"' in plain
    return _looks_like_json(data) and b'"cells"' in plain and kind


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
        elif len(parts) == 1 and _is_zip(path, parts[-1]):
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
        yield _nothing(parts, sorted(os.listdir(path)))
    for name, cleaned in names.items():
        if not budget.enter():
            yield Item(parts, note=_refused(parts, f"파일이 {ENTRY_LIMIT:,}개를 넘어 나머지를"))
            return
        yield from _on_disk(path / name, (*parts, cleaned), budget)


def _file(path: Path, parts, info: os.stat_result, budget: Budget) -> Iterator[Item]:
    # 살펴본 뒤에 바로 가기나 파이프로 바꿔치기한 것도 열리지 않게 합니다.
    flags = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, os.O_RDONLY | flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            yield Item(parts, note=_refused(parts, "보통 파일이 아니어서(바로 가기, 장치)"))
            return
        yield from _content(file, parts, _date(info), budget, DEPTH_LIMIT)


def _zip(source, parts, date, budget: Budget, depth: int) -> Iterator[Item]:
    """zip 하나에 든 것들. 깨졌거나 비밀번호가 걸렸으면 그 zip이 읽지 못한 것으로 남습니다."""
    found = False
    try:
        with ZipFile(source) as opened:
            for entry in opened.infolist():
                if not budget.enter():
                    why = f"파일이 {ENTRY_LIMIT:,}개를 넘어 나머지를"
                    yield Item(parts, date=date, note=_refused(parts, why))
                    return
                for item in _entry(opened, entry, parts, budget, depth):
                    found = True
                    yield item
            if not found:
                yield _nothing(parts, [entry.filename for entry in opened.infolist()], date)
    except Exception as error:  # 깨진 zip이 내는 예외는 종류를 다 셀 수 없습니다
        why = f"zip이 깨져 있어({type(error).__name__})"
        yield Item(parts, date=date, note=f"{_refused(parts, why)} 다시 제출해야 합니다.")


def _nothing(parts: tuple[str, ...], names: list[str], date=()) -> Item:
    """빈 폴더나 zip. 자동으로 생긴 노트북(저장본, 맥의 ``._`` 파일)뿐이면 낸 것을 말합니다."""
    left = next((name for name in names if NOTEBOOK in name.lower()), "")
    if not left:
        return Item((*parts, EMPTY), date=date)
    why = f"{parts[-1]}: 프로그램이 자동으로 만든 파일({left[:80]})뿐이어서 읽지 않았습니다."
    return Item((*parts, EMPTY), date=date, note=f"{why} 노트북(.ipynb)을 다시 제출해야 합니다.")


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
    elif entry.flag_bits & 0x1:
        note = f"{_refused(parts, '비밀번호가 걸려 있어')} 비밀번호 없이 다시 제출해야 합니다."
        yield Item(parts, date=date, note=note)
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
    head = file.read(HEAD)
    if packed := _packed(head):
        why = f"열 수 없는 압축 파일({packed})이어서"
        todo = "zip으로 묶어 다시 제출해야 합니다."
        yield Item(parts, date=date, note=f"{_refused(parts, why)} {todo}")
    elif not _wanted(parts[-1], head):
        yield Item(parts, date=date)
    elif _is_placeholder(parts[-1], head):
        why = "내용이 비어 있어(클라우드에서 내려받지 않은 파일일 수 있습니다)"
        yield Item(parts, date=date, note=_refused(parts, why))
    else:
        yield from _whole(file, head, parts, date, budget, depth)


def _whole(file, head: bytes, parts, date, budget: Budget, depth: int) -> Iterator[Item]:
    room = budget.room(parts)
    data = head + file.read(max(0, room + 1 - len(head)))
    if len(data) > room:
        data = _lighter(file, data, budget)
    budget.spend(parts, min(len(data), room))
    if len(data) > room:
        yield Item(parts, date=date, note=_too_large(parts, room))
    elif mail.is_mail(parts[-1]) and depth:
        yield from _mail(data, parts, date, budget, depth - 1)
    elif not (_may_be_zip(parts[-1], head) or _is_renamed_zip(data)):
        found = Item(parts, data, date)
        yield found if found.is_notebook else Item(parts, date=date)
    elif depth == 0:
        yield Item(parts, date=date, note=_refused(parts, "zip 안의 zip이 너무 여러 겹이어서"))
    else:
        yield from _zip(io.BytesIO(data), parts, date, budget, depth - 1)


def _mail(data: bytes, parts, date, budget: Budget, depth: int) -> Iterator[Item]:
    """저장한 메일에 붙은 것들. 없으면 메일이 노트북 아닌 파일로 남습니다."""
    sent, attached = mail.opened(data)
    for name, content in attached:
        inside = (*parts, clean_name(name.encode("utf-8", "replace"), name).replace("/", "_"))
        yield from _content(io.BytesIO(content), inside, sent or date, budget, depth)
    if not attached:
        yield Item(parts, date=date)


def _lighter(file, data: bytes, budget: Budget) -> bytes:
    """한도를 넘은 노트북에서 출력을 뺀 것. 줄일 수 없으면 ``data`` 그대로입니다."""
    if data.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] != b"{":
        return data
    most = budget.big_room()
    whole = data + file.read(max(0, most + 1 - len(data)))
    budget.big -= len(whole)
    light = document.light(whole) if len(whole) <= most else None
    return light or data


def _too_large(parts: tuple[str, ...], room: int) -> str:
    if room < FILE_LIMIT:
        return _refused(parts, "모두 더한 크기가 너무 커서")
    if not parts[-1].lower().endswith(NOTEBOOK):
        return _refused(parts, f"{FILE_LIMIT // MB} MB를 넘어")
    why = f"{FILE_LIMIT // MB} MB를 넘고 출력을 빼도 줄지 않아"
    todo = "JupyterLab에서 모든 출력을 지우고 저장한 것을 다시 제출해야 합니다."
    return f"{_refused(parts, why)} {todo}"


def _entry_path(entry: ZipInfo) -> str:
    """zip에 적힌 경로. UTF-8 표시가 없으면 cp437로 읽힌 바이트를 되돌려 다시 읽습니다."""
    name = entry.filename
    if not entry.flag_bits & 0x800:
        name = clean_name(name.encode("cp437", "replace"), name)
    else:
        name = clean_name(name.encode("utf-8", "replace"), name)
    return name.replace("\\", "/")


def _wanted(name: str, head: bytes) -> bool:
    """끝까지 읽어 볼 파일인가: 이름이나 첫 글자가 노트북이나 zip이나 메일인 것."""
    known = claims_notebook(name) or mail.is_mail(name)
    return known or _looks_like_json(head) or _may_be_zip(name, head)


def _is_placeholder(name: str, head: bytes) -> bool:
    empty = not head and not name.lower().endswith(ZIP)
    return empty or name.lower().endswith(".icloud")


def _looks_like_json(data: bytes) -> bool:
    return data[:HEAD].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").startswith(b"{")


def _may_be_zip(name: str, head: bytes) -> bool:
    """이름이 zip이거나, 확장자가 없거나 지워진 zip인가. 문서들도 속은 zip이므로 이름을 봅니다."""
    if _looks_like_json(head):
        return False  # 확장자만 zip으로 바꾼 노트북
    nameless = ZIP in name.lower() or not SUFFIX.search(name)
    return name.lower().endswith(ZIP) or (head.startswith(ZIPPED) and nameless)


def _is_renamed_zip(data: bytes) -> bool:
    """확장자만 .ipynb로 바꾼 zip인가. 문서들도 속은 zip이므로 노트북이 든 것만입니다."""
    return data.startswith(ZIPPED) and NOTEBOOK.encode() in data


def _is_zip(path: Path, name: str) -> bool:
    with open(path, "rb") as file:
        head = file.read(HEAD)
    return _may_be_zip(name, head) and not _packed(head)


def _packed(head: bytes) -> str:
    """열 줄 모르는 압축 파일의 종류. 아니면 빈 문자열."""
    if head[257:262] == b"ustar":
        return "tar"
    return next((kind for magic, kind in PACKED.items() if head.startswith(magic)), "")


def _date(info: os.stat_result) -> tuple[int, ...]:
    return tuple(time.localtime(info.st_mtime)[:6])


def _refused(parts: tuple[str, ...], why: str) -> str:
    return f"{parts[-1]}: {why} 읽지 않았습니다."
