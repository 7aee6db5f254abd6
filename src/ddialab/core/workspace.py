"""작업 공간: 실습이 사용하는 임시 폴더 하나와 거기서 실행되는 프로세스들.

커널이 다시 시작되든 SIGKILL로 죽든 남는 것이 없어야 합니다.
그래서 커널마다 감시 프로세스(`ddialab.core.guard`) 하나를 두고, 만들기와 치우기를 모두 맡깁니다.
패키지의 다른 모듈은 프로세스도 포트도 폴더도 스스로 만들지 않습니다. 여기를 지나면 샐 수 없습니다.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ddialab.core.errors import BackendUnavailable, MissingCapability, StorageFailure
from ddialab.core.limits import Limits, require_limits

if TYPE_CHECKING:
    import asyncio
    from http.server import ThreadingHTTPServer

IN_BROWSER = sys.platform == "emscripten"  # Pyodide: 프로세스도 스레드도 없습니다
LOOPBACK = "127.0.0.1"
OUTSIDE = "저장소를 내려받아 `make lab`으로 여세요."
START_TIMEOUT = 60.0  # 초. 서버가 뜨기를 기다리는 시간
Answer = TypeVar("Answer")


class Workspace:
    """다 쓰면 통째로 사라지는 임시 폴더. ``with`` 문으로 쓰거나 `close`로 닫습니다.

    ``parent``는 폴더를 만들 자리(없으면 운영체제의 임시 폴더)입니다.
    만들 수 없으면 `StorageFailure`.
    """

    def __init__(self, parent: str | Path | None = None):
        self.folder = Path(_make_folder(parent))
        self._discard = weakref.finalize(self, _discard_folder, str(self.folder))

    def run(
        self,
        argv: Sequence[str | Path],
        log: str = "process.log",
        limits: Limits | None = None,
        user: str | None = None,
    ) -> Process:
        """``argv``를 이 폴더에서 실행합니다. 출력은 폴더 안의 ``log`` 파일에 쌓입니다.

        ``limits``를 주면 자원을 그 한도 안에서만 사용하고, ``user``를 주면 그 사용자로
        실행합니다(root일 때만). 브라우저이거나 한도를 걸 수 없는 운영체제이면
        `MissingCapability`, 실행 파일이 없거나 실행할 수 없으면 `BackendUnavailable`.
        """
        require_processes()
        if limits is not None:
            require_limits(limits)
        command, most = [str(part) for part in argv], limits.settings() if limits else None
        reply = _guard().ask(
            "run", folder=str(self.folder), argv=command, log=log, limits=most, user=user
        )
        if "error" in reply:
            raise BackendUnavailable(
                f"{command[0]}: 실행하지 못했습니다({reply['error']}).",
                "이 컴퓨터에서 실행할 수 있는 파일이어야 합니다.",
                "경로와 실행 권한을 확인하세요.",
            )
        return Process(reply["pid"], self.folder / log)

    def close(self) -> None:
        """프로세스를 끝내고 폴더를 지웁니다. 돌아왔을 때는 다 치워져 있습니다."""
        self._discard()
        if not IN_BROWSER:
            _guard().ask("sync")

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_) -> None:
        self.close()


def require_processes() -> None:
    """프로세스도 스레드도 띄울 수 없는 곳(브라우저)이면 `MissingCapability`."""
    if IN_BROWSER:
        raise MissingCapability(
            "브라우저 안에서는 다른 프로세스를 띄울 수 없습니다.",
            "컴퓨터에 설치한 파이썬이 있어야 합니다.",
            OUTSIDE,
        )


def require_kill() -> None:
    """프로세스를 그 자리에서 죽일 수 없는 곳(Windows)이면 `MissingCapability`."""
    require_processes()
    if not hasattr(signal, "SIGKILL"):
        raise MissingCapability(
            "Windows에는 프로세스를 그 자리에서 죽이는 신호(SIGKILL)가 없습니다.",
            "리눅스나 macOS의 파이썬이 있어야 합니다.",
            "WSL에서 `make lab`으로 여세요.",
        )


class Process:
    """작업 공간에서 실행되는 프로세스 하나. ``pid``와 출력이 쌓이는 ``log`` 파일이 있습니다."""

    def __init__(self, pid: int, log: Path):
        self.pid, self.log = pid, log

    def poll(self) -> int | None:
        """끝났으면 종료 코드(신호로 죽었으면 음수), 도는 중이면 None."""
        return self._ask("poll")["code"]

    def send_signal(self, number: int) -> None:
        """신호를 보냅니다(예: ``signal.SIGKILL``은 정전처럼, ``SIGSTOP``은 멈춤처럼)."""
        self._ask("send", number=int(number))

    def stop(self) -> int:
        """끝내 달라고 하고, 안 끝나면 강제로 끝냅니다. 종료 코드를 돌려줍니다."""
        return self._ask("stop")["code"]

    def wait(
        self,
        until: Callable[[], object] = lambda: False,
        who: str = "프로세스가",
        accepted: str = "",
        todo: str = "컴퓨터가 한가할 때 다시 하세요.",
    ) -> int | None:
        """끝나거나 ``until()``이 참이 될 때까지 기다립니다. 종료 코드(도는 중이면 None)를 줍니다.

        `START_TIMEOUT`초 안에 어느 쪽도 아니면 끝내고, 마지막 말을 담아 `BackendUnavailable`을
        냅니다. ``who``는 그 문장의 주어입니다.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            code = self.poll()  # 끝난 뒤에 한 번 더 물어보아, 마지막으로 한 말을 놓치지 않습니다
            if until() or code is not None:
                return code
            time.sleep(0.005)
        self.stop()
        problem = f"{who} {START_TIMEOUT:g}초 안에 끝나지 않았습니다({self._last_words()})."
        raise BackendUnavailable(problem, accepted, todo)

    def _ask(self, name: str, **arguments) -> dict:
        reply = _guard().ask(name, pid=self.pid, **arguments)
        if "error" in reply:
            raise BackendUnavailable(
                f"프로세스 {self.pid}: 작업 공간과 함께 이미 치웠습니다.",
                "아직 닫지 않은 작업 공간의 프로세스여야 합니다.",
                "작업 공간을 닫기 전에 부르세요.",
            )
        return reply

    def wait_until_ready(
        self, ready: Callable[[], Answer | None], who: str, accepted: str = "", todo: str = ""
    ) -> Answer:
        """``ready()``가 None이 아닌 답을 줄 때까지 기다려 그 답을 돌려줍니다.

        먼저 죽거나 `START_TIMEOUT`초 안에 준비되지 않으면 끝내고, 마지막 말을 담아
        `BackendUnavailable`을 냅니다. ``who``는 「게시글 서버가」처럼 그 문장의 주어입니다.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while self.poll() is None and time.monotonic() < deadline:
            if (answer := ready()) is not None:
                return answer
            time.sleep(0.01)
        self.stop()
        problem = f"{who} 뜨지 않았습니다({self._last_words()})."
        raise BackendUnavailable(problem, accepted, todo)

    def _last_words(self) -> str:
        """남긴 마지막 경고 줄(Redis의 `` # ``). 없으면 마지막 줄, 그것도 없으면 종료 코드."""
        lines = [line.strip() for line in self.log.read_text(errors="replace").splitlines()]
        warnings = [line for line in lines if re.search("(?i) # .*(fail|error|use)", line)]
        said = warnings or [line for line in lines if line] or [f"종료 코드 {self.poll()}"]
        return said[-1].split(" # ", 1)[-1]


def free_port() -> int:
    """지금 비어 있는 포트. 쓰기 전에 남이 차지할 수 있으므로 뜨지 않으면 다시 고르세요."""
    import socket

    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def open_server(handler: type) -> ThreadingHTTPServer:
    """이 컴퓨터 안에서만 접속되는 HTTP 서버를 빈 포트에 엽니다. 연결마다 스레드가 하나입니다.

    `Workspace.run`이 띄운 프로세스 안에서 여세요. 그 프로세스가 사라질 때 포트도 사라집니다.
    """
    from http.server import ThreadingHTTPServer

    class Server(ThreadingHTTPServer):
        request_queue_size = 1024  # 몰려온 연결이 운영체제에서 거절당하지 않게
        daemon_threads = True

    return Server((LOOPBACK, 0), handler)


async def open_streams(serve: Callable, limit: int) -> asyncio.Server:
    """이 컴퓨터 안에서만 접속되는 포트를 엽니다. 연결마다 ``serve(reader, writer)``를 부릅니다.

    ``limit``은 연결마다 미리 읽어 두는 바이트입니다. `open_server`처럼, `Workspace.run`이 띄운
    프로세스 안에서 여세요.
    """
    import asyncio

    return await asyncio.start_server(serve, LOOPBACK, 0, limit=limit)


def output_of(argv: Sequence[str], seconds: float = 30, errors: bool = False) -> str | None:
    """금방 끝나는 명령 하나의 출력. 없는 명령이거나 ``seconds``초 안에 끝나지 않으면 None.

    ``errors``면 오류 출력까지 이어 돌려줍니다(`java -version`은 거기에 말합니다).
    """
    import subprocess

    with contextlib.suppress(OSError, ValueError, subprocess.SubprocessError):
        return subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if errors else subprocess.DEVNULL,
            timeout=seconds, encoding="utf-8", errors="replace",
        ).stdout  # fmt: skip
    return None


class _Guard:
    """감시 프로세스와 이야기하는 창구."""

    def __init__(self):
        import subprocess

        script = Path(__file__).with_name("guard.py")
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **_own_session(),
        )
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    def tell(self, name: str, **arguments) -> int:
        """요청을 한 번의 쓰기로 보냅니다. 쪼개지지 않아 가비지 컬렉션 도중에도 안전합니다."""
        number = next(self._numbers)
        line = json.dumps([number, name, arguments]) + "\n"
        os.write(self._process.stdin.fileno(), line.encode())
        return number

    def ask(self, name: str, **arguments) -> dict:
        """요청을 보내고 답을 기다립니다. Ctrl-C로 놓친 지난 답은 번호로 가려 버립니다."""
        try:
            with self._lock:
                number = self.tell(name, **arguments)
                while True:
                    answered, reply = json.loads(self._process.stdout.readline())
                    if answered == number:
                        return reply
        except (OSError, ValueError):
            raise BackendUnavailable(
                "감시 프로세스가 종료됐습니다.", todo="커널을 다시 시작하세요."
            ) from None

    def let_go(self) -> None:
        """fork로 갈라진 자식이 관을 붙들고 있으면 커널이 죽어도 감시 프로세스가 모릅니다."""
        self._process.stdin.close()
        self._process.stdout.close()


_the_guard: _Guard | None = None
_starting = threading.Lock()


def _guard() -> _Guard:
    global _the_guard
    with _starting:
        if _the_guard is None:
            _the_guard = _Guard()
        return _the_guard


def _forget_guard() -> None:
    global _the_guard, _starting
    if _the_guard is not None:
        _the_guard.let_go()
    _the_guard, _starting = None, threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_guard)


def _own_session() -> dict:
    """Jupyter의 인터럽트와 강제 종료는 커널의 프로세스 그룹으로 갑니다. 그 밖에 둡니다."""
    import subprocess

    if os.name == "nt":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _make_folder(parent: str | Path | None) -> str:
    try:
        where = str(Path(parent).absolute()) if parent else tempfile.gettempdir()
        if IN_BROWSER:
            return tempfile.mkdtemp(prefix="ddialab-", dir=where)
    except OSError as error:
        raise _no_folder(parent or "임시 폴더", error.strerror) from None
    reply = _guard().ask("make", parent=where)
    if "error" in reply:
        raise _no_folder(where, reply["error"])
    return reply["folder"]


def _no_folder(where: object, why: str | None) -> StorageFailure:
    return StorageFailure(
        f"{where}: 작업 폴더를 만들지 못했습니다({why}).",
        "쓰기 권한과 빈 공간이 있는 폴더여야 합니다.",
        "공간을 비우거나 환경 변수 TMPDIR에 다른 폴더를 지정하고 커널을 다시 시작하세요.",
    )


def _discard_folder(folder: str) -> None:
    if IN_BROWSER:
        shutil.rmtree(folder, ignore_errors=True)
    elif _the_guard is not None:
        try:
            _the_guard.tell("discard", folder=folder)
        except OSError:  # 감시 프로세스가 먼저 죽었습니다. 폴더만이라도 지웁니다.
            shutil.rmtree(folder, ignore_errors=True)
