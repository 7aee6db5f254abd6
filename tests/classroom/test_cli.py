"""명령: 강사가 실제로 치는 것. 진짜 프로세스를 죽여 보고, 잘못 친 명령의 답을 봅니다."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from nbgrader.api import Gradebook
from tests.classroom.tiny import NAME, put_source, tiny_notebook

from classroom.__main__ import _received, main
from classroom.course import plan
from classroom.reporting.gradebook import COURSE
from suite.effort import trials
from waiting import BOUND, wait_until

ROOT = Path(__file__).resolve().parents[2]
FOREVER = {"answer-order": "def ordered(items):\n    while True:\n        pass\n"}


def arguments(course, *args, build=None) -> list[str]:
    where = ["--folder", str(course.folder), "--build", str(build or course.build)]
    return [*where, *map(str, args)]


def run(course, *args, build=None) -> int:
    """명령 하나를 이 프로세스에서 하고 종료 코드를 돌려줍니다."""
    return main(arguments(course, *args, build=build))


@pytest.fixture
def started(course):
    """``started(인자)``가 채점을 시작해 첫 제출이 끝날 때까지 기다립니다. 끝나면 죽입니다."""
    runs = []

    def start(*args):
        run = subprocess.Popen(
            [sys.executable, "-m", "classroom", *arguments(course, "grade", *args)],
            stderr=subprocess.PIPE,
            text=True,
        )
        runs.append(run)
        assert run.stderr.readline().lstrip().startswith("1/")
        return run

    yield start
    for one in runs:
        one.kill()
        one.wait()


def graders(running) -> list[psutil.Process]:
    """제출 하나씩을 채점하는 프로세스들. 부모 프로세스(forkserver)의 자식입니다."""
    seeds = psutil.Process(running.pid).children()
    return wait_until(lambda: [grader for seed in seeds for grader in seed.children()], "채점이 뜸")


@contextmanager
def suspended(processes: list[psutil.Process]):
    """멈춰 세운 프로세스는 스스로 끝나지 못하므로, 끝났다면 누가 죽인 것입니다."""
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()


@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(10)))
def test_a_killed_run_resumes_to_the_same_bytes(nth, course, submit, started, tmp_path, capsys):
    """채점을 죽였다가 이어 갑니다"""
    for n in range(4):
        folder = submit(f"2026-{n:04}")
    killed = started(folder, "--workers", "1")
    family = psutil.Process(killed.pid).children(recursive=True)
    killed.send_signal(signal.SIGKILL)
    assert not psutil.wait_procs(family, timeout=BOUND)[1], "샌드박스까지 모두 사라져야 합니다"
    assert not course.ledger.table.exists()
    assert run(course, "grade", folder) == 0
    assert "지난번 결과 " in capsys.readouterr().err
    assert run(course, "grade", folder, build=tmp_path / "b") == 0
    assert course.ledger.table.read_bytes() == (tmp_path / "b/grades/grades.csv").read_bytes()


def test_ctrl_c_stops_at_once_and_says_how_to_go_on(course, submit, started):
    submit("2026-0001")
    for n in range(2, 5):
        folder = submit(f"2026-{n:04}", FOREVER)
    running = started(folder, "--workers", "2")
    family = psutil.Process(running.pid).children(recursive=True)
    with suspended(graders(running)):
        running.send_signal(signal.SIGINT)
        said = running.communicate(timeout=BOUND)[1]
        assert running.returncode == 130
        assert "같은 명령을 다시 실행하면" in said
        assert "Traceback" not in said
        assert not psutil.wait_procs(family, timeout=BOUND)[1]
    assert course.ledger.find(NAME, "2026-0001")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["grade", ""], "SUBMISSIONS=제출_폴더"),
        (["grade", "없는-폴더"], "없는-폴더"),
        (["grade", "{empty}"], "제출이 없습니다"),
        (["grade", "{file}"], "제출이 없습니다"),
        (["grade", "{empty}", "--workers", "0"], "WORKERS=0"),
        (["grade", "{empty}", "--workers", "abc"], "WORKERS=abc"),
        (["grade", "{empty}", "--workers", "²"], "WORKERS=²"),
        (["grade", "{empty}", "--workers", "99999"], "512 이하"),
        (["grade", "{empty}", "--roster", "없는-명단.csv"], "명단"),
        (["feedback"], "make grade"),
    ],
)
def test_a_wrong_command_is_answered_in_korean(course, tmp_path, capsys, args, said):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("글")
    places = {name: tmp_path / name for name in ("empty", "file")}
    args = [arg.format(**places) for arg in args]
    assert run(course, *args) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_what_is_nobodys_is_said_on_the_screen(course, submit, capsys):
    folder = submit("2026-0001")
    (folder / "메모.txt").write_text("글")
    roster = folder.parent / "명단.csv"
    roster.write_text("학번,이름\n2026-0001,홍길동\n,박영희\n")
    tasks = plan(course, folder, roster, tell=_received)
    said = capsys.readouterr().err
    assert len(tasks) == 1
    assert "  메모.txt" in said
    assert "명단의 3번째 줄(박영희)" in said


def test_the_command_keeps_the_names_and_says_how_much_is_left_to_read(course, submit, capsys):
    folder, text = submit("2026-0001"), "학번,이름\n2026-0001,홍길동\n2026-0002,박영희\n"
    (folder.parent / "명단.csv").write_text(text)
    assert run(course, "grade", folder, "--roster", folder.parent / "명단.csv") == 0
    assert "사람이 읽을 글이 1편 남았습니다: make formgrader" in capsys.readouterr().out
    assert course.ledger.names == {"2026-0001": "홍길동", "2026-0002": "박영희"}
    with Gradebook(f"sqlite:///{course.gradebook}", COURSE) as book:
        grade = book.find_grade("written-why", NAME, NAME, "2026-0001")
        grade.manual_score, grade.needs_manual_grade = 3, False
        book.db.commit()
    assert run(course, "feedback") == 0
    assert "formgrader" not in capsys.readouterr().out


def test_a_folder_of_only_unreadable_bundles_is_refused(course, tmp_path, capsys):
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "반.7z").write_bytes(b"7z\xbc\xaf")
    roster = tmp_path / "명단.csv"
    roster.write_text("학번,이름\n2026-0001,홍길동\n")
    assert run(course, "grade", tmp_path / "given", "--roster", roster) == 1
    assert "열 수 없는 파일뿐입니다(반.7z)" in capsys.readouterr().err


def test_without_a_sandbox_the_grader_refuses(course, submit, capsys, monkeypatch):
    from classroom.marking import sandbox

    monkeypatch.setattr(sandbox, "missing", lambda: "bubblewrap이 없습니다.")
    assert run(course, "grade", submit("2026-0001")) == 1
    assert "bubblewrap이 없습니다" in capsys.readouterr().err
    assert not course.build.joinpath("grades/records").exists()


def test_release_says_where(course, capsys):
    assert run(course, "release") == 0
    assert str(course.build / "release" / NAME) in capsys.readouterr().out


def test_release_of_a_broken_assignment_names_what_is_wrong(course, capsys):
    broken = tiny_notebook()
    broken.cells[4].source = "assert True"
    put_source(course.folder, broken)
    assert run(course, "release") == 1
    assert "criterion-double: 첫 줄이" in capsys.readouterr().err


def test_progress_is_one_line_on_a_screen(capsys, monkeypatch):
    from classroom.__main__ import Progress
    from classroom.record import GradeRecord, Status

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    progress = Progress(2)
    progress(True, GradeRecord("2026-0001", NAME, Status.GRADED, ""))
    progress(False, GradeRecord("2026-0002", NAME, Status.TIMEOUT, ""))
    progress.close()
    said = capsys.readouterr().err
    assert "지난번 결과 1개를 그대로 사용합니다" in said
    assert "\r\x1b[K" + "━" * 20 + f" 2/2 2026-0002 {NAME} 시간 초과" in said


def test_dask_workers_elsewhere_give_the_same_table(course, submit, tmp_path, capsys):
    """진짜 명령 `dask scheduler`와 `dask worker`로."""
    submit("2026-0001")
    folder = submit("2026-0002", {"answer-double": "def double(x):\n    return x\n"})
    dask = [sys.executable, "-m", "dask"]
    place = {"cwd": tmp_path, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    file = tmp_path / "scheduler.json"
    scheduler = subprocess.Popen(
        [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard",
         "--scheduler-file", file], **place,
    )  # fmt: skip
    worker = subprocess.Popen(
        [*dask, "worker", "--scheduler-file", file, "--nthreads", "2", "--no-dashboard"],
        **place, env=os.environ | {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "false"},
    )  # fmt: skip
    try:
        address = _address(file)
        assert run(course, "grade", folder, "--scheduler", address, build=tmp_path / "apart") == 0
    finally:
        for one in (worker, scheduler):
            one.terminate()
            one.wait(BOUND)
            one.stderr.close()
    assert run(course, "grade", folder) == 0
    assert course.ledger.table.read_bytes() == (tmp_path / "apart/grades/grades.csv").read_bytes()
    assert "채점됨 2" in capsys.readouterr().out


def _address(file: Path) -> str:
    """스케줄러에 워커가 붙을 때까지 기다려 그 주소를 돌려줍니다."""
    import json

    from distributed import Client

    wait_until(lambda: file.exists() and file.read_text(), "스케줄러가 뜸")
    address = json.loads(file.read_text())["address"]
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=BOUND)
    return address


@pytest.fixture
def tree(tmp_path) -> Path:
    """Makefile만 있는 나무. 가상 환경은 이미 준비된 것으로 둡니다."""
    (tmp_path / "tree/.venv/bin").mkdir(parents=True)
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / "tree")
    (tmp_path / "tree/.venv/.ready").touch()
    return tmp_path / "tree"


def make(tree: Path, *args: str) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "WORKERS"))}
    done = subprocess.run(["make", *args], cwd=tree, env=clean, capture_output=True, text=True)
    return done.stdout + done.stderr


def test_make_clean_keeps_what_people_graded(tree):
    for path in ("_build/html/x", "_build/release/x", "_build/grades/gradebook.db", ".cache/x"):
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text("")
    said = make(tree, "clean")
    assert [p.name for p in (tree / "_build").iterdir()] == ["grades"]
    assert (tree / "_build/grades/gradebook.db").exists()
    assert not (tree / ".cache").exists()
    assert "rm -rf _build/grades" in said
    shutil.rmtree(tree / "_build/grades")
    make(tree, "clean")
    assert not (tree / "_build").exists()


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["SUBMISSIONS=제출 폴더"], 'grade "제출 폴더"'),
        (["SUBMISSIONS=x", "WORKERS=3"], '--workers "3"'),
        (["SUBMISSIONS=x", "WORKERS=abc"], '--workers "abc"'),
        (["SUBMISSIONS=x", "SCHEDULER=tcp://a:1"], '--scheduler "tcp://a:1"'),
        (["SUBMISSIONS=x", "ROSTER=명단.csv"], '--roster "명단.csv"'),
        (["SUBMISSIONS=x", "UNSAFE=1", "FORCE=1"], "--unsafe --force"),
    ],
)
def test_make_grade_passes_what_was_given(tree, given, passed):
    assert passed in make(tree, "-n", "grade", *given)


def test_make_grade_uses_every_core_unless_told(tree):
    assert "--workers" not in make(tree, "-n", "grade", "SUBMISSIONS=x")


def test_make_release_makes_the_wheel_that_students_are_told_of(tree):
    assert "publish/package.py _build/release" in make(tree, "-n", "release")


def test_release_tells_the_address_of_the_book(course, monkeypatch):
    monkeypatch.setenv("SITE_URL", "https://example.org/book")
    assert run(course, "release") == 0
    assert "https://example.org/book/download/" in next(course.build.rglob("*.ipynb")).read_text()
