"""`make kafka`에 없는 것과 나쁜 입력: Java를 띄우지 않고 봅니다."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest

from ddialab.core import kafka as core
from ddialab.core.errors import BackendUnavailable, LabError, StorageFailure
from ddialab.core.kafka import KafkaHome, archive_of
from ddialab.core.workspace import Workspace
from fake_java import bare, fake_java  # noqa: F401 - bare는 픽스처입니다
from jvm import folder, ports
from kafka import archive, server
from kafka.__main__ import main
from kafka.jars import JARS, fetch

ROOT = Path(__file__).resolve().parents[1]


def one_line(capsys) -> str:
    """표준 출력은 비어 있고 표준 오류는 한 줄입니다."""
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    return line


def test_the_sentence_is_one_line_on_the_error_output(bare, tmp_path, capsys, monkeypatch):  # noqa: F811
    monkeypatch.delenv("KAFKA_LIBS", raising=False)
    assert main(["--data", str(tmp_path / "data")]) == 1
    assert "Java가 없습니다" in one_line(capsys)


def test_the_jars_of_the_reader_are_not_fetched(bare, tmp_path, capsys, monkeypatch):  # noqa: F811
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "jdk")))
    monkeypatch.setenv("KAFKA_LIBS", str(tmp_path))
    assert main(["--data", str(tmp_path / "data")]) == 1
    assert f"{tmp_path}: Kafka의 jar가 없습니다" in one_line(capsys)


@pytest.mark.parametrize("typed", ["0", "6", "-1", "셋", "３", "", "1e3", "9" * 5000])
def test_an_impossible_number_of_brokers(typed, capsys):
    assert main([f"--brokers={typed}"]) == 1
    assert "1 이상 5 이하의 정수" in one_line(capsys)


@pytest.mark.parametrize("given", ["0", "65536", "９０９２", "port", "-1"])
def test_an_impossible_port(given):
    with pytest.raises(SystemExit) as stopped:
        main([f"--port={given}"])
    assert "1부터 65535까지의 정수" in str(stopped.value)


def test_too_little_memory_for_so_many(monkeypatch):
    asked = []
    monkeypatch.setattr(server, "check_memory", asked.append)
    monkeypatch.setattr(server, "find_kafka", lambda: None)
    monkeypatch.setenv("KAFKA_LIBS", "x")
    server.equip(1)
    server.equip(3)
    assert asked == [server.MEMORY, 3 * server.MEMORY]


# ── 띄우기 전에 알 수 있는 것 ──────────────────────────────────────


def refused(data: Path, count: int = 1, port: int | None = None) -> str:
    with pytest.raises(LabError) as caught, server.running(data, count, port):
        pass
    return str(caught.value)


def test_a_port_that_is_taken(tmp_path):
    """둘째 브로커의 포트라도."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused(tmp_path, port=port).startswith(f"PORT={port}: 다른 프로그램이")
        assert f"PORT={port}: 다른" in refused(tmp_path, 2, port - 1)
    assert "PORT=65534: 범위를" in refused(tmp_path, 3, 65534)


def test_the_usual_ports_are_those_that_nobody_answers(tmp_path, monkeypatch):
    chosen = []
    monkeypatch.setattr(ports, "answers", lambda port: port in (9092, 9094))
    monkeypatch.setattr(server, "start_brokers", lambda *given: chosen.append(given[3]))
    with Workspace() as space:
        server._started(space, tmp_path, 3, None)
        monkeypatch.setattr(ports, "answers", lambda _: True)  # 다 차 있으면 아무 번호나
        server._started(space, tmp_path, 3, None)
    assert chosen == [[9093, 9095, 9096], None]


def test_a_usual_port_that_another_takes_meanwhile(tmp_path, monkeypatch):
    chosen = []

    def start(_, __, ___, given=None):
        chosen.append(given)
        if given:
            raise BackendUnavailable(f"Kafka가 뜨지 않았습니다. {core.java.PORT_TAKEN}.")

    monkeypatch.setattr(ports, "answers", lambda _: False)
    monkeypatch.setattr(server, "start_brokers", start)
    with Workspace() as space:
        server._started(space, tmp_path, 1, None)
    assert chosen == [[9092], None]


def test_a_folder_that_cannot_be_written_and_a_full_disk(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("폴더가 아닙니다")
    assert "쓸 수 없는 폴더입니다" in refused(tmp_path / "file")
    left = folder.shutil.disk_usage(tmp_path)._replace(free=30 << 20)
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _: left)
    assert "디스크에 30 MB만 남았습니다" in refused(tmp_path)


def test_a_folder_in_use_is_neither_started_nor_thrown_away(tmp_path):
    (tmp_path / "1/broker-0").mkdir(parents=True)
    (tmp_path / "3/broker-0").mkdir(parents=True)
    with folder.owned(tmp_path / "3", "Kafka", server.LOCKS) as note:
        note.write("127.0.0.1:9")
        note.flush()
        assert "이 폴더의 Kafka가 이미 실행 중입니다(127.0.0.1:9)" in refused(tmp_path / "3", 3)
        with pytest.raises(BackendUnavailable, match="이미 실행 중"):
            server.discard(tmp_path)
        assert (tmp_path / "1/broker-0").exists()  # 하나라도 실행 중이면 아무것도
    assert server.discard(tmp_path)
    assert not list(tmp_path.glob("*/broker-*"))
    assert not server.discard(tmp_path)


# ── jar ────────────────────────────────────────────────────────────


def test_the_pinned_jars_are_those_of_the_pom():
    pom = (ROOT / "publish/kafka/pom.xml").read_text("utf-8")
    named = re.findall(r"<artifactId>([\w.-]+)</artifactId>\s*<version>([\d.]+)<", pom)
    paths = list(JARS.pinned())
    for name, version in named:
        found = [path for path in paths if path.endswith(f"/{version}/{name}-{version}.jar")]
        assert len(found) == (name not in ("kafka", "maven-dependency-plugin")), name
    assert len({Path(path).name for path in paths}) == len(paths) > 40


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    """jar 둘을 다 받은 뒤의 폴더."""
    names = ("a/a-1.jar", "b/b-2.jar")
    for name in names:
        (tmp_path / "maven" / name).parent.mkdir(parents=True)
        (tmp_path / "maven" / name).write_bytes(name.encode())
    there = {
        name: core.hashlib.sha256(name.encode()).hexdigest() for name in ("a/a-1.jar", "b/b-2.jar")
    }
    monkeypatch.setattr(type(JARS), "pinned", lambda _: there)
    return tmp_path


def test_the_folder_holds_the_pinned_jars_and_nothing_else(cache, monkeypatch):
    libs = fetch(cache)
    assert sorted(path.name for path in libs.iterdir()) == ["a-1.jar", "b-2.jar"]
    first = libs.stat().st_ino
    (cache / "classes-1.jsa").touch()
    assert fetch(cache).stat().st_ino == first  # 그대로면 다시 모으지 않습니다
    assert (cache / "classes-1.jsa").exists()
    (libs / "old-0.jar").touch()
    monkeypatch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(OSError()))  # 복사하는 곳
    assert sorted(path.name for path in fetch(cache).iterdir()) == ["a-1.jar", "b-2.jar"]
    assert (libs / "a-1.jar").read_bytes() == b"a/a-1.jar"
    assert not (cache / "classes-1.jsa").exists()  # 지난 jar의 것이었습니다


def test_classes_that_could_not_be_read_beforehand_stop_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(core, "FETCHED", tmp_path / "libs")

    def start(*_, **__):
        raise StorageFailure("디스크가 가득 찼습니다.")

    monkeypatch.setattr(archive, "start_brokers", start)
    home = KafkaHome(tmp_path / "java", tmp_path / "libs")
    archive.prepare(home, tmp_path)
    assert "읽어 두지 못했습니다(디스크가 가득" in capsys.readouterr().err
    archive_of(home.java).touch()
    archive.prepare(home, tmp_path)
    assert capsys.readouterr().err == ""
