"""여러 컴퓨터로 가는 길: Dockerfile, Binder, JupyterHub 설정이 저장소와 어긋나지 않는지 봅니다.

도커 없이 볼 수 있는 것만 봅니다: 베끼는 파일, 설치하는 이름, 답이 새지 않는지, 서로 맞는 값.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from fnmatch import fnmatch
from pathlib import Path

import pytest
from traitlets.config.loader import Config, PyFileConfigLoader

import lab

ROOT = Path(__file__).resolve().parents[1]
HUB = ROOT / "assignments/hub"
SECRETS = ("assignments/source/", "assignments/wrong/", "tests/")


def steps(text: str) -> list[tuple[str, str]]:
    """Dockerfile의 명령들: (이름, 나머지). 주석을 지우고 이은 줄을 붙입니다."""
    lines = re.sub(r"^\s*#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(maxsplit=1)) for line in lines.splitlines() if line.strip()]


def copied(text: str) -> list[str]:
    """COPY가 가져가는 것들."""
    words = [rest.split() for name, rest in steps(text) if name == "COPY"]
    return [one for row in words for one in row[:-1] if not one.startswith("--")]


def ignored(path: str, rules: list[str]) -> bool:
    """.dockerignore의 규칙 하나라도 ``path``나 그것이 든 폴더에 맞는가."""
    parts = path.rstrip("/").split("/")
    places = ["/".join(parts[: n + 1]) for n in range(len(parts))]
    return any(
        fnmatch(place, rule) or (rule.startswith("**/") and fnmatch(place.split("/")[-1], rule[3:]))
        for place in places
        for rule in rules
    )


def problems(text: str, rules: list[str]) -> list[str]:
    """이미지를 빌드하지 못하거나 답이 새는 까닭들."""
    found = []
    for source in copied(text):
        if not (ROOT / source).exists():
            found.append(f"없는 파일: {source}")
        elif source != "." and ignored(source, rules):
            found.append(f".dockerignore가 막은 파일: {source}")
        elif any(source.startswith(secret) for secret in SECRETS):
            found.append(f"답: {source}")
    if "." in copied(text):
        found += [f"답: {secret}" for secret in SECRETS if not ignored(secret, rules)]
    if [rest for name, rest in steps(text) if name == "USER"][-1:] in ([], ["root"]):
        found.append("관리자로 돕니다")
    return found


DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
RULES = [
    line
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


def load(name: str, monkeypatch, spawner: str = "") -> Config:
    monkeypatch.setenv("HUB_SPAWNER", spawner)
    return PyFileConfigLoader(name, path=str(HUB)).load_config()


# ── 이미지 ─────────────────────────────────────────────────────────


def test_the_image_can_be_built_and_holds_no_answers():
    assert problems(DOCKERFILE, RULES) == []


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("COPY nowhere.txt ./\nUSER a", []),
        ("COPY Makefile ./\nUSER a", ["Makefile"]),
        ("COPY src/ src/\nUSER a", ["src"]),
        ("COPY assignments/source/ ./\nUSER a", []),
        ("COPY --chown=a:a . .\nUSER a", ["tests", "assignments/source"]),
        ("COPY Makefile ./", []),
        ("USER a\nCOPY Makefile ./\nUSER root", []),
    ],
)
def test_a_bad_image_is_found(text, rules):
    assert len(problems(text, rules)) == 1


def test_the_image_installs_what_the_makefile_installs():
    commands = [rest for name, rest in steps(DOCKERFILE) if name == "RUN"]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    target = next(word for word in re.findall(r"make (\S+)", " ".join(commands)))
    rule = makefile.split(f"\n{target}:")[1].split("\n\n")[0]
    (program,) = re.findall(r"publish/\w+\.py", rule)
    assert program in copied(DOCKERFILE.split("RUN make")[0])
    assert "-r requirements.txt" not in " ".join(commands).replace("hub/requirements.txt", "")


def test_the_image_opens_the_labs_as_make_lab_does():
    (command,) = [json.loads(rest) for name, rest in steps(DOCKERFILE) if name == "CMD"]
    assert command[:2] == ["python", "publish/lab.py"]
    assert (ROOT / command[1]).is_file()


def test_system_packages_exist():
    if not shutil.which("apt-cache"):
        pytest.skip("apt-cache가 없는 시스템입니다")
    names = re.search(r"--no-install-recommends ([\w\d +.-]+?) *&&", runs()[0])[1].split()
    assert {"bubblewrap", "libseccomp2"} <= set(names)
    told = subprocess.run(
        ["apt-cache", "policy", *names], capture_output=True, text=True, check=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    ).stdout  # fmt: skip
    for name in names:
        assert re.search(rf"^{re.escape(name)}:\n.*\n  Candidate: (?!\(none\))", told, re.M), name


def runs() -> list[str]:
    return [" ".join(rest.split()) for name, rest in steps(DOCKERFILE) if name == "RUN"]


def test_the_python_of_the_image_can_run_the_package():
    image = next(rest for name, rest in steps(DOCKERFILE) if name == "FROM")
    runtime = (ROOT / "binder/runtime.txt").read_text("utf-8")
    wanted = re.search(r'requires-python = ">=(\d+)\.(\d+)"', (ROOT / "pyproject.toml").read_text())
    for said in (image, runtime):
        major, minor = map(int, re.search(r"python[:-](\d+)\.(\d+)", said).groups())
        assert (major, minor) >= tuple(map(int, wanted.groups()))


def test_binder_installs_the_locked_list():
    lines = (ROOT / "binder/requirements.txt").read_text("utf-8").splitlines()
    (line,) = [line for line in lines if not line.startswith("#")]
    assert (ROOT / "binder" / line.removeprefix("-r ")).resolve() == ROOT / "requirements.txt"


def test_binder_opens_the_labs_as_make_lab_does():
    told = subprocess.run(
        [ROOT / "binder/start", "printenv", "JUPYTER_CONFIG_PATH"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert Path(told.stdout.strip()) == lab.SETTINGS


# ── JupyterHub ─────────────────────────────────────────────────────


def test_everyone_meets_at_the_same_exchange(monkeypatch):
    nbgrader = load("nbgrader_config.py", monkeypatch)
    hub = load("jupyterhub_config.py", monkeypatch, "docker")
    place = nbgrader.Exchange.root
    assert hub.DockerSpawner.volumes == {place: place}
    instructor = PyFileConfigLoader("nbgrader_config.py", path=str(HUB.parent)).load_config()
    assert instructor.CourseDirectory.course_id == nbgrader.CourseDirectory.course_id
    assert "hub/nbgrader_config.py /etc/jupyter/nbgrader_config.py" in DOCKERFILE


def test_every_setting_of_nbgrader_exists(monkeypatch):
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors import ExecutePreprocessor
    from nbconvert.preprocessors.sanitize import SanitizeHTML
    from nbgrader.apps import NbGraderApp
    from nbgrader.exchange import default

    known = defaultdict(set)  # 같은 이름의 클래스(Exchange의 뼈대와 구현)는 설정을 나눠 씁니다
    others = [default.Exchange, ExecutePreprocessor, HTMLExporter, SanitizeHTML]
    for cls in [*NbGraderApp().classes, *others]:
        known[cls.__name__] |= set(cls.class_traits(config=True))
    for folder in (HUB, HUB.parent):
        config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
        assert config
        for name, section in config.items():
            assert set(section) <= known[name], name


def test_containers_run_as_the_student_and_not_as_one_shared_user(monkeypatch):
    # 모두가 같은 uid이면 교환 폴더의 남의 제출을 읽을 수 있습니다
    hub = load("jupyterhub_config.py", monkeypatch, "docker")
    assert hub.JupyterHub.spawner_class == "dockerspawner.SystemUserSpawner"
    assert "run_as_root" not in hub.SystemUserSpawner
    assert hub.Spawner.cmd == ["jupyterhub-singleuser"]
    assert hub.Spawner.mem_limit


def test_without_docker_the_hub_starts_processes(monkeypatch):
    hub = load("jupyterhub_config.py", monkeypatch)
    assert hub.JupyterHub.spawner_class.endswith("LocalProcessSpawner")
    assert "DockerSpawner" not in hub


def test_the_hub_is_not_open_to_the_world(monkeypatch):
    hub = load("jupyterhub_config.py", monkeypatch)
    assert hub.JupyterHub.bind_url.startswith("http://127.0.0.1:")
    assert "allow_all" not in hub.Authenticator
