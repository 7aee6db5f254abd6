"""뒤섞인 반: 강사와 학생과 LMS가 실제로 만드는 제출에서, 말없이 틀리는 것이 없습니다."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from tests.classroom.test_owner import (
    FILE,
    HONG,
    KIM,
    NAME,
    OTHER,
    RELEASED,
    ROSTER,
    A,
    B,
    notebook,
    other_notebook,
    put,
    received,
    rows,
    seed,
    status,
    zipped,
)
from tests.classroom.tiny import put_source

from classroom.course import plan
from classroom.intake.rebuild import rebuild
from classroom.record import Status
from ddialab.core.errors import InvalidValue

MINE = {f"{HONG}/{FILE}": A, f"{KIM}/{FILE}": B}


def test_a_roster_of_nobody_here_is_refused(tmp_path):
    """학번 열을 잘못 읽었으면 모두 「제출 안 함」이 되고, 낸 사람은 모두 모르는 사람이 됩니다."""
    with pytest.raises(InvalidValue) as refused:
        received(tmp_path, MINE, "ID,이름,수강번호\n11,최지우,20260001\n12,박영희,20260002\n")
    assert "11, 12" in str(refused.value)
    assert f"{HONG}, {KIM}" in str(refused.value)
    assert "ROSTER" in refused.value.todo


def test_one_stranger_is_no_other_class(tmp_path):
    found = received(tmp_path, {f"20269999/{FILE}": notebook("20269999")}, ROSTER)
    assert "20269999" in {one.student for one in found.submissions if one.files}


# ── 읽지 못한 것에 하는 말 ────────────────────────────────────────────────


def locked() -> bytes:
    """비밀번호가 걸렸다고 적힌 zip."""
    data = bytearray(zipped({FILE: A}))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


UNREAD = {
    "잘린 zip": ({f"{HONG}.zip": zipped({FILE: A})[:300]}, "깨져 있어"),
    "비밀번호": ({f"{HONG}.zip": locked()}, "비밀번호 없이 다시"),
    "gzip": ({f"{HONG}/{FILE}.gz": b"\x1f\x8b\x08"}, "압축 파일(gz)"),
    "이름만 노트북인 PDF": ({f"{HONG}/{FILE}.pdf": b"%PDF-1.7"}, "PDF 파일입니다"),
}


@pytest.mark.parametrize("kind", UNREAD)
def test_only_the_true_cause_is_said(tmp_path, kind):
    """읽지 않은 것을 「빈 파일」이나 「노트북으로 읽었다」고 하지 않습니다."""
    files, said = UNREAD[kind]
    one = rows(received(tmp_path, files))[HONG]
    notes = " ".join(rebuild(RELEASED[0], one).notes)
    assert status(one) is Status.UNREADABLE
    assert said in notes
    assert "다시 제출해야 합니다" in notes
    assert "빈 파일" not in notes
    assert "노트북으로 읽었습니다" not in notes


AUTOMATIC = {
    "저장본뿐인 폴더": {f"{HONG}/{NAME}/.ipynb_checkpoints/a1-checkpoint.ipynb": A},
    "맥의 부속 파일뿐인 zip": {f"{HONG}.zip": zipped({f"__MACOSX/._{FILE}": b"\0\5"})},
}


@pytest.mark.parametrize("kind", AUTOMATIC)
def test_only_automatic_files_are_not_nothing(tmp_path, kind):
    one = rows(received(tmp_path, AUTOMATIC[kind], ROSTER))[HONG]
    assert status(one) is Status.UNREADABLE
    assert "프로그램이 자동으로 만든 파일" in " ".join(one.notes)


def test_wrong_extensions_are_read_by_content(tmp_path):
    files = {f"{HONG}/{NAME}.zip": A, f"{KIM}/{FILE}": zipped({f"과제/{FILE}": B})}
    found = rows(received(tmp_path, files))
    assert [status(one) for one in found.values()] == [None, None]


def test_automatic_files_of_a_stranger_have_a_row(tmp_path):
    files = {f"20269999/{NAME}/.ipynb_checkpoints/x.ipynb": A, f"{HONG}/{FILE}": A}
    assert status(rows(received(tmp_path, files, ROSTER))["20269999"]) is Status.UNREADABLE


def test_an_answer_in_a_fence_is_the_code_in_it(tmp_path):
    """답 셀을 글로 바꾸어 코드를 ```로 감싼 학생이 있습니다."""
    made = json.loads(A)
    code = "".join(made["cells"][3]["source"])
    made["cells"][3] |= {"cell_type": "markdown", "source": f"```python\n{code}\n```"}
    files = {f"{HONG}/{FILE}": json.dumps(made).encode()}
    rebuilt = rebuild(RELEASED[0], rows(received(tmp_path, files))[HONG])
    assert code in [cell.source for cell in rebuilt.notebook.cells]
    assert "``` 표시를 빼고" in " ".join(rebuilt.notes)


# ── 이름이 아닌 이름 ──────────────────────────────────────────────────────


def test_the_folders_of_windows_are_nobodys(tmp_path):
    extra = {"System Volume Information/x": b"x", "$RECYCLE.BIN/x": b"x"}
    assert list(rows(received(tmp_path, MINE | extra))) == [HONG, KIM]


@pytest.mark.parametrize("name", ["KakaoTalk_20261001_1430", "KakaoTalk_20261001_143011"])
def test_the_time_of_a_messenger_is_no_student(tmp_path, name):
    one, other = tmp_path / "하나", tmp_path / "둘"
    assert list(rows(received(one, {f"{name}/{FILE}": A}))) == [HONG]
    (one,) = rows(received(other, {f"{name}.zip": zipped({FILE: notebook()})})).values()
    assert status(one) is Status.NOBODYS


@pytest.mark.parametrize("when", ["2026년 10월 1일 오후 1159", "10월 1, 2026 1159 오후"])
def test_brightspace_in_korean(tmp_path, when):
    files = {f"11111-67890 - 홍길동 - {when}/{FILE}": A, f"22222-67890 - 김철수 - {when}/{FILE}": B}
    assert list(rows(received(tmp_path, {"받은 것.zip": zipped(files)}))) == [HONG, KIM]


# ── 여러 사람 ─────────────────────────────────────────────────────────────

TOGETHER = {
    "이름 둘": f"1조_홍길동_김철수/{FILE}",
    "학번 둘": f"{HONG}_{KIM}/{FILE}",
}


@pytest.mark.parametrize("kind", TOGETHER)
def test_the_partner_in_a_label_is_not_missing(tmp_path, kind):
    found = rows(received(tmp_path, {TOGETHER[kind]: A}, ROSTER))
    assert status(found[KIM]) is Status.DOUBTFUL
    assert {status(one) for one in found.values()} == {Status.DOUBTFUL}
    assert "함께 낸 것인지" in " ".join(found[KIM].notes)


def test_the_partner_in_the_id_cell_is_not_missing(tmp_path):
    found = rows(received(tmp_path, {f"{HONG}/{FILE}": notebook(f"{HONG}, {KIM}")}, ROSTER))
    assert status(found[HONG]) is status(found[KIM]) is Status.DOUBTFUL
    assert rebuild(RELEASED[0], found[HONG]).seed == f"{HONG}, {KIM}"


def test_namesakes_without_numbers_are_not_missing(tmp_path):
    files = {f"홍길동/{FILE}": notebook()}
    found = rows(received(tmp_path, files, f"학번,이름\n{HONG},홍길동\n{KIM},홍길동\n"))
    assert {status(found[HONG]), status(found[KIM])} == {Status.DOUBTFUL}


def test_a_namesake_who_handed_in_nothing_stays_missing(tmp_path):
    files = {f"{HONG} 홍길동/{FILE}": A}
    found = rows(received(tmp_path, files, f"학번,이름\n{HONG},홍길동\n{KIM},홍길동\n"))
    assert [status(found[HONG]), status(found[KIM])] == [None, Status.MISSING]


def test_two_numbers_in_a_label_are_noticed_without_a_roster(tmp_path):
    found = rows(received(tmp_path, {f"{HONG}_{KIM}/{FILE}": A}))
    assert status(found[HONG]) is Status.DOUBTFUL
    assert f"{HONG}, {KIM}" in " ".join(found[HONG].notes)


# ── 학번이 아닌 번호 ──────────────────────────────────────────────────────


@pytest.mark.parametrize("numbers", [("39485", "39486"), ("99999991", "99999992")])
def test_numbers_of_an_unknown_lms_are_no_student_numbers(tmp_path, numbers):
    """이름표의 번호로 채점하면 학생이 본 데이터가 아니어서 손으로 적은 답이 모두 틀립니다."""
    one, other = numbers
    found = rows(received(tmp_path, {f"홍길동-{one}/{FILE}": A, f"김철수-{other}/{FILE}": B}))
    assert {student: seed(one) for student, one in found.items()} == {HONG: HONG, KIM: KIM}


def test_swapped_labels_are_still_noticed(tmp_path):
    found = rows(received(tmp_path, {f"{HONG} 홍/{FILE}": B, f"{KIM} 김/{FILE}": A}))
    assert {status(one) for one in found.values()} == {Status.DOUBTFUL}


def test_a_mistyped_cell_does_not_rename_the_student(tmp_path):
    assert list(rows(received(tmp_path, {f"{HONG} 홍길동/{FILE}": notebook("2026001")}))) == [HONG]


# ── 다른 것을 낸 사람 ─────────────────────────────────────────────────────


def test_sakai_writes_comments_for_everybody(tmp_path):
    """사카이가 만든 파일뿐인 사람은 내지 않은 사람이고, 낸 사람의 알림에도 적지 않습니다."""
    files = {
        f"과제 1/홍, 길동({HONG})/제출물 첨부/{FILE}": A,
        f"과제 1/홍, 길동({HONG})/timestamp.txt": b"2026",
        f"과제 1/김, 철수({KIM})/comments.txt": b"",
    }
    found = rows(received(tmp_path, {"bulk.zip": zipped(files)}, ROSTER))
    assert [status(one) for one in found.values()] == [None, Status.MISSING]
    assert found[HONG].notes == ()


@pytest.mark.parametrize("path", [f"{HONG}/{NAME}/{FILE}", f"홍길동_{HONG}_{FILE}"])
def test_the_wrong_assignment_is_not_nothing(tmp_path, path):
    found = received(tmp_path, {path: notebook(HONG, OTHER), f"{KIM}/{NAME}/{FILE}": B}, ROSTER)
    one, other = rows(found)[HONG], rows(found, OTHER)[HONG]
    assert status(one) is Status.OTHER
    assert f"{NAME}의 이름으로 {OTHER}의 노트북을 냈습니다" in one.notes[0]
    assert other.files
    assert other.misplaced
    assert not rows(found)[KIM].misplaced


def test_one_misplaced_notebook_asks_nobody_else_for_that_assignment(course, tmp_path):
    """한 사람이 다음 과제를 잘못 냈다고 모두가 그 과제를 안 낸 사람이 되지는 않습니다."""
    put_source(course.folder, other_notebook(), OTHER)
    files = {f"{HONG}/{NAME}/{FILE}": notebook(HONG, OTHER), f"{KIM}/{NAME}/{FILE}": B}
    tasks = plan(course, put(tmp_path / "제출", files))
    assert [task.key for task in tasks] == [(NAME, HONG), (OTHER, HONG), (NAME, KIM)]


@pytest.mark.parametrize(
    "data",
    [
        b"https://colab.research.google.com/drive/1abc",
        b"[InternetShortcut]\r\nURL=https://example.com",
        b'{"url": "https://docs.google.com/open?id=1"}',
    ],
)
def test_a_link_is_called_a_link(tmp_path, data):
    one = rows(received(tmp_path, {f"{HONG}/{FILE}": data}))[HONG]
    rebuilt = rebuild(RELEASED[0], one)
    assert rebuilt.status is Status.UNREADABLE
    assert "노트북이 아니라 링크입니다" in rebuilt.notes[-1]


# ── 메일 ──────────────────────────────────────────────────────────────────


def mail(data: bytes | None, name: str = FILE, day: int = 1) -> bytes:
    message = EmailMessage()
    message["Subject"], message["Date"] = "과제 제출합니다", datetime(2026, 10, day, 9, tzinfo=UTC)
    message.set_content("안녕하세요. 과제 냅니다.")
    if data is not None:
        message.add_attachment(data, "application", "octet-stream", filename=name)
    return message.as_bytes()


def test_saved_mails_are_opened(tmp_path):
    files = {
        f"[과제] {HONG} 홍길동.eml": mail(A, "과제 최종.ipynb"),
        f"{KIM}/보낸 메일.eml": mail(zipped({FILE: B}), "과제.zip"),
    }
    found = rows(received(tmp_path, files, ROSTER))
    assert [status(one) for one in found.values()] == [None, None]


def test_a_later_mail_is_the_resubmission(tmp_path):
    later = notebook(HONG, answer="고친 답")
    files = {f"{HONG} 홍길동 (2).eml": mail(later, day=9), f"{HONG} 홍길동.eml": mail(A, day=2)}
    (graded,) = rows(received(tmp_path, files))[HONG].files.values()
    assert graded == later


@pytest.mark.parametrize("data", [mail(None), b"\xff\0 mail", b""])
def test_a_mail_without_a_notebook_is_not_nothing(tmp_path, data):
    one = rows(received(tmp_path, {f"{HONG}/메일.eml": data}, ROSTER))[HONG]
    assert status(one) in (Status.OTHER, Status.UNREADABLE)
    assert "메일.eml" in one.notes[-1]
