"""채점부: 기계의 점수가 nbgrader의 자리에 들어가고, 사람이 준 점수는 사라지지 않습니다."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest
from nbgrader.api import Gradebook
from tests.classroom.tiny import NAME, locked, put_source, tiny_notebook

from classroom.assignment import Assignment
from classroom.record import CriterionResult, GradeRecord, Status, WrittenAnswer
from classroom.reporting import gradebook
from ddialab.core.errors import StorageFailure

KEY = (NAME, "2026-0001")
TEXT = "복사본을 돌려주면 부르는 쪽이 안전합니다."


def record(double=10.0, order=0.0, text=TEXT, student="2026-0001") -> GradeRecord:
    results = (
        CriterionResult("criterion-double", "두 배로 만들기", 10.0, double),
        CriterionResult("criterion-order", "원래 목록은 그대로 두기", 10.0, order),
    )
    written = (WrittenAnswer("written-why", 5.0, text),)
    return GradeRecord(student, NAME, Status.GRADED, "d", results, written)


@pytest.fixture
def book(course):
    """``book(기록들)``이 저장하고, ``book.grade(셀)``이 nbgrader가 보는 줄을 돌려줍니다."""
    return Book(course)


class Book:
    def __init__(self, course):
        self.course, self.path = course, course.gradebook

    def __call__(self, *records) -> None:
        assignments = [Assignment.load(self.course.folder, NAME)]
        gradebook.save(self.path, assignments, list(records))

    def grade(self, cell: str, student: str = "2026-0001", **changes) -> dict:
        """formgrader가 하듯이 nbgrader의 API로 줄을 읽고, ``changes``가 있으면 고칩니다."""
        with Gradebook(f"sqlite:///{self.path}", gradebook.COURSE) as opened:
            row = opened.find_grade(cell, NAME, NAME, student)
            for name, value in changes.items():
                setattr(row, name, value)
            opened.db.commit()
            return row.to_dict()

    def comment(self, text: str | None, cell: str = "written-why") -> None:
        """formgrader가 하듯이 의견을 씁니다. 다 지우면 빈 글이 옵니다."""
        with Gradebook(f"sqlite:///{self.path}", gradebook.COURSE) as opened:
            opened.find_comment(cell, NAME, NAME, "2026-0001").manual_comment = text
            opened.db.commit()

    @property
    def comments(self) -> dict:
        return gradebook.comments(self.path)[KEY]

    def by_hand(self, score: float, cell: str = "written-why") -> None:
        self.grade(cell, manual_score=score, needs_manual_grade=False)

    @property
    def marks(self) -> dict:
        return gradebook.marks(self.path)[KEY]


def test_scores_land_where_nbgrader_looks(book):
    book(record())
    assert book.grade("criterion-double")["auto_score"] == 10
    assert book.grade("criterion-order")["auto_score"] == 0
    assert not book.grade("criterion-order")["needs_manual_grade"]
    written = book.grade("written-why")
    assert written["needs_manual_grade"]
    assert (written["auto_score"], written["max_score"]) == (None, 5)


def test_the_written_question_waits_for_a_person(book):
    book(record())
    assert book.marks == {"written-why": None}
    book.by_hand(4)
    assert book.marks == {"written-why": 4}


@pytest.mark.parametrize("text", ["", "  \n", "여기에 답을 쓰세요", "여기에 답을 쓰세요\n"])
def test_an_untouched_written_answer_is_zero_as_in_nbgrader(book, text):
    book(record(text=text))
    assert book.marks == {"written-why": 0}


def test_comments_are_read_cell_by_cell_and_a_removed_one_is_gone(book):
    assert gradebook.comments(book.path) == {}
    book(record())
    assert book.comments == {}
    book.comment(" 근거가 좋습니다.\n수도 적으세요. \n")
    book.comment("이름이 좋습니다.", "answer-double")
    told = {"answer-double": "이름이 좋습니다.", "written-why": "근거가 좋습니다.\n수도 적으세요."}
    assert book.comments == told
    book(record(text="다시 낸 글입니다."))
    assert book.comments == told
    book.comment("")
    book.comment(None, "answer-double")
    assert book.comments == {}


def test_what_nbgrader_says_by_itself_is_no_comment_of_the_instructor(book):
    book(record())
    with Gradebook(f"sqlite:///{book.path}", gradebook.COURSE) as opened:
        comment = opened.find_comment("written-why", NAME, NAME, "2026-0001")
        comment.auto_comment = "No response."
        opened.db.commit()
    assert book.comments == {}


def test_saving_again_changes_nothing(book):
    book(record())
    book.by_hand(3)
    before = dump(book.path)
    book(record())
    assert dump(book.path) == before


def test_regrading_keeps_the_manual_score(book):
    book(record(double=0))
    book.by_hand(5)
    book(record(double=10))
    assert book.grade("criterion-double")["auto_score"] == 10
    assert book.marks == {"written-why": 5}


def test_another_text_has_to_be_read_again(book):
    book(record())
    book.by_hand(5)
    book(record(text="다시 낸 글입니다."))
    assert book.marks == {"written-why": None}
    assert book.grade("written-why")["manual_score"] == 5, "지난 점수는 남아 있어야 합니다"
    book.by_hand(2)
    book(record(text="다시 낸 글입니다."))
    assert book.marks == {"written-why": 2}


def test_another_picture_has_to_be_read_again(book):
    one, other = (replace(record().written[0], pictures=(("a.png", x),)) for x in ("1", "2"))
    book(replace(record(), written=(one,)))
    book.by_hand(5)
    book(replace(record(), written=(one,)))
    assert book.marks == {"written-why": 5}
    book(replace(record(), written=(other,)))
    assert book.marks == {"written-why": None}


def test_only_a_picture_is_no_blank(book):
    picture = replace(record().written[0], text="", pictures=(("a.png", "1"),))
    book(replace(record(), written=(picture,)))
    assert book.marks == {"written-why": None}


def test_a_score_that_a_person_corrected_is_kept_and_looked_at_again_when_it_moves(book):
    book(record(order=0))
    book.by_hand(7, "criterion-order")
    book(record(order=0))
    assert not book.grade("criterion-order")["needs_manual_grade"]
    book(record(order=10))
    assert book.grade("criterion-order")["needs_manual_grade"]
    assert book.marks["criterion-order"] == 7


def test_extra_credit_counts(book):
    book(record())
    book.grade("criterion-double", extra_credit=1.5)
    assert book.marks["criterion-double"] == 11.5


def test_an_assignment_may_change_after_grading(book):
    """nbgrader는 제출이 있는 과제의 셀을 바꿔 주지 않습니다. 사람의 점수도 말도 남아야 합니다."""
    book(record(), record(student="2026-0002"))
    book.by_hand(4)
    with Gradebook(f"sqlite:///{book.path}", gradebook.COURSE) as opened:
        comment = opened.find_comment("written-why", NAME, NAME, "2026-0001")
        comment.manual_comment = "근거가 좋습니다."
        opened.db.commit()
    changed = tiny_notebook(points=20)
    test = '# 기준: 하나 더\nassert True, "말"\n### BEGIN HIDDEN TESTS\n### END HIDDEN TESTS'
    changed.cells.insert(-1, locked("criterion-new", test, grade=True, points=3.0))
    put_source(book.course.folder, changed)
    new = CriterionResult("criterion-new", "하나 더", 3.0, 3.0)
    book(replace(record(double=20), results=(*record(double=20).results, new)))
    assert book.marks == {"written-why": 4}
    assert book.grade("criterion-double")["max_score"] == 20
    assert book.grade("criterion-new")["auto_score"] == 3
    assert book.grade("criterion-order", "2026-0002")["auto_score"] == 0
    with Gradebook(f"sqlite:///{book.path}", gradebook.COURSE) as opened:
        comment = opened.find_comment("written-why", NAME, NAME, "2026-0001")
        assert comment.manual_comment == "근거가 좋습니다."


def test_a_failed_save_writes_nothing(book, monkeypatch):
    """반만 저장된 채점부는 없습니다."""
    book(record())
    before = dump(book.path)
    broken = replace(record(student="2026-0003"), assignment="없는 과제")
    with pytest.raises(KeyError):
        book(record(double=0), broken)
    assert dump(book.path) == before


def test_a_locked_gradebook_is_a_korean_error_and_keeps_what_it_had(book):
    book(record())
    other = sqlite3.connect(book.path)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageFailure, match="채점부를 쓰지 못했습니다"):
        book(record(double=0))
    other.rollback()
    other.close()
    assert book.grade("criterion-double")["auto_score"] == 10


def test_a_broken_gradebook_file_is_a_korean_error(book):
    book.path.parent.mkdir(parents=True)
    book.path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StorageFailure, match="gradebook"):
        book(record())


def dump(path) -> list[str]:
    with sqlite3.connect(path) as opened:
        return list(opened.iterdump())
