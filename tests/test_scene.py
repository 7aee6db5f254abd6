"""장면: 같은 시드와 같은 행동이면 같은 일. 과거는 그대로이고, 나누어 돌려도 같습니다."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ddialab.core.errors import InvalidValue
from ddialab.core.scene import UNREADABLE, Host, Play
from ddialab.experiments.hardware_faults.scenes import INCIDENT, SCENES, TOY
from playing import changes, played
from suite.effort import fuzz


@st.composite
def scripts(draw, scene):
    """설명에 있는 행동으로 된 대본."""
    live = [(k.name, st.integers(0, len(k.values) - 1)) for k in scene.knobs if k.live]
    acts = [(action.name, st.sampled_from(action.targets)) for action in scene.actions]
    lines = []
    for ms in sorted(draw(st.lists(st.integers(0, scene.end), max_size=8))):
        name, targets = draw(st.sampled_from(live + acts))
        lines.append((ms, name, draw(targets)))
    return lines


places = [st.integers(0, len(knob.values) - 1) for knob in TOY.knobs]


@fuzz(1000)
@given(st.integers(0, 2**40), st.tuples(*places), scripts(TOY), st.integers(1, 300))
def test_a_play_in_slices_is_the_same_play(seed, at, script, most):
    assert played(TOY, seed, at, script, most).changes == changes(TOY, seed, at, script)


@fuzz(1000)
@given(st.integers(0, 2**40), scripts(TOY), scripts(TOY))
def test_an_action_keeps_the_past(seed, one, other):
    whole, half = changes(TOY, seed, script=one), TOY.end // 2
    branch = [line for line in one if line[0] < half] + [line for line in other if line[0] >= half]
    past = [change for change in whole if change[0] < half / 1000]
    assert [c for c in changes(TOY, seed, script=branch) if c[0] < half / 1000] == past


@pytest.mark.parametrize(
    ("broken", "back"),
    [("kill", "n1: 다시 켜졌습니다."), ("cut", "n1: 네트워크가 다시 이어졌습니다.")],
)
def test_a_repair_says_what_came_back(broken, back):
    """네트워크만 끊겼던 서버는 꺼진 적이 없습니다."""
    seen = changes(TOY, 7, script=[(8000, broken, "n1"), (14_000, "repair", "n1")])
    assert [what for time, kind, *what in seen if kind == "say" and time == 14] == [[back]]


@fuzz(1000)
@given(st.integers(0, 2**40), scripts(TOY))
def test_acting_now_is_the_same_as_having_planned_to(seed, script):
    play = Play(TOY, seed, TOY.start())
    for ms, name, target in script:
        while not play.run(ms):
            pass
        play.act(name, target)
    while not play.run(TOY.end):
        pass
    assert play.changes == changes(TOY, seed, script=script)


@fuzz(1000)
@given(st.integers(0, 2**40), scripts(TOY))
def test_every_dot_starts_once_moves_only_while_it_is_there_and_leaves_once(seed, script):
    """점이 남거나 없는 점이 움직이면 화면이 요청의 수와 어긋납니다."""
    parts, here, counts = {part.id for part in TOY.parts}, {}, {"open": 0}
    for _, kind, *what in changes(TOY, seed, script=script):
        if kind == "new":
            assert what[0] not in here
            here[what[0]] = what[1]
        elif kind == "move":
            assert what[0] in here
            assert what[1] in parts
            here[what[0]] = what[1]
        elif kind == "look":
            assert what[0] in here
        elif kind == "gone":
            del here[what[0]]
        elif kind == "count":
            counts[what[0]] = what[1]
    waiting = {dot.partition(".")[0] for dot in here}
    assert len(waiting) >= counts["open"]
    assert all(place not in ("users",) for place in here.values())


@pytest.mark.parametrize(
    ("at", "script", "why"),
    [
        ([0], [], "슬라이더는 2개"),
        ([0, 9], [], "재시도의 자리=9"),
        ([0, 0.5], [], "정수가 아닙니다"),
        ([0, 0], [(5, "explode", "n1")], "모르는 값"),
        ([0, 0], [(5, "kill", "n9")], "kill의 대상='n9'"),
        ([0, 0], [(5, "retries", 1)], "조작='retries'"),
        ([0, 0], [(5, "rate", 4)], "요청의 자리=4"),
        ([0, 0], [(9, "kill", "n1"), (5, "kill", "n2")], "조작의 시각=5"),
        ([0, 0], [(40_000, "kill", "n1")], "조작의 시각=40000"),
        ([0, 0], [(1, "kill", "n1")] * 65, "조작의 수=65"),
    ],
)
def test_what_the_description_does_not_know_is_refused(at, script, why):
    with pytest.raises(InvalidValue, match=why):
        Play(TOY, 1, at, script)


def test_an_action_waits_until_the_play_is_there():
    play = Play(TOY, 1, TOY.start())
    assert not play.run(20_000, most=3)
    with pytest.raises(InvalidValue, match="아직"):
        play.act("kill", "n1")


def asked(host, **what):
    return json.loads(host.answer(json.dumps(what)))


def test_the_host_tells_each_change_once_and_in_whole_numbers():
    host, script = Host(SCENES), [[8000, "kill", "n1"]]
    first = asked(host, do="open", scene="by-hand", seed=7, at=TOY.start(), actions=script)
    told, to = first["changes"], 0
    while to < TOY.end:
        to += 500
        reply = asked(host, do="run", to=to)
        assert (reply["ms"], reply["reached"]) == (to, True)
        told += reply["changes"]
    whole = changes(TOY, 7, script=[(8000, "kill", "n1")])
    assert [change[1:] for change in told] == [list(change[1:]) for change in whole]
    assert all(type(time) is int for time, *_ in told)
    assert max(abs(t / 1e6 - c[0]) for (t, *_), c in zip(told, whole, strict=True)) <= 5e-7


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ('{"do":"run","to":1', UNREADABLE),
        ("[]", UNREADABLE),
        ('{"do":"dance"}', "dance"),
        ('{"do":"run"}', UNREADABLE),
        ('{"do":"run","to":-1}', "ms=-1"),
        ('{"do":"run","to":"soon"}', "정수가 아닙니다"),
        ('{"do":"open","scene":"nowhere"}', "nowhere"),
        ('{"do":"open","scene":"by-hand","seed":"x","at":[1,1],"actions":[]}', "정수가 아닙니다"),
        ('{"do":"open","scene":"by-hand","seed":1,"at":[1,1],"actions":[[1,"kill"]]}', UNREADABLE),
        ('{"do":"act","name":"kill","target":["n1"]}', "n1"),
    ],
)
def test_a_bad_request_gets_an_answer_and_the_play_goes_on(request_, why):
    host = Host(SCENES)
    asked(host, do="open", scene="by-hand", seed=7, at=TOY.start(), actions=[])
    asked(host, do="run", to=5000)
    assert why in json.loads(host.answer(request_))["error"]
    assert asked(host, do="run", to=6000)["ms"] == 6000


def test_nothing_is_played_before_a_scene_is_open():
    assert "먼저 open" in asked(Host(SCENES), do="run", to=5)["error"]


def test_the_scene_asks_before_the_answer():
    kinds = [c[1] for c in changes(INCIDENT, 1) if c[1] in ("ask", "answer", "mark")]
    assert kinds[0] == "ask"
    assert kinds[-1] == "answer"
