"""저장한 결과: 할 수 있으면 돌린 것을, 없으면 저장한 것을 그렇다고 밝히고 줍니다."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from ddialab.core.errors import BackendUnavailable, MissingCapability, StorageFailure
from ddialab.core.recorded import NOTICE, PACKAGE, recorded

LABS = Path(__file__).parents[1] / "labs"


@dataclass(frozen=True)
class Run:
    seconds: np.ndarray
    ok: np.ndarray
    lost: int


RUN = Run(np.array([0.12345678, 2.0]), np.array([True, False]), 3)
PLAIN = {"뛴 것": {"seconds": [0.123457, 2.0], "ok": [True, False], "lost": 3}}


def impossible():
    raise MissingCapability("여기서는 못 합니다.", todo="다른 곳에서 여세요.")


@pytest.fixture
def tape(tmp_path, monkeypatch):
    """저장한 결과가 하나 들어 있는 파일."""
    path = tmp_path / "run.json"
    with monkeypatch.context() as recording:
        recording.setenv("DDIALAB_RECORD", "1")
        recorded(path, lambda: {"뛴 것": RUN})
    return path


def test_what_can_be_run_is_run_and_says_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("DDIALAB_RECORD", raising=False)
    path = tmp_path / "run.json"
    assert recorded(path, lambda: {"뛴 것": RUN}) == (PLAIN, "")
    assert capsys.readouterr().out == ""
    assert not path.exists(), "시키지 않으면 저장한 결과를 덮어쓰지 않습니다"


def test_what_cannot_be_run_is_played_back_and_says_so(tape, capsys):
    assert recorded(tape, impossible) == (PLAIN, NOTICE)
    assert capsys.readouterr().out.splitlines() == [
        "여기서는 못 합니다.",
        "다른 곳에서 여세요.",
        NOTICE,
    ]
    assert "미리 실행해 저장한 결과입니다" in NOTICE


def test_a_failure_is_not_hidden_behind_the_recording(tape):
    def broken():
        raise BackendUnavailable("서버가 죽었습니다.")

    with pytest.raises(BackendUnavailable):
        recorded(tape, broken)


@pytest.fixture
def replay(monkeypatch):
    monkeypatch.setenv("DDIALAB_REPLAY", "1")


def test_a_replay_runs_the_step_but_shows_what_was_saved(tape, replay, capsys):
    """잰 값은 컴퓨터가 바쁘기만 해도 달라집니다. 그래도 돌려 보아야 단계가 깨진 것을 압니다."""
    ran = []

    def slower():
        ran.append(1)
        return {"뛴 것": Run(np.array([9.0]), np.array([False, False, True]), 40)}

    assert recorded(tape, slower) == (PLAIN, "")
    assert ran == [1]
    assert capsys.readouterr().out == ""


def test_a_replay_does_not_hide_a_failure_or_a_missing_capability(tape, replay):
    with pytest.raises(ZeroDivisionError):
        recorded(tape, lambda: 1 / 0)
    assert recorded(tape, impossible) == (PLAIN, NOTICE)


@pytest.mark.parametrize(
    "now",
    [
        [],
        {"멈춘 것": RUN},
        {"뛴 것": {"seconds": [0.1], "ok": [True]}},
        {"뛴 것": {"seconds": ["0.1"], "ok": [True], "lost": 3}},
        {"뛴 것": {"seconds": [0.1], "ok": [1], "lost": 3}},
        {"뛴 것": {"seconds": [0.1], "ok": [True], "lost": "3"}},
    ],
)
def test_a_recording_of_another_step_is_noticed(tape, replay, now):
    with pytest.raises(StorageFailure, match="꼴이 다릅니다") as caught:
        recorded(tape, lambda: now)
    assert "make labs" in caught.value.todo


def test_what_one_computer_does_not_tell_is_no_other_step(tape, replay):
    now = {"뛴 것": {"seconds": [], "ok": [True], "lost": None}}
    assert recorded(tape, lambda: now) == (PLAIN, "")


@pytest.mark.parametrize("content", [None, "{"])
def test_a_recording_that_cannot_be_read_is_explained(tmp_path, content, capsys):
    path = tmp_path / "gone.json"
    if content:
        path.write_text(content)
    with pytest.raises(StorageFailure) as caught:
        recorded(path, impossible)
    assert str(path) in caught.value.problem
    assert "패키지" in caught.value.accepted
    assert "다시 설치" in caught.value.todo
    assert NOTICE not in capsys.readouterr().out


def test_a_lab_finds_its_recordings_wherever_its_notebook_is(tmp_path, monkeypatch):
    """브라우저와 학생의 폴더에는 labs 폴더가 없습니다."""
    monkeypatch.chdir(tmp_path)
    assert recorded("recorded/02-cpu.json", impossible) == (
        json.loads((PACKAGE / "recorded/02-cpu.json").read_text("utf-8")),
        NOTICE,
    )


def test_the_package_carries_just_the_recordings_that_the_labs_ask_for():
    text = "".join(path.read_text("utf-8") for path in LABS.glob("*.ipynb"))
    asked = set(re.findall(r'recorded\(\\"(recorded/[\w.-]+)\\"', text))
    assert asked == {f"recorded/{path.name}" for path in PACKAGE.glob("recorded/*")}
