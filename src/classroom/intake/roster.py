"""명단: 파일과 폴더의 이름에서 학생을 알아봅니다."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

from ddialab.core.errors import InvalidValue

ID_HEADERS = {"student", "student_id", "studentid", "id", "학번", "학생번호", "id번호", "idnumber"}
NAME_HEADERS = {"name", "fullname", "이름", "성명", "학생이름"}
SURNAME_HEADERS = {"성", "lastname", "surname"}  # 무들의 명단은 성과 이름이 따로입니다
ID_LENGTH = 64  # 파일 이름이 되므로


@dataclass(frozen=True)
class Student:
    """학번과 이름. 이름은 비어 있을 수 있습니다."""

    id: str
    name: str = ""


class Roster:
    """수강생 명단. 비어 있으면 아무도 알아보지 못합니다."""

    def __init__(self, students: list[Student] = ()):
        self.students = list(students)

    def __bool__(self) -> bool:
        return bool(self.students)

    @classmethod
    def load(cls, path: Path | None) -> Roster:
        """CSV 명단을 읽습니다. 첫 줄에 ``student,name``이나 ``학번,이름``이 있어야 합니다.

        엑셀이 저장한 것(UTF-8 BOM, UTF-16, cp949)도 읽습니다. 학번을 못 찾으면 `InvalidValue`.
        """
        if path is None:
            return cls()
        try:
            text = _text(Path(path).read_bytes())
        except OSError as error:
            raise InvalidValue(f"명단 {path}를 읽을 수 없습니다: {error.strerror}.") from error
        return cls(_rows(text, path))

    def find(self, text: str, number: str = "") -> Student | None:
        """``text``에 학번이 있거나 이름이 있는 단 한 사람. 없거나 여럿이면 ``None``.

        ``number``는 LMS가 붙인 번호이고, 이름으로 못 찾았을 때만 학번과 견줍니다.
        """
        text = unicodedata.normalize("NFC", text)
        by_id = [one for one in self.students if _id_pattern(one.id).search(text)]
        longest = max((len(one.id) for one in by_id), default=0)
        return (
            _only([one for one in by_id if len(one.id) == longest])
            or _only([one for one in self.students if _spellings(one.name) & _words(text)])
            or _only([one for one in self.students if len(number) >= 5 and one.id == number])
        )


def safe_id(text: str) -> str:
    """파일 이름과 CSV와 HTML에 그대로 써도 되는 학번: 글자, 숫자, ``-_.``만, 길이에 한도."""
    text = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", text))
    text = re.sub(r"\.{2,}", ".", text)[:ID_LENGTH].strip("._-")
    return text or "이름없음"


def unique_ids(names: list[str]) -> dict[str, str]:
    """이름마다 서로 다른 학번. 겹치면 이름에서 계산한 꼬리를 붙이므로 다시 돌려도 같습니다."""
    taken: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        taken.setdefault(safe_id(name).casefold(), []).append(name)
    return {
        name: safe_id(name)
        if len(same) == 1 or name == safe_id(same[0])
        else f"{safe_id(name)[: ID_LENGTH - 9]}-{crc32(name.encode()):08x}"
        for same in taken.values()
        for name in same
    }


def squeeze(text: str) -> str:
    """띄어쓰기와 대소문자와 붙임표를 없앤 것. 견줄 때만 씁니다."""
    return re.sub(r"[\s,-]+", "", unicodedata.normalize("NFC", text)).casefold()


def _only(found: list[Student]) -> Student | None:
    return found[0] if len(found) == 1 else None


@cache
def _id_pattern(id: str) -> re.Pattern:
    """학번이 낱말로 나오는 자리. 붙임표는 있어도 없어도 됩니다."""
    letters = "-?".join(map(re.escape, id.replace("-", "")))
    return re.compile(rf"(?<![0-9A-Za-z]){letters}(?![0-9A-Za-z])", re.I)


@cache
def _spellings(name: str) -> frozenset[str]:
    """이름을 적는 두 가지 차례: 홍 길동, 길동 홍."""
    words = re.split(r"[\s,]+", name)
    return frozenset({squeeze(name), squeeze("".join(reversed(words)))} - {""})


@cache
def _words(text: str) -> frozenset[str]:
    """파일 이름에서 사람의 이름일 수 있는 조각들."""
    pieces = re.split(r"[_.()\[\]-]+", text) + re.findall(r"[^\W\d_]+", text) + [text]
    return frozenset(map(squeeze, pieces))


def _text(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp949")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _rows(text: str, path: Path) -> list[Student]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    header, *rows = list(csv.reader(io.StringIO(text), delimiter=delimiter)) or [[]]
    columns = [squeeze(title) for title in header]
    ids = [i for i, title in enumerate(columns) if title in ID_HEADERS]
    names = [i for i, title in enumerate(columns) if title in SURNAME_HEADERS] + [
        i for i, title in enumerate(columns) if title in NAME_HEADERS
    ]
    if not ids:
        raise InvalidValue(
            f"명단 {path}에 학번 열이 없습니다(첫 줄: {first.strip()[:80]!r}).",
            "첫 줄은 「student,name」이나 「학번,이름」이어야 합니다.",
        )
    return list(dict.fromkeys(_students(rows, ids[0], names)))


def _students(rows: list[list[str]], id: int, names: list[int]):
    for row in rows:
        if len(row) > id and row[id].strip():
            name = "".join(row[i].strip() for i in names if i < len(row))
            yield Student(safe_id(row[id].strip()), unicodedata.normalize("NFC", name))
