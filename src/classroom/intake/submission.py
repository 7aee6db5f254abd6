"""제출: 학생 한 명이 과제 하나에 낸 것. 제출 폴더를 사람과 과제마다 하나로 나눕니다."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from classroom.assignment import Assignment
from classroom.intake import archive
from classroom.intake.archive import EMPTY, Item
from classroom.intake.delivery import Delivery, Sorter, merged
from classroom.intake.owner import Owners, Person
from classroom.intake.recognition import Recognizer
from classroom.intake.roster import Roster
from classroom.intake.student_id import is_id, squeeze
from classroom.record import PRIVATE, Status
from ddialab.core.errors import InvalidValue

EXTENSION = re.compile(r"\.(ipynb.*|zip)$", re.I)
NUMBERED = re.compile(r"(?:과제|숙제|hw|homework|assignment|assign)[\s_-]*0*(\d+)", re.I)
# 캔버스는 다시 낸 파일에 번호를 붙입니다
VERSION = re.compile(r"(.+?)-(\d{1,2})(\.ipynb)", re.I | re.S)
NOTEBOOK_LIMIT = 50  # 제출 하나의 노트북 수
NAMED = 20  # 알림에 이름을 적을 파일의 수


@dataclass(frozen=True)
class Submission:
    """학생 한 명이 과제 하나에 낸 것. ``files``가 비었고 ``flag``가 없으면 내지 않은 것입니다.

    ``files``에는 노트북만 있습니다. 내용이 빈 것은 냈지만 읽지 못한 것이고, 까닭은 ``notes``에
    있습니다. ``flag``는 받을 때 정해진 상태이고, ``late``는 LMS가 늦었다고 표시했는가,
    ``misplaced``는 다른 과제의 이름으로 낸 것뿐인가입니다.
    """

    student: str
    assignment: str
    files: dict[str, bytes] = field(default_factory=dict, hash=False)
    notes: tuple[str, ...] = ()
    flag: Status | None = None
    late: bool = False
    misplaced: bool = False


@dataclass(frozen=True)
class Received:
    """받은 것 모두: 사람과 과제마다의 제출과, 누구의 것도 아닌 파일들.

    ``strays``는 그 파일들의 경로, ``unread``는 그 가운데 열지 못한 것의 이름들(없으면 빈 문자열),
    ``skipped``는 명단에서 사람으로 세지 않은 줄의 알림, ``names``는 명단에 있는 학생의 이름입니다.
    """

    submissions: list[Submission]
    strays: list[str] = field(default_factory=list)
    unread: str = ""
    skipped: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


def collect(
    folder: Path,
    assignments: list[str],
    roster: Path | None = None,
    released: Iterable[Assignment] = (),
) -> list[Submission]:
    """`receive`가 나눈 제출들."""
    return receive(folder, assignments, roster, released).submissions


def receive(
    folder: Path,
    assignments: list[str],
    roster: Path | None = None,
    released: Iterable[Assignment] = (),
) -> Received:
    """``folder``의 제출을 모두 모읍니다. 학생마다 과제마다 하나씩, 학번의 차례로.

    ``released``의 과제는 노트북의 내용으로 알아봅니다. 명단에 있는데 내지 않은 학생의 것도
    있습니다. 제출이 어떻게 깨져 있든 예외를 내지 않습니다. 폴더나 명단을 읽을 수 없거나
    명단의 사람이 하나도 없으면 `InvalidValue`.
    """
    known, folder = Roster.load(roster), Path(folder)
    if not folder.exists():
        raise InvalidValue(f"제출 폴더 {folder}가 없습니다.", "있는 폴더나 zip을 지정하세요.")
    recognizer = Recognizer(assignments, list(released))
    sorter = Sorter(known, recognizer)
    sources = sorted(folder.iterdir()) if folder.is_dir() else [folder]
    found = [
        one
        for source in sources
        if not archive.is_junk(source.name)
        for one in sorter.sort(archive.read(source))
    ]
    people = Owners(known, recognizer).people(merged(found))
    _refuse_unrelated(known, people)
    strays = [_stray(item) for item in sorter.strays]
    unread = _listed([item for item in sorter.strays if item.note])
    submissions = Desk(people, recognizer).submissions()
    if unread:
        submissions = [_maybe_there(one, unread) for one in submissions]
    names = {one.id: one.name for one in known.students if one.name}
    return Received(submissions, strays, unread, known.skipped, names)


def _refuse_unrelated(roster: Roster, people: dict[str, Person]) -> None:
    """한 명도 내지 않은 반은 없습니다. 학번 열을 잘못 읽었거나 다른 반의 명단입니다."""
    listed = [one.id for one in roster.students]
    handed = [id for id, person in people.items() if person.deliveries]
    strangers = [id for id in handed if is_id(id)]
    if listed and not {*listed} & {*handed} and len(strangers) > 1:
        ours, theirs = ", ".join(listed[:3]), ", ".join(strangers[:3])
        raise InvalidValue(
            f"명단 {roster.source}의 학생이 낸 것을 하나도 찾지 못했습니다"
            f"(명단에서 읽은 학번: {ours}, 제출에 적힌 학번: {theirs}).",
            "명단의 학번이 제출의 학번과 같은 것이어야 합니다.",
            "이 반의 명단인지, 「학번」 열의 제목이 맞는지 보고 다시 실행하세요. "
            "명단 없이 채점하려면 ROSTER를 빼세요.",
        )


class Desk:
    """사람마다 낸 것을 과제마다 나누는 일."""

    def __init__(self, people: dict[str, Person], recognizer: Recognizer):
        self._people, self._recognizer = people, recognizer
        self._names = recognizer.names
        deliveries = [one for person in people.values() for one in person.deliveries]
        guessed = {self._guess(item, one) for one in deliveries for item in one.items}
        self._asked = guessed - {None} or set(self._names)  # 누군가 분명히 낸 과제들

    def submissions(self) -> list[Submission]:
        return [
            self._submission(id, assignment, self._people[id])
            for id in sorted(self._people)
            for assignment in self._names
        ]

    def _submission(self, id: str, assignment: str, person: Person) -> Submission:
        """과제의 것이 분명한 것을 먼저, 없으면 모르는 것을 봅니다. 여러 번 냈으면 새것입니다."""
        options = self._options(assignment, person.deliveries)
        real = [option for option in options if any(map(_counts, option[1]))]
        real = sorted(real, key=_delivered)
        delivery, items = real[-1] if real else (None, [])
        # 노트북이 없는 묶음은 고를 것이 아니라 함께 낸 것입니다
        items = [*items, *(i for one in options if one not in real for i in one[1])]
        notes = [*person.notes_on(assignment), *_resubmitted(real)]
        files, said = _files(items)
        said += _unknown(self._unsure(assignment, person.deliveries), items)
        notes += [*self._misplaced(assignment, items), *said]
        flag = person.flag_on(assignment) or _unopened(items, files)
        if not files and not flag and (others := self._instead(assignment, person.deliveries)):
            notes, flag = [*notes, *others], Status.OTHER
        late = bool(delivery and delivery.label.late)
        names = {self._named(item, delivery) for item in items if item.is_notebook} if files else ()
        misplaced = bool(names) and not {*names} & {None, assignment}
        return Submission(id, assignment, files, tuple(dict.fromkeys(notes)), flag, late, misplaced)

    def _instead(self, assignment: str, deliveries: list[Delivery]) -> list[str]:
        """이 과제의 이름으로 낸, 다른 과제의 노트북들의 알림."""
        found = [(item, one) for one in deliveries for item in one.items if item.is_notebook]
        return [
            f"{assignment}의 이름으로 {other}의 노트북을 냈습니다: {'/'.join(item.parts)}"
            for item, one in found
            if (other := self._recognizer.read(item).assignment) not in (None, assignment)
            and self._named(item, one) == assignment
        ]

    def _options(self, assignment: str, deliveries: list[Delivery]) -> list[tuple]:
        guessed = [(one, [(i, self._guess(i, one)) for i in one.items]) for one in deliveries]
        sure = [(one, [i for i, guess in found if guess == assignment]) for one, found in guessed]
        if sure := [option for option in sure if option[1]]:
            # 과제가 적히지 않은 파일은 함께 낸 것입니다
            loose = {id(one): [i for i, guess in found if guess is None] for one, found in guessed}
            return [(one, items + loose[id(one)]) for one, items in sure]
        if assignment not in self._asked:
            return []
        settled = any(guess for _, found in guessed for _, guess in found)
        left = [
            (one, [i for i, guess in found if guess is None and (_counts(i) or not settled)])
            for one, found in guessed
        ]
        return [option for option in left if option[1]]

    def _unsure(self, assignment: str, deliveries: list[Delivery]) -> list[Item]:
        """이 과제를 낸 사람의 것 가운데, 어느 과제의 것인지 모르는 묶음에 든 것들."""
        guessed = [[self._guess(item, one) for item in one.items] for one in deliveries]
        if not any(assignment in found for found in guessed):
            return []
        alone = [one for one, found in zip(deliveries, guessed, strict=True) if not any(found)]
        return [item for one in alone for item in one.items]

    def _guess(self, item: Item, delivery: Delivery) -> str | None:
        """어느 과제의 것인가: 셀, 경로에 적힌 이름, 주인의 이름, 묶음의 이름의 차례로 봅니다."""
        return self._recognizer.read(item).assignment or self._named(item, delivery)

    def _named(self, item: Item, delivery: Delivery) -> str | None:
        exact = {squeeze(name): name for name in self._names}
        *folders, file = item.parts
        for part in (*folders, file):
            if (name := squeeze(EXTENSION.sub("", part))) in exact:
                return exact[name]
        for part in (file, *reversed(folders), delivery.label.text, *reversed(delivery.place)):
            if len(found := _mentioned(part, self._names)) == 1:
                return found[0]
        return None

    def _misplaced(self, assignment: str, items: list[Item]) -> list[str]:
        """다른 과제의 이름으로 낸 노트북."""
        exact = {squeeze(name): name for name in self._names}
        found = []
        for item in items:
            folders = [exact.get(squeeze(EXTENSION.sub("", part))) for part in item.parts]
            other = next((name for name in folders if name and name != assignment), None)
            if other and self._recognizer.read(item).assignment == assignment:
                path = "/".join(item.parts)
                found.append(f"{other}의 이름으로 냈지만 {assignment}의 노트북입니다: {path}")
        return found


def _mentioned(text: str, assignments: list[str]) -> list[str]:
    """``a1-cache``는 이름이 들어 있거나, 앞머리 ``a1``이나 「과제 1」이 있으면 말한 것입니다."""
    words = set(map(squeeze, re.split(r"[\W_]+", text)))
    numbers = set(NUMBERED.findall(text))
    return [
        name
        for name in assignments
        if squeeze(name) in squeeze(text)
        or squeeze(name.split("-")[0]) in words
        or set(re.findall(r"\d+", name.split("-")[0])) & numbers
    ]


def _counts(item: Item) -> bool:
    """노트북이거나, 노트북일 수 있었지만 읽지 못한 것."""
    return item.is_notebook or item.is_zip or bool(item.note)


def _delivered(option: tuple[Delivery, list[Item]]) -> tuple:
    dates = [item.date for item in option[1] if _counts(item)] or [()]
    return max(dates), option[0].place, option[0].label.text


def _resubmitted(real: list[tuple]) -> list[str]:
    if len(real) < 2:
        return []
    when = "-".join(f"{part:02d}" for part in _delivered(real[-1])[0][:3])
    rest = [item for _, items in real[:-1] for item in items]
    return [
        f"{len(real)}번 냈습니다. 마지막 것({when})을 채점합니다.",
        f"채점하지 않은 이전 제출: {_listed(rest)}",
    ]


def _unknown(unsure: list[Item], graded: list[Item]) -> list[str]:
    left = [one for one in unsure if not any(one is item for item in graded)]
    return [f"어느 과제의 것인지 몰라 채점하지 않은 파일: {_listed(left)}"] if left else []


def _files(items: list[Item]) -> tuple[dict[str, bytes], list[str]]:
    """채점할 노트북들과, 나머지에 관한 알림."""
    items, old = _newest(items)
    files: dict[str, bytes] = {}
    notes = [item.note for item in items if item.note]
    for item in items:
        if not (item.is_notebook or item.is_zip):
            continue
        path = item.path
        while path in files:
            path = f"또/{path}"
        files[path] = item.data
        if path.rsplit("/", 1)[-1] != item.name and archive.holds_notebook(item.data):
            notes.append(f"이름이 .ipynb로 끝나지 않지만 노트북으로 읽었습니다: {item.name}")
    if len(files) > NOTEBOOK_LIMIT:
        notes.append(f"노트북이 {len(files)}개여서 앞의 {NOTEBOOK_LIMIT}개만 봅니다.")
        files = dict(list(files.items())[:NOTEBOOK_LIMIT])
    if old:
        notes.append(f"다시 낸 것이 있어 채점하지 않은 노트북: {_listed(old)}")
    return files, [*notes, *_others(items, files)]


def _others(items: list[Item], files: dict) -> list[str]:
    others = [item for item in items if not _counts(item) and item.name != EMPTY]
    if not others:
        return []
    if files:
        return [f"채점하지 않은 파일: {_listed(others)}"]
    return [
        f"노트북 없이 다른 파일만 냈습니다: {_listed(others)}. 노트북(.ipynb)을 제출해야 합니다."
    ]


def _newest(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """캔버스가 ``a1-cache-1.ipynb``처럼 번호를 붙인 것 가운데 새것들과, 옛것들."""
    versions: dict[str, list[tuple[int, Item]]] = {}
    for item in items:
        found = VERSION.fullmatch(item.path)
        stem, number = (found[1] + found[3], int(found[2])) if found else (item.path, 0)
        versions.setdefault(stem, []).append((number, item))
    latest = {stem: max(number for number, _ in all) for stem, all in versions.items()}
    kept = [i for stem, all in versions.items() for n, i in all if n == latest[stem]]
    return kept, [item for item in items if not any(item is one for one in kept)]


def _unopened(items: list[Item], files: dict) -> Status | None:
    """무엇인가 냈지만 채점할 노트북이 없을 때의 상태. 아무것도 내지 않았으면 없습니다."""
    if files or all(item.name == EMPTY and not item.note for item in items):
        return None
    return Status.UNREADABLE if any(item.note for item in items) else Status.OTHER


def _maybe_there(one: Submission, unread: str) -> Submission:
    """낸 것이 없는 사람의 것이, 누구의 것인지 모르는 열지 못한 파일에 있을 수 있습니다."""
    if one.files or one.flag:
        return one
    note = f"{PRIVATE}열지 못해 누구의 것인지 모르는 파일이 있습니다: {unread}"
    return replace(one, notes=(*one.notes, note))


def _listed(items: list[Item]) -> str:
    names = sorted("/".join(item.parts) for item in items)
    more = f" 외 {len(names) - NAMED}개" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _stray(item: Item) -> str:
    return "/".join(item.parts) + (f" ({item.note})" if item.note else "")
