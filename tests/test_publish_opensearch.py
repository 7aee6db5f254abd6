"""`make opensearch`에 없는 것과 뜨지 못하는 까닭: 가짜 Java와 Maven으로 고장을 하나씩 냅니다."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import socket
import threading
from pathlib import Path

import pytest

from ddialab.core.errors import BackendUnavailable, LabError, MissingCapability, StorageFailure
from opensearch import failure, folder, jars, java, plugin, server
from opensearch.__main__ import main
from opensearch.server import Equipment
from opensearch_server import closed, opensearch_url, paths, said, shared  # noqa: F401 - 픽스처

ROOT = Path(__file__).resolve().parents[1]


# ── 가짜 Java와 Maven ──────────────────────────────────────────────


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def fake_java(home: Path, version: str = "17", log: str = "", code: int = 1) -> Path:
    """버전을 말하고, 서버로 띄우면 ``log``를 남기고 ``code``로 끝나는 Java의 폴더."""
    text = f"""case "$*" in
*-version*) printf '    java.home = {home}\\n    java.specification.version = {version}\\n' >&2 ;;
*) cat <<'EOF'
{log}
EOF
{"kill -9 $$" if code < 0 else f"exit {code}"} ;;
esac"""
    script(home / "bin/java", text)
    return home


@pytest.fixture
def bare(tmp_path, monkeypatch) -> Path:
    """Java도 Maven도 없는 컴퓨터. PATH는 돌려준 폴더뿐입니다."""
    tools = tmp_path / "도구 모음"
    tools.mkdir()
    for name in ("sh", "cat", "printf", "mkdir", "cp", "dirname"):
        (tools / name).symlink_to(
            Path("/bin", name) if Path("/bin", name).exists() else f"/usr/bin/{name}"
        )
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "INSTALLED", ())
    return tools


def test_no_java_at_all(bare):
    with pytest.raises(MissingCapability, match=r"Java가 없습니다.*17 이상.*system\.sh"):
        java.find_java()


def test_an_old_java_is_named(bare, tmp_path, monkeypatch):
    home = fake_java(tmp_path / "old", "1.8")
    (bare / "java").symlink_to(home / "bin/java")
    with pytest.raises(MissingCapability, match=r"너무 낡았습니다: .*java\(Java 8\).*JAVA_HOME"):
        java.find_java()
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "새 자바", "21")))
    assert java.find_java() == tmp_path / "새 자바"


def test_a_java_that_does_not_run_is_passed_over(bare, tmp_path, monkeypatch):
    """macOS의 빈 java처럼 있으나 실행되지 않는 것."""
    script(bare / "java", "echo 'Unable to locate a Java Runtime.' >&2; exit 1")
    found = fake_java(tmp_path / "lib/jvm-17")
    monkeypatch.setattr(java, "INSTALLED", (str(tmp_path / "lib"),))
    assert java.find_java() == found


def test_a_java_without_a_compiler(bare, tmp_path):
    with pytest.raises(MissingCapability, match=r"javac.*JDK"):
        java.find_javac(fake_java(tmp_path / "jre"))


def test_the_sentence_is_one_line_on_the_error_output(bare, tmp_path, capsys):
    assert main(["--data", str(tmp_path / "data")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert "Java가 없습니다" in line


# ── jar ────────────────────────────────────────────────────────────


@pytest.fixture
def repository(bare, tmp_path, monkeypatch) -> Path:
    """jar 둘을 고정한 저장소와, 부를 때마다 그 둘을 가져다 놓는 가짜 Maven."""
    content = {"a/1/a-1.jar": b"A", "b/2/b-2.jar": b"B"}
    pins = {path: hashlib.sha256(data).hexdigest() for path, data in content.items()}
    monkeypatch.setattr(jars, "pinned", lambda: pins)
    monkeypatch.setattr(jars, "compiled", lambda *_: "plugin")
    for path, data in content.items():
        (tmp_path / "central" / path).parent.mkdir(parents=True)
        (tmp_path / "central" / path).write_bytes(data)
    script(bare / "mvn", maven(tmp_path))
    return tmp_path / "캐시 #1/maven"


def maven(tmp_path: Path, then: str = "") -> str:
    """받을 곳에 있는 것 가운데 없는 것만 놓습니다. 부른 횟수는 ``calls``에 남깁니다."""
    return f"""echo called >> "{tmp_path}/calls"
for word in "$@"; do case "$word" in -Dmaven.repo.local=*) to="${{word#*=}}";; esac; done
for jar in a/1/a-1.jar b/2/b-2.jar; do
  if [ ! -e "$to/$jar" ]; then
    mkdir -p "$to/$(dirname "$jar")"; cp "{tmp_path}/central/$jar" "$to/$jar"
    {then}
  fi
done"""


def calls(tmp_path: Path) -> int:
    path = tmp_path / "calls"
    return len(path.read_text().splitlines()) if path.exists() else 0


def gathered(repository: Path) -> str:
    return jars.classpath(repository.parent, Path("/java"))


def test_jars_are_fetched_once_and_then_maven_is_not_asked(repository, bare, tmp_path):
    expected = [str(repository / path) for path in jars.pinned()]
    assert gathered(repository).split(os.pathsep) == [*expected, "plugin"]
    (bare / "mvn").unlink()
    assert gathered(repository).split(os.pathsep) == [*expected, "plugin"]
    assert calls(tmp_path) == 1


def test_a_damaged_jar_is_fetched_again(repository, tmp_path):
    gathered(repository)
    (repository / "a/1/a-1.jar").write_bytes(b"?")
    gathered(repository)
    assert (repository / "a/1/a-1.jar").read_bytes() == b"A"
    assert calls(tmp_path) == 2


def test_an_interrupted_download_goes_on(repository, bare, tmp_path):
    script(bare / "mvn", maven(tmp_path, then="exit 130"))
    with pytest.raises(BackendUnavailable, match="이어서 받습니다"):
        gathered(repository)
    assert (repository / "a/1/a-1.jar").exists()
    script(bare / "mvn", maven(tmp_path, then='[ "$jar" = b/2/b-2.jar ] || exit 1'))  # 나머지만
    gathered(repository)


def test_two_who_ask_at_once_fetch_once(repository, tmp_path):
    got = []
    both = [threading.Thread(target=lambda: got.append(gathered(repository))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(set(got)) == 1
    assert calls(tmp_path) == 1


def test_a_mirror_that_gives_something_else_is_told(repository, tmp_path):
    (tmp_path / "central/b/2/b-2.jar").write_bytes(b"other")
    with pytest.raises(BackendUnavailable, match=r"1개가 고정한 것과 다릅니다\(b-2\.jar\)"):
        gathered(repository)


def test_no_maven_and_nothing_fetched(repository, bare):
    (bare / "mvn").unlink()
    with pytest.raises(MissingCapability, match=r"Maven\(mvn\)이 없습니다.*system\.sh"):
        gathered(repository)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (
            "[ERROR] Could not transfer artifact: Unknown host repo.maven.apache.org",
            "닿지 않습니다",
        ),
        ("[ERROR] Connect to repo.maven.apache.org:443 failed: Connection timed out", "닿지 않"),
        ("[ERROR] PKIX path building failed", "인증서를 Java가 믿지"),
        ("[ERROR] status code: 407, reason phrase: Proxy Authentication Required", "거절합니다"),
        ("[ERROR] a.jar.part (No space left on device)", "디스크가 가득"),
        ("The JAVA_HOME environment variable is not defined correctly", "Maven이 Java를"),
        ("[ERROR] what nobody knows (https://me:s3cr3t@mirror/maven2)", "what nobody knows"),
        ("", "아무 말 없이"),
    ],
)
def test_why_maven_could_not_fetch(repository, bare, told, why):
    script(bare / "mvn", f"cat <<'EOF'\n{told}\nEOF\nexit 1")
    with pytest.raises(BackendUnavailable, match=why) as caught:
        gathered(repository)
    assert "이어서 받습니다" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_the_pinned_jars_are_those_of_the_pom():
    pom = (ROOT / "publish/opensearch/pom.xml").read_text("utf-8")
    for name, version in re.findall(r"<artifactId>([\w-]+)</artifactId>\s*<version>([\d.]+)<", pom):
        found = [
            path for path in jars.pinned() if path.endswith(f"/{version}/{name}-{version}.jar")
        ]
        assert len(found) == (name not in ("opensearch", "maven-dependency-plugin")), name
    assert len(jars.pinned()) > 90


def test_a_plugin_that_does_not_compile_leaves_nothing(bare, tmp_path):
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
    monkeypatch.setattr(server, "_answers", lambda port: port < 9203)
    assert server._ports(None) == "9203-9299"


@pytest.mark.parametrize("given", ["0", "65536", "９２００", "port", "-1"])
def test_an_impossible_port(given):
    with pytest.raises(SystemExit) as stopped:
        main([f"--port={given}"])
    assert "1부터 65535까지의 정수" in str(stopped.value)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "데 이터").write_text("폴더가 아닙니다")
    assert "쓸 수 없는 폴더입니다" in refused(tmp_path, "띄워 보지도 않습니다")


def test_a_read_only_folder(tmp_path, monkeypatch):
    def read_only(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(StorageFailure, match=r"쓸 수 없는 폴더입니다\(Read-only"):
        folder.opened(tmp_path / "data", "running")


def test_a_full_disk(tmp_path, monkeypatch):
    left = folder.shutil.disk_usage(tmp_path)._replace(free=30 << 20)
    monkeypatch.setattr(folder.shutil, "disk_usage", lambda _: left)
    assert "디스크에 30 MB만 남았습니다" in refused(tmp_path, "띄워 보지도 않습니다")


def test_too_little_memory(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   204800 kB\n")
    with pytest.raises(BackendUnavailable, match=r"메모리가 200 MB만.*400 MB"):
        server.check_memory(tmp_path / "meminfo")
    server.check_memory(tmp_path / "없는 파일")


def test_the_longest_cause_is_cut():
    assert len(failure.last_words("Exception: " + "x" * 9999)) <= 300
