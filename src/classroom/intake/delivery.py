"""묶음: 제출 폴더에 든 것이 누구의 것인지 나눕니다.

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
from dataclasses import dataclass, replace

from classroom.intake.archive import Item
from classroom.intake.roster import Roster, squeeze, unique_ids

LMS = (
    re.compile(  # 무들
        r"(?P<label>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+_?(?P<rest>.*)", re.S
    ),
    re.compile(r"(?:LATE_)?(?P<label>anon_[0-9A-Za-z]+)_\d+_(?P<rest>.+)", re.S),  # 캔버스, 익명
    re.compile(r"(?P<label>.+?)(?:_LATE)?_(?P<number>\d+)_\d+_(?P<rest>.+)", re.S),  # 캔버스
)
MOODLE = LMS[0]
STUDENT_LIKE = re.compile(r"\d{4,}|\d{2,4}-\d{2,}")
FILE = re.compile(r"\.(ipynb|zip|py|pdf|docx?|hwpx?|html?|png|jpe?g|rar|7z|tar|gz)$", re.I)
LOOSE = (".csv", ".xlsx", ".xls", ".txt", ".md", ".json", ".log")  # 강사의 명단이나 기록
NESTING = 3  # 묶음 속의 묶음을 찾아 내려갈 겹


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


def deliveries(items: list[Item], place, roster, assignments) -> list[Delivery]:
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
        for one in deliveries(child, (*place, name), roster, assignments)
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


def merged(deliveries: list[Delivery]) -> list[Delivery]:
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


def by_student(deliveries: list[Delivery], roster: Roster) -> dict[str, tuple[list, list[str]]]:
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
