"""감시 프로세스: 커널이 어떻게 죽든 서버 프로세스와 임시 폴더를 치우는 작은 프로세스.

`ddialab.core.workspace`가 이 파일을 따로 실행합니다. 표준 입력의 한 줄이 요청 하나입니다.
커널이 죽으면(SIGKILL도) 운영체제가 그 관을 닫고, 감시 프로세스는 남은 것을 치운 뒤 끝납니다.
폴더도 프로세스도 감시 프로세스가 직접 만듭니다.
커널이 만들고 나서 알려 주면, 그 사이에 커널이 죽을 때 샙니다.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

GRACE = 1.0  # 초. 스스로 끝나기를 기다려 주는 시간

folders: dict[str, list[subprocess.Popen]] = {}


def make(parent: str | None) -> dict:
    folder = tempfile.mkdtemp(prefix="ddialab-", dir=parent)
    folders[folder] = []
    return {"folder": folder}


def run(
    folder: str,
    argv: list[str],
    log: str,
    limits: dict[str, int] | None = None,
    user: str | None = None,
) -> dict:
    # 자기 세션에서 돌려야 서버가 낳은 자식까지 한꺼번에 끝낼 수 있습니다.
    with open(os.path.join(folder, log), "ab") as output:
        process = subprocess.Popen(
            argv,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **({"preexec_fn": lambda: limit(limits)} if limits else {}),
            **({"user": user, "extra_groups": []} if user else {}),
        )
    folders[folder].append(process)
    return {"pid": process.pid}


def limit(limits: dict[str, int]) -> None:
    """갈라진 자식이 실행 파일로 바뀌기 전에 자기에게 한도를 겁니다. 그 뒤로는 늘릴 수 없습니다."""
    import resource

    for name, value in limits.items():
        number = getattr(resource, name)
        # 죽기 전에 SIGXCPU를 한 번 받도록 CPU만 마지막 한도를 조금 늦춥니다
        last = value + 1 if name == "RLIMIT_CPU" else value
        most = resource.getrlimit(number)[1]
        if most != resource.RLIM_INFINITY:  # 이미 걸린 한도보다 늘릴 수는 없습니다
            value, last = min(value, most), min(last, most)
        resource.setrlimit(number, (value, last))


def poll(pid: int) -> dict:
    process = find(pid)
    if process.returncode is None and has_ended(process):
        reap(process)
    return {"code": process.returncode}


def send(pid: int, number: int) -> dict:
    deliver(find(pid), number)
    return {}


def stop(pid: int) -> dict:
    process = find(pid)
    finish([process])
    return {"code": process.returncode}


def discard(folder: str) -> None:
    """답이 없는 유일한 요청: 가비지 컬렉션 도중에도 보낼 수 있어야 합니다."""
    if folder in folders:
        finish(folders.pop(folder))
        clear(folder)


def sync() -> dict:
    return {}


def find(pid: int) -> subprocess.Popen:
    for process in (p for processes in folders.values() for p in processes if p.pid == pid):
        return process
    raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))


def has_ended(process: subprocess.Popen) -> bool:
    """끝났는가. 거두지는 않습니다: 거두기 전에는 그 번호가 남의 것이 될 수 없습니다."""
    if not hasattr(os, "waitid"):  # macOS의 Python 3.12까지와 Windows
        return process.poll() is not None
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def reap(process: subprocess.Popen) -> None:
    """그룹에 남은 자식까지 끝내고 거둡니다. SIGTERM을 받은 뒤에 태어난 자식도 있습니다."""
    deliver(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    process.wait()


def deliver(process: subprocess.Popen, number: int) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)
        else:
            process.terminate()


def finish(processes: list[subprocess.Popen]) -> None:
    for process in processes:
        deliver(process, signal.SIGTERM)
    deadline = time.monotonic() + GRACE
    while not all(map(has_ended, processes)) and time.monotonic() < deadline:
        time.sleep(0.005)
    for process in processes:
        reap(process)


def clear(folder: str) -> None:
    """폴더를 지웁니다. 방금 죽은 서버의 자식이 아직 쓰고 있으면 끝날 때까지 다시 합니다."""
    deadline = time.monotonic() + GRACE
    while os.path.exists(folder) and time.monotonic() < deadline:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.005)


def answer(line: str) -> None:
    number, name, arguments = json.loads(line)
    try:
        reply = globals()[name](**arguments)
    except OSError as error:
        reply = {"error": error.strerror or str(error), "errno": error.errno}
    if reply is not None:
        print(json.dumps([number, reply]), flush=True)


def serve() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        for line in sys.stdin:
            answer(line)
    finally:
        finish([process for processes in folders.values() for process in processes])
        for folder in folders:
            clear(folder)


if __name__ == "__main__":
    serve()
