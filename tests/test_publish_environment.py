"""가상 환경: 폴더를 옮기거나 복사하거나, Python이 바뀌거나, 설치가 끊겨도 맞는 코드가 돕니다."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

import environment

ROOT = Path(__file__).resolve().parents[1]
ODD = "책 #1 100% it's $HOME"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows의 명령은 README에 있습니다")


def say_where(python: str | Path) -> str:
    """이 Python이 들여오는 `ddialab`이 하는 말."""
    told = subprocess.run([python, "-c", "import ddialab"], capture_output=True, text=True)
    return told.stdout.strip()


@pytest.fixture
def book(tmp_path, monkeypatch) -> Path:
    """패키지 하나와, 그것을 고쳐 쓰게 설치한 가상 환경이 있는 폴더. pip은 없어 빠릅니다."""
    monkeypatch.delenv("PYTHONPATH", raising=False)
    root = tmp_path / "책"
    package = root / "src/ddialab"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("print(__file__)")
    (root / "requirements.txt").touch()
    venv.create(root / ".venv", symlinks=True)
    (site,) = (root / ".venv").glob("lib/python*/site-packages")
    (site / "_editable_impl_ddialab.pth").write_text(str(root / "src"))
    command = root / ".venv/bin/hello"
    command.write_text(f"#!{root}/.venv/bin/python\nimport ddialab\n")
    command.chmod(0o755)
    (root / ".venv/.ready").touch()
    return root


def serves(root: Path) -> bool:
    """Python도 명령도 activate도 이 폴더의 코드를 사용하는가."""
    ours = str(root / "src/ddialab/__init__.py")
    bin = root / ".venv/bin"
    activated = subprocess.run(
        ["bash", "-c", '. "$1/activate" && python -c "import ddialab"', "-", bin],
        capture_output=True, text=True,
    )  # fmt: skip
    told = subprocess.run([bin / "hello"], capture_output=True, text=True)
    return {say_where(bin / "python"), told.stdout.strip(), activated.stdout.strip()} == {ours}


def test_a_good_environment_is_left_alone(book, capsys):
    before = sorted((path, path.lstat().st_mtime_ns) for path in book.rglob("*"))
    assert environment.check(book) is None
    assert sorted((path, path.lstat().st_mtime_ns) for path in book.rglob("*")) == before
    assert capsys.readouterr().out == ""
    assert serves(book)


@pytest.mark.parametrize("move", [shutil.move, lambda a, b: shutil.copytree(a, b, symlinks=True)])
def test_a_moved_or_copied_folder_uses_its_own_code(book, move, capsys):
    there = book.with_name(ODD)
    move(book, there)
    assert not environment.ready(there)
    assert environment.check(there) is None
    assert serves(there)
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert not book.exists() or serves(book), "원래 폴더는 그대로여야 합니다"


def test_an_interrupted_repair_is_repaired_again(book, monkeypatch):
    there = Path(shutil.move(book, book.with_name("옮긴 책")))

    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "activate_at", cut)
        with pytest.raises(KeyboardInterrupt):
            environment.check(there)
    assert environment.check(there) is None
    assert serves(there)


@pytest.fixture
def pip(monkeypatch):
    """pip이 하는 일의 대역: 부른 명령을 모으고, `ddialab`의 자리를 적습니다."""
    real, called = subprocess.run, []

    def run(argv, **options):
        words = [str(word) for word in argv]
        if "pip" not in words:
            extra = ["--without-pip"] if words[1:3] == ["-m", "venv"] else []
            return real([*words, *extra], **options)
        called.append(words)
        (site,) = Path(options["cwd"]).glob(".venv/lib/python*/site-packages")
        (site / "_editable_impl_ddialab.pth").write_text(f"{options['cwd']}/src")
        return subprocess.CompletedProcess(argv, 0)

    monkeypatch.setattr(subprocess, "run", run)
    return called


def vanish(root: Path) -> None:
    """운영체제를 올리면 가상 환경이 가리키던 Python이 사라집니다."""
    for python in root.glob(".venv/bin/python*"):
        python.unlink()
        python.symlink_to("/nowhere/python3")


def other_version(root: Path) -> None:
    (lib,) = root.glob(".venv/lib/python*")
    lib.rename(lib.with_name("python3.1"))


@pytest.mark.parametrize("spoil", [vanish, other_version])
def test_an_environment_whose_python_changed_is_made_again(book, spoil, pip, capsys):
    spoil(book)
    assert environment.check(book) is None
    assert say_where(book / ".venv/bin/python") == str(book / "src/ddialab/__init__.py")
    assert len(pip) == 1
    assert "새로 만듭니다" in capsys.readouterr().out


def test_an_interrupted_install_starts_from_nothing(book, pip):
    half = book / ".venv/half-installed"
    half.touch()
    assert environment.install(book) is None
    assert half.exists(), "다 된 것 위에는 바뀐 것만 더합니다"
    (book / ".venv/.ready").unlink()  # 설치는 표시를 지우고 시작합니다
    assert environment.install(book) is None
    assert not half.exists()
    assert (book / ".venv/.ready").exists()


def test_the_mark_goes_before_the_install_begins(book, monkeypatch):
    monkeypatch.setattr(environment, "make_venv", lambda *_, **__: "끊김")
    assert environment.install(book) == "끊김"
    assert not (book / ".venv/.ready").exists()


def test_somebody_elses_environment_is_never_touched(book, tmp_path):
    other = tmp_path / "남의 책"
    shutil.copytree(book / "src", other / "src")
    (other / ".venv").symlink_to(book / ".venv")
    before = sorted((path, path.lstat().st_mtime_ns) for path in book.rglob("*"))
    for step in (environment.check, environment.install):
        assert "rm .venv" in step(other)
    assert sorted((path, path.lstat().st_mtime_ns) for path in book.rglob("*")) == before


# ── 만들지 못하는 까닭 ─────────────────────────────────────────────


def test_a_file_system_without_links_still_gets_an_environment(tmp_path, monkeypatch):
    """exFAT처럼: venv는 lib64만은 언제나 심볼릭 링크로 만들려다 실패합니다."""

    def refuse(*_, **__):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "symlink", refuse)
    assert not environment.can_link(tmp_path / ".venv")
    real = subprocess.run

    def run(argv, **options):
        return real([argv[0], "-c", NO_LINKS, argv[-1]], **options)

    monkeypatch.setattr(subprocess, "run", run)
    assert environment.make_venv(tmp_path / ".venv", clear=True) is None
    assert (tmp_path / ".venv/bin/python").is_file()


NO_LINKS = """\
import os, sys, venv
def refuse(*_, **__):
    raise PermissionError(1, "Operation not permitted")
os.symlink = refuse
venv.EnvBuilder().create(sys.argv[1])
"""


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda m: m.setattr(environment, "find_spec", lambda _: None), "-venv"),
        (lambda m: m.setattr(environment, "ENOUGH", 1 << 60), "MB만 남았습니다"),
        (lambda m: m.setattr(os, "access", lambda *_: False), "쓸 수 없는 폴더"),
        (lambda m: m.setattr(environment, "can_link", lambda _: False), "exFAT"),
        (lambda m: None, "아래의 오류"),
    ],
)
def test_why_no_environment_says_the_cause_and_only_that(tmp_path, monkeypatch, spoil, said):
    monkeypatch.setattr(environment, "ENOUGH", 1)
    spoil(monkeypatch)
    reasons = ["-venv", "MB만 남았습니다", "쓸 수 없는 폴더", "exFAT", "아래의 오류"]
    why = environment.why_no_venv(tmp_path / ".venv")
    assert [reason for reason in reasons if reason in why] == [said]


def test_a_failed_install_names_the_space_only_when_it_is_short(book, monkeypatch):
    monkeypatch.setattr(environment, "make_venv", lambda *_, **__: None)
    monkeypatch.setattr(
        environment.subprocess, "run", lambda *_, **__: subprocess.CompletedProcess((), 1, "", "")
    )
    monkeypatch.setattr(environment, "ENOUGH", 1)
    assert "make doctor" in environment.install(book)
    monkeypatch.setattr(environment, "ENOUGH", 1 << 60)
    assert "공간을 비우세요" in environment.install(book)


# ── make ──────────────────────────────────────────────────────────


def recipe_environment(**given: str) -> dict[str, str]:
    """make가 일하는 명령에 주는 환경 변수."""
    done = subprocess.run(
        ["make", "-s", "--eval", "show: ; @env -0", "show"], cwd=ROOT, text=True, check=True,
        capture_output=True, env={"PATH": os.environ["PATH"], **given},
    )  # fmt: skip
    return dict(line.split("=", 1) for line in done.stdout.split("\0") if line)


@pytest.mark.parametrize("place", [".config/pip/pip.conf", ".pip/pip.conf", "정한 곳/pip/pip.conf"])
def test_the_pip_settings_of_a_campus_are_read(tmp_path, place):
    settings = tmp_path / place
    settings.parent.mkdir(parents=True)
    settings.write_text("[global]\nindex-url = https://mirror.example/simple\n")
    given = {"HOME": str(tmp_path)}
    if not place.startswith("."):
        given["XDG_CONFIG_HOME"] = str(settings.parents[1])
    environ = recipe_environment(**given)
    told = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], env=environ, capture_output=True, text=True
    )
    assert "https://mirror.example/simple" in told.stdout


def test_every_command_checks_the_environment_first():
    """폴더를 옮긴 뒤 어느 명령을 먼저 쳐도 맞는 코드가 돕니다."""
    text = (ROOT / "Makefile").read_text("utf-8")
    rules = dict(rule.split(":", 1) for rule in text.split("\n\n") if ":" in rule)
    using = {name for name, rule in rules.items() if "$(BIN)/" in rule}
    using -= {"ready", "doctor"}  # 설치 전에도, 고장 나도 되는 것
    assert using >= {"html", "lab", "test", "grade"}
    for name in using:
        needs = rules[name].splitlines()[0].split("##")[0].split()
        assert {"ready", "html", "lite"} & set(needs), name


def test_a_folder_that_cannot_be_written_says_the_cause(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / ".cache").write_text("폴더가 아닙니다")
    done = subprocess.run(
        ["make", "-s", "tmp"], cwd=tmp_path, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode
    assert done.stderr.splitlines()[1] in ("Not a directory", "File exists")
    assert "공간을 비우거나" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("installed", [False, True])
def test_getting_ready_leaves_the_answer_alone(tmp_path, installed):
    """`make opensearch`의 표준 출력은 붙여 넣을 한 줄뿐입니다. pip도 표준 출력에 적습니다."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements.txt", "pyproject.toml", "publish/environment.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    talking = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(\"pip\")'])"
    (tmp_path / "publish/environment.py").write_text(talking)
    if installed:
        (tmp_path / ".venv").mkdir()
        (tmp_path / ".venv/.ready").touch()
    done = subprocess.run(
        ["make", "-s", "ready", f"PYTHON={sys.executable}"], cwd=tmp_path, capture_output=True,
        text=True, check=True, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.stdout == ""
    assert done.stderr.count("pip") == (1 if installed else 2)
