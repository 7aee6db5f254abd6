"""묶음: 제출 폴더에 든 것을 낸 사람마다 나눕니다.

누구의 것인지는 이름표가, 여러 사람의 것이 섞였는지는 내용(학번 셀)이 먼저 말합니다. 그래서 처음
보는 LMS의 모양이어도 사람이 합쳐지지 않습니다.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace

from classroom.intake import label as labels
from classroom.intake.archive import EMPTY, Item
from classroom.intake.label import Label
from classroom.intake.recognition import Recognizer
from classroom.intake.roster import Roster
from classroom.intake.student_id import same, squeeze

NESTING = 8  # 묶음 속의 묶음을 찾아 내려갈 겹
OWN = re.compile(r"timestamp\.txt|comments\.txt|.*feedbackText\.html", re.I)  # 사카이가 씁니다
SAKAI = {"submission attachment(s)", "submissionattachment(s)", "timestamp.txt"}  # 한 사람의 폴더


@dataclass
class Delivery:
    """한 사람이 한 번에 낸 것. ``place``는 담겨 있던 곳, ``items``의 경로는 그 사람의 안쪽입니다.

    ``is_file``은 폴더 없이 놓인 파일인가, ``official``은 강사나 JupyterHub가 정한
    ``학번/과제/파일``의 자리인가입니다.
    """

    place: tuple[str, ...]
    label: Label
    items: list[Item] = field(default_factory=list)
    is_file: bool = False
    official: bool = False


class Sorter:
    """묶음을 나누는 일. 아무의 것도 아닌 파일은 ``strays``에 모입니다."""

    def __init__(self, roster: Roster, recognizer: Recognizer):
        self._roster, self._recognizer = roster, recognizer
        self.strays: list[Item] = []

    def sort(self, items: list[Item], place: tuple[str, ...] = ()) -> list[Delivery]:
        """맨 위의 이름이 같은 ``items``를 사람마다 나눕니다. 묶음이면 그 안으로 내려갑니다."""
        if not items:
            return []
        name = items[0].parts[0]
        inner = [replace(item, parts=item.parts[1:]) for item in items if len(item.parts) > 1]
        if len(place) == NESTING or not self._is_bundle(name, inner):
            return self._delivered(items, place)
        whole = [item for item in items if len(item.parts) == 1]  # 나머지를 읽지 못했습니다
        self._stray(whole, place)
        return [
            one for child in _children(inner).values() for one in self.sort(child, (*place, name))
        ]

    def _delivered(self, items: list[Item], place: tuple[str, ...]) -> list[Delivery]:
        name = items[0].parts[0]
        is_file = len(items[0].parts) == 1
        found = labels.read(name)
        work = any(item.is_notebook or item.is_zip for item in items)
        empty = all(item.name == EMPTY and not item.note for item in items)
        unlisted = empty and bool(self._roster) and not self._roster.find(found.text)
        nobodys = not found.lms and not work and (self._is_nobodys_name(name) or unlisted)
        if nobodys or (is_file and not self._is_somebodys(items[0])):
            self._stray(items, place)
            return []
        file = found.rest if found.lms else name if is_file else ""
        head = (file,) if file else ()
        own = [replace(item, parts=(*head, *item.parts[1:]) or (name,)) for item in items]
        if found.date:
            own = [replace(item, date=found.date) for item in own]
        if not is_file and re.fullmatch(r".+\(.+\)", name):  # 사카이: 이름(아이디)
            own = [one for one in own if not OWN.fullmatch(one.path)] or [Item((EMPTY,))]
        official = not is_file and not found.lms and self._is_official(own)
        return [Delivery(place, found, own, is_file, official)]

    def _is_somebodys(self, item: Item) -> bool:
        """묶음에 바로 든 파일 하나가 누군가의 제출인가. 강사의 명단이나 기록일 수 있습니다."""
        found = labels.read(item.name)
        if found.lms or item.is_notebook or item.is_zip:
            return True
        if self._roster:
            return bool(self._roster.find(found.text))
        if item.name.lower().endswith((".csv", ".xlsx", ".xls", ".txt", ".md", ".json", ".log")):
            return False
        mentions = squeeze(found.text) != squeeze("".join(self._words(found.text)))
        return bool(labels.ids(found.text) or (mentions and self._words(found.text)))

    def _stray(self, items: list[Item], place: tuple[str, ...]) -> None:
        self.strays += [replace(item, parts=(*place, *item.parts)) for item in items]

    def _is_bundle(self, name: str, inner: list[Item]) -> bool:
        """여러 사람의 것을 담은 묶음인가. 한 사람의 폴더를 묶음으로 잘못 보면 학생이 늘어납니다."""
        children = _children(inner)
        files = [child for child in children if not child.lower().endswith(".html")]
        if not children or labels.is_sure(name):
            return False
        if any(map(labels.is_sure, children)) or _is_canvas(name, files):
            return True
        if self._roster.find(name) or SAKAI & {child.lower() for child in children}:
            return False
        people = {one for child in files if (one := self._roster.find(child))}
        if len(people) > 1 or self._has_several(name, children):
            return True
        if self._is_nobodys_name(name):
            return True
        if labels.ids(name) or self._is_official(inner):
            return False
        return self._holds_people(children)

    def _has_several(self, name: str, children: dict[str, list[Item]]) -> bool:
        """학번 셀이 서로 다른 노트북들인가. 이 폴더의 학번이 그중에 있으면 한 사람의 것입니다."""
        read = (self._recognizer.read(item) for items in children.values() for item in items)
        found = {squeeze(one.student) for one in read if one.student}
        named = labels.ids(name)
        return len(found) > 1 and not any(same(one, said) for one in named for said in found)

    def _is_official(self, inner: list[Item]) -> bool:
        """안이 모두 과제의 이름으로 된 폴더인가: ``학번/과제/파일``."""
        exact = {squeeze(name) for name in self._recognizer.names}
        return bool(inner) and all(
            len(item.parts) > 1 and squeeze(item.parts[0]) in exact for item in inner
        )

    def _is_nobodys_name(self, name: str) -> bool:
        """과제의 이름이나 「제출물」처럼 사람이 아닌 것의 이름인가."""
        name = labels.bare(name)
        return not (self._words(name) or labels.ids(name) or name.isdecimal())

    def _holds_people(self, children: dict[str, list[Item]]) -> bool:
        """안의 것들이 저마다 사람인가: 학번이 있거나, 같은 과제를 담은 이름 둘 이상."""
        numbered = {one for child in children if (one := _first(labels.ids(labels.bare(child))))}
        folders = {child for child, items in children.items() if len(items[0].parts) > 1}
        if len(numbered) > 1 or (folders and len(children) == 1 and self._wraps(children)):
            return True
        works = [child for child, items in children.items() if items[0].is_notebook]
        names = [self._words(labels.bare(child)) for child in works]
        if len(set(map(tuple, names))) > 1 and all(map(labels.is_person, names)):
            return True
        named = defaultdict(set)
        for child in folders:
            for item in children[child]:
                if self._words(child) and (what := self._recognizer.read(item).assignment):
                    named[what].add(child)
        return any(len(one) > 1 for one in named.values())

    def _wraps(self, children: dict[str, list[Item]]) -> bool:
        """폴더 하나를 감싼 것뿐이면 그 폴더가 묶음이거나 한 사람의 것인가."""
        ((child, items),) = children.items()
        inner = [replace(item, parts=item.parts[1:]) for item in items if len(item.parts) > 1]
        known = self._roster.find(child) or labels.ids(child) or self._is_official(inner)
        return bool(known) or self._is_bundle(child, inner)

    def _words(self, text: str) -> list[str]:
        return labels.words(text, self._recognizer.names)


def merged(deliveries: list[Delivery]) -> list[Delivery]:
    """한 곳에 있는 한 사람의 것은 하나로. 캔버스는 파일을 하나씩 따로 둡니다."""
    found: dict[tuple, Delivery] = {}
    for one in deliveries:
        label = one.label
        key = (one.place, label.text, label.number, label.date)
        same = found.setdefault(key, replace(one, items=[]))
        same.items += one.items
        same.label = replace(same.label, late=same.label.late or label.late)
    return list(found.values())


def _children(inner: list[Item]) -> dict[str, list[Item]]:
    """zip 안에서는 한 폴더의 것이 떨어져 있을 수 있습니다."""
    found: dict[str, list[Item]] = defaultdict(list)
    for item in inner:
        if item.parts[0] != EMPTY:
            found[item.parts[0]].append(item)
    return found


def _is_canvas(name: str, files: list[str]) -> bool:
    """캔버스의 묶음인가. 모양만으로는 ``a1_2026_03_05.ipynb``와 가릴 수 없습니다."""
    found = [labels.read(file) for file in files]
    several = len({one.text for one in found}) > 1 or "submission" in name.lower()
    return bool(found) and all(one.lms for one in found) and several


def _first(found: list[str]) -> str:
    return found[0] if found else ""
