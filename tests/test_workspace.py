"""작업 공간: 커널이 어떻게 죽든 프로세스도, 포트도, 폴더도 남지 않습니다."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from ddialab.core.errors import (
    BackendUnavailable,
    InvalidValue,
    MissingCapability,
    StorageFailure,
)
from ddialab.core.limits import MIB, Limits
from ddialab.core.workspace import Workspace
from suite.effort import trials
from waiting import wait_until

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX 신호가 필요합니다")
linux = pytest.mark.skipif(sys.platform != "linux", reason="지켜지는 한도는 리눅스에만 있습니다")

# 서버 하나를 띄우고, 자기가 만든 것을 알려 준 다음, 죽을 때까지 기다리는 가짜 커널
KERNEL = """
import sys, time
from ddialab.core.backend import open_redis
backend = open_redis()
hello = f"{backend.process.pid} {backend.port} {backend.process.log.parent}"
while True:
    try:
        if hello:
            print(hello, flush=True)
            hello = ""
        time.sleep(60)
    except KeyboardInterrupt:
        print("살아 있음" if backend.client.ping() else "", flush=True)
        if "오래" not in sys.argv:
            raise
"""


@contextlib.contextmanager
def kernel(*arguments):
    """Jupyter처럼 자기 세션에서 도는 커널과, 그것이 띄운 서버의 (pid, 포트, 폴더)."""
    process = subprocess.Popen(
        [sys.executable, "-c", KERNEL, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
        env={**os.environ, "DDIALAB_BACKEND": "local"},
    )
    try:
        pid, port, folder = process.stdout.readline().split(maxsplit=2)
        yield process, int(pid), int(port), folder.strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def said(process):
    return process.log.read_text() if process.log.exists() else ""


def alive(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_gone(pid, port, folder):
    wait_until(lambda: not alive(pid), f"프로세스 {pid}의 죽음")
    wait_until(lambda: not listening(port), f"포트 {port}의 닫힘")
    wait_until(lambda: not os.path.exists(folder), f"{folder}의 사라짐")


@posix
@pytest.mark.parametrize(
    "death",
    [
        lambda p: os.kill(p.pid, signal.SIGKILL),
        lambda p: os.killpg(p.pid, signal.SIGKILL),  # Jupyter의 「커널 다시 시작」
        lambda p: os.killpg(p.pid, signal.SIGTERM),
        lambda p: os.killpg(p.pid, signal.SIGINT),  # Ctrl-C
    ],
    ids=["SIGKILL", "killpg SIGKILL", "killpg SIGTERM", "Ctrl-C"],
)
@pytest.mark.proof
@pytest.mark.parametrize("nth", range(trials(25)))
def test_nothing_is_left_when_the_kernel_dies(death, nth):
    """서버를 띄운 커널을 네 가지로 죽입니다"""
    with kernel() as (process, pid, port, folder):
        assert alive(pid)
        assert listening(port)
        assert os.path.isdir(folder)
        death(process)
        wait_until_gone(pid, port, folder)


@posix
def test_an_interrupt_does_not_reach_the_server():
    with kernel("오래") as (process, pid, *_):
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.readline().strip() == "살아 있음"
        assert os.getpgid(pid) != process.pid, "커널에 보낸 신호를 서버도 받습니다"
        assert alive(pid)


@posix
def test_a_stopped_process_is_removed_too():
    """SIGTERM을 받지 못하는(멈춰 선) 프로세스도 끝나야 합니다."""
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", "import signal; signal.pause()"])
        process.send_signal(signal.SIGSTOP)
    assert not alive(process.pid)
    assert not workspace.folder.exists()


@posix
def test_close_also_ends_what_the_process_started():
    script = (
        "import signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()'])\n"
        "print(child.pid, flush=True)\n"
        "signal.pause()"
    )
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", script])
        wait_until(lambda: said(process).endswith("\n"), "자식의 번호를 적음")
        child = int(said(process))
    wait_until_gone(child, 0, workspace.folder)


BORN_LATE = """
import signal, subprocess, sys
def late(*_):
    child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    print(child.pid, flush=True)
    raise SystemExit
signal.signal(signal.SIGTERM, late)
print("준비", flush=True)
signal.pause()
"""


@posix
@pytest.mark.parametrize("ends", [lambda p: None, lambda p: p.stop()], ids=["close", "stop"])
def test_a_child_born_after_the_signal_to_end_is_ended_too(ends):
    """끝내는 신호가 간 뒤에 태어난 자식은 그 신호를 받지 못하고, 부모는 이미 없습니다."""
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", BORN_LATE])
        wait_until(lambda: said(process), "신호를 받을 준비")
        with open(process.log) as log:  # 폴더가 지워져도 읽습니다
            ends(process)
            workspace.close()
            child = int(log.read().split()[1])
    wait_until_gone(child, 0, process.log)


@posix
def test_the_child_of_one_that_died_alone_goes_with_it():
    script = BORN_LATE.replace("signal.pause()\n", "late()\n")[: -len("\n")]
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", script])
        assert process.wait() == 0
        wait_until(lambda: not alive(int(said(process).split()[1])), "남은 자식의 죽음")


def test_a_dropped_workspace_disappears_without_close():
    workspace = Workspace()
    folder = workspace.folder
    del workspace
    with Workspace():  # 다음 요청에 답했다면 앞의 것은 이미 치웠습니다
        assert not folder.exists()


def test_exit_code_and_log_are_kept():
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", "print('말'); raise SystemExit(3)"])
        assert process.wait() == 3
        assert process.log.read_text().strip() == "말"
        assert process.stop() == 3


def test_waiting_ends_with_the_process_or_with_what_was_waited_for():
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", "import signal; signal.pause()"])
        turns = iter([False, False, True])
        assert process.wait(lambda: next(turns)) is None
        process.send_signal(signal.SIGKILL)
        asked = []
        assert process.wait(lambda: asked.append(process.poll())) == -signal.SIGKILL
        assert asked[-1] == -signal.SIGKILL, "죽은 뒤에 한 번 더 봅니다"


def test_a_process_that_never_ends_is_ended(monkeypatch):
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", "import signal; signal.pause()"])
        monkeypatch.setattr("ddialab.core.workspace.START_TIMEOUT", 0.0)
        with pytest.raises(BackendUnavailable, match=r"워커가 0초 안에 .*종료 코드 -15"):
            process.wait(who="워커가")
        assert process.poll() == -signal.SIGTERM


def test_a_server_that_gets_ready_answers():
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", "import signal; signal.pause()"])
        answers = iter([None, None, 0])
        assert process.wait_until_ready(lambda: next(answers), "서버가") == 0


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("print('먼저 한 말', flush=True); raise SystemExit('마지막 말')", "마지막 말"),
        ("print('1:M # Error: 고장'); print('1:M * 안녕')", "Error: 고장"),
        ("raise SystemExit(3)", "종료 코드 3"),
    ],
)
def test_a_server_that_dies_before_it_is_ready_says_its_last_words(script, said):
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", script])
        with pytest.raises(BackendUnavailable) as caught:
            process.wait_until_ready(lambda: None, "서버가", "되는 것", "할 일")
    assert str(caught.value) == f"서버가 뜨지 않았습니다({said}). 되는 것 할 일"


def test_a_server_that_never_gets_ready_is_ended(monkeypatch):
    monkeypatch.setattr("ddialab.core.workspace.START_TIMEOUT", 0.0)
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-c", "import signal; signal.pause()"])
        with pytest.raises(BackendUnavailable, match="종료 코드 -15"):
            process.wait_until_ready(lambda: None, "서버가")
        assert process.poll() == -signal.SIGTERM


@pytest.mark.parametrize(
    "ask", [lambda p: p.poll(), lambda p: p.stop(), lambda p: p.send_signal(9)]
)
def test_asking_after_the_close_is_refused_and_takes_nothing_else_down(ask):
    with Workspace() as other:
        running = other.run([sys.executable, "-c", "import signal; signal.pause()"])
        with Workspace() as workspace:
            process = workspace.run([sys.executable, "-c", ""])
        with pytest.raises(BackendUnavailable, match="이미 치웠습니다"):
            ask(process)
        assert running.poll() is None, "감시 프로세스가 죽으며 남의 것까지 치웠습니다"


def test_close_twice_is_fine():
    workspace = Workspace()
    workspace.close()
    workspace.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="fork가 없는 운영체제")
def test_a_forked_child_does_not_hold_the_guard_or_remove_our_folder():
    with Workspace() as workspace:
        child = os.fork()
        if child == 0:
            with Workspace():
                pass
            os._exit(0 if workspace.folder.exists() else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert workspace.folder.exists()


def test_a_command_that_cannot_run():
    with Workspace() as workspace, pytest.raises(BackendUnavailable) as caught:
        workspace.run(["없는-서버"])
    assert "없는-서버" in caught.value.problem
    assert caught.value.todo


def test_a_folder_that_cannot_hold_a_workspace(tmp_path):
    blocked = tmp_path / "파일"
    blocked.write_text("")
    with pytest.raises(StorageFailure) as caught:
        Workspace(blocked)
    assert str(blocked) in caught.value.problem
    assert "TMPDIR" in caught.value.todo


@posix
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o500)
    # root는 권한을 무시하므로, Linux에서는 누구도 쓸 수 없는 /proc으로 테스트합니다.
    with pytest.raises(StorageFailure):
        Workspace("/proc" if os.path.isdir("/proc/self") else tmp_path)


def test_in_the_browser_a_process_is_refused_and_a_folder_is_not(monkeypatch):
    monkeypatch.setattr("ddialab.core.workspace.IN_BROWSER", True)
    with Workspace() as workspace:
        with pytest.raises(MissingCapability, match="브라우저 안에서는") as caught:
            workspace.run([sys.executable, "-c", ""])
        assert workspace.folder.is_dir()
    assert "make lab" in caught.value.todo
    assert not workspace.folder.exists()


# --- 자원의 한도 ---

LIMITED = Limits(memory=256 * MIB, cpu=2, file=MIB, files=16)
ASKED = {"RLIMIT_AS": 256 * MIB, "RLIMIT_CPU": 2, "RLIMIT_FSIZE": MIB, "RLIMIT_NOFILE": 16}
TELL = (
    "import json, resource\n"
    f"names = {list(ASKED)}\n"
    "print(json.dumps({n: resource.getrlimit(getattr(resource, n)) for n in names}))"
)


def ended(script, limits=None):
    """``script``를 끝까지 실행한 종료 코드와 적은 글."""
    with Workspace() as workspace:
        process = workspace.run([sys.executable, "-I", "-S", "-c", script], limits=limits)
        wait_until(lambda: process.poll() is not None, "스스로 끝남")
        return process.poll(), said(process)


@linux
def test_the_child_gets_the_limits_and_the_guard_does_not():
    limited = json.loads(ended(TELL, LIMITED)[1])
    assert {name: soft for name, (soft, _) in limited.items()} == ASKED
    after = json.loads(ended(TELL)[1])
    assert {name for name in ASKED if after[name] == limited[name]} == set()


@linux
@pytest.mark.parametrize(
    ("limits", "script", "code", "word"),
    [
        (Limits(memory=256 * MIB), "bytearray(512 * 2**20)", 1, "MemoryError"),
        (Limits(cpu=1), "while True: pass", -signal.SIGXCPU, ""),
        (Limits(file=MIB), "open('big', 'wb').write(bytes(2**21))", 1, "File too large"),
        (Limits(files=16), "kept = [open('/dev/null') for n in range(20)]", 1, "Too many open"),
    ],
    ids=["memory", "cpu", "file", "files"],
)
def test_a_limit_holds_and_without_it_the_same_script_goes_on(limits, script, code, word):
    ended_with, last_words = ended(script, limits)
    assert ended_with == code
    assert word in last_words
    if code == 1:  # 한도가 없으면 끝나지 않는 것은 빼고
        assert ended(script) == (0, "")


@linux
def test_a_limited_child_cannot_raise_its_limit():
    raising = (
        "import os, resource\n"
        "os.getuid() or os.setuid(65534)\n"  # 관리자만 늘릴 수 있습니다
        "resource.setrlimit(resource.RLIMIT_NOFILE, (99, 99))"
    )
    assert "not allowed to raise" in ended(raising, LIMITED)[1]


@linux
def test_a_limit_above_the_one_already_set_keeps_the_lower():
    inner = (
        "import sys\n"
        "from ddialab.core.workspace import Workspace\n"
        "from ddialab.core.limits import Limits\n"
        "home = Workspace()\n"
        f"child = home.run([sys.executable, '-c', {TELL!r}], limits=Limits(files=10_000))\n"
        "while child.poll() is None: pass\n"
        "print(child.log.read_text())"
    )
    with Workspace() as workspace:
        outer = workspace.run([sys.executable, "-c", inner], limits=Limits(files=200))
        wait_until(lambda: outer.poll() is not None, "스스로 끝남")
        assert json.loads(said(outer))["RLIMIT_NOFILE"] == [200, 200]


def test_without_the_resource_module_a_limit_is_refused(monkeypatch):
    """Windows의 파이썬에는 resource가 없습니다."""
    monkeypatch.setitem(sys.modules, "resource", None)
    with Workspace() as workspace, pytest.raises(MissingCapability, match="Windows") as caught:
        workspace.run([sys.executable, "-c", ""], limits=LIMITED)
    assert "리눅스" in caught.value.accepted


def test_a_memory_limit_that_would_not_hold_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    with Workspace() as workspace, pytest.raises(MissingCapability, match="macOS"):
        workspace.run([sys.executable, "-c", ""], limits=LIMITED)


@pytest.mark.parametrize(
    "wrong", [{}, {"memory": 1000}, {"cpu": 0}, {"cpu": 0.5}, {"files": 3}, {"file": 0}]
)
def test_limits_that_nothing_can_start_under_are_refused(wrong):
    with pytest.raises(InvalidValue):
        Limits(**wrong)
