"""명단 파일: 엑셀과 LMS가 저장한 CSV에서 한 줄에 한 사람씩 읽습니다."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from classroom.intake.student_id import is_id
from ddialab.core.errors import InvalidValue

MAILS = ("이메일", "이메일주소", "email", "emailaddress", "메일")
# 학번이 든 열의 제목들, 앞의 것부터. 캔버스의 Student는 이름이고 ID는 캔버스의 번호입니다
IDS = (
    "학번", "학생번호", "교번", "학적번호", "학생학번", "studentnumber", "studentno", "id번호",
    "idnumber", "orgdefinedid", "sisuserid", "sis사용자id", "sisid", "studentid", "학생id",
    "sisloginid", "sis로그인id", "displayid", "username", "userid", "loginid", "로그인id",
    "사용자이름", "사용자명", "사용자id", "아이디", "id", "student", *MAILS,
)  # fmt: skip
SURNAMES = ("성", "lastname", "surname", "familyname")
NAMES = ("이름", "성명", "학생이름", "학생명", "학생성명", "name", "fullname", "studentname",
         "displayname", "이름성명", "firstname", "givenname", "전체이름", "학생")  # fmt: skip
LMS = ("id", "identifier", "식별자", *IDS[IDS.index("sisloginid") : IDS.index("student")], *MAILS)
NOBODY = {"pointspossible", "teststudent", "studenttest", "테스트학생", "학생테스트", "만점",
          "가능한점수", "합계", "총계", "소계", "총원", "평균"}  # fmt: skip
MASKED = re.compile(r"[*＊○●□]|[xX]{3}")
SCIENTIFIC = re.compile(r"(\d(?:\.\d+)?)[eE]\+?(\d{1,3})")
SHEETS = {
    b"PK\x03\x04": "엑셀(.xlsx)이나 Numbers 파일",
    b"\xd0\xcf\x11\xe0": "옛 엑셀(.xls) 파일",
    b"%PDF": "PDF",
}
TOP = 30  # 제목 줄을 찾아볼 줄 수. 출석부는 위에 과목과 교수의 이름이 있습니다


@dataclass(frozen=True)
class Row:
    """명단의 한 줄: 몇째 줄인지(1부터), 학번, 이름, LMS의 번호와 아이디들, 고쳐 읽은 것."""

    line: int
    id: str
    name: str
    aliases: tuple[str, ...] = ()
    note: str = ""


def read(path: Path) -> tuple[list[Row], list[str]]:
    """``path``의 사람들과, 사람으로 세지 않은 줄의 알림. 읽을 수 없으면 `InvalidValue`."""
    text = _text(path)
    for delimiter in sorted(",;\t", key=text[:10_000].count, reverse=True):
        lines = _lines(text, delimiter)
        start = next((n for n, (_, row) in enumerate(lines[:TOP]) if _is_header(row)), None)
        if start is not None:
            return _people(path, lines[start][1], lines[start + 1 :])
    first = next((line for line in text.splitlines() if line.strip()), "")
    raise InvalidValue(
        f"명단 {path}에 학번 열이 없습니다(첫 줄: {first.strip()[:80]!r}).",
        "열의 제목이 있는 줄에 「학번,이름」이나 「student,name」이 있어야 합니다.",
        "첫 줄에 그 제목을 넣은 뒤 다시 실행하세요.",
    )


def _lines(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error:  # 이 구분자로는 읽을 수 없습니다
        return []


def _people(path: Path, header: list[str], lines) -> tuple[list[Row], list[str]]:
    columns = [_title(title) for title in header]
    people, skipped, lost = [], [], []
    for number, cells in lines:
        row = _row(number, columns, [cell.strip() for cell in cells])
        if row is None or _title(row.id) in columns or _is_nobody(row, cells):
            continue
        if SCIENTIFIC.fullmatch(row.id):
            lost.append(row)
        elif row.id:
            people.append(row)
        else:
            skipped.append(f"명단의 {row.line}번째 줄({row.name})에는 학번이 없어 뺐습니다.")
    _refuse_lost(path, lost)
    _refuse_masked(path, [row for row in people if MASKED.search(row.id)])
    if not people:
        raise InvalidValue(
            f"명단 {path}에 학생이 한 명도 없습니다.",
            "제목 줄 아래에 한 줄에 한 사람씩 있어야 합니다.",
            "명단을 다시 저장하거나, 명단 없이 채점하려면 ROSTER를 빼세요.",
        )
    return people, skipped


def _refuse_lost(path: Path, lost: list[Row]) -> None:
    """엑셀이 뒷자리를 버린 학번은 되살릴 수 없습니다."""
    if lost:
        lines = ", ".join(f"{row.line}번째 줄 {row.name} {row.id}" for row in lost[:5])
        raise InvalidValue(
            f"명단 {path}의 학번을 엑셀이 지수 표기로 바꾸어 뒷자리가 없어졌습니다({lines}).",
            "학번은 20260001처럼 모든 자리가 있어야 합니다.",
            "엑셀에서 학번 열의 셀 서식을 「텍스트」로 바꾸고 학번을 다시 넣어 저장하세요.",
        )


def _refuse_masked(path: Path, masked: list[Row]) -> None:
    """개인정보를 가린 명단으로는 아무도 찾지 못하고, 모두 내지 않은 사람이 됩니다."""
    if masked:
        lines = ", ".join(f"{row.line}번째 줄 {row.name} {row.id}" for row in masked[:5])
        raise InvalidValue(
            f"명단 {path}의 학번이 가려져 있습니다({lines}).",
            "학번은 20260001처럼 모든 자리가 있어야 합니다. 이름은 가려져 있어도 됩니다.",
            "학번이 모두 보이는 명단을 내려받아 다시 실행하세요.",
        )


def _row(number: int, columns: list[str], cells: list[str]) -> Row | None:
    """빈 줄은 ``None``. 학번은 앞선 제목의 열부터 보아 비어 있지 않은 것입니다."""
    values: dict[str, str] = {}
    for title, cell in zip(columns, cells, strict=False):
        values.setdefault(title, cell)
    others = [title for title in IDS if title in values and title != "student"]
    raw = _first(values, others or ["student"])
    # 학번일 수 있는 다른 열이 있으면 Student는 이름입니다
    name = _first(values, SURNAMES) + _first(values, (*NAMES, "student") if others else NAMES)
    if not raw and not name:
        return None
    id, note = _whole(raw)
    aliases = tuple(one for one in _aliases(values) if one != raw)
    return Row(number, id, unicodedata.normalize("NFC", name), aliases, note)


def _first(values: dict[str, str], titles: Iterable[str]) -> str:
    return next((values[title] for title in titles if values.get(title)), "")


def _aliases(values: dict[str, str]) -> list[str]:
    """LMS의 번호와 아이디와 이메일. 무들의 「Participant 123」에서는 번호만 봅니다."""
    given = [values[title] for title in LMS if values.get(title)]
    found = [re.sub(r"^(참가자|participant)\s*", "", one, flags=re.I) for one in given]
    return list(dict.fromkeys([*found, *(one.partition("@")[0] for one in found)]))


def _whole(raw: str) -> tuple[str, str]:
    """엑셀이 수로 바꾼 학번을 되돌립니다. 되돌렸으면 그 알림도."""
    id = unicodedata.normalize("NFKC", raw)
    id = re.sub(r'^="?|^\'|"$', "", id).strip()
    found = SCIENTIFIC.fullmatch(id)
    if found and len(found[1].replace(".", "")) > int(found[2]):
        id = f"{float(id):.0f}"
    id = re.sub(r"^(\d+)\.0+$", r"\1", id)
    if re.fullmatch(r"\d{1,3}(,\d{3})+", id):
        id = id.replace(",", "")
    local, at, _ = id.partition("@")
    if at and is_id(local):  # 학교의 이메일은 흔히 학번입니다
        id = local
    return id, f"명단의 학번을 고쳐 읽었습니다: {raw} → {id}" if id != raw else ""


def _is_nobody(row: Row, cells: list[str]) -> bool:
    """점수의 만점, 시험용 학생, 합계처럼 사람이 아닌 줄."""
    texts = {_title(row.id), _title(row.name), *(_title(cell) for cell in cells[:2])}
    return bool(texts & NOBODY)


def _is_header(row: list[str]) -> bool:
    titles = {_title(cell) for cell in row}
    return bool(titles & set(IDS)) and (len(titles - {""}) > 1 or len(row) == 1)


def _title(text: str) -> str:
    """열의 제목을 견줄 때 쓰는 모양: 글자와 숫자만, 소문자로. 괄호 안의 설명은 뺍니다."""
    text = unicodedata.normalize("NFKC", text)
    bare = re.sub(r"\(.*?\)|\[.*?\]", "", text)
    return "".join(_letters(bare)) or "".join(_letters(text))


def _letters(text: str) -> Iterator[str]:
    return (letter for letter in text.casefold() if letter.isalnum())


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InvalidValue(f"명단 {path}를 읽을 수 없습니다: {error.strerror}.") from error
    kind = next((kind for magic, kind in SHEETS.items() if data.startswith(magic)), "")
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        kind = "웹 페이지(HTML)"  # 학사 시스템의 「엑셀 받기」가 흔히 이것입니다
    if kind or (b"\0" in data and not _is_utf16(data)):
        raise InvalidValue(
            f"명단 {path}를 읽을 수 없습니다({kind or '텍스트가 아닌 파일'}).",
            "명단은 CSV여야 합니다.",
            "엑셀에서 열어 「다른 이름으로 저장」의 「CSV UTF-8(쉼표로 분리)」로 저장하세요.",
        )
    return _decoded(data)


def _is_utf16(data: bytes) -> bool:
    return data[:2] in (b"\xff\xfe", b"\xfe\xff")


def _decoded(data: bytes) -> str:
    for encoding in ("utf-16",) if _is_utf16(data) else ("utf-8-sig", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")
