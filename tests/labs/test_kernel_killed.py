"""커널을 SIGKILL로 죽여도 서버 프로세스와 포트와 임시 폴더가 남지 않습니다.

자원을 만드는 곳은 `core.workspace` 하나뿐입니다(`tests/test_layers.py`). 그래서 자원을 빠짐없이
쓰는 노트북 하나를 여러 순간에 죽여 봅니다. 실습마다 죽여 보는 일은 `make proof`가 합니다.
"""

from __future__ import annotations

import os
import signal
import uuid
from itertools import product
from pathlib import Path
from queue import Empty

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

import execute
from ddialab.core.postgresql import is_installed
from suite.effort import some
from waiting import BOUND, wait_until

LABS = sorted((execute.ROOT / "labs").glob("*.ipynb"))
MARK = "DDIALAB_TEST_RUN"  # 커널의 자손을 알아보는 환경 변수

# 실습이 쓰는 자원 모두: 폴더, 프로세스와 그 자식(한도를 건 것도), Redis 서버, 게시글 서버,
# 복제본들, 센티널과 프록시가 있는 저장소
EVERYTHING = (
    "import os, sys\n"
    "from ddialab.core.workspace import Workspace\n"
    "home = Workspace()\n"
    "(home.folder / '글').write_text('남으면 안 됩니다')",
    "forever = 'import subprocess, sys, signal; "
    'subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]); signal.pause()\'\n'
    "parent = home.run([sys.executable, '-c', forever])",
    "from ddialab.core.limits import MIB, Limits\n"
    "most = Limits(memory=2048 * MIB, cpu=600, file=MIB, files=64)\n"
    "limited = home.run([sys.executable, '-c', forever], log='limited.log', limits=most)",
    "from ddialab.core.backend import open_redis\n"
    "redis = open_redis(persist=True, folder=home.folder)\n"
    "redis.client.set('글', 1)",
    "from ddialab.service.http import PostServer\n"
    "site = PostServer(lambda database: database.insert_posts([('narae', '글')]))",
    "from ddialab.experiments.evolvability.fleet import Fleet\n"
    "fleet = Fleet(home, str(home.folder / 'posts.db'), 'drop', size=2)",
    "fleet.publish('소라', '글', id=1)",
    "from ddialab.cluster.real.cluster import RealCluster\n"
    "cluster = RealCluster()\n"
    "cluster.pause('n2')",
)
# 다 열었을 때 듣고 있는 포트: Redis 둘(하나는 게시글 서버의), 게시글 서버, 복제본 둘,
# 복제된 저장소의 노드 셋과 센티널 셋과 프록시의 넷
SERVING = 15

pytestmark = pytest.mark.skipif(os.name == "nt", reason="SIGKILL이 없는 운영체제입니다")

if is_installed():  # PostgreSQL
    EVERYTHING += ("from ddialab.ops.access import GuardedPostgres\npostgres = GuardedPostgres()",)
    SERVING += 1


class Kernel:
    """자기만의 임시 폴더를 쓰는 커널 하나."""

    def __init__(self, folder: Path, where: Path):
        self.folder, self.mark = folder, uuid.uuid4().hex
        env = execute.kernel_env(TMPDIR=str(folder), **{MARK: self.mark})
        self.manager, self.client = start_new_kernel(env=env, cwd=str(where))

    def run(self, source: str) -> str:
        """``source``를 끝까지 돌립니다. 오류가 나면 그 글을, 아니면 빈 문자열을 돌려줍니다."""
        reply = self.client.execute_interactive(
            source, timeout=execute.CELL_SECONDS, output_hook=lambda message: None
        )
        return reply["content"].get("evalue", "")

    def ports(self) -> set[int]:
        """자손들이 듣고 있는 포트."""
        found = [one for child in self.children() for one in child.net_connections("tcp")]
        return {one.laddr.port for one in found if one.status == psutil.CONN_LISTEN}

    def kill_during(self, source: str, born: int = 0) -> None:
        """``source``를 돌리다가, 자손이 ``born``개 더 생기거나 셀이 끝나면 커널을 죽입니다."""
        wanted = len(self.children()) + born
        self.client.execute(source)
        while self.client.get_iopub_msg(timeout=BOUND)["msg_type"] != "execute_input":
            pass
        while len(self.children()) < wanted and not self._idle():
            pass
        os.kill(self.manager.provisioner.pid, signal.SIGKILL)
        self.manager.provisioner.process.wait()

    def _idle(self) -> bool:
        """돌리던 셀이 끝났는가."""
        try:
            message = self.client.get_iopub_msg(timeout=0.01)
        except Empty:
            return False
        return message["content"].get("execution_state") == "idle"

    def children(self) -> list[psutil.Process]:
        """커널을 뺀 살아 있는 자손들."""
        kernel = self.manager.provisioner.pid
        return [p for p in psutil.process_iter() if p.pid != kernel and self._is_ours(p)]

    def _is_ours(self, process: psutil.Process) -> bool:
        """Valkey는 프로세스의 이름을 바꾸며 환경 변수를 덮어쓰므로, 도는 폴더로도 알아봅니다."""
        try:
            marked = process.environ().get(MARK) == self.mark
            return marked or process.cwd().startswith(str(self.folder))
        except psutil.Error:
            return False

    def leftovers(self) -> list[str]:
        """아직 남은 프로세스와 폴더."""
        folders = [path.name for path in self.folder.iterdir()]
        return [str(process) for process in self.children()] + folders

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.provisioner.process.kill()
        self.manager.cleanup_resources()
        # 감시 프로세스가 치울 시간을 줍니다. 먼저 죽이면 우리 폴더 밖에 둔 것이 남습니다
        psutil.wait_procs([one for one in self.children() if _is_guard(one)], BOUND)
        for process in self.children():
            process.kill()


def _is_guard(process: psutil.Process) -> bool:
    try:
        return "guard.py" in " ".join(process.cmdline())
    except psutil.Error:
        return False


@pytest.fixture
def new_kernel(tmp_path):
    opened = []

    def start(where: Path) -> Kernel:
        opened.append(Kernel(tmp_path, where))
        return opened[-1]

    yield start
    for kernel in opened:
        kernel.close()


def wait_until_gone(kernel: Kernel) -> None:
    """남은 것이 없을 때까지 기다립니다. 끝내 남으면 무엇이 남았는지 말합니다."""
    try:
        wait_until(lambda: not kernel.leftovers(), "커널의 것이 모두 사라지기")
    except AssertionError:
        assert kernel.leftovers() == []
        raise


MOMENTS = list(product(range(len(EVERYTHING)), range(8)))


@pytest.mark.proof
@pytest.mark.parametrize(("cell", "born"), some(MOMENTS * 2))
def test_a_killed_kernel_leaves_nothing(cell, born, new_kernel, tmp_path):
    """자원을 모두 쓰는 노트북을 셀마다, 자손이 몇 생긴 때마다 죽입니다"""
    kernel = new_kernel(tmp_path)
    assert [kernel.run(source) for source in EVERYTHING[:cell]] == [""] * cell
    kernel.kill_during(EVERYTHING[cell], born)
    wait_until_gone(kernel)


@pytest.mark.proof(only=True)
@pytest.mark.parametrize("part", [0.2, 0.4, 0.6, 0.8])
@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_killed_lab_leaves_nothing(path, part, new_kernel):
    """실습을 도중에 죽입니다"""
    sources = [cell.source for cell in execute.code_cells(execute.read(path))]
    kernel, last = new_kernel(path.parent), int(len(sources) * part)
    for source in sources[:last]:
        kernel.run(source)
    kernel.kill_during(sources[last], born=1)
    wait_until_gone(kernel)


def test_the_notebook_uses_every_resource(new_kernel, tmp_path):
    kernel = new_kernel(tmp_path)
    assert [kernel.run(source) for source in EVERYTHING] == [""] * len(EVERYTHING)
    assert len(kernel.ports()) == SERVING
    # 감시 프로세스, 프로세스 둘과 그 자식. 프록시 하나는 포트 넷을 듣습니다
    assert len(kernel.children()) > SERVING - 3 + 4
    assert len(list(tmp_path.iterdir())) >= 3


def test_a_lab_that_leaks_is_found(new_kernel, tmp_path):
    """감시 프로세스 없이 만든 프로세스와 폴더는 남고, 이 테스트가 그것을 봅니다."""
    kernel = new_kernel(tmp_path)
    kernel.run(EVERYTHING[0])
    kernel.run("import subprocess, tempfile\nleak = tempfile.mkdtemp()")
    kernel.run("subprocess.Popen(['sleep', '600'], start_new_session=True)")
    kernel.kill_during("pass")
    wait_until(lambda: len(kernel.leftovers()) == 2, "새는 것만 남기")
    assert [name for name in kernel.leftovers() if "sleep" in name]
