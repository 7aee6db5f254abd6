"""샌드박스: 학생의 코드가 무엇을 하든 컴퓨터는 그대로이고, 남는 프로세스가 없습니다.

여기 있는 코드는 모두 실제로 돌립니다. 막는 것을 하나 빼면 그 줄이 빨갛게 됩니다.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest

import ddialab
from classroom.marking import sandbox
from classroom.marking.notebook import StudentNotebook
from classroom.marking.sandbox import Limits
from classroom.record import Status
from ddialab.core.errors import BackendUnavailable, MissingCapability
from waiting import BOUND, wait_until

needs_sandbox = pytest.mark.skipif(bool(sandbox.missing()), reason=sandbox.missing() or "-")
needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc을 봅니다")

PATIENT = Limits(cell=60, total=300)
QUICK = Limits(cell=2, total=300)  # 끝나지 않는 코드를 기다리는 시간
WHERE = "import os\nprint(os.readlink('/proc/self/ns/pid'))"
EVERY_FD = "import os\nfor fd in range(3, 20):\n    try:\n        {}\n    except OSError: pass"


def said(run) -> str:
    """셀이 찍은 글."""
    return "".join(output.get("text", "") for output in run.outputs)


def namespace_of(process: Path) -> str:
    try:
        return os.readlink(process / "ns" / "pid")
    except OSError:  # 그사이에 끝났습니다
        return ""


def inhabitants(namespace: str) -> list[str]:
    """이 컴퓨터에서 그 이름 공간 안에 살아 있는 프로세스들."""
    return [p.name for p in Path("/proc").glob("[0-9]*") if namespace_of(p) == namespace]


def run_alone(source: str, limits: Limits):
    """새 샌드박스에서 셀 하나를 ``limits``로 돌리고, 닫은 뒤 아무도 남지 않았는지 봅니다."""
    with StudentNotebook(PATIENT) as notebook:
        namespace = said(notebook.run(WHERE, "where")).strip()
        assert inhabitants(namespace), "안에서 도는 프로세스를 밖에서 찾지 못하면 테스트가 헛돕니다"
        notebook._limits = limits
        run = notebook.run(source, "hostile")
        notebook._limits = PATIENT  # 다음 셀까지 짧게 기다리면 바쁜 컴퓨터에서 늦습니다
        next_run = notebook.run("print(40 + 2)", "next")
    assert said(next_run) == "42\n", "다음 셀은 새 프로세스에서라도 돌아야 합니다"
    wait_until(lambda: not inhabitants(namespace), "샌드박스 안의 모두가 사라짐")
    return run


ENDING = {
    "exit": ("import os; os._exit(0)", Status.STOPPED),
    "terminate": (
        "import os, signal; signal.raise_signal(signal.SIGABRT)\nos.abort()",
        Status.STOPPED,
    ),
    "segfault": ("import ctypes; ctypes.string_at(0)", Status.STOPPED),
    "print": ("while True: print('x' * 10_000)", Status.OUTPUT),
    "print-swallow": (
        "while True:\n    try: print('x' * 10_000)\n    except BaseException: pass",
        Status.OUTPUT,
    ),
    "write": ("import os\nwhile True: os.write(1, b'x' * 65536)", Status.OUTPUT),
    "exec": ("import os; os.execv('/usr/bin/yes', ['yes'])", Status.OUTPUT),
    "garbage": (EVERY_FD.format(r"os.write(fd, b'\xff\x00 nonsense\n[[[\n')"), Status.STOPPED),
    "flood": (EVERY_FD.format(r"os.write(fd, b'{}\n' * 9999)"), Status.STOPPED),
    "huge": (
        "b = b'x' * (1 << 20)\n" + EVERY_FD.format("[os.write(fd, b) for _ in range(30)]"),
        Status.OUTPUT,
    ),
    "broken-builtins": (
        "import builtins\nbuiltins.isinstance = builtins.len = lambda *_: 1",
        Status.STOPPED,
    ),
}
ENDLESS = {
    "loop": "while True: pass",
    "fork-bomb": "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "close-and-loop": "import os\nos.closerange(0, 50)\nwhile True: pass",
    "ignore-signals": (
        "import signal\n"
        "for number in range(1, 65):\n"
        "    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "while True:\n"
        "    try:\n"
        "        while True: pass\n"
        "    except BaseException: pass"
    ),
}


@needs_sandbox
@pytest.mark.parametrize(("source", "status"), ENDING.values(), ids=ENDING)
def test_code_that_ends_the_process(source, status):
    assert run_alone(source, PATIENT).ended.status == status


@needs_sandbox
@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS)
def test_code_that_never_ends(source):
    assert run_alone(source, QUICK).ended.status == Status.TIMEOUT


@needs_sandbox
def test_unasked_messages_do_not_pile_up():
    flood = EVERY_FD.format(r"os.write(fd, b'{}\n' * 9999)") + "\nwhile True: pass"
    with closing(sandbox.Sandbox(PATIENT)) as box:
        box.receive(time.monotonic() + BOUND)
        box.send({"op": "run", "name": "flood", "source": flood})
        box._process.wait(BOUND)  # 아무도 읽지 않아도 끝나야 합니다
        assert box._inbox.qsize() <= sandbox.WAITING + 1


@needs_sandbox
def test_cpu_time_is_limited_even_when_nobody_waits():
    limits = Limits(total=1)  # 안의 CPU는 3초. 밖의 시계는 넉넉히 둡니다

    class Patient(StudentNotebook):
        def begin(self):
            super().begin()
            self._left = self._cell_left = BOUND

    with Patient(limits) as notebook:
        run = notebook.run("while True: pass", "loop")
    assert "CPU" in run.ended.note


@pytest.fixture(scope="module")
def inside():
    """``inside(코드)``가 한 샌드박스에서 찍은 글을 돌려줍니다."""
    with StudentNotebook(PATIENT) as notebook:
        count = iter(range(1_000))

        def run(source: str) -> str:
            done = notebook.run(source, f"cell-{next(count)}")
            assert done.ended is None
            return said(done) if done.ok else done.error.kind

        yield run


DENIED = {
    "kill-all": ("import os; os.kill(-1, 9)", "ProcessLookupError"),
    "fork": ("import os; os.fork()", "BlockingIOError"),
    "subprocess": ("import subprocess; subprocess.run(['/bin/ls'])", "BlockingIOError"),
    "spawn": ("import os; os.posix_spawn('/bin/ls', ['ls'], {})", "BlockingIOError"),
    "memory": ("data = bytearray(2 << 30)", "MemoryError"),
    "network": ("import socket; socket.create_connection(('1.1.1.1', 53), 2)", "OSError"),
    "dns": ("import socket; socket.getaddrinfo('example.com', 80)", "OSError"),
    "raise-limit": (
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))",
        "ValueError",
    ),
    "chroot": ("import os; os.chroot('/tmp')", "PermissionError"),
    "file-size": ("open('/tmp/a', 'wb').write(bytes(80 << 20))", "OSError"),
    "recursion": ("def f(n): return f(n + 1)\nf(0)", "RecursionError"),
    "input": ("input()", "EOFError"),
    "link": (
        "import os; os.symlink('/etc/passwd', '/tmp/link'); open('/tmp/link')",
        "FileNotFoundError",
    ),
}


@needs_sandbox
@pytest.mark.parametrize(("source", "kind"), DENIED.values(), ids=DENIED)
def test_code_that_is_denied(inside, source, kind):
    assert inside(source) == kind


@needs_sandbox
def test_disk_is_limited_in_total(inside):
    fill = "for i in range(20): open(f'/tmp/part-{i}', 'wb').write(bytes(10 << 20))"
    assert inside(fill) == "OSError"
    assert inside("import glob, os\nfor path in glob.glob('/tmp/part-*'): os.remove(path)") == ""


@needs_sandbox
@pytest.mark.parametrize(
    "call",
    ["ptrace(0, 0, 0, 0)", "unshare(0x10000000)", "mount(b'x', b'/tmp', b'tmpfs', 0, 0)",
     "shmget(0, 1 << 30, 0o1600)", "memfd_create(b'x', 0)"],
)  # fmt: skip
def test_kernel_calls_that_are_denied(inside, call):
    assert inside(f"import ctypes; print(ctypes.CDLL(None).{call})") == "-1\n"


@needs_sandbox
def test_nothing_outside_can_be_written(inside, tmp_path):
    home, package = Path.home(), Path(ddialab.__file__).parent
    folders = ["/", "/usr", "/etc", "/dev", "/dev/shm", "/proc", home, package, tmp_path]
    wanted = [f"{folder}/ddialab-left" for folder in [*folders, sys.prefix, "/var/tmp"]]
    source = (
        f"for path in {wanted!r}:\n"
        "    try: open(path, 'w').write('x'); print(path)\n"
        "    except OSError: pass\n"
        "open('/tmp/own', 'w').write('x'); print('own')"
    )
    assert inside(source) == "own\n"
    assert not any(Path(path).exists() for path in [*wanted, "/tmp/own"])


@needs_sandbox
def test_nothing_outside_can_be_read(inside):
    root = Path(ddialab.__file__).resolve().parents[2]
    hidden = [root / "assignments", root / "tests", root / ".git", "/etc/passwd", Path.home() / "x"]
    paths = [str(path) for path in hidden]
    assert inside(f"import os; print([p for p in {paths!r} if os.path.exists(p)])") == "[]\n"


@needs_sandbox
def test_the_environment_stays_outside(monkeypatch):
    monkeypatch.setenv("CLASS_SECRET", "비밀이에요")
    look = (
        "import glob, os\n"
        "for path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(open(path).read())\n"
        "    except OSError: pass\n"
        "print(dict(os.environ))"
    )
    with StudentNotebook(PATIENT) as notebook:
        text = said(notebook.run(look, "look"))
    assert "DDIALAB_STATIC" in text
    assert "CLASS_SECRET" not in text


@needs_sandbox
def test_other_processes_cannot_be_seen(inside):
    count = "import glob; print(len(glob.glob('/proc/[0-9]*')))"
    assert int(inside(count)) == 1


@needs_sandbox
def test_threads_left_running_do_not_stop_the_next_cell(inside):
    forever = (
        "import threading\nfor _ in range(20):\n    threading.Thread(target=iter(int, 1).__iter__)"
    )
    assert inside(forever) == ""
    waiting = "threading.Thread(target=threading.Event().wait).start(); print('시작')"
    assert inside(waiting) == "시작\n"
    assert inside("print(threading.active_count() > 1)") == "True\n"


@needs_sandbox
def test_magics_work_and_outside_commands_do_not_stop_the_cell(inside):
    text = inside("%pip install nothing\n!ls /\nlisted = !ls\n%time x = 1\nprint(x, len(listed))")
    assert text.count("셸 명령(!, %pip)을 실행하지 않습니다") == 3
    assert text.endswith("1 0\n")


@needs_sandbox
def test_a_cell_may_await_and_close_its_own_output(inside):
    assert inside("import asyncio\nawait asyncio.sleep(0)\nprint('끝')") == "끝\n"
    inside("import sys; sys.stdout.close(); sys.stdout = None")
    assert inside("print('다음')") == "다음\n"


PLOT = """
import matplotlib.pyplot as plt
{chosen}
plt.plot([-3, 2])
plt.title("응답 시간")
plt.gcf().canvas.draw()
print(*(tick.get_text() for tick in plt.gca().get_yticklabels()))
plt.show()
"""


@needs_sandbox
@pytest.mark.parametrize("chosen", ["", "plt.rc('font', family='Malgun Gothic')"])
def test_a_plot_of_the_student_shows_hangul(chosen):
    """윈도의 글꼴을 적은 코드도 네모로 그려지지 않습니다. 네모이면 matplotlib이 경고합니다."""
    with StudentNotebook(PATIENT) as notebook:
        run = notebook.run(PLOT.format(chosen=chosen), "plot")
    assert run.ok
    assert "missing from" not in said(run)
    assert "-3" in said(run)
    assert [output["data"] for output in run.outputs if "image/png" in output.get("data", {})]


def test_refuses_without_a_sandbox(monkeypatch):
    monkeypatch.setattr(sandbox, "missing", lambda: "bubblewrap(bwrap)이 없습니다.")
    with pytest.raises(MissingCapability, match=r"bwrap.*UNSAFE=1"):
        sandbox.Sandbox()


def test_says_why_there_is_no_sandbox(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    sandbox.missing.cache_clear()
    try:
        assert "bubblewrap" in sandbox.missing() or "리눅스" in sandbox.missing()
    finally:
        sandbox.missing.cache_clear()


def test_a_sandbox_that_does_not_start_is_not_the_students_fault(monkeypatch):
    monkeypatch.setattr(sandbox, "_runner", lambda limits: [sys.executable, "-c", "1"])
    with StudentNotebook(PATIENT, unsafe=True) as notebook, pytest.raises(BackendUnavailable):
        notebook.run("1", "cell")


@needs_linux
def test_unsafe_mode_still_limits_and_ends_everything():
    fork = "import os\nif os.fork() == 0:\n    while True: pass\nprint(os.getcwd())"
    before = set(psutil.Process().children(recursive=True))
    with StudentNotebook(PATIENT, unsafe=True) as notebook:
        folder = Path(said(notebook.run(fork, "fork")).strip())
        assert folder.is_dir()
        family = set(psutil.Process().children(recursive=True)) - before
        assert len(family) == 2
        assert notebook.run("data = bytearray(3 << 30)", "memory").error.kind == "MemoryError"
        notebook._limits = QUICK
        assert notebook.run("while True: pass", "loop").ended.status == Status.TIMEOUT
    assert not folder.exists()
    assert not psutil.wait_procs(family, timeout=BOUND)[1]
