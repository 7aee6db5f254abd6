"""학번: 셀에 어떻게 적었든 학생이 본 데이터로 채점하고, 학번 아닌 것은 학번이 아닙니다."""

from __future__ import annotations

import pytest

from classroom.intake import student_id

ID, USUAL = "20260001", "2026-0000"


@pytest.mark.parametrize(
    "cell",
    [
        'student_id = "20260001"',
        "student_id = 20260001",
        'student_id = f"20260001"',
        'student_id = str(20260001)',
        "student_id = ('20260001')",
        'student_id = """20260001"""',
        "student_id = “20260001”",
        'student_id = \\\n    "20260001"',
        'student_id\u00a0= "20260001"',
        'student_id: str = "20260001"  # 제 학번',
    ],
)  # fmt: skip
def test_any_way_to_write_the_string_is_read(cell):
    assert student_id.written(cell) == ID


@pytest.mark.parametrize(
    "said", ["학번: 20260001", "20260001 홍길동", "２０２６０００１", " 20260001 ", "홍(20260001)"]
)
def test_words_around_the_number_are_no_other_person(said):
    """데이터는 적힌 글자 그대로에서 만들어졌으므로 그것으로 채점합니다."""
    assert student_id.plain(said) == ID
    assert student_id.seed(ID, said, USUAL) == (said, "")


def test_another_number_is_another_person_whatever_is_around_it():
    for said in ("학번: 20260002", "２０２６０００２", "20260002 홍길동"):
        seed, note = student_id.seed(ID, said, USUAL)
        assert seed == ID
        assert f"학번({said})이 낸 사람과 다릅니다" in note


def test_the_work_of_two_is_graded_with_what_they_saw():
    assert student_id.seed(ID, "20260001, 20260002", USUAL) == ("20260001, 20260002", "")


def test_an_empty_cell_is_called_empty():
    assert student_id.seed(ID, "", USUAL)[1].startswith("학번 셀이 비어 있습니다.")


def test_an_account_is_no_student_number():
    """아이디로만 아는 사람의 데이터는 학번 셀의 것입니다. 이메일의 앞이 학번이면 그 사람입니다."""
    assert student_id.seed("hong99_u.ac.kr", ID, USUAL) == (ID, "")
    assert student_id.seed(f"{ID}_u.ac.kr", ID, USUAL) == (ID, "")


@pytest.mark.parametrize(
    "text", [ID, "2026-0001", "A2026001", "B-811-234", "30512", "학번 20260001"]
)
def test_what_is_a_student_number(text):
    assert student_id.is_id(text)


@pytest.mark.parametrize("text", ["내 학번", "홍길동", "hong99", "a1-cache(2)", "010-1234-5678"])
def test_what_is_no_student_number(text):
    assert not student_id.is_id(text)
