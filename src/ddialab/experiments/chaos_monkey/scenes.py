"""실습 08의 장면들: 독자가 원숭이인 저장소, 그리고 원숭이를 견디는 도전."""

from __future__ import annotations

from typing import Any

from ddialab.cluster.promise import ASYNC, MIN_REPLICAS, NAMES, WAIT
from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.chaos_monkey.by_hand import (
    CAME_BACK,
    PROMISES,
    SERVICE,
    STORE,
    ByHand,
)
from ddialab.experiments.chaos_monkey.wild import Wild

WILD_END = 42_000  # 도전이 끝나는 때(밀리초)
DOWN_AFTERS = (500, 1000, 3000, 8000)
DOWN_TEXTS = ("0.5초", "1초", "3초", "8초")
STORY = (
    (3000, "hold", "n2"),
    (3000, "hold", "n3"),
    (6000, "kill", "n1"),
    (9000, "restore", "n2"),
    (9000, "restore", "n3"),
    (14_000, "restore", "n1"),
)


def _down_after(start: int) -> Knob:
    return Knob("down_after", "센티널이 기다림", DOWN_AFTERS, DOWN_TEXTS, start)


def wild(engine: Engine, settings: dict, draw: Draw) -> Wild:
    """도전의 장면."""
    return Wild(engine, settings, draw, WILD_END / 1000)


def _stage() -> dict[str, Any]:
    return {
        "parts": (
            Part(SERVICE, "client", "서비스", 0),
            *(Part(name, "server", name, 1) for name in NAMES),
            Part(STORE, "store", "저마다 가진 것", 2),
        ),
        "wires": (*((SERVICE, name) for name in NAMES), *((name, STORE) for name in NAMES)),
        "counters": (
            ("acked", "성공", "good"),
            ("failed", "실패", "plain"),
            ("lost", "잃음", "bad"),
        ),
        "lanes": (("failed", "실패"),),
    }


HANDS = (
    # 처음에 고른 대상이 복제본이게 적습니다: 프라이머리는 붙잡을 복제가 없습니다
    Action("hold", "붙잡기", (*NAMES[1:], NAMES[0]), ("ok", "suspect")),
    Action("kill", "죽이기", NAMES, ("ok", "slow", "suspect", "cut")),
    Action("cut", "끊기", NAMES, ("ok", "slow", "suspect")),
    Action("restore", "살리기", NAMES, ("down", "cut", "slow")),
)
MONKEY = Scene(
    "monkey",
    40_000,
    ByHand,
    **_stage(),
    knobs=(
        Knob(
            "promise", "답하는 때", PROMISES, ("비동기", "min-replicas", "WAIT 하나", "WAIT 둘"), 0
        ),
        _down_after(1),
    ),
    actions=HANDS,
    asks=(CAME_BACK,),
)
WILD = Scene(
    "wild-monkey",
    WILD_END,
    wild,
    **_stage(),
    knobs=(
        Knob("promise", "약속", (ASYNC, MIN_REPLICAS, WAIT), ("비동기", "min-replicas", "WAIT"), 0),
        Knob("need", "WAIT의 복제본", (1, 2), ("1개", "2개"), 1),
        _down_after(3),
        Knob("quorum", "센티널의 합의", (1, 2, 3), ("1개", "2개", "3개"), 2),
    ),
    challenge=Challenge(
        "원숭이가 센티널 하나를 죽이고, 복제본 하나를 한동안 붙잡고, 복제본을 모두 붙잡은 채 "
        f"프라이머리를 끊습니다. 답한 쓰기를 잃지 말고, 실패는 {Wild.FAILED}건까지로 줄이세요.",
        (
            "잃는 까닭과 실패하는 까닭은 다릅니다. 약속부터 바꾸고, 실패가 몰린 곳을 보세요.",
            "답한 쓰기는 새로 뽑힐 노드에 있어야 합니다. 센티널은 많이 받은 복제본을 뽑습니다.",
            "WAIT가 복제본 하나만 기다리게 하고, 남은 센티널로 빨리 합의하게 하세요.",
        ),
        (2, 0, 1, 1),
        why="복제본 하나만 받아도, 누가 많이 받았는지 센티널이 알고 그쪽을 뽑으면 답한 쓰기는 새 "
        "프라이머리에 있습니다. 복제본 하나가 붙잡혀도 나머지가 답하고, 남은 센티널로 합의할 수 "
        "있으므로 실패는 잠깐입니다. 이 원숭이는 잠깐 느려지는 고장을 내지 않으므로 센티널이 덜 "
        "기다릴수록 좋아 보이지만, 느려지기만 한 프라이머리까지 버리는 대가가 따릅니다.",
    ),
)
