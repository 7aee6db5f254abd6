"""실습 도중에 커널을 SIGKILL로 죽여도 서버 프로세스와 임시 폴더가 남지 않습니다."""

from __future__ import annotations

import os
import signal
import time
import uuid
from pathlib import Path

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

import execute

LABS = sorted((execute.ROOT / "labs").glob("*.ipynb"))
MARK = "DDIALAB_TEST_RUN"  # 커널의 자손을 알아보는 환경 변수
CLEARED_IN = 15.0  # 초

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")


class Kernel:
    """자기만의 임시 폴더를 쓰는 커널 하나."""

    def __init__(self, folder: Path, where: Path):
        self.folder, self.mark = folder, uuid.uuid4().hex
        env = execute.kernel_env(TMPDIR=str(folder), **{MARK: self.mark})
        self.manager, self.client = start_new_kernel(env=env, cwd=str(where))

    def run(self, source: str) -> None:
        self.client.execute_interactive(
            source, timeout=execute.CELL_SECONDS, output_hook=lambda message: None
        )

    def kill_during(self, source: str) -> None:
        """``source``를 돌리기 시작하자마자 커널을 죽입니다."""
        self.client.execute(source)
        while self.client.get_iopub_msg(timeout=30)["msg_type"] != "execute_input":
            pass
        os.kill(self.manager.provisioner.pid, signal.SIGKILL)
        self.manager.provisioner.process.wait()

    def children(self) -> list[psutil.Process]:
        """커널을 뺀 살아 있는 자손들."""
        kernel = self.manager.provisioner.pid
        return [p for p in psutil.process_iter() if p.pid != kernel and self._is_ours(p)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == self.mark
        except psutil.Error:
            return False

    def leftovers(self) -> list[str]:
        """남은 프로세스와 폴더. 다 치워지기를 `CLEARED_IN`초까지 기다립니다."""
        deadline = time.monotonic() + CLEARED_IN
        while (left := self._left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left

    def _left(self) -> list[str]:
        folders = [path.name for path in self.folder.iterdir()]
        return [str(process) for process in self.children()] + folders

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.cleanup_resources()
        for process in self.children():
            process.kill()


@pytest.fixture
def new_kernel(tmp_path):
    opened = []

    def start(where: Path) -> Kernel:
        opened.append(Kernel(tmp_path, where))
        return opened[-1]

    yield start
    for kernel in opened:
        kernel.close()


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
@pytest.mark.parametrize("moment", ["처음 서버가 떴을 때", "후반"])
def test_a_killed_lab_leaves_nothing(path, moment, new_kernel):
    sources = [cell.source for cell in execute.code_cells(execute.read(path))]
    kernel = new_kernel(path.parent)
    late = moment == "후반"
    last = len(sources) * 3 // 4 if late else len(sources) // 3
    done = 0
    while done < last and (late or not (done and kernel.children())):
        kernel.run(sources[done])
        done += 1
    kernel.kill_during(sources[done])
    assert kernel.leftovers() == []


def test_a_lab_that_leaks_is_found(new_kernel, tmp_path, monkeypatch):
    """파수꾼 없이 만든 프로세스와 폴더는 남고, 이 시험이 그것을 봅니다."""
    monkeypatch.setattr(f"{__name__}.CLEARED_IN", 0.2)
    kernel = new_kernel(tmp_path)
    kernel.run("import subprocess, tempfile\ntempfile.mkdtemp()")
    kernel.run("subprocess.Popen(['sleep', '60'], start_new_session=True)")
    kernel.kill_during("pass")
    assert len(kernel.leftovers()) == 2
