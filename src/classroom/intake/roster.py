"""명단: 파일과 폴더의 이름에서 학생을 알아봅니다."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

from classroom.intake import roll, student_id
from classroom.intake.student_id import squeeze
from ddialab.core.errors import InvalidValue

ID_LENGTH = 64  # 파일 이름이 되므로
SHORT_ALIAS = 4  # 이보다 짧은 아이디는 남의 이름 속에서도 나옵니다(글자)


@dataclass(frozen=True)
class Student:
    """학번과 이름. 이름은 비어 있을 수 있습니다.

    ``aliases``는 LMS가 이 사람을 부르는 다른 것들(LMS의 번호, 아이디, 이메일)입니다.
    """

    id: str
    name: str = ""
    aliases: tuple[str, ...] = ()


class Roster:
    """수강생 명단. 비어 있으면 아무도 알아보지 못합니다.

    ``notes``는 명단을 읽으며 고친 것을 학번마다, ``skipped``는 사람으로 세지 않은 줄의 알림입니다.
    """

    def __init__(self, students: Iterable[Student] = (), source: Path | None = None):
        self.students = list(students)
        self.source = source
        self.notes: dict[str, str] = {}
        self.skipped: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.students)

    @classmethod
    def load(cls, path: Path | None) -> Roster:
        """CSV 명단을 읽습니다. 학번 열과 이름 열의 제목이 있는 줄이 있어야 합니다.

        엑셀이 저장한 것(UTF-8 BOM, UTF-16, cp949)과 캔버스와 무들이 내보낸 것도 읽습니다.
        읽을 수 없거나 두 사람이 한 학번이면 `InvalidValue`.
        """
        if path is None:
            return cls()
        rows, skipped = roll.read(Path(path))
        _refuse_shared(path, rows)
        roster = cls(dict.fromkeys(map(_student, rows)), Path(path))
        roster.skipped = skipped
        roster.notes = {safe_id(row.id): row.note for row in rows if row.note}
        return roster

    def find(self, text: str, number: str = "") -> Student | None:
        """``text``에 학번이 있거나 이름이 있는 단 한 사람. 없거나 여럿이면 ``None``.

        ``number``는 LMS가 붙인 번호이고, 명단에 LMS의 번호가 있으면 이름보다 먼저 봅니다.
        """
        text = unicodedata.normalize("NFC", text)
        known = _only([one for one in self.students if len(number) >= 3 and number in one.aliases])
        if known := known or _only([one for one in self.students if _is_account(one, text)]):
            return known
        by_id, by_name = self._with_id(text), self._with_name(text)
        if by_id and by_name and by_id not in by_name and len(by_name) == 1:
            return None  # 학번은 이 사람, 이름은 저 사람
        return (
            by_id
            or _only(by_name)
            or _only([one for one in self.students if len(number) >= 5 and one.id == number])
        )

    def with_id(self, id: str) -> Student | None:
        """학번이 ``id``인 사람. 붙임표와 앞의 0은 보지 않습니다."""
        return _only([one for one in self.students if id and student_id.same(one.id, id)])

    def names(self, student: Student, text: str) -> bool:
        """``text``에 이 사람의 이름이나 LMS의 아이디가 있는가."""
        text = unicodedata.normalize("NFC", text)
        words = set(re.split(r"[\s_()\[\]]+", text.casefold()))
        aliases = {alias.casefold() for alias in student.aliases}
        return bool(_spellings(student.name) & _words(text) or aliases & words)

    def mentioned(self, text: str) -> set[Student]:
        """``text``에 학번이나, 명단에 하나뿐인 이름이 나오는 사람들."""
        text = unicodedata.normalize("NFC", text)
        found = [self._with_id(text), _only(self._with_name(text))]
        return {one for one in found if one}

    def written_in(self, text: str) -> list[Student]:
        """``text``에 학번이나 이름이 나오는 모든 사람. 이름이 같은 사람들도 모두입니다."""
        text = unicodedata.normalize("NFC", text)
        named = self._with_name(text)
        return [s for s in self.students if s in named or _id_pattern(s.id).search(text)]

    def _with_id(self, text: str) -> Student | None:
        found = [one for one in self.students if _id_pattern(one.id).search(text)]
        longest = max((len(one.id) for one in found), default=0)
        found = [one for one in found if len(one.id) == longest]
        words = re.split(r"[\s_()\[\]]+", text.casefold())
        return _only(found) or _only(
            [one for one in self.students if any(_is_word(alias, words) for alias in one.aliases)]
        )

    def _with_name(self, text: str) -> list[Student]:
        return [one for one in self.students if _spellings(one.name) & _words(text)]


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


def _student(row: roll.Row) -> Student:
    return Student(safe_id(row.id), row.name, row.aliases)


def _refuse_shared(path: Path, rows: list[roll.Row]) -> None:
    """학번이 같고 이름이 다른 줄. 두 사람이 하나가 되면 한 사람의 것은 채점되지 않습니다."""
    groups: dict[str, list[roll.Row]] = {}
    for row in rows:
        groups.setdefault(squeeze(safe_id(row.id)), []).append(row)
    shared = [same for same in groups.values() if len({squeeze(row.name) for row in same}) > 1]
    if shared:
        lines = ", ".join(f"{row.line}번째 줄 {row.name or '(이름 없음)'}" for row in shared[0])
        raise InvalidValue(
            f"명단 {path}에 학번이 {shared[0][0].id}인 사람이 여럿입니다({lines}).",
            "학번 하나에 한 사람이어야 합니다.",
            "그 줄들의 학번을 바로잡은 뒤 다시 실행하세요.",
        )


def _only(found: list[Student]) -> Student | None:
    return found[0] if len(found) == 1 else None


def _is_account(student: Student, text: str) -> bool:
    """``text``가 통째로 이 사람의 아이디인가. 짧은 아이디(kim)도 통째로는 헷갈리지 않습니다."""
    return text.casefold() in {one.casefold() for one in student.aliases if not one.isdigit()}


def _is_word(alias: str, words: list[str]) -> bool:
    alias = alias.casefold()
    return len(alias) >= SHORT_ALIAS and not alias.isdigit() and alias in words


@cache
def _id_pattern(id: str) -> re.Pattern:
    """학번이 낱말로 나오는 자리. 붙임표와 앞의 0은 있어도 없어도 됩니다."""
    letters = "-?".join(map(re.escape, id.replace("-", "")))
    return re.compile(rf"(?<![0-9A-Za-z])0*{letters}(?![0-9A-Za-z])", re.I)


@cache
def _spellings(name: str) -> frozenset[str]:
    """이름을 적는 두 가지 차례: 홍 길동, 길동 홍."""
    words = re.split(r"[\s,]+", name)
    return frozenset({squeeze(name), squeeze("".join(reversed(words)))} - {""})


@cache
def _words(text: str) -> frozenset[str]:
    """파일 이름에서 사람의 이름일 수 있는 조각들."""
    pieces = re.split(r"[_.()\[\]-]+", text) + re.findall(r"[^\W\d_]+", text) + [text]
    pieces += [piece.removesuffix("의") for piece in pieces]  # 「홍길동의 사본」
    return frozenset(map(squeeze, pieces))
