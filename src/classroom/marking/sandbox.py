"""샌드박스: 학생의 코드가 실행되는 프로세스 하나. 밖의 것은 볼 수도 바꿀 수도 없습니다.

bubblewrap이 네트워크와 파일과 다른 프로세스를 가리고, seccomp이 새 프로세스를 막고, 자원의
한도는 안에서 학생의 코드보다 먼저 걸립니다(`classroom.marking.interpreter`). 여기 있는 것은 그
프로세스를 띄우고, 말을 주고받고, 끝내는 일입니다.
"""

from __future__ import annotations

import errno
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

from classroom.marking import wire
from classroom.record import Status
from ddialab.core.errors import MissingCapability

WAITING = 8  # 아직 읽지 않은 메시지의 한도. 묻고 답하는 사이에 이보다 쌓일 일이 없습니다
DYING = 10.0  # 죽인 프로세스가 사라질 때까지 기다리는 초
HOME = Path(__file__).resolve().parents[2]  # 한 휠의 두 패키지가 나란히 있는 곳
PACKAGES = [HOME / "classroom", HOME / "ddialab"]

# 새 프로세스 말고도, 메모리의 한도를 비켜 가거나 커널을 넓게 건드리는 것들입니다.
DENIED = """
    ptrace process_vm_readv process_vm_writev memfd_create memfd_secret shmget msgget semget
    mq_open io_uring_setup bpf perf_event_open userfaultfd keyctl add_key request_key
"""
CLONE_THREAD = 0x10000


@dataclass(frozen=True)
class Limits:
    """제출 하나가 사용할 수 있는 것.

    ``memory``와 ``disk``는 바이트, ``cell``(셀 하나, 기준 하나)과 ``total``(제출 하나)은 초,
    ``output``은 글자입니다.
    """

    memory: int = 2 << 30
    cell: float = 10.0
    total: float = 60.0
    output: int = 1_000_000
    disk: int = 64 << 20


LIMITS = Limits()


class SandboxEnded(Exception):
    """학생의 프로세스가 끝났습니다. ``status``는 끝난 까닭, ``note``는 강사가 읽을 말입니다."""

    def __init__(self, status: Status, note: str):
        self.status, self.note = status, note
        super().__init__(note)


@cache
def missing() -> str:
    """샌드박스를 사용할 수 없는 까닭. 사용할 수 있으면 빈 문자열입니다."""
    if not sys.platform.startswith("linux"):
        return "샌드박스는 리눅스에서만 됩니다. WSL이나 도커에서 채점하세요."
    if not shutil.which("bwrap"):
        return "bubblewrap(bwrap)이 없습니다. 「bash publish/system.sh」로 설치하세요."
    try:
        _filter()
    except (ImportError, OSError, RuntimeError) as error:
        return f"seccomp을 사용할 수 없습니다({error}). 「bash publish/system.sh」로 설치하세요."
    tried = subprocess.run(
        [*_wrapped(LIMITS), "/usr/bin/env"], capture_output=True, text=True, env={}
    )
    return f"bubblewrap이 실행되지 않습니다: {tried.stderr.strip()}" if tried.returncode else ""


class Sandbox:
    """학생의 프로세스 하나. 다 쓰면 `close`가 모든 것을 끝내고 지웁니다.

    ``unsafe``이면 가리지 않고 자원의 한도와 프로세스 그룹으로만 막습니다. 가릴 수 없는데
    ``unsafe``가 아니면 `MissingCapability`.
    """

    def __init__(self, limits: Limits = LIMITS, unsafe: bool = False):
        if not unsafe and (reason := missing()):
            raise MissingCapability(
                reason,
                "학생의 코드는 샌드박스 안에서만 실행합니다.",
                "믿을 수 있는 코드뿐이면 UNSAFE=1을 붙이세요.",
            )
        self._limits, self._unsafe = limits, unsafe
        self._folder = tempfile.mkdtemp(prefix="ddialab-") if unsafe else None
        self._ended: SandboxEnded | None = None
        self._lock = threading.Lock()
        self._inbox: queue.Queue[bytes | None] = queue.Queue()
        self._outbox: queue.Queue[bytes | None] = queue.Queue()
        self._inner: int | None = None
        self._process = self._start()
        self._threads = [
            threading.Thread(target=work, daemon=True)
            for work in (self._read, self._write, self._count)
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: dict) -> None:
        """메시지를 보냅니다. 너무 크면 `wire.TooLarge`. 받는 쪽이 읽기를 기다리지는 않습니다."""
        self._outbox.put(wire.pack(message))

    def receive(self, deadline: float) -> dict:
        """다음 메시지. ``deadline``은 ``time.monotonic()``의 때.

        그때까지 오지 않거나, 프로세스가 끝났거나, 메시지가 이상하면 `SandboxEnded`.
        """
        try:
            line = self._inbox.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            raise self._end(Status.TIMEOUT, "정해진 시간 안에 끝나지 않았습니다.") from None
        if line is None:
            raise self._ended or self._gone()
        try:
            return wire.unpack(line)
        except wire.Garbled:
            raise self._end(
                Status.STOPPED, "학생의 프로세스가 읽을 수 없는 메시지를 보냈습니다."
            ) from None

    def close(self) -> None:
        """프로세스를 끝내고 남은 것을 지웁니다. 두 번 불러도 됩니다."""
        self._kill()
        self._outbox.put(None)
        try:
            self._process.wait(DYING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        until = time.monotonic() + DYING
        for thread in self._threads:  # 읽는 쪽이 끝났으면 안의 프로세스는 하나도 없습니다
            thread.join(max(0.0, until - time.monotonic()))
        if not any(thread.is_alive() for thread in self._threads):
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                pipe.close()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> subprocess.Popen:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        if self._unsafe:
            return subprocess.Popen(
                _runner(self._limits),
                env=_environment(self._folder, bare=False),
                cwd=self._folder,
                start_new_session=True,
                bufsize=0,
                **pipes,
            )
        ours, theirs = os.pipe()
        with open(ours, "rb") as news, tempfile.TemporaryFile() as rules:
            rules.write(_filter())
            rules.seek(0)
            fds = [rules.fileno(), theirs]
            # 환경에는 키(token)가 있을 수 있으므로 bwrap에게도 하나도 주지 않습니다.
            process = subprocess.Popen(
                [*_wrapped(self._limits, *fds), *_runner(self._limits)],
                **{"env": {}, "pass_fds": fds, "bufsize": 0},
                **pipes,
            )
            os.close(theirs)
            self._inner = _inner_pid(news)
        return process

    def _read(self) -> None:
        with open(self._process.stdout.fileno(), "rb", closefd=False) as pipe:
            while (line := pipe.readline(wire.MESSAGE + 1)).endswith(b"\n"):
                if self._inbox.qsize() >= WAITING:
                    self._end(Status.STOPPED, "학생의 프로세스가 묻지 않은 메시지를 쏟아 냈습니다.")
                    break
                self._inbox.put(line)
            if len(line) > wire.MESSAGE:
                self._end(Status.OUTPUT, "학생의 프로세스가 너무 큰 메시지를 보냈습니다.")
        self._inbox.put(None)

    def _write(self) -> None:
        while (line := self._outbox.get()) is not None:
            try:
                view = memoryview(line)
                while view:
                    view = view[self._process.stdin.write(view) :]
            except OSError:  # 받을 프로세스가 끝났습니다. 까닭은 읽는 쪽이 압니다
                return

    def _count(self) -> None:
        """표준 출력과 오류에 바로 쓴 것을 셉니다. 버려도 되지만 끝없이 읽어 줄 수는 없습니다."""
        seen = 0
        while chunk := self._process.stderr.read(1 << 16):
            seen += len(chunk)
            if seen > self._limits.output:
                self._end(Status.OUTPUT, "출력이 한도를 넘었습니다.")
                return

    def _end(self, status: Status, note: str) -> SandboxEnded:
        """끝냅니다. 까닭은 먼저 온 것이 맞습니다(죽여서 죽은 것은 까닭이 아닙니다)."""
        with self._lock:
            self._ended = self._ended or SandboxEnded(status, note)
        self._kill()
        return self._ended

    def _gone(self) -> SandboxEnded:
        """스스로 끝난 프로세스. 안에서 자신에게 SIGKILL을 보낼 수 없으니 그것은 한도입니다."""
        try:
            code = self._process.wait(DYING)
        except subprocess.TimeoutExpired:
            code = None  # 말할 통로만 닫고 살아 있습니다
        if code == 128 + 9 and not self._unsafe:
            return self._end(Status.STOPPED, "CPU 시간이나 메모리의 한도를 넘었습니다.")
        return self._end(Status.STOPPED, "학생의 코드가 프로세스를 끝냈습니다.")

    def _kill(self) -> None:
        """안의 첫 프로세스를 죽이면 커널이 안의 모두를 죽이고, 바깥의 bwrap이 거두고 끝납니다."""
        if self._process.poll() is not None:
            return
        with suppress(ProcessLookupError, PermissionError):
            if self._inner:
                os.kill(self._inner, signal.SIGKILL)
            elif hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()


def _inner_pid(news: BinaryIO) -> int | None:
    """bwrap이 알려 준, 안의 첫 프로세스의 번호. bwrap이 뜨지 못했으면 없습니다."""
    said = news.read()
    return json.loads(said)["child-pid"] if said.strip() else None


def _runner(limits: Limits) -> list[str]:
    """안에서 돌 명령. 한도는 인자로 건넵니다."""
    sizes = [limits.memory, int(2 * limits.total) + 1, limits.disk, limits.output]
    return [sys.executable, "-s", "-P", "-m", "classroom.marking.interpreter", *map(str, sizes)]


def _environment(home: str, bare: bool = True) -> dict[str, str]:
    kept = {} if bare else {k: v for k, v in os.environ.items() if k in ("SYSTEMROOT", "PATH")}
    return kept | {
        "HOME": home,
        "IPYTHONDIR": f"{home}/.ipython",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(HOME),
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "MPLCONFIGDIR": home,
        "DDIALAB_STATIC": "1",
        "DDIALAB_BACKEND": "embedded",
    }


def _wrapped(limits: Limits, rules: int | None = None, news: int | None = None) -> list[str]:
    """bubblewrap의 명령줄. 파이썬과 두 패키지 말고는 아무것도 보이지 않습니다."""
    hidden = "--unshare-all --unshare-user --uid 65534 --gid 65534 --disable-userns --cap-drop ALL"
    command = [shutil.which("bwrap"), *hidden.split(), "--die-with-parent", "--new-session"]
    command += ["--as-pid-1"]
    if rules is not None:
        command += ["--seccomp", str(rules), "--info-fd", str(news)]
    # /tmp가 먼저입니다. 패키지를 /tmp 아래에 받았어도 그 위에 보여야 합니다.
    command += ["--size", str(limits.disk), "--tmpfs", "/tmp", "--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            command += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            command += ["--ro-bind", name, name]
    for path in ["/etc/ld.so.cache", *_python_folders()]:
        command += ["--ro-bind-try", path, path]
    command += ["--proc", "/proc", "--dev", "/dev"]
    for path in _font_lists():
        command += ["--ro-bind-try", str(path), f"/tmp/{path.name}"]
    # 뿌리와 /dev도 메모리에 있는 파일 시스템이라, 닫지 않으면 한도 없이 채울 수 있습니다.
    command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]
    for name, value in _environment("/tmp").items():
        command += ["--setenv", name, value]
    return command


def _python_folders() -> list[str]:
    """파이썬, 가상 환경, 두 패키지의 폴더. /usr 아래의 것은 이미 보입니다."""
    folders = {str(Path(each).absolute()) for each in (sys.prefix, sys.base_prefix)}
    folders |= {str(Path(each).resolve()) for each in (sys.prefix, sys.base_prefix, *PACKAGES)}
    return sorted(each for each in folders if not each.startswith("/usr/"))


def _font_lists() -> list[Path]:
    """matplotlib이 만들어 둔 글꼴 목록. 없으면 안에서 새로 만드느라 몇 초가 듭니다."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "matplotlib"
    return sorted(Path(os.environ.get("MPLCONFIGDIR") or default).glob("fontlist-*.json"))


@cache
def _filter() -> bytes:
    """seccomp 규칙: 스레드는 되고 프로세스는 안 됩니다.

    RLIMIT_NPROC은 root를 막지 않지만 이것은 누구든 막습니다.
    """
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")  # C 라이브러리가 clone으로 물러섭니다
    for name in ("fork", "vfork"):
        _deny(rules, pyseccomp.ERRNO(errno.EAGAIN), name)
    thread = pyseccomp.Arg(0, pyseccomp.MASKED_EQ, CLONE_THREAD, 0)
    rules.add_rule(pyseccomp.ERRNO(errno.EAGAIN), "clone", thread)
    for name in DENIED.split():
        _deny(rules, pyseccomp.ERRNO(errno.EPERM), name)
    with tempfile.TemporaryFile() as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _deny(rules, action, name: str) -> None:
    """이 기계에 없는 시스템 호출(arm64의 fork)은 막을 것도 없습니다."""
    with suppress(ValueError, OSError):
        rules.add_rule(action, name)
