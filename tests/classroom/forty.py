"""마흔 명의 반: 멀쩡한 제출 사이에, 실제로 들어오는 온갖 망가진 제출과 나쁜 제출을 섞습니다."""

from __future__ import annotations

import ast
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from tests.classroom.wrong import wrong_answers

from classroom.assignment import Assignment, is_answer, is_test, mark
from classroom.record import Status

NAME = "a1-cache"
FULL, NONE = 1.0, 0.0


@dataclass(frozen=True)
class Student:
    """학생 한 명: 무엇을 냈고(``write``), 어떤 상태와 점수를 받아야 하는가.

    ``loses``는 잃어야 하는 기준들, ``note``는 강사에게 가야 하는 말의 일부입니다.
    """

    id: str
    write: Callable[[Path], None]
    status: Status = Status.GRADED
    loses: frozenset[str] = frozenset()
    note: str = ""


class Class40:
    """과제 하나를 푼 반. ``secret``은 훔치려는 숨은 테스트, ``gradebook``은 고치려는 채점부."""

    def __init__(self, assignment: Assignment, folder: Path, secret: Path, gradebook: Path):
        self.assignment, self.secret, self.gradebook = assignment, secret, gradebook
        self.all = frozenset(criterion.id for criterion in assignment.criteria)
        self.students = [*self.sound(), *self.accidents(), *self.hostile()]
        for student in self.students:
            home = folder / student.id / assignment.name
            home.mkdir(parents=True)
            student.write(home)

    # 노트북을 만드는 법

    def model(self, **cells: str) -> NotebookNode:
        """모범 답안에서 ``cells``의 답만 바꾼 노트북. 이름의 밑줄은 줄표로 읽습니다."""
        answers = {id.replace("_", "-"): source for id, source in cells.items()}
        assert answers.keys() <= self.assignment.answers.keys()
        return self.assignment.answered(self.assignment.answers | answers)

    def saved(self, notebook: NotebookNode) -> str:
        return json.dumps(notebook, ensure_ascii=False, indent=1)

    def student(self, id: str, notebook: NotebookNode | bytes, name="", **expected) -> Student:
        """노트북 하나를 ``name``이라는 파일로 낸 학생."""
        raw = notebook if isinstance(notebook, bytes) else self.saved(notebook).encode()
        file = name or f"{self.assignment.name}.ipynb"
        return Student(id, lambda home: (home / file).write_bytes(raw), **expected)

    def runs(self, source: str) -> NotebookNode:
        """모범 답안의 첫 답 앞에 코드를 몰래 넣은 노트북."""
        notebook = self.model()
        first = next(n for n, cell in enumerate(notebook.cells) if is_answer(cell))
        notebook.cells.insert(first, new_code_cell(source))
        return notebook

    # 세 무리

    def sound(self) -> list[Student]:
        """멀쩡한 제출 열셋: 모범 답안, 빈칸, 그럴듯한 오답."""
        wrong = wrong_answers(Path(__file__).parents[2] / "assignments", self.assignment.name)[:6]
        return [
            *(self.student(f"model-{n}", self.model()) for n in range(5)),
            *(self.student(f"blank-{n}", self.assignment.release, loses=self.all) for n in (1, 2)),
            *(
                self.student(
                    f"wrong-{n}",
                    self.assignment.answered(self.assignment.answers | one.cells),
                    loses=one.loses,
                )
                for n, one in enumerate(wrong)
            ),
        ]

    def accidents(self) -> list[Student]:
        """일부러가 아닌 사고들. 살릴 수 있는 것은 제 점수를 다 받아야 합니다."""
        model = self.saved(self.model())
        name = f"{self.assignment.name}.ipynb"
        return [
            self.student("duplicated-cell", self.duplicated(), note="이름이 같은 셀"),
            self.student("stripped-metadata", self.stripped(), note="표식"),
            self.student("changed-grade-id", self.renamed_cells(), note="표식"),
            self.student("truncated", model[: len(model) // 2].encode(), **self.unreadable()),
            self.student("empty-file", b"", **self.unreadable()),
            self.student("bom", b"\xef\xbb\xbf" + model.encode(), note="BOM"),
            self.student("cp949", self.cp949(), note="cp949"),
            self.student("renamed", self.model(), name="final (3).ipynb", note="final (3).ipynb"),
            self.student("korean-name", self.model(), name="과제_홍길동.ipynb", note="홍길동"),
            Student("zip-in-zip", lambda home: (home / "제출.zip").write_bytes(self.zipped())),
            Student(
                "another-file",
                lambda home: (home / "메모.txt").write_text("늦었습니다", "utf-8"),
                Status.OTHER,
                self.all,
                "메모.txt",
            ),
            Student("missing", lambda home: None, Status.MISSING, self.all),
            Student("two-notebooks", self.two(name, "backup.ipynb"), note="backup.ipynb"),
            Student("two-strangers", self.two("a.ipynb", "b.ipynb"), Status.AMBIGUOUS, self.all),
            self.student("deleted-tests", self.without_tests(), note="테스트"),
            self.student("edited-tests", self.with_easy_tests(), loses=self.all, note="테스트"),
            self.student("helper-cells", self.with_helper()),
        ]

    def hostile(self) -> list[Student]:
        """채점기를 해치거나 속이려는 제출들."""
        only = frozenset({"flight"})
        stop = self.model(answer_flight="import os\nos._exit(0)\n")
        forever = "def without_cure(arrivals, fill):\n    while True:\n        pass\n"
        loop = self.model(answer_flight=forever)
        return [
            self.student("infinite-loop", loop, status=Status.TIMEOUT, loses=only),
            self.student("os-exit", stop, status=Status.STOPPED, loses=only),
            self.student("ast-hook", self.ast_hook(), status=Status.SUSPECT, loses=self.all),
            self.student("reads-tests", self.runs(READS_TESTS.format(path=str(self.secret)))),
            self.student("writes-gradebook", self.runs(WRITES.format(path=str(self.gradebook)))),
            self.student("network", self.runs(NETWORK)),
            self.student("fork-bomb", self.runs(FORK_BOMB)),
            self.student("two-gigabytes", self.runs(MEMORY), status=Status.MEMORY),
            self.student("gigabyte-output", self.runs(OUTPUT), status=Status.OUTPUT),
            Student("symlink", self.symlink, note="바로 가기", **self.unreadable()),
            self.student("kills-all", self.runs(KILL)),
        ]

    # 사고 하나하나

    def unreadable(self):
        return {"status": Status.UNREADABLE, "loses": self.all}

    def duplicated(self) -> NotebookNode:
        notebook = self.model()
        place = next(n for n, cell in enumerate(notebook.cells) if is_answer(cell))
        notebook.cells.insert(place, json.loads(json.dumps(notebook.cells[place])))
        return notebook

    def stripped(self) -> NotebookNode:
        notebook = self.model()
        for cell in notebook.cells:
            cell.metadata = nbformat.NotebookNode()
        return notebook

    def renamed_cells(self) -> NotebookNode:
        notebook = self.model()
        for cell in filter(is_answer, notebook.cells):
            mark(cell)["grade_id"] += "-copy"
        return notebook

    def cp949(self) -> bytes:
        """한글 윈도의 편집기로 열어 저장한 파일."""
        return self.saved(self.model()).encode("cp949", errors="replace")

    def zipped(self) -> bytes:
        inner, outer = io.BytesIO(), io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr(f"과제/{self.assignment.name}.ipynb", self.saved(self.model()))
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("압축.zip", inner.getvalue())
        return outer.getvalue()

    def two(self, first: str, second: str) -> Callable[[Path], None]:
        """서로 다른 답이 든 노트북 둘."""
        worse = self.model(answer_load="def load_growth(before, after):\n    return 1\n")

        def write(home: Path) -> None:
            (home / first).write_text(self.saved(self.model()), "utf-8")
            (home / second).write_text(self.saved(worse), "utf-8")

        return write

    def without_tests(self) -> NotebookNode:
        notebook = self.model()
        notebook.cells = [cell for cell in notebook.cells if not is_test(cell)]
        return notebook

    def with_easy_tests(self) -> NotebookNode:
        notebook = json.loads(self.saved(self.assignment.release))
        notebook = nbformat.from_dict(notebook)
        for cell in filter(is_test, notebook.cells):
            cell.source = "assert True"
        return notebook

    def with_helper(self) -> NotebookNode:
        """답을 학생이 더한 셀의 함수로 옮겼습니다. 더한 셀도 돌려야 맞습니다."""
        body = self.assignment.answers["answer-load"].replace("def load_growth", "def mine")
        notebook = self.model(answer_load="load_growth = mine\n" + _without(body, "mine"))
        ids = [mark(cell).get("grade_id") for cell in notebook.cells]
        notebook.cells.insert(ids.index("answer-load"), new_code_cell(_only(body, "mine")))
        return notebook

    def ast_hook(self) -> NotebookNode:
        notebook = nbformat.from_dict(json.loads(self.saved(self.assignment.release)))
        place = next(n for n, cell in enumerate(notebook.cells) if is_answer(cell))
        notebook.cells[place].source = AST_HOOK
        return notebook

    def symlink(self, home: Path) -> None:
        (home / f"{self.assignment.name}.ipynb").symlink_to(self.secret)


def _only(source: str, name: str) -> str:
    [node] = [n for n in ast.parse(source).body if n.name == name]
    return ast.unparse(node)


def _without(source: str, name: str) -> str:
    return "\n\n".join(ast.unparse(n) for n in ast.parse(source).body if n.name != name)


AST_HOOK = """\
import ast
class Drop(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)
get_ipython().ast_transformers.append(Drop())
"""
READS_TESTS = """\
import gc, os, sys
print(open("/proc/self/environ").read(), os.listdir("/"))
print([o for o in gc.get_objects() if isinstance(o, str) and "BEGIN HIDDEN" in o])
for frame in sys._current_frames().values():
    while frame:
        print(list(frame.f_globals), list(frame.f_locals))
        frame = frame.f_back
print(open({path!r}).read())
"""
WRITES = """\
import sqlite3
database = sqlite3.connect({path!r})
database.execute("update grade set auto_score = 100")
database.commit()
"""
NETWORK = """\
import socket
socket.create_connection(("127.0.0.1", 22), timeout=2)
"""
FORK_BOMB = """\
import os
while True:
    os.fork()
"""
MEMORY = "hog = bytearray(2 << 30)\nhog[::4096] = b'x' * len(hog[::4096])"
OUTPUT = "line = 'x' * 1_000_000\nfor _ in range(1000):\n    print(line)"
KILL = "import os, signal\nos.kill(-1, signal.SIGKILL)\nos.kill(os.getpid(), signal.SIGKILL)"
