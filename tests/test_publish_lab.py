"""실습을 여는 명령: 관리자, 컨테이너, 찬 포트, 권한을 지키지 않는 파일 시스템에서도 열립니다."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from jupyter_client import KernelManager
from jupyter_core.paths import jupyter_runtime_dir, secure_write

import lab
import runtime
import serve

ROOT = Path(lab.__file__).resolve().parents[1]


@pytest.fixture
def at_home(monkeypatch):
    """보통 사용자가 제 컴퓨터에서: 알릴 것이 없습니다."""
    monkeypatch.setattr(lab, "is_root", lambda: False)
    monkeypatch.setattr(lab, "in_container", lambda: False)
    monkeypatch.setattr(lab, "has_browser", lambda: True)


@pytest.fixture
def started(monkeypatch) -> list:
    """서버를 띄우는 대신 받은 인자들."""
    calls = []
    monkeypatch.setattr(lab, "start", lambda *given: calls.append(given))
    return calls


def test_nothing_is_said_where_all_is_usual(at_home):
    assert lab.surroundings([]) == ([], [])


@pytest.mark.parametrize(
    ("name", "value", "option", "said"),
    [
        ("is_root", True, ["--allow-root"], "관리자(root)"),
        ("in_container", True, [], "--ip=0.0.0.0"),
        ("has_browser", False, ["--no-browser"], "token"),
    ],
)
def test_a_surrounding_is_met_and_told(at_home, monkeypatch, name, value, option, said):
    monkeypatch.setattr(lab, name, lambda: value)
    options, (notice,) = lab.surroundings([])
    assert options == option
    assert said in notice


def test_a_container_that_opens_its_address_is_not_told(at_home, monkeypatch):
    monkeypatch.setattr(lab, "in_container", lambda: True)
    assert lab.surroundings(["--ip=0.0.0.0"]) == ([], [])


def test_a_taken_port_is_named_and_the_next_is_used(at_home, started, capsys):
    with socket.create_server((serve.HOST, 0)) as busy:
        taken = busy.getsockname()[1]
        lab.main(["--port", str(taken), "--log-level=WARN"])
    (options, formgrader) = started[0]
    port = int(options[0].removeprefix("--port="))
    assert taken < port < taken + serve.TRIES
    assert options[-1] == "--log-level=WARN"
    assert not formgrader
    said = capsys.readouterr().out
    assert f"{taken}번 포트는 다른 프로그램이 사용 중입니다" in said
    assert f"{port}번 포트에 띄웁니다" in said


@pytest.mark.parametrize("port", ["0", "팔천", "70000"])
def test_an_impossible_port_is_refused(started, port):
    with pytest.raises(SystemExit, match=port):
        lab.main(["--port", port])
    assert started == []


@pytest.mark.parametrize(("given", "passed"), [([], None), (["PORT=9000"], "9000")])
@pytest.mark.parametrize("target", ["lab", "formgrader"])
def test_make_passes_the_port_that_was_given(tmp_path, target, given, passed):
    for name in ("Makefile", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/.ready").touch()
    command = ["make", "-n", target, *given]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if "publish/lab.py" in line]
    assert ("--port" in line) == bool(passed)
    assert not passed or f'--port "{passed}"' in line


# ── 메뉴 ──────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def seen() -> dict:
    """JupyterLab이 우리 설정으로 독자에게 보일 것."""
    code = (
        "import json; from jupyterlab_server.settings_utils import _get_overrides;"
        "from jupyterlab_server.config import get_page_config;"
        "from jupyter_server.serverapp import ServerApp; from jupyter_core.paths import *;"
        "app = ServerApp(); app.load_config_file(suppress_errors=False);"
        "print(json.dumps([_get_overrides('')[0], get_page_config(jupyter_path('labextensions')),"
        " app.config.ServerApp.jpserver_extensions]))"
    )
    env = {**os.environ, "JUPYTER_CONFIG_PATH": str(lab.SETTINGS)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    return dict(zip(("settings", "page", "server"), json.loads(told.stdout), strict=True))


def test_the_menu_is_korean_and_the_language_is_installed(seen):
    from jupyterlab_server.translation_utils import get_language_packs

    locale = seen["settings"]["@jupyterlab/translation-extension:plugin"]["locale"]
    assert locale == "ko_KR"
    assert locale in get_language_packs()[0]


def test_no_news_and_no_call_outside(seen):
    news = seen["settings"]["@jupyterlab/apputils-extension:notification"]
    assert news == {"fetchNews": "false", "checkForUpdates": False}


def test_the_menu_of_instructors_is_hidden(seen):
    assert "@jupyter/nbgrader" in str(seen["page"]["disabledExtensions"])
    installed = Path(sys.prefix, "share/jupyter/labextensions/@jupyter/nbgrader")
    assert installed.is_dir(), "감추는 것의 이름이 바뀌었습니다"
    working = {name for name, on in seen["server"].items() if on}
    assert not any("nbgrader" in name or "lsp" in name for name in working)


def test_every_hidden_setting_exists():
    schemas = Path(sys.prefix, "share/jupyter/lab/schemas")
    overrides = json.loads((lab.SETTINGS / "labconfig/default_setting_overrides.json").read_text())
    for name, values in overrides.items():
        extension, plugin = name.split(":")
        schema = json.loads((schemas / extension / f"{plugin}.json").read_text("utf-8"))
        assert set(values) <= set(schema["properties"]), name


# ── 커널의 열쇠 ────────────────────────────────────────────────────


@pytest.fixture
def modeless(tmp_path, monkeypatch):
    """WSL의 /mnt/c처럼: 이 폴더 아래에서는 어떤 파일이든 모두가 읽을 수 있습니다."""
    folder = tmp_path / "mnt/c"
    real = os.fstat

    def fstat(number):
        found = real(number)
        path = os.readlink(f"/proc/self/fd/{number}")
        loose = Path(path).is_relative_to(folder)
        return os.stat_result((found.st_mode | 0o777, *found[1:])) if loose else found

    monkeypatch.setattr(runtime.os, "fstat", fstat)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(folder / "runtime"))
    return folder


linux = pytest.mark.skipif(sys.platform != "linux", reason="파일의 번호로 경로를 찾습니다")


def test_a_usual_runtime_stays_where_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    with runtime.private_runtime() as folder:
        assert folder == tmp_path / "runtime"
    assert list(folder.iterdir()) == []


@linux
def test_where_modes_are_lost_the_key_goes_elsewhere_and_is_removed(modeless, capsys):
    with runtime.private_runtime() as folder:
        assert not folder.is_relative_to(modeless)
        assert jupyter_runtime_dir() == str(folder)
        manager = KernelManager(connection_file=str(folder / "kernel.json"))
        manager.write_connection_file()
        with secure_write(str(folder / "secret")):
            pass
    assert not folder.exists()
    assert jupyter_runtime_dir() == str(modeless / "runtime")
    assert str(folder) in capsys.readouterr().out


@linux
def test_nowhere_to_go_is_told(modeless, monkeypatch):
    monkeypatch.setattr(runtime, "places", lambda: [modeless])
    with pytest.raises(SystemExit) as told, runtime.private_runtime():
        pass
    assert "파일 시스템" in told.value.code
    assert str(modeless) in told.value.code
