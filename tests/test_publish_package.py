"""학생이 설치할 휠: 휠 하나와 그 의존성만 있으면 나눠 준 과제가 저장소 밖에서도 풀립니다."""

import csv
import hashlib
import io
import os
import subprocess
import sys
import tomllib
import zipfile
from base64 import urlsafe_b64encode
from pathlib import Path

import nbformat
import pytest

import package
from classroom.assignment import Assignment, names
from classroom.handout import wheel_name, with_setup

ROOT = Path(__file__).parents[1]
ASSIGNMENTS = ROOT / "assignments"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return package.make(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def contents(wheel) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """pip이 휠을 설치한 폴더. 의존성은 이 환경의 것을 씁니다."""
    folder = tmp_path_factory.mktemp("site-packages")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-compile", "--target", folder, wheel], check=True)
    return folder


def test_it_carries_the_package_whole_and_nothing_of_the_grader(contents):
    sources = [path for path in (ROOT / "src/ddialab").rglob("*") if path.is_file()]
    wanted = {p.relative_to(ROOT / "src").as_posix() for p in sources if p.suffix != ".pyc"}
    assert {name for name in contents if ".dist-info/" not in name} == wanted
    for kind in ("recorded/02-cpu.json", "show/fonts/OFL.txt", "show/assets/scene/scene.js"):
        assert f"ddialab/{kind}" in contents
    assert any(name.endswith("licenses/LICENSE") for name in contents)


def test_the_record_accounts_for_every_file(contents):
    (record,) = [name for name in contents if name.endswith("RECORD")]
    rows = {name: rest for name, *rest in csv.reader(io.StringIO(contents[record].decode()))}
    assert rows.pop(record) == ["", ""]
    assert rows == {
        name: [_digest(data), str(len(data))] for name, data in contents.items() if name != record
    }


def _digest(data: bytes) -> str:
    return "sha256=" + urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def test_pip_is_told_what_the_project_needs(contents):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (about,) = [data.decode() for name, data in contents.items() if name.endswith("METADATA")]
    needed = [line.split(": ")[1] for line in about.splitlines() if "Requires-Dist" in line]
    assert [one.replace(" ", "") for one in needed] == [
        one.replace(" ", "") for one in project["dependencies"]
    ]
    assert f"Requires-Python: {project['requires-python']}" in about
    assert wheel_name() == f"ddialab-{project['version']}-py3-none-any.whl"


def test_the_same_code_gives_the_same_bytes(wheel, tmp_path):
    assert package.make(tmp_path).read_bytes() == wheel.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == [wheel_name()]


def solved(name: str) -> str:
    """나눠 준 과제에 모범 답안을 채운 노트북의 코드. 보이는 테스트도 함께 돕니다."""
    assignment = Assignment.load(ASSIGNMENTS, name)
    handed = with_setup(assignment.answered(assignment.answers))
    return "\n".join(cell.source for cell in handed.cells if cell.cell_type == "code")


@pytest.mark.parametrize("name", names(ASSIGNMENTS))
def test_an_assignment_runs_from_the_wheel_alone(installed, tmp_path, name):
    path = tmp_path / f"{name}.py"
    where = f"assert ddialab.__file__.startswith({str(installed)!r}), ddialab.__file__"
    path.write_text(f"{solved(name)}\nimport sys\n{where}\nassert 'classroom' not in sys.modules")
    settings = os.environ | {"PYTHONPATH": str(installed), "PYTHONUTF8": "1"}
    run = subprocess.run([sys.executable, path], cwd=tmp_path, env=settings, capture_output=True)
    assert run.returncode == 0, run.stderr.decode()


def test_a_handout_keeps_the_cells_of_the_release(tmp_path):
    """준비 셀을 빼면 채점할 때 사용하는 배포본과 같고, 원본은 바뀌지 않습니다."""
    release = Assignment.load(ASSIGNMENTS, "a1-cache").release
    before = nbformat.writes(release)
    assert with_setup(release).cells[1:] == release.cells
    assert nbformat.writes(release) == before
