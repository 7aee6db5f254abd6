"""주인: 묶음마다 누가 낸 것인지 정합니다.

명단이 이름표에서 한 사람을 찾으면 그 사람, 아니면 학번 셀의 학번, 아니면 이름표의 학번입니다. 한
학번이 두 사람의 노트북에 있으면 합치지 않고 둘 다 알립니다.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from classroom.intake import label as labels
from classroom.intake.delivery import Delivery
from classroom.intake.label import DAY
from classroom.intake.recognition import Recognizer
from classroom.intake.roster import Roster, Student, unique_ids
from classroom.intake.student_id import is_id, same, squeeze
from classroom.record import PRIVATE, Status

EVERY = frozenset({None})  # 어느 과제의 일인지 모르면 모든 과제의 일입니다


@dataclass
class Person:
    """학생 한 명의 묶음들과 알림. 알림과 ``flags``(사람이 먼저 봐야 할 까닭)는 과제마다입니다."""

    deliveries: list[Delivery] = field(default_factory=list)
    notes: dict[str, frozenset] = field(default_factory=dict)
    flags: dict[str | None, Status] = field(default_factory=dict)

    def note(self, text: str, about: frozenset = EVERY, flag: Status | None = None) -> None:
        self.notes[text] = self.notes.get(text, frozenset()) | about
        if flag:
            self.flags |= dict.fromkeys(about, flag)

    def notes_on(self, assignment: str) -> list[str]:
        return [text for text, about in self.notes.items() if about & {None, assignment}]

    def flag_on(self, assignment: str) -> Status | None:
        return self.flags.get(assignment) or self.flags.get(None)


@dataclass
class Claim:
    """묶음 하나와, 주인에 관해 그 안팎에서 읽은 것.

    ``said``는 학번 셀의 학번들, ``by_label``은 명단이 이름표에서 찾은 사람입니다. ``key``는 정한
    학번이고, 명단의 것이면 ``matched``가 참입니다.
    """

    delivery: Delivery
    said: list[str]
    by_label: Student | None
    key: str = ""
    matched: bool = False
    notes: list[str] = field(default_factory=list)
    flag: Status | None = None

    @property
    def name(self) -> str:
        return self.delivery.label.text


class Owners:
    """명단과 내용을 보고 주인을 정하는 일."""

    def __init__(self, roster: Roster, recognizer: Recognizer):
        self._roster, self._recognizer = roster, recognizer

    def people(self, deliveries: list[Delivery]) -> dict[str, Person]:
        """학번마다 한 사람. 명단의 사람은 낸 것이 없어도 있습니다."""
        claims = self._claims(deliveries)
        self._foreign = _are_foreign(claims)
        for claim in claims:
            self._decide(claim)
        self._part(claims)
        found = {one.id: Person() for one in self._roster.students}
        for id, note in self._roster.notes.items():
            found[id].note(f"{PRIVATE}{note}")
        self._place(claims, found)
        self._flag_shared(found)
        self._flag_together(claims, found)
        for person in found.values():
            self._gather_nameless(person)
        return found

    def _claims(self, deliveries: list[Delivery]) -> list[Claim]:
        namesakes = _namesakes(deliveries)
        claims = []
        for one in deliveries:
            label = one.label
            alone = "" if (one.place, label.text) in namesakes else label.text
            read = [self._recognizer.read(item) for item in one.items]
            said = list(dict.fromkeys(text for reading in read for text in reading.students))
            by_label = self._roster.find(alone, label.number)
            claims.append(Claim(one, said, by_label))
            if not alone and not by_label:
                claims[-1].key = f"{self._label_key(one)}_{label.number}"
        return claims

    def _decide(self, claim: Claim) -> None:
        """학번을 정합니다. 이름표와 학번 셀이 다른 사람을 말하면 사람이 봅니다."""
        in_roster = dict.fromkeys(one for s in claim.said if (one := self._roster.with_id(s)))
        mentioned = self._roster.mentioned(claim.name)
        if claim.by_label:
            claim.key, claim.matched = claim.by_label.id, True
            others = [one for one in in_roster if one != claim.by_label]
            if others:
                who = ", ".join(f"{one.id} {one.name}".strip() for one in others)
                self._doubt(
                    claim, f"제출의 이름은 이 학생인데 학번 셀에는 {who}의 학번이 있습니다."
                )
        elif len(in_roster) == 1 and len(claim.said) == 1 and len(mentioned) < 2:
            (owner,) = in_roster
            claim.key, claim.matched = owner.id, True
            claim.notes.append(f"제출의 이름({claim.name})이 아니라 학번 셀을 보고 찾았습니다.")
        else:
            self._decide_alone(claim, mentioned)

    def _decide_alone(self, claim: Claim, mentioned: set[Student]) -> None:
        """명단이 한 사람을 찾지 못한 묶음의 학번: 학번 셀, 이름표의 학번, 이름의 차례."""
        label, said = claim.delivery.label, claim.said
        numbered = labels.ids(label.text)
        if not claim.delivery.official and (self._foreign or _is_unlike(claim)):
            claim.notes += [
                f"제출의 이름에 있는 {one}: 학번으로 보지 않습니다." for one in numbered
            ]
            numbered = []
        sure = [one for one in numbered if not DAY.fullmatch(one) or len(said) != 1]
        if claim.key:
            claim.notes.append(f"이름이 같은 사람이 여럿이어서 번호를 붙였습니다: {claim.key}")
            claim.key = said[0] if len(said) == 1 else claim.key
        elif claim.delivery.official:
            claim.key = label.text
        elif agreed := [one for one in numbered if any(same(one, s) for s in said)]:
            claim.key = agreed[0]
        elif sure or len(said) == 1:
            claim.key = (sure or said)[0]
        else:
            claim.key = self._label_key(claim.delivery)
        self._explain(claim, mentioned)

    def _explain(self, claim: Claim, mentioned: set[Student]) -> None:
        if self._roster:
            claim.notes.append(f"명단에서 누구인지 찾지 못했습니다: {claim.name}")
        if len(mentioned) > 1:
            who = ", ".join(sorted(one.id for one in mentioned))
            self._doubt(claim, f"제출의 이름에 두 사람이 적혀 있습니다: {who}.")
        ids = [one for one in labels.ids(claim.name) if not DAY.fullmatch(one)]
        if len({squeeze(one) for one in ids}) == 2 and len(ids[0]) == len(ids[1]):
            self._doubt(claim, f"제출의 이름에 학번이 둘입니다: {', '.join(ids)}.")
        if len(claim.said) > 1:
            self._doubt(claim, f"학번 셀이 서로 다릅니다: {', '.join(claim.said)}.")
        label = claim.delivery.label
        anonymous = not claim.said and not is_id(claim.key) and not self._named(label)
        if anonymous and not claim.delivery.official:
            claim.flag = Status.NOBODYS
            claim.notes.append(
                f"누가 냈는지 알 수 없습니다: {'/'.join((*claim.delivery.place, claim.name))}. "
                "학번 셀도 제출의 이름도 학생을 가리키지 않습니다. 낸 사람을 찾아 "
                "「학번/과제/노트북」 폴더에 두고 다시 채점하세요."
            )

    def _doubt(self, claim: Claim, why: str) -> None:
        claim.flag = Status.DOUBTFUL
        claim.notes.append(f"{PRIVATE}{why} 누구의 것인지 확인하세요.")

    def _named(self, label: labels.Label) -> bool:
        return label.lms or bool(labels.words(label.text, self._recognizer.names))

    def _label_key(self, delivery: Delivery) -> str:
        """이름표에서 만든 학번. LMS의 이름표와 폴더의 이름은 그대로, 파일은 사람의 이름만."""
        text = delivery.label.text
        if delivery.label.lms or not delivery.is_file:
            return text
        found = [w for w in re.split(r"[\s_]+", text) if labels.words(w, self._recognizer.names)]
        return "_".join(found) or text

    def _part(self, claims: list[Claim]) -> None:
        """정한 학번이 같아도 이름표가 다른 사람들을 떼어 놓습니다. 명단이 찾은 사람은 남습니다."""
        groups = defaultdict(list)
        for claim in claims:
            groups[squeeze(claim.key)].append(claim)
        for group in groups.values():
            kept = [claim for claim in group if self._is_theirs(claim)]
            apart = [claim for claim in group if self._is_other(claim, kept or group)]
            for claim in group if apart else ():
                self._doubt(claim, f"학번({claim.key})은 같고 이름이 다른 제출이 있습니다.")
            for claim in apart if kept else (group if apart else ()):
                claim.key, claim.matched = self._apart(claim), False

    def _is_theirs(self, claim: Claim) -> bool:
        """이름표에 명단의 그 사람 말고 다른 이름은 없는가."""
        if not claim.by_label:
            return False
        label = claim.delivery.label
        named = labels.words(label.text, self._recognizer.names)
        return not named or self._roster.names(claim.by_label, label.text)

    def _is_other(self, claim: Claim, kept: list[Claim]) -> bool:
        if self._is_theirs(claim):
            return False
        return any(
            labels.differ(
                claim.delivery.label,
                one.delivery.label,
                self._recognizer.names,
                claim.delivery.place == one.delivery.place,
            )
            for one in kept
        )

    def _apart(self, claim: Claim) -> str:
        key, number = self._label_key(claim.delivery), claim.delivery.label.number
        return f"{key}_{number}" if number and squeeze(key) == squeeze(claim.key) else key

    def _place(self, claims: list[Claim], found: dict[str, Person]) -> None:
        strangers = unique_ids([claim.key for claim in claims if not claim.matched])
        for claim in claims:
            key = claim.key
            id = key if claim.matched else _free(strangers[key], self._roster.students)
            person = found.setdefault(id, Person())
            person.deliveries.append(claim.delivery)
            if id != key:
                person.note(f"파일 이름으로 쓸 수 있게 바꾼 이름입니다. 원래 이름: {key[:80]}")
            for note in claim.notes:
                person.note(note, self._about(claim.delivery), claim.flag)

    def _flag_shared(self, found: dict[str, Person]) -> None:
        """한 학번이 두 사람의 노트북에 적혀 있으면 둘 다, 그리고 그 학번의 주인도 알립니다."""
        holders = defaultdict(lambda: defaultdict(set))
        for id, person in found.items():
            for said, about in self._said(person):
                owner = self._roster.with_id(said)
                holders[owner.id if owner else squeeze(said)][id].add(about)
        for said, ids in holders.items():
            involved = {*ids, *(id for id in found if same(id, said))}
            about = frozenset().union(*ids.values())
            for id in sorted(involved) if len(involved) > 1 else ():
                others = ", ".join(sorted(involved - {id}))
                found[id].note(
                    f"{PRIVATE}학번 {said}: 다른 사람({others})의 제출과 겹칩니다. "
                    "누구의 것인지 확인하세요.",
                    about,
                    Status.DOUBTFUL,
                )

    def _flag_together(self, claims: list[Claim], found: dict[str, Person]) -> None:
        """낸 것이 없는 사람이 남의 이름표에 적혀 있으면(함께 냈거나 이름이 같으면) 알립니다."""
        holders = {id(one): who for who, person in found.items() for one in person.deliveries}
        for claim in claims:
            who, about = holders[id(claim.delivery)], self._about(claim.delivery)
            for one in self._also_named(claim):
                if found[one.id].deliveries:
                    continue
                also, theirs = f"{one.id} {one.name}".strip(), f"{who}의 제출({claim.name})"
                for person, where in ((found[one.id], theirs), (found[who], "제출의 이름")):
                    person.note(
                        f"{PRIVATE}{where}에 {also}도 적혀 있습니다. "
                        "누구의 것인지, 함께 낸 것인지 확인하세요.",
                        about,
                        Status.DOUBTFUL,
                    )

    def _also_named(self, claim: Claim) -> list[Student]:
        """이름표에 적힌 명단의 사람들 가운데 주인과, 주인과 이름이 같은 사람을 뺀 나머지."""
        named = self._roster.written_in(claim.name)
        owner = next((one for one in named if claim.matched and one.id == claim.key), None)
        own = squeeze(owner.name) if owner else ""
        return [one for one in named if one != owner and (not own or squeeze(one.name) != own)]

    def _gather_nameless(self, person: Person) -> None:
        """이름 없는 파일 여럿에 같은 학번이 있으면, 하나가 다른 것을 덮어쓰지 않게 함께 둡니다."""
        nameless = [one for one in person.deliveries if self._is_nameless(one)]
        texts = {self._recognizer.read(item).text for one in nameless for item in one.items}
        if len(nameless) < 2:
            return
        first = nameless[0]
        first.items = [item for one in nameless for item in one.items]
        person.deliveries = [one for one in person.deliveries if one not in nameless[1:]]
        if len(texts) > 1:
            names = ", ".join(item.name for item in first.items)
            person.note(
                f"{PRIVATE}같은 학번이 적힌 서로 다른 노트북입니다({names}). "
                "한 사람이 낸 것인지 확인하세요.",
                self._about(first),
                Status.DOUBTFUL,
            )

    def _is_nameless(self, delivery: Delivery) -> bool:
        label = delivery.label
        return not label.lms and not labels.ids(label.text) and not self._named(label)

    def _about(self, delivery: Delivery) -> frozenset:
        """이 묶음이 어느 과제들의 것인가. 내용으로 알 수 없으면 모든 과제입니다."""
        found = {self._recognizer.read(item).assignment for item in delivery.items} - {None}
        return frozenset(found) or EVERY

    def _said(self, person: Person) -> Iterable[tuple[str, str | None]]:
        """이 사람의 노트북에 적힌 학번과, 그 노트북의 과제."""
        read = [self._recognizer.read(item) for one in person.deliveries for item in one.items]
        return {(said, one.assignment) for one in read for said in one.students}


def _are_foreign(claims: list[Claim]) -> bool:
    """이름표의 번호들이 학번이 아니라 LMS의 것인가: 둘 이상이 다르고 맞는 것이 없습니다."""
    read = [(labels.ids(one.name), one.said) for one in claims if not one.delivery.official]
    read = [(ids, said[0]) for ids, said in read if ids and len(said) == 1]
    agreed = any(same(one, said) for ids, _ in read for one in ids for _, said in read)
    return len(read) > 1 and not agreed


def _is_unlike(claim: Claim) -> bool:
    """이름표의 번호와 학번 셀의 자릿수가 잘못 친 것보다 많이 다른가."""
    ids = labels.ids(claim.name)
    sizes = [len(squeeze(one)) for one in (*ids, *claim.said)]
    return len(claim.said) == 1 and bool(ids) and all(abs(n - sizes[-1]) > 1 for n in sizes[:-1])


def _namesakes(deliveries: list[Delivery]) -> set[tuple]:
    """한 묶음 안에서 이름은 같고 번호가 다른 사람들. 한 사람의 것을 남에게 주면 안 됩니다."""
    numbers = defaultdict(set)
    for one in deliveries:
        numbers[one.place, one.label.text].add(one.label.number)
    return {key for key, distinct in numbers.items() if len(distinct) > 1}


def _free(id: str, students: list[Student]) -> str:
    """명단의 학번과 겹치지 않는 이름."""
    while id.casefold() in {one.id.casefold() for one in students}:
        id += "-x"
    return id
