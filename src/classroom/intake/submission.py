"""받기: 제출 폴더를 학생과 과제마다 제출 하나로 나눕니다.

알아보는 모양은 다섯입니다.

- nbgrader: ``학번/과제/파일``, 또는 ``학번/파일``, ``2026-0001 홍길동/파일``
- 무들의 일괄 내려받기: zip 안의 ``홍길동_12345_assignsubmission_file_/파일``(폴더 없이 이어 붙인
  ``…_file_파일``도)
- 캔버스의 일괄 내려받기: zip 안의 ``honggildong_LATE_12345_678_파일``
- 한 사람의 zip이나 노트북: ``2026-0001_홍길동_a1.zip``
- 위의 것들을 풀어 놓은 폴더
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path

from classroom.intake import archive
from classroom.intake.archive import Item
from classroom.intake.roster import Roster, squeeze, unique_ids
from ddialab.core.errors import InvalidValue

LMS = (
    re.compile(  # 무들
        r"(?P<label>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+_?(?P<rest>.*)", re.S
    ),
    re.compile(r"(?:LATE_)?(?P<label>anon_[0-9A-Za-z]+)_\d+_(?P<rest>.+)", re.S),  # 캔버스, 익명
    re.compile(r"(?P<label>.+?)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<rest>.+)", re.S),  # 캔버스
)
MOODLE = LMS[0]
STUDENT_LIKE = re.compile(r"\d{4,}|\d{2,4}-\d{2,}")
EXTENSION = re.compile(r"\.(ipynb|zip)$", re.I)
FILE = re.compile(r"\.(ipynb|zip|py|pdf|docx?|hwpx?|html?|png|jpe?g|rar|7z|tar|gz)$", re.I)
LOOSE = (".csv", ".xlsx", ".xls", ".txt", ".md", ".json", ".log")  # 강사의 명단이나 기록
NESTING = 3  # 묶음 속의 묶음을 찾아 내려갈 겹
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


@dataclass(frozen=True)
class Owner:
    """이름에서 읽은 주인. ``number``는 LMS의 번호, ``key``는 명단이 없을 때의 학번입니다."""

    label: str
    key: str
    number: str = ""


@dataclass
class Delivery:
    """한 사람의 것 한 묶음. ``place``는 담겨 있던 곳, ``items``의 경로는 그 사람의 안쪽입니다."""

    place: tuple[str, ...]
    owner: Owner
    items: list[Item]


def collect(folder: Path, assignments: list[str], roster: Path | None = None) -> list[Submission]:
    """``folder``의 제출을 모두 모읍니다. 학생마다 과제마다 하나씩, 학번의 차례로.

    명단에 있는데 내지 않은 학생의 것도 있습니다. 제출이 어떻게 깨져 있든 예외를 내지 않습니다.
    폴더나 명단을 읽을 수 없으면 `InvalidValue`.
    """
    known, folder = Roster.load(roster), Path(folder)
    if not folder.exists():
        raise InvalidValue(f"제출 폴더 {folder}가 없습니다.", "있는 폴더나 zip을 지정하세요.")
    sources = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    deliveries = [
        one
        for source in sources
        if not archive.is_junk(source.name)
        for one in _deliveries(archive.read(source), (), known, assignments)
    ]
    return _submissions(_by_student(_merged(deliveries), known), assignments)


# ── 누구의 것인가 ─────────────────────────────────────────────────────────


def _deliveries(items: list[Item], place, roster, assignments) -> list[Delivery]:
    """맨 위의 이름이 같은 ``items``를 사람마다 나눕니다. 묶음이면 그 안으로 내려갑니다."""
    if not items:
        return []
    name = items[0].parts[0]
    if name.lower().endswith(LOOSE) and not _lms(name) and not roster.find(name):
        return []
    inner = [replace(item, parts=item.parts[1:]) for item in items if len(item.parts) > 1]
    if len(place) == NESTING or not _is_bundle(name, inner, roster):
        return [_delivery(items, place, assignments)]
    children: dict[str, list[Item]] = defaultdict(list)
    for item in inner:  # zip 안에서는 한 폴더의 것이 떨어져 있을 수 있습니다
        children[item.parts[0]].append(item)
    found = [
        one
        for child in children.values()
        for one in _deliveries(child, (*place, name), roster, assignments)
    ]
    broken = [item for item in items if len(item.parts) == 1]  # 묶음의 나머지를 읽지 못했습니다
    return [*found, *([_delivery(broken, place, assignments)] if broken else [])]


def _is_bundle(name: str, inner: list[Item], roster: Roster) -> bool:
    """여러 사람의 것을 담은 묶음인가. 한 사람의 폴더를 묶음으로 잘못 보면 학생이 늘어납니다."""
    children = {item.parts[0]: len(item.parts) > 1 for item in inner}
    files = [child for child in children if not child.lower().endswith(".html")]
    lms = [match for child in files if (match := _lms(child))]
    if any(map(MOODLE.fullmatch, children)) or _is_canvas(name, files, lms):
        return True
    if roster.find(name):
        return False
    if len({one for child in files if (one := roster.find(child))}) > 1:
        return True
    if STUDENT_LIKE.match(name):
        return False
    if len(children) == 1 and all(children.values()):
        wrapped = [replace(item, parts=item.parts[1:]) for item in inner]
        return _is_bundle(*children, wrapped, roster)
    alike = [child for child in files if children[child] and STUDENT_LIKE.match(child)]
    return len(alike) > 1 and len(alike) == len(files)


def _is_canvas(name: str, files: list[str], lms: list[re.Match]) -> bool:
    several = len({match["label"] for match in lms}) > 1 or "submission" in name.lower()
    return bool(lms) and len(lms) == len(files) and several


def _lms(name: str) -> re.Match | None:
    return next((match for pattern in LMS if (match := pattern.fullmatch(name))), None)


def _delivery(items: list[Item], place, assignments) -> Delivery:
    """한 사람의 묶음. LMS가 지은 이름에서는 주인과 파일 이름을 나눕니다."""
    name = items[0].parts[0]
    if match := _lms(name):
        found = match.groupdict()
        owner = Owner(found["label"], found["label"], found.get("number") or "")
        head = (found["rest"],) if found["rest"] else ()
    else:
        is_folder = not FILE.search(name)
        label = FILE.sub("", name)
        owner = Owner(label, _leading(label, is_folder, assignments))
        head = () if len(items[0].parts) > 1 else (name,)
    own = [replace(item, parts=(*head, *item.parts[1:]) or (name,)) for item in items]
    return Delivery(place, owner, own)


def _merged(deliveries: list[Delivery]) -> list[Delivery]:
    """한 곳에 있는 한 사람의 것은 하나로. 캔버스는 파일을 하나씩 따로 둡니다."""
    found: dict[tuple, Delivery] = {}
    for one in deliveries:
        same = found.setdefault((one.place, one.owner), Delivery(one.place, one.owner, []))
        same.items += one.items
    return list(found.values())


def _leading(label: str, is_folder: bool, assignments) -> str:
    """명단이 없을 때의 학번: 학번으로 시작하거나 파일이면 첫 낱말, 폴더면 이름 전체."""
    if is_folder and not STUDENT_LIKE.match(label):
        return label
    short = {squeeze(part) for name in assignments for part in (name, name.split("-")[0])}
    words = [word for word in re.split(r"[\s_]+", label) if word]
    return next((word for word in words if squeeze(word) not in short), label)


def _by_student(deliveries: list[Delivery], roster: Roster) -> dict[str, tuple[list, list[str]]]:
    """학번마다 그 사람의 묶음들과 알림. 알아보지 못한 사람은 자기 이름 그대로 둡니다."""
    namesakes = _namesakes(deliveries)
    keys, notes = {}, defaultdict(list)
    found = {one.id: ([], []) for one in roster.students}
    for one in deliveries:
        same = (one.place, one.owner.label) in namesakes
        student = roster.find("" if same else one.owner.label, one.owner.number)
        key = student.id if student else _own_key(one.owner, same)
        keys.setdefault((key, student is not None), []).append(one)
        if same and not student:
            notes[key].append(f"이름이 같은 사람이 여럿이어서 번호를 붙였습니다: {key}")
        if roster and not student:
            notes[key].append(f"명단에서 한 사람으로 찾지 못했습니다: {one.owner.label}")
    strangers = unique_ids([key for key, matched in keys if not matched])
    for (key, matched), ones in keys.items():
        id = key if matched else _free(strangers[key], found)
        if id != key:
            notes[key].append(f"파일 이름으로 쓸 수 있게 바꾼 이름입니다. 원래 이름: {key[:80]}")
        found[id] = (ones, list(dict.fromkeys(notes[key])))
    return found


def _namesakes(deliveries: list[Delivery]) -> set[tuple]:
    """한 묶음 안에서 이름은 같고 번호가 다른 사람들. 한 사람의 것을 남에게 주면 안 됩니다."""
    numbers = defaultdict(set)
    for one in deliveries:
        numbers[one.place, one.owner.label].add(one.owner.number)
    return {key for key, distinct in numbers.items() if len(distinct) > 1}


def _own_key(owner: Owner, same: bool) -> str:
    return f"{owner.key}_{owner.number}" if same else owner.key


def _free(id: str, taken) -> str:
    """명단의 학번과 겹치지 않는 이름."""
    while id.casefold() in {one.casefold() for one in taken}:
        id += "-x"
    return id


# ── 어느 과제의 것인가 ────────────────────────────────────────────────────


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
