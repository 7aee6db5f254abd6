"""제출: 학생 한 명이 과제 하나에 낸 것. 제출 폴더를 사람과 과제마다 하나로 나눕니다."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from classroom.intake import archive
from classroom.intake.archive import Item
from classroom.intake.delivery import Delivery, by_student, deliveries, merged
from classroom.intake.roster import Roster, squeeze
from ddialab.core.errors import InvalidValue

EXTENSION = re.compile(r"\.(ipynb|zip)$", re.I)
NOTEBOOK_LIMIT = 50  # 제출 하나의 노트북 수


@dataclass(frozen=True)
class Submission:
    """학생 한 명이 과제 하나에 낸 것. ``files``가 비었으면 내지 않은 것입니다.

    ``files``에는 노트북만 있습니다. 내용이 빈 것은 냈지만 읽지 못한 것이고, 까닭은 ``notes``에
    있습니다.
    """

    student: str
    assignment: str
    files: dict[str, bytes] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()


def collect(folder: Path, assignments: list[str], roster: Path | None = None) -> list[Submission]:
    """``folder``의 제출을 모두 모읍니다. 학생마다 과제마다 하나씩, 학번의 차례로.

    명단에 있는데 내지 않은 학생의 것도 있습니다. 제출이 어떻게 깨져 있든 예외를 내지 않습니다.
    폴더나 명단을 읽을 수 없으면 `InvalidValue`.
    """
    known, folder = Roster.load(roster), Path(folder)
    if not folder.exists():
        raise InvalidValue(f"제출 폴더 {folder}가 없습니다.", "있는 폴더나 zip을 지정하세요.")
    sources = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    found = [
        one
        for source in sources
        if not archive.is_junk(source.name)
        for one in deliveries(archive.read(source), (), known, assignments)
    ]
    return _submissions(by_student(merged(found), known), assignments)


def _submissions(students: dict, assignments: list[str]) -> list[Submission]:
    return [
        _submission(id, assignment, *students[id], assignments)
        for id in sorted(students)
        for assignment in assignments
    ]


def _submission(id: str, assignment: str, deliveries, notes, assignments) -> Submission:
    """과제의 이름이 적힌 것을 먼저, 없으면 이름이 없는 것을 봅니다. 여러 번 냈으면 새것입니다."""
    options = [(one, _parts_for(one, assignment, assignments)) for one in deliveries]
    named = [(one, sure) for one, (sure, _) in options if sure]
    options = named or [(one, unsure) for one, (_, unsure) in options if unsure]
    real = [option for option in options if any(_counts(item) for item in option[1])]
    options = sorted(real or options, key=_delivered)
    if len(real) > 1:
        kept = options[-1]
        when = "-".join(f"{part:02d}" for part in _delivered(kept)[0][:3])
        notes = [*notes, f"{len(real)}번 냈습니다. 가장 새것({when})을 채점합니다."]
    items = options[-1][1] if options else []
    return Submission(id, assignment, *_files(items, notes))


def _parts_for(delivery: Delivery, assignment: str, assignments) -> tuple[list, list]:
    """이 과제의 것이 분명한 것과, 어느 과제의 것인지 모르는 것."""
    guessed = [(item, _assignment_of(item, delivery, assignments)) for item in delivery.items]
    return (
        [item for item, guess in guessed if guess == assignment],
        [item for item, guess in guessed if guess is None],
    )


def _assignment_of(item: Item, delivery: Delivery, assignments: list[str]) -> str | None:
    """경로에 적힌 과제의 이름. 폴더, 파일, 주인의 이름, 묶음의 이름 차례로 봅니다."""
    exact = {squeeze(name): name for name in assignments}
    *folders, file = item.parts
    for part in (*folders, file):
        if (name := squeeze(EXTENSION.sub("", part))) in exact:
            return exact[name]
    for part in (file, *reversed(folders), delivery.owner.label, *reversed(delivery.place)):
        if len(found := _mentioned(part, assignments)) == 1:
            return found[0]
    return None


def _mentioned(text: str, assignments: list[str]) -> list[str]:
    """``a1-cache``는 이름이 들어 있거나 앞머리 ``a1``이 낱말로 있으면 말한 것으로 칩니다."""
    words = set(map(squeeze, re.split(r"[\W_]+", text)))
    return [
        name
        for name in assignments
        if squeeze(name) in squeeze(text) or squeeze(name.split("-")[0]) in words
    ]


def _counts(item: Item) -> bool:
    return item.is_notebook or item.is_zip


def _delivered(option: tuple[Delivery, list[Item]]) -> tuple:
    dates = [item.date for item in option[1] if _counts(item)] or [()]
    return max(dates), option[0].place, option[0].owner.label


def _files(items: list[Item], notes: list[str]) -> tuple[dict[str, bytes], tuple[str, ...]]:
    files: dict[str, bytes] = {}
    for item in filter(_counts, items):
        path = "/".join(item.parts)
        while path in files:
            path = f"또/{path}"
        files[path] = item.data
    notes = [*notes, *(item.note for item in items if item.note)]
    if len(files) > NOTEBOOK_LIMIT:
        notes.append(f"노트북이 {len(files)}개여서 앞의 {NOTEBOOK_LIMIT}개만 봅니다.")
        files = dict(list(files.items())[:NOTEBOOK_LIMIT])
    if items and not files:
        names = ", ".join(sorted(item.name for item in items)[:5])
        notes.append(f"노트북 없이 다른 파일만 냈습니다: {names}")
    return files, tuple(dict.fromkeys(notes))
