"""`make opensearch`에 없는 것과 뜨지 못하는 까닭: 가짜 Java와 Maven으로 고장을 하나씩 냅니다."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from ddialab.core.errors import BackendUnavailable, LabError
from fake_java import bare, calls, fake_java, script  # noqa: F401 - bare는 픽스처입니다
from jvm import folder, ports
from opensearch import plugin, server
from opensearch.__main__ import main
from opensearch.jars import JARS
from opensearch.server import Equipment

ROOT = Path(__file__).resolve().parents[1]


def test_the_sentence_is_one_line_on_the_error_output(bare, tmp_path, capsys):  # noqa: F811
    assert main(["--data", str(tmp_path / "data")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert "Java가 없습니다" in line


def test_the_pinned_jars_are_those_of_the_pom():
    pom = (ROOT / "publish/opensearch/pom.xml").read_text("utf-8")
    for name, version in re.findall(r"<artifactId>([\w-]+)</artifactId>\s*<version>([\d.]+)<", pom):
        found = [
            path for path in JARS.pinned() if path.endswith(f"/{version}/{name}-{version}.jar")
        ]
        assert len(found) == (name not in ("opensearch", "maven-dependency-plugin")), name
    assert len(JARS.pinned()) > 90


def test_a_plugin_that_does_not_compile_leaves_nothing(bare, tmp_path):  # noqa: F811
    home = fake_java(tmp_path / "jdk")
    script(home / "bin/javac", "mkdir -p classes; echo 'Nori.java:1: error: nope'; exit 1")
    with pytest.raises(BackendUnavailable, match="nope"):
        plugin.compiled(tmp_path / "cache", home, ["a.jar"])
    script(home / "bin/javac", f"mkdir -p classes; echo called >> '{tmp_path}/calls'")
    places = [plugin.compiled(tmp_path / "cache", home, ["a.jar"]) for _ in range(2)]
    assert calls(tmp_path) == 1
    assert [str(path) for path in (tmp_path / "cache/plugin").iterdir()] == [places[0]]


# ── 뜨지 못하는 까닭 ───────────────────────────────────────────────


def refused(tmp_path: Path, log: str, code: int = 1, port: int | None = None) -> str:
    home = fake_java(tmp_path / "java", log=log, code=code)
    with (
        pytest.raises(LabError) as caught,
        server.running(Equipment(home, "jars"), tmp_path / "데 이터", port),
    ):
        pass
    return str(caught.value)


@pytest.mark.parametrize(
    ("log", "why"),
    [
        ("java.lang.IllegalStateException: failed to obtain node locks, tried [[/d]]", "이미 실행"),
        (
            "org.opensearch.http.BindHttpException: Failed to bind to 127.0.0.1:[9299]",
            "포트를 다른",
        ),
        ("Caused by: java.net.BindException: Permission denied", "관리자만 여는 번호"),
        ("There is insufficient memory for the Java Runtime Environment", "메모리가 모자랍니다"),
        ("Error occurred during initialization of VM\nCould not reserve enough space", "메모리가"),
        ("java.lang.OutOfMemoryError: Java heap space", "메모리가 모자랍니다"),
        ("java.io.IOException: No space left on device", "디스크가 가득"),
        ("Caused by: java.nio.file.AccessDeniedException: /d/nodes", "쓸 수 없습니다"),
        ("java.lang.UnsupportedClassVersionError: Nori", "Java가 너무 낡았습니다"),
        ("cannot downgrade a node from version [3.0.0] to version [2.19.1]", "읽지 못합니다"),
        ("Caused by: org.apache.lucene.index.CorruptIndexException: x", "읽지 못합니다"),
        (
            "[INFO] starting\nCaused by: java.lang.Odd: what nobody knows\n  at x",
            "what nobody knows",
        ),
        ("", "종료 코드 1"),
    ],
)
def test_why_a_start_failed(tmp_path, log, why):
    assert why in refused(tmp_path, log)


def test_a_server_that_is_killed_without_a_word(tmp_path):
    assert "강제로 끝냈습니다" in refused(tmp_path, "", code=-9)


def test_a_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        told = refused(tmp_path, "띄워 보지도 않습니다", port=port)
    assert told.startswith(f"PORT={port}: 다른 프로그램이")


def test_the_usual_ports_begin_after_those_that_answer(monkeypatch):
    monkeypatch.setattr(ports, "answers", lambda port: port < 9203)
    assert server._ports(None) == "9203-9299"


@pytest.mark.parametrize("given", ["0", "65536", "９２００", "port", "-1"])
def test_an_impossible_port(given):
    with pytest.raises(SystemExit) as stopped:
        main([f"--port={given}"])
    assert "1부터 65535까지의 정수" in str(stopped.value)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "데 이터").write_text("폴더가 아닙니다")
    assert "쓸 수 없는 폴더입니다" in refused(tmp_path, "띄워 보지도 않습니다")


def test_a_full_disk(tmp_path, monkeypatch):
    left = folder.shutil.disk_usage(tmp_path)._replace(free=30 << 20)
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _: left)
    assert "디스크에 30 MB만 남았습니다" in refused(tmp_path, "띄워 보지도 않습니다")
