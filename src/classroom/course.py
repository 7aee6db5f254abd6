"""강좌: 과제 폴더 하나를 배포본으로 내고, 제출 폴더 하나를 채점해 표와 피드백을 만듭니다.

채점 기록은 하나가 끝날 때마다 장부에 남깁니다. 도중에 끊기면 같은 명령을 다시 실행했을 때 남긴 것은
그대로 쓰고 나머지만 채점합니다. 끝난 결과는 한 번에 끝낸 것과 바이트까지 같습니다.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from zipfile import is_zipfile

import nbformat

from classroom.assignment import HIDDEN, Assignment, is_test, names
from classroom.handout import how_to_install, is_setup, with_setup
from classroom.intake.submission import Received, Submission, receive
from classroom.marking.fingerprint import fingerprint
from classroom.marking.sandbox import Limits
from classroom.marking.spread import LostTask, spread
from classroom.record import CriterionResult, GradeRecord, Status
from classroom.reporting import gradebook, lms
from classroom.reporting.ledger import GradeLedger, full_marks, guarded, total, write
from ddialab.core.errors import InvalidValue, LabError

RETRY = "이 제출은 채점하지 못했습니다. 강사가 다시 채점합니다."


@dataclass(frozen=True)
class Task:
    """제출 하나를 채점하는 일. 다른 컴퓨터로 보낼 수 있습니다."""

    assignment: Assignment
    submission: Submission
    limits: Limits
    unsafe: bool

    @property
    def key(self) -> tuple[str, str]:
        return self.submission.assignment, self.submission.student

    @cached_property
    def digest(self) -> str:
        return fingerprint(self.assignment, self.submission, self.limits, self.unsafe)


@dataclass(frozen=True)
class Course:
    """과제 폴더 ``folder``와 만든 것을 두는 ``build``."""

    folder: Path
    build: Path

    @property
    def ledger(self) -> GradeLedger:
        return GradeLedger(self.build / "grades")

    @property
    def gradebook(self) -> Path:
        return self.build / "grades" / "gradebook.db"

    def assignments(self) -> list[Assignment]:
        """모든 과제. 하나도 없거나 규칙에 어긋난 것이 있으면 `InvalidValue`."""
        if found := [Assignment.load(self.folder, name) for name in names(self.folder)]:
            return found
        raise InvalidValue(
            f"{self.folder}: 과제가 없습니다.", "source/이름/이름.ipynb가 있어야 합니다."
        )


def release(course: Course, site: str = "") -> list[Path]:
    """모든 과제의 배포본을 nbgrader로 만듭니다. 답이나 숨은 테스트가 남으면 `InvalidValue`.

    ``site``는 학생이 패키지를 받을 책의 주소입니다(`classroom.handout`).
    """
    assignments = course.assignments()
    how_to_install(site)  # 틀린 주소는 만들기 전에 알립니다
    gradebook.save(course.gradebook, assignments, [])
    return [_release(course, assignment, site) for assignment in assignments]


def plan(
    course: Course,
    submissions: Path,
    roster: Path | None = None,
    limits: Limits | None = None,
    unsafe: bool = False,
    tell: Callable[[Received], None] = lambda received: None,
) -> list[Task]:
    """제출 폴더에서 할 일을 모두 모읍니다. 학생의 차례로. 하나도 없으면 `InvalidValue`.

    ``tell``은 받은 것 모두로 한 번 불립니다. 아무의 것도 아닌 파일은 거기에만 있습니다.
    """
    assignments = {assignment.name: assignment for assignment in course.assignments()}
    plain = submissions.is_file() and not is_zipfile(submissions)
    received = Received([])
    if not plain:
        received = receive(submissions, list(assignments), roster, assignments.values())
    tell(received)
    collected = received.submissions
    anything = any(one.files or one.flag for one in collected)
    if not collected or (received.unread and not anything):
        why = f"열 수 없는 파일뿐입니다({received.unread})" if collected else "제출이 없습니다"
        raise InvalidValue(
            f"SUBMISSIONS={submissions}: {why}.",
            "학번/과제/노트북이 든 폴더나 LMS에서 받은 zip이어야 합니다.",
            "make grade SUBMISSIONS=제출_폴더",
        )
    placed = [one for one in collected if not one.misplaced]  # 한 사람이 잘못 낸 과제는 아직입니다
    wanted = [name for name in assignments if _handed_in(name, placed, submissions)]
    wanted = wanted or [name for name in assignments if _handed_in(name, collected, submissions)]
    return [
        Task(assignments[one.assignment], one, limits or Limits(), unsafe)
        for one in collected
        if one.assignment in wanted or not wanted or one.files
    ]


def grade_all(
    course: Course,
    tasks: list[Task],
    executor: Executor,
    force: bool = False,
    tell: Callable[[int, GradeRecord], None] = lambda reused, record: None,
    work: Callable | None = None,
    names: dict[str, str] | None = None,
) -> list[GradeRecord]:
    """``tasks``를 채점해 기록을 차례대로 돌려주고, 표와 채점부와 피드백을 새로 씁니다.

    지문이 같은 기록이 장부에 있으면 다시 채점하지 않습니다(``force``면 합니다). ``tell``은 기록
    하나가 정해질 때마다 ``(다시 쓴 것인가, 기록)``으로 불립니다. ``names``는 명단의 이름입니다.
    """
    ledger = course.ledger
    with ledger.locked():
        ledger.keep_names(names or {})
        records = {} if force else _reusable(ledger, tasks)
        for record in records.values():
            tell(True, record)
        left = [task for task in tasks if task.key not in records]
        with closing(spread(work or grade_task, left, executor)) as outcomes:
            for task, outcome in outcomes:
                records[task.key] = record = _kept(ledger, task, outcome)
                tell(False, record)
        return _publish(course, [records[task.key] for task in tasks])


def refresh(course: Course) -> list[GradeRecord]:
    """formgrader에서 사람이 준 점수를 다시 읽어 표와 피드백을 새로 씁니다."""
    with course.ledger.locked():
        return _publish(course, course.ledger.tabled())


def to_lms(course: Course, records: list[GradeRecord], name: str, export: Path) -> lms.Filled:
    """LMS ``name``이 내보낸 ``export``에 총점을 채운 CSV를 씁니다. 이름은 ``Filled.name``."""
    marks = gradebook.marks(course.gradebook)
    unsure = {Status.MISSING, Status.DOUBTFUL}  # 남의 점수를 올리느니 LMS에 있던 것을 둡니다
    totals = {
        one.key: None if one.status in unsure else total(one, marks.get(one.key, {}))
        for one in records
    }
    names = sorted({record.assignment for record in records})
    assignments = [Assignment.load(course.folder, one) for one in names]
    filled = lms.fill(name, export, totals, {one.name: full_marks(one) for one in assignments})
    write(course.ledger.folder / f"{filled.name}.csv", filled.text)
    return filled


def grade_task(task: Task):
    """``Task`` 하나를 채점합니다. 어느 컴퓨터에서든 같습니다."""
    from classroom.marking.grade import grade

    return grade(task.assignment, task.submission, task.limits, task.unsafe)


def _handed_in(name: str, collected: Iterable[Submission], folder: Path) -> bool:
    """한 사람이라도 낸 과제인가. 아직 내지 않은 과제까지 「제출 안 함」으로 채우지 않습니다."""
    return any(one.files for one in collected if one.assignment == name) or any(
        Path(folder).glob(f"*/{name}")
    )


def _reusable(ledger: GradeLedger, tasks: list[Task]) -> dict[tuple[str, str], GradeRecord]:
    """다시 쓸 기록들. 채점기가 틀어져 얻은 것은 다시 쓰지 않습니다."""
    found = {task.key: (task, ledger.find(*task.key)) for task in tasks}
    return {
        key: record
        for key, (task, record) in found.items()
        if record and record.digest == task.digest and record.status != Status.FAILED
    }


def _kept(ledger: GradeLedger, task: Task, outcome) -> GradeRecord:
    """결과 하나를 장부에 기록하고 그 기록을 돌려줍니다."""
    if isinstance(outcome, LostTask):
        record, notebook = _failed(task, outcome.why), None
    else:
        record, notebook = outcome.record, outcome.notebook
    record = replace(record, digest=task.digest)
    ledger.keep(record, notebook)
    return record


def _failed(task: Task, why: str) -> GradeRecord:
    lost = (CriterionResult(c.id, c.title, c.points, 0.0, RETRY) for c in task.assignment.criteria)
    assignment, student = task.key
    return GradeRecord(student, assignment, Status.FAILED, results=tuple(lost), notes=(why,))


def _publish(course: Course, records: list[GradeRecord]) -> list[GradeRecord]:
    """채점부, 표, 피드백, 요약을 기록에서 새로 만듭니다."""
    from classroom.marking import similarity
    from classroom.reporting import feedback

    names = sorted({record.assignment for record in records})
    ledger, assignments = course.ledger, [Assignment.load(course.folder, one) for one in names]
    gradebook.save(course.gradebook, assignments, records)
    marks, comments = gradebook.marks(course.gradebook), gradebook.comments(course.gradebook)
    ledger.write_table(assignments, records, marks)
    titles = {assignment.name: assignment.titles for assignment in assignments}
    for record in records:
        named = titles[record.assignment]
        told = {named.get(id, id): text for id, text in comments.get(record.key, {}).items()}
        page = feedback.page(record, marks.get(record.key, {}), told)
        write(ledger.feedback_path(*record.key), page)
    notebooks = {r.key: ledger.notebook_path(*r.key) for r in records}
    pairs = similarity.pairs(notebooks, assignments)
    write(ledger.summary, feedback.summary_page(records, pairs, ledger.names))
    return records


def _release(course: Course, assignment: Assignment, site: str) -> Path:
    """과제 하나를 nbgrader로 배포하고, 나온 것을 살핍니다."""
    with guarded(course.build):
        course.build.mkdir(parents=True, exist_ok=True)
        result = nbgrader(course).generate_assignment(assignment.name)
    path = course.build / "release" / assignment.name / f"{assignment.name}.ipynb"
    if not result["success"]:
        raise LabError(
            f"{assignment.name}: nbgrader가 배포본을 만들지 못했습니다.",
            (result.get("error") or result.get("log", "")).strip()[-500:],
        )
    released = nbformat.read(path, as_version=4)
    if wrong := leaks(assignment, released):
        path.unlink()
        raise InvalidValue(
            f"{assignment.name}: 배포본을 만들지 않았습니다.", *wrong[:1], " / ".join(wrong[1:])
        )
    write(path, nbformat.writes(with_setup(released, site)))
    return path


def leaks(assignment: Assignment, released: nbformat.NotebookNode) -> list[str]:
    """배포본에 남은, 학생이 보면 안 되는 것들. 준비 셀은 과제의 것이 아니므로 보지 않습니다."""
    theirs = [cell.source for cell in released.cells if not is_setup(cell.source)]
    text = "\n".join(theirs)
    tests = [cell.source for cell in assignment.source.cells if is_test(cell)]
    hidden = {line for test in tests for region in HIDDEN.findall(test) for line in _lines(region)}
    shown = {
        line for cell in assignment.source.cells for line in _lines(HIDDEN.sub("", cell.source))
    }
    found = [f"숨은 테스트가 남았습니다: {line}" for line in sorted(_lines(text) & hidden - shown)]
    if "### BEGIN" in text or "### END" in text:
        found.append("지워졌어야 할 표시(### BEGIN, ### END)가 남았습니다.")
    if theirs != [cell.source for cell in assignment.release.cells]:
        found.append("채점할 때 사용하는 배포본과 내용이 다릅니다.")
    if any(cell.get("outputs") for cell in released.cells):
        found.append("실행한 출력이 남았습니다.")
    return found


def _lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines()}


def nbgrader(course: Course):
    """이 강좌를 다루는 nbgrader의 API. 말은 하지 않습니다."""
    import logging

    from nbgrader.apps import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config.loader import PyFileConfigLoader

    config = PyFileConfigLoader("nbgrader_config.py", path=str(course.folder)).load_config()
    config.CourseDirectory.root = str(course.build.resolve())
    config.CourseDirectory.source_directory = str((course.folder / "source").resolve())
    config.CourseDirectory.db_url = f"sqlite:///{course.gradebook.resolve()}"
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)
    return NbGraderAPI(coursedir=CourseDirectory(config=config), config=config)
