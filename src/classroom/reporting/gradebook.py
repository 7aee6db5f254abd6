"""nbgrader의 채점부: 기계의 점수를 옮기고, 사람이 formgrader에서 준 점수를 읽어 옵니다.

쓰는 것은 채점을 시작한 프로세스 하나뿐이고, 한 번의 저장은 트랜잭션 하나입니다. 같은 기록을 다시
저장해도 달라지는 것이 없습니다. 사람이 준 점수는 지우지 않습니다. 다만 글이 바뀌었으면 다시 읽어야
한다고 표시합니다(`ddialab_read` 테이블에 점수를 준 글의 지문을 둡니다).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from copy import deepcopy
from functools import partial
from hashlib import sha256
from pathlib import Path
from warnings import catch_warnings, simplefilter

from classroom.assignment import Assignment, is_answer, is_written, mark
from classroom.record import GradeRecord
from classroom.reporting.ledger import Key, Marks, guarded
from ddialab.core.errors import StorageFailure

COURSE = "ddia-ch1"
TABLE = "CREATE TABLE IF NOT EXISTS ddialab_read (grade TEXT PRIMARY KEY, digest TEXT)"
# 과제를 다시 올려도 지키는 것: 점수(Grade)의 넷과 말(Comment)의 하나, 그리고 줄의 이름
KEPT = ("id", "auto_score", "manual_score", "extra_credit", "needs_manual_grade", "manual_comment")


def save(path: Path, assignments: list[Assignment], records: list[GradeRecord]) -> None:
    """기록의 점수를 채점부 ``path``에 씁니다. 다른 프로그램이 사용하고 있으면 `StorageFailure`."""
    blanks = {a.name: blank_answers(a) for a in assignments}
    with opened(path) as book:
        for assignment in assignments:
            _register(book, assignment)
        for record in records:
            _found_or_added(book.find_student, book.add_student, record.student)
            if record.written:
                _save(book, record, blanks[record.assignment])


def marks(path: Path) -> dict[Key, Marks]:
    """사람이 준 점수들. 서술형 셀은 모두, 테스트 셀은 사람이 고친 것만 들어 있습니다."""
    from nbgrader.api import Assignment as Master

    if not path.exists():
        return {}
    with opened(path) as book:
        return {
            (master.name, submission.student.id): _marks(submission)
            for master in book.db.query(Master).all()
            for submission in master.submissions
        }


def comments(path: Path) -> dict[Key, dict[str, str]]:
    """강사가 formgrader에서 답마다 남긴 의견. 지운 의견은 없는 것입니다."""
    from nbgrader.api import Assignment as Master

    if not path.exists():
        return {}
    with opened(path) as book:
        return {
            (master.name, submission.student.id): _comments(submission)
            for master in book.db.query(Master).all()
            for submission in master.submissions
        }


def blank_answers(assignment: Assignment) -> dict[str, str]:
    """서술형 셀의 이름과 배포본의 빈칸. 빈칸 그대로 낸 글은 nbgrader처럼 0점으로 칩니다."""
    cells = filter(is_written, assignment.release.cells)
    return {mark(cell)["grade_id"]: cell.source.strip() for cell in cells}


@contextmanager
def opened(path: Path) -> Iterator:
    """채점부를 열어 트랜잭션 하나로 씁니다. 도중에 틀어지면 아무것도 쓰지 않습니다."""
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SAWarning, SQLAlchemyError

    with guarded(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if not path.exists():
            _create(path)
        with catch_warnings(), Gradebook(f"sqlite:///{path}", COURSE) as book:
            simplefilter("ignore", SAWarning)  # nbgrader가 옛 SQLAlchemy에 맞춰 쓰인 탓입니다
            commit, book.db.commit = book.db.commit, partial(_postpone, book.db)
            _execute(book, TABLE)
            yield book
            commit()
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StorageFailure(
            f"{path}: 채점부를 쓰지 못했습니다({str(error).splitlines()[0]}).",
            "다른 프로그램이 열고 있지 않고, 쓰기 권한과 디스크 공간이 있어야 합니다.",
            "formgrader에서 저장 중인 것을 마치고 같은 명령을 다시 실행하세요. "
            "이미 채점한 것은 그대로 있습니다.",
        ) from error


def _create(path: Path) -> None:
    """버전만 기록된 새 채점부. nbgrader에 맡기면 명령 alembic을 찾아 몇 초를 씁니다."""
    import nbgrader
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    folder = Path(nbgrader.__file__).parent
    config = Config(folder / "alembic.ini")
    config.set_main_option("script_location", str(folder / "alembic"))
    version = ScriptDirectory.from_config(config).get_current_head()
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("BEGIN")
        opened.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        opened.execute("INSERT INTO alembic_version VALUES (?)", [version])
        opened.execute("COMMIT")


def _postpone(session) -> None:
    """nbgrader는 한 줄마다 commit합니다. 그 자리에서는 보내기만 하고 끝에 한 번 commit합니다."""
    session.flush()
    session.expire_all()  # commit이 하던 일


def _register(book, assignment: Assignment) -> None:
    """과제의 셀들을 올립니다. 셀이 늘거나 줄었으면 다시 올리고 사람의 점수를 복구합니다."""
    saver = _saver(book, assignment)
    book.update_or_create_assignment(assignment.name)
    try:
        saver._create_notebook(assignment.source)
    except RuntimeError:  # 이미 제출이 있는 과제의 셀은 nbgrader가 바꿔 주지 않습니다
        submissions = book.find_assignment(assignment.name).submissions
        kept = {submission.student.id: _kept(submission) for submission in submissions}
        book.remove_assignment(assignment.name)
        book.add_assignment(assignment.name)
        saver._create_notebook(assignment.source)
        for student, rows in kept.items():
            _restore(book.add_submission(assignment.name, student), rows)


def _saver(book, assignment: Assignment):
    """과제의 셀들을 모아 둔 nbgrader의 `SaveCells`. 답은 빈칸, 숨은 테스트는 그대로입니다."""
    from nbgrader.preprocessors import ComputeChecksums, LockCells, SaveCells

    master = deepcopy(assignment.source)
    for cell, released in zip(master.cells, assignment.release.cells, strict=True):
        if is_answer(cell):
            cell.source = released.source
    for step in (LockCells, ComputeChecksums):
        master, _ = step().preprocess(master, {})
    saver = SaveCells()
    saver.gradebook, saver.notebook_id, saver.assignment_id = book, assignment.name, assignment.name
    saver.new_grade_cells, saver.new_solution_cells = {}, {}
    saver.new_task_cells, saver.new_source_cells = {}, {}
    for index, cell in enumerate(master.cells):
        saver.preprocess_cell(cell, {}, index)
    return saver


def _kept(submission) -> dict[tuple[str, str], dict]:
    """제출 하나의 점수와 말. 과제를 다시 올린 뒤 복구할 것입니다."""
    return {
        (type(row).__name__, row.name): {field: getattr(row, field, None) for field in KEPT}
        for row in _rows(submission)
    }


def _restore(submission, rows: dict[tuple[str, str], dict]) -> None:
    for row in _rows(submission):
        for field, value in rows.get((type(row).__name__, row.name), {}).items():
            if hasattr(row, field):
                setattr(row, field, value)


def _rows(submission) -> Iterator:
    """제출에 딸린 점수(Grade)와 말(Comment)의 줄들."""
    for notebook in submission.notebooks:
        yield from notebook.grades
        yield from notebook.comments


def _save(book, record: GradeRecord, blanks: dict[str, str]) -> None:
    scores = {result.id: result.score for result in record.results}
    written = {answer.id: answer for answer in record.written}
    submission = _found_or_added(book.find_submission, book.add_submission, *record.key)
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            if grade.name in written:
                answer = written[grade.name]
                text, pictures = answer.text.strip(), "".join(map(str, answer.pictures))
                blank = not pictures and text in ("", blanks.get(grade.name))
                _save_written(book, grade, text + pictures, blank)
            elif grade.name in scores:
                _save_score(grade, scores[grade.name])


def _found_or_added(find, add, *names: str):
    """nbgrader의 update_or_create는 바꿀 것이 없어도 commit해서 느립니다."""
    from nbgrader.api import MissingEntry

    try:
        return find(*names)
    except MissingEntry:
        return add(*names)


def _save_score(grade, score: float) -> None:
    """기계의 점수. 사람이 고쳐 둔 점수가 있는데 기계의 점수가 달라졌으면 다시 보게 합니다."""
    if grade.manual_score is None:
        grade.needs_manual_grade = False
    elif grade.auto_score != score:
        grade.needs_manual_grade = True
    grade.auto_score = score


def _save_written(book, grade, text: str, blank: bool) -> None:
    """글 한 편(그림까지). 지난번과 다르면 사람이 (다시) 읽어야 합니다."""
    grade.auto_score = 0.0 if blank else None
    book.db.flush()  # 새로 만든 줄은 여기서 이름(id)을 얻습니다
    digest = sha256(text.encode()).hexdigest()
    read = _execute(book, "SELECT digest FROM ddialab_read WHERE grade = :id", id=grade.id)
    if read.scalar() != digest:
        grade.needs_manual_grade = not blank or grade.manual_score is not None
        _execute(
            book, "REPLACE INTO ddialab_read VALUES (:id, :digest)", id=grade.id, digest=digest
        )


def _execute(book, statement: str, **values):
    from sqlalchemy import text

    return book.db.execute(text(statement), values)


def _comments(submission) -> dict[str, str]:
    """답 셀의 이름과 의견. nbgrader가 스스로 적는 말(auto_comment)은 강사의 것이 아닙니다."""
    rows = (row for notebook in submission.notebooks for row in notebook.comments)
    found = {row.name: (row.manual_comment or "").strip() for row in rows}
    return {cell: told for cell, told in found.items() if told}


def _marks(submission) -> Marks:
    found: Marks = {}
    for notebook in submission.notebooks:
        written = {cell.name for cell in notebook.notebook.solution_cells}
        for grade in notebook.grades:
            if grade.name in written:
                found[grade.name] = None if grade.needs_manual_grade else grade.score
            elif grade.manual_score is not None or grade.extra_credit:
                found[grade.name] = grade.score
    return found
