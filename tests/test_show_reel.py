"""재생기가 읽을 JSON: 되돌리면 같은 사건이고, JavaScript와 같은 글자를 씁니다."""

import re

import pytest

from ddialab.core.errors import InvalidValue
from ddialab.core.events import KINDS, Event, EventLog
from ddialab.show.face import asset
from ddialab.show.reel import LETTERS, check_log, decode, encode

ABOUT = {"nodes": [{"name": "n1", "rack": "A"}, {"name": "n2", "rack": "B"}], "duration": 10.0}


def make(*events, **about):
    log = EventLog(ABOUT | about)
    for event in events:
        log.record(Event(*event))
    return log


BASE = [
    (0.5, "arrive", "", 1, ""),
    (0.5, "send", "n1", 1, "1"),
    (0.5, "start", "n1", 1, ""),
    (1.25, "arrive", "", 2, ""),
    (1.25, "send", "n2", 2, "1"),
    (2.0, "reply", "n1", 1, ""),
    (2.0, "ok", "", 1, ""),
]
LATER = [
    (3.0, "down", "n2", -1, "crash"),
    (3.0, "refuse", "n2", 2, ""),
    (4.0, "fail", "", 2, "고장"),
]


def test_round_trip_keeps_every_event_in_order():
    other_node = [*BASE[:4], (1.25, "send", "n1", 2, "1"), *BASE[5:]]
    scenes = {"": make(*BASE), "n2": make(*BASE, *LATER), "n1": make(*other_node)}
    data = encode(scenes)
    for key, log in scenes.items():
        assert [e._replace(time=round(e.time, 3)) for e in decode(data, key)] == list(log)


def test_shared_past_is_written_once():
    data = encode({"": make(*BASE), "n2": make(*BASE, *LATER)})
    assert data["scenes"]["n2"]["same"] == len(BASE)
    assert len(data["scenes"]["n2"]["t"]) == len(LATER)


def test_first_scene_that_is_shorter_than_the_next_and_empty_logs():
    for scenes in ({"": make(), "n2": make(*BASE)}, {"": make(*BASE), "n2": make()}):
        data = encode(scenes)
        assert [len(decode(data, key)) for key in scenes] == [len(log) for log in scenes.values()]


def test_times_are_rounded_to_the_tick_and_never_go_back():
    times = [i * 0.00037 for i in range(2000)]
    log = make(*((time, "arrive", "", i, "") for i, time in enumerate(times)))
    data = encode({"": log})
    back = [event.time for event in decode(data, "")]
    assert back == sorted(back)
    assert max(abs(a - b) for a, b in zip(back, times, strict=True)) <= data["tick"] / 2 + 1e-12


def test_every_kind_has_a_letter_that_goes_with_the_data():
    assert encode({"": make()})["kinds"] == {letter: kind for kind, letter in LETTERS.items()}
    assert set(LETTERS) == set(KINDS)


def test_the_player_draws_only_kinds_that_systems_record():
    block = re.search(r"const APPLY = \{(.*?)\n  \};", asset("player.js"), re.DOTALL)[1]
    drawn = re.findall(r"^    (\w+)[(:,]", block, re.MULTILINE)
    assert len(drawn) > 5
    assert set(drawn) <= set(KINDS)


@pytest.mark.parametrize(
    "log",
    [
        "기록 아님",
        EventLog({}),
        make(duration=0),
        make((1.0, "explode", "n1", 1, "")),
        make((1.0, "send", "n9", 1, "")),
    ],
)
def test_logs_that_cannot_be_played_are_refused(log):
    with pytest.raises(InvalidValue):
        check_log(log)
