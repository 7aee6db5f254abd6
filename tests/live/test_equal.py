"""장면은 어디서나 같습니다: CPython의 여러 버전과 MicroPython이 남긴 기록을 비트로 비교합니다."""

from __future__ import annotations

import importlib
import json
import math
import os
import random
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import micropython
from ddialab.core.engine import exponential
from ddialab.core.scene import Scene
from lite import npm
from live import models
from live.carry import SRC, carry
from suite.effort import trials

ROOT = SRC.parent
SEEDS = 40
PLAY = "ddialab.core.scene:Play.run"
# 시각은 가수와 지수, 두 정수로 적습니다: 십진수로 적으면 마지막 비트가 가려집니다
TELL = """
import json, math
def tell(play):
    while not play.run(play.scene.end, 2000):
        pass
    for time, *what in play.changes:
        mantissa, exponent = math.frexp(time)
        print(json.dumps([int(mantissa * 9007199254740992), exponent] + what))
    print(json.dumps([play.ms]))
"""


@cache
def others() -> list[str]:
    """이 컴퓨터에 있는 다른 버전의 CPython."""
    named = [shutil.which(f"python3.{minor}") for minor in range(11, 16)]
    installed = Path.home().glob(".pyenv/versions/3.1[1-9]*/bin/python")
    mine, found = sys.version_info[:2], {}
    for python in [*filter(None, named), *map(str, sorted(installed))]:
        ask = [python, "-c", "import sys; print(*sys.version_info[:2])"]
        version = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.split()
        if version and tuple(map(int, version)) != mine:
            found[tuple(version)] = python
    return list(found.values())


def runs(scene: Scene) -> list[tuple]:
    """(시드, 슬라이더, 대본)들: 아무것도 안 하기, 그리고 시드마다 아무렇게나 하기."""
    return [(1, scene.start(), []), *(at_random(scene, seed) for seed in range(trials(SEEDS)))]


def at_random(scene: Scene, seed: int) -> tuple:
    draw = random.Random(f"{scene.name}/{seed}")
    at = [draw.randrange(len(knob.values)) for knob in scene.knobs]
    can = [(a.name, target) for a in scene.actions for target in a.targets]
    can += [(k.name, place) for k in scene.knobs if k.live for place in range(len(k.values))]
    times = sorted(draw.randrange(scene.end) for _ in range(draw.randrange(1, 13)))
    return seed, at, [[ms, *draw.choice(can)] for ms in times if can]


def script(names: dict[str, str], play: str) -> list[str]:
    """장면을 돌릴 때마다 문장 하나. ``names``는 {장면: 거기서 불리는 이름}입니다.

    페이지에서처럼, 하나가 끝날 때마다 쓰레기를 치웁니다.
    """
    lines = []
    for scene, entry in models.scenes().items():
        module, constant = entry.split(":")
        about = getattr(importlib.import_module(module), constant)
        lines.append(f"print({scene!r})")
        lines += [
            f"tell({play}({names[scene]}, {seed}, {at}, {acts}))" for seed, at, acts in runs(about)
        ]
    return lines


def told(lines: list[str]) -> dict[str, list]:
    """{장면: 기록}. 한글을 적는 법은 버전마다 달라 JSON으로 읽어 둡니다."""
    logs: dict[str, list] = {}
    for line in lines:
        if line in models.scenes():
            log = logs[line] = []
        else:
            log.append(json.loads(line))
    return logs


def in_python() -> str:
    """모든 상연을 하는 보통의 파이썬 코드."""
    constants = {scene: entry.replace(":", ".") for scene, entry in models.scenes().items()}
    modules = {entry.split(":")[0] for entry in models.scenes().values()}
    head = f"import {', '.join(sorted(modules))}\nfrom ddialab.core.scene import Play\n{TELL}\n"
    return head + "\n".join(script(constants, "Play"))


def in_cpython(python: str) -> dict[str, list]:
    done = subprocess.run(
        [python, "-c", "import sys; exec(sys.stdin.read())"], text=True, encoding="utf-8",
        input=in_python(), capture_output=True, check=True,
        env={**os.environ, "PYTHONPATH": str(SRC), "PYTHONHASHSEED": "77"},
    )  # fmt: skip
    return told(done.stdout.splitlines())


@pytest.fixture(scope="module")
def here():
    return in_cpython(sys.executable)


@pytest.fixture(scope="module")
def there():
    return [in_cpython(python) for python in others()]


@pytest.fixture(scope="module")
def carried():
    """모든 장면을 옮긴 텍스트와, 거기서 불리는 이름들."""
    return carry([models.HOST, PLAY, *models.scenes().values()])


@pytest.fixture(scope="module")
def calls(carried):
    names = {scene: carried.names[entry] for scene, entry in models.scenes().items()}
    return script(names, carried.names[PLAY])


@pytest.fixture(scope="module")
def said(carried, calls):
    return micropython.run(carried.text + TELL, calls)


@pytest.mark.proof(tried=trials(SEEDS))
@pytest.mark.parametrize("scene", models.scenes())
def test_the_log_is_the_same_bits_everywhere(scene, here, there, said):
    assert said.error == ""
    assert told(said.lines)[scene] == here[scene]
    assert [log[scene] == here[scene] for log in there] == [True] * len(there)


PYODIDE = """
import json, os, sys
for name, text in json.loads({files!r}).items():
    path = os.path.join("/tmp/src", name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
sys.path.insert(0, "/tmp/src")
"""


@pytest.mark.proof(only=True)
def test_the_log_is_the_same_bits_in_pyodide(here, tmp_path):
    if not shutil.which("npm"):
        pytest.skip("npm이 없습니다. publish/system.sh가 설치합니다")
    folders = [
        npm.fetch(package, ROOT / ".cache/lite/npm") for package in (npm.PYODIDE, npm.SQL_JS)
    ]
    files = {
        path.relative_to(SRC).as_posix(): path.read_text("utf-8")
        for floor in ("core", "stress", "cluster", "blocks", "service", "ops", "experiments")
        for path in (SRC / "ddialab" / floor).rglob("*.py")
    }
    files["ddialab/__init__.py"] = ""
    code = tmp_path / "scenes.py"
    code.write_text(PYODIDE.format(files=json.dumps(files)) + in_python(), "utf-8")
    harness = ROOT / "tests/run_in_pyodide.mjs"
    done = subprocess.run(
        ["node", harness, *folders, ROOT / "publish/lite/shims", code],
        capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert told(done.stdout.splitlines()) == here


def test_the_scenes_stay_in_64_megabytes(said):
    assert said.bytes <= 64 * 2**20


# 수학 라이브러리마다 log(1 - u)의 마지막 자리가 다른 u를 찾아 둔 것. 2^53으로 나눕니다
DOUBTFUL = (
    960150498117012, 2615619951115362, 3359100708645205, 1397424232205325, 864087869634897,
    6177314087902607, 1552677690311973, 1011540609769763, 292143858091543, 4477649925345358,
)  # fmt: skip


def test_the_engine_forgets_the_last_digits_of_log():
    """엔진의 지수분포는 라이브러리가 갈리는 곳에서도 같습니다."""
    draw = carry(["ddialab.core.engine:exponential"])
    ask = f"[{draw.names['ddialab.core.engine:exponential']}(lambda: u / 2**53, 0.3)() for u in us]"
    text = f"{draw.text}\nimport math\nus = {DOUBTFUL}\n"
    told = f"print([int(math.frexp(v)[0] * 2**53) for v in {ask}])"
    ours = [exponential(lambda u=u: u / 2**53, 0.3)() for u in DOUBTFUL]
    expected = [int(math.frexp(value)[0] * 2**53) for value in ours]
    assert micropython.run(text, [told]).lines == [str(expected)]


def test_a_difference_in_the_last_bit_is_seen(carried, calls, said):
    """비교가 정말로 마지막 비트를 보는가: 난수를 한 비트만 밀어도 다른 기록입니다."""
    nudged = carried.text.replace("* -mean", "* -mean * 1.0000000000000002")
    assert nudged != carried.text
    first = calls.index("print('incident')")  # 지수분포를 뽑는 장면
    again = micropython.run(nudged + TELL, calls[first : first + 2])
    assert again.lines != said.lines[first : first + len(again.lines)]
