"""채점 장부: 제출마다 기록 하나를 저장해 두는 폴더. 채점이 도중에 끊기면 여기서 이어 갑니다.

파일은 모두 옆에 다 쓴 뒤 이름을 바꿔 넣습니다. 그래서 언제 끊겨도 반만 쓰인 파일은 없습니다.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from classroom.assignment import Assignment, is_written, mark
from classroom.record import GradeRecord, Status
from ddialab.core.errors import InvalidValue, StorageFailure

Key = tuple[str, str]  # (과제, 학생)
Marks = dict[str, float | None]  # 사람이 준 점수: 셀 이름 -> 점수. 아직 안 읽었으면 None

COLUMNS = [
    *("student", "name", "assignment", "status", "late", "score", "max_score"),
    *("written_score", "written_max", "total", "notes"),
]
LATE = "늦음"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # 엑셀이 수식으로 읽는 첫 글자들
# 사람이 먼저 볼 일이 있어 총점을 아직 말할 수 없는 상태들
UNSETTLED = {
    Status.UNREADABLE,
    Status.OTHER,
    Status.NOBODYS,
    Status.AMBIGUOUS,
    Status.FAILED,
}


class GradeLedger:
    """``folder``(보통 ``_build/grades``) 아래의 기록, 채점한 노트북, 피드백, 표."""

    def __init__(self, folder: Path):
        self.folder = Path(folder)
        self.table = self.folder / "grades.csv"
        self.summary = self.folder / "summary.html"
        self._names = self.folder / "names.json"

    def record_path(self, assignment: str, student: str) -> Path:
        return self.folder / "records" / assignment / f"{student}.json"

    def notebook_path(self, assignment: str, student: str) -> Path:
        """nbgrader가 채점한 노트북을 찾는 자리."""
        return self.folder / "autograded" / student / assignment / f"{assignment}.ipynb"

    def feedback_path(self, assignment: str, student: str) -> Path:
        return self.folder / "feedback" / student / f"{assignment}.html"

    def find(self, assignment: str, student: str) -> GradeRecord | None:
        """저장된 기록. 없거나 읽을 수 없으면 None(다시 채점하면 됩니다)."""
        try:
            return GradeRecord.from_json(self.record_path(assignment, student).read_text("utf-8"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, record: GradeRecord, notebook: NotebookNode | None) -> None:
        """기록을 저장합니다. 노트북이 먼저입니다: 기록이 있으면 노트북도 있습니다."""
        place = self.notebook_path(*record.key)
        if notebook is None:
            with guarded(place):
                place.unlink(missing_ok=True)
        else:
            write(place, nbformat.writes(notebook))
        write(self.record_path(*record.key), record.to_json())

    @property
    def names(self) -> dict[str, str]:
        """명단에서 읽은, 학번마다의 이름. 명단 없이 채점하던 폴더에는 없습니다."""
        try:
            return {str(id): str(name) for id, name in json.loads(self._names.read_text()).items()}
        except (OSError, ValueError, AttributeError):
            return {}

    def keep_names(self, names: dict[str, str]) -> None:
        """이름을 남깁니다. 다음에 명단 없이 표를 다시 써도 이름이 있어야 하기 때문입니다."""
        if names:
            write(self._names, json.dumps(self.names | names, ensure_ascii=True, indent=1))

    def write_table(
        self, assignments: list[Assignment], records: list[GradeRecord], marks: dict[Key, Marks]
    ) -> None:
        """CSV를 새로 씁니다. 엑셀에서 한글이 깨지지 않게 BOM을 붙입니다."""
        criteria = list(dict.fromkeys(c.id for a in assignments for c in a.criteria))
        known, names = {a.name: a for a in assignments}, self.names
        out = io.StringIO()
        table = csv.writer(out)
        table.writerow([*COLUMNS, *criteria])
        for record in records:
            given = marks.get(record.key, {})
            row = _row(record, known[record.assignment], given, criteria)
            table.writerow([_text(record.student), _text(names.get(record.student, "")), *row])
        write(self.table, "\ufeff" + out.getvalue())

    def tabled(self) -> list[GradeRecord]:
        """지난번에 쓴 표에 오른 기록들, 표의 차례대로. 표가 없으면 `InvalidValue`."""
        try:
            with open(self.table, encoding="utf-8-sig", newline="") as file:
                rows = [(row["assignment"], row["student"]) for row in csv.DictReader(file)]
        except FileNotFoundError:
            raise InvalidValue(
                f"{self.table}: 채점한 결과가 없습니다.",
                "먼저 채점해야 합니다.",
                "make grade SUBMISSIONS=제출_폴더",
            ) from None
        kept = [self.find(assignment, student.removeprefix("'")) for assignment, student in rows]
        return [record for record in kept if record]

    @contextmanager
    def locked(self) -> Iterator[None]:
        """한 번에 한 채점만 실행되게 합니다. 이미 실행 중이면 `StorageFailure`."""
        with guarded(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            file = open(self.folder / ".lock", "w")  # noqa: SIM115 - 끝날 때까지 열어 둡니다
        with file:
            _claim(file, self.folder)
            yield


def write(path: Path, text: str) -> None:
    """``path``의 내용을 통째로 바꿉니다. 실패하면 옛 내용이 그대로이고 `StorageFailure`."""
    part = path.with_name(f".{path.name[:60]}.part")
    with guarded(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(part, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise


@contextmanager
def guarded(path: Path) -> Iterator[None]:
    """운영체제의 쓰기 오류를 `StorageFailure`로 바꿉니다."""
    try:
        yield
    except StorageFailure:
        raise
    except OSError as error:
        raise StorageFailure(
            f"{path}: 쓰지 못했습니다({error.strerror}).",
            "폴더의 쓰기 권한과 남은 디스크 공간이 있어야 합니다.",
            "고친 뒤 같은 명령을 다시 실행하세요. 이미 채점한 것은 그대로 있습니다.",
        ) from error


def _claim(file, folder: Path) -> None:
    try:
        import fcntl
    except ImportError:
        return  # Windows에는 없습니다
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StorageFailure(
            f"{folder}: 다른 채점이 실행 중입니다.",
            "한 번에 한 채점만 실행할 수 있습니다.",
            "그것이 끝난 뒤 다시 실행하세요.",
        ) from None


def _row(record: GradeRecord, assignment: Assignment, given: Marks, criteria: list[str]) -> list:
    """표의 한 줄에서 학번과 이름 다음의 것. 아직 정해지지 않은 점수는 빈칸입니다."""
    scores = {result.id: result.score for result in record.results}
    written = _sum([given.get(answer.id) for answer in record.written]) if record.written else None
    changed = {id: score for id, score in given.items() if id in scores and score is not None}
    notes = [*record.notes, *(f"사람이 고친 점수: {id} {s:g}점" for id, s in changed.items())]
    return [
        record.assignment,
        record.status.value,
        LATE if record.late else "",
        _number(record.score),
        _number(record.max_score),
        _number(written),
        _number(written_max(assignment)),
        _number(total(record, given)),
        _text(" / ".join(notes)),
        *(_number(scores.get(id)) for id in criteria),
    ]


def written_max(assignment: Assignment) -> float:
    """서술형 문제의 배점."""
    return sum(float(mark(cell)["points"]) for cell in assignment.source.cells if is_written(cell))


def full_marks(assignment: Assignment) -> float:
    """과제의 만점: 기준과 서술형 문제의 배점."""
    return sum(one.points for one in assignment.criteria) + written_max(assignment)


def total(record: GradeRecord, given: Marks) -> float | None:
    """사람이 준 점수 ``given``까지 더한 총점. 아직 정해지지 않았으면 ``None``."""
    written = _sum([given.get(answer.id) for answer in record.written])
    if record.status in UNSETTLED or written is None:
        return None
    return record.corrected(given).score + written


def _sum(scores: list[float | None]) -> float | None:
    return None if None in scores else sum(scores)


def _number(value: float | None) -> str:
    """12.0은 12로. 없는 점수는 빈칸으로."""
    return "" if value is None else f"{value:.10g}"


def _text(value: str) -> str:
    """엑셀이 수식으로 읽지 않게 합니다. 학생이 지은 이름이 여기에 들어옵니다."""
    return f"'{value}" if value.startswith(FORMULA) else value
