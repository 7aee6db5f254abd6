"""실습 09의 장면들: 독이 든 요청, 멈췄다 돌아온 데이터베이스, 그리고 도전."""

from __future__ import annotations

from typing import Any

from ddialab.cluster import picture
from ddialab.cluster.guarded import Policies
from ddialab.core.engine import Engine
from ddialab.core.scene import Action, Challenge, Draw, Knob, Part, Scene
from ddialab.experiments.software_errors import storm
from ddialab.experiments.software_errors.by_hand import (
    ALL_DOWN,
    BREAKER,
    BUDGET,
    DATABASE,
    NONE,
    RACKS,
    RESUMED,
    Cheap,
    PoisonByHand,
    StormByHand,
)
from ddialab.experiments.software_errors.poison import KILLS

RETRIES = Knob("retries", "재시도", (0, 1, 2), ("안 함", "1번", "2번"), 2)
NAMES = {
    "none": "없음",
    "backoff": f"{storm.BASE:g}초 안 백오프",
    "budget": f"예산 {100 * storm.RATIO:g}%",
    "breaker": "서킷 브레이커",
    "shedding": f"줄은 {storm.LINE}건까지",
}
CHEAP_END = 66_000  # 도전이 끝나는 때(밀리초)


def toy(engine: Engine, settings: dict, draw: Draw) -> StormByHand:
    """폭풍의 장면: 대책은 하나만 고릅니다."""
    retries = settings["retries"]
    policies = storm.remedies(retries)[settings["remedy"]]() if retries else Policies()
    return StormByHand(engine, policies, retries, draw)


def cheap(engine: Engine, settings: dict, draw: Draw) -> Cheap:
    """도전의 장면."""
    return Cheap(engine, settings, draw, CHEAP_END / 1000)


PARTS = picture.parts(("",) * len(RACKS))  # 랙은 그리지 않습니다
SERVERS = tuple(part.id for part in PARTS if part.kind == "server")
DATABASE_PARTS: dict[str, Any] = {
    "parts": (*PARTS, Part(DATABASE, "server", "DB", 3)),
    "wires": (
        *picture.wires(RACKS),
        *((server, DATABASE) for server in SERVERS),
    ),
    "counters": (*picture.COUNTERS, ("wasted", "헛일", "bad")),
    "lanes": picture.LANES,
}


POISON = Scene(
    "poison-request",
    45_000,
    PoisonByHand,
    PARTS,
    picture.wires(RACKS),
    counters=(*picture.COUNTERS, ("deaths", "죽음", "bad")),
    lanes=(("deaths", "죽음"), *picture.LANES),
    knobs=(RETRIES, Knob("kills", "격리", (None, KILLS), ("안 함", "두 번 죽이면"), 0)),
    actions=(Action("poison", "독", (picture.USERS,)),),
    asks=(ALL_DOWN,),
)
STORM = Scene(
    "retry-storm",
    75_000,
    toy,
    **DATABASE_PARTS,
    knobs=(RETRIES, Knob("remedy", "대책", tuple(NAMES), tuple(NAMES.values()), 0)),
    actions=(
        Action("stall", "멈추기", (DATABASE,)),
        Action("resume", "고치기", (DATABASE,), ("stop",)),
    ),
    asks=(RESUMED,),
)
CHEAP = Scene(
    "cheap-cure",
    CHEAP_END,
    cheap,
    **DATABASE_PARTS,
    knobs=(
        RETRIES,
        Knob(
            "base",
            "재시도까지 기다림",
            (0, 2, 8, 20),
            ("없음", "2초까지", "8초까지", "20초까지"),
            0,
        ),
        Knob("line", "서버마다 줄", (None, 12, storm.LINE), ("끝없이", "12건", "5건"), 0),
        Knob("limit", "막는 것", (NONE, BUDGET, BREAKER), ("없음", "예산", "서킷 브레이커"), 0),
    ),
    challenge=Challenge(
        f"데이터베이스가 {Cheap.AT:.0f}초부터 {Cheap.BACK:.0f}초까지 멈춥니다. 실패를 "
        f"{Cheap.FAILED}건까지, 끝날 때 아직 기다리는 요청을 {Cheap.OPEN}건까지로 줄이세요.",
        (
            "낫게 하는 대책은 여럿이지만, 저마다 거절하거나 늦춥니다. 하나씩 켜고 두 수를 보세요.",
            "서버가 헛일을 하지 않게 하는 것과, 거절된 요청에 나중을 주는 것은 다른 일입니다.",
            "줄을 짧게 하고, 거절된 요청은 20초 안의 아무 때 다시 보내세요.",
        ),
        (2, 3, 2, 0),
        why="줄이 짧으면 받은 요청은 제한 시간 안에 끝나므로 서버가 헛일을 하지 않습니다. 거절된 "
        "요청은 바로 몰려오지 않고 20초에 흩어져 다시 와서, 데이터베이스가 돌아온 뒤에 성공합니다.",
    ),
)
