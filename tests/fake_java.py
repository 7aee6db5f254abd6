"""가짜 Java와 Maven: 고장을 하나씩 내 봅니다."""

from __future__ import annotations

from pathlib import Path

import pytest

from ddialab.core import java


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


def calls(tmp_path: Path) -> int:
    """가짜가 ``calls``에 남긴 줄의 수."""
    path = tmp_path / "calls"
    return len(path.read_text().splitlines()) if path.exists() else 0
