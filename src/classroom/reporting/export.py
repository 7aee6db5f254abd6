"""LMS가 내보낸 파일: 무엇으로 사람을 알아보고, 어느 열에 어느 과제의 점수가 있는가.

형식은 LMS의 코드가 말하는 것을 따랐습니다.

- 캔버스의 성적부: github.com/instructure/canvas-lms의 ``lib/gradebook_exporter.rb``와
  ``lib/gradebook_importer.rb``. 사람은 ID, 과제는 제목 뒤의 ``(번호)``로 찾습니다.
- 무들의 채점 작업표(과제 하나): github.com/moodle/moodle의 ``mod/assign/feedback/offline/``.
  Identifier, Grade, Last modified (grade)가 있어야 합니다.
- 무들의 성적 내보내기(여러 과제): ``grade/export/txt/``와 ``grade/import/csv/``. 올릴 때 강사가
  ID number나 이메일을 사람의 열로, 점수의 열을 과제로 고릅니다.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from classroom.intake.roster import squeeze
from ddialab.core.errors import InvalidValue

Row = list[str]

CANVAS_PEOPLE = ("student", "lastname", "firstname", "sisuserid", "sisloginid", "integrationid")
CANVAS_KEPT = (*CANVAS_PEOPLE, "id", "rootaccount", "section")
CANVAS_TOTALS = re.compile(r"(current|final|override) (score|points|grade|status)\b", re.I)
POINTS = "pointspossible"
IDENTIFIER = ("identifier", "식별자")
MOODLE_PEOPLE = (
    *("fullname", "firstname", "lastname", "surname", "idnumber", "username", "emailaddress"),
    *("email", "이름", "전체이름", "성명", "성", "학번", "id번호", "사용자이름", "아이디"),
    *("사용자명", "이메일", "이메일주소"),
)
GRADES = ("grade", "성적", "점수", "평점")
MAXIMA = ("maximumgrade", "최대성적", "최대점수", "최고성적", "최고점수", "만점")
NOT_POINTS = re.compile(
    r"\((percentage|letter|feedback|백분율|퍼센트|등급|문자|피드백)\)\s*$", re.I
)


@dataclass(frozen=True)
class Export:
    """LMS가 내보낸 파일: 이름, 열의 제목들, 나머지 줄, 칸을 나누는 글자."""

    path: Path
    header: Row
    rows: list[Row]
    delimiter: str

    def columns(self, titles) -> list[int]:
        return [i for i, title in enumerate(self.header) if squeeze(title) in titles]


@dataclass(frozen=True)
class Layout:
    """``people``은 학번을 찾을 열, ``kept``는 그대로 둘 열, ``grades``는 과제마다 점수의 열.

    ``maximum``은 과제의 열에서 LMS가 아는 만점을 읽습니다.
    """

    people: list[int]
    kept: list[int]
    grades: dict[str, int]
    maximum: Callable[[int], str]


def known(lms: str) -> Callable[[Export, list[str]], Layout]:
    """LMS의 파일을 알아보는 함수. 모르는 LMS면 `InvalidValue`."""
    if lms not in LAYOUTS:
        raise InvalidValue(
            f"LMS={lms}: 모르는 LMS입니다.",
            f"{' 또는 '.join(LAYOUTS)}이어야 합니다.",
            "다른 LMS에는 표(grades.csv)의 total을 옮기세요.",
        )
    return LAYOUTS[lms]


def read(path: Path) -> Export:
    """LMS가 내보낸 CSV. 읽을 수 없으면 `InvalidValue`."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InvalidValue(
            f"ROSTER={path}: 읽을 수 없습니다({error.strerror}).",
            "LMS에서 내보낸 CSV 파일이어야 합니다.",
            "LMS에서 다시 내보내어 그 파일을 지정하세요.",
        ) from error
    if data.startswith((b"PK", b"\xd0\xcf")):
        raise InvalidValue(
            f"ROSTER={path}: 엑셀 파일입니다.",
            "LMS에서 CSV로 내보낸 파일이어야 합니다.",
            "LMS에서 내보낼 때 CSV(쉼표로 구분한 텍스트)를 고르세요.",
        )
    text = _decoded(data)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        header, *rest = [row for row in reader if row] or [[]]
    except csv.Error as error:
        raise InvalidValue(
            f"ROSTER={path}: CSV로 읽을 수 없습니다({error}).",
            "LMS에서 내보낸 CSV 파일이어야 합니다.",
            "LMS에서 다시 내보내어 그 파일을 지정하세요.",
        ) from error
    width = len(header)
    return Export(Path(path), header, [row + [""] * (width - len(row)) for row in rest], delimiter)


def _decoded(data: bytes) -> str:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp949")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def is_points(row: Row) -> bool:
    """캔버스가 만점을 적는 줄인가."""
    return any(POINTS in squeeze(cell) for cell in row[:2])


def _canvas(export: Export, assignments: list[str]) -> Layout:
    people, kept = export.columns(CANVAS_PEOPLE), export.columns(CANVAS_KEPT)
    if not (export.columns(["id"]) and export.columns(["section"]) and people):
        raise _not_from(
            export,
            "캔버스에서 내보낸 파일이 아닙니다",
            "Student, ID, SIS User ID, SIS Login ID, Section",
            "캔버스의 성적(Grades)에서 「내보내기」로 받은 CSV를 지정하세요.",
        )
    titles = {
        index: re.sub(r"\s*\(\d+\)\s*$", "", title)
        for index, title in enumerate(export.header)
        if index not in kept and not CANVAS_TOTALS.search(title)
    }
    points = next((row for row in export.rows if is_points(row)), [])
    return Layout(
        people, kept, _columns_of(export, titles, assignments),
        lambda column: points[column] if points else "",
    )  # fmt: skip


def _moodle(export: Export, assignments: list[str]) -> Layout:
    people = export.columns(MOODLE_PEOPLE)
    if export.columns(IDENTIFIER):
        return _worksheet(export, people, assignments)
    if not people or export.columns(CANVAS_KEPT[3:5]):
        raise _not_from(
            export,
            "무들에서 내보낸 파일이 아닙니다",
            "Identifier나 ID number, Email address",
            "과제의 채점 작업표나, 성적의 「내보내기」로 받은 CSV를 지정하세요.",
        )
    titles = {
        index: re.sub(r"\s*\([^()]*\)\s*$", "", title)
        for index, title in enumerate(export.header)
        if index not in people and not NOT_POINTS.search(title)
    }
    return Layout(people, people, _columns_of(export, titles, assignments), lambda column: "")


def _worksheet(export: Export, people: list[int], assignments: list[str]) -> Layout:
    """과제 하나의 채점 작업표. 어느 과제인지는 파일의 이름에 있습니다."""
    grades = export.columns(GRADES)
    modified = [i for i, title in enumerate(export.header)
                if re.search(rf"\(({'|'.join(GRADES)})\)", title, re.I)]  # fmt: skip
    if not (grades and modified):
        raise _not_from(
            export,
            "무들의 채점 작업표로 읽을 수 없습니다",
            "Grade와 Last modified (grade)",
            "무들의 언어를 영어로 바꾸어 작업표를 다시 내려받으세요.",
        )
    found = [one for one in assignments if _likeness(export.path.stem, one)]
    found = found or (assignments if len(assignments) == 1 else [])
    if len(found) != 1:
        raise InvalidValue(
            f"ROSTER={export.path}: 어느 과제의 작업표인지 알 수 없습니다.",
            f"파일의 이름에 과제의 이름이 하나 있어야 합니다: {', '.join(assignments)}.",
            f"{assignments[0]}.csv처럼 이름을 바꾸어 다시 실행하세요.",
        )
    most = export.columns(MAXIMA)
    kept = sorted({*export.columns(IDENTIFIER), *people, *modified})
    told = {row[most[0]] for row in export.rows} if most else set()
    return Layout(
        people, kept, {found[0]: grades[0]}, lambda column: told.pop() if len(told) == 1 else ""
    )


LAYOUTS = {"canvas": _canvas, "moodle": _moodle}


def _not_from(export: Export, what: str, wanted: str, todo: str) -> InvalidValue:
    return InvalidValue(
        f"ROSTER={export.path}: {what}(첫 줄: {', '.join(export.header)[:80]!r}).",
        f"첫 줄에 {wanted} 열이 있어야 합니다.",
        todo,
    )


def _columns_of(export: Export, titles: dict[int, str], assignments: list[str]) -> dict[str, int]:
    """과제마다 점수의 열. 하나도 없거나 둘 가운데 고를 수 없으면 `InvalidValue`."""
    found: dict[str, int] = {}
    for name in assignments:
        alike = {index: _likeness(title, name) for index, title in titles.items()}
        most = max(alike.values(), default=0)
        best = [index for index, likeness in alike.items() if most and likeness == most]
        if len(best) > 1 or (best and best[0] in found.values()):
            listed = ", ".join(export.header[index] for index in best)
            raise InvalidValue(
                f"ROSTER={export.path}: {name}의 점수를 적을 열을 고를 수 없습니다({listed}).",
                "과제의 이름이 제목에 든 열이 과제마다 하나여야 합니다.",
                f"LMS에서 과제의 제목을 {name}처럼 서로 다르게 고친 뒤 다시 내보내세요.",
            )
        found.update((name, index) for index in best)
    if not found:
        raise InvalidValue(
            f"ROSTER={export.path}: 채점한 과제({', '.join(assignments)})의 열이 없습니다.",
            "LMS의 과제 제목에 과제의 이름이 있어야 합니다.",
            f"LMS에 과제를 만들고 제목을 {assignments[0]}처럼 지은 뒤 다시 내보내세요.",
        )
    return found


def _likeness(title: str, name: str) -> int:
    """제목이 과제를 말하는 정도: 같으면 3, 이름이 들어 있으면 2, 앞머리(a1)만 있으면 1."""
    if squeeze(title) == squeeze(name):
        return 3
    if squeeze(name) in squeeze(title):
        return 2
    return int(squeeze(name.split("-")[0]) in re.split(r"[\W_]+", title.casefold()))
