"""사건 기록: 저장했다 읽으면 같고, 같은 실행이면 바이트까지 같으며, 깨진 파일은 거절합니다."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue, StorageFailure
from ddialab.core.events import FORMAT, Event, EventLog
from suite.effort import fuzz

times = st.floats(min_value=0, max_value=1e9, allow_nan=False)
events = st.builds(Event, times, st.text(), st.text(), st.integers(-1, 2**53), st.text())
abouts = st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.text()), max_size=4)


def log_of(*recorded: Event, **about) -> EventLog:
    log = EventLog(about)
    for event in recorded:
        log.record(event)
    return log


@fuzz(1000)
@given(st.lists(events), abouts)
def test_what_is_written_is_read_back(recorded, about):
    """줄바꿈, 따옴표, 이모지, 줄을 나누는 유니코드 글자가 든 글도 그대로여야 합니다."""
    back = EventLog.from_bytes(log_of(*recorded).to_bytes())
    assert list(back) == recorded
    about.pop("format", None)  # 형식의 이름이 쓰는 자리
    assert EventLog.from_bytes(EventLog(about).to_bytes()).about == about


@fuzz(1000)
@given(st.lists(events, min_size=1))
def test_one_changed_event_changes_the_digest(recorded):
    changed = recorded[-1]._replace(detail=recorded[-1].detail + "!")
    assert log_of(*recorded).digest() != log_of(*recorded[:-1], changed).digest()
    assert log_of(*recorded).digest() == log_of(*recorded).digest()


def test_the_digest_does_not_depend_on_the_order_of_settings():
    assert EventLog({"a": 1, "b": 2}).digest() == EventLog({"b": 2, "a": 1}).digest()


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_digest_does_not_depend_on_pythons_hash_seed(seed):
    code = (
        "from ddialab.core.events import Event, EventLog\n"
        "log = EventLog({'계획': ['n1', 'n2'], 'seed': 7})\n"
        "log.record(Event(1.5, 'down', 'n1', -1, 'disk'))\n"
        "print(log.digest())"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True
    )
    here = log_of(Event(1.5, "down", "n1", -1, "disk"), 계획=["n1", "n2"], seed=7)
    assert run.stdout.strip() == here.digest()


def test_of_kind_keeps_the_order_in_time():
    log = log_of(Event(1, "ok"), Event(2, "fail"), Event(3, "ok"), Event(4, "up"))
    assert [event.time for event in log.of_kind("ok", "fail")] == [1, 2, 3]
    assert log.of_kind("없는 종류") == []
    assert (len(log), log[-1].kind) == (4, "up")


def test_a_file_goes_to_a_classmate_and_back(tmp_path):
    log = log_of(Event(0.25, "down", "n1", -1, "disk"), seed=7)
    log.save(tmp_path / "run.jsonl")
    back = EventLog.load(tmp_path / "run.jsonl")
    assert (list(back), back.about, back.digest()) == (list(log), {"seed": 7}, log.digest())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not json\n",
        b"[1, 2]\n",
        b'{"format": "other/1"}\n',
        b'{"seed": 7}\n',
        f'{{"format": "{FORMAT}"}}\n[1, "ok", "n1", 0, "", "extra"]\n'.encode(),
        f'{{"format": "{FORMAT}"}}\n[]\n'.encode(),
        f'{{"format": "{FORMAT}"}}\n[1, "ok"'.encode(),
        b"\xff\xfe",
    ],
)
def test_a_broken_file_is_refused_in_korean(data):
    with pytest.raises(InvalidValue, match="사건 기록을 읽을 수 없습니다"):
        EventLog.from_bytes(data)


def test_a_place_that_cannot_be_written_or_read_is_named(tmp_path):
    with pytest.raises(StorageFailure, match=r"nowhere.*쓰지 못했습니다"):
        EventLog().save(tmp_path / "nowhere" / "run.jsonl")
    with pytest.raises(StorageFailure, match=r"missing.*읽지 못했습니다"):
        EventLog.load(tmp_path / "missing.jsonl")
