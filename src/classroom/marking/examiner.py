"""채점관: 주어진 셀과 테스트 셀을, 학생의 코드가 없는 이 프로세스에서 돌립니다.

테스트가 쓰는 이름 가운데 주어진 셀이 정하지 않은 것만 학생의 프로세스에서 받아 옵니다. 그래서
테스트 셀은 주피터에서 그냥 돌릴 때와 같은 코드이지만, 학생은 테스트를 읽을 수도 고칠 수도 없습니다.
"""

from __future__ import annotations

import builtins
import ctypes
import dis
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from types import CodeType

from nbformat import NotebookNode

from classroom.assignment import is_answer, is_student_id, is_test, mark
from classroom.marking import wire
from classroom.marking.notebook import StudentNotebook
from classroom.marking.sandbox import SandboxEnded

FIGURE_TAG = "figure"
LOADS = {"LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS"}
STORES = {"STORE_NAME", "STORE_GLOBAL"}
COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"}


class BadAssignment(Exception):
    """학생이 아니라 과제가 잘못되어 채점할 수 없습니다."""


class TooSlow(BaseException):
    """테스트가 스스로 끝나지 않습니다. 테스트의 ``except Exception``이 삼키지 못해야 합니다."""


@dataclass(frozen=True)
class Ruling:
    """테스트 한 번의 결과. 둘 다 없으면 통과입니다.

    ``error``는 테스트가 낸 예외, ``ended``는 도중에 학생의 프로세스가 끝난 까닭입니다.
    """

    error: BaseException | None = None
    ended: SandboxEnded | None = None

    @property
    def passed(self) -> bool:
        return self.error is None and self.ended is None


class Examiner:
    """테스트들의 이름 공간 하나. 주어진 셀을 돌려 만들며, 그 셀이 실패하면 `BadAssignment`."""

    def __init__(self, cells: list[NotebookNode], student: str):
        self._space = {"__name__": "__main__", "student_id": student}
        self._borrowed: dict[str, object] = {}
        self._wanted: set[str] = set()
        for cell in cells:
            if _is_given(cell):
                self._prepare(compiled(cell.source, _name(cell)))

    def check(self, source: str, name: str, student: StudentNotebook, seconds: float) -> Ruling:
        """테스트 셀 하나를 돌립니다. ``seconds``는 테스트가 스스로 쓸 수 있는 시간입니다.

        테스트가 데이터가 아닌 것을 학생에게 건네면 `BadAssignment`.
        """
        code, error = compiled(source, name), None
        try:
            student.begin()
            self._borrow(_loads(code) | self._wanted, student)
            with stopwatch(seconds), _quiet():
                exec(code, self._space)
        except (wire.NotPlain, wire.TooLarge) as problem:
            raise BadAssignment(
                f"{name}: 학생의 함수에 넘길 수 없는 인자입니다({problem})."
            ) from problem
        except SandboxEnded as ended:
            return Ruling(ended=ended)
        except (Exception, TooSlow) as problem:
            error = problem
        if isinstance(error, TooSlow):
            student.drop()  # 물음과 답 사이에서 끊겼을 수 있습니다
        return Ruling(error, student.ended)

    def _prepare(self, code: CodeType) -> None:
        """주어진 셀을 돌립니다. 학생의 답을 쓰는 셀은 학생의 프로세스에만 있습니다."""
        self._wanted |= _loads(code)
        if _loads(code, COMPREHENSIONS) - _stores(code) - set(self._space) - set(dir(builtins)):
            return
        try:
            with _quiet():
                exec(code, self._space)
        except Exception as error:
            raise BadAssignment(f"{code.co_filename}: {type(error).__name__}: {error}") from error

    def _borrow(self, wanted: set[str], student: StudentNotebook) -> None:
        """학생의 이름들을 새로 받아 옵니다. 앞 기준에서 받은 것은 낡았으므로 지웁니다."""
        for name, value in self._borrowed.items():
            if self._space.get(name) is value:
                del self._space[name]
        missing = wanted - set(self._space) - set(dir(builtins))
        self._borrowed = student.names(sorted(missing)) if missing else {}
        self._space |= self._borrowed


def compiled(source: str, name: str) -> CodeType:
    """셀 하나의 코드. 파이썬을 ``-O``로 켰어도 assert가 남습니다."""
    return compile(source, f"<{name}>", "exec", dont_inherit=True, optimize=0)


@contextmanager
def stopwatch(seconds: float) -> Iterator[None]:
    """``seconds``초가 지나면 이 스레드에 `TooSlow`를 냅니다. 신호와 달리 어느 스레드에서나 됩니다.

    파이썬의 명령 사이에서만 나므로, C로 짠 함수 하나가 오래 도는 것은 끊지 못합니다.
    """
    thread, lock = ctypes.c_ulong(threading.get_ident()), threading.Lock()
    running, rang = [True], []
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def ring() -> None:
        with lock:
            if running:
                rang.append(True)
                throw(thread, ctypes.py_object(TooSlow))

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        with lock:
            running.clear()
            if rang:  # 울리지 않았는데 거두면 Python 3.11은 프로파일러 아래에서 멈춥니다
                throw(thread, None)  # 울렸지만 아직 나지 않은 것을 거둡니다


@contextmanager
def _quiet() -> Iterator[None]:
    """테스트와 주어진 셀의 print는 버립니다."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield


def _is_given(cell: NotebookNode) -> bool:
    skipped = is_answer(cell) or is_test(cell) or is_student_id(cell)
    figure = FIGURE_TAG in cell.get("metadata", {}).get("tags", [])
    return cell.cell_type == "code" and not skipped and not figure


def _name(cell: NotebookNode) -> str:
    return mark(cell).get("grade_id") or cell.get("id", "cell")


def _loads(code: CodeType, inside: set[str] | None = None) -> set[str]:
    """코드가 읽는 바깥 이름들. ``inside``가 있으면 그 이름의 속 코드만 들여다봅니다."""
    found = {each.argval for each in dis.get_instructions(code) if each.opname in LOADS}
    for part in code.co_consts:
        if isinstance(part, CodeType) and (inside is None or part.co_name in inside):
            found |= _loads(part, inside)
    return found


def _stores(code: CodeType) -> set[str]:
    return {each.argval for each in dis.get_instructions(code) if each.opname in STORES}
