"""이름표: LMS와 사람이 폴더와 파일에 붙인 이름에서 주인에 관한 것만 읽습니다.

알아보는 모양은 이렇습니다. 그 밖의 이름에서는 학번처럼 생긴 것과 사람의 이름일 낱말을 찾습니다.

- 무들: ``홍길동_12345_assignsubmission_file_``(뒤에 파일 이름이 붙거나, 번호가 없기도)
- 캔버스: ``honggildong_LATE_12345_678_파일``, 익명이면 ``anon_…``
- 블랙보드: ``과제_아이디_attempt_2026-10-01-10-00-00_파일``
- 브라이트스페이스: ``12345-67890 - 홍길동 - Oct 4, 2026 1000 AM``
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from classroom.intake.student_id import squeeze

MOODLE = re.compile(
    r"(?P<label>.+?)(?:_(?P<number>\d+))?_assignsubmission_[a-z]+_?(?P<rest>.*)", re.S
)
BLACKBOARD = re.compile(
    r".+_(?P<label>[^_]+)_attempt_(?P<date>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)", re.S
)
D2L = re.compile(
    r"(?P<number>\d+-\d+) - (?P<label>.+?) - "
    r"(?P<date>[^-]*\d{4}[^-]*?)(?: - (?P<rest>.+))?",  # 날짜의 꼴은 언어마다 다릅니다
    re.S,
)
ANONYMOUS = re.compile(r"(?P<late>LATE_)?(?P<label>anon_[0-9A-Za-z]+)_\d+_(?P<rest>.+)", re.S)
CANVAS = re.compile(r"(?P<label>.+?)(?P<late>_LATE)?_(?P<number>\d+)_\d+_(?P<rest>.+)", re.S)
SURE = (MOODLE, BLACKBOARD, D2L)  # 하나만 있어도 LMS의 것이 분명한 모양
DATES = ("%Y-%m-%d-%H-%M-%S", "%b %d, %Y %I%M %p", "%b %d, %Y %H%M")

FILE = re.compile(r"\.(ipynb.*|zip|py|pdf|docx?|hwpx?|html?|png|jpe?g|rar|7z|tar|gz|egg|alz|json"
                  r"|txt|md|csv|xlsx?|log|eml|msg)$", re.I)  # fmt: skip
# 학번처럼 보이지만 시각인 것: 드라이브와 카카오톡의 묶음, 날짜
STAMP = re.compile(
    r"\d{8}T\d{6}Z(?:-\d+)*|\d{4}[-_.]\d{1,2}[-_.]\d{1,2}(?:[-_.]\d\d){0,3}"
    r"|(?<!\d)20\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[_-]"
    r"(?:[01]\d|2[0-3])(?:[0-5]\d){1,2}(?!\d)"
)
ID = re.compile(r"(?<![0-9A-Za-z])(\d{2,4}-\d{3,7}|[A-Za-z]{0,2}\d{5,12})(?![0-9A-Za-z])")
DAY = re.compile(r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
# 사람의 이름이 아닌 낱말들
NOISE = {
    *("과제", "숙제", "제출", "제출물", "제출본", "답안", "답", "최종", "최종본", "진짜", "수정"),
    *("수정본", "사본", "복사본", "의", "연습", "실습", "노트북", "보고서", "레포트", "리포트"),
    *("백업", "초안", "완성", "완성본", "파일", "모음", "전체", "다운로드", "받은", "분반", "반"),
    *("학기", "학년도", "내", "새", "조", "팀", "주차", "첨부", "첨부파일", "메일"),
    *("final", "copy", "of", "late", "submission", "submissions", "assignment", "assignments"),
    *("assign", "homework", "hw", "report", "notebook", "download", "gradebook", "backup"),
    *("draft", "new", "old", "ver", "version", "latest", "attempt", "the", "my", "untitled"),
    *("kakaotalk", "kakao", "카카오톡", "카톡", "telegram", "usb", "drive", "드라이브", "폴더"),
    *("바탕", "화면", "바탕화면", "desktop", "downloads", "documents", "문서", "메일함", "inbox"),
    *("colab", "jupyter", "ipynb"),
}


# 흔한 성. 이름뿐인 파일들이 여러 사람의 것인지 볼 때만 씁니다
SURNAMES = (
    "김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구나민진지엄채원천"
    "방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국은편용라"
)


@dataclass(frozen=True)
class Label:
    """이름 하나에서 읽은 것.

    ``text``는 주인이 적힌 부분, ``number``는 LMS의 번호, ``late``는 늦게 냈다는 LMS의 표시,
    ``date``는 낸 때, ``rest``는 LMS가 뒤에 붙여 둔 원래 파일 이름입니다. LMS가 지은 이름이
    아니면 ``lms``가 거짓이고 ``text``는 확장자를 뗀 이름 전체입니다.
    """

    text: str
    number: str = ""
    late: bool = False
    date: tuple[int, ...] = ()
    rest: str = ""
    lms: bool = False


def read(name: str) -> Label:
    """``name``의 이름표."""
    for pattern in (*SURE, ANONYMOUS, CANVAS):
        if match := pattern.fullmatch(name):
            found = match.groupdict()
            return Label(
                found["label"], found.get("number") or "", bool(found.get("late")),
                _date(found.get("date") or ""), found["rest"] or "", lms=True,
            )  # fmt: skip
    return Label(bare(name))


def bare(name: str) -> str:
    """확장자를 뗀 이름."""
    return FILE.sub("", name)


def is_sure(name: str) -> bool:
    """LMS가 지은 것이 분명한 이름인가. 캔버스의 모양은 사람도 지을 수 있습니다."""
    return any(pattern.fullmatch(name) for pattern in SURE)


def ids(text: str) -> list[str]:
    """학번처럼 생긴 것들. 날짜일 수도 있는 것은 뒤로 보냅니다."""
    found = ID.findall(STAMP.sub(" ", text))
    return sorted(found, key=lambda one: bool(DAY.fullmatch(one)))


def words(text: str, assignments: Sequence[str]) -> list[str]:
    """사람의 이름일 수 있는 낱말들. 과제의 이름과 흔한 말은 뺍니다."""
    names = "|".join(
        sorted((rf"{re.escape(one)}" for one in _titles(assignments)), key=len, reverse=True)
    )
    text = re.sub(rf"(?<![^\W_])(?:{names})(?![^\W_])", " ", text, flags=re.I) if names else text
    found = [_bare_word(word) for word in re.findall(r"[^\W\d_]+", STAMP.sub(" ", text))]
    return [word for word in found if squeeze(word) not in NOISE]


def is_person(words: Sequence[str]) -> bool:
    """한국 사람의 이름 하나로 보이는가."""
    return len(words) == 1 and bool(re.fullmatch(rf"[{SURNAMES}][가-힣]{{1,3}}", words[0]))


def _bare_word(word: str) -> str:
    """「홍길동의」는 홍길동. 김선의 같은 세 글자 이름은 그대로입니다."""
    return word[:-1] if re.fullmatch(r"[가-힣]{3,}의", word) else word


def differ(one: Label, other: Label, assignments: Sequence[str], together: bool) -> bool:
    """서로 다른 사람의 이름표인가. ``together``는 한 묶음 안에 있는가입니다.

    LMS의 번호는 한 묶음 안에서만 견줍니다. 무들은 과제마다 번호를 새로 매깁니다.
    """
    if together and one.number and other.number:
        return one.number != other.number
    mine, theirs = (words(label.text, assignments) for label in (one, other))
    mine, theirs = list(map(squeeze, mine)), list(map(squeeze, theirs))
    alike = set(mine) <= set(theirs) or set(theirs) <= set(mine)
    return not alike and "".join(mine) != "".join(theirs)


def _titles(assignments: Sequence[str]) -> set[str]:
    return {part for name in assignments for part in (name, name.split("-")[0])}


def _date(text: str) -> tuple[int, ...]:
    for form in DATES:
        with suppress(ValueError):
            return tuple(datetime.strptime(text, form).timetuple()[:6])
    return ()
