"""명단: 엑셀과 LMS와 학사 시스템이 저장한 것을 읽고, 두 사람이 한 사람이 될 명단은 돌려보냅니다."""

from __future__ import annotations

import io
import zipfile

import pytest

from classroom.intake.roster import Roster, Student
from ddialab.core.errors import InvalidValue


def load(tmp_path, text: str | bytes, encoding: str = "utf-8-sig") -> Roster:
    path = tmp_path / "명단.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return Roster.load(path)


def people(roster: Roster) -> list[tuple[str, str]]:
    return [(one.id, one.name) for one in roster.students]


BOTH = [("20260001", "홍길동"), ("20260002", "김철수")]

READABLE = {
    "교번": "교번,성명\n20260001,홍길동\n20260002,김철수\n",
    "학생번호": "학생번호\t학생이름\n20260001\t홍길동\n20260002\t김철수\n",
    "줄바꿈이 든 제목": '"학\n번","성명(한글)"\n20260001,홍길동\n20260002,김철수\n',
    "쌍반점": "No;학번;이름\n1;20260001;홍길동\n2;20260002;김철수\n",
    "출석부": "2026학년도 2학기 출석부,,,,\n과목: 데이터 시스템,,담당: 교수,,\n,,,,\n"
    "번호,학번,성명,학과,1주\n1,20260001,홍길동,컴공,O\n2,20260002,김철수,컴공,O\n합계,,2명,,\n",
    "두 장으로 나뉜 출석부": "학번,이름\n20260001,홍길동\n학번,이름\n20260002,김철수\n",
    "무들": "성,이름,아이디,ID 번호,이메일 주소\n"
    "홍,길동,hong,20260001,h@u.kr\n김,철수,kim,20260002,k@u.kr\n",
    "브라이트스페이스": "OrgDefinedId,Username,Last Name,First Name\n"
    "20260001,hong,홍,길동\n20260002,kim,김,철수\n",
    "학번이 먼저": "ID,이름,학번\n11,홍길동,20260001\n12,김철수,20260002\n",
    "한국어 캔버스": "학생,ID,SIS 사용자 ID,SIS 로그인 ID,섹션,a1-cache (77)\n    만점,,,,,80\n"
    "홍길동,5501,20260001,hong,1,\n김철수,5502,20260002,kim,1,\n",
    "한국어 블랙보드": "성,이름,사용자 이름,학생 ID\n홍,길동,hong,20260001\n김,철수,kim,20260002\n",
    "사카이": '"과제 1","SCORE_GRADE_TYPE"\n""\nDisplay ID,ID,Last Name,First Name,grade\n'
    "20260001,u-1,홍,길동,\n20260002,u-2,김,철수,\n",
    "학번이 이메일에": "이름,이메일\n홍길동,20260001@u.ac.kr\n김철수,20260002@u.ac.kr\n",
    "따옴표와 수식": '학번,이름\n"=""20260001""",홍길동\n\'20260002,김철수\n',
    "전각 숫자": "학번,이름\n２０２６０００１,홍길동\n20260002,김철수\n",
    "소수점": "학번,이름\n20260001.0,홍길동\n20260002.00,김철수\n",
    "천 단위": '학번,이름\n"20,260,001",홍길동\n20260002,김철수\n',
    "자리가 다 있는 지수": "학번,이름\n2.0260001E+07,홍길동\n2.0260002e+7,김철수\n",
    "같은 줄 두 번": "학번,이름\n20260001,홍길동\n20260001,홍길동\n20260002,김철수\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", READABLE)
def test_rosters_from_everywhere(tmp_path, kind):
    assert people(load(tmp_path, READABLE[kind])) == BOTH


CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,a1-cache (77)\n"
    "    Points Possible,,,,,80\n"
    '"홍, 길동",5501,20260001,hong@u.kr,1,\n'
    '"김, 철수",5502,20260002,kimcs@u.kr,1,\n'
    '"Student, Test",5503,,deadbeef,1,\n'
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_the_gradebook_of_canvas(tmp_path, encoding):
    roster = load(tmp_path, CANVAS, encoding)
    assert people(roster) == [("20260001", "홍, 길동"), ("20260002", "김, 철수")]
    assert roster.find("홍길동").id == roster.find("x", "5501").id == "20260001"
    assert roster.find("a1_kimcs_attempt").id == "20260002"
    assert roster.skipped == []


def test_the_worksheet_of_moodle(tmp_path):
    roster = load(tmp_path, "Identifier,Full name,ID number\nParticipant 123,홍길동,20260001\n")
    assert roster.find("별명", "123") == Student(
        "20260001", "홍길동", ("Participant 123", "123")[1:]
    )


def test_canvas_without_student_numbers_uses_the_login(tmp_path):
    text = CANVAS.replace("20260001", "").replace("20260002", "")
    assert people(load(tmp_path, text))[0] == ("hong_u.kr", "홍, 길동")


def test_a_short_account_is_known_as_a_whole(tmp_path):
    """블랙보드의 이름표는 아이디뿐입니다. 남의 이름 속의 kim은 이 사람이 아닙니다."""
    roster = load(tmp_path, "학번,이름,아이디\n20260001,홍길동,hong\n20260002,김철수,kim\n")
    assert roster.find("kim").id == "20260002"
    assert roster.find("hong").id == "20260001"
    assert roster.find("kim_a1") is None


def test_what_was_read_otherwise_is_said(tmp_path):
    roster = load(tmp_path, READABLE["소수점"])
    assert roster.notes["20260001"] == "명단의 학번을 고쳐 읽었습니다: 20260001.0 → 20260001"
    roster = load(tmp_path, "학번,이름\n20260001,홍길동\n,박영희\n")
    assert roster.skipped == ["명단의 3번째 줄(박영희)에는 학번이 없어 뺐습니다."]


def test_lost_zeros_still_find_the_person(tmp_path):
    """엑셀은 00123456의 앞의 0을 지웁니다."""
    roster = load(tmp_path, "학번,이름\n123456,홍길동\n")
    assert roster.find("00123456_a1").name == "홍길동"
    assert roster.with_id("00123456").name == "홍길동"


def xlsx() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        opened.writestr("[Content_Types].xml", "<Types/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("학번,이름\n2.026E+09,홍길동\n2.026E+09,김철수\n", "2번째 줄 홍길동 2.026E+09, 3번째 줄"),
        ("학번,이름\n2.02600E+09,홍길동\n20260002,김철수\n", "텍스트"),
        ("학번,이름\n20260001,홍길동\n20260001,김철수\n", "2번째 줄 홍길동, 3번째 줄 김철수"),
        ("학번,이름\n2026-0001,홍길동\n20260001,김철수\n", "사람이 여럿"),
        ("학번,이름\n20260001.0,홍길동\n20260001,김철수\n", "사람이 여럿"),
        ("학번,이름\n2026***1,홍길동\n2026***2,김철수\n", "2번째 줄 홍길동 2026***1"),
        ("학번,이름\n", "한 명도 없습니다"),
        ("", "학번 열이 없습니다"),
        ("20260001,홍길동\n20260002,김철수\n", "학번 열이 없습니다"),
        (xlsx(), "CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "옛 엑셀"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><table><tr><td>20260001</td></tr></table></html>", "웹 페이지"),
        (b"ab\0cd", "텍스트가 아닌 파일"),
    ],
)
def test_a_roster_that_cannot_be_right_is_refused(tmp_path, text, said):
    with pytest.raises(InvalidValue) as refused:
        load(tmp_path, text)
    error = refused.value
    assert said in str(error)
    assert error.accepted
    assert error.todo
    assert "\0" not in str(error)
