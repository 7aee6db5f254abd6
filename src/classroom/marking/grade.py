"""채점: 제출 하나를 받아 기준마다 점수와 학생이 읽을 말을 정합니다.

인자만 보고 정하는 함수이므로 어느 컴퓨터에서 돌려도 결과가 같습니다. 학생이 무엇을 냈든 예외를
내지 않습니다.
"""

from __future__ import annotations

import ast
import time
from copy import deepcopy
from dataclasses import dataclass, field

from nbformat import NotebookNode, v4

from classroom.assignment import Assignment, is_student_id, is_test, is_written, mark
from classroom.intake.picture import addresses
from classroom.intake.rebuild import rebuild
from classroom.intake.submission import Submission
from classroom.marking.examiner import BadAssignment, Examiner, Ruling, TooSlow
from classroom.marking.notebook import CellRun, StudentNotebook, Where
from classroom.marking.remote import ValueTooLarge
from classroom.marking.sandbox import LIMITS, Limits, SandboxEnded
from classroom.record import CriterionResult, GradeRecord, Status, WrittenAnswer

# 여럿이 겹치면 앞의 것을 씁니다. 강사가 먼저 알아야 하는 차례입니다.
PRIORITY = (
    Status.FAILED,
    Status.DOUBTFUL,
    Status.OUTPUT,
    Status.MEMORY,
    Status.STOPPED,
    Status.TIMEOUT,
    Status.SUSPECT,
    Status.GRADED,
)
ENDED = {
    Status.TIMEOUT: "정해진 시간({seconds:g}초) 안에 끝나지 않았습니다. "
    "끝나지 않는 반복이나 너무 느린 계산이 있는지 보세요.",
    Status.MEMORY: "메모리를 너무 많이 사용했습니다. "
    "데이터를 통째로 복사하거나 끝없이 늘리지 않는지 보세요.",
    Status.OUTPUT: "출력이 너무 많습니다. 반복문 안의 print를 지우고 다시 해 보세요.",
    Status.STOPPED: "실행하는 도중에 파이썬이 끝났습니다. "
    "프로그램을 끝내는 명령이나 끝없는 재귀가 있는지 보세요.",
}
NOT_SOLVED = "아직 풀지 않은 문제입니다. 답 셀을 채우세요."
TRY = "입력이 비었을 때, 하나뿐일 때처럼 문제에 나온 다른 경우도 직접 넣어 보세요."
STATEFUL = "테스트를 되풀이하면 답이 달라집니다. 같은 인자에 같은 값을 돌려주는지 보세요."
WRONG_SHAPE = "답을 확인하다가 {kind} 오류가 났습니다. 값의 타입과 구조가 문제와 같은지 보세요."
TOO_LARGE = "돌려준 값이 너무 큽니다. 필요한 것만 돌려주는지 보세요."
NOT_GRADED = "채점하지 못했습니다. 제출한 것을 확인하고 강사에게 물어보세요."
PASSED = "통과했습니다."
SHOWN = 20_000  # 강사의 노트북에 남길 출력 하나의 글자. 그림은 이보다 길어서 따로 둡니다
PICTURE = 1_000_000
HINT = 1_000


@dataclass(frozen=True)
class Graded:
    """제출 하나를 채점한 것.

    ``notebook``은 숨은 테스트가 든 강사의 것이고, 노트북을 되살리지 못했으면 없습니다.
    """

    record: GradeRecord
    notebook: NotebookNode | None


@dataclass
class Marked:
    """노트북 하나를 채점한 것. ``statuses``는 채점하며 있었던 일들입니다."""

    notebook: NotebookNode
    results: list[CriterionResult] = field(default_factory=list)
    statuses: set[Status] = field(default_factory=lambda: {Status.GRADED})
    notes: list[str] = field(default_factory=list)

    @property
    def status(self) -> Status:
        return min(self.statuses, key=PRIORITY.index)


def grade(
    assignment: Assignment,
    submission: Submission,
    limits: Limits = LIMITS,
    unsafe: bool = False,
) -> Graded:
    """제출 하나를 채점합니다. 샌드박스를 쓸 수 없으면 `MissingCapability`."""
    started = time.monotonic()
    rebuilt = rebuild(assignment, submission)
    if rebuilt.notebook is None:
        marked = Marked(None, _no_results(assignment), {rebuilt.status})
    else:
        marked = mark_notebook(assignment, rebuilt.notebook, rebuilt.seed, limits, unsafe)
        marked.statuses |= {submission.flag} - {None}
    record = GradeRecord(
        student=submission.student,
        assignment=assignment.name,
        status=rebuilt.status or marked.status,
        results=tuple(marked.results),
        written=written(rebuilt.notebook),
        notes=(*rebuilt.notes, *marked.notes),
        late=submission.late,
        seconds=time.monotonic() - started,
    )
    return Graded(record, marked.notebook)


def written(notebook: NotebookNode | None) -> tuple[WrittenAnswer, ...]:
    """글로 답한 셀들과 거기에 붙인 그림."""
    cells = filter(is_written, notebook.cells if notebook else [])
    return tuple(
        WrittenAnswer(
            mark(cell)["grade_id"],
            float(mark(cell)["points"]),
            cell.source,
            addresses(cell.get("attachments", {})),
        )
        for cell in cells
    )


def mark_notebook(
    assignment: Assignment,
    notebook: NotebookNode,
    student: str,
    limits: Limits = LIMITS,
    unsafe: bool = False,
) -> Marked:
    """배포본의 뼈대로 되살린 노트북을 채점합니다. ``student``는 데이터를 만들 학번입니다."""
    marked = Marked(_with_tests(assignment, notebook, student))
    try:
        _Marking(assignment, marked, student, limits, unsafe).mark()
    except BadAssignment as problem:
        marked.results = _no_results(assignment)
        marked.statuses.add(Status.FAILED)
        marked.notes.append(f"과제에 잘못이 있습니다. {problem}")
    return marked


class _Marking:
    """노트북 하나를 채점하는 일. 결과는 ``marked``에 남깁니다."""

    def __init__(self, assignment: Assignment, marked: Marked, student: str, limits, unsafe: bool):
        self._assignment, self._marked, self._student = assignment, marked, student
        self._limits, self._unsafe = limits, unsafe
        self._runs: dict[str, CellRun] = {}
        # 이름마다 그것을 만드는 답 셀. 모범 답안에서 읽습니다
        self._homes = {
            n: cell for cell, source in assignment.answers.items() for n in _defined(source)
        }

    def mark(self) -> None:
        criteria = self._assignment.criteria
        rulings = self._examine({one.id: one.source for one in criteria}, self._watch)
        for id, ruling in rulings.items():
            ended = ruling.ended
            if isinstance(ruling.error, TooSlow) and not ended:
                ended = SandboxEnded(Status.TIMEOUT, "테스트가 끝나지 않았습니다.")
            self._note(id, ended, getattr(ruling.error, "where", None))
        hints = {one.id: self._hint(one.source, rulings[one.id]) for one in criteria}
        hints |= self._retell([id for id, hint in hints.items() if hint is None])
        for one in criteria:
            hint = "" if rulings[one.id].passed else _clean(hints[one.id])
            score = one.points if rulings[one.id].passed else 0.0
            self._marked.results.append(CriterionResult(one.id, one.title, one.points, score, hint))
        _show_results(self._marked.notebook, self._marked.results)

    def _examine(self, tests: dict[str, str], watch) -> dict[str, Ruling]:
        """새 프로세스에서 학생의 셀을 차례로 돌린 뒤 ``tests``를 합니다."""
        with StudentNotebook(self._limits, self._unsafe) as student:
            # 프로세스가 준비되는 동안 이쪽에서는 주어진 셀을 돌립니다.
            examiner = Examiner(self._assignment.source.cells, self._student)
            watch(student)
            return {
                id: examiner.check(source, id, student, 2 * self._limits.cell)
                for id, source in tests.items()
            }

    def _watch(self, student: StudentNotebook) -> None:
        """학생의 셀을 돌리고, 출력과 있었던 일을 남깁니다."""
        for count, (name, cell) in enumerate(_cells(self._marked.notebook), start=1):
            run = self._runs[name] = student.run(cell.source, name)
            cell.outputs = [_shown(output, count) for output in run.outputs]
            cell.execution_count = count
            self._note(name, run.ended, run.error)
        try:
            if student.disarmed():
                self._marked.statuses.add(Status.SUSPECT)
                self._marked.notes.append("실패해야 하는 assert가 실패하지 않게 바꾸었습니다.")
        except SandboxEnded as ended:
            self._note("assert 확인", ended, None)

    def _retell(self, ids: list[str]) -> dict[str, str]:
        """학생의 값을 섞은 테스트의 메시지는, 숨은 테스트를 본 적 없는 프로세스에서 다시 듣습니다.

        함수가 앞서 받은 숨은 인자를 저장해 두었다가 값으로 내놓으면 피드백으로 새기 때문입니다.
        """
        if not ids:
            return {}
        visible = {mark(c).get("grade_id"): c.source for c in self._assignment.release.cells}
        rerun = {id: visible[id] for id in ids}
        rulings = self._examine(rerun, self._rerun)
        return {id: self._retold(rerun[id], ruling) for id, ruling in rulings.items()}

    def _rerun(self, student: StudentNotebook) -> None:
        for name, cell in _cells(self._marked.notebook):
            if self._runs[name].ended is None:
                student.run(cell.source, name)

    def _retold(self, source: str, ruling: Ruling) -> str:
        if ruling.passed:
            return STATEFUL
        return self._hint(source, ruling) or str(ruling.error)

    def _hint(self, source: str, ruling: Ruling) -> str | None:
        """기준을 잃은 까닭을 학생의 말로. 다시 들어야 하는 말이면 없음(None)."""
        error, where = ruling.error, getattr(ruling.error, "where", None)
        if ruling.ended:
            return self._ended(ruling.ended.status)
        if isinstance(error, ValueTooLarge):
            return TOO_LARGE
        if isinstance(where, Where):
            return self._stopped(where, f"{_place(where)} {where.kind} 오류가 났습니다. {TRY}")
        if isinstance(error, TooSlow):
            return self._ended(Status.TIMEOUT)
        if isinstance(error, NameError) and error.name:
            return self._unknown(error.name)
        if isinstance(error, AssertionError):
            return str(error) if str(error) in _constants(source) else None
        return WRONG_SHAPE.format(kind=type(error).__name__)

    def _stopped(self, where: Where, otherwise: str) -> str:
        """학생의 오류 가운데 따로 할 말이 있는 것들."""
        special = {
            "NotImplementedError": NOT_SOLVED,
            "MemoryError": ENDED[Status.MEMORY],
            "BaseException": ENDED[Status.STOPPED],
        }
        return special.get(where.kind, otherwise)

    def _unknown(self, name: str) -> str:
        """이름이 없는 까닭: 그것을 만들 답 셀이 멈췄거나, 학생이 이름을 바꾸었습니다."""
        cell = self._homes.get(name, "")
        run = self._runs.get(cell, CellRun(ok=True))
        if run.ended:
            return f"답 셀 {cell}: {self._ended(run.ended.status)}"
        if run.error:
            place = _place(run.error)
            return self._stopped(
                run.error,
                f"{place} {run.error.kind} 오류가 나서 {name} 값이 만들어지지 않았습니다.",
            )
        return f"{name} 값이 없습니다. 답 셀에서 그 이름을 바꾸거나 지우지 않았는지 보세요."

    def _ended(self, status: Status) -> str:
        return ENDED[status].format(seconds=self._limits.cell)

    def _note(self, name: str, ended: SandboxEnded | None, error: object) -> None:
        """상태와 강사의 알림에 남깁니다."""
        if ended:
            self._marked.statuses.add(ended.status)
            self._marked.notes.append(f"{name}: {ended.note}")
        elif isinstance(error, Where) and error.kind == "MemoryError":
            self._marked.statuses.add(Status.MEMORY)
            self._marked.notes.append(f"{name}: 메모리가 모자랐습니다.")


def _with_tests(assignment: Assignment, notebook: NotebookNode, student: str) -> NotebookNode:
    """강사가 볼 노트북: 테스트 셀에는 숨은 테스트까지, 학번 셀에는 데이터의 학번을 넣습니다."""
    whole, tests = deepcopy(notebook), {one.id: one.source for one in assignment.criteria}
    for cell in whole.cells:
        if is_student_id(cell):
            cell.source = f"student_id = {student!r}"
        elif is_test(cell):
            cell.source = tests[mark(cell)["grade_id"]]
    return whole


def _cells(notebook: NotebookNode) -> list[tuple[str, NotebookNode]]:
    """학생의 프로세스에서 돌 셀들과 그 이름. 테스트 셀은 없습니다."""
    return [
        (mark(cell).get("grade_id") or cell.id, cell)
        for cell in notebook.cells
        if cell.cell_type == "code" and not is_test(cell)
    ]


def _defined(source: str) -> set[str]:
    try:
        return set(compile(source, "<answer>", "exec").co_names)
    except SyntaxError:  # 글로 답하는 셀
        return set()


def _constants(source: str) -> set[str]:
    """테스트 셀에 쓰인 문자열들. 이 가운데 하나인 메시지에는 학생의 값이 섞여 있지 않습니다."""
    nodes = ast.walk(ast.parse(source))
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def _place(where: Where) -> str:
    """오류가 난 곳. 더한 셀의 이름은 학생이 모르므로 줄만 말합니다."""
    if where.cell is None:
        return "여러분의 코드에서"
    cell = "추가한 셀" if where.cell.startswith("added-") else f"{where.cell} 셀"
    return f"{cell}의 {where.line}번째 줄에서"


def _clean(text: str) -> str:
    """파일에 쓸 수 있는 문자열. 학생의 값이 섞인 메시지에는 반쪽짜리 글자가 있을 수 있습니다."""
    return "".join(c for c in text if c.isprintable() or c == "\n")[:HINT]


def _no_results(assignment: Assignment) -> list[CriterionResult]:
    return [
        CriterionResult(one.id, one.title, one.points, 0.0, NOT_GRADED)
        for one in assignment.criteria
    ]


def _shown(output: dict, count: int) -> NotebookNode:
    """강사의 노트북에 남길 출력 하나. 길면 자릅니다."""
    if output["output_type"] == "stream":
        return v4.new_output("stream", name=output["name"], text=_cut(output["text"]))
    if output["output_type"] == "error":
        lines = [_cut(line) for line in output["traceback"]]
        return v4.new_output(
            "error", ename=output["ename"], evalue=_cut(output["evalue"]), traceback=lines
        )
    data = {mime: _cut(value, mime) for mime, value in output["data"].items()}
    return v4.new_output("display_data", data=data)


def _cut(text: str, mime: str = "text/plain") -> str:
    if mime != "text/plain":
        return text if len(text) <= PICTURE else ""
    text = text if len(text) <= SHOWN else f"{text[:SHOWN]}\n… (잘랐습니다)"
    return text.encode("utf-8", "replace").decode()


def _show_results(notebook: NotebookNode, results: list[CriterionResult]) -> None:
    """테스트 셀의 출력에 결과를 씁니다. nbgrader는 오류 출력이 있으면 0점으로 읽습니다."""
    found = {result.id: result for result in results}
    for cell in filter(is_test, notebook.cells):
        result = found[mark(cell)["grade_id"]]
        if result.passed:
            output = v4.new_output("stream", name="stdout", text=PASSED)
        else:
            output = v4.new_output(
                "error", ename="AssertionError", evalue=result.hint, traceback=[result.hint]
            )
        cell.outputs = [output]
