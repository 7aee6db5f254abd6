"""Java로 도는 서버들이 함께 쓰는 것: Java 찾기, jar 받기, 폴더와 메모리."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path

import pytest

from ddialab.core import java
from ddialab.core.errors import BackendUnavailable, MissingCapability, StorageFailure
from fake_java import bare, calls, fake_java, script  # noqa: F401 - bare는 픽스처입니다
from jvm import folder, jars
from jvm.jars import Jars
from jvm.java import find_javac
from jvm.memory import check_memory


def test_no_java_at_all(bare):  # noqa: F811
    with pytest.raises(MissingCapability, match=r"Java가 없습니다.*17 이상.*system\.sh"):
        java.find_java()


def test_an_old_java_is_named(bare, tmp_path, monkeypatch):  # noqa: F811
    home = fake_java(tmp_path / "old", "1.8")
    (bare / "java").symlink_to(home / "bin/java")
    with pytest.raises(MissingCapability, match=r"너무 낡았습니다: .*java\(Java 8\).*JAVA_HOME"):
        java.find_java()
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "새 자바", "21")))
    assert java.find_java() == tmp_path / "새 자바"


def test_a_java_that_does_not_run_is_passed_over(bare, tmp_path, monkeypatch):  # noqa: F811
    """macOS의 빈 java처럼 있으나 실행되지 않는 것."""
    script(bare / "java", "echo 'Unable to locate a Java Runtime.' >&2; exit 1")
    found = fake_java(tmp_path / "lib/jvm-17")
    monkeypatch.setattr(java, "INSTALLED", (str(tmp_path / "lib"),))
    assert java.find_java() == found


def test_a_java_without_a_compiler(bare, tmp_path):  # noqa: F811
    with pytest.raises(MissingCapability, match=r"javac.*JDK"):
        find_javac(fake_java(tmp_path / "jre"))


# ── jar ────────────────────────────────────────────────────────────


@pytest.fixture
def repository(bare, tmp_path) -> Path:  # noqa: F811
    """jar 둘을 고정한 저장소와, 부를 때마다 그 둘을 가져다 놓는 가짜 Maven."""
    content = {"a/1/a-1.jar": b"A", "b/2/b-2.jar": b"B"}
    pins = {path: hashlib.sha256(data).hexdigest() for path, data in content.items()}
    lines = [f"{digest}  {path}" for path, digest in pins.items()]
    (tmp_path / "제품").mkdir()
    (tmp_path / "제품/jars.sha256").write_text("\n".join(lines))
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


def product(repository: Path) -> Jars:
    return Jars("제품", repository.parents[1] / "제품", size=1)


def gathered(repository: Path) -> list[Path]:
    with jars.gathered(product(repository), repository.parent) as paths:
        return paths


def test_jars_are_fetched_once_and_then_maven_is_not_asked(repository, bare, tmp_path):  # noqa: F811
    expected = [repository / "a/1/a-1.jar", repository / "b/2/b-2.jar"]
    assert gathered(repository) == expected
    (bare / "mvn").unlink()
    assert gathered(repository) == expected
    assert calls(tmp_path) == 1


def test_a_damaged_jar_is_fetched_again(repository, tmp_path):
    gathered(repository)
    (repository / "a/1/a-1.jar").write_bytes(b"?")
    gathered(repository)
    assert (repository / "a/1/a-1.jar").read_bytes() == b"A"
    assert calls(tmp_path) == 2


def test_an_interrupted_download_goes_on(repository, bare, tmp_path):  # noqa: F811
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
    assert got[0] == got[1]
    assert calls(tmp_path) == 1


def test_a_mirror_that_gives_something_else_is_told(repository, tmp_path):
    (tmp_path / "central/b/2/b-2.jar").write_bytes(b"other")
    with pytest.raises(BackendUnavailable, match=r"1개가 고정한 것과 다릅니다\(b-2\.jar\)"):
        gathered(repository)


def test_no_maven_and_nothing_fetched(repository, bare):  # noqa: F811
    (bare / "mvn").unlink()
    with pytest.raises(MissingCapability, match=r"제품의 jar를 받을 Maven.*system\.sh"):
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
def test_why_maven_could_not_fetch(repository, bare, told, why):  # noqa: F811
    script(bare / "mvn", f"cat <<'EOF'\n{told}\nEOF\nexit 1")
    with pytest.raises(BackendUnavailable, match=why) as caught:
        gathered(repository)
    assert "이어서 받습니다" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


# ── 폴더와 메모리 ──────────────────────────────────────────────────


def test_a_read_only_folder(tmp_path, monkeypatch):
    def read_only(*_, **__):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(Path, "mkdir", read_only)
    with pytest.raises(StorageFailure, match=r"쓸 수 없는 폴더입니다\(Read-only"):
        folder.opened(tmp_path / "data", "running")


def test_too_little_memory(tmp_path):
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   204800 kB\n")
    with pytest.raises(BackendUnavailable, match=r"메모리가 200 MB만.*400 MB"):
        check_memory(400 << 20, tmp_path / "meminfo")
    check_memory(400 << 20, tmp_path / "없는 파일")


def test_the_longest_cause_is_cut():
    assert len(java.last_words("Exception: " + "x" * 9999)) <= 300
