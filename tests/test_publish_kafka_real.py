"""`make kafka`로 띄운 진짜 Kafka: 답하고, 남기고, 다 치우는지 봅니다.

빈칸과 한글이 든 폴더에, Maven이 없는 PATH로 띄웁니다.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ddialab.core.workspace import free_port
from holding import ROOT, paths
from kafka_server import kafka_home  # noqa: F401 - 픽스처입니다
from test_kafka import create, read, write
from waiting import wait_until

TOPIC = "kept"


class Command:
    """다른 프로세스에서 도는 `make kafka`. 표준 출력의 첫 줄까지 기다립니다."""

    def __init__(self, data: Path, java: Path, *options: str):
        for name in ("tmp", "도구 없음"):
            (data.parent / name).mkdir(exist_ok=True)
        env = {
            **paths(),
            "PATH": str(data.parent / "도구 없음"),
            "JAVA_HOME": str(java),
            "TMPDIR": str(data.parent / "tmp"),
            "LC_ALL": "C",
        }
        argv = [sys.executable, "-m", "kafka", "--data", str(data), *options]
        # 터미널에서 친 것처럼 자기 그룹에서. Ctrl-C는 그룹에 갑니다
        self.process = subprocess.Popen(
            argv, env=env, cwd=ROOT / "publish", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL, encoding="utf-8", start_new_session=True,
        )  # fmt: skip
        self.tmp = data.parent / "tmp"
        self.first = self.process.stdout.readline().strip()

    @property
    def bootstrap(self) -> str:
        name, _, places = self.first.partition("=")
        assert name == "KAFKA_BOOTSTRAP", self.first + self.process.stderr.read()
        return places

    def ports(self) -> list[int]:
        return [int(place.removeprefix("127.0.0.1:")) for place in self.bootstrap.split(",")]

    def java(self) -> list[int]:
        """이 명령이 띄운 Java의 프로세스 번호."""
        told = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True)
        lines = told.stdout.decode(errors="replace").splitlines()
        mine = [line for line in lines if f"-Djava.io.tmpdir={self.tmp}" in line]
        return [int(line.split()[0]) for line in mine]

    def finish(self) -> tuple[int, str, str]:
        """끝나기를 기다려 (종료 코드, 첫 줄 뒤의 표준 출력, 표준 오류)."""
        out, err = self.process.communicate(timeout=120)
        return self.process.returncode, out, err

    def gone(self) -> bool:
        """프로세스도 포트도 임시 폴더도 없는가."""
        return not (self.java() or any(map(answers, self.ports())) or list(self.tmp.iterdir()))


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def command(kafka_home, tmp_path) -> Iterator:  # noqa: F811
    """띄우는 함수. 남은 것은 테스트가 끝나면 죽입니다."""
    (tmp_path / "빈칸과 한글").mkdir()
    started: list[Command] = []

    def run(*options: str) -> Command:
        started.append(Command(tmp_path / "빈칸과 한글/데이터", kafka_home.java, *options))
        return started[-1]

    yield run
    for one in started:
        one.process.kill()
        one.process.wait()


def test_it_prints_one_line_keeps_what_was_written_and_stops_wholly(command):
    """한 번 띄워 보고, 그 데이터로 다시 띄워 띄운 쪽을 강제로 죽입니다."""
    port = free_port()
    first = command("--port", str(port))
    assert first.first == f"KAFKA_BOOTSTRAP=127.0.0.1:{port}"
    with socket.socket() as probe:  # 이 컴퓨터 안에서만 답합니다
        probe.bind(("127.0.0.2", port))
    create(first.bootstrap, TOPIC, 1)
    assert write(first.bootstrap, TOPIC, "첫 글") == ["첫 글"]
    for options in ((), ("--clean",)):  # 같은 데이터로 또 띄우거나 버리려 하면
        other = command(*options)
        code, out, err = other.finish()
        assert (code, other.first + out) == (1, "")
        assert f"이미 실행 중입니다(127.0.0.1:{port})" in err
    os.killpg(first.process.pid, signal.SIGINT)
    code, out, err = first.finish()
    assert (code, out) == (0, "")
    assert err.endswith("Kafka를 껐습니다.\n")
    assert first.gone()
    again = command()
    assert read(again.bootstrap, TOPIC) == ["첫 글"]
    again.process.kill()
    again.process.wait()
    wait_until(again.gone, "띄운 쪽이 강제로 죽어도 Java가 남지 않음")
    assert "모두 버렸습니다" in command("--clean").finish()[2]
    assert "버릴 데이터가 없습니다" in command("--clean").finish()[2]


@pytest.mark.proof(only=True)
def test_three_brokers_go_on_without_one_and_the_next_start_waits_for_the_end(command):
    first = command("--brokers", "3")
    assert len(set(first.ports())) == 3
    create(first.bootstrap, TOPIC, 3)
    assert write(first.bootstrap, TOPIC, "가") == ["가"]
    os.kill(first.java()[0], signal.SIGKILL)
    assert write(first.bootstrap, TOPIC, "나") == ["나"]
    first.process.kill()
    second = command("--brokers", "3")
    assert read(second.bootstrap, TOPIC) == ["가", "나"]
    for pid in second.java():
        os.kill(pid, signal.SIGKILL)
    code, out, err = second.finish()
    assert (code, out) == (1, "")
    assert err.count("누가 강제로 끝냈습니다") == 3
    assert second.gone()
