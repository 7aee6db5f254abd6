"""LMS로 돌려보내기: 캔버스나 무들이 내보낸 CSV에 총점을 채워, 그대로 올릴 CSV를 만듭니다.

사람도 과제도 LMS가 제 번호로 알아보므로, 그 번호가 든 LMS의 파일을 받아 학번으로 짝지은 줄만
돌려줍니다. 열은 LMS가 사람을 알아보는 것과 점수뿐이고, 정해지지 않은 점수는 LMS에 있던 그대로
둡니다. 빈칸이었으면 빈칸입니다. 캔버스는 있던 점수를 빈칸으로 올리면 지우고, 첫 열을 BOM 없이
읽습니다. 무들은 만점보다 큰 점수를 말없이 건너뜁니다.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from classroom.intake.roster import safe_id, squeeze
from classroom.reporting.export import IDENTIFIER, Export, Layout, Row, is_points, known, read
from ddialab.core.errors import InvalidValue

Totals = dict[tuple[str, str], float | None]  # (과제, 학생) -> 총점. 모르면 None

NOBODY = ("studenttest", "teststudent")  # 캔버스가 만들어 둔 시험용 학생
KEPT_GRADES = ("EX", "N/A")  # 캔버스에서 면제했거나 내주지 않은 것
NO_GRADE = "-"  # 무들이 빈 점수를 적는 글자
WORD = 3  # 이보다 짧은 낱말은 학번으로 보지 않습니다(글자)


@dataclass
class Filled:
    """올릴 CSV와, 짝지은 사람 수와, 강사가 알아야 할 것들."""

    text: str
    people: int
    name: str
    notes: list[str] = field(default_factory=list)


def fill(lms: str, path: Path, totals: Totals, maxima: dict[str, float]) -> Filled:
    """``path``의 줄에 ``totals``를 채웁니다. ``maxima``는 채점한 과제마다의 만점입니다.

    모르는 LMS, 그 LMS의 것이 아닌 파일, 한 사람도 짝짓지 못한 파일이면 `InvalidValue`.
    """
    layout_of = known(lms)
    export = read(path)
    layout = layout_of(export, sorted(maxima))
    students = {student for assignment, student in totals if assignment in layout.grades}
    pairs, notes = _pairs(export, layout, students)
    if not pairs:
        raise InvalidValue(
            f"ROSTER={path}: 채점한 학생을 한 사람도 찾지 못했습니다"
            f"(채점한 학번: {', '.join(sorted(students)[:3])}).",
            "학번은 SIS User ID나 SIS Login ID(캔버스), ID number나 이메일(무들)에 있어야 합니다.",
            "LMS에서 새로 내보낸 파일을 엑셀로 고치지 말고 그대로 지정하세요.",
        )
    rows = list(_rows(export, layout, pairs, totals, notes))
    notes += _different_maxima(layout, maxima)
    if export.columns(IDENTIFIER):  # 무들의 작업표는 과제마다 한 장입니다
        lms = f"{lms}-{next(iter(layout.grades))}"
    else:
        left = [name for name in maxima if name not in layout.grades]
        notes += [f"{name}: LMS의 파일에 열이 없어 적지 않았습니다." for name in left]
    return Filled(_text(export, layout, rows), len(pairs), lms, notes)


def _pairs(export: Export, layout: Layout, students: set[str]) -> tuple[dict[str, Row], list[str]]:
    """학생마다 그의 줄. 두 줄이 한 사람이거나 한 줄이 두 사람이면 어느 쪽에도 적지 않습니다."""
    known, rows, strangers = {squeeze(student): student for student in students}, [], []
    for row in export.rows:
        if is_points(row) or not any(row[column].strip() for column in layout.people):
            continue
        found = {known[one] for one in _ids(row, layout.people) if one in known}
        rows += [(student, row) for student in found] if len(found) == 1 else []
        name = _name(row, layout)
        strangers += [] if len(found) == 1 or squeeze(name) in NOBODY else [name]
    times = Counter(student for student, _ in rows)
    pairs = {student: row for student, row in rows if times[student] == 1}
    twice = sorted(student for student, count in times.items() if count > 1)
    lists = {
        "LMS의 파일에 같은 학번이 여럿이어서 적지 않은 학생": twice,
        "LMS의 파일에서 찾지 못해 적지 않은 학생": sorted(students - {*times}),
        "LMS의 파일에만 있는 사람": strangers,
    }
    return pairs, [f"{what}: {', '.join(names)}" for what, names in lists.items() if names]


def _ids(row: Row, columns: list[int]) -> Iterator[str]:
    """줄에서 학번일 수 있는 것들. 이메일이면 @의 앞도 봅니다."""
    for cell in (row[column].strip() for column in columns):
        yield squeeze(cell)
        yield squeeze(safe_id(cell))
        yield from (squeeze(word) for word in re.findall(r"[\w-]+", cell) if len(word) >= WORD)


def _name(row: Row, layout: Layout) -> str:
    return " ".join(row[column].strip() for column in layout.people[:2]).strip()


def _rows(export, layout: Layout, pairs: dict[str, Row], totals: Totals, notes) -> Iterator[Row]:
    """올릴 줄들: 만점의 줄과, 짝지은 사람의 줄. LMS의 파일의 차례대로."""
    owners = {id(row): student for student, row in pairs.items()}
    waiting, excused = [], []
    for row in export.rows:
        if is_points(row):
            yield row
        if not (student := owners.get(id(row))):
            continue
        new = list(row)
        for name, column in layout.grades.items():
            total, old = totals.get((name, student)), row[column].strip()
            new[column] = "" if old == NO_GRADE else old
            if old.upper() in KEPT_GRADES:
                excused.append(f"{student}({name})")
            elif total is None:
                waiting.append(f"{student}({name})")
            else:
                new[column] = f"{total:.10g}"
        yield new
    lists = {
        "점수가 정해지지 않아 LMS에 있던 그대로 둔 학생": waiting,
        "LMS에서 면제했거나 내주지 않아 그대로 둔 학생": excused,
    }
    notes += [f"{what}: {', '.join(names)}" for what, names in lists.items() if names]


def _different_maxima(layout: Layout, maxima: dict[str, float]) -> Iterator[str]:
    for name, column in layout.grades.items():
        told = layout.maximum(column).strip()
        try:
            same = not told or float(told.replace(",", ".")) == maxima[name]
        except ValueError:
            same = False
        if not same:
            yield (
                f"{name}: LMS의 만점({told})과 과제의 만점({maxima[name]:g})이 다릅니다. 점수는 "
                "바꾸지 않고 적었습니다. LMS의 만점을 고치세요(무들은 더 큰 점수를 받지 않습니다)."
            )


def _text(export: Export, layout: Layout, rows: list[Row]) -> str:
    columns = sorted({*layout.kept, *layout.grades.values()})
    out = io.StringIO()
    table = csv.writer(out, delimiter=export.delimiter)
    table.writerows([row[column] for column in columns] for row in (export.header, *rows))
    return out.getvalue()
