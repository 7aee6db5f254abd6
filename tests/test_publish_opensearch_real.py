"""`make opensearch`로 띄운 진짜 OpenSearch: 답하고, 남기고, 다 치우는지 봅니다. 테스트에서는 모두
빈칸과 한글이 든 폴더에, Maven이 없는 PATH로 띄웁니다.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from ddialab.core.java import find_java
from holding import paths
from opensearch_server import opensearch_url  # noqa: F401 - 픽스처입니다
from waiting import wait_until

ROOT = Path(__file__).resolve().parents[1]


class Command:
    """다른 프로세스에서 도는 `make opensearch`. 표준 출력의 첫 줄까지 기다립니다."""

    def __init__(self, data: Path, *options: str):
        (data.parent / "tmp").mkdir(exist_ok=True)
        (data.parent / "도구 없음").mkdir(exist_ok=True)
        env = {
            **paths(),
            "PATH": str(data.parent / "도구 없음"),
            "JAVA_HOME": str(find_java()),
            "TMPDIR": str(data.parent / "tmp"),
            "LC_ALL": "C",
        }
        argv = [sys.executable, "-m", "opensearch", "--data", str(data), *options]
        # 터미널에서 친 것처럼 자기 그룹에서. Ctrl-C는 그룹에 갑니다
        self.process = subprocess.Popen(
            argv, env=env, cwd=ROOT / "publish", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        self.data, self.first = data, self.process.stdout.readline().strip()

    @property
    def port(self) -> int:
        name, _, port = self.first.rpartition(":")
        assert name == "OPENSEARCH_URL=http://127.0.0.1", self.first + self.process.stderr.read()
        return int(port)

    def java(self) -> list[int]:
        """이 폴더를 데이터로 쓰는 Java의 프로세스 번호."""
        told = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True)
        lines = told.stdout.decode(errors="replace").splitlines()
        mine = [line for line in lines if "Nori" in line and f"path.data={self.data}" in line]
        return [int(line.split()[0]) for line in mine]

    def finish(self) -> tuple[int, str, str]:
        """끝나기를 기다려 (종료 코드, 첫 줄 뒤의 표준 출력, 표준 오류)."""
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err

    def gone(self) -> bool:
        """프로세스도 포트도 임시 폴더도 없는가."""
        with socket.socket() as probe:
            open_port = probe.connect_ex(("127.0.0.1", self.port)) == 0
        left = list((self.data.parent / "tmp").iterdir())
        return not (self.java() or open_port or left)


@contextmanager
def command(data: Path, *options: str):
    started = Command(data, *options)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()


def ask(port: int, method: str, path: str, body: dict | None = None) -> dict:
    link = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Content-Type": "application/json"}
    link.request(method, path, json.dumps(body) if body else None, headers)
    return json.loads(link.getresponse().read())


def words(port: int, analyzer: str, text: str) -> list[str]:
    told = ask(port, "POST", "/_analyze", {"analyzer": analyzer, "text": text})
    return [token["token"] for token in told["tokens"]]


def put(port: int, id: int, text: str) -> None:
    ask(port, "PUT", f"/mine/_doc/{id}?refresh=true", {"text": text})


def count(port: int) -> int:
    return ask(port, "GET", "/mine/_count")["count"]


@pytest.fixture
def data(opensearch_url, tmp_path) -> Path:  # noqa: F811 - jar가 갖춰진 다음에, 없으면 건너뜁니다
    (tmp_path / "빈칸과 한글").mkdir()
    return tmp_path / "빈칸과 한글/데이터"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_it_answers_in_korean_keeps_what_was_written_and_stops_wholly(data):
    port = free_port()
    with command(data, "--port", str(port)) as first:
        assert first.port == port
        assert words(port, "nori", "캐시를 나누는 큐") == ["캐시", "나누", "큐"]
        assert words(port, "cjk", "캐시를") == ["캐시", "시를"]
        with socket.socket() as probe:  # 이 컴퓨터 안에서만 답합니다
            probe.bind(("127.0.0.2", port))
        put(port, 1, "첫 글")
        with command(data) as second:
            code, out, err = second.finish()
        assert (code, second.first + out) == (1, "")
        assert f"이미 실행 중입니다(http://127.0.0.1:{port})" in err
        put(port, 2, "바로 뒤에 죽습니다")
        (pid,) = first.java()
        os.kill(pid, signal.SIGKILL)
        code, out, err = first.finish()
        assert (code, out) == (1, "")
        assert "스스로 끝났습니다" in err
        assert first.gone()
    with command(data) as again:
        assert count(again.port) == 2
        again.process.terminate()
        code, out, err = again.finish()
        assert (code, out) == (0, "")
        assert err.endswith("OpenSearch를 껐습니다.\n")
        assert again.gone()


@pytest.mark.proof(only=True)
def test_nothing_stays_when_the_parent_is_killed_and_the_next_start_waits_for_the_end(data):
    with command(data) as first:
        put(first.port, 1, "글")
        first.process.kill()
        with command(data) as second:
            assert count(second.port) == 1
            os.killpg(second.process.pid, signal.SIGINT)
            assert second.finish()[0] == 0
            wait_until(second.gone, "아무것도 남지 않음")


@pytest.mark.proof(only=True)
def test_two_starts_at_once_leave_one(data):
    with command(data) as first, command(data.parent / "다른 데이터") as other:
        assert first.port != other.port
        waiting = [Command(data) for _ in range(2)]
        assert [started.finish()[0] for started in waiting] == [1, 1]
