"""장면의 설명: 앞뒤가 맞지 않는 이름은 페이지에 놓이기 전에 거절됩니다."""

import re
from dataclasses import replace

import pytest

from ddialab.core.errors import InvalidValue
from ddialab.core.scene import Action, Ask, Knob, Part
from ddialab.experiments.composite_system.scenes import TOY as RENAME
from ddialab.experiments.hardware_faults.scenes import FATE, HEADROOM, INCIDENT, TOY
from ddialab.experiments.stream_and_batch.scenes import TOY as STREET
from ddialab.show.description import describe
from ddialab.show.room import room
from live.models import apart

RATE, RETRIES = TOY.knobs
KILL = TOY.actions[0]
BROKEN = {
    "초로 적은 끝": ({"end": 30}, r"end\(밀리초\)=30"),
    "모르는 부품": ({"parts": (*TOY.parts, Part("x", "sever", "x", 1))}, "sever.*쓸 수 있는 값"),
    "두 번 나온 부품": ({"parts": (*TOY.parts, TOY.parts[0])}, "'users': 두 번"),
    "모르는 묶음": ({"parts": (*TOY.parts, Part("x", "server", "x", 1, "C"))}, "'C': 모르는 값"),
    "허공에 이은 선": ({"wires": (("users", "n9"),)}, "'n9': 모르는 값"),
    "모르는 색": ({"counters": (("ok", "성공", "goood"),)}, "goood"),
    "모자란 글": ({"knobs": (replace(RATE, texts=("하나",)), RETRIES)}, "texts의 수=1"),
    "없는 자리에서 시작": ({"knobs": (replace(RATE, start=9), RETRIES)}, "start=9"),
    "이름이 같은 조작": ({"knobs": (RATE, Knob("kill", "k", (1,), ("1",), 0))}, "'kill': 두 번"),
    "괄호뿐인 대상": ({"actions": (Action("kill", "끄기", ("n1")),)}, "튜플이 아닙니다"),
    "없는 대상": ({"actions": (Action("kill", "끄기", ("n9",)),)}, "'n9': 모르는 값"),
    "모르는 상태": ({"actions": (replace(KILL, when=("okay",)),)}, "'okay': 모르는 값"),
    "두 번 나온 물음": ({"asks": (Ask("a", "?"), Ask("a", "!"))}, "'a': 두 번"),
}


@pytest.mark.parametrize(("changed", "why"), BROKEN.values(), ids=list(BROKEN))
def test_a_mistake_in_a_description_is_told_to_its_author(changed, why):
    with pytest.raises(InvalidValue, match=why):
        describe(replace(TOY, **changed), "제목")


def test_a_solution_that_cannot_be_played_is_refused():
    challenge = replace(HEADROOM.challenge, at=(9, 0, 0))
    with pytest.raises(InvalidValue, match="자리=9"):
        describe(replace(HEADROOM, challenge=challenge), "제목")


def test_the_reason_of_a_challenge_is_text_or_left_out():
    for why in ((), None, " "):
        challenge = replace(HEADROOM.challenge, why=why)
        with pytest.raises(InvalidValue, match="why="):
            describe(replace(HEADROOM, challenge=challenge), "제목")
    without = replace(HEADROOM, challenge=replace(HEADROOM.challenge, why=""))
    assert "why" not in describe(without, "제목")["challenge"]
    told = replace(without.challenge, why="줄이 짧아집니다.")
    assert describe(replace(without, challenge=told), "제목")["challenge"]["why"] == told.why


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("coutn", "ok", 1), "draw='coutn'"),
        (("count", "okay", 1), "'okay': 모르는 값"),
        (("move", "m", "lb", "waiting"), "'waiting': 모르는 값"),
        (("new", "m", "n9"), "'n9': 모르는 값"),
        (("mark", "fial", ""), "'fial': 모르는 값"),
        (("ask", FATE.id), f"{FATE.id!r}: 모르는 값"),
    ],
)
def test_a_name_that_the_model_misspells_is_told_to_its_author(line, why):
    class Misspelt:
        def __init__(self, engine, settings, draw):
            draw(*line)

    with pytest.raises(InvalidValue, match=why):
        describe(replace(TOY, world=Misspelt), "제목")


def test_two_scenes_of_one_name_are_refused():
    with pytest.raises(InvalidValue, match=r"b:Y: 이름 'by-hand'은 a:X의 것"):
        apart({"a:X": TOY, "b:Y": replace(INCIDENT, name=TOY.name)})
    assert apart({"a:X": TOY, "b:X": TOY}), "다른 모듈이 들여온 같은 장면은 하나입니다"


def test_only_a_scene_whose_first_parts_have_a_line_keeps_room_for_it():
    """휴대전화에 쌓이는 글은 맨 위에 줄을 서고, 실습 03의 점은 서버 안에 있습니다."""
    street = describe(STREET, "제목")
    assert street["lined"]
    steps = [(1_000 * n, "step", "sora") for n in range(1, 5)]  # 답만 남을 때까지
    assert "lined" not in describe(RENAME, "제목", script=steps)
    both = street, street | {"lined": False}
    narrow = [float(re.search(r"narrow:([\d.]+)rem", room(one))[1]) for one in both]
    assert (narrow[0] - narrow[1]) * 16 == pytest.approx(38, abs=0.1)
